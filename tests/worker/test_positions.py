"""Where each partition continues."""

from streams.worker.positions import Positions, Turn
from streams.worker.record import Place

HERE, THERE = Place("cases", 0), Place("cases", 1)


def held(start: int) -> Positions:
    """Return positions of one partition."""
    positions = Positions()
    positions.hold({HERE: start})
    return positions


def test_only_what_follows_is_next() -> None:
    """An event is taken only where it follows the last one: before it, repeat; after it, gap."""
    positions = held(5)
    assert [Turn.AGAIN, Turn.NEXT, Turn.GAP] == [positions.turn(HERE, n) for n in (4, 5, 6)]


def test_a_partition_that_is_not_held_takes_nothing() -> None:
    """An event of a partition without a position is a stray."""
    assert Turn.STRAY is held(5).turn(THERE, 5)


def test_advance_goes_one_forward() -> None:
    """Taking the next event moves the position by one."""
    positions = held(5)
    positions.advance(HERE, 5)
    assert {HERE: 6} == positions.held()


def test_advance_never_skips_nor_goes_back() -> None:
    """Only the next event moves a position; a late or early one does not."""
    positions = held(5)
    positions.advance(HERE, 4)
    positions.advance(HERE, 7)
    positions.advance(THERE, 0)
    assert {HERE: 5} == positions.held()


def test_hold_lets_all_others_go() -> None:
    """A new assignment replaces the old one as a whole."""
    positions = held(5)
    positions.hold({THERE: 1})
    assert (None, 1) == (positions.expected(HERE), positions.expected(THERE))


def test_a_hole_is_skipped_and_only_from_where_it_begins() -> None:
    """A transaction's marker holds no record; a position that moved meanwhile stays."""
    positions = Positions()
    positions.hold({HERE: 5})
    positions.skip(HERE, 4, 9)
    assert 5 == positions.expected(HERE)
    positions.skip(HERE, 5, 5)
    assert 5 == positions.expected(HERE)
    positions.skip(HERE, 5, 7)
    assert 7 == positions.expected(HERE)
