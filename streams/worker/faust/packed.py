"""A compressed batch is unpacked into a space of fixed size, before any record is made of it.

The broker bounds a batch as it travels; 6,000 bytes of zstd hold 200 MB of zeros. Whoever may write
to an input could have a worker ended for its memory, again after each start. What does not fit here
becomes a record that says so for each offset of the batch: admit refuses it as `too_large`, and
goes on. Nothing is passed over: a hole in the offsets would be sought again and again.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import cramjam
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records

from streams.worker.record import Withheld

BATCH_BYTES_MIN: Final = 8 * 1024 * 1024  # what an honest producer may put into one batch
KEY_BYTES_MAX: Final = 1_024
MAGIC_AT: Final = 16
ATTRIBUTES_AT: Final = 21
CODECS: Final = 0x07
HEADER: Final = 61  # of a batch in Kafka's format of version 2
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
GZIP_WINDOW: Final = 31  # zlib's word for: with gzip's header
XERIAL: Final = b"\x82SNAPPY\x00"
XERIAL_HEADER: Final = 16


class TooLargeError(Exception):
    """It does not fit, or it cannot be unpacked at all."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A record that stands where another was; the fetcher takes it for one."""

    offset: int
    timestamp: int
    timestamp_type: int
    value: Withheld
    key: bytes | None = None
    checksum: None = None
    headers: tuple[()] = ()


def is_packed(raw: bytes) -> bool:
    """Tell whether these bytes are a compressed batch."""
    return raw[MAGIC_AT] >= 2 and bool(_attributes(raw) & CODECS)  # noqa: PLR2004 - Kafka's v2


class Packed:
    """A compressed batch; `plain` makes a batch of unpacked bytes, as the fetcher reads it."""

    def __init__(
        self, found: Any, raw: bytes, bytes_max: int, plain: Callable[[Any, bytes], Any]
    ) -> None:
        self._found = found
        self._raw = raw
        self._bytes_max = bytes_max
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        """Answer as the batch itself does."""
        return getattr(self._found, name)

    def __next__(self) -> Any:
        """Return the first record, for whoever looks at a transaction's marker."""
        return next(iter(self))

    def __iter__(self) -> Iterator[Any]:
        """Yield its records, or what stands for them."""
        try:
            raw = unpacked(self._raw, max(BATCH_BYTES_MIN, 2 * self._bytes_max))
        except TooLargeError:
            yield from self._stands()
            return
        after = None
        try:
            for record in self._plain(default_records.DefaultRecordBatch(raw), raw):
                yield self._bounded(record)
                after = record.offset
        except CorruptRecordException:  # whoever reads it stands still: the broker has taken it
            yield from self._stands(after)

    def _stands(self, after: int | None = None) -> Iterator[Stand]:
        batch = default_records._DefaultRecordBatchPy(self._raw[:HEADER])  # noqa: SLF001 - it tells all
        value = Withheld.of(hashlib.sha256(self._raw).digest(), 0)
        first = batch.base_offset if after is None else after + 1
        for offset in range(first, batch.next_offset):
            yield Stand(offset, batch.max_timestamp, batch.timestamp_type, value)

    def _bounded(self, record: Any) -> Any:
        key, value = record.key or b"", record.value or b""
        if len(key) + len(value) <= self._bytes_max:
            return record
        kept = record.key if len(key) <= KEY_BYTES_MAX else None
        short = Withheld.of(hashlib.sha256(value).digest(), len(value))
        return Stand(record.offset, record.timestamp, record.timestamp_type, short, kept)


def unpacked(raw: bytes, bytes_max: int) -> bytes:
    """Return the batch without compression, its checksum not made anew. Raises TooLargeError."""
    attributes = _attributes(raw)
    unpack = {GZIP: _gzip, SNAPPY: _snappy, LZ4: _lz4, ZSTD: _zstd}.get(attributes & CODECS)
    if unpack is None:
        raise TooLargeError
    try:
        plain = unpack(raw[HEADER:], bytes_max)
    except (cramjam.DecompressionError, zlib.error, struct.error, ValueError):
        raise TooLargeError from None
    head = bytearray(raw[:HEADER])
    struct.pack_into(">i", head, 8, HEADER - 12 + len(plain))
    struct.pack_into(">h", head, ATTRIBUTES_AT, attributes & ~CODECS)
    return bytes(head) + plain


def _attributes(raw: bytes) -> int:
    return int(struct.unpack_from(">h", raw, ATTRIBUTES_AT)[0])


def _gzip(data: bytes, bytes_max: int) -> bytes:
    found = b""
    if not data:
        raise TooLargeError
    while data:  # one member behind another is one text
        member = zlib.decompressobj(GZIP_WINDOW)
        found += member.decompress(data, bytes_max + 1 - len(found))
        if len(found) > bytes_max or not member.eof:
            raise TooLargeError
        data = member.unused_data
    return found


def _zstd(data: bytes, bytes_max: int) -> bytes:
    space = bytearray(bytes_max)
    return bytes(memoryview(space)[: cramjam.zstd.decompress_into(data, space)])


def _lz4(data: bytes, bytes_max: int) -> bytes:
    space = bytearray(bytes_max)
    return bytes(memoryview(space)[: cramjam.lz4.decompress_into(data, space)])


def _snappy(data: bytes, bytes_max: int) -> bytes:
    """Unpack all blocks into one space: a block of five bytes must not cost a space of its own."""
    space = memoryview(bytearray(bytes_max))
    if not data.startswith(XERIAL):
        return bytes(space[: cramjam.snappy.decompress_raw_into(data, space)])
    packed, filled, at = memoryview(data), 0, XERIAL_HEADER
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        if size < 0:
            raise TooLargeError
        block = packed[at + 4 : at + 4 + size]
        filled += cramjam.snappy.decompress_raw_into(block, space[filled:])
        at += 4 + size
    return bytes(space[:filled])
