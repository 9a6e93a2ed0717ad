"""One leaf: its canonical bytes, and the record that carries it.

The leaf is JSON in one spelling (names sorted, no blanks, UTF-8 as it is), so that a stranger can
read it with any tool. What stands in the record is what is hashed, byte for byte: nothing is ever
encoded again to check a proof. It holds ids and digests and stays below the 65,535 bytes of a
tlog-tiles entry (C2SP tlog-tiles); the event stands beside it in the record, under its digest, and
can be erased without touching a proof.

A leaf carries no link and no signature: the tree gives its place, a checkpoint signs the tree. The
signature beside it is a receipt, as certificate transparency has them: the audit's promise that the
leaf will be in the tree, for whoever waits for an answer and not for the next checkpoint. It has
the form of C2SP's signed-note: the key's 4-byte hash, then Ed25519, over frame(DOMAIN) || hash.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Final

from streams.audit.facts import facts, kind_of
from streams.audit.merkle import leaf_hash
from streams.errors import InvariantError, SignatureError
from streams.events import AuditEntry, AuditLeaf, CaseEvent, Consequence, Effected
from streams.signing import PublicKey, SigningKey

DOMAIN: Final = b"phigate/audit-receipt/v1"
KEY_HASH_BYTES: Final = 4
SIGNATURE_BYTES: Final = KEY_HASH_BYTES + 64  # then Ed25519 (RFC 8032 section 5.1.6)

SHARD_MAX: Final = 99_999  # five digits in the record's key
INDEX_MAX: Final = 999_999_999_999  # twelve: 31,000 years at one entry a second
LEAF_BYTES_MAX: Final = 65_534  # C2SP tlog-tiles gives an entry 16 bits of length
EVENT_BYTES_MAX: Final = 16 * 1024 * 1024  # above the largest record that any topic takes

UNREADABLE: Final = "unreadable_event"
"""The reason where a record of `cases` could not be decoded: its bytes are not kept."""


def is_unreadable(told: Consequence) -> bool:
    """Return whether this is the fold's answer to a record that could not be decoded.

    The reason alone is not enough: an approver may choose any code to deny with.
    """
    return told.effected is Effected.REFUSED and told.reason == UNREADABLE


def entry_key(shard: int, index: int) -> str:
    """Return the record key of an entry, so that compaction can remove exact repeats alone."""
    return f"{shard:05d}/{index:012d}"


def digest_of(event: bytes) -> str:
    """Return the lower-case hex SHA-256 of a record's bytes."""
    return hashlib.sha256(event).hexdigest()


def entry_of(  # noqa: PLR0913, PLR0917 - the parts of a leaf, each named at the call
    shard: int,
    index: int,
    intent_id: str,
    event_bytes: bytes,
    event: CaseEvent | None,
    consequence: Consequence,
    signer: SigningKey,
) -> AuditEntry:
    """Return the signed entry of one event; the same arguments give the same bytes.

    `event` is None where its bytes could not be decoded: then they are not kept, since nobody can
    say what they hold. InvariantError where a limit is passed.
    """
    said = AuditLeaf(
        shard=shard,
        index=index,
        at_ms=event.at_ms if event else None,
        intent_id=intent_id,
        event_id=event.event_id if event else "",
        kind=kind_of(event),
        event_digest=digest_of(event_bytes),
        consequence=consequence,
        facts=facts(event),
    )
    spelled = spell(said)
    if excess := over_limit(shard, index, spelled, event_bytes):
        raise InvariantError(f"an audit entry is over its limits: {excess}", code="oversized")
    receipt = sign(leaf_hash(spelled).hex(), signer)
    return AuditEntry(leaf=spelled, event=event_bytes if event else b"", signature=receipt)


def spell(said: AuditLeaf) -> bytes:
    """Return the leaf in its one spelling."""
    whole = said.model_dump(mode="json")
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def over_limit(shard: int, index: int, leaf: bytes, event: bytes) -> str:
    """Return which limit these break, or nothing."""
    if not 0 <= shard <= SHARD_MAX:
        return f"the shard is not within 0..{SHARD_MAX}"
    if not 0 <= index <= INDEX_MAX:
        return f"the index is not within 0..{INDEX_MAX}"
    if len(event) > EVENT_BYTES_MAX:
        return f"the event has more than {EVENT_BYTES_MAX} bytes"
    if len(leaf) > LEAF_BYTES_MAX:
        return f"the leaf has more than {LEAF_BYTES_MAX} bytes"
    return ""


def entry_hash(entry: AuditEntry) -> str:
    """Return the lower-case hex leaf hash of an entry."""
    return leaf_hash(entry.leaf).hex()


def answers(entry: AuditEntry, event_id: str, intent_id: str, keys: Iterable[PublicKey]) -> bool:
    """Return whether this is the gate's own word on the event of that id and intent.

    A receipt is on a leaf. So the leaf must name the event and the intent, and an event that stands
    beside it must be the one that the leaf names by its digest: otherwise a genuine receipt would
    pass for the answer to another event.
    """
    try:
        check_signature(entry_hash(entry), entry.signature, keys)
        said = entry.said
    except (SignatureError, ValueError):
        return False
    return (said.event_id, said.intent_id) == (event_id, intent_id) and not is_changed(entry)


def is_changed(entry: AuditEntry) -> bool:
    """Return whether the event beside a leaf is another than the leaf was made of."""
    return bool(entry.event) and digest_of(entry.event) != entry.said.event_digest


def erased(entry: AuditEntry) -> AuditEntry:
    """Return the entry without its event, which takes its place under the same key."""
    return AuditEntry(leaf=entry.leaf, event=b"", signature=entry.signature)


def sign(hash_hex: str, signer: SigningKey) -> bytes:
    """Return the receipt for a leaf of this hash. Deterministic."""
    return _key_hash(signer.public) + signer.sign(_signed(hash_hex))


def check_signature(hash_hex: str, signature: bytes, keys: Iterable[PublicKey]) -> PublicKey:
    """Return the key of `keys` that signed the hash.

    Raises SignatureError: `bad_signature` where it is not of that form or does not verify,
    `unknown_key` where none of `keys` has its key hash.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(f"a signature has {SIGNATURE_BYTES} bytes", code="bad_signature")
    named, rest = signature[:KEY_HASH_BYTES], signature[KEY_HASH_BYTES:]
    candidates = [key for key in keys if _key_hash(key) == named]
    if not candidates:
        why = f"signed by a key that is not known ({named.hex()})"
        raise SignatureError(why, code="unknown_key")
    for key in candidates:  # four bytes can meet by chance
        try:
            key.verify(_signed(hash_hex), rest)
        except SignatureError:
            continue
        return key
    raise SignatureError("the signature does not verify", code="bad_signature")


def _signed(hash_hex: str) -> bytes:
    return len(DOMAIN).to_bytes(4, "big") + DOMAIN + bytes.fromhex(hash_hex)


def _key_hash(key: PublicKey) -> bytes:
    return bytes.fromhex(key.key_id.rsplit("+", 1)[-1])
