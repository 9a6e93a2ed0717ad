"""A witness: sees that each shard's tree only grows, and says so under its own key.

What it saw last stands on disk, and is written before any cosignature leaves: a witness that dies
between the two has said nothing, and one that wakes with an old state says nothing again.

1. every note is verified, and the entries give the roots that were signed (`Evidence`)
2. for each shard a consistency proof (RFC 9162 section 2.1.4) leads from the root seen last to the
   newest signed one
3. the new heads are on disk
4. the newest note of each shard, and the newest over all, are cosigned (C2SP tlog-cosignature)
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from streams.audit import merkle
from streams.audit.checkpoint import ALL, Head
from streams.audit.note import WitnessKey, cosign
from streams.audit.report import Break, Flaw
from streams.auditor.proof.check import Evidence
from streams.auditor.proof.heads import load_heads, save_heads
from streams.errors import OperatorError
from streams.events import Checkpoint
from streams.signing import SigningKey

LOCK: Final = "lock"


@dataclass(frozen=True)
class Witnessed:
    """What one round did: the cosigned notes, or why there are none."""

    notes: tuple[Checkpoint, ...]
    broken: Break | None
    heads: Mapping[int, Head]


@contextmanager
def state(folder: Path) -> Iterator[Path]:
    """Hold a witness's folder for this process alone. Raises OperatorError."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
    except BlockingIOError:
        raise OperatorError(f"another witness runs on {folder}", code="locked") from None
    except OSError as error:
        raise OperatorError(f"{folder} cannot be used: {error.strerror}", code="no_file") from None


def see(evidence: Evidence, folder: Path, key: SigningKey, time_s: int) -> Witnessed:
    """Compare what was read with what was seen before, and cosign what is newest."""
    report = evidence.report()
    newest = evidence.notebook.newest
    if report.broken or newest is None:
        return Witnessed((), report.broken, {})
    file = folder / f"{quote(newest.log, safe='')}.json"
    before = load_heads(file)
    heads = _newest(evidence)
    broken = _inconsistent(evidence, before, heads)
    if broken:
        return Witnessed((), broken, before)
    save_heads(file, heads)
    return Witnessed(tuple(_cosigned(evidence, heads, key, time_s)), None, heads)


def _newest(evidence: Evidence) -> dict[int, Head]:
    """Return the newest signed head of each shard whose entries are here."""
    notes = evidence.notebook
    found = {}
    for shard, size in notes.firm.items():
        found[shard] = Head(size, notes.roots[shard][size], notes.firsts.get(shard, 0))
    return found


def _inconsistent(
    evidence: Evidence, before: Mapping[int, Head], now: Mapping[int, Head]
) -> Break | None:
    for shard, old in sorted(before.items()):
        new = now.get(shard)
        if new is None or new.size < old.size:
            why = "the tree is smaller than the one that was seen earlier"
            return Break(shard, old.first + old.size - 1, Flaw.TRUNCATED, why)
        hashes = evidence.walk(shard).hashes()[: new.size]
        proof = merkle.consistency_proof(hashes, old.size)
        sound = merkle.consistent(old.size, new.size, old.root, new.root, proof)
        if not sound or new.first != old.first:
            why = "the tree does not begin with the one that was seen earlier"
            return Break(shard, old.first + old.size - 1, Flaw.REWRITTEN, why)
    return None


def _cosigned(
    evidence: Evidence, heads: Mapping[int, Head], key: SigningKey, time_s: int
) -> Iterator[Checkpoint]:
    notes = evidence.notebook
    witness = WitnessKey.of(key.public).key_id
    places = [(shard, head.size) for shard, head in sorted(heads.items())]
    if notes.newest is not None:
        places.append((ALL, notes.newest.head.size))
    for shard, size in places:
        found = notes.note_of(shard, size)
        if found is not None:
            note = cosign(found, key, time_s)
            yield Checkpoint(shard=shard, size=size, witness=witness, note=note)
