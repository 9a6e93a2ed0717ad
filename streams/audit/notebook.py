"""All notes on an audit: each verified, none at odds with another, the witnesses counted.

A note that a pinned key did not sign is a break, not noise: nobody else writes to that topic.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.audit import note as notes
from streams.audit.checkpoint import ALL, Head, TreeStatement, note_key, read
from streams.audit.note import Cosignature, WitnessKey
from streams.audit.report import Break, Broken, Flaw, ShardReport
from streams.errors import SignatureError
from streams.events import Checkpoint
from streams.signing import PublicKey

STALE_MS: Final = 300_000  # log time that the note over all shards may be behind a shard


@dataclass(frozen=True, slots=True)
class SeenNote:
    """A cosigned tree: what the note says, and who saw it when."""

    said: TreeStatement
    by: Cosignature
    note: str


@dataclass
class Notebook:
    """Takes notes one by one; `broken` is the first break."""

    keys: Sequence[PublicKey]
    witnesses: Sequence[WitnessKey] = ()
    roots: dict[int, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    firsts: dict[int, int] = field(default_factory=dict)
    alls: dict[tuple[Head, ...], str] = field(default_factory=dict)
    newest: TreeStatement | None = None
    seen: list[SeenNote] = field(default_factory=list)
    texts: dict[tuple[int, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    firm: dict[int, int] = field(default_factory=dict)
    broken: Break | None = None
    count: int = 0
    signers: dict[tuple[int, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, record: Checkpoint, key: str | None = None, *, late: bool = False) -> None:
        """Take a note, which lay under the record key `key`; remembers the first break.

        A `late` one was written while the entries were read, so they may end before it.
        """
        if self.broken is not None:
            return
        try:
            self._take(record, key, late=late)
        except Broken as found:
            self.broken = Break(record.shard, found.index, found.kind, found.detail)

    def _take(self, record: Checkpoint, key: str | None, *, late: bool) -> None:
        at = record.size - 1
        try:
            parsed = notes.parse(record.note)
            signer = notes.verified(parsed, self.keys)
            said = read(parsed.text)
            cosigned = notes.cosignatures(parsed, self.witnesses)
        except SignatureError as error:
            raise Broken(at, Flaw(error.code), str(error)) from error
        if said.log != signer.name:
            raise Broken(at, Flaw.BAD_NOTE, "its origin is not of the log whose key signed it")
        named = note_key(said.shard, said.head.size, record.witness)
        if (said.shard, said.head.size) != (record.shard, record.size) or key not in {None, named}:
            raise Broken(at, Flaw.WRONG_KEY, "the note is another than its record claims")
        self.count += 1
        if late and said.shard == ALL:
            return
        for shard, head in ((said.shard, said.head), *enumerate(said.shards)):
            self.signers[shard, head.size].add(signer.key_id)
        self._note(said, record.note, late=late)
        self.seen += [SeenNote(said, each, record.note) for each in cosigned]

    def _note(self, said: TreeStatement, text: str, *, late: bool) -> None:
        self.texts[said.shard, said.head.size].append(text)
        if said.shard != ALL:
            self._root(said.shard, said.head, late=late)
            return
        for shard, head in enumerate(said.shards):
            if head.size:
                self._root(shard, head, late=late)
        self.alls[said.shards] = text
        if self.newest is None or self.newest.head.size <= said.head.size:
            self.newest = said

    def _root(self, shard: int, head: Head, *, late: bool) -> None:
        if not late:
            self.firm[shard] = max(self.firm.get(shard, 0), head.size)
        known = self.roots[shard].setdefault(head.size, head.root)
        if known != head.root or self.firsts.setdefault(shard, head.first) != head.first:
            raise Broken(head.size - 1, Flaw.FORKED, f"two trees of shard {shard} were signed")

    def seen_of(self, shard: int) -> list[tuple[int, int]]:
        """Return (size, seconds) of each time that a witness saw this shard's tree."""
        found = []
        for each in self.seen:
            if each.said.shard == shard:
                found.append((each.said.head.size, each.by.time_s))
            elif each.said.shard == ALL and shard < len(each.said.shards):
                found.append((each.said.shards[shard].size, each.by.time_s))
        return found

    def note_of(self, shard: int, size: int) -> str | None:
        """Return the note of this size with every signature line that is known, if there is one."""
        found = self.texts.get((shard, size))
        return notes.merged(found) if found else None

    # ------------------------------------------------------------ against what was walked

    def check_all(self, reports: Mapping[int, ShardReport]) -> Break | None:
        """Hold the newest note over all shards against the shards as they were walked."""
        newest = self.newest
        if newest is None:
            entries = sum(each.entries for each in reports.values())
            if not entries:
                return None
            return Break(ALL, -1, Flaw.MISSING_CHECKPOINT, "there is no note over all shards")
        last = newest.head.size - 1
        for shard, head in enumerate(newest.shards):
            if head.size and not (shard in reports and reports[shard].entries):
                return Break(shard, head.size - 1, Flaw.MISSING_SHARD, "it is gone as a whole")
        for shard, report in reports.items():
            if shard >= len(newest.shards) and report.entries:
                return Break(shard, -1, Flaw.MISSING_SHARD, "the note over all shards lacks it")
        log_ms = max((each.log_ms for each in reports.values()), default=0)
        for shard, head in enumerate(newest.shards):
            stamps = reports[shard].stamps if shard in reports else {}
            later = [size for size in stamps if size > head.size]
            if later and stamps[min(later)] < log_ms - STALE_MS:
                why = f"the newest note over all shards is {max(later) - head.size} entries behind"
                return Break(ALL, last, Flaw.STALE_CHECKPOINT, f"{why} in shard {shard}")
        return None

    def check_ends(
        self, reports: Mapping[int, ShardReport], ends_ms: Mapping[str, int]
    ) -> Break | None:
        """Return a break where only keys that had ended signed a tree of this time."""
        for shard, report in reports.items():
            for size, log_ms in report.stamps.items() if ends_ms else ():
                signers = self.signers[shard, size]
                if signers and all(log_ms > ends_ms.get(name, log_ms) for name in signers):
                    why = "its tree up to here was signed by a key that had ended"
                    return Break(shard, size - 1, Flaw.RETIRED_KEY, why)
        return None

    def check_witnesses(self, quorum: int) -> Break | None:
        """Return a break unless `quorum` witnesses have seen one note over all shards."""
        if quorum <= 0:
            return None
        by_note: dict[tuple[Head, ...], set[bytes]] = defaultdict(set)
        for each in self.seen:
            if each.said.shard == ALL:
                by_note[each.said.shards].add(each.by.witness.raw)
        most = max((len(found) for found in by_note.values()), default=0)
        if most >= quorum:
            return None
        said = f"{most} of the {quorum} witnesses demanded have seen a note over all shards"
        return Break(ALL, -1, Flaw.UNWITNESSED, said)
