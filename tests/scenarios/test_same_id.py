"""The same intent id comes twice: an honest repeat, or an attempt to slip something else in."""

import pytest

from streams.agent import Agent
from streams.events import Effected, State, Status
from tests.gatehouse import AGENT, AGGREGATE
from tests.scenarios.house import IDLE_AGENT, WAIT_S, House

pytestmark = pytest.mark.kafka


def test_the_same_content_again_changes_nothing(house: House) -> None:
    """A repeat is told from a conflict by its content; seals differ, and times do not count."""
    with house.undisturbed() as beside:
        name = beside.request.intent_id
        for changes in ({}, {"ttl_ms": 60_000}):
            sent = house.ask(house.export(intent_id=name, **changes))
            assert (Effected.REPEATED, "") == house.told(sent)
        request = house.seen(name)
        assert beside.request.display_digest == request.display_digest
        assert beside.request.deadline_ms == request.deadline_ms


@pytest.mark.parametrize(
    "changes",
    [
        {"params": AGGREGATE},
        {"justification": "Another reason"},
        {"action": "db.query"},
        {"on_behalf_of": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_content_under_a_pending_id_is_refused(
    house: House, changes: dict[str, object]
) -> None:
    """What people review stays what they were shown."""
    with house.undisturbed() as beside:
        parts: dict[str, object] = {
            "action": "data.export",
            "params": {"patient": "John Smith"},
            **changes,
        }
        name = beside.new_id()
        first = house.ask(house.intent("data.export", {"patient": "John Smith"}, intent_id=name))
        assert Effected.OPENED is house.recorded(first).effected
        other = house.ask(house.intent(intent_id=name, **parts))  # type: ignore[arg-type]
        assert (Effected.REFUSED, "content_conflict") == house.told(other)
        assert State.PENDING is house.recorded(other).state


def test_nothing_more_can_be_had_from_an_approval(house: House) -> None:
    """After the grant, the same id with other content is refused, and the same is not run again."""
    with house.undisturbed() as beside:
        request = house.granted(beside.partition)
        again = house.ask(house.export(intent_id=request.intent_id))
        other = house.ask(house.aggregate(intent_id=request.intent_id))
        assert (Effected.REPEATED, "") == house.told(again)
        assert (Effected.REFUSED, "content_conflict") == house.told(other)
    verdict = house.final(request.intent_id)
    assert 1 == house.runs().count(verdict.grant_id or "")
    assert Status.OK is house.ended(request.intent_id)


def test_an_id_that_was_refused_stays_refused(house: House) -> None:
    """A verdict is final: a good intent under the id of a bad one does not open it again."""
    with house.undisturbed() as beside:
        name = beside.new_id()
        bad = house.ask(house.aggregate(intent_id=name, on_behalf_of="nobody"))
        good = house.ask(house.aggregate(intent_id=name))
        assert (Effected.DENIED, "unknown_person") == house.told(bad)
        assert (Effected.REFUSED, "content_conflict") == house.told(good)
        assert State.DENIED is house.final(name).state


def test_three_contents_under_one_key(house: House) -> None:
    """The first that the log has is done; whoever asked for another hears that it was another."""
    agents = [Agent(AGENT, house.settings) for _ in range(3)]
    with house.undisturbed():
        names = {
            agent.propose(
                "db.query", "Database/clinic", {**AGGREGATE, "n": n}, "Report", 600, key="run-7"
            )
            for n, agent in enumerate(agents)
        }
        assert 1 == len(names)
        found = [agent.wait(next(iter(names)), WAIT_S) for agent in agents]
    for agent in agents:
        agent.close()
    assert [State.GRANTED, State.DENIED, State.DENIED] == [each.state for each in found]
    assert ["permitted", "content_conflict", "content_conflict"] == [e.reason for e in found]


@pytest.mark.parametrize("agent", ["stranger", IDLE_AGENT])
def test_an_id_is_one_agent_s(house: House, agent: str) -> None:
    """What another asks under it is refused, opens nothing and takes nothing."""
    with house.undisturbed() as beside:
        name = beside.new_id()
        bad = house.ask(house.aggregate(intent_id=name, agent=agent))
        good = house.ask(house.aggregate(intent_id=name))
        due = "unknown_agent" if agent == "stranger" else "foreign_id"
        assert (Effected.REFUSED, due) == house.told(bad)
        assert (Effected.GRANTED, "") == house.told(good)
        verdict = house.final(name)
        assert (State.GRANTED, AGENT) == (verdict.state, verdict.agent)
