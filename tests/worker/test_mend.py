"""A stale row does not stay the last of its key: compaction would keep it, and nothing else."""

import asyncio
from pathlib import Path

import pytest
from faust.types import TP

from streams.wire import client, topics
from streams.worker.faust.table import CaseTable
from streams.worker.record import Place
from streams.worker.rows import unpack
from tests.gatehouse import Gatehouse
from tests.worker.test_table import Held, opened, row

pytestmark = pytest.mark.kafka
KEY = b"case"


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Gatehouse:
    """Return a gate of this test's own."""
    return Gatehouse.up(kafka, tmp_path / "home", partitions=1)


def topic(house: Gatehouse) -> str:
    """Return the fold's changelog."""
    return f"{topics.app_id(house.settings.prefix, 'fold')}-cases-changelog"


def put(house: Gatehouse, *applied: int) -> None:
    """Write rows to the changelog, as any worker can."""
    producer = client.producer(house.settings)
    for each in applied:
        client.deliver(producer, topic(house), KEY, row(each), partition=0)


def last(house: Gatehouse) -> int:
    """Return the event of the row that stands last, which compaction keeps."""
    values = [each.value or b"" for each in client.records(house.settings, topic(house))]
    return unpack(values[-1]).applied


def run(table: CaseTable, held: Held, house: Gatehouse, step: str) -> None:
    """Recover partition 0, or mend it, and deliver what is written."""

    async def recovered(_: set[int]) -> None:
        """Do nothing: there is no host."""

    table.recovered = recovered

    async def both() -> None:
        if step == "recover":
            await table.on_recovery_completed({TP(topic(house), 0)}, set())
        else:
            table.app.positions.hold({Place("cases", 0): 0})
            await table._mend()

    asyncio.run(both())
    producer = client.producer(house.settings)
    for key, then in held.queued:
        value = table._waiting[0, key]
        then(client.deliver(producer, topic(house), key, value, partition=0)[1])
    held.queued.clear()


@pytest.mark.parametrize("stale", [(101,), (101, 102, 101)])
def test_a_stale_row_is_written_over_at_recovery(
    house: Gatehouse, tmp_path: Path, stale: tuple[int, ...]
) -> None:
    """Whoever recovers a partition puts the newest row behind what beat it."""
    put(house, 100, 105, *stale)
    table, held = opened(house.settings, tmp_path / "data")
    run(table, held, house, "recover")
    assert 105 == last(house)


def test_a_stale_row_is_written_over_by_the_owner(house: Gatehouse, tmp_path: Path) -> None:
    """The owner finds a stale row that came after its own, and mends it once."""
    put(house, 100, 105)
    table, held = opened(house.settings, tmp_path / "data")
    run(table, held, house, "recover")
    put(house, 104)  # a zombie
    assert 104 == last(house)
    run(table, held, house, "mend")
    assert 105 == last(house)
    count = len(list(client.records(house.settings, topic(house))))
    run(table, held, house, "mend")
    assert count == len(list(client.records(house.settings, topic(house))))


def test_a_newer_row_is_taken_and_not_written_again(house: Gatehouse, tmp_path: Path) -> None:
    """A successor's row is no stale one: it is taken, nothing is written."""
    put(house, 100)
    table, held = opened(house.settings, tmp_path / "data")
    run(table, held, house, "recover")
    put(house, 106)
    run(table, held, house, "mend")
    assert 106 == last(house) == unpack(table.read(0, KEY) or b"").applied
    assert 2 == len(list(client.records(house.settings, topic(house))))


def test_without_mending_compaction_would_keep_the_stale_row(
    house: Gatehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same changelog ends with the stale row where nobody mends: the harness sees loss."""
    put(house, 100, 105, 101)
    table, held = opened(house.settings, tmp_path / "data")
    monkeypatch.setattr(table, "_write_again", lambda _: None)
    run(table, held, house, "recover")
    assert 101 == last(house)
