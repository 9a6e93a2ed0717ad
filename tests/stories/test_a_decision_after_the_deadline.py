"""Decision or deadline: whichever stands earlier in the log wins, for everybody, for ever."""

from streams.events import State
from streams.testing import Gate, route

MINUTE_MS = 60_000


def test_a_decision_after_the_deadline() -> None:
    """The clock has ended the case; Petra comes too late."""
    gate = Gate()
    intent = gate.propose(route("privacy", within_ms=MINUTE_MS))
    gate.settle()

    gate.clock.forward(MINUTE_MS)
    gate.expire()
    gate.decide(intent, "petra", "privacy")
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert State.EXPIRED == verdict.state
    assert 0 == gate.runs(intent)
    gate.check()


def test_a_late_decision_before_anybody_looked_at_the_clock() -> None:
    """Late by the clock and first in the log: it counts, since only an event can end a case."""
    gate = Gate()
    intent = gate.propose(route("privacy", within_ms=MINUTE_MS))
    gate.settle()

    gate.clock.forward(2 * MINUTE_MS)
    gate.decide(intent, "petra", "privacy")
    gate.settle()
    gate.expire()
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert State.GRANTED == verdict.state
    gate.check()


def test_nobody_answers() -> None:
    """The default end is no, also where the worker that knew the deadline is dead."""
    gate = Gate()
    intent = gate.propose(route("privacy", within_ms=MINUTE_MS))
    gate.settle()

    for slot in range(2):
        gate.lose_disk("fold", slot)
    gate.clock.forward(MINUTE_MS)
    gate.expire()
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert (State.EXPIRED, "deadline_passed") == (verdict.state, verdict.reason)
    gate.check()


def test_two_clocks_end_a_case_once() -> None:
    """A woken worker says the deadline again: the log has it twice, the case ends once."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy", within_ms=MINUTE_MS))
    gate.settle()

    zombie = gate.freeze("fold", 0, after=1)
    gate.clock.forward(MINUTE_MS)
    zombie.host.expire()
    gate.expire()
    zombie.wake()
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert State.EXPIRED == verdict.state
    gate.check()


def test_a_grant_is_not_run_after_its_time() -> None:
    """The executor sleeps for longer than the grant lives: it reports, and runs nothing."""
    gate = Gate(partitions=1)
    intent = gate.propose(route("privacy"))
    for host in gate.executor.hosts.values():
        host.hold([])
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    gate.settle()

    gate.clock.forward(2 * 3_600_000)
    gate.executor.rebalance()
    gate.settle()

    assert 0 == gate.runs(intent)
    verdict = gate.verdict(intent)
    assert verdict is not None
    assert verdict.outcome is not None
    assert "failed" == verdict.outcome.status
    gate.check()
