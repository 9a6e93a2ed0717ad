"""What a rule asks of people: its annotations, checked and typed.

| annotation            | on               | says                                               |
|-----------------------|------------------|----------------------------------------------------|
| `@id("kebab-name")`   | every rule       | its name in rulings and the audit; unique          |
| `@route("group")`     | forbid           | this group may lift it                             |
| `@quorum("2")`        | with `@route`    | how many of the group must agree; 1 if not said    |
| `@within("PT4H")`     | with `@route`    | how long they have; 24 hours if not said           |
| `@assurance("oidc")`  | with `@route`    | the least level: `key` (if not said) or `oidc`     |
| `@unmask("executor")` | permit, `@route` | the executor gets the parameters unmasked          |
| `@reason("snake")`    | forbid           | the agent's reason code; required without `@route` |

One route a rule: where two groups must agree, write two rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streams import times
from streams.events import Assurance
from streams.policy.form import nodes
from streams.policy.source import PolicyStatement, Problem

QUORUM_MAX = 20
QUORUM_DEFAULT = 1
WITHIN_MS_DEFAULT = times.DAY_MS
WITHIN_MS_MIN = times.SECOND_MS
WITHIN_MS_MAX = 7 * times.DAY_MS

_KNOWN = ("id", "route", "quorum", "within", "assurance", "unmask", "reason")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_REASON = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_QUORUM = re.compile(r"[1-9][0-9]{0,2}")
_PATTERNS = (
    ("id", _NAME, "letters, digits, '-', '_' and '.', at most 80"),
    ("route", _NAME, "a group's name of letters, digits, '-', '_' and '.', at most 80"),
    ("assurance", re.compile("key|oidc"), 'the values are "key" and "oidc"'),
    ("unmask", re.compile("executor"), 'the only value is "executor"'),
    ("reason", _REASON, "write snake_case, such as destructive_in_production"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy of the set: what it is called, what it asks, where it stands.

    `actions` is empty for a rule on any action. `route` is empty for a rule nobody can lift;
    `quorum`, `within_ms` and `assurance` mean something only with it.
    """

    id: str
    effect: str
    actions: tuple[str, ...]
    route: str
    quorum: int
    within_ms: int
    assurance: Assurance
    unmask: bool
    reason: str
    file: str
    line: int


def read_rule(statement: PolicyStatement, policy: Mapping[str, Any]) -> tuple[Rule, list[Problem]]:
    """Return the rule of one policy (in Cedar's JSON form), and all that is wrong with it."""
    notes = {name: value or "" for name, value in policy.get("annotations", {}).items()}
    problems = [
        Problem(statement.file, statement.line_of(name), reason)
        for name, reason in _complaints(policy, notes)
    ]
    rule = Rule(
        id=notes.get("id", ""),
        effect=policy["effect"],
        actions=_actions(policy["action"]),
        route=notes.get("route", ""),
        quorum=_or_default(_quorum, notes.get("quorum"), QUORUM_DEFAULT),
        within_ms=_or_default(_within, notes.get("within"), WITHIN_MS_DEFAULT),
        assurance=Assurance.OIDC if notes.get("assurance") == "oidc" else Assurance.KEY,
        unmask=notes.get("unmask") == "executor",
        reason=notes.get("reason", ""),
        file=statement.file,
        line=statement.line,
    )
    return rule, problems


def _complaints(policy: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(notes.keys() - set(_KNOWN)):
        known = ", ".join(f"@{known}" for known in _KNOWN)
        yield name, f"unknown annotation @{name}: the annotations are {known}; use // for comments"
    yield from _malformed(notes)
    yield from _misplaced(policy["effect"], notes)
    if "route" in notes and policy["effect"] == "forbid" and not _lifts(policy, notes["route"]):
        reads = f'unless {{ context.reviews.contains("{notes["route"]}") }}'
        yield "route", f"the rule never reads the review of its @route: add {reads}"


def _malformed(notes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not notes.get("id"):
        yield "id", 'missing @id: give the rule a name, such as @id("exports-need-privacy")'
    for name, pattern, rule in _PATTERNS:
        if notes.get(name) and not pattern.fullmatch(notes[name]):
            yield name, f"malformed @{name}: {rule}"
        elif name in notes and name != "id" and not notes[name]:
            yield name, f"empty @{name}: {rule}"
    for name, read in (("quorum", _quorum), ("within", _within)):
        try:
            if name in notes:
                read(notes[name])
        except ValueError as error:
            yield name, f"malformed @{name}: {error}"


def _misplaced(effect: str, notes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if effect == "permit":
        for name in ("route", "quorum", "within", "assurance", "reason"):
            if name in notes:
                yield name, f"@{name} on a permit: only a forbid asks people or gives a reason"
        return
    if "route" in notes:
        return
    for name in ("quorum", "within", "assurance", "unmask"):
        if name in notes:
            yield name, f"@{name} without @route: nobody can lift this rule, so nobody is asked"
    if "reason" not in notes:
        yield "id", "a forbid needs @route (who can lift it) or @reason (why nobody can)"


def _quorum(text: str) -> int:
    if not _QUORUM.fullmatch(text) or int(text) > QUORUM_MAX:
        raise ValueError(f"write a whole number from 1 to {QUORUM_MAX}")
    return int(text)


def _or_default(read: Any, text: str | None, default: int) -> int:
    try:
        return default if text is None else int(read(text))
    except ValueError:
        return default  # already a problem, so the rule is never used


def _actions(scope: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the action ids of a policy's scope (Cedar's JSON policy format, `action`)."""
    entities = scope.get("entities") or [scope[key] for key in ("entity",) if key in scope]
    return tuple(entity["id"] for entity in entities)


def _lifts(policy: Mapping[str, Any], group: str) -> bool:
    """Say whether the group's name stands anywhere in the rule's conditions as a literal."""
    return any(node.get("Value") == group for node in nodes(policy))


def _within(text: str) -> int:
    """Return the milliseconds of `@within("PT4H")`; ValueError says what to write."""
    within_ms = times.iso_span(text)
    if not WITHIN_MS_MIN <= within_ms <= WITHIN_MS_MAX:
        low, high = times.as_iso_span(WITHIN_MS_MIN), times.as_iso_span(WITHIN_MS_MAX)
        raise ValueError(f"write a duration from {low} to {high}")
    return within_ms
