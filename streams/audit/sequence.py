"""How one entry follows another: each carries the hash of the one before it.

`index` is the entry's offset in its partition of `cases`, so the chain has no gap unless the log
has one. A shard may begin at any index, since a log can be older than its audit, but it begins
once: its first entry, and no other, names `GENESIS` as the one before.
"""

from dataclasses import dataclass
from typing import Final

from streams.audit.entry import digest_of, entry_hash, is_unreadable, sign
from streams.errors import InvariantError
from streams.events import AuditEntry, Consequence
from streams.signing import SigningKey

GENESIS: Final = "0" * 64
"""The hash before the first entry of a shard."""


@dataclass(frozen=True)
class Head:
    """The newest entry of a shard: all that is needed to append the next, or to pin the log."""

    index: int
    hash: str


def head_of(entry: AuditEntry) -> Head:
    """Return the head of a shard whose newest entry is `entry`."""
    return Head(entry.index, entry_hash(entry))


def append(  # noqa: PLR0913, PLR0917 - the parts of an entry, each named at the call
    head: Head | None,
    shard: int,
    index: int,
    intent_id: str,
    event_bytes: bytes,
    consequence: Consequence,
    signer: SigningKey,
) -> AuditEntry:
    """Return the signed entry that follows `head`; the same arguments give the same bytes.

    Where the consequence says that the event was unreadable, its bytes are not kept: nobody can say
    what they hold. Raises InvariantError where `index` does not follow `head` or a limit is passed.
    """
    if head is not None and index != head.index + 1:
        raise InvariantError(
            f"audit shard {shard}: entry {index} cannot follow entry {head.index}",
            code="audit_out_of_order",
        )
    unsigned = AuditEntry(
        shard=shard,
        index=index,
        previous=GENESIS if head is None else head.hash,
        intent_id=intent_id,
        event=b"" if is_unreadable(consequence) else event_bytes,
        event_digest=digest_of(event_bytes),
        consequence=consequence,
        signature=b"",
    )
    return unsigned.model_copy(update={"signature": sign(entry_hash(unsigned), signer)})
