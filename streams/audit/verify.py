"""Walk a shard's entries and name the first break.

An entry is checked twice. Alone, as it arrives: limits, shard, signature, its event's digest. And
in its place, when all before it have come: that it follows its forerunner, that the fold makes the
same of the event, that its intent has no second grant.

Entries may arrive in any order and more than once: a worker that starts again writes some entries
again, and compaction keeps the later copy. An exact repeat is harmless. Whatever else claims the
same index is a conflict, whoever signed it.

What a walk cannot see: entries cut off at the end, or a shard that is missing as a whole. Only a
head that was seen earlier (`pinned`) shows that.
"""

from collections.abc import Callable, Iterable
from typing import Final

from streams.audit.report import Break, Broken, Kind, ShardReport, Unreadable, check_alone
from streams.audit.sequence import GENESIS, Head
from streams.errors import InputError
from streams.events import AuditEntry, Consequence, Effected
from streams.signing import PublicKey

Replay = Callable[[AuditEntry], Consequence]
"""Folds an entry's event and says what came of it. Called once an entry, in index order. Raises
InputError where the event cannot be decoded."""

AHEAD_MAX: Final = 100_000  # entries held back because one before them has not come; about 200 MB
ENTRIES_MAX: Final = 50_000_000  # an entry costs a walk about 100 bytes (its hash): 5 GB


