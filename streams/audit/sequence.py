"""How a shard's tree grows, and when a checkpoint of it is due.

`index` is the entry's offset in its partition of `cases`, so the tree has a gap only where the log
has. A log can be older than its audit: then the tree's first leaf is the event at `first`, and leaf
i is event `first + i`.

A checkpoint is due at sizes that the log alone decides: after the first entry, after every
`ENTRIES_MAX` entries, and where log time has gone on by `SPAN_MS_MAX` since the last one that was
due. Log time is the highest `at_ms` so far: an unreadable event does not move it, and clocks that
differ do not turn it back. Anybody can tell which checkpoints must be there.

`Tree` is a value of some hundred bytes that stands in each row of the audit's table (its mark).
"""

from struct import Struct
from typing import Final, NamedTuple

from streams.audit.checkpoint import Head
from streams.audit.merkle import HASH_BYTES, Frontier, grown, leaf_hash, root
from streams.errors import InvariantError
from streams.events import AuditEntry

ENTRIES_MAX: Final = 512  # entries between two checkpoints
SPAN_MS_MAX: Final = 10_000  # log time between them

_HEADER: Final = Struct(">BqqqqqB")  # version, first, size, log time, since when, from where, due
_VERSION: Final = 1


class Tree(NamedTuple):
    """A shard's tree. `since_ms` and `since_size` are those of the last checkpoint that was due."""

    first: int
    size: int
    frontier: Frontier
    log_ms: int
    since_ms: int
    since_size: int
    due: bool

    @classmethod
    def begin(cls, first: int) -> "Tree":
        """Return the empty tree of a log that begins at this index."""
        return cls(first, 0, (), 0, -SPAN_MS_MAX, 0, due=False)

    @property
    def next_index(self) -> int:
        """The index of the entry that comes next."""
        return self.first + self.size

    @property
    def head(self) -> Head:
        """Size, root, and where the tree begins."""
        return Head(self.size, root(self.frontier), self.first)

    def with_hash(self, hashed: bytes, at_ms: int | None) -> "Tree":
        """Return the tree with one more leaf; `at_ms` is its event's time, if it has one."""
        since_ms, since_size = self.since_ms, self.since_size
        if self.due:
            since_ms, since_size = self.log_ms, self.size
        size = self.size + 1
        log_ms = max(self.log_ms, at_ms or 0)
        due = size == 1 or size - since_size >= ENTRIES_MAX or log_ms - since_ms >= SPAN_MS_MAX
        return Tree(
            self.first,
            size,
            grown(self.frontier, self.size, hashed),
            log_ms,
            since_ms,
            since_size,
            due,
        )

    def with_entry(self, entry: AuditEntry) -> "Tree":
        """Return the tree with `entry`; InvariantError where it is not the next one."""
        if entry.index != self.next_index:
            raise InvariantError(
                f"audit shard {entry.shard}: entry {entry.index} cannot follow entry "
                f"{self.next_index - 1}",
                code="audit_out_of_order",
            )
        return self.with_hash(leaf_hash(entry.leaf), entry.said.at_ms)

    def pack(self) -> bytes:
        """Return the tree's bytes."""
        numbers = (self.first, self.size, self.log_ms, self.since_ms, self.since_size, self.due)
        return _HEADER.pack(_VERSION, *numbers) + b"".join(self.frontier)


def unpack(data: bytes) -> Tree:
    """Take a packed tree apart; InvariantError where it is none of this version."""
    if len(data) < _HEADER.size or data[0] != _VERSION:
        raise InvariantError("a row's mark is no tree of this version", code="bad_mark")
    _, first, size, log_ms, since_ms, since_size, due = _HEADER.unpack_from(data)
    rest = data[_HEADER.size :]
    frontier = tuple(rest[at : at + HASH_BYTES] for at in range(0, len(rest), HASH_BYTES))
    if len(rest) != HASH_BYTES * size.bit_count():
        raise InvariantError("a row's mark has not as many hashes as its size", code="bad_mark")
    return Tree(first, size, frontier, log_ms, since_ms, since_size, bool(due))
