"""Floods on the real broker: of junk, and of one agent's own."""

from collections.abc import Iterator

import pytest

from streams.events import InputRefused, IntentAdmitted, State
from streams.worker.supervise import Supervisor
from tests.gatehouse import Gatehouse, new_id, wait_for

pytestmark = pytest.mark.kafka

JUNK, ALONE_MAX, BUDGET = 3_000, 5, 20


@pytest.fixture(scope="module")
def house(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Gatehouse:
    """Return a gate where little stands alone, and an agent asks for little."""
    return Gatehouse.up(
        kafka,
        tmp_path_factory.mktemp("flood"),
        mask_workers=1,
        refused_alone_max=ALONE_MAX,
        refused_window_ms=2_000,
        agent_intents_per_minute=BUDGET,
    )


@pytest.fixture(scope="module")
def workers(house: Gatehouse) -> Iterator[Supervisor]:
    """Run one worker of each role."""
    with house.workers() as supervisor:
        yield supervisor


def refusals(house: Gatehouse) -> list[InputRefused]:
    """Return the refusals of the log."""
    return [e.body for e in house.cases() if isinstance(e.body, InputRefused)]


def test_a_flood_of_junk_leaves_little(house: Gatehouse, workers: Supervisor) -> None:
    """Each record is counted, few stand alone, none opens a case; an intent amid it is served."""
    for _ in range(JUNK):
        house.put_soon("intents", new_id(), b"x" * 37)
    house.flush()
    amid = house.propose("db.query", {"sql": "SELECT count(*) FROM visits"})
    assert State.DENIED is not house.verdict(amid).state

    def counted() -> bool:
        return sum(1 + body.more for body in refusals(house)) >= JUNK

    wait_for("every record counted", counted)
    assert JUNK == sum(1 + body.more for body in refusals(house))
    assert len(refusals(house)) <= 3 * (ALONE_MAX + 30)
    assert {amid} == set(house.verdicts())
    assert house.audited().broken is None
    assert all(not each.failures for each in workers.children)


def test_an_agent_beyond_its_budget_is_told_once(house: Gatehouse, workers: Supervisor) -> None:
    """A minute's worth is admitted, one verdict says why no more is, and the others are counted."""
    before = len(house.verdicts())
    asked = [
        house.propose("db.query", {"sql": "SELECT count(*) FROM visits"}) for _ in range(4 * BUDGET)
    ]

    def told() -> bool:
        over = [body for body in refusals(house) if "over_budget" == body.reason]
        admitted = [e for e in house.cases() if isinstance(e.body, IntentAdmitted)]
        return len(admitted) - 1 + sum(1 + body.more for body in over) >= len(asked)

    wait_for("all of them", told)
    verdicts = house.verdicts()
    said = [verdicts[name].reason for name in asked if name in verdicts]
    assert 1 == said.count("over_budget")
    assert BUDGET - 2 <= len(said) - 1 <= 2 * BUDGET
    assert before + len(said) == len(verdicts)
    assert all(not each.failures for each in workers.children)
