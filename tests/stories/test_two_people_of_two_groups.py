"""Who may say yes, how many of them, and who may not."""

from streams.events import Answer, Effect, State
from streams.testing import Gate, route


def test_two_people_of_two_groups() -> None:
    """Privacy and IT must both agree: Anna is in both, and still it takes a second person."""
    gate = Gate()
    intent = gate.propose(route("privacy"), route("it"))
    gate.settle()

    gate.decide(intent, "anna", "privacy", "it")
    gate.settle()
    assert gate.verdict(intent) is None

    gate.decide(intent, "ian", "it")
    gate.settle()
    verdict = gate.verdict(intent)
    assert verdict is not None
    assert (State.GRANTED, ("anna", "ian")) == (verdict.state, verdict.decided_by)
    assert 1 == gate.runs(intent)
    gate.check()


def test_whoever_asks_cannot_agree() -> None:
    """Rita, for whom the agent acts, and Olga, who owns it, are in the group and do not count."""
    gate = Gate()
    intent = gate.propose(route("privacy"))
    gate.settle()

    gate.decide(intent, "rita", "privacy")
    gate.decide(intent, "olga", "privacy")
    gate.settle()
    assert gate.grant(intent) is None

    gate.decide(intent, "petra", "privacy")
    gate.settle()
    assert 1 == gate.runs(intent)
    gate.check()


def test_one_no_is_enough() -> None:
    """Petra agrees, Paul does not: denied, and nothing runs."""
    gate = Gate()
    intent = gate.propose(route("privacy", 2))
    gate.settle()

    gate.decide(intent, "petra", "privacy")
    gate.decide(intent, "paul", "privacy", answer=Answer.DENY, code="too_broad")
    gate.settle()

    verdict = gate.verdict(intent)
    assert verdict is not None
    assert (State.DENIED, "too_broad") == (verdict.state, verdict.reason)
    assert 0 == gate.runs(intent)
    gate.check()


def test_what_was_signed_is_what_was_shown() -> None:
    """An approval of other digests than the request's is no approval of it."""
    gate = Gate()
    intent = gate.propose(route("privacy"))
    gate.settle()

    gate.decide(intent, "petra", "privacy", action_digest="of another action")
    gate.decide(intent, "paul", "privacy", display_digest="of another view")
    gate.settle()

    assert gate.verdict(intent) is None
    end(gate)
    gate.check()


def test_the_policy_alone_permits_or_forbids() -> None:
    """Where nobody is asked, the ruling is the verdict."""
    gate = Gate()
    allowed = gate.propose(effect=Effect.PERMIT)
    forbidden = gate.propose(effect=Effect.FORBID)
    unreadable = gate.refuse(reason="unknown_agent")
    gate.settle()

    assert (1, 0, 0) == (gate.runs(allowed), gate.runs(forbidden), gate.runs(unreadable))
    verdict = gate.verdict(unreadable)
    assert verdict is not None
    assert "unknown_agent" == verdict.reason
    gate.check()


def end(gate: Gate) -> None:
    """Let all time pass."""
    gate.clock.forward(25 * 3_600_000)
    gate.expire()
    gate.settle()
