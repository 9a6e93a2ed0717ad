"""One line of the posture."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it stands. `risk`: an invariant does not hold, or nobody can tell; `away`: no broker."""

    OK = "ok"
    WARN = "warn"
    RISK = "risk"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at, how it stands, what was seen, and what to do; no secret, no PHI."""

    check: str
    level: Level
    said: str
    todo: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it for scripts."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, said: str) -> Diagnosis:
    """Return that it is as it should be."""
    return Diagnosis(check, Level.OK, said)


def warn(check: str, said: str, todo: str) -> Diagnosis:
    """Return what could be better and breaks nothing."""
    return Diagnosis(check, Level.WARN, said, todo)


def risk(check: str, said: str, todo: str) -> Diagnosis:
    """Return what puts an invariant at risk."""
    return Diagnosis(check, Level.RISK, said, todo)
