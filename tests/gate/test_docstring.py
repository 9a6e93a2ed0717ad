"""The table in the fold's docstring says what `TABLE` does, cell by cell."""

import re

from streams.events import State
from streams.gate import fold

EVENTS = (
    ("IntentAdmitted", "DecisionAdmitted", "DeadlinePassed", "OutcomeAdmitted", "InputRefused"),
    ("ControlAdmitted",),
)
WORDS = frozenset(
    ["pending", "granted", "denied", "expired", "revoked", "refused", "repeated", "none"]
)
MOVES = {  # what may come of each move; `_reject` opens a denied case where there is none
    "_open": {"pending", "granted", "denied"},
    "_unknown": {"refused"},
    "_order": {"revoked", "none", "refused"},
    "_again": {"repeated", "refused"},
    "_review": {"pending", "granted", "denied", "refused"},
    "_expire": {"expired", "refused"},
    "_no_grant": {"refused"},
    "_revoke": {"revoked", "refused"},
    "_closed": {"refused"},
    "_report": {"granted"},
    "_ordered_late": {"refused"},
    "_late_report": {"revoked"},
    "_revoked_again": {"repeated", "refused"},
}


def drawn() -> dict[tuple[str, str], set[str]]:
    """Return the words of each cell of the docstring's two tables, by state and event."""
    found: dict[tuple[str, str], set[str]] = {}
    events: list[tuple[int, str]] = []
    state = ""
    for line in (fold.__doc__ or "").splitlines():
        if line.startswith("    state "):
            events = [(each.start(), each.group()) for each in re.finditer(r"\w+", line)][1:]
        elif events and line.startswith("    ") and not line.lstrip().startswith(tuple("¹²³⁴⁵⁶")):
            state = line[4:13].strip(" ()") or state
            for number, (start, event) in enumerate(events):
                end = events[number + 1][0] if number + 1 < len(events) else len(line)
                cell = set(re.findall(r"[a-z]+", line[start:end])) & WORDS
                found.setdefault((state, event), set()).update(cell)
        elif not line.strip():
            events = events if not found else []
    return found


def test_the_docstring_draws_the_table() -> None:
    """Each state and event has a cell, and the cell names what its move may come to."""
    cells = drawn()
    for (state, event), move in fold.TABLE.items():
        name = getattr(move, "__name__", "")
        opened = {"denied", "refused"} if state is None else {"refused"}
        expected = opened if name == "_reject" else MOVES[name]
        assert expected == cells[state.value if state else "none", event.__name__], (state, event)
    assert len(fold.TABLE) == len(cells) == (len(State) + 1) * sum(map(len, EVENTS))
