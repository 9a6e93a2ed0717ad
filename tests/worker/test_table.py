"""RocksDB is a prefix of the changelog, and recovery never goes back."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from streams.settings import Settings, load_settings
from streams.wire import client, topics
from streams.worker.faust import changelog as changelogs
from streams.worker.faust import table as tables
from streams.worker.faust.app import GateApp
from streams.worker.faust.table import CaseTable
from streams.worker.leave import RESTART
from streams.worker.roles import case_table
from streams.worker.rows import Row, unpack
from tests.gatehouse import Gatehouse
from tests.worker.left import Left, catch

KEY = b"intent"


class Held:
    """Deliveries that become durable when the test says so."""

    def __init__(self) -> None:
        self.queued: list[tuple[bytes, Callable[[int], None]]] = []

    def send_soon(
        self, _: str, key: bytes, __: bytes, *, partition: int, then: Callable[[int], None]
    ) -> None:
        """Queue a row; there is but one partition."""
        assert 0 == partition
        self.queued.append((key, then))

    def durable(self, offset: int) -> None:
        """Let the oldest become durable at this offset of the changelog."""
        self.queued.pop(0)[1](offset)


def row(applied: int, case: bytes = b"") -> bytes:
    """Return a row for the event at `applied`."""
    return Row(applied, 0, b"", case or b"case %d" % applied).pack()


def opened(settings: Settings, folder: Path) -> tuple[CaseTable, Held]:
    """Return a table over a folder, as a worker that starts has it."""
    app = GateApp(settings, "fold", folder)
    made = case_table(app)
    held = Held()
    made.deliveries = held  # type: ignore[assignment]
    return made, held


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """Return settings for a broker that is never asked."""
    return load_settings(home=tmp_path, bootstrap="127.0.0.1:1")


@pytest.fixture
def fresh(nowhere: Settings, tmp_path: Path) -> tuple[CaseTable, Held]:
    """Return an empty table whose partition 0 is held."""
    made, held = opened(nowhere, tmp_path / "data")
    assert made.read(0, KEY) is None
    return made, held


def stored(table: CaseTable) -> dict[bytes, int]:
    """Return which rows RocksDB has, and for which event."""
    return {key: unpack(value).applied for key, value in table.rows(0)}


def test_read_at_once(fresh: tuple[CaseTable, Held]) -> None:
    """A row is read as it was written last, whether or not the changelog has it."""
    table, held = fresh
    table.write(0, KEY, row(1))
    table.write(0, KEY, row(2))
    assert row(2) == table.read(0, KEY)
    held.durable(0)
    assert row(2) == table.read(0, KEY)
    held.durable(1)
    assert row(2) == table.read(0, KEY)


def test_rocksdb_is_never_ahead_of_the_changelog(fresh: tuple[CaseTable, Held]) -> None:
    """A row that only this machine had would be missing for whoever takes the partition over."""
    table, held = fresh
    table.write(0, KEY, row(1))
    assert {} == stored(table)
    held.durable(0)
    assert {KEY: 1} == stored(table)


def test_reach_is_this_workers_own(fresh: tuple[CaseTable, Held]) -> None:
    """What another owner wrote to the changelog in between has still to be read."""
    table, held = fresh
    for applied in (1, 2, 3):
        table.write(0, b"%d" % applied, row(applied))
    held.durable(0)
    held.durable(1)
    held.durable(5)
    assert 1 == table._reached(0)


def test_a_late_row_does_not_replace_a_newer_one(fresh: tuple[CaseTable, Held]) -> None:
    """A row that becomes durable late, after recovery brought a newer one, changes nothing."""
    table, held = fresh
    table.write(0, KEY, row(1))
    table._put(0, KEY, row(9))
    held.durable(0)
    assert {KEY: 9} == stored(table)


def test_rows_of_a_partition_that_went_are_not_kept(fresh: tuple[CaseTable, Held]) -> None:
    """A row that becomes durable after its partition has gone does not open it again."""
    table, held = fresh
    table.write(0, KEY, row(1))
    table.data._dbs.pop(0)
    held.durable(0)
    assert {} == table.data._dbs
    assert {} == table._waiting


def test_rows_on_their_way_are_bounded(fresh: tuple[CaseTable, Held]) -> None:
    """Folding waits while too many rows are not durable yet."""
    table, held = fresh
    for applied in range(tables.WAITING_MAX + 1):
        table.write(0, b"%d" % applied, row(applied))

    async def room() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(table.room(), 0.05)
        held.durable(0)
        await asyncio.wait_for(table.room(), 60)

    asyncio.run(room())


# ---------------------------------------------------------------- recovery, on the real broker


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Gatehouse:
    """Return a gate of this test's own: what another test left stale would be mended here."""
    return Gatehouse.up(kafka, tmp_path / "table", partitions=1)


