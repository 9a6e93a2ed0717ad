"""Requests to look at, for the tests of this room."""

import hashlib
import json
from typing import Any

from streams.events import PhiCount, Position, Request, Resource, RouteProgress, State
from streams.gate.view import statement
from streams.signing import SigningKey
from streams.statements import signed

NOW_MS = 1_770_000_000_000
HOUR_MS = 3_600_000
GATE_ID = "gate-of-tests"
GRANTS = SigningKey.new("gate-grants")

JUSTIFICATION = "Discharge list for <PERSON_1>, agreed with the ward."
PARAMS = {"columns": ["name", "birthdate"], "where": {"patient": "<PERSON_1>"}, "limit": 20}


def display_of(
    action: str, resource: Resource, params: Any = None, justification: str = JUSTIFICATION
) -> bytes:
    """Return display bytes as the gate writes them."""
    shown = {
        "action": action,
        "resource": resource.model_dump(),
        "justification": justification,
        "params": PARAMS if params is None else params,
    }
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode()


def request(
    params: Any = None,
    justification: str = JUSTIFICATION,
    display: bytes | None = None,
    **over: Any,
) -> Request:
    """Return a pending request of the export kind; the display fits action and resource."""
    action = over.get("action", "data.export")
    resource = over.get("resource", Resource(type="table", id="patients"))
    text = display_of(action, resource, params, justification) if display is None else display
    values: dict[str, Any] = {
        "intent_id": "0192a7c4-11aa-7000-8000-0000000000a1",
        "position": Position(partition=0, offset=4),
        "state": State.PENDING,
        "agent": "discharge-planner",
        "owner": "bob",
        "on_behalf_of": "carol",
        "action": action,
        "resource": resource,
        "display": text,
        "display_digest": hashlib.sha256(text).hexdigest(),
        "action_digest": "ab" * 32,
        "whole": True,
        "phi": (PhiCount(kind="PERSON", count=12), PhiCount(kind="DATE_TIME", count=3)),
        "policies": ("phi-export-needs-privacy",),
        "reason": "phi_export",
        "routes": (
            RouteProgress(
                group="privacy-officers",
                quorum=2,
                deadline_ms=NOW_MS + 4 * HOUR_MS,
                approved_by=("erin",),
            ),
        ),
        "excluded": ("bob", "carol", "discharge-planner"),
        "unmask": True,
        "policy_revision": "cd" * 32,
        "masker_revision": "ef" * 32,
        "opened_at_ms": NOW_MS,
        "deadline_ms": NOW_MS + 4 * HOUR_MS,
        "gate": GATE_ID,
    }
    return Request(**{**values, **over})


def by_the_gate(asked: Request, key: SigningKey = GRANTS) -> Request:
    """Return the request as a gate of this key signs it."""
    return asked.model_copy(update={"envelope": signed(statement(asked), key)})
