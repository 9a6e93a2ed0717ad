"""Records whose header names are no UTF-8 are read like all others."""

from typing import Any, Self

import pytest
from aiokafka.record import default_records, memory_records

from streams.worker.faust.headers import Batches

GOOD, BAD = "näm".encode(), b"n\xff\xfem"


def fetched(*, codec: int = 0, bad: bool = True, batches: int = 1) -> bytes:
    """Return what a broker sends: batches of five records, the third with a bad name."""
    found = b""
    for number in range(batches):
        builder = default_records._DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 10_000)
        for at in range(5):
            name = _Raw(BAD) if bad and at == 2 else "näm"
            builder.append(at, None, b"key", b"value %d" % at, [(name, b"x"), ("second", None)])
        raw = builder.build()
        raw[0:8] = (5 * number).to_bytes(8, "big")  # as the broker numbers it
        found += bytes(raw)
    return found


class _Raw(str):
    """A name of any bytes."""

    __slots__ = ("raw",)
    raw: bytes

    def __new__(cls, raw: bytes) -> Self:
        """Keep the bytes."""
        made = super().__new__(cls, "name")
        made.raw = raw
        return made

    def encode(self, *_: Any) -> bytes:
        """Give them to whoever writes."""
        return self.raw


def read(records: Any) -> list[tuple[int, bytes, list[tuple[str, bytes | None]]]]:
    """Read as the fetcher does."""
    found = []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(each.offset, each.value, each.headers) for each in batch]
    return found


def test_aiokafka_alone_cannot_read_it() -> None:
    """The edge that this module covers; gone one day, it can go too."""
    with pytest.raises(UnicodeDecodeError):
        read(memory_records.MemoryRecords(fetched()))


@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4], ids=["plain", "gzip", "snappy", "lz4", "zstd"])
def test_every_record_comes_once_and_in_order(codec: int) -> None:
    """Before, at and behind the bad name, in this batch and the next, compressed or not."""
    found = read(Batches(fetched(codec=codec, batches=3)))
    assert list(range(15)) == [offset for offset, _, _ in found]
    assert [b"value %d" % (at % 5) for at in range(15)] == [value for _, value, _ in found]
    assert [("n\ufffd\ufffdm", b"x"), ("second", None)] == found[2][2]
    assert [("näm", b"x"), ("second", None)] == found[3][2]


def test_what_can_be_read_is_read_as_before() -> None:
    """The same records as aiokafka's own reader gives."""
    raw = fetched(bad=False, batches=3)
    assert read(memory_records.MemoryRecords(raw)) == read(Batches(raw))
