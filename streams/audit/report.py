"""What a walk over a shard says: kinds of break, the report, and the checks of an entry alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from streams.audit.entry import check_signature, digest_of, entry_hash, is_unreadable, over_limit
from streams.audit.sequence import Head
from streams.errors import SignatureError
from streams.events import AuditEntry
from streams.signing import PublicKey


class Kind(StrEnum):
    """What can be wrong with a chain."""

    UNDECODABLE = "undecodable"
    OVERSIZED = "oversized"
    WRONG_SHARD = "wrong_shard"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_KEY = "unknown_key"
    DIGEST_MISMATCH = "digest_mismatch"
    CONFLICTING_ENTRY = "conflicting_entry"
    MISSING_ENTRY = "missing_entry"
    BROKEN_CHAIN = "broken_chain"
    WRONG_CONSEQUENCE = "wrong_consequence"
    DUPLICATE_GRANT = "duplicate_grant"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


@dataclass(frozen=True)
class Break:
    """The first thing found wrong: where, what, and in words without anybody's data."""

    shard: int
    index: int
    kind: Kind
    detail: str


@dataclass(frozen=True)
class Unreadable:
    """A record that is no audit entry; `index` is what its key claims, or -1."""

    index: int
    detail: str


@dataclass(frozen=True)
class ShardReport:
    """What a walk found. `head` is the last good entry: pin it, or start the next walk there."""

    shard: int
    entries: int
    repeats: int
    first: int | None
    head: Head | None
    broken: Break | None
    grants: frozenset[str] = field(default=frozenset(), repr=False)


class Broken(Exception):  # noqa: N818 - it is an answer on its way up, not an error
    """Carries a break up to the walk; never leaves this room."""

    def __init__(self, index: int, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.index, self.kind, self.detail = index, kind, detail


def check_alone(entry: AuditEntry, shard: int, keys: Iterable[PublicKey]) -> str:
    """Check what can be seen from one entry and return its hash; raises `Broken` with the kind."""
    if excess := over_limit(entry):
        raise Broken(entry.index, Kind.OVERSIZED, excess)
    if entry.shard != shard:
        raise Broken(entry.index, Kind.WRONG_SHARD, f"it belongs to shard {entry.shard}")
    hash_hex = entry_hash(entry)
    try:
        check_signature(hash_hex, entry.signature, keys)
    except SignatureError as error:
        raise Broken(entry.index, Kind(error.code), str(error)) from error
    _check_event(entry)
    return hash_hex


def _check_event(entry: AuditEntry) -> None:
    if is_unreadable(entry.consequence):
        if entry.event:
            raise Broken(
                entry.index, Kind.DIGEST_MISMATCH, "it keeps bytes that the gate called unreadable"
            )
        return
    if digest_of(entry.event) != entry.event_digest:
        what = "the event's bytes are gone" if not entry.event else "the event was changed"
        raise Broken(entry.index, Kind.DIGEST_MISMATCH, what)
