"""Sealing to a public key: HPKE base mode (RFC 9180), X25519, HKDF-SHA256, AES-256-GCM.

A blob is the encapsulated key (32 bytes) and the ciphertext. Purpose and associated data go into
`info`, as RFC 9180 section 8.1 asks of single-shot use: a blob moved to another intent does not
open, and one sealed for one purpose does not open as another. Base mode does not say who sealed:
agents and approvers are told by other means.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from streams import keyring
from streams.errors import KeyringError
from streams.sealing.symmetric import unsealable

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Purpose(StrEnum):
    """What a blob is for; each has an HPKE context of its own. The words are part of the format."""

    INTENT = "intent body"
    RATIONALE = "decision rationale"
    IDENTITY = "decision identity"
    OUTCOME = "outcome message"
    ORDER = "order reason"
    DATA_KEY = "data key"
    REVEAL = "reveal"


def _info(purpose: Purpose, aad: str) -> bytes:
    return b"phigate/hpke/v1\x00" + purpose.value.encode() + b"\x00" + aad.encode()


class SealPublicKey(keyring.PublicText):
    """A named X25519 public key, written `name+hash+base64` like a verifier key."""

    KIND = keyring.SEALING

    def seal(self, plaintext: bytes, aad: str, purpose: Purpose) -> bytes:
        """Return a blob that only this key's owner opens, with the same `aad` and `purpose` alone.

        KeyringError where the key is no point that a secret can be agreed with (RFC 7748, 6.1).
        """
        try:
            key = X25519PublicKey.from_public_bytes(self.raw)
            return _SUITE.encrypt(plaintext, key, _info(purpose, aad))
        except ValueError:
            raise KeyringError(f"nothing can be sealed to {self.key_id}: the key is weak") from None


@dataclass(frozen=True)
class SealKey:
    """A private key that opens what was sealed to `public`."""

    public: SealPublicKey
    _key: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def new(cls, name: str) -> Self:
        """Draw a key; KeyringError if it cannot be named so."""
        return cls._named(name, X25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> Self:
        """Read a key file; KeyringError with the codes of `SigningKey.load`."""
        text, key = keyring.load_private(path, keyring.SEALING, passphrase)
        if not isinstance(key, X25519PrivateKey):
            raise KeyringError(f"{path} holds no X25519 key")
        loaded = cls._named(text.partition("+")[0], key)
        if loaded.public.text != text:
            raise KeyringError(f"{path}: its first line names another key than it holds")
        return loaded

    @classmethod
    def _named(cls, name: str, key: X25519PrivateKey) -> Self:
        return cls(SealPublicKey(name, key.public_key().public_bytes_raw()), key)

    def save(self, path: Path, passphrase: str | None = None, *, force: bool = False) -> None:
        """Write the key file as 0600; KeyringError `key_exists` unless `force`."""
        keyring.save_private(path, self.public, self._key, passphrase, force=force)

    def open(self, blob: bytes, aad: str, purpose: Purpose) -> bytes:
        """Open a blob; InputError `unsealable` if key, `aad`, `purpose` or any byte differs."""
        try:
            return _SUITE.decrypt(blob, self._key, _info(purpose, aad))
        except (InvalidTag, ValueError):
            raise unsealable() from None
