"""What of an audit entry is hashed, and how its signature is made and checked.

The leaf is a byte string of its own, not Avro and not JSON: a schema may gain a field and a library
may change its output, but what was signed must be rebuilt from the same facts for ever. It is

    frame(DOMAIN) frame(shard) frame(index) frame(previous) frame(intent_id) frame(event_digest)
    frame(effected) frame(reason) optional(state) optional(grant_id)

    frame(x)     4 bytes length of x, then x; numbers are 8 bytes, text is UTF-8; all big-endian
    optional(x)  the byte 00 where there is none, else the byte 01 and frame(x)

so that no two different entries have the same leaf. The event itself stands in it by its SHA-256:
a proof stays whole where the masked event has to be erased. The signature stands outside.

The hash is RFC 9162 section 2.1.1's leaf hash, SHA-256(00 || leaf). The signature is the form of
C2SP's signed-note: the key's 4-byte hash, then Ed25519, here over frame(DOMAIN) || hash.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from streams.errors import InvariantError, SignatureError
from streams.events import AuditEntry, Consequence, Effected
from streams.signing import PublicKey, SigningKey

DOMAIN: Final = b"phigate/audit-entry/v1"
KEY_HASH_BYTES: Final = 4
SIGNATURE_BYTES: Final = (
    KEY_HASH_BYTES + 64
)  # the key's hash, then Ed25519 (RFC 8032 section 5.1.6)

SHARD_MAX: Final = 99_999  # five digits in the record's key
INDEX_MAX: Final = 999_999_999_999  # twelve: 31,000 years at one entry a second
TEXT_BYTES_MAX: Final = 4_096  # six texts stay under the 65,535 bytes of a tlog-tiles entry
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


def leaf(entry: AuditEntry) -> bytes:
    """Return the canonical bytes of `entry`; raises InvariantError where it is over a limit."""
    if excess := over_limit(entry):
        raise InvariantError(f"an audit entry is over its limits: {excess}", code="oversized")
    told = entry.consequence
    return b"".join(
        (
            _frame(DOMAIN),
            _number(entry.shard),
            _number(entry.index),
            _text(entry.previous),
            _text(entry.intent_id),
            _text(entry.event_digest),
            _text(told.effected),
            _text(told.reason),
            _optional(told.state),
            _optional(told.grant_id),
        )
    )


def over_limit(entry: AuditEntry) -> str:
    """Return which limit `entry` breaks, or nothing."""
    if not 0 <= entry.shard <= SHARD_MAX:
        return f"the shard is not within 0..{SHARD_MAX}"
    if not 0 <= entry.index <= INDEX_MAX:
        return f"the index is not within 0..{INDEX_MAX}"
    if len(entry.event) > EVENT_BYTES_MAX:
        return f"the event has more than {EVENT_BYTES_MAX} bytes"
    told = entry.consequence
    texts = (entry.previous, entry.intent_id, entry.event_digest, told.reason, told.grant_id or "")
    if any(len(text.encode()) > TEXT_BYTES_MAX for text in texts):
        return f"a text has more than {TEXT_BYTES_MAX} bytes"
    return ""


def entry_hash(entry: AuditEntry) -> str:
    """Return the lower-case hex leaf hash of everything in `entry` but its signature."""
    return hashlib.sha256(b"\x00" + leaf(entry)).hexdigest()


def sign(hash_hex: str, signer: SigningKey) -> bytes:
    """Return the signature of an entry of this hash: key hash, then Ed25519. Deterministic."""
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
        raise SignatureError(
            f"signed by a key that is not known ({named.hex()})", code="unknown_key"
        )
    for key in candidates:  # four bytes can meet by chance
        try:
            key.verify(_signed(hash_hex), rest)
        except SignatureError:
            continue
        return key
    raise SignatureError("the signature does not verify", code="bad_signature")


def _signed(hash_hex: str) -> bytes:
    return _frame(DOMAIN) + bytes.fromhex(hash_hex)


def _key_hash(key: PublicKey) -> bytes:
    return bytes.fromhex(key.key_id.rsplit("+", 1)[-1])


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _number(value: int) -> bytes:
    return _frame(value.to_bytes(8, "big"))


def _text(value: str) -> bytes:
    return _frame(value.encode())


def _optional(value: str | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + _text(value)
