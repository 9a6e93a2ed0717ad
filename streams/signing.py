"""The one door to signatures: Ed25519 (RFC 8032) in DSSE envelopes (DSSE 1.0.2).

1. The same payload under the same key gives the same bytes: an envelope has one spelling (compact
   JSON, sorted names, standard base64), and every other spelling of it is refused. So no byte of
   one can be changed in the log without being noticed.
2. An envelope bears one signature. Its `keyid` is not authenticated: it chooses the key to try, and
   only the verification says who signed.
3. The envelope is built here and not by securesystemslib: that takes each signer and key of its
   clouds along at import (60 ms, every command would pay), accepts many spellings, and changes
   what it parses. The tests hold both against each other.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from streams import keyring
from streams.errors import KeyringError, SignatureError

DECISION: Final = "application/vnd.phigate.decision+json"
OUTCOME: Final = "application/vnd.phigate.outcome+json"
GRANT: Final = "application/vnd.phigate.grant+json"
CONTROL: Final = "application/vnd.phigate.control+json"
REQUEST: Final = "application/vnd.phigate.request+json"
INTENT: Final = "application/vnd.phigate.intent+json"
BEHALF: Final = "application/vnd.phigate.behalf+json"  # by the person whom an agent asks for

# A grant's masked view may be as long as its params (256 KiB by default), escaped sixfold, base64.
_ENVELOPE_BYTES_MAX = 4 * 1024 * 1024

# The points of small order, sign bit cleared: who owns such a "key" can sign so that the signature
# fits any message, and so deny every one. (Bernstein et al. 2011; RFC 8032 section 8.9 leaves the
# check to the application.)
_P = 2**255 - 19
_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER = frozenset({0, 1, _ORDER_8, _P - _ORDER_8, _P - 1, _P, _P + 1})


class PublicKey(keyring.PublicText):
    """A named Ed25519 public key, written `name+hash+base64` (C2SP signed-note)."""

    KIND = keyring.SIGNING

    def __post_init__(self) -> None:
        super().__post_init__()
        if int.from_bytes(self.raw, "little") & (2**255 - 1) in _SMALL_ORDER:
            raise KeyringError("this key fits any signature (small order): it proves nothing")

    def verify(self, data: bytes, signature: bytes) -> None:
        """Return if `signature` is this key's over `data`; SignatureError otherwise."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            raise SignatureError(f"the signature is not {self.key_id}'s") from None


@dataclass(frozen=True)
class SigningKey:
    """A private key and the name it signs under."""

    public: PublicKey
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def new(cls, name: str) -> Self:
        """Draw a key; KeyringError if it cannot be named so."""
        return cls._named(name, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> Self:
        """Read a key file.

        KeyringError, by code: `no_key`, `key_exposed`, `passphrase_needed`, `wrong_passphrase`,
        `bad_key`, `key_unreadable`.
        """
        text, key = keyring.load_private(path, keyring.SIGNING, passphrase)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyringError(f"{path} holds no Ed25519 key")
        loaded = cls._named(text.partition("+")[0], key)
        if loaded.public.text != text:
            raise KeyringError(f"{path}: its first line names another key than it holds")
        return loaded

    @classmethod
    def _named(cls, name: str, key: Ed25519PrivateKey) -> Self:
        return cls(PublicKey(name, key.public_key().public_bytes_raw()), key)

    def save(self, path: Path, passphrase: str | None = None, *, force: bool = False) -> None:
        """Write the key file as 0600; KeyringError `key_exists` unless `force`."""
        keyring.save_private(path, self.public, self._key, passphrase, force=force)

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Return the key of these 32 secret bytes (RFC 8032 section 5.1.5)."""
        try:
            return cls._named(name, Ed25519PrivateKey.from_private_bytes(seed))
        except ValueError:
            raise KeyringError("a seed has 32 bytes") from None

    def seed(self) -> bytes:
        """Return the 32 secret bytes, for a key that is not kept in a key file."""
        return self._key.private_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature; the same for the same data."""
        return self._key.sign(data)


class Signer(Protocol):
    """Whatever signs under a public key: a `SigningKey`, or an agent that holds one."""

    @property
    def public(self) -> PublicKey:
        """The key that verifies."""

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature."""


def pae(payload: bytes, payload_type: str) -> bytes:
    """Return what is signed: DSSE's pre-authentication encoding (protocol.md, section PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope(payload: bytes, payload_type: str, key: Signer) -> bytes:
    """Return the DSSE envelope over `payload`, in its one spelling."""
    return _spell(payload, payload_type, key.public.key_id, key.sign(pae(payload, payload_type)))


def named_key(data: bytes, payload_type: str) -> str:
    """Return the key id that an envelope names; nothing is verified.

    SignatureError as `open_envelope` for what is no such envelope.
    """
    _, found_type, key_id, _ = _parse(data)
    if found_type != payload_type:
        raise SignatureError("the envelope holds another type", code="wrong_payload_type")
    return key_id


def open_envelope(
    data: bytes, payload_type: str, keys: Iterable[PublicKey]
) -> tuple[PublicKey, bytes]:
    """Return who of `keys` signed this envelope, and the payload.

    SignatureError, by code: `bad_envelope` (no DSSE, or not in its one spelling),
    `wrong_payload_type`, `missing_signature`, `several_signatures`, `unknown_key`, `bad_signature`.
    """
    payload, found_type, key_id, signature = _parse(data)
    if found_type != payload_type:
        raise SignatureError("the envelope holds another type", code="wrong_payload_type")
    key = next((known for known in keys if known.key_id == key_id), None)
    if key is None:
        raise SignatureError("the signing key is not known here", code="unknown_key")
    key.verify(pae(payload, payload_type), signature)
    return key, payload


def _spell(payload: bytes, payload_type: str, key_id: str, signature: bytes) -> bytes:
    signed = {"keyid": key_id, "sig": base64.b64encode(signature).decode()}
    whole = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [signed],
    }
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(data: bytes) -> tuple[bytes, str, str, bytes]:
    if len(data) > _ENVELOPE_BYTES_MAX:
        raise SignatureError("the envelope is too long", code="bad_envelope")
    try:
        whole = json.loads(data)
        signed = _only_signature(whole)
        parts = (
            base64.b64decode(whole["payload"], validate=True),
            whole["payloadType"],
            signed["keyid"],
            base64.b64decode(signed["sig"], validate=True),
        )
        same = isinstance(parts[1], str) and isinstance(parts[2], str) and _spell(*parts) == data
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
        same = False
    if not same:
        raise SignatureError("these bytes are no DSSE envelope of ours", code="bad_envelope")
    return parts


def _only_signature(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the one signature; TypeError or KeyError where there is no list of them."""
    found = whole["signatures"]
    if not isinstance(found, list):
        raise TypeError
    if not found or not found[0]["sig"]:
        raise SignatureError("the envelope bears no signature", code="missing_signature")
    if len(found) > 1:
        raise SignatureError("the envelope bears several signatures", code="several_signatures")
    first: dict[str, Any] = found[0]
    return first
