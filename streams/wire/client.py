"""confluent-kafka, set up once: clients that lose nothing, and errors that say what to do.

Everything here waits within a bound and raises `BrokerError`; nothing is written to stderr
(librdkafka's own lines go to the logger `phigate.kafka`). A customer's `settings.kafka` may add
to the configuration, but may not weaken what `_PRODUCER` and `_CONSUMER` insist on.
"""

import json
import logging
import re
import time
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError, SettingsError
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
from streams.wire.topic import RECORD_BYTES_MAX

if TYPE_CHECKING:
    from streams.settings import Settings

REACH_TIMEOUT_S = 10.0
DELIVER_TIMEOUT_S = 30.0

_LOG = logging.getLogger("phigate.kafka")
_LOG.addHandler(logging.NullHandler())  # else Python prints what nobody asked to see

_PRODUCER = {
    "acks": "all",
    "enable.idempotence": True,
    "partitioner": "murmur2_random",  # as Java's and Faust's; librdkafka's own is another
    "message.max.bytes": RECORD_BYTES_MAX,
}
_PRODUCER_DEFAULTS = {
    "enable.gapless.guarantee": True,  # after a record that failed nothing else goes out: see below
    "message.timeout.ms": int(DELIVER_TIMEOUT_S * 1000),
    "linger.ms": 5,
}
_CONSUMER = {
    "enable.auto.commit": False,  # whoever reads says when it is done
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_uncommitted",  # what the workers see
    "message.max.bytes": RECORD_BYTES_MAX,
    "fetch.message.max.bytes": RECORD_BYTES_MAX,
    "queued.max.messages.kbytes": 16_384,
    "session.timeout.ms": 10_000,
}


def bootstrap(settings: "Settings") -> str:
    """Return the brokers' addresses: the setting, else those of the embedded broker's state file.

    BrokerError `no_broker` where there is neither, `bad_state` where the file cannot be read.
    """
    if settings.bootstrap:
        return settings.bootstrap
    file = settings.home / "kafka" / "cluster.json"
    try:
        nodes = json.loads(file.read_bytes())["nodes"]
        return ",".join(f"127.0.0.1:{int(node['port'])}" for node in nodes)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError):
        raise BrokerError(
            f"{file} cannot be read",
            code="bad_state",
            hint="`phigate kafka reset` starts afresh, without the data",
        ) from None
    raise BrokerError(
        "no broker is configured and none was started here",
        code="no_broker",
        hint="start one with `phigate kafka up`, or set PHIGATE_BOOTSTRAP=host:port",
    )


def producer(settings: "Settings", **over: object) -> Producer:
    """Return an idempotent producer; `over` adds librdkafka settings, dots written as underscores.

    It connects in the background: `reach` waits for that. A record that the broker itself refuses
    (too large for the topic) ends a gapless producer: every later `deliver` raises BrokerError
    `producer_ended`. SettingsError where librdkafka does not take `settings.kafka`.
    """
    config = {**_PRODUCER_DEFAULTS, **_dotted(over), **_PRODUCER}
    return _open(Producer, settings, config)


def consumer(settings: "Settings", group: str | None = None, **over: object) -> Consumer:
    """Return a consumer that commits nothing by itself; without a group it is for `assign` only.

    `over` and SettingsError as for `producer`.
    """
    config = {**_CONSUMER, **_dotted(over), "group.id": group or "phigate-reader"}
    return _open(Consumer, settings, config)


def admin(settings: "Settings") -> AdminClient:
    """Return an admin client; it connects in the background. SettingsError as for `producer`."""
    return _open(AdminClient, settings, {})


def _open(kind: Any, settings: "Settings", config: Mapping[str, object]) -> Any:
    shared = {
        "client.id": "phigate",
        "log_level": 3,  # errors
        **settings.kafka,
        "bootstrap.servers": bootstrap(settings),
    }
    try:
        return kind({**shared, **config}, logger=_LOG)
    except KafkaException as error:
        named = re.search(r'property:? "([\w.]+)"', error.args[0].str())  # never its value
    raise SettingsError(
        f"librdkafka refuses the Kafka setting {named[1] if named else 'given'}",
        code="bad_kafka_setting",
        hint="see PHIGATE_KAFKA or `kafka` in phigate.toml, and librdkafka's CONFIGURATION.md",
    )


