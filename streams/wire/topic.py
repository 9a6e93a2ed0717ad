"""One topic's shape: the units and limits of the table, and what Kafka is told for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from streams.times import HOUR_MS
from streams.wire import codec

if TYPE_CHECKING:
    from streams.settings import Settings

FOREVER_MS = -1

# Kafka's own head of a batch and a record, the key, and CloudEvents and trace headers.
OVERHEAD_BYTES = 64 << 10
RECORD_BYTES_MAX = codec.DERIVED_BYTES_MAX + OVERHEAD_BYTES

REPLICATION_MAX = 3
IN_SYNC_REPLICATED = (
    2  # of three: one broker may be away, and no acknowledged record is on one disk
)

# A worker that was paused this long may wake and write a stale row; until then the newer one stays
# in the changelog, where recovery finds it.
COMPACTION_LAG_MS = HOUR_MS

# The group that readers name who take part in none: librdkafka wants one, and asks where it is.
READER = "phigate-reader"

Cleanup = Literal["delete", "compact", "compact,delete"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `name` lacks the prefix. Times in milliseconds, -1 is for ever.

    `record` is what its values encode. `foreign` topics are written by senders outside the gate.
    `co_partitioned` topics must have equal partition counts. `table` names the Faust app whose
    changelog it is.
    """

    name: str
    what: str
    record: str
    cleanup: Cleanup
    retention_ms: int
    key: str = "intent id"
    segment_ms: int | None = None
    compaction_lag_ms: int = 0
    compacted_within_ms: int | None = None
    co_partitioned: bool = True
    foreign: bool = False
    table: str = ""

    @property
    def bytes_max(self) -> int:
        """Return how large a record may be, Kafka's overhead included."""
        return codec.bytes_max(self.record) + OVERHEAD_BYTES

    @property
    def compacted(self) -> bool:
        """Tell whether only the last record of a key stays."""
        return self.cleanup != "delete"

    def full_name(self, prefix: str) -> str:
        """Return its name in the cluster."""
        if self.table:
            return f"{app_id(prefix, self.table)}-{self.name}-changelog"
        return prefix + self.name

    def config(self, replication: int) -> dict[str, str]:
        """Return Kafka's settings of it, for topics that are kept `replication` times."""
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "retention.bytes": "-1",
            "max.message.bytes": str(self.bytes_max),
            "message.timestamp.type": "LogAppendTime",
            "unclean.leader.election.enable": "false",
            "min.insync.replicas": str(in_sync(replication)),
        }
        if self.segment_ms is not None:
            settings["segment.ms"] = str(self.segment_ms)
        if self.compacted:
            settings["min.compaction.lag.ms"] = str(self.compaction_lag_ms)
        if self.compacted_within_ms is not None:
            settings["max.compaction.lag.ms"] = str(self.compacted_within_ms)
        return settings


def name(where: "Settings | str", topic: str) -> str:
    """Return a topic's name in the cluster, by settings or by prefix: `name(settings, "cases")`."""
    return (where if isinstance(where, str) else where.prefix) + topic


def app_id(where: "Settings | str", app: str) -> str:
    """Return a Faust app's id: its consumer group, and the head of its changelogs' names."""
    head = name(where, "").rstrip("._-")
    return f"{head}-{app}" if head else app


def positions(where: "Settings | str") -> str:
    """Return the group under which admit keeps how far it has read its inputs."""
    return f"{app_id(where, 'admit')}-positions"


def replication(asked: int, brokers: int) -> int:
    """Return how often topics are kept: what was asked, else three times or once a broker."""
    return asked or min(REPLICATION_MAX, max(brokers, 1))


def in_sync(copies: int) -> int:
    """Return how many copies must have a record before it counts."""
    return IN_SYNC_REPLICATED if copies >= REPLICATION_MAX else 1
