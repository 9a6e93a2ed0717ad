"""Workers die, sleep, come and go under load. Nothing is lost, nothing is done twice."""

import signal
from collections.abc import Iterator
from functools import partial

import pytest

from streams.worker.supervise import Supervisor
from tests.gatehouse import Gatehouse, child, signal_worker, wait_for
from tests.worker import load

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def house(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Gatehouse:
    """Return a gate of this module's own, with one masking process a worker."""
    return Gatehouse.up(kafka, tmp_path_factory.mktemp("faults"), mask_workers=1)


@pytest.fixture(scope="module")
def workers(house: Gatehouse) -> Iterator[Supervisor]:
    """Run two folds and two admits, so that partitions have somewhere to go."""
    with house.workers(admit=2, fold=2, audit=1) as supervisor:
        yield supervisor


def test_kill_9(house: Gatehouse, workers: Supervisor) -> None:
    """Workers killed at any moment lose no intent, and grant none twice."""
    with load.steadily(house, 40) as wanted:
        for name in ("fold-0", "admit-0", "audit-0", "fold-1", "admit-1", "fold-0"):
            load.tend(workers, 1.3)
            wait_for(f"{name} to run", partial(runs, workers, name))
            signal_worker(workers, name, signal.SIGKILL)
    load.settle(house, workers, wanted)
    load.check(house, wanted)


def runs(workers: Supervisor, name: str) -> bool:
    """Start again what has left, and tell whether this one is ready."""
    workers.tend()
    found = child(workers, name)
    return found.process is not None and found.ready is not None and found.ready.exists()


def test_join_and_leave(house: Gatehouse, workers: Supervisor) -> None:
    """Workers that leave in order and come back lose nothing."""
    with load.steadily(house, 40) as wanted:
        for name in ("fold-1", "admit-1", "fold-0"):
            wait_for(f"{name} to run", partial(runs, workers, name))
            signal_worker(workers, name, signal.SIGTERM)
            load.tend(workers, 2.0)
    load.settle(house, workers, wanted)
    load.check(house, wanted)


def test_woken_after_its_session(house: Gatehouse, workers: Supervisor) -> None:
    """A fold that slept past its session leaves when it wakes, and nothing of it counts."""
    wait_for("fold-0 to run", partial(runs, workers, "fold-0"))
    with load.steadily(house, 40) as wanted:
        load.tend(workers, 1.0)
        signal_worker(workers, "fold-0", signal.SIGSTOP)
        load.tend(workers, 13.0)
        signal_worker(workers, "fold-0", signal.SIGCONT)
        load.tend(workers, 1.0)
    load.settle(house, workers, wanted)
    load.check(house, wanted)
    assert "slept for" in child(workers, "fold-0").log.read_text()
