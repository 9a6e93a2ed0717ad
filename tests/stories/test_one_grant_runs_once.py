"""Executing once: crashes around the ledger, and more than one machine."""

import pytest

from streams.events import Effect, Status
from streams.testing import Gate


@pytest.mark.parametrize(
    ("after", "runs", "status"),
    [
        (6, 1, Status.OK),  # fenced only: nothing was begun here
        (7, 0, Status.UNKNOWN),  # begun, and then nobody can tell
        (8, 1, Status.UNKNOWN),
        (9, 1, Status.OK),  # the ledger has the outcome: it is reported, not run again
        (10, 1, Status.OK),
        (11, 1, Status.OK),
    ],
)
def test_the_executor_dies_in_between(after: int, runs: int, status: Status) -> None:
    """It never runs twice; where nobody can tell whether it ran, a person is told so."""
    gate = Gate(partitions=1)
    intent = gate.propose(effect=Effect.PERMIT)
    before_executors(gate)

    gate.crash("executor", 0, after=after)
    gate.settle()

    assert runs == gate.runs(intent)
    assert status == told(gate, intent)
    gate.check()


def test_the_other_machine_takes_over_what_was_begun() -> None:
    """The machine that ran it is gone with its ledger: the other one sees that it was begun."""
    gate = Gate(partitions=1, machines=2)
    intent = gate.propose(effect=Effect.PERMIT)
    before_executors(gate)

    zombie = gate.freeze("executor", 0, after=8)  # it ran, and is paused before its ledger says so
    gate.settle()
    assert Status.UNKNOWN == told(gate, intent)

    zombie.wake()  # it does know: what was unknown is settled
    gate.settle()
    assert 1 == gate.runs(intent)
    assert Status.OK == told(gate, intent)
    gate.check()


def test_a_grant_said_twice_runs_once() -> None:
    """The fold dies after its outputs and says them again: the ledger knows the grant."""
    gate = Gate(partitions=1)
    intent = gate.propose(effect=Effect.PERMIT)
    list(iter_work(gate, "admit"))
    gate.crash("fold", 0, after=4, times=2)
    gate.settle()

    assert 1 == gate.runs(intent)
    gate.check()


def told(gate: Gate, intent: str) -> Status | None:
    """Return the outcome as the agent is told it."""
    verdict = gate.verdict(intent)
    return verdict.outcome.status if verdict and verdict.outcome else None


def before_executors(gate: Gate) -> None:
    """Let admit, fold and audit work."""
    for role in ("admit", "fold", "audit"):
        list(iter_work(gate, role))


def iter_work(gate: Gate, role: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a helper
    """Yield the effects of all that waits for one role."""
    host = gate.crews()[role].owner(0)
    while host is not None and (piece := host.piece(0)) is not None:
        yield from piece
