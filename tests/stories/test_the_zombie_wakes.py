"""A worker is paused past its session. Others took over. It wakes and goes on as if nothing was."""

import pytest

from streams.events import State
from streams.testing import Gate, route


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5, 6])
def test_the_zombie_wakes(after: int) -> None:
    """Paused between any two effects of a decision: one verdict, one grant, one run."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy"))
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    work_off(gate, "admit")

    zombie = gate.freeze("fold", 0, after=after)
    gate.settle()
    zombie.wake(3)
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert State.GRANTED == verdict.state
    assert 1 == gate.runs(intent)
    gate.check()


def test_its_stale_row_does_not_undo_its_successors() -> None:
    """The zombie's row stands last in the changelog; recovery keeps the one that knows more."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy", 2))
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    work_off(gate, "admit")

    zombie = gate.freeze("fold", 0, after=4)  # petra's approval is out, its row is not written
    gate.settle()
    gate.decide(intent, "paul", "privacy")
    gate.settle()
    zombie.wake()  # writes the row of one approval after the row of the grant
    for slot in range(2):
        gate.lose_disk("fold", slot)
    gate.settle()

    assert 1 == gate.runs(intent)
    gate.check()


def test_two_zombies_at_once() -> None:
    """Fold and audit are both paused and both wake: the audit still has one chain."""
    gate = Gate(partitions=1)
    intents = [gate.propose(route("privacy")) for _ in range(4)]
    work_off(gate, "admit")

    fold, audit = gate.freeze("fold", after=4), gate.freeze("audit", after=4)
    for intent in intents:
        gate.settle()
        gate.decide(intent, "petra", "privacy")
    gate.settle()
    fold.wake(5)
    audit.wake(5)
    gate.settle()

    assert [1, 1, 1, 1] == [gate.runs(intent) for intent in intents]
    gate.check()


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_an_admitting_zombie_says_it_twice(after: int) -> None:
    """Two admits of one input, under two keys and two times: the first in the log wins."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy"))
    zombie = gate.freeze("admit", after=after)
    gate.settle()
    gate.clock.forward(10_000)
    zombie.wake(1)
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    gate.settle()

    assert 1 == gate.runs(intent)
    gate.check()


def work_off(gate: Gate, role: str) -> None:
    """Let one role alone do all that waits for it."""
    host = gate.crews()[role].owner(0)
    while host is not None and (piece := host.piece(0)) is not None:
        list(piece)
