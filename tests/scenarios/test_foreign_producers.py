"""Senders whose Kafka client is set up in ways of its own, or is none that anybody sells."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer import message_accumulator, producer
from aiokafka.record import default_records
from confluent_kafka import Producer, TopicPartition

from streams.events import Effected
from streams.wire import client, codec
from tests.scenarios.house import WAIT_S, House, Sent

pytestmark = pytest.mark.kafka


def in_a_transaction(house: House, key: str, value: bytes, *, commit: bool) -> Sent:
    """Write a record in a transaction and end it; return once its marker stands behind it."""
    sender = Producer(
        {
            "bootstrap.servers": house.settings.bootstrap,
            "partitioner": "murmur2_random",
            "transactional.id": f"agent-{key}",
        }
    )
    sender.init_transactions(WAIT_S)
    sender.begin_transaction()
    sent = Sent(
        house.topic("intents"),
        *client.deliver(sender, house.topic("intents"), key.encode(), value),
    )
    if commit:
        sender.commit_transaction(WAIT_S)
    else:
        sender.abort_transaction(WAIT_S)
    wait_for_end(house, sent, sent.offset + 2)
    return sent


def wait_for_end(house: House, sent: Sent, end: int) -> None:
    """Wait until a partition ends there: a marker is written a moment after the commit."""
    reader = client.consumer(house.settings)
    place = TopicPartition(sent.topic, sent.partition)
    over = time.monotonic() + WAIT_S
    while reader.get_watermark_offsets(place, WAIT_S)[1] < end:
        assert time.monotonic() < over
        time.sleep(0.05)
    reader.close()


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "aborted"])
def test_a_transaction_s_marker_stops_nobody(house: House, commit: bool) -> None:
    """It takes an offset and holds no record: what stands behind it is admitted all the same."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id())
        in_a_transaction(house, intent.intent_id, codec.encode(intent), commit=commit)
        behind = house.ask(house.aggregate(intent_id=beside.new_id()))
        assert (Effected.GRANTED, "") == house.told(behind)


@pytest.mark.parametrize(
    "headers",
    [
        [("traceparent", b"\xff\xfe\x00" * 100)],
        [("", b"")],
        [("ce_id", None)],
        [(f"h{number}", b"x" * 100) for number in range(1_000)],
        [("same", b"1"), ("same", b"2")],
    ],
    ids=["binary", "no name", "no value", "a thousand", "twice"],
)
def test_headers_are_nobody_s_business(
    house: House, headers: list[tuple[str, bytes | None]]
) -> None:
    """Nothing is decided by them, so nothing in them can decide."""
    sender = client.producer(house.settings)
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id())
        places: list[tuple[int, int]] = []
        sender.produce(
            house.topic("intents"),
            key=intent.intent_id,
            value=codec.encode(intent),
            headers=headers,
            on_delivery=lambda _, message: places.append((message.partition(), message.offset())),
        )
        assert 0 == sender.flush(WAIT_S)
        assert (Effected.GRANTED, "") == house.told(Sent(house.topic("intents"), *places[0]))


class NotText(str):
    """A header's name whose bytes are no UTF-8: no honest client can send it."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        """Return bytes that cannot be decoded."""
        return b"\xff\xfe"


async def send_header(house: House, key: str, name: str) -> Sent:
    """Write a record with a header of this name."""
    sender = AIOKafkaProducer(bootstrap_servers=house.settings.bootstrap)
    await sender.start()
    try:
        partition = client.partition_of(key.encode(), house.settings.partitions)
        told = await sender.send_and_wait(
            house.topic("intents"),
            b"junk",
            key=key.encode(),
            partition=partition,
            headers=[(name, b"value")],
        )
    finally:
        await sender.stop()
    return Sent(told.topic, told.partition, told.offset)


def test_a_header_s_name_that_is_no_text_stops_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker lets it pass, and the workers' client would fail to decode it."""
    lenient = default_records._DefaultRecordBatchBuilderPy
    monkeypatch.setattr(message_accumulator, "DefaultRecordBatchBuilder", lenient)
    monkeypatch.setattr(producer, "DefaultRecordBatchBuilder", lenient)
    with house.undisturbed() as beside:
        sent = asyncio.run(send_header(house, beside.request.intent_id, NotText("name")))
        assert (Effected.REFUSED, "not_avro") == house.told(sent)
