"""What a cluster has, and changing it: the admin calls behind `phigate topics`."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from streams.cluster.plan import Change, ClusterState, TopicState, Wanted
from streams.errors import TopicError
from streams.wire import client
from streams.wire.faults import POLL_S, TIMED_OUT, fail, patiently

if TYPE_CHECKING:
    from concurrent.futures import Future

    from streams.settings import Settings

TIMEOUT_S = 15.0


def read(
    settings: "Settings", names: Collection[str], timeout_s: float = TIMEOUT_S
) -> ClusterState:
    """Return what the cluster has of these topics; may raise BrokerError."""
    admin = client.admin(settings)
    client.reach(admin, settings, timeout_s)
    what = "the cluster's topics cannot be read"
    return patiently(lambda: _read(admin, names, timeout_s), timeout_s, what)


def _read(admin: AdminClient, names: Iterable[str], timeout_s: float) -> ClusterState:
    metadata = admin.list_topics(timeout=timeout_s)
    found = {name: metadata.topics[name] for name in names if name in metadata.topics}
    return ClusterState(len(metadata.brokers), _states(admin, found, timeout_s))


def apply(
    settings: "Settings", changes: Iterable[Change], wanted: Wanted, timeout_s: float = TIMEOUT_S
) -> None:
    """Make the changes; TopicError, before the first of them, if any is refused.

    What already is so (another `apply` was faster) is no error. May raise BrokerError.
    """
    todo = list(changes)
    refused = [each for each in todo if each.kind == "refuse"]
    if refused:
        lines = (f"  {x.topic}: {x.setting} {x.before} → {x.after}: {x.why}" for x in refused)
        raise TopicError("nothing was changed, because this may not be:\n" + "\n".join(lines))
    admin = client.admin(settings)
    _create(admin, [x.topic for x in todo if x.kind == "create"], wanted, timeout_s)
    _set(admin, [x for x in todo if x.kind == "set"], timeout_s)
    grown = [NewPartitions(x.topic, int(x.after)) for x in todo if x.kind == "add_partitions"]
    _settle(admin.create_partitions(grown, request_timeout=timeout_s) if grown else {})


def await_seen(settings: "Settings", seen: Callable[[], bool]) -> None:
    """Wait until what was changed can be seen: the controller has it before the brokers tell it.

    BrokerError where it takes longer than any cluster in health needs.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while not seen():
        if time.monotonic() > deadline:
            fail(TIMED_OUT, f"{settings.prefix}* was changed, but the cluster does not show it")
        time.sleep(POLL_S)


def _create(admin: AdminClient, names: list[str], wanted: Wanted, timeout_s: float) -> None:
    by_name = {wanted.full_name(topic): topic for topic in wanted.topics}
    copies = wanted.replication
    new = [
        NewTopic(name, wanted.partitions, copies, config=by_name[name].config(copies))
        for name in names
    ]
    _settle(admin.create_topics(new, request_timeout=timeout_s) if new else {})
    _await_leaders(admin, set(names), timeout_s)


def _await_leaders(admin: AdminClient, names: set[str], timeout_s: float) -> None:
    # The controller has them at once; the broker that is asked next may need a moment longer.
    deadline = time.monotonic() + timeout_s
    while names:
        led = {
            name
            for name, topic in admin.list_topics(timeout=timeout_s).topics.items()
            if all(part.leader >= 0 for part in topic.partitions.values())
        }
        names = names - led
        if names and time.monotonic() > deadline:
            fail(TIMED_OUT, f"{min(names)} was created, but has no leader yet")
        time.sleep(POLL_S if names else 0)


def _set(admin: AdminClient, changes: list[Change], timeout_s: float) -> None:
    resources = [
        ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(x.setting, x.after, incremental_operation=AlterConfigOpType.SET)
                for x in changes
                if x.topic == name
            ],
        )
        for name in dict.fromkeys(x.topic for x in changes)
    ]
    if resources:
        _settle(admin.incremental_alter_configs(resources, request_timeout=timeout_s))


def _settle(futures: Mapping[Any, "Future[Any]"]) -> None:
    for about, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                name = getattr(about, "name", about)
                fail(error.args[0], f"{name} could not be changed")


# ---------------------------------------------------------------- what is there


def _states(
    admin: AdminClient, found: Mapping[str, Any], timeout_s: float
) -> dict[str, TopicState]:
    if not found:
        return {}
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in found]
    configs = {
        resource.name: {entry.name: entry.value for entry in future.result().values()}
        for resource, future in admin.describe_configs(resources, request_timeout=timeout_s).items()
    }
    full = _with_records(admin, found, timeout_s)
    return {
        name: TopicState(
            partitions=len(topic.partitions),
            replication=min(len(each.replicas) for each in topic.partitions.values()),
            config=configs[name],
            empty=name not in full,
        )
        for name, topic in found.items()
    }


def _with_records(admin: AdminClient, found: Mapping[str, Any], timeout_s: float) -> set[str]:
    places = [
        TopicPartition(name, number) for name, each in found.items() for number in each.partitions
    ]
    first = _offsets(admin, dict.fromkeys(places, OffsetSpec.earliest()), timeout_s)
    end = _offsets(admin, dict.fromkeys(places, OffsetSpec.latest()), timeout_s)
    return {place[0] for place in end if first[place] < end[place]}


def _offsets(
    admin: AdminClient, asked: Mapping[Any, OffsetSpec], timeout_s: float
) -> dict[tuple[str, int], int]:
    futures = admin.list_offsets(dict(asked), request_timeout=timeout_s)
    return {
        (place.topic, place.partition): future.result().offset for place, future in futures.items()
    }
