"""Legal holds: what may not be erased, for as long as a matter lasts.

The register is a file of lines that are only ever added: a hold is placed, and released. Whoever
erases anything of an intent asks `holding` first; an unreadable register holds everything.

It is a register of this home, not of the log: whoever can write the file can take a line out of it.
Keep it under the same care as the directory.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from streams.auditor.ask.summary import Summary
from streams.auditor.read.period import Period
from streams.errors import OperatorError

FILE: Final = "audit-holds.jsonl"
LINE_BYTES_MAX: Final = 1_000_000
_HINT: Final = "mend the file: until then everything counts as held"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. What fits any of `intents`, or all of the others that are given, is held."""

    name: str
    why: str
    by: str
    placed_ms: int
    intents: tuple[str, ...] = ()
    agent: str | None = None
    person: str | None = None
    action: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None

    def holds(self, intent: Summary) -> bool:
        """Tell whether it holds this intent."""
        if intent.intent_id in self.intents:
            return True
        parts = (intent.behalf, intent.owner, *intent.decided_by.split(","))
        asked = [
            (self.agent, self.agent == intent.agent),
            (self.person, self.person in parts),
            (self.action, self.action == intent.action),
            (self.from_ms, Period(self.from_ms).holds(intent.opened_ms)),
            (self.to_ms, Period(None, self.to_ms).holds(intent.opened_ms)),
        ]
        named = [fits for value, fits in asked if value is not None]
        return bool(named) and all(named)


def place(path: Path, hold: Hold) -> None:
    """Write a hold down. OperatorError where one of that name stands, or it would hold nothing."""
    if hold.name in standing(path):
        raise OperatorError(f"a hold {hold.name} stands already", code="hold_exists")
    if not any((hold.intents, hold.agent, hold.person, hold.action, hold.from_ms, hold.to_ms)):
        raise OperatorError(
            "this would hold nothing",
            code="empty_hold",
            hint="name intents, an agent, a person, an action or a time",
        )
    _write(path, {"do": "place", **asdict(hold)})


def release(path: Path, name: str, by: str, at_ms: int) -> None:
    """Release a hold. OperatorError where none of that name stands."""
    if name not in standing(path):
        raise OperatorError(f"no hold {name} stands", code="no_hold")
    _write(path, {"do": "release", "name": name, "by": by, "released_ms": at_ms})


def standing(path: Path) -> dict[str, Hold]:
    """Return the holds that stand, by name. OperatorError with the line that is wrong."""
    found: dict[str, Hold] = {}
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                _apply(found, line, f"{path}, line {number}")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be read: {error.strerror}", code="bad_holds", hint=_HINT
        ) from None
    return found


def holding(path: Path, intent: Summary) -> list[str]:
    """Return the names of the holds on an intent; OperatorError where it cannot be told."""
    return sorted(name for name, hold in standing(path).items() if hold.holds(intent))


def _apply(found: dict[str, Hold], line: bytes, where: str) -> None:
    try:
        said: dict[str, Any] = json.loads(line)
        if said.pop("do") == "place":
            hold = Hold(**{**said, "intents": tuple(said["intents"])})
            found[hold.name] = hold
        else:
            del found[said["name"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise OperatorError(f"{where}: it is no hold", code="bad_holds", hint=_HINT) from None


def _write(path: Path, said: Mapping[str, Any]) -> None:
    data = (json.dumps(said, sort_keys=True) + "\n").encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", code="no_file") from None
