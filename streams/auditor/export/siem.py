"""The audit as a stream of OCSF events in another Kafka topic, for a SIEM: at least once.

    1 read a batch behind the position that is committed
    2 produce its events, each under its entry's key
    3 flush: every broker that has to has them
    4 commit the position in the group `phigate-export-<topic>`

Whatever dies between 3 and 4 is produced again by the next run, with the same `metadata.uid`: a
SIEM that drops what it has seen by that id holds each entry once.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import NewTopic

from streams.audit.report import Unreadable
from streams.auditor.ask.facts import fact_of
from streams.auditor.export.file import line_of
from streams.auditor.proof.check import read
from streams.auditor.read.source import Stored
from streams.errors import BrokerError, OperatorError
from streams.wire import client, topics
from streams.wire.credential import as_role
from streams.wire.faults import MOVING, fail, patiently

if TYPE_CHECKING:
    from streams.settings import Settings

BATCH: Final = 500
POLL_S: Final = 1.0
TIMEOUT_S: Final = 30.0
KEPT_MS: Final = 7 * 86_400_000  # of a target topic that is made here
HEADERS: Final = [("content-type", b"application/json"), ("ocsf-class", b"6003")]


@dataclass
class SentEvents:
    """How many events went out, and how many records of the audit were none to send."""

    events: int = 0
    passed_over: int = 0


def stream(
    settings: "Settings",
    target: str,
    *,
    follow: bool,
    told: Callable[[SentEvents], None] = lambda _: None,
) -> SentEvents:
    """Send what is new to `target`, up to the present end or for ever; `told` after each batch.

    Raises BrokerError, and OperatorError where `target` is a topic of phigate's own.
    """
    settings = as_role(settings, "exporter")
    topic = topics.name(settings, "audit")
    group = f"phigate-export-{target}"
    _ensure(settings, target)
    sent = SentEvents()
    with closing(client.consumer(settings, group)) as reader:
        client.reach(reader, settings)
        spans = client.ends(reader, topic, None, client.REACH_TIMEOUT_S)
        starts = _committed(reader, topic, list(spans))
        reader.assign(starts)
        unread = {part: high for part, (low, high) in spans.items() if low < high}
        for start in starts:
            if start.offset >= unread.get(start.partition, 0):
                unread.pop(start.partition, None)
        producer = client.producer(settings)
        while unread or follow:
            batch = [each for each in reader.consume(BATCH, POLL_S) if _is_record(each, topic)]
            if batch:
                _send(producer, target, topic, batch, sent)
                _commit(reader, topic, batch, unread)
                told(sent)
    return sent


def _ensure(settings: "Settings", target: str) -> None:
    """Make the target where it is not there; refuse one of ours, whose records are another kind."""
    if topics.find(target, settings.prefix) is not None:
        raise OperatorError(
            f"{target} is a topic of phigate's own", code="own_topic", hint="name another topic"
        )
    admin = client.admin(settings)
    client.reach(admin, settings)
    if target in admin.list_topics(timeout=client.REACH_TIMEOUT_S).topics:
        return
    config = {"cleanup.policy": "delete", "retention.ms": str(KEPT_MS)}
    wanted = NewTopic(target, settings.partitions, -1, config=config)
    for made in admin.create_topics([wanted]).values():
        made.result(TIMEOUT_S)


def _committed(reader: Consumer, topic: str, parts: Sequence[int]) -> list[TopicPartition]:
    asked = [TopicPartition(topic, part) for part in parts]
    found = patiently(
        lambda: reader.committed(asked, timeout=client.REACH_TIMEOUT_S),
        client.REACH_TIMEOUT_S,
        "where the export had got to cannot be read",
    )
    return [
        TopicPartition(topic, each.partition, each.offset if each.offset >= 0 else OFFSET_BEGINNING)
        for each in found
    ]


def _is_record(message: Message, topic: str) -> bool:
    error = message.error()
    if error is None:
        return True
    if error.code() not in MOVING:
        fail(error, f"{topic}: reading stopped half-way")
    return False


def _send(
    producer: Producer, target: str, topic: str, batch: Sequence[Message], sent: SentEvents
) -> None:
    failed: list[str] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if why := client.undelivered(error, message):
            failed.append(why)

    for message in batch:
        record = Stored(
            message.partition(),
            message.offset(),
            message.timestamp()[1],
            message.key(),
            message.value(),
        )
        _, item = read(record)
        if isinstance(item, Unreadable):
            sent.passed_over += 1
            continue
        value = line_of(fact_of(record, item), topic).encode()
        producer.produce(target, value, record.key, headers=HEADERS, on_delivery=delivered)
        sent.events += 1
    if producer.flush(TIMEOUT_S) or failed:
        raise BrokerError(f"{target}: events were not accepted", code="not_delivered")


def _commit(reader: Consumer, topic: str, batch: Sequence[Message], unread: dict[int, int]) -> None:
    following = {each.partition(): each.offset() + 1 for each in batch}
    offsets = [TopicPartition(topic, part, at) for part, at in following.items()]
    reader.commit(offsets=offsets, asynchronous=False)
    for part, at in following.items():
        if unread.get(part, 0) <= at:
            unread.pop(part, None)
