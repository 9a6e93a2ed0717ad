"""A Faust Table on RocksDB whose rows know their position (rules 2, 5, 15, 20, 21).

What RocksDB holds is always a prefix of the changelog, so that whoever recovers from either gets
the same:

- a row is read from memory until its changelog record is durable, and only then put to RocksDB;
  a row that only this machine had would be missing for whoever takes the partition over.
- how far RocksDB reaches is noted only as far as the changelog is this worker's own, record by
  record: what another owner wrote in between has still to be read.
- a worker that woke without its partition may write an old row behind a newer one. Recovery keeps
  the newer one, but compaction would not: the owner reads what it did not write itself, and writes
  a beaten row's successor again (`mend`), long before compaction may look.

Faust's own recovery reads nothing here (it swallows its errors): `changelog` reads, and an error
leaves the process.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from threading import Lock
from typing import Any

import faust
from faust.types import TP

from streams.errors import BrokerError
from streams.worker.deliveries import Deliveries
from streams.worker.faust import changelog
from streams.worker.leave import leave, leave_on, log
from streams.worker.rows import newer

ROCKSDB = {
    "driver": "rocksdict",
    "block_cache_size": 16 << 20,  # the default is 2 GiB for each partition's database
    "write_buffer_size": 8 << 20,
    "max_write_buffer_number": 2,
    "max_open_files": 256,
}
MEND_S = 20.0  # far within the changelog's min.compaction.lag.ms, an hour
WAITING_MAX = 512  # rows on their way to the changelog
ALREADY_THERE = 1 << 62
DRAIN_S = 0.005


class CaseTable(faust.Table):  # type: ignore[misc]
    """Bytes to bytes. The changelog goes through librdkafka: idempotent, gapless, and faster."""

    deliveries: Deliveries
    recovered: Callable[[set[int]], Awaitable[None]]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting: dict[tuple[int, bytes], bytes] = {}
        self._recovering = asyncio.Lock()
        self._putting = Lock()  # recovery puts rows from a thread of its own

    def read(self, partition: int, key: bytes) -> bytes | None:
        """Return a row as it was written last."""
        waiting = self._waiting.get((partition, key))
        return self._stored(partition, key) if waiting is None else waiting

    def write(self, partition: int, key: bytes, value: bytes) -> None:
        """Write a row: seen by `read` at once, by RocksDB once the changelog has it."""
        name = (partition, key)
        self._waiting[name] = value

        def durable(offset: int) -> None:
            if partition in self.data._dbs:
                self._put(partition, key, value)
                self._reach(partition, offset)
            if self._waiting.get(name) is value:
                del self._waiting[name]

        self.deliveries.send_soon(self._topic, key, value, partition=partition, then=durable)

    async def room(self) -> None:
        """Wait until not too many rows are on their way."""
        while len(self._waiting) > WAITING_MAX:  # noqa: ASYNC110 - rare: the broker is slow
            await asyncio.sleep(0.005)

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over one partition's durable rows."""
        return iter(self.data._visible_items(self.data._db_for_partition(partition)))

    def persisted_offset(self, _: TP) -> int:
        """Tell Faust's recovery that there is nothing for it to read."""
        return ALREADY_THERE

    async def on_recovery_completed(self, active_tps: set[Any], standby_tps: set[Any]) -> None:
        """Recover, then tell the host which partitions are whole again, before anything flows."""
        try:
            async with self._recovering:
                await super().on_recovery_completed(active_tps, standby_tps)
                partitions = {tp.partition for tp in active_tps}
                while self._waiting:  # noqa: ASYNC110 - else they are durable after it was read
                    await asyncio.sleep(DRAIN_S)
                beaten = await asyncio.to_thread(self._read, partitions)
                await self.recovered(partitions)
                self._write_again(beaten)
        except Exception as error:  # noqa: BLE001 - Faust would not look at it, and call it ready
            leave_on(error)

    async def mend(self) -> None:
        """Let no stale row stay the last one of its key; for ever."""
        while True:
            await asyncio.sleep(MEND_S)
            if self.app.steady:
                await self._mend()

    async def _mend(self) -> None:
        async with self._recovering:
            held = {place.partition for place in self.app.positions.held()}
            try:
                beaten = await asyncio.to_thread(self._read, held & set(self.data._dbs))
            except BrokerError as error:
                log.warning("not mended yet: %s", error)
            else:
                self._write_again(beaten)

    def _write_again(self, beaten: set[tuple[int, bytes]]) -> None:
        """Write the newest row of each beaten key behind the stale one."""
        for partition, key in beaten:
            if partition in self.data._dbs and (partition, key) not in self._waiting:
                newest = self._stored(partition, key)
                if newest is not None:
                    log.warning("partition %d: a stale row is mended", partition)
                    self.write(partition, key, newest)

    def _read(self, partitions: set[int]) -> set[tuple[int, bytes]]:
        """Read the changelog from where RocksDB ends; return the keys whose last row is stale.

        A stale row never replaces a newer one.
        """
        beaten: set[tuple[int, bytes]] = set()
        starts = {number: self._reached(number) + 1 for number in partitions}
        for part in changelog.read(self.app.settings, self._topic, starts):
            if part.shorter:
                shutil.rmtree(self.app.conf.datadir, ignore_errors=True)
                leave(
                    f"the changelog of partition {part.partition} ends before the rows of this "
                    "machine: the broker has lost data; the rows here are deleted, and read anew"
                )
            for key, value in part.rows:
                kept = self._put(part.partition, key, value)
                (beaten.discard if kept else beaten.add)((part.partition, key))
            self.data.set_persisted_offset(TP(self._topic, part.partition), part.reached)
        return beaten

    def _put(self, partition: int, key: bytes, value: bytes) -> bool:
        """Put a row unless RocksDB has a newer one; return whether it was put."""
        with self._putting:
            kept = newer(value, self._stored(partition, key))
            if kept:
                self.data._db_for_partition(partition).put(key, value)
        return kept

    def _reach(self, partition: int, offset: int) -> None:
        if offset == self._reached(partition) + 1:
            self.data.set_persisted_offset(TP(self._topic, partition), offset)

    def _reached(self, partition: int) -> int:
        reached = self.data.persisted_offset(TP(self._topic, partition))
        return -1 if reached is None else int(reached)

    def _stored(self, partition: int, key: bytes) -> bytes | None:
        value: bytes | None = self.data._db_for_partition(partition).get(key)
        return value

    @property
    def _topic(self) -> str:
        return str(self.changelog_topic.get_topic_name())
