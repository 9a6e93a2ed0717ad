"""What a checker found: which invariant does not hold, and where."""

from collections.abc import Sequence
from typing import NamedTuple

from streams.errors import InvariantError

SHOWN_MAX = 10


class Violation(NamedTuple):
    """One thing that must not be. `invariant` is I1, I3, I4, I5, I7 or once."""

    invariant: str
    what: str


class BrokenInvariant(InvariantError):  # noqa: N818 - it reads as what it says: an invariant is broken
    """Some invariant does not hold; `findings` say which and where."""

    code = "broken_invariant"

    def __init__(self, findings: Sequence[Violation]) -> None:
        shown = "; ".join(f"{f.invariant}: {f.what}" for f in findings[:SHOWN_MAX])
        super().__init__(f"{len(findings)} findings: {shown}")
        self.findings = tuple(findings)

    @property
    def invariants(self) -> frozenset[str]:
        """Return the names of what does not hold."""
        return frozenset(finding.invariant for finding in self.findings)
