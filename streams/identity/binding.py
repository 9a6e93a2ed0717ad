"""What binds a login's key into an ID token, and how both travel with a decision.

1. The nonce is base64url(SHA-256(key text || salt)), without padding; the salt has 32 bytes, so the
   nonce says nothing of the key to the provider, and no two logins have the same.
2. A decision carries token, key and salt as JSON, sealed to the gate: an ID token names a person,
   and some systems take one for a password. Nobody but admit reads it.
"""

import base64
import hashlib
import hmac
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streams.errors import KeyringError, RefusedError
from streams.signing import PublicKey

SALT_BYTES: Final = 32
TOKEN_CHARS_MAX: Final = 16_384  # with some hundred groups in it
PROOF_BYTES_MAX: Final = TOKEN_CHARS_MAX + 4_096
KEY_NAME: Final = "login"


def nonce_of(key: PublicKey, salt: bytes) -> str:
    """Return the nonce that binds this key."""
    digest = hashlib.sha256(key.text.encode() + salt).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_bound(nonce: object, key: PublicKey, salt: bytes) -> bool:
    """Return whether a token's nonce is this key's."""
    return isinstance(nonce, str) and hmac.compare_digest(
        nonce.encode(), nonce_of(key, salt).encode()
    )


class Proof(BaseModel):
    """An ID token and what binds the signing key to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, Field(max_length=TOKEN_CHARS_MAX, repr=False)]
    key: str
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]

    @property
    def signer(self) -> PublicKey:
        """The key; RefusedError `bad_identity` where the text is none."""
        try:
            return PublicKey.parse(self.key)
        except KeyringError:
            raise RefusedError("the login's key is none", code="bad_identity") from None


def pack(proof: Proof) -> bytes:
    """Return the bytes that are sealed to the gate."""
    return proof.model_dump_json().encode()


def unpack(data: bytes) -> Proof:
    """Read them; RefusedError `bad_identity`."""
    if len(data) > PROOF_BYTES_MAX:
        raise RefusedError("the decision's identity is too long", code="bad_identity")
    try:
        return Proof.model_validate_json(data)
    except ValidationError:
        raise RefusedError("the decision's identity is none", code="bad_identity") from None
