"""All shards at once: read the notes, route each entry to its shard's walk, say what was found."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.audit.checkpoint import ALL, Head
from streams.audit.entry import entry_key, is_changed
from streams.audit.notebook import Notebook
from streams.audit.report import Break, Flaw, ShardReport, Unreadable
from streams.audit.verify import Item, Walk, cross_check
from streams.auditor.proof.follow import Follower
from streams.auditor.proof.heads import load_heads, save_heads
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.errors import WireError
from streams.events import AuditEntry, Checkpoint
from streams.wire import codec, schemas

__all__ = ["Evidence", "LogReport", "check", "load_heads", "read", "save_heads", "take_note"]

_KEY: Final = re.compile(rb"(\d{5})/(\d{12})")
_NOTE_KEY: Final = re.compile(rb"(\d{5}|all)/(\d{12})(?:/([^/]+))?")
_HEAD: Final = codec.MARKER + schemas.fingerprint_of("AuditEntry")


@dataclass(frozen=True)
class LogReport:
    """What was found in the whole log; `broken` is the first break, by shard."""

    shards: tuple[ShardReport, ...]
    broken: Break | None
    notes: int = 0
    witnessed: int = 0

    @property
    def entries(self) -> int:
        """How many entries were walked, exact repeats not counted."""
        return sum(each.entries for each in self.shards)

    @property
    def grants(self) -> int:
        """How many intents were granted."""
        return sum(len(each.grants) for each in self.shards)

    @property
    def heads(self) -> dict[int, Head]:
        """The tree of each shard that has one."""
        return {each.shard: each.head for each in self.shards if each.head is not None}


@dataclass
class Evidence:
    """Everything read: the notes, and each shard's walk; `report` tells what came of it.

    One intent in `sample` is followed, none with 0.
    """

    pins: Pins
    sample: int = 1
    salt: int = 0
    quorum: int = 0
    policies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    heads: Mapping[int, Head] = field(default_factory=dict)
    walks: dict[int, Walk] = field(default_factory=dict)
    notebook: Notebook = field(init=False)

    def __post_init__(self) -> None:
        self.notebook = Notebook(self.pins.audit, self.pins.witnesses)

    def take(self, record: Stored) -> None:
        """Take one record; all notes come before all entries."""
        if record.topic != "audit":
            take_note(self.notebook, record)
            return
        item = _item(record)
        shard = item.shard if isinstance(item, Item) else _claimed(record)[0]
        self.walk(shard).add(item)

    def walk(self, shard: int) -> Walk:
        """Return a shard's walk, begun where the notes say."""
        if shard not in self.walks:
            notes = self.notebook
            self.walks[shard] = Walk(
                shard,
                notes.roots.get(shard, {}),
                Follower(self.pins, self.sample, self.salt, self.policies) if self.sample else None,
                first=notes.firsts.get(shard, 0),
                firm=notes.firm.get(shard, 0),
                pinned=self.heads.get(shard),
                seen=notes.seen_of(shard),
            )
        return self.walks[shard]

    def report(self, shards: Iterable[int] = ()) -> LogReport:
        """Say what was found; `shards` are reported even where nothing of them is there."""
        for shard in {*shards, *self.heads}:
            self.walk(shard)
        reports = {shard: self.walks[shard].report() for shard in sorted(self.walks)}
        found = (
            self.notebook.broken,
            next((each.broken for each in reports.values() if each.broken), None),
            cross_check(reports.values()),
        )
        broken = next((each for each in found if each), None)
        broken = broken or self.notebook.check_all(reports)
        broken = broken or self.notebook.check_ends(reports, self.pins.ends_ms)
        broken = broken or self.notebook.check_witnesses(self.quorum)
        witnessed = max(
            (s.said.head.size for s in self.notebook.seen if s.said.shard == ALL), default=0
        )
        return LogReport(tuple(reports.values()), broken, self.notebook.count, witnessed)


def check(  # noqa: PLR0913 - what is read, with which keys, and how closely
    records: Iterable[Stored],
    pins: Pins,
    *,
    heads: Mapping[int, Head] | None = None,
    shards: Iterable[int] = (),
    sample: int = 1,
    salt: int = 0,
    quorum: int = 0,
    policies: Mapping[str, frozenset[str]] | None = None,
) -> LogReport:
    """Check every note and every shard of `records`, in which notes come before entries."""
    evidence = Evidence(pins, sample, salt, quorum, policies or {}, heads or {})
    for record in records:
        evidence.take(record)
    return evidence.report(shards)


