"""Which pending cases are over."""

from streams.events import DeadlinePassed
from streams.worker.foldeffects import RETRY_MS, Deadlines, passed


def test_nothing_before_its_time() -> None:
    """A deadline that is still to come is not told."""
    deadlines = Deadlines()
    deadlines.note(0, b"a", 1_000)
    assert [] == deadlines.passed(999)


def test_told_once_its_time_is_over() -> None:
    """A deadline is told at its millisecond, with partition and due time, in the order of time."""
    deadlines = Deadlines()
    deadlines.note(1, b"b", 2_000)
    deadlines.note(0, b"a", 1_000)
    assert [(b"a", 0, 1_000), (b"b", 1, 2_000)] == deadlines.passed(2_000)


def test_told_again_until_it_is_noted() -> None:
    """An event that was lost on its way is said again, not at once and not never."""
    deadlines = Deadlines()
    deadlines.note(0, b"a", 1_000)
    assert 1 == len(deadlines.passed(1_000))
    assert 0 == len(deadlines.passed(1_000 + RETRY_MS - 1))
    assert 1 == len(deadlines.passed(1_000 + RETRY_MS))


def test_a_closed_case_is_never_told() -> None:
    """Noting 0 takes a case off, also one that was told before."""
    deadlines = Deadlines()
    deadlines.note(0, b"a", 1_000)
    deadlines.passed(1_000)
    deadlines.note(0, b"a", 0)
    assert [] == deadlines.passed(10_000_000)


def test_noted_often_told_once() -> None:
    """A case that is written many times, as one under many refused decisions, is told once."""
    deadlines = Deadlines()
    for _ in range(5):
        deadlines.note(0, b"a", 1_000)
    assert 1 == len(deadlines.passed(1_000))


def test_the_event_of_one_deadline_is_one() -> None:
    """However often it is said, the event that ends a case has one id and the case's deadline."""
    first, second = (passed("i", 0, 1_000, now_ms) for now_ms in (1_001, 9_999))
    assert first.event_id == second.event_id
    assert DeadlinePassed(deadline_ms=1_000) == second.body
