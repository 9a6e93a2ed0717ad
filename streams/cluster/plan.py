"""The table against a cluster, as a pure function: what to change, what to refuse, what is broken.

A cluster may keep more than the table asks (longer retention, larger records, more copies); less is
changed, and whatever would lose a record or move a key is refused with the reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from streams.wire.topic import Topic

Kind = Literal["create", "set", "add_partitions", "refuse"]


@dataclass(frozen=True, slots=True)
class TopicState:
    """One topic as a cluster has it; `config` holds its effective settings."""

    partitions: int
    replication: int
    config: Mapping[str, str]
    empty: bool


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What a cluster has: how many brokers, and its topics by their full names."""

    brokers: int
    topics: Mapping[str, TopicState]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the cluster should have: the table, and the settings that it depends on."""

    topics: tuple[Topic, ...]
    prefix: str
    partitions: int
    replication: int

    def full_name(self, topic: Topic) -> str:
        """Return the topic's name in the cluster."""
        return topic.full_name(self.prefix)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do, or with `kind` refuse, one that must not be done and `why`.

    `setting` is a Kafka setting's name, or `partitions`, or `replication`.
    """

    kind: Kind
    topic: str
    setting: str = ""
    before: str = ""
    after: str = ""
    why: str = ""


# ---------------------------------------------------------------- one setting


@dataclass(frozen=True, slots=True)
class TopicRule:
    """When a found value will do for a wanted one, and whether workers insist on it.

    `loses` tells whether changing (found, wanted) on a topic with records would lose some.
    """

    accepts: Callable[[str, str], bool]
    insist: bool
    why: str
    loses: Callable[[str, str], bool] = lambda _found, _wanted: False


def _same(found: str, wanted: str) -> bool:
    return set(found.split(",")) == set(wanted.split(","))


def _at_least(found: str, wanted: str) -> bool:
    return _size(found) >= _size(wanted)


def _at_most(found: str, wanted: str) -> bool:
    return _size(found) <= _size(wanted)


def _removes(found: str, wanted: str) -> bool:
    """Tell whether records would go, or a log with holes from compaction would pass for whole."""
    had, will = set(found.split(",")), set(wanted.split(","))
    return not will <= had or ("compact" in had and "compact" not in will)


def _shorter(found: str, wanted: str) -> bool:
    return not _at_least(wanted, found)


def _size(value: str) -> float:
    return float("inf") if value == "-1" else float(value)


_RULES: Mapping[str, TopicRule] = {
    "cleanup.policy": TopicRule(
        _same, True, "the other policy removes records still needed", _removes
    ),
    "retention.ms": TopicRule(_at_least, True, "records would go before they are read"),
    "retention.bytes": TopicRule(_at_least, True, "records would go before they are read"),
    "segment.ms": TopicRule(_at_most, False, "records outlive their retention by a whole segment"),
    "min.compaction.lag.ms": TopicRule(
        _at_least, True, "a worker that wakes could hide a newer row behind its stale one"
    ),
    "max.compaction.lag.ms": TopicRule(_at_most, False, "an erased event stays on the disk"),
    "max.message.bytes": TopicRule(_at_least, True, "the largest record would not fit"),
    "message.timestamp.type": TopicRule(
        _same, True, "a sender's clock would decide what is deleted"
    ),
    "unclean.leader.election.enable": TopicRule(
        _same, True, "a broker that lags could lose the log"
    ),
    "min.insync.replicas": TopicRule(_at_least, True, "an acknowledged record could be lost"),
}

# Plain PHI may not be kept longer than said: here alone, more is not as good.
_EXACT_RETENTION = TopicRule(_same, False, "plain PHI is kept longer than it may be", _shorter)


def _faults(topic: Topic, state: TopicState) -> Iterator[tuple[str, str, str, TopicRule]]:
    """Yield (setting, found, wanted, rule) for each setting that will not do."""
    for setting, wanted in topic.config(state.replication).items():
        found = state.config.get(setting, wanted)
        rule = _RULES[setting]
        if topic.record == "Intent" and setting == "retention.ms" and _shorter(found, wanted):
            rule = _EXACT_RETENTION
        if not rule.accepts(found, wanted):
            yield setting, found, wanted, rule


# ---------------------------------------------------------------- plan


def plan(state: ClusterState, wanted: Wanted) -> list[Change]:
    """Return what would make the cluster as wanted, in the table's order; empty if it is so."""
    changes: list[Change] = []
    for topic in wanted.topics:
        found = state.topics.get(wanted.full_name(topic))
        changes.extend(_create(topic, wanted) if found is None else _mend(topic, found, wanted))
    return changes


def _create(topic: Topic, wanted: Wanted) -> Iterable[Change]:
    after = f"{wanted.partitions} partitions, {wanted.replication} copies, {topic.cleanup}"
    yield Change("create", wanted.full_name(topic), after=after, why=topic.what)


def _mend(topic: Topic, found: TopicState, wanted: Wanted) -> Iterable[Change]:
    name = wanted.full_name(topic)
    if found.partitions != wanted.partitions:
        yield _partitions(name, found, wanted.partitions)
    if found.replication < wanted.replication:
        why = "copies are added with Kafka's kafka-reassign-partitions"
        yield _refusal(name, "replication", str(found.replication), str(wanted.replication), why)
    for setting, before, after, rule in _faults(topic, found):
        if rule.loses(before, after) and not found.empty:
            why = "it holds records that this would remove; move them first, or change it by hand"
            yield _refusal(name, setting, before, after, why)
        else:
            yield Change("set", name, setting, before, after, rule.why)


def _partitions(name: str, found: TopicState, wanted: int) -> Change:
    before, after = str(found.partitions), str(wanted)
    if found.partitions > wanted:
        why = f"Kafka cannot take partitions away; set PHIGATE_PARTITIONS={before}"
        return _refusal(name, "partitions", before, after, why)
    if not found.empty:
        why = f"its keys would move to other partitions; set PHIGATE_PARTITIONS={before}"
        return _refusal(name, "partitions", before, after, why)
    return Change("add_partitions", name, "partitions", before, after, "as the others have")


def _refusal(name: str, setting: str, before: str, after: str, why: str) -> Change:
    return Change("refuse", name, setting, before, after, why)


# ---------------------------------------------------------------- invariants


def violations(state: ClusterState, wanted: Wanted) -> list[str]:
    """Return what workers may not run on, one line each, naming topic and setting."""
    return [line for topic in wanted.topics for line in _broken(topic, state, wanted)]


def _broken(topic: Topic, state: ClusterState, wanted: Wanted) -> Iterator[str]:
    name = wanted.full_name(topic)
    found = state.topics.get(name)
    if found is None:
        yield f"{name}: there is no such topic"
        return
    if topic.co_partitioned and found.partitions != wanted.partitions:
        yield f"{name}: partitions is {found.partitions}, must be {wanted.partitions}: {_SPREAD}"
    if found.replication < int(found.config.get("min.insync.replicas", "1")):
        yield f"{name}: min.insync.replicas is more than its {found.replication} copies: {_STUCK}"
    for setting, before, after, rule in _faults(topic, found):
        if rule.insist:
            yield f"{name}: {setting} is {before}, must be {after}: {rule.why}"


_SPREAD = "an intent's records would lie in different partitions"
_STUCK = "nothing could be written"
