"""The losing scenarios of faust/README.md: each loses where its rule is broken, and only there.

The fold is fed through the log itself, so that no other worker is needed.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from streams.events import Effect, derived_id
from streams.wire import client, topics
from streams.worker.supervise import Child, Supervisor
from tests import builders
from tests.gatehouse import EXECUTOR, READY_S, Gatehouse, wait_for
from tests.worker import load

pytestmark = pytest.mark.kafka

IDS = [derived_id("case", str(number)) for number in range(10)]
QUIET_S = 12.0  # longer than a restart and a session: what has not come by then is lost


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Gatehouse:
    """Return a gate of the test's own, with one partition, so that the order is one."""
    return Gatehouse.up(kafka, tmp_path, partitions=1, mask_workers=1)


@contextmanager
def worker(
    house: Gatehouse, role: str, faults: str = "", broken: str = "", name: str = ""
) -> Iterator[Supervisor]:
    """Run one worker with faults and broken rules, started again when it leaves."""
    folder = house.settings.home / "workers" / (name or role)
    folder.mkdir(parents=True, exist_ok=True)
    paths = ("--data", str(folder / "data"), "--ready", str(folder / "ready"))
    command = (sys.executable, "-m", "tests.worker.broken", "worker", "run", role, *paths)
    environment = {**house.environment(), "FAULTS": faults, "BROKEN": broken}
    supervisor = Supervisor(house.settings.home, {}, environment, lambda _: None)
    child = Child(role, command, folder / "log", folder / "ready", cwd=Path.cwd())
    supervisor.add(child)
    supervisor.start()
    try:
        assert supervisor.wait_ready(READY_S), supervisor.last_lines(child)
        yield supervisor
    finally:
        supervisor.stop()


def write_log(house: Gatehouse) -> None:
    """Write ten permitted intents to the log, as admit does."""
    ruling = builders.ruling(Effect.PERMIT)
    for number, intent_id in enumerate(IDS):
        body = builders.intent(ruling=ruling, executor=EXECUTOR)
        house.put("cases", intent_id, builders.event(body, number, intent_id=intent_id))


def verdicts(house: Gatehouse) -> set[str]:
    """Return the numbers of the intents that have a verdict."""
    return {str(IDS.index(name)) for name in house.verdicts() if name in IDS}


def lost(house: Gatehouse, supervisor: Supervisor, struck: str = "") -> set[str]:
    """Wait until the last verdict is there and the fault has struck; return who has none."""

    def over() -> bool:
        supervisor.tend()
        mark = house.settings.home / f"fault-{struck}"
        return IDS[-1] in house.verdicts() and (not struck or mark.exists())

    wait_for("the last verdict", over)
    return set(map(str, range(10))) - verdicts(house)


def test_faults_lose_nothing(house: Gatehouse) -> None:
    """An exception, a failed send and a crash between two effects: every verdict comes, once."""
    with worker(house, "fold", faults="raises,unsent,cut") as supervisor:
        write_log(house)

        def whole() -> bool:
            supervisor.tend()
            return not set(IDS) - set(house.verdicts())

        wait_for("every verdict", whole)
    struck = {path.name for path in house.settings.home.glob("fault-*")}
    assert {"fault-raises", "fault-unsent", "fault-cut"} == struck
    again = {record.value for record in house.records("verdicts")}
    assert 10 == len(again)  # repeats, if any, are the same bytes


@pytest.mark.parametrize(
    ("fault", "broken", "expected"),
    [
        ("raises", "swallow,trust", {"2"}),
        ("unsent", "believe", {"4"}),
        ("cut", "row-first", {"6"}),
    ],
)
def test_a_broken_rule_loses(house: Gatehouse, fault: str, broken: str, expected: set[str]) -> None:
    """The same faults lose a verdict for ever where the rule is broken: this harness sees loss."""
    with worker(house, "fold", faults=fault, broken=broken) as supervisor:
        write_log(house)
        assert expected == lost(house, supervisor, fault)
        load.tend(supervisor, QUIET_S / 4)
        assert expected == lost(house, supervisor, fault)


def commit_ahead(house: Gatehouse, role: str, topic: str) -> None:
    """Commit the end of a topic for a role's Faust app, though nothing of it was taken."""
    group = topics.app_id(house.settings.prefix, role)
    with closing(client.consumer(house.settings, group)) as consumer:
        place = TopicPartition(house.topic(topic), 0)
        _, place.offset = consumer.get_watermark_offsets(place, timeout=30)
        assert place.offset > 0
        consumer.commit(offsets=[place], asynchronous=False)


def test_own_position_wins(house: Gatehouse) -> None:
    """A committed offset that stands ahead of what was folded skips nothing."""
    write_log(house)
    commit_ahead(house, "fold", "cases")
    with worker(house, "fold") as supervisor:
        assert set() == lost(house, supervisor)


def test_the_committed_offset_loses(house: Gatehouse) -> None:
    """The same offset skips all of it where the fold trusts what Faust has committed."""
    write_log(house)
    commit_ahead(house, "fold", "cases")
    with worker(house, "fold", broken="trust") as supervisor:
        last = derived_id("case", "last")
        body = builders.intent(ruling=builders.ruling(Effect.PERMIT), executor=EXECUTOR)
        house.put("cases", last, builders.event(body, 10, intent_id=last))
        wait_for("a later verdict", lambda: last in house.verdicts())
        load.tend(supervisor, 1.0)
        assert set() == verdicts(house)
