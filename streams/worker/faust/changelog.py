"""Reading a table's changelog to its end, with a client whose errors are errors."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client
from streams.wire.faults import patiently

BATCH = 1_000
QUIET_S = 30.0  # this long without a record or an end, and the broker is away


@dataclass
class ChangelogPart:
    """Rows of one partition, in their order; all before `reached`, it included, has been read."""

    partition: int
    reached: int
    shorter: bool = False
    rows: list[tuple[bytes, bytes]] = field(default_factory=list)


def read(settings: Settings, topic: str, starts: Mapping[int, int]) -> Iterator[ChangelogPart]:
    """Yield what stands in each partition from its start to its end as it is now.

    A part is `shorter` where the partition ends before its start: the broker lost what was there.
    Raises BrokerError.
    """
    if not starts:
        return
    with closing(client.consumer(settings, enable_partition_eof=True)) as reader:
        try:
            ends = _ends(reader, topic, starts)
            for partition, start in starts.items():
                if start > ends[partition]:
                    yield ChangelogPart(partition, ends[partition] - 1, shorter=True)
            wanted = {p: start for p, start in starts.items() if start < ends[p]}
            reader.assign([TopicPartition(topic, p, start) for p, start in wanted.items()])
            yield from _read(reader, {partition: ends[partition] for partition in wanted})
        except KafkaException as error:
            raise BrokerError(f"{topic} cannot be read: {error.args[0].name()}") from None


def _ends(reader: Any, topic: str, starts: Mapping[int, int]) -> dict[int, int]:
    return {
        number: patiently(partial(_end, reader, topic, number), QUIET_S, f"{topic} cannot be read")
        for number in starts
    }


def _end(reader: Any, topic: str, number: int) -> int:
    return int(reader.get_watermark_offsets(TopicPartition(topic, number), timeout=QUIET_S)[1])


def _read(reader: Any, unread: dict[int, int]) -> Iterator[ChangelogPart]:
    quiet_until_s = time.monotonic() + QUIET_S
    while unread:
        parts: dict[int, ChangelogPart] = {}
        rows: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
        for message in reader.consume(BATCH, timeout=0.5):
            partition, offset, error = message.partition(), message.offset(), message.error()
            if error is None:
                rows[partition].append((message.key() or b"", message.value() or b""))
                reached = offset
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its name for it
                reached = offset - 1  # compaction may have taken the last offsets before the end
            else:
                raise KafkaException(error)
            parts[partition] = ChangelogPart(partition, reached, rows=rows[partition])
            quiet_until_s = time.monotonic() + QUIET_S
            if reached + 1 >= unread.get(partition, 0):
                unread.pop(partition, None)
        yield from parts.values()
        if time.monotonic() > quiet_until_s:
            raise BrokerError("reading a changelog stopped half-way")
