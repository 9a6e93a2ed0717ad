"""What admit would make of well-formed inputs: whole bodies, each part changed by name."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from streams.events import (
    Answer,
    Assurance,
    ControlAdmitted,
    ControlKind,
    DecisionAdmitted,
    Effect,
    InputRefused,
    IntentAdmitted,
    Kind,
    Request,
    Resource,
    Route,
    Ruling,
    Sealed,
)
from streams.gate.view import view_digest

EXECUTOR = "clinic"
REVISION = "policy-1"
MASKER = "mask-1"
GATE = "gate-1"
HOUR_MS = 3_600_000
_RESOURCE = Resource(type="Database", id="clinic")
_SEALED = Sealed(key_id="k", wrapped_key=b"w", nonce=b"n", ciphertext=b"c")


def route(
    group: str,
    quorum: int = 1,
    within_ms: int = HOUR_MS,
    assurance: Assurance = Assurance.KEY,
) -> Route:
    """Return a route: `quorum` people of `group`, within `within_ms` of admission."""
    return Route(
        group=group,
        quorum=quorum,
        within_ms=within_ms,
        policy=f"{group}-must-agree",
        assurance=assurance,
    )


@cache
def ruling(effect: Effect, routes: tuple[Route, ...]) -> Ruling:
    """Return what the policy says."""
    return Ruling(
        effect=effect,
        policies=tuple(r.policy for r in routes) or ("some-rule",),
        reason="because",
        routes=routes,
        unmask=False,
        revision=REVISION,
    )


def intent(
    effect: Effect, routes: Sequence[Route], now_ms: int, changes: dict[str, Any]
) -> IntentAdmitted:
    """Return an intent of `bot`, which is olga's and acts for rita, ruled upon as said."""
    whole: dict[str, Any] = {
        "agent": "bot",
        "owner": "olga",
        "on_behalf_of": "rita",
        "action": "data.export",
        "resource": _RESOURCE,
        "executor": EXECUTOR,
        "display": b'{"params":{}}',
        "display_digest": "shown",
        "action_digest": "drawn",
        "content_mac": "content",
        "whole": True,
        "phi": (),
        "facts": ("sql.read=unknown",),
        "unsure": 0,
        "sealed": _SEALED,
        "release": None,
        "ruling": ruling(effect, tuple(routes)),
        "masker_revision": MASKER,
        "gate": GATE,
        "requested_at_ms": now_ms,
        "expires_at_ms": now_ms + 24 * HOUR_MS,
        "grant_ttl_ms": HOUR_MS,
    }
    return IntentAdmitted(**whole | changes)


def decision(
    person: str, groups: Sequence[str], answer: Answer, changes: dict[str, Any], now_ms: int
) -> DecisionAdmitted:
    """Return a person's answer; without a request seen its digests fit nothing."""
    whole: dict[str, Any] = {
        "person": person,
        "groups": tuple(groups),
        "answer": answer,
        "code": "approved" if answer is Answer.APPROVE else "too_broad",
        "rationale": "",
        "action_digest": "",
        "display_digest": "",
        "policy_revision": "",
        "decided_at_ms": now_ms,
        "envelope": b"",
    }
    return DecisionAdmitted(**whole | changes)


def control(kind: ControlKind, by: str, scope: str, now_ms: int) -> ControlAdmitted:
    """Return an order, of an officer or of an agent."""
    return ControlAdmitted(
        control=kind, by=by, scope=scope, reason="", said_at_ms=now_ms, envelope=b""
    )


def seen(request: Request) -> dict[str, Any]:
    """Return what a decision says of the request it answers."""
    return {
        "action_digest": request.action_digest,
        "display_digest": request.display_digest,
        "view_digest": view_digest(request),
        "policy_revision": request.policy_revision,
        "masker_revision": request.masker_revision,
    }


def refused(changes: Mapping[str, Any]) -> InputRefused:
    """Return a refusal of admit, of an intent whose id could be read."""
    whole: dict[str, Any] = {
        "kind": Kind.INTENT,
        "reason": "unknown_agent",
        "detail": "",
        "who": None,
        "answerable": True,
        "digest": "",
        "bytes_total": 1,
    }
    return InputRefused(**{**whole, **changes})
