"""What a case shows the world: request, verdict, grant. Functions of the case, and of keys alone.

A replay publishes the same bytes again (I7): Ed25519 is deterministic, and no clock is asked.
Each projection carries the position of `cases` it stands for; a reader keeps the highest.
"""

from typing import NamedTuple, Protocol

from streams.events import (
    Answer,
    Approval,
    Grant,
    GrantStatement,
    IntentAdmitted,
    Message,
    Request,
    State,
    Verdict,
)
from streams.gate.case import Case, Closing
from streams.gate.fold import grant_id
from streams.gate.view import request, statement


class Seal(Protocol):
    """The two keys that the fold holds: one signs grants and requests, one releases data keys."""

    def sign_grant(self, statement: bytes) -> bytes:
        """Return the DSSE envelope over a grant's statement."""

    def sign_request(self, statement: bytes) -> bytes:
        """Return the DSSE envelope over a request's statement."""

    def release(self, locked: bytes, intent_id: str) -> bytes | None:
        """Return the executor class's wrapped data key, unlocked; None where it was shredded."""


class Output(NamedTuple):
    """One record to publish: the topic's name without prefix, and the message."""

    topic: str
    message: Message


def project(case: Case, seal: Seal) -> tuple[Output, ...]:
    """Return all that this case publishes, in the order in which it must become visible."""
    outputs: list[Output] = []
    if case.intent is not None and case.intent.ruling.routes:
        outputs.append(Output("requests", signed_request(case, case.intent, seal)))
    if case.state is State.GRANTED and case.intent is not None and case.closing is not None:
        outputs.append(
            Output(f"approved.{case.intent.executor}", grant(case, case.intent, case.closing, seal))
        )
    ended = case.revocation or case.closing
    if ended is not None:
        outputs.append(Output("verdicts", verdict(case, ended)))
    return tuple(outputs)


def signed_request(case: Case, intent: IntentAdmitted, seal: Seal) -> Request:
    """Return the masked view that reviewers see, signed: doors show nothing else."""
    shown = request(case, intent)
    envelope = seal.sign_request(statement(shown).model_dump_json().encode())
    return shown.model_copy(update={"envelope": envelope})


def verdict(case: Case, closing: Closing) -> Verdict:
    """Return the final word, with the outcome once there is one."""
    return Verdict(
        intent_id=case.intent_id,
        position=case.applied,
        state=case.state,
        reason=closing.reason,
        rationale=closing.rationale,
        decided_by=closing.decided_by,
        policies=case.intent.ruling.policies if case.intent else (),
        grant_id=grant_id(case.intent_id) if case.state is State.GRANTED else None,
        at_ms=closing.at_ms,
        outcome=case.outcome,
        agent=case.agent,
        content=case.content,
    )


def grant(case: Case, intent: IntentAdmitted, closing: Closing, seal: Seal) -> Grant:
    """Return the signed grant. It stands for the closing of the case and never changes (I4).

    Where the intent was shredded, what opens its payload is not beside it any more: nobody can.
    """
    unmask = intent.ruling.unmask and intent.release is not None
    locked = intent.release if unmask else None
    release = seal.release(locked, case.intent_id) if locked is not None else None
    said = GrantStatement(
        gate=intent.gate,
        grant_id=grant_id(case.intent_id),
        intent_id=case.intent_id,
        executor=intent.executor,
        agent=intent.agent,
        on_behalf_of=intent.on_behalf_of,
        action=intent.action,
        resource=intent.resource,
        action_digest=intent.action_digest,
        display_digest=intent.display_digest,
        masked=intent.display.decode(),
        unmask=unmask,
        policies=intent.ruling.policies,
        policy_revision=intent.ruling.revision,
        approvals=tuple(
            Approval(person=review.person, event_id=review.event_id)
            for review in case.reviews
            if review.answer is Answer.APPROVE
        ),
        issued_at_ms=closing.at_ms,
        expires_at_ms=min(closing.at_ms + intent.grant_ttl_ms, intent.expires_at_ms),
    )
    return Grant(
        intent_id=case.intent_id,
        grant_id=said.grant_id,
        position=closing.position,
        envelope=seal.sign_grant(said.model_dump_json().encode()),
        sealed=intent.sealed if release is not None else None,
        release=release,
    )
