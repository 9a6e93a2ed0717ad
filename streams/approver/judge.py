"""What must hold before an approver's key signs anything, and the statement that it then signs.

The gate decides whether an answer counts. These checks are the approver's own: that what was on the
screen is what the digest names, and that nobody approves what nobody could see whole.
"""

import hashlib
import json
import re
from typing import Any, Final

from streams.errors import RefusedError
from streams.events import Answer, DecisionStatement, Request, State

CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,47}")
RATIONALE_CHARS_MAX: Final = 4_000  # about a page
DENY_CODES: Final = {
    "not_necessary": "the purpose can be met without it",
    "too_broad": "more people, rows or fields than the purpose needs",
    "wrong_patient": "it names another patient than it should",
    "wrong_recipient": "it goes to somebody who should not have it",
    "unclear_purpose": "the justification does not say what it is for",
    "policy": "a rule of the house forbids it",
    "other": "none of these; say it in the reason",
}

REFUSALS: Final = {
    "requester_may_not_review": "this agent is yours or acts for you: somebody else must review it",
    "not_a_reviewer": "you are in none of the groups that this request asks",
    "already_decided": "you have agreed to it before, and one person counts once",
    "case_closed": "it was decided, or its time ran out, before your answer came",
    "unknown_intent": "the gate knows no such request",
    "action_mismatch": "your answer names another action than the request; read it again",
    "display_mismatch": "your answer names another view than the gate's; read it again",
    "policy_mismatch": "the policy has changed since you read it; read it again",
    "preview_incomplete": "a part of it could not be shown, so nobody can approve it; deny is open",
    "unknown_key": "the gate does not know your key: ask the operator to put it in the directory",
    "bad_signature": "the signature is not your key's",
    "unknown_person": "the directory does not know you, or you are suspended",
    "rationale_mismatch": "the reason that came is not the one you signed",
    "intent_mismatch": "your answer was signed for another request",
}


def refusal(reason: str) -> str:
    """Return what a refusal's reason code means for the person who was refused."""
    return REFUSALS.get(reason, "the gate refused it for this reason")


def shown(request: Request) -> dict[str, Any]:
    """Return the request's display as JSON, after checking that it is what its digest names.

    Raises RefusedError `display_mismatch` where the bytes, their digest, and the action and
    resource of the request do not all say the same: then nothing may be signed.
    """
    if hashlib.sha256(request.display).hexdigest() != request.display_digest:
        raise RefusedError(
            "the text shown is not the one its digest names", code="display_mismatch"
        )
    try:
        display = json.loads(request.display)
    except (ValueError, RecursionError):
        raise RefusedError("the text shown is not JSON", code="display_mismatch") from None
    same = (
        isinstance(display, dict)
        and display.get("action") == request.action
        and display.get("resource") == request.resource.model_dump()
    )
    if not same:
        raise RefusedError(
            "the text shown names another action or resource than the request",
            code="display_mismatch",
        )
    return dict(display)


def obstacle(request: Request, answer: Answer, now_ms: int) -> str:
    """Return the reason code for which it is of no use to sign now, or nothing."""
    if request.state is not State.PENDING or now_ms >= request.deadline_ms:
        return "case_closed"
    if answer is Answer.APPROVE and not request.whole:
        return "preview_incomplete"
    return ""


def doubt(
    request: Request,
    person: str,
    groups: frozenset[str],
    answer: Answer = Answer.APPROVE,
) -> str:
    """Return the reason code for which the gate will likely refuse this person, or nothing."""
    if person in request.excluded:
        return "requester_may_not_review"
    if not groups & {route.group for route in request.routes}:
        return "not_a_reviewer"
    if answer is Answer.APPROVE and has_agreed(request, person):
        return "already_decided"  # to turn a yes into a no is always open
    return ""


def has_agreed(request: Request, person: str) -> bool:
    """Return whether this person stands on a route already."""
    return any(person in route.approved_by for route in request.routes)


def statement(  # noqa: PLR0913 - what is signed, each part named at the call
    request: Request,
    *,
    answer: Answer,
    code: str,
    rationale: str,
    salt: bytes,
    now_ms: int,
) -> DecisionStatement:
    """Return what the approver signs: the request's own digests, and the reason by its digest.

    Raises RefusedError `bad_code` or `bad_rationale`, and `display_mismatch` as `shown` does.
    """
    shown(request)
    if not CODE.fullmatch(code):
        raise RefusedError(
            "a code is snake_case: small letters, digits, underscores, 2 to 48 of them",
            code="bad_code",
        )
    if not rationale.strip() or len(rationale) > RATIONALE_CHARS_MAX:
        raise RefusedError(
            f"a reason has 1 to {RATIONALE_CHARS_MAX} characters", code="bad_rationale"
        )
    return DecisionStatement(
        intent_id=request.intent_id,
        answer=answer,
        code=code,
        action_digest=request.action_digest,
        display_digest=request.display_digest,
        policy_revision=request.policy_revision,
        masker_revision=request.masker_revision,
        rationale_digest=hashlib.sha256(salt + rationale.encode()).hexdigest(),
        decided_at_ms=now_ms,
    )
