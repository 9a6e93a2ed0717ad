"""A Faust Table on RocksDB whose rows know their position (FAUST.md rules 2, 5, 15, 20, 21)."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import faust
from faust.types import TP

from streams.errors import InvariantError
from streams.worker.deliveries import Deliveries
from streams.worker.rows import newer

ROCKSDB = {
    "driver": "rocksdict",
    "block_cache_size": 16 << 20,  # the default is 2 GiB for each partition's database
    "write_buffer_size": 8 << 20,
    "max_write_buffer_number": 2,
    "max_open_files": 256,
}


class CaseTable(faust.Table):  # type: ignore[misc]
    """Bytes to bytes. The changelog goes through librdkafka: idempotent, gapless, and faster."""

    deliveries: Deliveries | None = None
    recovered: Callable[[set[int]], None] = lambda _: None

    def send_changelog(
        self, partition: int | None, key: Any, value: Any, *_: Any, **__: Any
    ) -> Any:
        """Queue a row's change; once durable, RocksDB notes that it need not be replayed."""
        if partition is None or self.deliveries is None:
            raise InvariantError("a row was written outside of its partition's event")
        topic = self.changelog_topic.get_topic_name()
        place = TP(topic, partition)

        def durable(offset: int) -> None:
            if partition in self.data._dbs:
                self.data.set_persisted_offset(place, offset)

        self.deliveries.send_soon(topic, key, value, partition=partition, then=durable)
        return SimpleNamespace(message=SimpleNamespace(partition=partition))

    def apply_changelog_batch(self, batch: Any) -> None:
        """Recover, never going back: a woken worker's stale row does not replace a newer one."""
        best: dict[tuple[int, bytes], Any] = {}
        for event in batch:
            message = event.message
            name = (message.partition, message.key)
            standing = best[name].message.value if name in best else self._stored(*name)
            if message.value is not None and newer(message.value, standing):
                best[name] = event
        super().apply_changelog_batch(list(best.values()))

    async def on_recovery_completed(self, active_tps: set[Any], standby_tps: set[Any]) -> None:
        """Tell the host which partitions are whole again, before anything flows."""
        await super().on_recovery_completed(active_tps, standby_tps)
        self.recovered({tp.partition for tp in active_tps})

    def rows(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over one partition's rows."""
        return iter(self.data._visible_items(self.data._db_for_partition(partition)))

    def _stored(self, partition: int, key: bytes) -> bytes | None:
        value: bytes | None = self.data._db_for_partition(partition).get(key)
        return value
