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
class About:
    """What the gate knows of a document before it is masked.

    `dialect` is that of the SQL in it, "" where nobody says; `public` are names of the directory
    and of the catalogue, which are shown; `grants` says that the action gives somebody a right, so
    that nothing in its params may be hidden. `masked_before` says that tokens in it may be those of
    an earlier masking; where it does not, a text that looks like a token is a text.

    `explain` asks why each value that was not masked is kept.
    """

    dialect: str = ""
    public: frozenset[str] = frozenset()
    grants: bool = False
    masked_before: bool = True
    explain: bool = False


class Hidden(NamedTuple):
    """What a token tells of the value that it hides: its length and the classes of characters."""

    token: str
    length: int
    classes: str

    @property
    def said(self) -> str:
        """Return it in words, such as `8 digits` or `12 letters, blanks`."""
        return f"{self.length} {self.classes}"


class Kept(NamedTuple):
    """One value in a data position that was not masked: where, of what shape, and why it stays.

    `why` is empty where nothing shows that the value is harmless.
    """

    path: str
    shape: str
    why: str


@dataclass(frozen=True)
class Masked:
    """A masked document and the manifest of what was masked in it.

    `doubts` are the codes of what keeps a reviewer from seeing the whole action (`doubts`);
    `legend` has a row for each token that masking gave, in order. `unsure` counts the values in
    data positions that are neither masked nor shown to be harmless; `kept` tells the first of them
    by path and shape, and where an explanation was asked for, all that was kept and why.
    """

    document: JsonValue
    findings: tuple[Finding, ...] = ()
    withheld: int = 0
    spans: tuple[Span, ...] = field(default=(), repr=False)
    doubts: tuple[str, ...] = ()
    legend: tuple[Hidden, ...] = ()
    unsure: int = 0
    kept: tuple[Kept, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the masked document shows all of the action that a reviewer must see."""
        return not self.why_not_whole

    @property
    def why_not_whole(self) -> tuple[str, ...]:
        """Return the codes of what is not shown as it must be; empty where all is."""
        return tuple(sorted({*self.doubts, *(("withheld",) if self.withheld else ())}))

    @property
    def kinds(self) -> dict[str, int]:
        """Count the findings by type."""
        kinds: dict[str, int] = {}
        for finding in self.findings:
            kinds[finding.type] = kinds.get(finding.type, 0) + finding.count
        return dict(sorted(kinds.items()))
