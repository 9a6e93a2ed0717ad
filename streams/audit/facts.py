"""What a leaf says of an event by itself: who, which codes, which digests and revisions.

A leaf outlives its event: where the event is erased, this is what is left, and what a proof still
shows. So it holds ids, names of the directory and digests, and no text that an agent, a reviewer or
an executor wrote.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

from streams.events import (
    Assurance,
    CaseEvent,
    ControlAdmitted,
    DeadlinePassed,
    DecisionAdmitted,
    InputRefused,
    IntentAdmitted,
    OutcomeAdmitted,
)

UNREADABLE_KIND: Final = "Unreadable"


def facts(event: CaseEvent | None) -> dict[str, str]:
    """Return what a leaf says of this event, by name; what is absent has no name."""
    if event is None:
        return {}
    found = _FACTS[type(event.body)](event.body)
    return {name: str(value) for name, value in found.items() if value is not None}


def kind_of(event: CaseEvent | None) -> str:
    """Return the name of the event's kind."""
    return UNREADABLE_KIND if event is None else event.body.type


def _intent(body: IntentAdmitted) -> dict[str, Any]:
    return {
        "gate": body.gate,
        "agent": body.agent,
        "owner": body.owner,
        "on_behalf_of": body.on_behalf_of,
        "action": body.action,
        "resource_type": body.resource.type,
        "executor": body.executor,
        "effect": body.ruling.effect.value,
        "policy_revision": body.ruling.revision,
        "masker_revision": body.masker_revision,
        "action_digest": body.action_digest,
        "display_digest": body.display_digest,
        "envelope_digest": _digest(body.envelope) if body.envelope else None,
        "facts": ",".join(body.facts) or None,
        "unsure": body.unsure or None,
        "requester": body.requester.value if body.on_behalf_of else None,
        "proof_digest": _digest(body.proof) if body.proof else None,
        "delegators": ",".join(body.delegators) or None,
    }


def _decision(body: DecisionAdmitted) -> dict[str, Any]:
    return {
        "person": body.person,
        "answer": body.answer.value,
        "code": body.code,
        "action_digest": body.action_digest,
        "display_digest": body.display_digest,
        "view_digest": body.view_digest,
        "policy_revision": body.policy_revision,
        "envelope_digest": _digest(body.envelope),
        # named where they say more than an enrolled key, acting for itself
        "assurance": body.assurance.value if body.assurance is not Assurance.KEY else None,
        "stands_for": ",".join(body.stands_for) or None,
        "token_digest": body.identity.token_digest if body.identity else None,
        "subject_digest": body.identity.subject_digest if body.identity else None,
    }


def _outcome(body: OutcomeAdmitted) -> dict[str, Any]:
    return {
        "executor": body.executor,
        "status": body.status.value,
        "grant_id": body.grant_id,
        "result_digest": body.result_digest,
        "message_digest": body.message_digest,
        "envelope_digest": _digest(body.envelope),
    }


def _refused(body: InputRefused) -> dict[str, Any]:
    return {
        "input": body.kind.value,
        "who": body.who,
        "input_digest": body.digest,
        "more": body.more or None,
    }


def _deadline(body: DeadlinePassed) -> dict[str, Any]:
    return {"deadline_ms": body.deadline_ms}


def _control(body: ControlAdmitted) -> dict[str, Any]:
    return {
        "control": body.control.value,
        "by": body.by,
        "scope": body.scope or None,
        "said_at_ms": body.said_at_ms,
        "envelope_digest": _digest(body.envelope),
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_FACTS: dict[type, Callable[[Any], dict[str, Any]]] = {
    IntentAdmitted: _intent,
    DecisionAdmitted: _decision,
    OutcomeAdmitted: _outcome,
    InputRefused: _refused,
    DeadlinePassed: _deadline,
    ControlAdmitted: _control,
}