@pytest.fixture
def changelog(house: Gatehouse) -> Iterator[Callable[..., int]]:
    """Return what writes rows to the fold's changelog; returns the last row's offset."""
    producer = client.producer(house.settings)
    topic = f"{topics.app_id(house.settings.prefix, 'fold')}-cases-changelog"

    def write(key: bytes, *applied: int) -> int:
        return [client.deliver(producer, topic, key, row(n), partition=0)[1] for n in applied][-1]

    yield write
    producer.flush(10)


def recover(table: CaseTable) -> None:
    """Recover partition 0 as a worker does once it has it."""
    told: list[set[int]] = []

    async def recovered(partitions: set[int]) -> None:
        told.append(partitions)

    table.recovered = recovered
    topic = str(table.changelog_topic.get_topic_name())

    async def complete() -> None:
        await table.on_recovery_completed({TP(topic, 0)}, set())

    asyncio.run(complete())
    assert [{0}] == told


Changelog = Callable[..., int]


@pytest.mark.kafka
def test_a_stale_row_does_not_come_back(
    house: Gatehouse, changelog: Changelog, tmp_path: Path
) -> None:
    """A woken worker's older row stands last in the changelog; recovery keeps the newer one."""
    end = changelog(b"stale", 100, 105, 101)
    table, _ = opened(house.settings, tmp_path / "data")
    recover(table)
    assert 105 == stored(table)[b"stale"]
    assert end == table._reached(0)


@pytest.mark.kafka
def test_the_last_row_wins_without_the_rule(
    house: Gatehouse, changelog: Changelog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same changelog takes the case back where recovery keeps what stands last."""
    changelog(b"lost", 100, 105, 101)
    monkeypatch.setattr(tables, "newer", lambda *_: True)
    table, _ = opened(house.settings, tmp_path / "data")
    recover(table)
    assert 101 == stored(table)[b"lost"]


@pytest.mark.kafka
def test_recovery_goes_on_where_it_ended(
    house: Gatehouse, changelog: Changelog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What RocksDB has is not read again; what came since is."""
    changelog(b"a", 200)
    table, _ = opened(house.settings, tmp_path / "data")
    recover(table)
    changelog(b"b", 201)
    put: list[bytes] = []
    monkeypatch.setattr(table, "_put", lambda _, key, __: put.append(key))
    recover(table)
    assert [b"b"] == put


@pytest.mark.kafka
def test_rows_beyond_the_changelog_are_deleted(
    house: Gatehouse, changelog: Changelog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the broker lost rows that stand here, nobody else has them: read anew."""
    catch(monkeypatch)
    end = changelog(b"c", 300)
    table, _ = opened(house.settings, tmp_path / "data")
    recover(table)
    table.data.set_persisted_offset(TP("", 0), end + 7)
    with pytest.raises(Left) as left:
        recover(table)
    assert RESTART == left.value.code
    assert not (tmp_path / "data").exists()


@pytest.mark.kafka
def test_recovery_that_fails_ends_the_process(
    house: Gatehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in recovery is not an empty table that is called ready."""
    catch(monkeypatch)
    table, _ = opened(house.settings, tmp_path / "data")

    def fails(*_: Any) -> Any:
        raise ValueError

    monkeypatch.setattr(changelogs, "read", fails)
    with pytest.raises(Left):
        recover(table)