def reach(
    client: Producer | Consumer | AdminClient,
    settings: "Settings",
    timeout_s: float = REACH_TIMEOUT_S,
) -> None:
    """Return once a broker answers; BrokerError `broker_away` with the address after the time."""
    try:
        client.list_topics(timeout=timeout_s)
    except KafkaException as error:
        address = bootstrap(settings)
        fail(error.args[0], f"the broker at {address} did not answer within {timeout_s:g} s")


def deliver(  # noqa: PLR0913 - a record's parts, as Kafka has them
    client: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    *,
    headers: Mapping[str, bytes] | None = None,
    partition: int | None = None,
    timeout_s: float = DELIVER_TIMEOUT_S,
) -> tuple[int, int]:
    """Produce one record and return (partition, offset) once every in-sync broker has it.

    After a BrokerError `broker_away` the record may still have arrived: send it again, under the
    same id.
    """
    reports: list[tuple[KafkaError | None, Message]] = []
    deadline = time.monotonic() + timeout_s
    record: dict[str, Any] = {"key": key, "value": value, "headers": list((headers or {}).items())}
    if partition is not None:
        record["partition"] = partition
    _produce(client, deadline, topic, record, lambda *report: reports.append(report))
    while not reports and time.monotonic() < deadline:
        _poll(client, min(POLL_S, timeout_s))
    if not reports:
        fail(TIMED_OUT, f"{topic}: no broker took the record in time")
    error, message = reports[0]
    if error is not None:
        fail(error, f"{topic}: the record was not accepted")
    return int(message.partition()), int(message.offset())


def _produce(
    client: Producer, deadline: float, topic: str, record: dict[str, Any], report: Any
) -> None:
    while True:
        try:
            client.produce(topic, on_delivery=report, **record)
        except BufferError:  # the local queue is full: let some of it go
            if time.monotonic() > deadline:
                fail(TIMED_OUT, f"{topic}: the queue stays full")
            _poll(client, POLL_S)
        except KafkaException as error:
            fail(error.args[0], f"{topic}: the record was not accepted")
        else:
            return


def _poll(client: Producer, timeout_s: float) -> None:
    try:
        client.poll(timeout_s)
    except KafkaException:  # the producer has ended; the delivery reports behind this say why
        with suppress(KafkaException):
            client.poll(0)


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Record:
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
    follow: bool = False,
    timeout_s: float = REACH_TIMEOUT_S,
) -> Generator[Record, None, None]:
    """Yield a topic's records, each partition in its order, up to its end as it is now.

    `since_ms` skips what the broker took earlier; `follow` never ends. BrokerError when no broker
    answers, or nothing moves, for `timeout_s`; `no_topic` where there is no such topic.
    """
    with closing(consumer(settings, enable_partition_eof=True)) as reader:
        reach(reader, settings, timeout_s)
        spans = ends(reader, topic, partitions, timeout_s)
        reader.assign(_starts(reader, topic, spans, since_ms, timeout_s))
        unread = {number: high for number, (low, high) in spans.items() if low < high}
        yield from _read(reader, topic, unread, follow, timeout_s)


def _read(
    reader: Consumer, topic: str, unread: dict[int, int], follow: bool, timeout_s: float
) -> Iterator[Record]:
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


def _record(message: Message) -> Record:
    return Record(
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


# ---------------------------------------------------------------- configuration and partitions


def _dotted(over: Mapping[str, object]) -> dict[str, object]:
    return {  # callbacks (`error_cb`) are spelt with an underscore
        name if name.endswith("_cb") else name.replace("_", "."): value
        for name, value in over.items()
    }


def partition_of(key: bytes, partitions: int) -> int:
    """Return where Java's default partitioner, Faust's, and ours put a key: murmur2."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return Kafka's hash of a key, unsigned (org.apache.kafka.common.utils.Utils.murmur2)."""
    mixed, mask = 0x5BD1E995, 0xFFFFFFFF
    state = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * mixed & mask
        word = (word ^ word >> 24) * mixed & mask
        state = (state * mixed & mask) ^ word
    if data[whole:]:
        state = (state ^ int.from_bytes(data[whole:], "little")) * mixed & mask
    state = (state ^ state >> 13) * mixed & mask
    return state ^ state >> 15
