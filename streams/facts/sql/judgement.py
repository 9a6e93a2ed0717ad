"""What one reading of one statement says."""

from dataclasses import dataclass
from typing import Final

from streams.facts.fact import NO, UNKNOWN, YES

WRITES: Final = frozenset(
    {"insert", "update", "delete", "merge", "ddl", "grant", "copy", "call", "set", "transaction"}
    | {"lock", "into"}
)
"""Kinds of statements, or of parts of one, that do something."""

EFFECT_OF: Final = {
    "insert": "write",
    "update": "write",
    "delete": "write",
    "merge": "write",
    "ddl": "write",
    "grant": "write",
    "into": "write",
    "copy": "file",
    "call": "code",
    "set": "session",
    "transaction": "session",
    "lock": "locks",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether it states no effect, of which kinds it is, how many statements there are."""

    read: str = UNKNOWN
    statements: str = UNKNOWN
    kinds: frozenset[str] = frozenset()
    functions_unknown: int = 0


def settled(
    statements: str, kinds: set[str] | frozenset[str], *, known: bool, functions_unknown: int = 0
) -> Judgement:
    """Return the judgement: no where something is done, yes where all is known, else unknown."""
    found = frozenset(kinds)
    if found & WRITES:
        read = NO
    elif known and not functions_unknown and statements == "one" and found <= _READS:
        read = YES
    else:
        read = UNKNOWN
    return Judgement(read, statements, found, functions_unknown)


_READS: Final = frozenset({"select", "explain", "show"})
