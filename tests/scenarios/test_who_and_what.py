"""Somebody or something that the directory does not know, or a time that cannot be."""

import pytest

from streams.clock import now_ms
from streams.events import Effected, Resource, State
from tests.gatehouse import AGENT
from tests.scenarios.house import IDLE_AGENT, House

pytestmark = pytest.mark.kafka

HOUR_MS = 3_600_000
LONG_MAX = 2**63 - 1


@pytest.mark.parametrize("agent", ["stranger", "", "petra"])
def test_an_agent_that_is_not_in_the_directory_is_answered_nothing(
    house: House, agent: str
) -> None:
    """Its refusal is recorded; nobody's name, nobody's case, nobody's verdict."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(agent), agent=agent)
        sent = house.ask(intent)
        assert (Effected.REFUSED, "unknown_agent") == house.told(sent)
        assert house.recorded(sent).state is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"agent": IDLE_AGENT}, "agent_suspended"),
        ({"on_behalf_of": "petra"}, "not_allowed_for"),
        ({"on_behalf_of": "nobody"}, "unknown_person"),
        ({"on_behalf_of": ""}, "unknown_person"),
        ({"action": "db.erase"}, "unknown_action"),
        ({"action": ""}, "unknown_action"),
        ({"action": 'db.query", resource); permit(principal, action'}, "unknown_action"),
        ({"resource": Resource(type="Database", id="cellar")}, "unknown_resource"),
        ({"resource": Resource(type="Cellar", id="clinic")}, "unknown_resource"),
        ({"resource": Resource(type="Database", id="*")}, "unknown_resource"),
        ({"resource": Resource(type="Record", id="*")}, "odd_resource"),
        ({"resource": Resource(type="Record", id="a/../b")}, "odd_resource"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_who_or_what_is_not_in_the_directory_is_denied(
    house: House, changes: dict[str, object], reason: str
) -> None:
    """Doubt means no: each has a reason of its own, and its agent is told."""
    with house.undisturbed() as beside:
        name = beside.new_id(str(changes.get("agent", AGENT)))
        intent = house.aggregate(intent_id=name, **changes)
        assert (Effected.DENIED, reason) == house.told(house.ask(intent))
        verdict = house.final(intent.intent_id)
        assert (State.DENIED, reason) == (verdict.state, verdict.reason)


@pytest.mark.parametrize(
    ("ago_ms", "ttl_ms", "reason"),
    [
        (HOUR_MS, HOUR_MS, "ttl_passed"),
        (LONG_MAX, HOUR_MS, "ttl_passed"),
        (0, 0, "ttl_out_of_range"),
        (0, 999, "ttl_out_of_range"),
        (0, -1, "ttl_out_of_range"),
        (0, 8 * 24 * HOUR_MS, "ttl_out_of_range"),
        (0, LONG_MAX, "ttl_out_of_range"),
        (-6 * 60_000, HOUR_MS, "clock_skew"),
        (-24 * HOUR_MS, HOUR_MS, "clock_skew"),
    ],
)
def test_a_time_that_cannot_be_is_denied(
    house: House, ago_ms: int, ttl_ms: int, reason: str
) -> None:
    """An hour that is over, no time at all, more than a week, from the future: each says which."""
    with house.undisturbed() as beside:
        intent = house.aggregate(
            intent_id=beside.new_id(), requested_at_ms=now_ms() - ago_ms, ttl_ms=ttl_ms
        )
        assert (Effected.DENIED, reason) == house.told(house.ask(intent))
        assert reason == house.final(intent.intent_id).reason


def test_a_clock_that_is_a_little_fast_is_forgiven(house: House) -> None:
    """Within five minutes a sender from the future is one with another clock."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(), requested_at_ms=now_ms() + 4 * 60_000)
        assert (Effected.GRANTED, "") == house.told(house.ask(intent))


def test_nobody_s_agent_drops_anything_in_production(house: House) -> None:
    """What the policy forbids for good is denied with the rule's own reason."""
    with house.undisturbed() as beside:
        intent = house.intent("db.drop", {"table": "visits"}, intent_id=beside.new_id())
        assert (Effected.DENIED, "destructive_in_production") == house.told(house.ask(intent))
