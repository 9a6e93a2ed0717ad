"""Small batches that unpack to far more than a worker has room for."""

import asyncio
import gzip
import resource
import struct
import zlib
from types import SimpleNamespace
from typing import Any

import cramjam
import pytest
from aiokafka.record import default_records

from streams.events import CaseEvent, InputRefused, Kind
from streams.wire import codec
from streams.worker.admission.admission import admit
from streams.worker.faust import packed
from streams.worker.faust.headers import Batches
from streams.worker.record import Record, Withheld
from tests.attacks.doors import House

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
BYTES_MAX = 900_000
CODECS = pytest.mark.parametrize("codec_", [GZIP, SNAPPY, LZ4, ZSTD])


@pytest.fixture(autouse=True)
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is read come from outside the gate."""
    monkeypatch.setattr(Batches, "bytes_max", BYTES_MAX)


def batch(codec_: int, *values: bytes, first: int = 0) -> bytes:
    """Return a batch as a producer writes it, the first record at this offset."""
    builder = default_records.DefaultRecordBatchBuilder(2, codec_, 0, -1, -1, -1, 1 << 30)
    for at, value in enumerate(values):
        builder.append(at, 1_700_000_000_000, b"key", value, [])
    raw = bytearray(builder.build())
    raw[0:8] = first.to_bytes(8, "big")
    return bytes(raw)


def repacked(raw: bytes, codec_: int, data: bytes) -> bytes:
    """Return a batch whose records are these bytes, packed by hand."""
    head = bytearray(raw[: packed.HEADER])
    struct.pack_into(">i", head, 8, packed.HEADER - 12 + len(data))
    struct.pack_into(">h", head, packed.ATTRIBUTES_AT, codec_)
    return bytes(head) + data


def read(raw: bytes) -> list[Any]:
    """Read as the fetcher does."""
    records, found = Batches(raw), []
    while records.has_next():
        found += list(records.next_batch())
    return found


@CODECS
def test_a_bomb_takes_no_memory_and_stands_at_each_of_its_offsets(codec_: int) -> None:
    """What follows it is read as ever."""
    bomb = batch(codec_, b"first", b"\0" * (64 << 20), b"last", first=7)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read(bomb + batch(0, b"next", first=10))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [7, 8, 9, 10] == [each.offset for each in found]
    assert [True, True, True, False] == [isinstance(each.value, Withheld) for each in found]
    assert b"next" == found[-1].value
    assert grown < 48 << 10


@CODECS
def test_one_record_that_is_too_large_is_told_with_its_size(codec_: int) -> None:
    """Where its batch has room for it; those beside it are read."""
    large = b"\0" * (BYTES_MAX + 1)
    first, second, third = read(batch(codec_, b"first", large, b"third"))
    assert (b"first", b"third") == (first.value, third.value)
    assert isinstance(second.value, Withheld)
    assert (len(large), b"key", 1) == (second.value.total, second.key, second.offset)


@CODECS
def test_what_fits_is_read_as_it_is(codec_: int) -> None:
    """An input at its largest, packed as well as it can be, and a batch of many."""
    for values in ([b"a" * (BYTES_MAX - 3)], [b"value %d" % at for at in range(5_000)], [b""]):
        assert values == [each.value for each in read(batch(codec_, *values))]


@pytest.mark.parametrize("whole", [True, False])
def test_other_spellings_of_a_packed_batch(whole: bool) -> None:
    """Members behind each other, frames behind each other, blocks, and ones that say no size."""
    raw = batch(0, b"value")
    data = raw[packed.HEADER :] if whole else b"\0" * (64 << 20)
    half = len(data) // 2
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    lz4 = cramjam.lz4.Compressor(level=1, content_checksum=False, block_linked=False)
    lz4.compress(data)
    made = {
        "members": (GZIP, gzip.compress(data[:half]) + gzip.compress(data[half:])),
        "stream": (GZIP, stream.compress(data) + stream.flush()),
        "frames": (ZSTD, b"".join(map(pack_zstd, (data[:half], data[half:])))),
        "unsaid": (LZ4, bytes(lz4.finish())),
        "raw": (SNAPPY, bytes(cramjam.snappy.compress_raw(data))),
        "blocks": (SNAPPY, blocks(data)),
    }
    for name, (codec_, spelled) in made.items():
        (found,) = read(repacked(raw, codec_, spelled))
        assert (name, not whole) == (name, isinstance(found.value, Withheld))
        assert not whole or b"value" == found.value


def pack_zstd(data: bytes) -> bytes:
    """Return one frame."""
    return bytes(cramjam.zstd.compress(data))


def blocks(data: bytes) -> bytes:
    """Return snappy in blocks, as Java writes it."""
    found = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    for at in range(0, len(data), 32_768):
        block = bytes(cramjam.snappy.compress_raw(data[at : at + 32_768]))
        found += struct.pack(">i", len(block)) + block
    return found


@pytest.mark.parametrize("codec_", [GZIP, SNAPPY, LZ4, ZSTD, 5, 7])
@pytest.mark.parametrize("data", [b"", b"\xff" * 40, b"\x82SNAPPY\x00" + b"\xff" * 20])
def test_what_cannot_be_unpacked_ends_no_fetch(codec_: int, data: bytes) -> None:
    """Noise, nothing, a codec that nobody knows: a record that says so."""
    (found,) = read(repacked(batch(0, b"value"), codec_, data))
    assert isinstance(found.value, Withheld)


@CODECS
def test_records_that_are_none_end_no_fetch(codec_: int) -> None:
    """The broker took the batch, so it comes again at each fetch: the rest stands for itself."""
    plain = batch(0, b"first", b"second", b"third", first=4)
    body = plain[packed.HEADER :]
    cut = body.index(b"second") - 4
    packing: Any = {
        GZIP: gzip.compress,
        SNAPPY: cramjam.snappy.compress_raw,
        LZ4: cramjam.lz4.compress,
        ZSTD: cramjam.zstd.compress,
    }[codec_]
    found = read(repacked(plain, codec_, bytes(packing(body[:cut] + b"\xff" * 9))))
    assert [4, 5, 6] == [each.offset for each in found]
    assert isinstance(found[-1].value, Withheld)


def test_the_gates_own_topics_are_read_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the gate writes to them."""
    monkeypatch.setattr(Batches, "bytes_max", None)
    large = b"\0" * (BYTES_MAX + 1)
    assert [large] == [each.value for each in read(batch(ZSTD, large))]


@pytest.mark.parametrize("kind", Kind)
def test_admit_records_what_was_not_kept(gate: House, kind: Kind) -> None:
    """As `too_large`, whatever it was to be; without a key under an id of its place."""
    (found,) = read(batch(ZSTD, b"\0" * (64 << 20)))
    message = SimpleNamespace(
        topic="intents", partition=0, offset=3, key=found.key, value=found.value, timestamp=1.0
    )
    _, data = asyncio.run(admit(Record.of(message), kind, gate.context, gate.mask))
    body = codec.decode(data, CaseEvent).body
    assert isinstance(body, InputRefused)
    assert ("too_large", False) == (body.reason, body.answerable)
