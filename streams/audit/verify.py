"""Walk a shard's entries and name the first break.

An entry is checked twice. Alone, as it arrives: limits, shard, that its event is the one in the
leaf. And in its place, when all before it have come: its time, what its follower (`follow`) says of
it, and the tree: at each size for which a signed checkpoint is known, the root must be that one.

Entries may arrive in any order and more than once: a worker that starts again writes some entries
again, and compaction keeps the later copy. An exact repeat of the leaf is harmless, with its event
or, once erased, without. Whatever else claims the same index is a conflict.

Where several entries were changed so that each is sound by itself, the root tells, but not which:
the break then names the first entry behind the last checkpoint that was right.

A walk keeps 32 bytes for each entry, its hash, and the id of each granted intent, about 100 bytes:
fifty million entries take 1.6 GB, and 1 GB more where one in five is a grant. There is no other
limit to how long a shard may grow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic_core import from_json

from streams.audit.checkpoint import Head
from streams.audit.entry import UNREADABLE, over_limit
from streams.audit.merkle import HASH_BYTES, leaf_hash
from streams.audit.report import Break, Broken, Flaw, ShardReport, Unreadable
from streams.audit.sequence import Tree

AHEAD_MAX: Final = 100_000  # entries held back because one before them has not come; about 200 MB
_TIMES: Final = frozenset({int, type(None)})
BACKWARD_MS_MAX: Final = 3_600_000  # admits' clocks differ by minutes at most; an hour is no clock


@dataclass(slots=True)
class Item:
    """An entry on its way through a walk: the leaf as bytes and as it reads, and the event."""

    shard: int
    index: int
    leaf: bytes
    event: bytes
    said: Mapping[str, Any]
    signature: bytes | None = None

    @classmethod
    def of(cls, leaf: bytes, event: bytes, signature: bytes | None = None) -> "Item":
        """Read a leaf; ValueError, TypeError or KeyError where it is none."""
        said = from_json(leaf)
        shard, index = said["shard"], said["index"]
        told, at_ms = said["consequence"], said["at_ms"]
        texts = (said["event_digest"], said["intent_id"], told["effected"], told["reason"])
        if type(shard) is not int or type(index) is not int or type(at_ms) not in _TIMES:
            raise TypeError
        if any(type(text) is not str for text in texts):
            raise TypeError
        return cls(shard, index, leaf, event, said, signature)


Follow = Callable[[Item], bool]
"""Follows an entry, in index order: facts, consequence, signatures. Returns whether it looked at
it (it may sample). Raises `Broken` with what is wrong."""


class Walk:
    """One shard's walk: `add` each record in any order, then `report`.

    After the first break nothing more is looked at. `roots` are the roots that were signed, by
    size, of a tree that begins at `first`; up to size `firm` the entries must be there. `pinned` is
    a head that was seen earlier; `seen` are (size, seconds since 1970) at which witnesses saw the
    tree.
    """

    def __init__(  # noqa: PLR0913 - what is known of the shard beforehand, by name
        self,
        shard: int,
        roots: Mapping[int, bytes],
        follow: Follow | None = None,
        *,
        first: int = 0,
        firm: int = 0,
        pinned: Head | None = None,
        seen: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._shard = shard
        self._roots = roots
        self._follow = follow
        self._firm = firm
        self._pinned = pinned
        self._seen = sorted(seen, reverse=True)
        self._tree = Tree.begin(first)
        self._hashes = bytearray()
        self._ahead: dict[int, tuple[Item, bytes]] = {}
        self._signed = 0  # the largest size whose root was signed and is right
        self._last_ms = 0
        self._due: int | None = None
        self._stamps: dict[int, int] = {}
        self._grants: set[str] = set()
        self._repeats = self._erased = self._followed = 0
        self._broken: Break | None = None

    @property
    def broken(self) -> Break | None:
        """The first break, as soon as one is found."""
        return self._broken

    def add(self, item: Item | Unreadable) -> None:
        """Take the next record; remembers the first break and then takes no more."""
        if self._broken is not None:
            return
        if isinstance(item, Unreadable):
            self._broken = Break(self._shard, item.index, item.kind, item.detail)
            return
        try:
            self._arrive(item)
        except Broken as found:
            self._broken = Break(self._shard, found.index, found.kind, found.detail)

    def report(self) -> ShardReport:
        """Say what was found, now that no more entries come."""
        if self._broken is None:
            try:
                self._finish()
            except Broken as found:
                self._broken = Break(self._shard, found.index, found.kind, found.detail)
        tree = self._tree
        return ShardReport(
            shard=self._shard,
            entries=tree.size,
            repeats=self._repeats,
            first=tree.first if tree.size else None,
            head=tree.head if tree.size else None,
            broken=self._broken,
            unsigned=tree.size - self._signed,
            erased=self._erased,
            followed=self._followed,
            log_ms=tree.log_ms,
            stamps=self._stamps,
            grants=frozenset(self._grants),
        )

    def hashes(self) -> list[bytes]:
        """Return the leaf hashes of the tree so far: what proofs are made from."""
        return [
            bytes(self._hashes[at : at + HASH_BYTES])
            for at in range(0, len(self._hashes), HASH_BYTES)
        ]

    # ------------------------------------------------------------ an entry alone

    def _arrive(self, item: Item) -> None:
        hashed = check_alone(item, self._shard)
        tree = self._tree
        if item.index == tree.next_index:
            self._accept(item, hashed)
        elif item.index < tree.next_index:
            self._again(item, tree, hashed)
            return
        elif item.index in self._ahead:
            self._meet(item.index, self._ahead[item.index][1], hashed)
        else:
            self._ahead[item.index] = (item, hashed)
        if self._ahead:
            self._advance()

    def _again(self, item: Item, tree: Tree, hashed: bytes) -> None:
        at = (item.index - tree.first) * HASH_BYTES
        if at < 0:
            raise Broken(
                item.index,
                Flaw.CONFLICTING_ENTRY,
                f"it stands before entry {tree.first}, with which the signed tree begins",
            )
        self._meet(item.index, bytes(self._hashes[at : at + HASH_BYTES]), hashed)

    def _meet(self, index: int, known: bytes, hashed: bytes) -> None:
        if known != hashed:
            raise Broken(index, Flaw.CONFLICTING_ENTRY, "two different entries claim this place")
        self._repeats += 1

    # ------------------------------------------------------------ an entry in its place

    def _advance(self) -> None:
        while self._tree.next_index in self._ahead:
            self._accept(*self._ahead.pop(self._tree.next_index))
        if len(self._ahead) > AHEAD_MAX:
            raise self._missing(f"more than {AHEAD_MAX} later entries have come before it")

    def _accept(self, item: Item, hashed: bytes) -> None:
        tree = self._tree
        if self._due is not None and tree.size > self._due + 1:
            raise self._unsigned(tree)
        self._check_time(item, tree.size)
        if self._follow is not None and self._follow(item):
            self._followed += 1
        self._check_grant(item)
        self._erased += not item.event and item.said["consequence"]["reason"] != UNREADABLE
        self._grow(tree, item, hashed)

    def _grow(self, tree: Tree, item: Item, hashed: bytes) -> None:
        grown = self._tree = tree.with_hash(hashed, item.said["at_ms"])
        self._hashes += hashed
        known = self._roots.get(grown.size)
        if known is not None:
            self._check_root(grown, known)
        elif grown.due and self._due is None:
            self._due = grown.size
        if self._pinned is not None and self._pinned.size == grown.size:
            self._check_pinned(grown)

    def _check_root(self, tree: Tree, known: bytes) -> None:
        if tree.head.root != known:
            start = tree.first + self._signed
            raise Broken(
                start,
                Flaw.ROOT_MISMATCH,
                f"entries {start} to {tree.next_index - 1} are not those that were signed",
            )
        self._signed = tree.size
        self._stamps[tree.size] = tree.log_ms
        self._due = None

    def _check_time(self, item: Item, size: int) -> None:
        at_ms = item.said["at_ms"]
        if at_ms is None:
            return
        if at_ms < self._last_ms - BACKWARD_MS_MAX:
            raise Broken(item.index, Flaw.BACK_DATED, "it is dated far before the entry before it")
        self._last_ms = at_ms
        while self._seen and self._seen[-1][0] <= size:
            self._seen.pop()
        if self._seen and at_ms > min(time_s for _, time_s in self._seen) * 1000 + BACKWARD_MS_MAX:
            raise Broken(item.index, Flaw.POST_DATED, "a witness saw it before the time it tells")

    def _check_grant(self, item: Item) -> None:
        if item.said["consequence"]["effected"] != "granted":
            return
        if item.said["intent_id"] in self._grants:
            raise Broken(item.index, Flaw.DUPLICATE_GRANT, "its intent was granted before")
        self._grants.add(item.said["intent_id"])

    # ------------------------------------------------------------ the end

    def _finish(self) -> None:
        if self._ahead:
            raise self._missing(f"later entries are there (up to {max(self._ahead)})")
        tree = self._tree
        if self._pinned is not None and self._pinned.size > tree.size:
            raise Broken(
                tree.first + self._pinned.size - 1,
                Flaw.TRUNCATED,
                "it was seen earlier, and now the log ends before it",
            )
        self._check_signed(tree)

    def _check_signed(self, tree: Tree) -> None:
        if self._firm > tree.size:
            raise Broken(
                tree.first + self._firm - 1,
                Flaw.TRUNCATED,
                f"a signed tree has {self._firm} entries, and the log ends after {tree.size}",
            )
        if tree.size and (not self._roots or (self._due and tree.size > self._due + 1)):
            raise self._unsigned(tree)

    def _unsigned(self, tree: Tree) -> Broken:
        size = self._due or 1
        return Broken(
            tree.first + size - 1,
            Flaw.MISSING_CHECKPOINT,
            "a checkpoint of the tree up to here was due, and is not there",
        )

    def _missing(self, why: str) -> Broken:
        return Broken(self._tree.next_index, Flaw.MISSING_ENTRY, f"it is not there, but {why}")

    def _check_pinned(self, tree: Tree) -> None:
        if self._pinned is not None and tree.head.root != self._pinned.root:
            raise Broken(
                tree.next_index - 1,
                Flaw.REWRITTEN,
                "the entries up to here are not those that were seen earlier",
            )


def check_alone(item: Item, shard: int) -> bytes:
    """Check what can be seen from one entry and return its hash; raises `Broken` with the kind."""
    if excess := over_limit(item.shard, item.index, item.leaf, item.event):
        raise Broken(item.index, Flaw.OVERSIZED, excess)
    if item.shard != shard:
        raise Broken(item.index, Flaw.WRONG_SHARD, f"it belongs to shard {item.shard}")
    if item.event and sha256(item.event).hexdigest() != item.said["event_digest"]:
        raise Broken(item.index, Flaw.DIGEST_MISMATCH, "the event was changed")
    return leaf_hash(item.leaf)


def cross_check(reports: Iterable[ShardReport]) -> Break | None:
    """Find an intent that was granted in two shards; each report has been found good alone."""
    seen: dict[str, int] = {}
    for report in reports:
        for intent_id in sorted(report.grants):
            if intent_id in seen:
                detail = f"an intent was granted in shard {seen[intent_id]} and again here"
                return Break(report.shard, -1, Flaw.DUPLICATE_GRANT, detail)
            seen[intent_id] = report.shard
    return None
