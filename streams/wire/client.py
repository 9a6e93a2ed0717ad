"""confluent-kafka for the other rooms: clients, one awaited delivery, and reading to the end.

Everything here waits within a bound and raises `BrokerError`.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.wire.connect import (
    DELIVER_TIMEOUT_S,
    REACH_TIMEOUT_S,
    admin,
    bootstrap,
    consumer,
    producer,
    reach,
)
from streams.wire.faults import POLL_S, TIMED_OUT, fail, undelivered
from streams.wire.partitions import murmur2, partition_of
from streams.wire.reader import KafkaRecord, ends, records

__all__ = [
    "DELIVER_TIMEOUT_S",
    "REACH_TIMEOUT_S",
    "KafkaRecord",
    "admin",
    "bootstrap",
    "consumer",
    "deliver",
    "ends",
    "murmur2",
    "partition_of",
    "producer",
    "reach",
    "records",
    "undelivered",
]


def deliver(  # noqa: PLR0913 - a record's parts, as Kafka has them
    client: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    *,
    headers: Mapping[str, bytes] | None = None,
    partition: int | None = None,
    taken: list[int] | None = None,
    timeout_s: float = DELIVER_TIMEOUT_S,
) -> tuple[int, int]:
    """Produce one record and return (partition, offset) once every in-sync broker has it.

    The broker's time of it is put into `taken`.

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
    if why := undelivered(error, message):
        fail(error or TIMED_OUT, f"{topic}: {why}")
    if taken is not None:
        taken.append(int(message.timestamp()[1]))
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
