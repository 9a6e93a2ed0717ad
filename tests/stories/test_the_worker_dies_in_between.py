"""`kill -9` between any two numbered effects; with the queue lost, and with the disk lost too."""

import pytest

from streams.testing import Gate, route


@pytest.mark.parametrize("disk", ["kept", "lost"])
@pytest.mark.parametrize("role", ["fold", "audit"])
@pytest.mark.parametrize(
    ("after", "times"), [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2), (4, 3), (5, 1), (6, 1), (7, 1)]
)
def test_the_worker_dies_in_between(role: str, after: int, times: int, disk: str) -> None:
    """Whatever it had done of a decision, it is done again to the same bytes, or stays done."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy"))
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    host = gate.admit.owner(0)
    while host is not None and (piece := host.piece(0)) is not None:
        list(piece)

    gate.crash(role, 0, after=after, times=times)
    if disk == "lost":
        for slot in range(2):
            gate.lose_disk(role, slot)
    gate.settle()

    assert 1 == gate.runs(intent)
    gate.check()


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_admit_dies_in_between(after: int) -> None:
    """The input is admitted again: none is lost, and a second event of it changes nothing."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy"))
    gate.crash("admit", 0, after=after)
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    gate.crash("admit", 0, after=after)
    gate.settle()

    assert 1 == gate.runs(intent)
    gate.check()


def test_every_worker_dies_at_every_event() -> None:
    """Nothing gets further than one effect before its worker dies, and still all of it ends."""
    gate = Gate(partitions=1)
    intents = [gate.propose(route("privacy")) for _ in range(3)]
    for after in (1, 2, 3, 4, 5, 6):
        for role in ("admit", "fold", "audit"):
            gate.crash(role, 0, after=after)
    gate.settle()
    for intent in intents:
        gate.decide(intent, "petra", "privacy")
        for after in (3, 4, 6):
            gate.crash("fold", 0, after=after)
    gate.settle()

    assert [1, 1, 1] == [gate.runs(intent) for intent in intents]
    gate.check()
