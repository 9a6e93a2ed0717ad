"""Rows of the table, and which of two is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import InvariantError
from streams.worker.rows import Row, case_of, newer, unpack

ROWS = st.builds(
    Row,
    applied=st.integers(0, 2**62),
    deadline_ms=st.integers(0, 2**62),
    mark=st.binary(max_size=255),
    case=st.binary(max_size=64),
)


@given(ROWS)
def test_round_trip(row: Row) -> None:
    """What is packed is unpacked again, and packs to the same bytes."""
    data = row.pack()
    assert row == unpack(data)
    assert data == unpack(data).pack()
    assert row.case == case_of(data)


def packed(applied: int) -> bytes:
    """Return a row that stands for the event at `applied`."""
    return Row(applied, 0, b"", b"case").pack()


def test_recovery_never_goes_back() -> None:
    """A row of an earlier event does not replace one of a later event; the same event's does."""
    standing = packed(7)
    assert [False, True, True] == [newer(packed(n), standing) for n in (6, 7, 8)]


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_rows_are_ordered_as_their_offsets(one: int, other: int) -> None:
    """Their bytes are compared, of whatever length the number is."""
    assert (one >= other) == newer(packed(one), packed(other))


def test_anything_is_newer_than_nothing() -> None:
    """Where no row stands, any row may."""
    assert newer(packed(0), None)


@pytest.mark.parametrize("length", [0, 1, 16])
def test_too_short_to_be_a_row(length: int) -> None:
    """Bytes that cannot hold a row's head are not read as one."""
    with pytest.raises(InvariantError):
        unpack(bytes(length))
    with pytest.raises(InvariantError):
        case_of(bytes(length))
    with pytest.raises(InvariantError):
        newer(packed(7), bytes(length))
    with pytest.raises(InvariantError):
        newer(bytes(length), packed(7))
