"""The broker goes away amid the work and comes back: workers go on without help."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cluster.embedded.cluster import Cluster
from tests.gatehouse import Gatehouse
from tests.worker import load

AWAY_S = 10.0  # longer than the workers' session


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a broker of the test's own."""
    made = Cluster(tmp_path / "kafka", plain=True)
    try:
        yield made
    finally:
        made.down()


@pytest.mark.kafka
def test_broker_lost_and_back(cluster: Cluster, tmp_path: Path) -> None:
    """What was accepted before the loss ends as it should, and so does what comes after."""
    house = Gatehouse.up(cluster.up(), tmp_path / "home", mask_workers=1)
    with house.workers() as supervisor:
        wanted = load.write(house, 120)
        cluster.kill(1)
        load.tend(supervisor, AWAY_S)
        assert house.settings.bootstrap == cluster.up()
        again = Gatehouse(house.settings, house.people, house.executor, house.executor_seal)
        wanted |= load.write(again, 40)
        load.settle(again, supervisor, wanted)
    load.check(again, wanted)
