"""The only broker dies under an agent and an executor, and comes back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.agent import Agent, core
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError
from streams.events import State, Status
from tests.gatehouse import AGGREGATE
from tests.scenarios.house import IDENTIFIED, WAIT_S, House

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1_200)]  # a whole cluster of its own


def test_who_waits_goes_on_waiting_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that waits gets its verdict after all; the executor serves on, in the same process.

    Proposing meanwhile is an error within a bound, and works again with the same client.
    """
    monkeypatch.setattr(core, "DELIVERY_S", 2.0)
    with (
        Cluster(tmp_path / "kafka", plain=True) as cluster,
        House.open(cluster.bootstrap, tmp_path / "home") as house,
        Agent("bot", house.settings) as agent,
        ThreadPoolExecutor(1) as beside,
    ):
        house.patient = True
        executor = house.pids()["executor-clinic"]
        first = agent.propose("data.export", "Database/clinic", IDENTIFIED, "Recall", ttl=600)
        request = house.seen(first)
        listening = threading.Event()
        waiting = beside.submit(
            agent.wait, first, 2 * WAIT_S, outcome=True, progress=lambda _: listening.set()
        )
        assert listening.wait(WAIT_S)

        cluster.kill(1)
        with pytest.raises(BrokerError) as lost:
            agent.propose("db.query", "Database/clinic", AGGREGATE, "Figures", key="figures")
        assert "broker_away" == lost.value.code
        assert not waiting.done()
        cluster.up()

        monkeypatch.setattr(core, "DELIVERY_S", 30.0)
        house.answer(house.decision("petra", request))
        house.ended(first)
        verdict = waiting.result(WAIT_S)
        assert State.GRANTED is verdict.state
        assert verdict.outcome
        assert Status.OK is verdict.outcome.status
        second = agent.propose("db.query", "Database/clinic", AGGREGATE, "Figures", key="figures")
        assert State.GRANTED is agent.wait(second, WAIT_S).state
        assert Status.OK is house.ended(second)
        assert executor == house.pids()["executor-clinic"]
        assert len(house.runs()) == len(set(house.runs()))
        assert 2 == len(house.runs())
        assert [None] == house.breaks()
