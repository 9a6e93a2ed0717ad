"""Every topic of phigate, in one table: what it carries, for how long, and why so.

Deviations from DESIGN section 3, each with its reason:

- `controls` is not compacted: whoever may write to a compacted topic can take a halt out of it, by
  a record of the same key. It is kept for ever instead: an order is a page, and people write them.
- `requests` and `verdicts` are compacted *and* deleted after 30 days. Compaction alone never
  removes a key, so they would grow for ever; no case lives longer than 7 days, and what they said
  stands in `audit`.
- `intents` closes a segment each hour. Kafka deletes whole closed segments: with its default of a
  week, a trickle of intents would keep plain PHI a week longer than its retention says.
- `approved.*` too: a grant that unmasks opens the payload of an intent that was shredded since.
- `audit` is compacted within a week: by then an event that was erased is gone from the disk. Kafka
  alone would wait until half of the log is dirty, which in a log of unique keys is never.
- Every topic is stamped with the broker's clock (LogAppendTime). Retention and compaction lag are
  judged by these stamps, and a sender's clock must not decide what is deleted when.
- `audit` and `checkpoints` are spread by shard, not by intent: one partition for each partition of
  `cases`, but they take no part in co-partitioning. Their keys are unique, so compaction removes
  exact repeats (and the event of an entry whose event was erased) and nothing else.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from streams.directory import Directory
from streams.errors import TopicError
from streams.wire import cluster
from streams.wire.plan import Change, ClusterState, Wanted, plan, violations
from streams.wire.topic import (
    COMPACTION_LAG_MS,
    DAY_MS,
    FOREVER_MS,
    HOUR_MS,
    Topic,
    app_id,
    name,
    positions,
    replication,
)

if TYPE_CHECKING:
    from streams.settings import Settings

__all__ = [
    "TABLE",
    "app_id",
    "apply",
    "approved_topic",
    "changes",
    "check",
    "compare",
    "find",
    "name",
    "ours",
    "positions",
    "resolve",
    "table",
]

TABLE: tuple[Topic, ...] = (
    Topic(
        "intents",
        "what agents want done; may hold plain PHI",
        "Intent",
        "delete",
        DAY_MS,
        segment_ms=HOUR_MS,
        foreign=True,
    ),
    Topic("decisions", "approvers' answers", "Decision", "delete", 7 * DAY_MS, foreign=True),
    Topic("outcomes", "executors' reports", "Outcome", "delete", 7 * DAY_MS, foreign=True),
    Topic(
        "controls",
        "orders above every decision: halt, resume, revoke, cancel",
        "Control",
        "delete",
        FOREVER_MS,
        key="intent or scope id",
        foreign=True,
    ),
    Topic("cases", "the one ordered log", "CaseEvent", "delete", 28 * DAY_MS),
    Topic("requests", "masked views for people", "Request", "compact,delete", 30 * DAY_MS),
    Topic("verdicts", "the gate's final words", "Verdict", "compact,delete", 30 * DAY_MS),
    Topic(
        "audit",
        "the leaves of the trees: every event and its consequence",
        "AuditEntry",
        "compact",
        FOREVER_MS,
        key="shard/index",
        compacted_within_ms=7 * DAY_MS,
        co_partitioned=False,
    ),
    Topic(
        "checkpoints",
        "signed notes on the trees, and what witnesses add",
        "Checkpoint",
        "compact",
        FOREVER_MS,
        key="shard/size",
        co_partitioned=False,
    ),
    *(
        Topic(
            "cases",
            f"rows of the {app}'s table",
            "Case",
            "compact",
            FOREVER_MS,
            compaction_lag_ms=COMPACTION_LAG_MS,
            table=app,
        )
        for app in ("fold", "audit")
    ),
)


def table(executors: Iterable[str] = ()) -> tuple[Topic, ...]:
    """Return every topic, with one `approved.<class>` for each executor class."""
    approved = (approved_topic(name) for name in sorted(set(executors)))
    return (*TABLE, *approved)


def approved_topic(executor: str) -> Topic:
    """Return the topic of one executor class's grants."""
    what = f"signed grants for the executor class {executor}"
    name = f"approved.{executor}"
    return Topic(name, what, "Grant", "delete", 3 * DAY_MS, segment_ms=HOUR_MS)


def find(full_name: str, prefix: str) -> Topic | None:
    """Return the topic of that name in the cluster, None if it is none of ours."""
    for topic in TABLE:
        if topic.full_name(prefix) == full_name:
            return topic
    head = name(prefix, "approved.")
    return approved_topic(full_name[len(head) :]) if full_name.startswith(head) else None


# ---------------------------------------------------------------- the table against a cluster


def compare(
    settings: "Settings", executors: Iterable[str] | None = None
) -> tuple[ClusterState, Wanted]:
    """Return what the cluster has of our topics, and what it should have; may raise BrokerError.

    Without `executors`, the classes are the directory's (SettingsError where it does not load).
    """
    wanted = ours(settings) if executors is None else table(executors)
    state = cluster.read(settings, [topic.full_name(settings.prefix) for topic in wanted])
    copies = replication(settings.replication, state.brokers)
    return state, Wanted(wanted, settings.prefix, settings.partitions, copies)


def changes(settings: "Settings", executors: Iterable[str] | None = None) -> list[Change]:
    """Return what `apply` would do, and what it would refuse; errors as for `compare`."""
    return plan(*compare(settings, executors))


def apply(settings: "Settings", executors: Iterable[str] | None = None) -> list[Change]:
    """Make the cluster's topics as the table has them, and return what was changed.

    TopicError, before anything is changed, where a change would lose data; else as for `compare`.
    """
    state, wanted = compare(settings, executors)
    todo = plan(state, wanted)
    cluster.apply(settings, todo, wanted)
    if todo:
        cluster.await_seen(settings, lambda: not plan(*compare(settings, executors)))
    return todo


def check(settings: "Settings", executors: Iterable[str] | None = None) -> None:
    """Return if workers may run on this cluster; else TopicError names each topic and setting."""
    broken = violations(*compare(settings, executors))
    if broken:
        raise TopicError(
            "the cluster's topics are not fit for use:\n" + "\n".join(f"  {x}" for x in broken),
            hint="`phigate topics plan` shows what to change, `phigate topics apply` changes it",
        )


def ours(settings: "Settings") -> tuple[Topic, ...]:
    """Return every topic of these settings; SettingsError where their directory does not load."""
    if not settings.directory.exists():
        return table()  # whoever needs the directory will say so
    return table(Directory.load(settings.directory).executors)


def resolve(text: str, settings: "Settings") -> tuple[str, Topic]:
    """Return the full name and the topic that a person means, with or without the prefix.

    TopicError where it is none of ours.
    """
    for full_name in (text, name(settings, text)):
        topic = find(full_name, settings.prefix)
        if topic is not None:
            return full_name, topic
    raise TopicError(f"{text} is no topic of ours", hint="`phigate topics list` names them")
