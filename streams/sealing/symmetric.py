"""The tools of the other modules: sub keys, AES-256-GCM, length-framed HMAC.

No key does two things: each use derives its own from the key at hand (HKDF, RFC 5869), by a name
that no other use has. Where the name holds an intent's id, each intent has its own key, and so the
limit on messages under one key with random nonces (NIST SP 800-38D section 8.3: 2**32) is out of
reach however long a master key lives.
"""

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streams.errors import InputError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # NIST SP 800-38D section 8.2
TAG_BYTES: Final = 16


def unsealable() -> InputError:
    """Return the one error of all that cannot be opened; it says nothing of the text."""
    return InputError("this cannot be opened: another key, another intent, or changed bytes",
                      code="unsealable")  # fmt: skip


def draw_key() -> bytes:
    """Return 32 fresh random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def framed(*parts: bytes) -> bytes:
    """Join parts so that no two lists of parts give the same bytes: each after its length."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def sub_key(key: bytes, use: str, *context: bytes) -> bytes:
    """Return the key that `key` gives for one use, and for one context where there is one."""
    info = framed(b"phigate " + use.encode(), *context)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def mac(key: bytes, *parts: bytes) -> str:
    """Return HMAC-SHA256 over the framed parts, in lower-case hex."""
    return hmac.new(key, framed(*parts), hashlib.sha256).hexdigest()


def lock(key: bytes, plain: bytes, aad: str) -> tuple[bytes, bytes]:
    """Return a random nonce and AES-256-GCM's ciphertext with its tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, plain, aad.encode())


def unlock(key: bytes, nonce: bytes, ciphertext: bytes, aad: str) -> bytes:
    """Open what `lock` made; InputError `unsealable` if anything differs."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad.encode())
    except (InvalidTag, ValueError):
        raise unsealable() from None


def lock_joined(key: bytes, plain: bytes, aad: str) -> bytes:
    """`lock`, as one blob: the nonce, then the ciphertext."""
    return b"".join(lock(key, plain, aad))


def unlock_joined(key: bytes, blob: bytes, aad: str) -> bytes:
    """Open what `lock_joined` made; InputError `unsealable` if anything differs."""
    return unlock(key, blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
