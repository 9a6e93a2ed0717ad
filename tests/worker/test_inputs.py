"""Admit on the real broker: poison, foreign partitions, and an end in good order."""

import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from streams.events import Effected, InputRefused, IntentAdmitted, State
from streams.wire import client
from streams.worker.supervise import Supervisor
from tests.gatehouse import PARTITIONS, Gatehouse, child, new_id, wait_for
from tests.worker import load
from tests.worker.test_faults import runs
from tests.worker.test_rules import worker

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def house(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Gatehouse:
    """Return a gate of this module's own."""
    return Gatehouse.up(kafka, tmp_path_factory.mktemp("inputs"), mask_workers=1)


@pytest.fixture(scope="module")
def workers(house: Gatehouse) -> Iterator[Supervisor]:
    """Run one worker of each role."""
    with house.workers() as supervisor:
        yield supervisor


def test_poison_stops_nothing(house: Gatehouse, workers: Supervisor) -> None:
    """Junk on every input and in the log itself is recorded, and what comes behind it is served."""
    keys = [new_id() for _ in range(4)]
    for name in ("intents", "decisions", "outcomes"):
        for key, junk in zip(
            keys, (b"", b"junk", b"\xc3\x01" + bytes(8), bytes(900_001)), strict=True
        ):
            house.put(name, key, junk)
    for partition in range(PARTITIONS):
        house.put("cases", "", b"junk", partition=partition)
        house.put("cases", "\x00position", b"\xc3\x01", partition=partition)
        house.put("cases", "__faust\x00offset__", b"junk", partition=partition)
    wanted = load.write(house, 12)
    load.settle(house, workers, wanted)

    def recorded() -> bool:
        refused = [e for e in house.cases() if isinstance(e.body, InputRefused)]
        return 3 * len(keys) == len(refused)

    wait_for("every refusal", recorded)
    report = house.audited()
    assert report.broken is None
    assert 9 == sum(
        1 for entry in house.entries() if "unreadable_event" == entry.consequence.reason
    )
    assert all(not each.failures for each in workers.children)


def test_the_wrong_partition_is_put_right(house: Gatehouse, workers: Supervisor) -> None:
    """A sender with another partitioner reaches its case all the same: the log is keyed anew."""
    intent_id = house.propose("data.export", {"name": "Jane Roe"})
    decide_elsewhere(house, intent_id)
    assert State.GRANTED is house.verdict(intent_id).state


def decide_elsewhere(house: Gatehouse, intent_id: str) -> None:
    """Approve on a partition that is not the intent's."""
    right = client.partition_of(intent_id.encode(), PARTITIONS)
    made = house.decision("petra", house.request(intent_id))
    house.put("decisions", intent_id, made, partition=(right + 1) % PARTITIONS)


def test_an_end_in_good_order(house: Gatehouse, workers: Supervisor) -> None:
    """SIGTERM lets admit finish what it has taken: nothing is lost, nothing is admitted again.

    On a machine that stands still for a session meanwhile, or that is too slow to finish so much in
    time, it leaves at once, and rightly so: nothing is lost then either, and less is tried.
    """
    for count in (200, 50, 12, 3):
        wanted, code = ended_amid(house, workers, count)
        said = workers.last_lines(child(workers, "admit-0"), 8)
        load.settle(house, workers, wanted)
        if not code:
            break
        assert "slept for" in said or "told to stop, and not done" in said, said
    assert 0 == code
    admitted = Counter(e.intent_id for e in house.cases() if isinstance(e.body, IntentAdmitted))
    assert {1} == {admitted[intent_id] for intent_id in wanted}


def ended_amid(house: Gatehouse, workers: Supervisor, count: int) -> tuple[dict[str, str], int]:
    """End admit amid its work; return what was wanted of it, and its exit code."""
    wait_for("admit to run", partial(runs, workers, "admit-0"))
    wanted = load.write(house, count)
    process = child(workers, "admit-0").process
    assert process is not None
    wait_for("the first of them", lambda: set(wanted) - unadmitted(house, wanted))
    process.send_signal(signal.SIGTERM)
    return wanted, process.wait(300)


def unadmitted(house: Gatehouse, wanted: dict[str, str]) -> set[str]:
    """Return which of these intents do not stand in the log."""
    return set(wanted) - {event.intent_id for event in house.cases()}


def test_a_log_that_is_not_keyed_anew_loses(kafka: str, tmp_path: Path) -> None:
    """The same decision is refused as unknown where it goes on to the partition it came on."""
    house = Gatehouse.up(kafka, tmp_path, mask_workers=1)
    with worker(house, "admit", broken="in-place"), worker(house, "fold"), worker(house, "audit"):
        intent_id = house.propose("data.export", {"name": "Jane Roe"})
        decide_elsewhere(house, intent_id)

        def refused() -> bool:
            found = [entry.consequence for entry in house.entries()]
            return any(
                c.effected is Effected.REFUSED and c.reason == "unknown_intent" for c in found
            )

        wait_for("the refusal", refused)
        assert State.PENDING is house.request(intent_id).state
