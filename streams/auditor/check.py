"""All shards at once: route each record to its shard's walk, then say what was found."""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streams.audit.entry import SHARD_MAX, entry_key
from streams.audit.report import Break, ShardReport, Unreadable
from streams.audit.sequence import Head
from streams.audit.verify import Walk, cross_check
from streams.auditor.refold import Refold
from streams.auditor.source import Stored
from streams.errors import OperatorError, WireError
from streams.events import AuditEntry
from streams.signing import PublicKey
from streams.wire import codec

_KEY: Final = re.compile(rb"(\d{5})/(\d{12})")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_HEADS_BYTES_MAX: Final = 16 * 1024 * 1024  # a hundred bytes a shard


@dataclass(frozen=True)
class LogReport:
    """What was found in the whole log; `broken` is the first break, by shard."""

    shards: tuple[ShardReport, ...]
    broken: Break | None

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
        """The newest entry of each shard that has one."""
        return {each.shard: each.head for each in self.shards if each.head is not None}


def check(
    records: Iterable[Stored],
    keys: Sequence[PublicKey],
    *,
    pins: Mapping[int, Head] | None = None,
    shards: Iterable[int] = (),
) -> LogReport:
    """Walk every shard of `records`; `shards` are reported even where nothing of them is there."""
    pinned = pins or {}
    walks = {
        shard: Walk(shard, keys, Refold(), pinned=pinned.get(shard))
        for shard in sorted({*shards, *pinned})
    }
    for record in records:
        shard, item = read(record)
        if shard not in walks:
            walks[shard] = Walk(shard, keys, Refold())
        walks[shard].add(item)
    reports = tuple(walks[shard].report() for shard in sorted(walks))
    broken = next((each.broken for each in reports if each.broken), None)
    return LogReport(reports, broken or cross_check(reports))


def read(record: Stored) -> tuple[int, AuditEntry | Unreadable]:
    """Return which shard a record speaks of and its entry; a record that is none is told so.

    The key has to be the entry's own: under another key compaction could remove another entry.
    """
    shard, index = _claimed(record)
    if record.value is None:
        return shard, Unreadable(index, "the record has no value: something tried to remove it")
    try:
        entry = codec.decode(record.value, AuditEntry)
    except WireError as error:
        return shard, Unreadable(index, f"the record is no audit entry ({error.code})")
    in_range = 0 <= entry.shard <= SHARD_MAX and entry.index >= 0
    if not in_range or record.key != entry_key(entry.shard, entry.index).encode():
        return shard, Unreadable(index, "the record's key is not that of the entry in it")
    return entry.shard, entry


def _claimed(record: Stored) -> tuple[int, int]:
    found = _KEY.fullmatch(record.key or b"")
    return (int(found[1]), int(found[2])) if found else (record.partition, -1)


# ---------------------------------------------------------------- heads that were seen earlier


def load_heads(path: Path) -> dict[int, Head]:
    """Read a file of heads; nothing where there is none yet. Raises OperatorError."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_HEADS_BYTES_MAX))
        return {int(shard): _head(each) for shard, each in found["shards"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}", code="no_file") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise OperatorError(
            f"{path} is no file of heads",
            code="bad_heads",
            hint="name the file that an earlier `phigate audit verify --head FILE` wrote",
        ) from None


def _head(found: Mapping[str, Any]) -> Head:
    if not _HASH.fullmatch(found["hash"]):
        raise ValueError
    return Head(int(found["index"]), found["hash"])


def save_heads(path: Path, heads: Mapping[int, Head]) -> None:
    """Write the heads, whole or not at all. Raises OperatorError."""
    shards = {str(s): {"index": h.index, "hash": h.hash} for s, h in sorted(heads.items())}
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="ascii") as file:
            file.write(json.dumps({"phigate": "audit-heads", "shards": shards}, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", code="no_file") from None
    finally:
        beside.unlink(missing_ok=True)