def take_note(notebook: Notebook, record: Stored) -> None:
    """Put a record of `checkpoints` into the notebook; a record that is none is a break."""
    key = (record.key or b"").decode(errors="replace")
    found = _NOTE_KEY.fullmatch(record.key or b"")
    shard = int(found[1]) if found and found[1] != b"all" else ALL
    index = int(found[2]) - 1 if found else -1
    try:
        note = codec.decode(record.value or b"", Checkpoint)
    except WireError as error:
        why = f"the record is no note ({error.code})" if record.value else "the record is empty"
        notebook.broken = notebook.broken or Break(shard, index, Flaw.UNDECODABLE, why)
        return
    if record.partition != max(note.shard, 0):
        why = "the note lies in another shard's partition"
        notebook.broken = notebook.broken or Break(shard, index, Flaw.WRONG_SHARD, why)
        return
    notebook.add(note, key, late=record.late)


def read(record: Stored, *, changed: bool = False) -> tuple[int, AuditEntry | Unreadable]:
    """Return which shard a record speaks of and its entry; a record that is none is told so.

    The key has to be the entry's own: under another key compaction could remove another entry. An
    event that is not the one of its leaf is nobody's word: such a record is none, unless it is
    asked for with `changed`.
    """
    item = _item(record)
    if isinstance(item, Unreadable):
        return _claimed(record)[0], item
    entry = AuditEntry(leaf=item.leaf, event=item.event, signature=item.signature or b"")
    try:
        shard = entry.said.shard
    except ValueError:
        return _claimed(record)[0], Unreadable(item.index, "its leaf is not as a leaf should be")
    if not changed and is_changed(entry):
        return shard, Unreadable(item.index, "the event was changed", Flaw.DIGEST_MISMATCH)
    return shard, entry


def _item(record: Stored) -> Item | Unreadable:
    try:
        item = Item.of(*_parts(record.value or b""))
        if (
            record.partition == item.shard
            and record.key == entry_key(item.shard, item.index).encode()
            and record.topic == "audit"
        ):
            return item
    except WireError as error:
        return _unreadable(record, None, f"the record is no audit entry ({error.code})")
    except (ValueError, TypeError, KeyError, RecursionError):
        return _unreadable(record, None, "its leaf is not as a leaf should be")
    return _unreadable(record, item, "this is a note, not an entry")


def _unreadable(record: Stored, item: Item | None, why: str) -> Unreadable:
    """Say why a record is none of its shard's entries."""
    index = _claimed(record)[1]
    if record.topic != "audit":
        return Unreadable(index, "this is a note, not an entry")
    if record.value is None:
        return Unreadable(index, "the record has no value: something tried to remove it")
    if item is None:
        return Unreadable(index, why)
    if item.shard < 0 or record.key != entry_key(item.shard, item.index).encode():
        why = "the record's key is not that of the entry in it"
        return Unreadable(index, why, Flaw.WRONG_KEY)
    return Unreadable(index, "it lies in another shard's partition", Flaw.WRONG_SHARD)


def _parts(value: bytes) -> tuple[bytes, bytes, bytes]:
    """Return leaf, event and receipt of a record, quickly where it is of the current schema."""
    if value.startswith(_HEAD):
        event, at = _bytes(value, len(_HEAD))
        signature, at = _bytes(value, at)
        leaf, at = _bytes(value, at)
        if at == len(value):
            return leaf, event, signature
    entry = codec.decode(value, AuditEntry)
    return entry.leaf, entry.event, entry.signature


def _bytes(value: bytes, at: int) -> tuple[bytes, int]:
    """Read one Avro `bytes` (a zig-zag length, then as many bytes); WireError where it ends."""
    length = shift = 0
    for place in range(at, min(at + 5, len(value))):
        length |= (value[place] & 0x7F) << shift
        shift += 7
        if value[place] < 0x80:  # noqa: PLR2004 - the last byte of a number has no high bit
            begin, end = place + 1, place + 1 + (length >> 1)
            if length & 1 or end > len(value):
                break
            return value[begin:end], end
    raise WireError("this AuditEntry ends in the middle of a field", code="truncated")


def _claimed(record: Stored) -> tuple[int, int]:
    found = _KEY.fullmatch(record.key or b"")
    return (int(found[1]), int(found[2])) if found else (record.partition, -1)
