"""The checker is seen to fail: faults planted in a clean history, each found by its name."""

from collections.abc import Callable

import pytest

from streams.events import Effect, Grant, Message, Verdict
from streams.testing import BrokenInvariant, Gate, Shortcut, route
from streams.testing.broker import Entry
from streams.worker.record import Place


def played() -> Gate:
    """Return a gate in which one intent was permitted, one agreed to, one refused."""
    gate = Gate(partitions=1)
    gate.propose(effect=Effect.PERMIT)
    reviewed = gate.propose(route("privacy"))
    gate.propose(effect=Effect.FORBID)
    gate.settle()
    gate.decide(reviewed, "petra", "privacy")
    gate.settle()
    return gate


def test_a_clean_history_passes() -> None:
    """Nothing planted, nothing found."""
    played().check()


def log_of(gate: Gate, topic: str) -> list[Entry]:
    """Return a topic's records."""
    return gate.broker.logs[Place(topic, 0)]


def replaced(gate: Gate, topic: str, kind: type[Message], **changes: object) -> None:
    """Change a topic's newest record."""
    form, log = gate.world.form, log_of(gate, topic)
    message = form.read(log[-1].value, kind)
    log[-1] = log[-1]._replace(value=form.write(message.model_copy(update=changes)))


def a_lost_event(gate: Gate) -> None:
    """Lose an entry of the log after it was folded."""
    del log_of(gate, "cases")[0]


def a_lost_input(gate: Gate) -> None:
    """Keep an input that nobody admitted."""
    log_of(gate, "intents").append(log_of(gate, "intents")[0])


def a_lost_verdict(gate: Gate) -> None:
    """Lose a verdict."""
    del log_of(gate, "verdicts")[0]


def a_forged_verdict(gate: Gate) -> None:
    """Say another end."""
    replaced(gate, "verdicts", Verdict, reason="forged")


def a_second_end(gate: Gate) -> None:
    """Say another end beside the right one."""
    log = log_of(gate, "verdicts")
    log.append(log[-1])
    replaced(gate, "verdicts", Verdict, reason="forged")


def a_forged_grant(gate: Gate) -> None:
    """Grant something else."""
    replaced(gate, "approved.clinic", Grant, envelope=b"{}")


def an_early_grant(gate: Gate) -> None:
    """Publish the grant before its event is in the log."""
    log = log_of(gate, "approved.clinic")
    log[0] = log[0]._replace(at=-1)


def a_second_run(gate: Gate) -> None:
    """Run a handler once more."""
    name = next(iter(gate.effected.runs))
    gate.effected.runs[name] += 1


def a_run_of_nothing(gate: Gate) -> None:
    """Run what nobody granted."""
    gate.effected.runs["nothing"] += 1


def a_lost_row(gate: Gate) -> None:
    """Lose a row of the changelog, and all disks."""
    log = log_of(gate, "fold-changelog")
    del log[-1]
    for disks in gate.disks["fold"]:
        disks.clear()


def a_stale_disk(gate: Gate) -> None:
    """Put an old row on a disk that says that it has read everything."""
    key = log_of(gate, "fold-changelog")[0].key
    for disks in gate.disks["fold"]:
        for disk in disks.values():
            disk.rows[key] = log_of(gate, "fold-changelog")[0].value


def a_lost_entry(gate: Gate) -> None:
    """Lose an entry of the audit."""
    del log_of(gate, "audit")[1]


def an_exchanged_entry(gate: Gate) -> None:
    """Exchange two events of the log behind the audit's back."""
    log = log_of(gate, "cases")
    log[0], log[1] = log[1], log[0]


PLANTED: tuple[tuple[Callable[[Gate], None], str], ...] = (
    (a_lost_event, "I7"),
    (a_lost_input, "I5"),
    (a_lost_verdict, "I5"),
    (a_forged_verdict, "I7"),
    (a_second_end, "I4"),
    (a_forged_grant, "I7"),
    (an_early_grant, "I3"),
    (a_second_run, "once"),
    (a_run_of_nothing, "I1"),
    (a_lost_row, "I7"),
    (a_stale_disk, "I7"),
    (a_lost_entry, "I3"),
    (an_exchanged_entry, "I7"),
)


@pytest.mark.parametrize(
    ("plant", "invariant"), PLANTED, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_planted_fault_is_found(plant: Callable[[Gate], None], invariant: str) -> None:
    """What was planted is called by the name of what it breaks."""
    gate = played()
    plant(gate)
    with pytest.raises(BrokenInvariant) as caught:
        gate.check()
    assert invariant in caught.value.invariants


def test_shortcut_reads_back_what_it_wrote() -> None:
    """By number, the same object; and nothing where there is none."""
    form = Shortcut()
    gate = played()
    verdict = gate.views.newest("verdicts", "intent-0000001", Verdict)
    assert verdict is not None
    assert verdict is form.read(form.write(verdict), Verdict)
