"""Fifty megabytes arrive, by every way there is."""

import os

import pytest
from confluent_kafka import Producer

from streams.agent import Agent
from streams.errors import BrokerError, InputError
from streams.events import Effected
from streams.wire import client
from tests.scenarios.house import House, Sent

pytestmark = pytest.mark.kafka

LARGE = 50_000_000


def unlimited(house: House, **settings: str) -> Producer:
    """Return a producer of somebody who set all limits of their own as high as they go."""
    return Producer(
        {
            "bootstrap.servers": house.settings.bootstrap,
            "message.max.bytes": 2 * LARGE,
            "partitioner": "murmur2_random",
            **{name.replace("_", "."): value for name, value in settings.items()},
        }
    )


def test_the_sdk_refuses_before_anything_is_sent(house: House) -> None:
    """The error says the limit and what to do; the intents' topic holds nothing of it."""
    with house.undisturbed(), Agent("bot", house.settings) as agent:
        before = len(house.records("intents"))
        with pytest.raises(InputError, match="the limit is 262144") as refused:
            agent.propose("db.query", "Database/clinic", {"sql": "x" * LARGE}, "Figures")
        assert "too_large" == refused.value.code
        assert before == len(house.records("intents"))


@pytest.mark.parametrize("topic", ["intents", "decisions", "outcomes"])
def test_fifty_megabytes_that_compress_well_are_recorded_as_refused(
    house: House, topic: str
) -> None:
    """The broker counts compressed bytes, so it lets them pass; admit does not read them."""
    producer = unlimited(house, compression_type="gzip")
    with house.undisturbed() as beside:
        key = beside.request.intent_id.encode()
        place = client.deliver(producer, house.topic(topic), key, b"\0" * LARGE)
        sent = Sent(house.topic(topic), *place)
        assert (Effected.REFUSED, "too_large") == house.told(sent)


def test_fifty_megabytes_that_do_not_compress_are_the_broker_s_to_refuse(house: House) -> None:
    """A raw sender gets a clear error, and nothing is stored."""
    producer = unlimited(house)
    with house.undisturbed() as beside, pytest.raises(BrokerError, match="not accepted") as refused:
        client.deliver(
            producer, house.topic("intents"), beside.new_id().encode(), os.urandom(LARGE)
        )
    assert "too_large" == refused.value.code


def test_params_one_byte_over_the_limit_are_refused(house: House) -> None:
    """A sender without the SDK meets the same limit at the gate."""
    limit = house.settings.params_bytes_max
    with house.undisturbed() as beside:
        over = b'"' + b"x" * (limit - 1) + b'"'
        sent = house.ask(house.aggregate(intent_id=beside.new_id(), raw=over))
        assert (Effected.DENIED, "too_large") == house.told(sent)


@pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd", "snappy"])
def test_a_sender_may_compress_as_it_likes(house: House, codec: str) -> None:
    """Kafka has four codecs, and each sender chooses; a worker must read them all."""
    producer = unlimited(house, compression_type=codec)
    with house.undisturbed() as beside:
        key = beside.request.intent_id.encode()
        place = client.deliver(producer, house.topic("intents"), key, b"zip" * 1_000)
        assert (Effected.REFUSED, "not_avro") == house.told(Sent(house.topic("intents"), *place))
