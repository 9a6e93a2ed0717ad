"""Intent ids: drawn by time where the caller has no key, derived where there is one."""

import secrets
import uuid

from streams.events import derived_id

_MS_BITS = 48
_CHANCE_BITS = 74


def uuid7(at_ms: int, chance: int) -> str:
    """Return the UUIDv7 (RFC 9562 section 5.7) of a time and 74 bits of chance.

    48 bits of milliseconds, the version, 12 bits, the variant, 62 bits.
    """
    high, low = chance >> 62 & 0xFFF, chance & (1 << 62) - 1
    number = (at_ms & (1 << _MS_BITS) - 1) << 80 | 0x7 << 76 | high << 64 | 0x2 << 62 | low
    return str(uuid.UUID(int=number))


def time_of(intent_id: str) -> int | None:
    """Return the milliseconds that a UUIDv7 holds; nothing for any other id."""
    try:
        number = uuid.UUID(intent_id)
    except ValueError:
        return None
    return number.int >> 80 if number.version == 7 else None  # noqa: PLR2004 - the version's name


def intent_id(agent: str, key: str | None, at_ms: int) -> str:
    """Return the id of a new intent: always the same for one agent and key, else a fresh one."""
    if key is not None:
        return derived_id("intent", agent, key)
    return uuid7(at_ms, secrets.randbits(_CHANCE_BITS))
