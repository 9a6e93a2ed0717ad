"""A header's name that is no UTF-8 stops nobody.

The broker takes any bytes as a header's name. aiokafka decodes names while it fetches, strictly:
the error leaves the fetcher, and the partition is never read past that record. Here such a batch is
read once more, with what is no UTF-8 replaced; the gate looks at no header, so nothing changes.

Only the batch that fails pays for it: all others are read by aiokafka's compiled reader as before.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records, memory_records

from streams.worker.faust import packed


class _Text(bytearray):
    """Bytes whose slices decode whatever they hold."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Text(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:  # noqa: ARG002 - a signature of bytes
        return super().decode(encoding, "replace")


class _Lenient(default_records._DefaultRecordBatchPy):  # type: ignore[misc] # noqa: SLF001 - the plain reader has no other name
    """aiokafka's reader in plain Python, on such bytes."""

    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _Text):
            self._buffer = _Text(self._buffer)


class Batch:
    """One batch; `raw` are its bytes."""

    def __init__(self, found: Any, raw: bytes) -> None:
        self._found = found
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        """Answer as the batch itself does."""
        return getattr(self._found, name)

    def __next__(self) -> Any:
        """Return the first record, for whoever looks at a transaction's marker."""
        return next(self._found)

    def __iter__(self) -> Iterator[Any]:
        """Yield its records; those after one that cannot be read strictly are read leniently."""
        given = 0
        try:
            for record in self._found:
                yield record
                given += 1
        except UnicodeDecodeError:
            pass
        except CorruptRecordException as error:  # so the plain reader says it
            if not isinstance(error.__cause__, UnicodeDecodeError):
                raise
        else:
            return
        for number, record in enumerate(_Lenient(self._raw)):
            if number >= given:
                yield record


class Batches(memory_records._MemoryRecordsPy):  # type: ignore[misc] # noqa: SLF001 - as above
    """The batches of one fetch. With `bytes_max` what others wrote is unpacked within bounds."""

    bytes_max: int | None = 1_048_576  # what Kafka takes by default

    def next_batch(self, *arguments: Any) -> Any:
        """Return the next batch, made lenient."""
        raw = self._next_slice
        found = super().next_batch(*arguments)
        if raw is None:
            return found
        kept = bytes(raw)
        if self.bytes_max is not None and packed.is_packed(kept):
            return packed.Packed(found, kept, self.bytes_max, Batch)
        return Batch(found, kept)


def tolerate(bytes_max: int | None = None) -> None:
    """Let every consumer of this process read such records.

    `bytes_max`: what is read comes from outside the gate; a record of more is not unpacked.
    """
    Batches.bytes_max = bytes_max
    fetcher.MemoryRecords = Batches