class Walk:
    """One shard's walk: `add` each record in any order, then `report`.

    After the first break nothing more is looked at. `start` continues behind an earlier walk's head
    (entries up to it are passed over); `pinned` is a head that the chain has to pass through.
    """

    def __init__(
        self,
        shard: int,
        keys: Iterable[PublicKey],
        replay: Replay | None = None,
        *,
        start: Head | None = None,
        pinned: Head | None = None,
    ) -> None:
        self._shard = shard
        self._keys = tuple(keys)
        self._replay = replay
        self._start = start
        self._head = start
        self._pinned = pinned
        self._first: int | None = None
        self._hashes: dict[int, bytes] = {}
        self._ahead: dict[int, AuditEntry] = {}
        self._grants: set[str] = set()
        self._repeats = 0
        self._broken: Break | None = None

    @property
    def broken(self) -> Break | None:
        """The first break, as soon as one is found."""
        return self._broken

    def add(self, item: AuditEntry | Unreadable) -> None:
        """Take the next record; remembers the first break and then takes no more."""
        if self._broken is not None:
            return
        if isinstance(item, Unreadable):
            self._broken = Break(self._shard, item.index, Kind.UNDECODABLE, item.detail)
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
        return ShardReport(
            shard=self._shard,
            entries=0 if self._first is None or self._head is None else self._walked(),
            repeats=self._repeats,
            first=self._first,
            head=self._head,
            broken=self._broken,
            grants=frozenset(self._grants),
        )

    def _walked(self) -> int:
        return sum(1 for index in self._hashes if index not in self._ahead)

    # ------------------------------------------------------------ an entry alone

    def _arrive(self, entry: AuditEntry) -> None:
        if self._start is not None and entry.index < self._start.index:
            return  # an earlier walk has seen it
        hash_hex = check_alone(entry, self._shard, self._keys)
        if self._start is not None and entry.index == self._start.index:
            self._meet(entry.index, bytes.fromhex(self._start.hash), hash_hex)
        elif entry.index in self._hashes:
            self._meet(entry.index, self._hashes[entry.index], hash_hex)
            self._repeats += 1
        else:
            self._hold(entry, hash_hex)
            self._advance()

    def _meet(self, index: int, known: bytes, hash_hex: str) -> None:
        if known.hex() != hash_hex:
            raise Broken(index, Kind.CONFLICTING_ENTRY, "two different entries claim this place")

    def _hold(self, entry: AuditEntry, hash_hex: str) -> None:
        if self._first is not None and entry.index < self._first:
            raise Broken(
                entry.index,
                Kind.BROKEN_CHAIN,
                f"it stands before entry {self._first}, which says that the log began with it",
            )
        if len(self._hashes) >= ENTRIES_MAX:
            raise Broken(entry.index, Kind.OVERSIZED, f"more than {ENTRIES_MAX} entries")
        self._hashes[entry.index] = bytes.fromhex(hash_hex)
        self._ahead[entry.index] = entry

    # ------------------------------------------------------------ an entry in its place

    def _advance(self) -> None:
        if self._head is None:
            newest = self._ahead[next(reversed(self._ahead))]
            if newest.previous == GENESIS:
                self._begin(newest)
        while self._head is not None and self._head.index + 1 in self._ahead:
            self._follow(self._ahead[self._head.index + 1])
        if len(self._ahead) > AHEAD_MAX:
            raise self._missing(f"more than {AHEAD_MAX} later entries have come before it")

    def _begin(self, entry: AuditEntry) -> None:
        if any(index < entry.index for index in self._ahead):
            raise Broken(
                entry.index, Kind.BROKEN_CHAIN, "it says that the log began here, but there is more"
            )
        self._accept(entry)

    def _follow(self, entry: AuditEntry) -> None:
        if self._head is not None and entry.previous != self._head.hash:
            raise Broken(
                entry.index,
                Kind.BROKEN_CHAIN,
                f"it does not carry the hash of entry {self._head.index} before it",
            )
        self._accept(entry)

    def _accept(self, entry: AuditEntry) -> None:
        self._check_consequence(entry)
        self._check_grant(entry)
        if self._first is None:
            self._first = entry.index
        self._head = Head(entry.index, self._hashes[entry.index].hex())
        del self._ahead[entry.index]

    def _check_consequence(self, entry: AuditEntry) -> None:
        if self._replay is None:
            return
        try:
            expected = self._replay(entry)
        except InputError as error:
            raise Broken(entry.index, Kind.UNDECODABLE, f"its event: {error}") from error
        if expected != entry.consequence:
            raise Broken(
                entry.index,
                Kind.WRONG_CONSEQUENCE,
                f"it says {_words(entry.consequence)}; the event gives {_words(expected)}",
            )

    def _check_grant(self, entry: AuditEntry) -> None:
        if entry.consequence.effected is not Effected.GRANTED:
            return
        if entry.intent_id in self._grants:
            raise Broken(entry.index, Kind.DUPLICATE_GRANT, "its intent was granted before")
        self._grants.add(entry.intent_id)

    # ------------------------------------------------------------ the end

    def _finish(self) -> None:
        if self._ahead:
            raise self._missing(f"later entries are there (up to {max(self._ahead)})")
        if self._pinned is not None:
            self._check_pinned(self._pinned)

    def _missing(self, why: str) -> Broken:
        index = min(self._ahead) - 1 if self._head is None else self._head.index + 1
        return Broken(max(index, 0), Kind.MISSING_ENTRY, f"it is not there, but {why}")

    def _check_pinned(self, pinned: Head) -> None:
        if self._head is None or pinned.index > self._head.index:
            raise Broken(
                pinned.index, Kind.TRUNCATED, "it was seen earlier and now the log ends before it"
            )
        known = self._hash_at(pinned.index)
        if known != pinned.hash:
            raise Broken(pinned.index, Kind.REWRITTEN, "it is not the entry that was seen earlier")

    def _hash_at(self, index: int) -> str | None:
        if self._start is not None and index == self._start.index:
            return self._start.hash
        known = self._hashes.get(index)
        return None if known is None else known.hex()


def _words(told: Consequence) -> str:
    state = told.state or "no case"
    return f"{told.effected} ({told.reason or 'no reason'}, {state})"


def verify_shard(  # noqa: PLR0913 - what is looked at, with what, and from where
    shard: int,
    entries: Iterable[AuditEntry | Unreadable],
    keys: Iterable[PublicKey],
    replay: Replay | None = None,
    *,
    start: Head | None = None,
    pinned: Head | None = None,
) -> ShardReport:
    """Walk a shard's `entries` and report; without `replay` consequences are believed as signed."""
    walk = Walk(shard, keys, replay, start=start, pinned=pinned)
    for entry in entries:
        walk.add(entry)
    return walk.report()


def cross_check(reports: Iterable[ShardReport]) -> Break | None:
    """Find an intent that was granted in two shards; each report has been found good alone."""
    seen: dict[str, int] = {}
    for report in reports:
        for intent_id in sorted(report.grants):
            if intent_id in seen:
                detail = f"an intent was granted in shard {seen[intent_id]} and again here"
                return Break(report.shard, -1, Kind.DUPLICATE_GRANT, detail)
            seen[intent_id] = report.shard
    return None
