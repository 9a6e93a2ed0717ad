"""What masking hands back: spans inside the room, findings and a masked document outside.

No class here ever holds a value that was found: places, types and counts alone.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

JsonValue = Any
"""Any JSON value: an object, array, string, number, boolean or null."""


class Span(NamedTuple):
    """A half-open stretch of characters that holds an identifier of one type."""

    start: int
    end: int
    type: str
    score: float
    recognizer: str

    def moved(self, offset: int) -> "Span":
        """Return the same span, counted from a place `offset` characters earlier."""
        return self._replace(start=self.start + offset, end=self.end + offset)


@dataclass(frozen=True)
class Finding:
    """One kind of identifier as found: never its value."""

    type: str
    count: int
    paths: tuple[str, ...]
    recognizer: str
    score: float


@dataclass(frozen=True)
class Masked:
    """A masked document and the manifest of what was masked in it."""

    document: JsonValue
    findings: tuple[Finding, ...] = ()
    withheld: int = 0
    spans: tuple[Span, ...] = field(default=(), repr=False)

    @property
    def whole(self) -> bool:
        """Whether nothing had to be withheld, so that a reviewer sees the whole masked action."""
        return self.withheld == 0

    @property
    def kinds(self) -> dict[str, int]:
        """Count the findings by type."""
        kinds: dict[str, int] = {}
        for finding in self.findings:
            kinds[finding.type] = kinds.get(finding.type, 0) + finding.count
        return dict(sorted(kinds.items()))
