"""Back-pressure: an agent is told that the gate has enough, before it sends."""

import contextlib
import secrets
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition

from streams.agent import Agent
from streams.agent.backlog import Backlog
from streams.cluster import shape
from streams.errors import BrokerError
from streams.home.home import make_home
from streams.settings import Settings, load_settings
from streams.wire import client, topics

WAITING_MAX = 10


@pytest.fixture
def settings(kafka: str, tmp_path: Path) -> Settings:
    """Return settings of a gate that has topics and no workers."""
    made = load_settings(
        home=tmp_path,
        bootstrap=kafka,
        prefix=f"backlog-{secrets.token_hex(4)}.",
        intents_waiting_max=WAITING_MAX,
    )
    make_home(made)
    shape.apply(made)
    return made


def send(settings: Settings, count: int, name: str = "intents") -> None:
    """Put records into a topic, past the SDK."""
    producer = client.producer(settings)
    for number in range(count):
        producer.produce(topics.name(settings, name), key=str(number).encode(), value=b"x")
    assert producer.flush(240) == 0


def admit_all(settings: Settings) -> None:
    """Keep positions at the topic's ends, as admit does once it has read all."""
    _keep(settings, "intents", topics.positions(settings))


def fold_all(settings: Settings) -> None:
    """Keep positions at the log's ends, as the fold does."""
    _keep(settings, "cases", topics.app_id(settings, "fold"))


def _keep(settings: Settings, name: str, group: str) -> None:
    topic = topics.name(settings, name)
    with contextlib.closing(client.consumer(settings, group)) as keeper:
        spans = client.ends(keeper, topic, None, 10.0)
        kept = [TopicPartition(topic, number, high) for number, (_, high) in spans.items()]
        keeper.commit(offsets=kept, asynchronous=False)


def propose(agent: Agent) -> str:
    """Propose something."""
    return agent.propose("db.query", "Database/clinic", {"n": 1}, "Figures")


@pytest.mark.kafka
def test_a_long_queue_is_told_before_anything_is_sent(settings: Settings) -> None:
    """With more intents waiting than the bound, `propose` raises `gate_busy` and sends nothing."""
    admit_all(settings)  # a cluster's first group takes its time
    send(settings, WAITING_MAX + 1)
    with Agent("bot", settings) as agent, pytest.raises(BrokerError) as caught:
        propose(agent)
    assert "gate_busy" == caught.value.code
    with contextlib.closing(client.consumer(settings)) as reader:
        spans = client.ends(reader, topics.name(settings, "intents"), None, 10.0)
    assert WAITING_MAX + 1 == sum(high for _, high in spans.values())


@pytest.mark.kafka
def test_a_queue_within_the_bound_is_no_reason(settings: Settings) -> None:
    """With as many waiting as the bound, an intent is taken."""
    send(settings, WAITING_MAX)
    with Agent("bot", settings) as agent:
        assert propose(agent)


@pytest.mark.kafka
def test_what_was_admitted_does_not_wait(settings: Settings) -> None:
    """Only what stands behind the positions that admit keeps is counted."""
    send(settings, 3 * WAITING_MAX)
    admit_all(settings)
    send(settings, 4)
    assert 4 == Backlog(settings).waiting()


@pytest.mark.kafka
def test_what_the_fold_has_not_taken_waits_too(settings: Settings) -> None:
    """Where admit is quicker than the fold, the log's length is told all the same."""
    fold_all(settings)
    send(settings, 2, "cases")
    fold_all(settings)
    send(settings, WAITING_MAX + 1, "cases")
    assert WAITING_MAX + 1 == Backlog(settings).waiting()
    with pytest.raises(BrokerError) as caught:
        Backlog(settings).check()
    assert "gate_busy" == caught.value.code


def test_a_broker_that_is_away_is_not_called_busy(tmp_path: Path) -> None:
    """Where the number cannot be had, the check lets pass: sending tells what is wrong."""
    made = load_settings(home=tmp_path, bootstrap="127.0.0.1:9")
    Backlog(made).check()
