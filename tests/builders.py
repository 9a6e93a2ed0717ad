"""Messages for tests: whole and valid, each part changed by name."""

from typing import Any

from streams.events import (
    Answer,
    CaseEvent,
    ControlAdmitted,
    ControlKind,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
    Position,
    Resource,
    Route,
    Ruling,
    Sealed,
    Source,
    Status,
    derived_id,
)
from streams.gate.case import Case
from streams.gate.fold import Step, grant_id, step

INTENT_ID = derived_id("intent", "test")
OPENED_MS = 1_000_000
HOUR_MS = 3_600_000
SEEN = "whatever the case shows"


def route(
    group: str = "privacy", quorum: int = 1, within_ms: int = HOUR_MS, **changes: Any
) -> Route:
    """Return a route."""
    policy = f"{group}-must-agree"
    return Route(group=group, quorum=quorum, within_ms=within_ms, policy=policy, **changes)


def ruling(effect: Effect = Effect.REVIEW, *routes: Route, **changes: Any) -> Ruling:
    """Return a ruling; a review asks the privacy group where no route is named."""
    asked = routes or ((route(),) if effect is Effect.REVIEW else ())
    whole: dict[str, Any] = {
        "effect": effect,
        "policies": tuple(r.policy for r in asked) or ("some-rule",),
        "reason": "because",
        "routes": asked,
        "unmask": False,
        "revision": "sha256:1",
    }
    return Ruling(**{**whole, **changes})


def intent(**changes: Any) -> IntentAdmitted:
    """Return an admitted intent under review by the privacy group."""
    whole: dict[str, Any] = {
        "agent": "bot",
        "owner": "olga",
        "on_behalf_of": "rita",
        "action": "data.export",
        "resource": Resource(type="Database", id="clinic"),
        "executor": "clinic",
        "display": b'{"params":{}}',
        "display_digest": "d1",
        "action_digest": "a1",
        "content_mac": "m1",
        "whole": True,
        "phi": (),
        "facts": (),
        "unsure": 0,
        "sealed": Sealed(key_id="k", wrapped_key=b"w", nonce=b"n", ciphertext=b"c"),
        "release": None,
        "ruling": ruling(),
        "masker_revision": "mask-1",
        "gate": "gate-of-tests",
        "requested_at_ms": OPENED_MS,
        "expires_at_ms": OPENED_MS + 24 * HOUR_MS,
        "grant_ttl_ms": 900_000,
    }
    return IntentAdmitted(**{**whole, **changes})


def seeing(body: Any, case: Case | None) -> Any:
    """Return a decision as of somebody who saw what the case shows; anything else as it is."""
    if isinstance(body, DecisionAdmitted) and SEEN == body.view_digest:
        return body.model_copy(update={"view_digest": case.view_digest if case else ""})
    return body


def decision(person: str = "petra", *groups: str, **changes: Any) -> DecisionAdmitted:
    """Return an approval by somebody of the privacy group, of what `fold` shows them."""
    whole: dict[str, Any] = {
        "person": person,
        "groups": groups or ("privacy",),
        "answer": Answer.APPROVE,
        "code": "approved",
        "rationale": "needed",
        "action_digest": "a1",
        "display_digest": "d1",
        "view_digest": SEEN,
        "policy_revision": "sha256:1",
        "masker_revision": "mask-1",
        "decided_at_ms": OPENED_MS,
        "envelope": b"{}",
    }
    return DecisionAdmitted(**{**whole, **changes})


def outcome(**changes: Any) -> OutcomeAdmitted:
    """Return a report of success."""
    whole: dict[str, Any] = {
        "grant_id": grant_id(INTENT_ID),
        "executor": "clinic",
        "status": Status.OK,
        "message": "",
        "result_digest": "r1",
        "finished_at_ms": OPENED_MS,
        "envelope": b"{}",
    }
    return OutcomeAdmitted(**{**whole, **changes})


def refused(kind: Kind = Kind.INTENT, **changes: Any) -> InputRefused:
    """Return a refusal of admit."""
    whole: dict[str, Any] = {
        "kind": kind,
        "reason": "ttl_out_of_range",
        "detail": "",
        "who": None,
        "answerable": True,
        "digest": "h1",
        "bytes_total": 1,
    }
    return InputRefused(**{**whole, **changes})


def deadline(at_ms: int = OPENED_MS + HOUR_MS) -> DeadlinePassed:
    """Return a deadline that has passed."""
    return DeadlinePassed(deadline_ms=at_ms)


def control(kind: ControlKind = ControlKind.REVOKE, **changes: Any) -> ControlAdmitted:
    """Return an officer's revocation of the intent."""
    whole: dict[str, Any] = {
        "control": kind,
        "by": "bot" if kind is ControlKind.CANCEL else "sam",
        "scope": "all" if kind in {ControlKind.HALT, ControlKind.RESUME} else "",
        "reason": "wrong patient",
        "said_at_ms": OPENED_MS,
        "envelope": b"{}",
    }
    return ControlAdmitted(**{**whole, **changes})


def event(body: Any, offset: int = 0, **changes: Any) -> CaseEvent:
    """Return a case event whose id is its own offset's."""
    whole: dict[str, Any] = {
        "event_id": derived_id("event", str(offset)),
        "intent_id": INTENT_ID,
        "at_ms": OPENED_MS + offset,
        "source": Source(topic="t", partition=0, offset=offset),
        "body": body,
    }
    return CaseEvent(**{**whole, **changes})


def fold(*bodies: Any, case: Case | None = None, first: int = 0) -> list[Step]:
    """Fold the bodies one after the other, each at the next offset, and return every step."""
    steps = []
    for offset, body in enumerate(bodies, first):
        seen = seeing(body, case)
        made = step(case, event(seen, offset), Position(partition=0, offset=offset))
        steps.append(made)
        case = made.case
    return steps
