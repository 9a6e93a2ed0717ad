"""The table on a real broker: created, corrected, refused, checked."""

import dataclasses

import pytest
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from streams.cluster import admin as cluster
from streams.cluster import shape
from streams.cluster.plan import plan
from streams.errors import BrokerError, TopicError
from streams.settings import Settings
from streams.wire import client, topics

pytestmark = pytest.mark.kafka
EXECUTORS = ["sql"]


def set_config(settings: Settings, name: str, setting: str, value: str) -> None:
    """Change one setting of one topic behind the table's back."""
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
    admin = client.admin(settings)  # kept: without it, what it was asked is dropped
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()


def test_apply_makes_what_plan_says(place: Settings) -> None:
    """Everything is planned, applied, there, and fit for use; a second time there is nothing."""
    planned = shape.changes(place, EXECUTORS)
    assert {"create"} == {change.kind for change in planned}
    assert planned == shape.apply(place, EXECUTORS)
    assert [] == shape.changes(place, EXECUTORS)
    assert [] == shape.apply(place, EXECUTORS)
    shape.check(place, EXECUTORS)


def test_workers_do_not_start_on_missing_topics(place: Settings) -> None:
    """`check` names each topic that is not there."""
    with pytest.raises(TopicError, match=r"cases: there is no such topic"):
        shape.check(place)


def test_a_new_executor_class_gets_its_topics(place: Settings) -> None:
    """One class more in the directory is its grants and its notes more, and nothing else."""
    shape.apply(place, EXECUTORS)
    assert [f"{place.prefix}{name}.mail" for name in ("approved", "begun")] == [
        change.topic for change in shape.apply(place, [*EXECUTORS, "mail"])
    ]


def test_a_weakened_setting_stops_workers_and_is_corrected(place: Settings) -> None:
    """Behind our back: `check` names topic and setting, `apply` mends it with the records in it."""
    shape.apply(place)
    cases = topics.name(place, "cases")
    client.deliver(client.producer(place), cases, b"k", b"v")
    set_config(place, cases, "retention.ms", "60000000")
    with pytest.raises(TopicError, match=rf"{cases}: retention.ms is 60000000, must be 2419200000"):
        shape.check(place)
    [change] = shape.apply(place)
    assert ("set", cases, "retention.ms") == (change.kind, change.topic, change.setting)
    shape.check(place)
    assert [b"v"] == [record.value for record in client.records(place, cases)]


def test_what_would_lose_records_is_refused_and_nothing_else_is_done(place: Settings) -> None:
    """A compacted log with records stays as it is, and so does the topic that is missing."""
    shape.apply(place)
    cases = topics.name(place, "cases")
    set_config(place, cases, "cleanup.policy", "compact")
    client.deliver(client.producer(place), cases, b"k", b"v")
    with pytest.raises(TopicError, match=rf"{cases}: cleanup.policy compact → delete"):
        shape.apply(place, EXECUTORS)
    assert {"refuse", "create"} == {change.kind for change in shape.changes(place, EXECUTORS)}


def test_partitions_grow_while_a_topic_is_empty(place: Settings) -> None:
    """Two become three everywhere; once one has a record, its keys stay where they are."""
    shape.apply(place)
    three = place.model_copy(update={"partitions": 3})
    assert {"add_partitions"} == {change.kind for change in shape.apply(three)}
    assert [] == shape.changes(three)
    client.deliver(client.producer(place), topics.name(place, "cases"), b"k", b"v")
    four = place.model_copy(update={"partitions": 4})
    with pytest.raises(TopicError, match="keys would move"):
        shape.apply(four)
    assert [] == shape.changes(three)


def test_another_apply_may_be_faster(place: Settings) -> None:
    """Topics that appear between plan and apply are no error."""
    state, wanted = shape.compare(place)
    planned = plan(state, wanted)
    shape.apply(place)
    cluster.apply(place, planned, wanted)
    assert [] == shape.changes(place)


def test_a_topic_that_somebody_made_by_hand_is_brought_into_line(place: Settings) -> None:
    """Kafka's defaults on an empty topic become ours, setting by setting."""
    cases = topics.name(place, "cases")
    admin = client.admin(place)
    for future in admin.create_topics([NewTopic(cases, 1, 1)]).values():
        future.result()
    done = {change.setting for change in shape.apply(place) if change.topic == cases}
    assert {"partitions", "retention.ms", "max.message.bytes", "message.timestamp.type"} == done
    assert [] == shape.changes(place)


def test_more_copies_than_brokers_is_an_error_for_people(place: Settings) -> None:
    """Kafka's refusal is told as ours, with the topic's name."""
    state, wanted = shape.compare(place)
    nine = dataclasses.replace(wanted, replication=9)
    with pytest.raises(BrokerError, match=rf"{place.prefix}\w+ could not be changed"):
        cluster.apply(place, plan(state, nine), nine)
