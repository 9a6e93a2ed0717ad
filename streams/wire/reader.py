"""Reading a topic, from its beginning or a time, to its end or for ever."""

import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, Message, TopicPartition

from streams.wire.connect import REACH_TIMEOUT_S, consumer, reach
from streams.wire.faults import (
    MOVING,
    PARTITION_EOF,
    POLL_S,
    TIMED_OUT,
    UNKNOWN_PARTITION,
    UNKNOWN_TOPIC,
    fail,
    patiently,
)

if TYPE_CHECKING:
    from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class KafkaRecord:
    """One record as it lies in Kafka; `timestamp_ms` is the broker's clock on our topics."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def records(  # noqa: PLR0913 - each narrows what is read, all but the first two by name
    settings: "Settings",
    topic: str,
    partitions: Collection[int] | None = None,
    since_ms: int | None = None,
    *,
    starts: Mapping[int, int] | None = None,
    follow: bool = False,
    timeout_s: float = REACH_TIMEOUT_S,
) -> Generator[KafkaRecord, None, None]:
    """Yield a topic's records, each partition in its order, up to its end as it is now.

    `since_ms` skips what the broker took earlier, `starts` what stands before these offsets, by
    partition; `follow` never ends. BrokerError when no broker answers, or nothing moves, for
    `timeout_s`; `no_topic` where there is no such topic.
    """
    with closing(consumer(settings, enable_partition_eof=True)) as reader:
        reach(reader, settings, timeout_s)
        spans = ends(reader, topic, partitions, timeout_s)
        begun = starts or {}
        reader.assign(
            [
                TopicPartition(topic, each.partition, begun.get(each.partition, each.offset))
                for each in _starts(reader, topic, spans, since_ms, timeout_s)
            ]
        )
        unread = {
            number: high
            for number, (low, high) in spans.items()
            if max(low, begun.get(number, 0)) < high
        }
        yield from _read(reader, topic, unread, follow, timeout_s)


def _read(
    reader: Consumer, topic: str, unread: dict[int, int], follow: bool, timeout_s: float
) -> Iterator[KafkaRecord]:
    quiet_until = time.monotonic() + timeout_s
    while unread or follow:
        message = reader.poll(POLL_S)
        if message is None:
            if not follow and time.monotonic() > quiet_until:
                fail(TIMED_OUT, f"{topic}: reading stopped half-way")
            continue
        partition, error = message.partition(), message.error()
        if error is None:
            yield _record(message)
            if unread.get(partition, 0) <= message.offset() + 1:
                unread.pop(partition, None)
        elif error.code() == PARTITION_EOF:
            unread.pop(partition, None)
        elif not (follow and error.code() in MOVING):
            fail(error, f"{topic}: reading stopped half-way")
        quiet_until = time.monotonic() + timeout_s  # afresh: the caller may have taken its time


def _record(message: Message) -> KafkaRecord:
    return KafkaRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp_ms=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=tuple(message.headers() or ()),
    )


def ends(
    reader: Consumer, topic: str, partitions: Collection[int] | None, timeout_s: float
) -> dict[int, tuple[int, int]]:
    """Return each partition's first and next offset; BrokerError `no_topic` if there are none."""
    what = f"{topic} cannot be read"
    return patiently(lambda: _ends(reader, topic, partitions, timeout_s), timeout_s, what)


def _ends(
    reader: Consumer, topic: str, partitions: Collection[int] | None, timeout_s: float
) -> dict[int, tuple[int, int]]:
    known = reader.list_topics(timeout=timeout_s).topics.get(topic)
    if known is None:
        fail(UNKNOWN_TOPIC, f"there is no topic {topic}")
    wanted = set(known.partitions) if partitions is None else set(partitions)
    if not wanted <= set(known.partitions):
        count = len(known.partitions)
        fail(UNKNOWN_PARTITION, f"{topic} has partitions 0 to {count - 1}")
    return {
        number: reader.get_watermark_offsets(TopicPartition(topic, number), timeout=timeout_s)
        for number in sorted(wanted)
    }


def _starts(
    reader: Consumer, topic: str, numbers: Iterable[int], since_ms: int | None, timeout_s: float
) -> list[TopicPartition]:
    if since_ms is None:
        return [TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers]
    asked = [TopicPartition(topic, number, since_ms) for number in numbers]
    what = f"{topic} cannot be read"
    found = patiently(lambda: reader.offsets_for_times(asked, timeout=timeout_s), timeout_s, what)
    return [
        TopicPartition(topic, each.partition, each.offset if each.offset >= 0 else OFFSET_END)
        for each in found
    ]
