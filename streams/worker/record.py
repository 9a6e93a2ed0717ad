"""One Kafka record, as every host sees it."""

from typing import Any, NamedTuple, Self


class Withheld(bytes):
    """Stands for a value that was not kept because of its size; its bytes are a digest of that.

    `total` is how large it was, as far as that is known.
    """

    total: int

    @classmethod
    def of(cls, digest: bytes, total: int) -> Self:
        """Return the stand-in."""
        made = cls(digest)
        made.total = total
        return made


class Place(NamedTuple):
    """A topic's partition."""

    topic: str
    partition: int


class Record(NamedTuple):
    """Bytes and where they stand. `key` is empty where the record had none.

    `stamp_ms` is the broker's clock, milliseconds since 1970 UTC.
    """

    place: Place
    offset: int
    key: bytes
    value: bytes
    stamp_ms: int = 0

    @classmethod
    def of(cls, message: Any) -> "Record":
        """Return the record that a Faust message holds."""
        place = Place(message.topic, message.partition)
        stamp_ms = round((message.timestamp or 0) * 1000)
        return cls(place, message.offset, message.key or b"", message.value or b"", stamp_ms)
