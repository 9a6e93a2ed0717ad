"""One Kafka record, as every host sees it."""

from typing import Any, NamedTuple


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
