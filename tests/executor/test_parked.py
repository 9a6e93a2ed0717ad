"""What waits holds the position back, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.executor import parked as module
from streams.executor.parked import Parked

MESSAGE = object()
TAKEN = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=20)


@given(TAKEN)
def test_the_position_never_passes_over_what_waits(taken: list[tuple[bool, int]]) -> None:
    """Records are taken in order, or wait; some that wait are done later, in any order."""
    parked: Parked[object] = Parked()
    waiting: list[int] = []
    for offset, (waits, which) in enumerate(taken):
        if waits:
            assert parked.add((7, offset), MESSAGE, 0)
            waiting.append(offset)
        else:
            parked.done((7, offset))
        if which < len(waiting):
            parked.done((7, waiting.pop(which)))
        assert min([offset + 1, *waiting]) == parked.before(7, offset + (not waits))
        assert 0 == parked.before(8, 0)  # another partition knows nothing of it


def test_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """All where the keys have changed, else what is late; and no more wait than may."""
    monkeypatch.setattr(module, "PARKED_MAX", 2)
    parked: Parked[str] = Parked()
    first, second = "first", "second"
    assert [True, True, False, True] == [
        parked.add(place, message, until_ms)
        for place, message, until_ms in (
            ((0, 1), first, 10),
            ((0, 2), second, 20),
            ((0, 3), "third", 30),
            ((0, 1), first, 10),
        )
    ]
    assert [[], [first], [first, second]] == [
        list(parked.due(now_ms, changed=changed))
        for now_ms, changed in ((9, False), (10, False), (9, True))
    ]
    parked.clear()
    assert (0, 5) == (len(parked), parked.before(0, 5))
