"""A row of the keyed table: what recovery must know stands before the case's bytes.

    8 bytes   applied      offset in `cases` of the event that this row reflects
    8 bytes   deadline     milliseconds, 0 where none is pending
    2 bytes   length of mark
    n bytes   mark         the host's own (the audit's tree)
    rest      case         codec bytes; empty in a position row

Recovery keeps the row with the highest `applied`, whatever stands last in the changelog (rule 21),
and the partition continues after the highest `applied` of all its rows. An event that leaves no
case writes the position row.
"""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

from streams.errors import InvariantError

HEADER = Struct(">qqH")
POSITION_KEY = b"\x00position"


class Row(NamedTuple):
    """One row, taken apart."""

    applied: int
    deadline_ms: int
    mark: bytes
    case: bytes

    def pack(self) -> bytes:
        """Return the row's bytes."""
        head = HEADER.pack(self.applied, self.deadline_ms, len(self.mark))
        return head + self.mark + self.case


def unpack(data: bytes) -> Row:
    """Take a row apart. Raises InvariantError where it is too short: the table is not ours."""
    if len(data) < HEADER.size:
        raise InvariantError("a table row is too short")
    applied, deadline_ms, length = HEADER.unpack_from(data)
    end = HEADER.size + length
    return Row(applied, deadline_ms, data[HEADER.size : end], data[end:])


def case_of(data: bytes) -> bytes:
    """Return a row's case alone: what every event of the log asks for. Raises as `unpack` does."""
    if len(data) < HEADER.size:
        raise InvariantError("a table row is too short")
    return data[HEADER.size + int.from_bytes(data[16 : HEADER.size]) :]


def newer(candidate: bytes, standing: bytes | None) -> bool:
    """Return whether a changelog row may replace the standing one. Recovery never goes back.

    It is asked of every row, so none is taken apart: an offset is never negative, and its bytes,
    the highest first, are ordered as it is. Raises InvariantError as `unpack` does.
    """
    if standing is None:
        return True
    if len(candidate) < HEADER.size or len(standing) < HEADER.size:
        raise InvariantError("a table row is too short")
    return candidate[:8] >= standing[:8]


class Recovered(NamedTuple):
    """What the rows of one partition say: the last one, and what is pending until when."""

    last: Row | None
    due: list[tuple[bytes, int]]


def scan(rows: Iterable[tuple[bytes, bytes]]) -> Recovered:
    """Read where a partition stands, from its rows."""
    last: Row | None = None
    due = []
    for key, value in rows:
        row = unpack(value)
        if last is None or row.applied > last.applied:
            last = row._replace(case=b"")
        if row.deadline_ms:
            due.append((key, row.deadline_ms))
    return Recovered(last, due)
