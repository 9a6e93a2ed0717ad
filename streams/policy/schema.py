"""Load the Cedar schema, list its actions, and try whether each fits what phigate says.

cedarpy cannot list a schema's actions, but renders every schema alike: each action on a line of
its own, its name in quotes. They are read from there; an action missed that way is unknown, and so
refused.
"""

import re
from collections.abc import Iterator
from typing import Any

import cedarpy

from streams.events import Requester
from streams.policy.engine import Engine
from streams.policy.request import PolicyRequest
from streams.policy.source import NESTING_MAX, Problem, bare, error_line, nesting

SCHEMA_FILE = "schema.cedarschema"

# An action without `appliesTo` is a group of actions; nobody can ask for it.
_ACTION = re.compile(r'^action "([^"\\]+)"(?: in \[[^\]]*\])? appliesTo \{', re.MULTILINE)
_GRANTING = re.compile(r'^@grants\(.*\)\n(?:@.*\n)*action "([^"\\]+)"', re.MULTILINE)
_NAMESPACE = re.compile(r"^namespace ", re.MULTILINE)
_UNRESOLVED = re.compile(r"(?<![\w.])([\w.]++)(?:\"|`)?$|`([\w.]++)`")


def load_schema(text: str) -> tuple[Any, frozenset[str], list[Problem]]:
    """Return cedarpy's handle (None if the text does not load), the actions, and the problems."""
    if nesting(bare(text)) > NESTING_MAX:
        return None, frozenset(), [Problem(SCHEMA_FILE, 1, f"nested over {NESTING_MAX} deep")]
    if complaint := _complaint(text):
        line = _line_of_complaint(text, complaint)
        return None, frozenset(), [Problem(SCHEMA_FILE, line, complaint)]
    handle = cedarpy.Schema.from_str(text)
    actions = frozenset(_ACTION.findall(str(handle)))
    return handle, actions, list(_misfits(text, handle, actions))


def granting(handle: Any) -> frozenset[str]:
    """Return the actions that the schema annotates with `@grants`: they give somebody a right."""
    return frozenset(_GRANTING.findall(str(handle)))


def _complaint(text: str) -> str:
    try:
        cedarpy.Schema.from_str(text)
    except ValueError as error:
        return str(error)
    return ""


def _line_of_complaint(text: str, complaint: str) -> int:
    if complaint.startswith("error parsing schema: ") and "declared" not in complaint:
        return error_line(text, _complaint) + 1
    named = _UNRESOLVED.search(complaint)
    return line_naming(text, (named[1] or named[2]) if named else "")


def line_naming(text: str, name: str) -> int:
    """Return the first line in which a name stands by itself; 1 where it stands nowhere."""
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text) if name else None
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _misfits(text: str, handle: Any, actions: frozenset[str]) -> Iterator[Problem]:
    if _NAMESPACE.search(str(handle)):
        reason = "declare Agent, Resource and the actions outside any namespace"
        yield Problem(SCHEMA_FILE, line_naming(text, "namespace"), reason)
    elif not actions:
        reason = "no action: declare what agents may ask for, with appliesTo"
        yield Problem(SCHEMA_FILE, 1, reason)
    engine = Engine(cedarpy.PolicySet.from_str(""), handle)
    for action in sorted(actions):
        if (answer := engine.ask(_sample(action), ["group"])).failed:
            reason = f"{action} does not fit what phigate says of an intent: {answer.message}"
            yield Problem(SCHEMA_FILE, line_naming(text, action), reason)


def _sample(action: str) -> PolicyRequest:
    return PolicyRequest(
        agent="agent",
        owner="owner",
        on_behalf_of="person",
        requester=Requester.ALLOWED,
        action=action,
        resource_type="type",
        resource_id="id",
        attributes={"env": "env"},
        phi={"KIND": 1},
        whole=True,
        items=1,
    )
