"""Following the topic `checkpoints`: how far the audit has signed each shard, as anybody can check.

Only a note that a pinned audit key signed counts. Its own consumer, without a group: every worker
follows the whole topic, beginning so far before its end that each shard's newest note is behind it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from streams.audit.checkpoint import ALL, Head, read
from streams.audit.merkle import EMPTY_ROOT
from streams.audit.note import parse, verified
from streams.errors import SignatureError, WireError
from streams.events import Checkpoint
from streams.settings import Settings
from streams.signing import PublicKey
from streams.wire import client, codec, topics

BEHIND_MAX = 20_000  # records of a partition that are read again at the start
BATCH = 500
POLL_S = 0.2


class Checkpoints:
    """The newest signed tree of each shard. `follow` runs for ever beside the agents."""

    def __init__(
        self,
        settings: Settings,
        keys: Sequence[PublicKey],
        ends_ms: Mapping[str, int] | None = None,
    ) -> None:
        self._ends_ms = ends_ms or {}
        self._settings = settings
        self._keys = tuple(keys)
        self._heads: dict[int, Head] = {}
        self._unread: dict[int, int] | None = None
        self.last_all: list[Head] = []

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there at the start has been read."""
        return self._unread is not None and not self._unread

    def head(self, shard: int) -> Head | None:
        """Return the newest signed tree of the shard, if one is known."""
        return self._heads.get(shard)

    def size(self, shard: int) -> int:
        """Return how many entries of the shard are signed."""
        return self._heads[shard].size if shard in self._heads else 0

    def heads(self, shards: int) -> list[Head]:
        """Return the newest tree of each shard, empty ones too."""
        return [self._heads.get(shard, Head(0, EMPTY_ROOT)) for shard in range(shards)]

    async def follow(self) -> None:
        """Read what is there and what comes, for ever."""
        consumer = await asyncio.to_thread(self._open)
        try:
            while True:
                for message in await asyncio.to_thread(consumer.consume, BATCH, POLL_S):
                    if message.error() is None:
                        self.take(message.value() or b"", message.timestamp()[1])
                        self._count(message.partition(), message.offset())
                await asyncio.to_thread(self._reached, consumer)
        finally:
            await asyncio.to_thread(consumer.close)

    def take(self, value: bytes, stamp_ms: int = 0) -> None:
        """Take one record; what is no note of ours, or signed by nobody known, says nothing.

        Nor does one that came, by the broker's stamp, after the end of the key that signed it.
        """
        try:
            record = codec.decode(value, Checkpoint)
            if record.witness or (record.shard != ALL and record.size <= self.size(record.shard)):
                return
            note = parse(record.note)
            end_ms = self._ends_ms.get(verified(note, self._keys).key_id)
            if end_ms is not None and stamp_ms > end_ms + self._settings.clock_skew_ms_max:
                return
            said = read(note.text)
        except (WireError, SignatureError):
            return
        if said.shard == ALL:
            self.last_all = list(said.shards)
            for shard, head in enumerate(said.shards):
                self._newer(shard, head)
        else:
            self._newer(said.shard, said.head)

    def _newer(self, shard: int, head: Head) -> None:
        if head.size > self.size(shard):
            self._heads[shard] = head

    def _open(self) -> Any:
        name = topics.name(self._settings, "checkpoints")
        consumer = client.consumer(self._settings)
        client.reach(consumer, self._settings)
        spans = client.ends(consumer, name, None, client.REACH_TIMEOUT_S)
        consumer.assign(
            [
                TopicPartition(name, number, high - BEHIND_MAX)
                if high - BEHIND_MAX > low
                else TopicPartition(name, number, OFFSET_BEGINNING)
                for number, (low, high) in spans.items()
            ]
        )
        self._unread = {number: high for number, (low, high) in spans.items() if low < high}
        return consumer

    def _count(self, partition: int, offset: int) -> None:
        if self._unread and self._unread.get(partition, offset + 2) <= offset + 1:
            self._unread.pop(partition, None)

    def _reached(self, consumer: Any) -> None:
        """Note partitions whose last records compaction took: nothing more will come of them."""
        if not self._unread:
            return
        name = topics.name(self._settings, "checkpoints")
        for place in consumer.position([TopicPartition(name, each) for each in self._unread]):
            if place.offset >= self._unread.get(place.partition, place.offset + 1):
                self._unread.pop(place.partition)
