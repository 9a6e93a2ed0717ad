"""`step(case, event, position)`: the only place where the state of a case moves.

State moves by `TABLE` alone. A pair that is not in the table is a refusal, and a refused event
leaves the case as it was; that it was refused, and why, is the consequence which the audit records.
`step` is total: no event raises.

    state    IntentAdmitted    DecisionAdmitted  DeadlinePassed   OutcomeAdmitted  InputRefused
    (none)   pending/granted/  refused           refused          refused          denied¹ or
             denied                                                                refused
    pending  repeated/refused  pending/granted/  expired/refused  refused          refused
                               denied/refused
    granted  repeated/refused  refused²          refused          granted³         refused
    denied   repeated/refused  refused²          refused          refused          refused
    expired  repeated/refused  refused²          refused          refused          refused
    revoked  repeated/refused  refused²          refused          revoked³⁴        refused

    state    ControlAdmitted
    (none)   revoked⁵, none⁶ or refused
    pending  revoked⁶ or refused
    granted  revoked⁶, where nothing is reported yet, or refused
    denied   refused⁶
    expired  refused⁶
    revoked  repeated/refused⁶

    ¹ an intent that admit refused, where it is sure whose it is
    ² repeated, where it is the very event that was counted before
    ³ with its outcome; the first report wins, but an `unknown` can still be settled
    ⁴ only of a case that had been granted: what was begun before the revocation is told
    ⁵ an officer's revocation of an intent that nobody has seen: it stays revoked when it comes
    ⁶ in every state a halt or a resume, under the id of its scope, and that an officer had the
      intent shredded: it is recorded and moves no case
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from hmac import compare_digest
from typing import NamedTuple

from streams.events import (
    Answer,
    CaseEvent,
    Consequence,
    ControlAdmitted,
    ControlKind,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    Effected,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
    OutcomeReport,
    Position,
    State,
    Status,
    derived_id,
)
from streams.gate.case import Case, Closing, Review, deadline_ms, excluded, names
from streams.gate.quorum import open_to, satisfied
from streams.gate.view import request, view_digest

NOTED = frozenset({ControlKind.HALT, ControlKind.RESUME, ControlKind.SHRED})
"""Orders that move no case, whatever stands under their id: executors obey them in any state."""


class Step(NamedTuple):
    """What an event made of a case."""

    case: Case | None
    consequence: Consequence


def step(case: Case | None, event: CaseEvent, position: Position) -> Step:
    """Apply one event of the log, which stands at `position`, to the case of its intent."""
    state = case.state if case else None
    move = TABLE.get((state, type(event.body)), _no_such_move)
    return move(case, event, position)


def unreadable(case: Case | None) -> Step:
    """Return the consequence of a record of `cases` that cannot be decoded: nothing moves."""
    return _refused(case, "unreadable_event")


def grant_id(intent_id: str) -> str:
    """Return the one grant id that an intent can ever have."""
    return derived_id("grant", intent_id)


# ---------------------------------------------------------------- consequences


@lru_cache(maxsize=1024)  # few are the ways to say no, and most events of a busy log are told one
def _told(effected: Effected, reason: str, state: State | None) -> Consequence:
    return Consequence(effected=effected, reason=reason, state=state, grant_id=None)


def _done(case: Case, effected: Effected, reason: str = "") -> Step:
    granted = grant_id(case.intent_id) if case.state is State.GRANTED else None
    asked = case.view_digest if effected is Effected.OPENED else None
    told = Consequence(
        effected=effected, reason=reason, state=case.state, grant_id=granted, view_digest=asked
    )
    return Step(case, told)


def _refused(case: Case | None, reason: str) -> Step:
    state = case.state if case else None
    return Step(case, _told(Effected.REFUSED, reason, state))


def _repeated(case: Case) -> Step:
    return Step(case, _told(Effected.REPEATED, "", case.state))


def _recorded(reason: str, case: Case | None = None) -> Step:
    return Step(case, _told(Effected.RECORDED, reason, case.state if case else None))


def _closing(
    event: CaseEvent,
    position: Position,
    reason: str,
    rationale: str = "",
    decided_by: tuple[str, ...] = (),
) -> Closing:
    return Closing(
        reason=reason,
        rationale=rationale,
        decided_by=decided_by,
        position=position,
        at_ms=event.at_ms,
    )


# ---------------------------------------------------------------- moves


def _open(_: Case | None, event: CaseEvent, position: Position) -> Step:
    intent = event.body
    assert isinstance(intent, IntentAdmitted)
    case = _begun(event, position, State.PENDING, intent=intent)
    ruling = intent.ruling
    if ruling.effect is Effect.PERMIT:
        closing = _closing(event, position, "permitted")
        return _done(_with(case, state=State.GRANTED, closing=closing), Effected.GRANTED)
    if ruling.effect is Effect.REVIEW and ruling.routes:
        shown = _with(case, view_digest=view_digest(request(case, intent)))
        return _done(shown, Effected.OPENED, ruling.reason)
    reason = ruling.reason or "forbidden"
    closing = _closing(event, position, reason)
    return _done(_with(case, state=State.DENIED, closing=closing), Effected.DENIED, reason)


def _reject(case: Case | None, event: CaseEvent, position: Position) -> Step:
    body = event.body
    assert isinstance(body, InputRefused)
    if case or body.kind is not Kind.INTENT or not body.answerable:
        return _refused(case, body.reason)
    closing = _closing(event, position, body.reason)
    denied = _with(_begun(event, position, State.DENIED), closing=closing)
    return _done(denied, Effected.DENIED, body.reason)


def _again(case: Case | None, event: CaseEvent, _: Position) -> Step:
    assert case
    intent = event.body
    assert isinstance(intent, IntentAdmitted)
    if case.intent is None and case.state is State.REVOKED:
        return _refused(case, "revoked")
    if case.intent is not None and _same(case.intent.content_mac, intent.content_mac):
        return _repeated(case)
    return _refused(case, "content_conflict")


def _review(case: Case | None, event: CaseEvent, position: Position) -> Step:
    assert case
    decision = event.body
    assert isinstance(decision, DecisionAdmitted)
    if any(review.event_id == event.event_id for review in case.reviews):
        return _repeated(case)
    objection = _objection(case, decision)
    if objection:
        return _refused(case, objection)
    reviews = (*case.reviews, _as_review(decision, event))
    if decision.answer is Answer.DENY:
        closing = _closing(event, position, decision.code, decision.rationale, (decision.person,))
        denied = _with(case, state=State.DENIED, reviews=reviews, closing=closing, applied=position)
        return _done(denied, Effected.DENIED, decision.code)
    counted = _with(case, reviews=reviews, applied=position)
    assert case.intent
    if not satisfied(case.intent.ruling.routes, reviews):
        return _done(counted, Effected.COUNTED)
    people = tuple(sorted({r.person for r in reviews if r.answer is Answer.APPROVE}))
    closing = _closing(event, position, "approved", decided_by=people)
    return _done(_with(counted, state=State.GRANTED, closing=closing), Effected.GRANTED)


def _expire(case: Case | None, event: CaseEvent, position: Position) -> Step:
    assert case
    body = event.body
    assert isinstance(body, DeadlinePassed)
    due = deadline_ms(case)
    if due is None or body.deadline_ms < due:
        return _refused(case, "not_due")
    closing = _closing(event, position, "deadline_passed")
    expired = _with(case, state=State.EXPIRED, closing=closing, applied=position)
    return _done(expired, Effected.EXPIRED, "deadline_passed")


def _report(case: Case | None, event: CaseEvent, position: Position) -> Step:
    assert case
    body = event.body
    assert isinstance(body, OutcomeAdmitted)
    if case.outcome_event_id == event.event_id:
        return _repeated(case)
    if body.grant_id != grant_id(case.intent_id):
        return _refused(case, "no_grant")
    if case.intent is None or case.intent.executor != body.executor:
        return _refused(case, "wrong_executor")
    if case.outcome is not None and case.outcome.status is not Status.UNKNOWN:
        return _refused(case, "already_reported")
    report = OutcomeReport(status=body.status, message=body.message, at_ms=body.finished_at_ms)
    told = _with(case, outcome=report, outcome_event_id=event.event_id, applied=position)
    return _done(told, Effected.REPORTED, body.status.value)


def _order(case: Case | None, event: CaseEvent, position: Position) -> Step:
    """Take an order where there is no case: a halt, a resume, or a revocation beforehand."""
    body = event.body
    assert isinstance(body, ControlAdmitted)
    if body.control in NOTED:
        return _recorded(body.control.value)
    if body.control is not ControlKind.REVOKE:
        return _refused(case, "unknown_intent")
    revoked = _with(
        _begun(event, position, State.REVOKED),
        revocation=_ordered(event, body, position),
        revocation_event_id=event.event_id,
    )
    return _done(revoked, Effected.REVOKED, "revoked")


def _revoke(case: Case | None, event: CaseEvent, position: Position) -> Step:
    assert case
    body = event.body
    assert isinstance(body, ControlAdmitted)
    if body.control in NOTED:
        return _recorded(body.control.value, case)
    objection = _unordered(case, body)
    if objection:
        return _refused(case, objection)
    ordered = _ordered(event, body, position)
    revoked = _with(
        case,
        state=State.REVOKED,
        revocation=ordered,
        revocation_event_id=event.event_id,
        applied=position,
    )
    return _done(revoked, Effected.REVOKED, ordered.reason)


def _revoked_again(case: Case | None, event: CaseEvent, position: Position) -> Step:
    assert case
    if case.revocation_event_id == event.event_id:
        return _repeated(case)
    return _ordered_late(case, event, position)


def _ordered_late(case: Case | None, event: CaseEvent, position: Position) -> Step:
    """Refuse an order on what has ended, but record what moves no case."""
    body = event.body
    if isinstance(body, ControlAdmitted) and body.control in NOTED:
        return _recorded(body.control.value, case)
    return _closed(case, event, position)


def _late_report(case: Case | None, event: CaseEvent, position: Position) -> Step:
    """Take a report on a case that was granted before it was revoked: what was done is told."""
    assert case
    if case.closing is None:
        return _refused(case, "no_grant")
    return _report(case, event, position)


def _closed(case: Case | None, event: CaseEvent, _: Position) -> Step:
    assert case
    if any(review.event_id == event.event_id for review in case.reviews):
        return _repeated(case)
    return _refused(case, "case_closed")


def _no_grant(case: Case | None, _: CaseEvent, __: Position) -> Step:
    return _refused(case, "no_grant")


def _unknown(case: Case | None, _: CaseEvent, __: Position) -> Step:
    return _refused(case, "unknown_intent")


def _no_such_move(case: Case | None, _: CaseEvent, __: Position) -> Step:
    return _refused(case, "no_such_move")


# ---------------------------------------------------------------- parts


def _begun(
    event: CaseEvent, position: Position, state: State, intent: IntentAdmitted | None = None
) -> Case:
    """Return the case that this event opens, in a state of which nothing more is said yet."""
    asked = event.body
    return Case(
        intent_id=event.intent_id,
        state=state,
        event_id=event.event_id,
        intent=intent,
        opened_at_ms=event.at_ms,
        reviews=(),
        closing=None,
        outcome=None,
        outcome_event_id=None,
        applied=position,
        agent=asked.agent if isinstance(asked, IntentAdmitted) else _sender(asked),
        content=asked.content if isinstance(asked, IntentAdmitted | InputRefused) else "",
    )


def _sender(asked: object) -> str:
    """Return who sent a refused intent; nobody where something else opens the case."""
    return (asked.who or "") if isinstance(asked, InputRefused) else ""


def _with(case: Case, **changes: object) -> Case:
    return case.model_copy(update=changes)


def _as_review(decision: DecisionAdmitted, event: CaseEvent) -> Review:
    return Review(
        person=decision.person,
        groups=decision.groups,
        answer=decision.answer,
        code=decision.code,
        rationale=decision.rationale,
        event_id=event.event_id,
        at_ms=event.at_ms,
        assurance=decision.assurance,
        stands_for=decision.stands_for,
    )


def _ordered(event: CaseEvent, body: ControlAdmitted, position: Position) -> Closing:
    reason = "cancelled" if body.control is ControlKind.CANCEL else "revoked"
    return _closing(event, position, reason, body.reason, (body.by,))


def _unordered(case: Case, body: ControlAdmitted) -> str:
    """Return why this order may not revoke the case, or nothing."""
    if body.control is ControlKind.CANCEL and (case.intent is None or case.intent.agent != body.by):
        return "not_its_agent"
    return "already_reported" if case.outcome is not None else ""


def _same(one: str, other: str) -> bool:
    """Compare keyed digests in constant time; what a sender wrote may be no ASCII."""
    return compare_digest(one.encode(), other.encode())


def _objection(case: Case, decision: DecisionAdmitted) -> str:
    """Return why this decision may not count, or nothing. Who asks comes before what is asked."""
    intent = case.intent
    if intent is None:
        return "case_closed"
    approves = decision.answer is Answer.APPROVE
    asked = [route for route in intent.ruling.routes if route.group in decision.groups]
    earlier = [r.person for r in case.reviews if names(r) & names(decision)]
    objections = {
        # whoever asks may not agree; their no is nobody's gain but the patient's, and counts
        "requester_may_not_review": approves and not names(decision).isdisjoint(excluded(intent)),
        "not_a_reviewer": not asked,
        "action_mismatch": not _same(decision.action_digest, intent.action_digest),
        "display_mismatch": decision.display_digest != intent.display_digest,
        "policy_mismatch": decision.policy_revision != intent.ruling.revision,
        "masker_mismatch": decision.masker_revision != intent.masker_revision,
        "view_mismatch": decision.view_digest != case.view_digest,
        # a no always counts, at any level, from whoever agreed before: it is the safe direction
        "already_decided": decision.person in earlier and approves,
        "same_person": bool(earlier) and approves,
        "assurance_too_low": approves and not any(open_to(r, decision) for r in asked),
        "preview_incomplete": approves and not intent.whole,
    }
    return next((reason for reason, holds in objections.items() if holds), "")


Move = Callable[[Case | None, CaseEvent, Position], Step]

TABLE: Mapping[tuple[State | None, type], Move] = {
    (None, IntentAdmitted): _open,
    (None, DecisionAdmitted): _unknown,
    (None, DeadlinePassed): _unknown,
    (None, OutcomeAdmitted): _unknown,
    (None, InputRefused): _reject,
    (None, ControlAdmitted): _order,
    (State.PENDING, IntentAdmitted): _again,
    (State.PENDING, DecisionAdmitted): _review,
    (State.PENDING, DeadlinePassed): _expire,
    (State.PENDING, OutcomeAdmitted): _no_grant,
    (State.PENDING, InputRefused): _reject,
    (State.PENDING, ControlAdmitted): _revoke,
    (State.GRANTED, IntentAdmitted): _again,
    (State.GRANTED, DecisionAdmitted): _closed,
    (State.GRANTED, DeadlinePassed): _closed,
    (State.GRANTED, OutcomeAdmitted): _report,
    (State.GRANTED, InputRefused): _reject,
    (State.GRANTED, ControlAdmitted): _revoke,
    (State.DENIED, IntentAdmitted): _again,
    (State.DENIED, DecisionAdmitted): _closed,
    (State.DENIED, DeadlinePassed): _closed,
    (State.DENIED, OutcomeAdmitted): _no_grant,
    (State.DENIED, InputRefused): _reject,
    (State.DENIED, ControlAdmitted): _ordered_late,
    (State.EXPIRED, IntentAdmitted): _again,
    (State.EXPIRED, DecisionAdmitted): _closed,
    (State.EXPIRED, DeadlinePassed): _closed,
    (State.EXPIRED, OutcomeAdmitted): _no_grant,
    (State.EXPIRED, InputRefused): _reject,
    (State.EXPIRED, ControlAdmitted): _ordered_late,
    (State.REVOKED, IntentAdmitted): _again,
    (State.REVOKED, DecisionAdmitted): _closed,
    (State.REVOKED, DeadlinePassed): _closed,
    (State.REVOKED, OutcomeAdmitted): _late_report,
    (State.REVOKED, InputRefused): _reject,
    (State.REVOKED, ControlAdmitted): _revoked_again,
}
