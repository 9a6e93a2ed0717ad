"""What must hold before an approver's key signs anything, and the statement that it then signs.

The gate decides whether an answer counts. These checks are the approver's own: that what was on the
screen is what the digest names, and that nobody approves what nobody could see whole.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from streams.errors import RefusedError
from streams.events import Answer, Assurance, DecisionStatement, Request, State
from streams.gate.view import view_digest, view_of

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


def shown(request: Request) -> dict[str, Any]:
    """Return the request's display as JSON, after checking that it is what its digest names.

    Raises RefusedError `display_mismatch` where the bytes, their digest, and the action and
    resource of the request do not all say the same: then nothing may be signed.
    """
    view = view_of(request)
    if view.masked_digest != request.display_digest:
        raise RefusedError(
            "the text shown is not the one its digest names", code="display_mismatch"
        )
    try:
        display = json.loads(view.masked)
    except (ValueError, RecursionError):
        raise RefusedError("the text shown is not JSON", code="display_mismatch") from None
    same = (
        isinstance(display, dict)
        and display.get("action") == view.action
        and display.get("resource") == view.resource.model_dump()
    )
    if not same:
        raise RefusedError(
            "the text shown names another action or resource than the request",
            code="display_mismatch",
        )
    return dict(display)


def obstacle(request: Request, answer: Answer, now_ms: int) -> str:
    """Return the reason code for which it is of no use to sign now, or nothing."""
    if request.state is not State.PENDING:
        return "case_closed"
    if now_ms >= request.deadline_ms:
        return "clock_or_workers"
    if answer is Answer.APPROVE and not request.whole:
        return "preview_incomplete"
    return ""


@dataclass(frozen=True)
class Reviewer:
    """Whoever answers: with which groups, for whom else, and how the gate will know them.

    `assurance` None is not known yet: nobody has chosen what to sign with.
    """

    person: str
    groups: frozenset[str]
    stands_for: tuple[str, ...] = ()
    assurance: Assurance | None = None

    @property
    def names(self) -> frozenset[str]:
        """The person, and those who delegated to the person."""
        return frozenset((self.person, *self.stands_for))


def doubt(request: Request, who: Reviewer, answer: Answer = Answer.APPROVE) -> str:
    """Return the reason code for which the gate will likely refuse this person, or nothing."""
    asked = [route for route in request.routes if route.group in who.groups]
    if answer is Answer.DENY:  # to say no is open to every reviewer, to whoever asks as well
        return "" if asked else "not_a_reviewer"
    if not who.names.isdisjoint(request.excluded):
        return "requester_may_not_review"
    if not asked:
        return "not_a_reviewer"
    heard = frozenset(name for said in request.reviews for name in (said.person, *said.stands_for))
    level = who.assurance
    doubts = {
        "already_decided": has_agreed(request, who.person),
        "same_person": not who.names.isdisjoint(heard),
        "assurance_too_low": level and not any(level.meets(route.assurance) for route in asked),
    }
    return next((reason for reason, holds in doubts.items() if holds), "")


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
    """Return what the approver signs: the whole view, its parts, and the reason, by digest.

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
        gate=request.gate,
        intent_id=request.intent_id,
        answer=answer,
        code=code,
        action_digest=request.action_digest,
        display_digest=request.display_digest,
        view_digest=view_digest(request),
        policy_revision=request.policy_revision,
        masker_revision=request.masker_revision,
        rationale_digest=hashlib.sha256(salt + rationale.encode()).hexdigest(),
        decided_at_ms=now_ms,
    )
