"""The same intent id comes twice: an honest repeat, or an attempt to slip something else in."""

import pytest

from streams.events import Effected, State, Status
from tests.gatehouse import AGGREGATE
from tests.scenarios.house import House

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
        bad = house.ask(house.aggregate(intent_id=name, agent="stranger"))
        good = house.ask(house.aggregate(intent_id=name))
        assert (Effected.DENIED, "unknown_agent") == house.told(bad)
        assert (Effected.REFUSED, "content_conflict") == house.told(good)
        assert State.DENIED is house.final(name).state
