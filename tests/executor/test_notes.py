"""What is noted of grants, taken in record by record: who began what, and what is over."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from streams.events import Stage
from streams.executor.marks import Mark
from streams.executor.notes import Notes, note
from streams.settings import load_settings
from streams.wire.client import KafkaRecord

ONE, OTHER = (Mark("g", ledger, "generation", 1) for ledger in ("one", "other"))
SETTINGS = load_settings(home=Path("nowhere"))


def notes(*values: bytes, key: bytes = b"i", at_ms: int = 1, now_ms: int = 1) -> Notes:
    """Return what is noted by these records of one intent."""
    found = Notes(SETTINGS, "sql", lambda: now_ms)
    for offset, value in enumerate(values):
        found.take(KafkaRecord("t", 0, offset, at_ms, key, value, ()))
    return found


def said(mark: Mark, stage: Stage) -> bytes:
    """Return a note."""
    return note(mark, "i", stage)


def test_what_is_begun_is_begun_until_it_is_withdrawn() -> None:
    """By whoever noted it: what one withdraws, another may still have begun."""
    both = notes(said(ONE, Stage.BEGUN), said(OTHER, Stage.BEGUN), said(ONE, Stage.WITHDRAWN))
    assert [OTHER] == both.begun(b"i", "g")
    assert ([], []) == (both.begun(b"i", "another"), both.begun(b"j", "g"))
    again = notes(said(ONE, Stage.BEGUN), said(ONE, Stage.WITHDRAWN), said(ONE, Stage.BEGUN))
    assert [ONE] == again.begun(b"i", "g")


def test_what_is_over_is_over() -> None:
    """For everybody, and for that grant alone."""
    found = notes(said(ONE, Stage.BEGUN), said(ONE, Stage.OVER))
    assert [True, False, False] == [
        found.over(*asked) for asked in ((b"i", "g"), (b"i", "another"), (b"j", "g"))
    ]


@given(st.binary(max_size=60))
def test_what_is_no_note_counts_against_its_intent(value: bytes) -> None:
    """Nobody can tell what it said: it may have been that a grant was begun."""
    found = notes(value, said(OTHER, Stage.BEGUN))
    assert (True, False) == (found.unreadable(b"i"), found.unreadable(b"j"))
    assert [OTHER] == found.begun(b"i", "g")


def test_what_no_grant_can_be_as_old_as_is_forgotten() -> None:
    """The notes do not grow for ever."""
    span_ms = Notes(SETTINGS, "sql", lambda: 0)._span_ms
    old, young = (notes(said(ONE, Stage.OVER), now_ms=1 + span_ms + late) for late in (1, 0))
    assert [0, 1] == [old.read_back(()), young.read_back(())]
