"""Intent ids: drawn by time where the caller has no key, derived where there is one.

Each bears its agent's mark (`events.agent_mark`), which admission checks, so no agent can take the
id of another. One that is derived of an idempotency key is derived under a secret of the agent's:
whoever reads the id cannot try keys until one fits, and whoever knows the key cannot be first.

    18bcfe56-800b-7MMM-8MMM-MM..........   M: the mark; the rest is time and chance, or the digest
"""

import hashlib
import secrets
import uuid

from streams.errors import KeyringError
from streams.events import marked
from streams.sealing import sub_key

_MS_BITS = 48
_CHANCE_BITS = 74
_SECRET_BYTES_MIN = 16


def uuid7(at_ms: int, chance: int) -> str:
    """Return the UUIDv7 (RFC 9562 section 5.7) of a time and 74 bits of chance.

    48 bits of milliseconds, the version, 12 bits, the variant, 62 bits.
    """
    high, low = chance >> 62 & 0xFFF, chance & (1 << 62) - 1
    number = (at_ms & (1 << _MS_BITS) - 1) << 80 | 0x7 << 76 | high << 64 | 0x2 << 62 | low
    return str(uuid.UUID(int=number))


def uuid8(number: int) -> str:
    """Return the UUIDv8 (RFC 9562 section 5.8) of 128 bits, six of which it overwrites."""
    number = number & ~(0xF << 76) | 0x8 << 76
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def time_of(intent_id: str) -> int | None:
    """Return the milliseconds that a UUIDv7 holds; nothing for any other id."""
    try:
        number = uuid.UUID(intent_id)
    except ValueError:
        return None
    return number.int >> 80 if number.version == 7 else None  # noqa: PLR2004 - the version's name


def intent_id(agent: str, key: str | None, at_ms: int, secret: bytes = b"") -> str:
    """Return the id of a new intent: always the same for one agent and key, else a fresh one.

    A key needs the agent's secret, 16 bytes or more: KeyringError `no_secret` without.
    """
    if key is None:
        drawn = uuid7(at_ms, secrets.randbits(_CHANCE_BITS))
        return str(uuid.UUID(int=marked(uuid.UUID(drawn).int, agent)))
    if len(secret) < _SECRET_BYTES_MIN:
        raise KeyringError("an id of a key is derived under a secret", code="no_secret")
    digest = hashlib.sha256(sub_key(secret, "intent id", agent.encode(), key.encode())).digest()
    whole = uuid.UUID(uuid8(int.from_bytes(digest[:16], "big")))
    return str(uuid.UUID(int=marked(whole.int, agent)))


def nonce(agent: str, name: str, secret: bytes) -> bytes:
    """Return the nonce of an intent's content: the same again for the same agent and intent.

    So whoever proposes it a second time, in another process, can tell what a verdict answers.
    """
    return sub_key(secret, "content nonce", agent.encode(), name.encode())
