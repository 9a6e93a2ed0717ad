"""Every topic of phigate, in one table: what it carries, for how long, and why so.

What may surprise, each with its reason:

- `controls` is not compacted: whoever may write to a compacted topic can take a halt out of it, by
  a record of the same key. It is kept for ever instead: an order is a page, and people write them.
- `cancels` is kept for as long as an intent can live (7 days) and a day more. It is apart from
  `controls` because every agent may write to it: what an agent sends must not stand between an
  executor and an officer's halt.
- `requests` and `verdicts` are compacted *and* deleted after 30 days. Compaction alone never
  removes a key, so they would grow for ever; no case lives longer than 7 days, and what they said
  stands in `audit`.
- `intents` closes a segment each hour. Kafka deletes whole closed segments: with its default of a
  week, a trickle of intents would keep plain PHI a week longer than its retention says.
- `approved.*` too: a grant that unmasks opens the payload of an intent that was shredded since.
- `begun.*` is no input of the gate: an executor class writes it for itself, before each run, and
  reads it back. It is deleted, not compacted: a later record must not take an earlier one away.
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

from streams.errors import TopicError
from streams.times import DAY_MS, HOUR_MS
from streams.wire.topic import (
    COMPACTION_LAG_MS,
    FOREVER_MS,
    Topic,
    app_id,
    name,
    positions,
)

if TYPE_CHECKING:
    from streams.settings import Settings

__all__ = [
    "TABLE",
    "app_id",
    "approved_topic",
    "begun_topic",
    "find",
    "name",
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
        "officers' orders above every decision: halt, resume, revoke, shred",
        "Control",
        "delete",
        FOREVER_MS,
        key="intent or scope id",
        foreign=True,
    ),
    Topic(
        "cancels",
        "agents' cancels of their own intents",
        "Control",
        "delete",
        8 * DAY_MS,
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
    """Return every topic, with `approved.<class>` and `begun.<class>` for each executor class."""
    classes = sorted(set(executors))
    return (*TABLE, *map(approved_topic, classes), *map(begun_topic, classes))


def approved_topic(executor: str) -> Topic:
    """Return the topic of one executor class's grants."""
    what = f"signed grants for the executor class {executor}"
    name = f"approved.{executor}"
    return Topic(name, what, "Grant", "delete", 3 * DAY_MS, segment_ms=HOUR_MS)


def begun_topic(executor: str) -> Topic:
    """Return the topic of what one executor class has begun: kept as long as its grants."""
    what = f"what the executor class {executor} has begun, for itself"
    return Topic(f"begun.{executor}", what, "Begun", "delete", 3 * DAY_MS, segment_ms=HOUR_MS)


def find(full_name: str, prefix: str) -> Topic | None:
    """Return the topic of that name in the cluster, None if it is none of ours."""
    for topic in TABLE:
        if topic.full_name(prefix) == full_name:
            return topic
    for head, topic_of in (("approved.", approved_topic), ("begun.", begun_topic)):
        whole = name(prefix, head)
        if full_name.startswith(whole):
            return topic_of(full_name[len(whole) :])
    return None


def resolve(text: str, settings: "Settings") -> tuple[str, Topic]:
    """Return the full name and the topic that a person means, with or without the prefix.

    TopicError where it is none of ours.
    """
    for full_name in (text, name(settings, text)):
        topic = find(full_name, settings.prefix)
        if topic is not None:
            return full_name, topic
    raise TopicError(f"{text} is no topic of ours", hint="`phigate topics list` names them")
