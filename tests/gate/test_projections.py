"""What a case publishes: the same bytes for the same log, and nothing early."""

import json

from streams.events import Effect, GrantStatement, Position, Request, State, Status, Verdict
from streams.gate.case import Case
from streams.gate.fold import step
from streams.gate.projections import Output, project
from tests.builders import (
    INTENT_ID,
    OPENED_MS,
    decision,
    event,
    fold,
    intent,
    outcome,
    refused,
    route,
    ruling,
    seeing,
)


class PlainSeal:
    """Stands in for the fold's two keys: marks what it signed and released."""

    def sign_request(self, statement: bytes) -> bytes:
        """Return the statement."""
        return statement

    def sign_grant(self, statement: bytes) -> bytes:
        """Return the statement, marked."""
        return b"signed:" + statement

    def release(self, locked: bytes, intent_id: str) -> bytes:
        """Return what was locked, marked."""
        return b"released:" + intent_id.encode() + locked


def outputs(case: Case | None) -> dict[str, Output]:
    """Return what the case publishes, by topic."""
    assert case is not None
    return {output.topic: output for output in project(case, PlainSeal())}


def statement(case: Case | None) -> GrantStatement:
    """Return the grant's statement."""
    signed = outputs(case)["approved.clinic"].message.envelope  # type: ignore[attr-defined]
    return GrantStatement.model_validate(json.loads(signed.removeprefix(b"signed:")))


def test_a_pending_case_shows_its_request_and_nothing_else() -> None:
    """No verdict and no grant before the quorum (I1)."""
    assert ["requests"] == list(outputs(fold(intent())[-1].case))


def test_a_permitted_case_shows_grant_and_verdict_and_asks_nobody() -> None:
    """Permit has no request."""
    case = fold(intent(ruling=ruling(Effect.PERMIT)))[-1].case
    assert ["approved.clinic", "verdicts"] == list(outputs(case))


def test_a_denied_case_has_no_grant() -> None:
    """A verdict, and the request as closed, so that inboxes drop it."""
    case = fold(refused())[-1].case
    assert ["verdicts"] == list(outputs(case))


def test_the_request_tells_progress_and_who_is_excluded() -> None:
    """A reviewer sees who has agreed, who must, and who may not."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(), route("it")))
    request = outputs(fold(asked, decision())[-1].case)["requests"].message
    assert isinstance(request, Request)
    assert (("petra",), ()) == tuple(r.approved_by for r in request.routes)
    assert ("bot", "olga", "rita") == request.excluded
    assert Position(partition=0, offset=1) == request.position


def test_the_request_tells_the_facts() -> None:
    """What the gate read off the action, and of how many values masking could not tell."""
    asked = intent(facts=("sql.read=no",), unsure=2)
    made = outputs(fold(asked)[-1].case)["requests"].message
    assert isinstance(made, Request)
    assert (("sql.read=no",), 2) == (made.facts, made.unsure)


def test_the_grant_never_outlives_the_intent() -> None:
    """A grant expires with its own limit or the intent's, whichever is first."""
    case = fold(intent(expires_at_ms=OPENED_MS + 50), decision())[-1].case
    assert OPENED_MS + 50 == statement(case).expires_at_ms


def test_only_a_ruling_that_unmasks_hands_out_the_key() -> None:
    """Without it the executor gets the masked view and nothing to open."""
    masked = outputs(fold(intent(release=b"locked"), decision())[-1].case)[
        "approved.clinic"
    ].message
    assert (None, None) == (masked.sealed, masked.release)  # type: ignore[attr-defined]
    open_ruling = ruling(Effect.REVIEW, route(), unmask=True)
    case = fold(intent(release=b"locked", ruling=open_ruling), decision())[-1].case
    opened = outputs(case)["approved.clinic"].message
    assert b"released:" + INTENT_ID.encode() + b"locked" == opened.release  # type: ignore[attr-defined]
    assert statement(case).unmask


def test_a_later_event_does_not_change_the_grants_bytes() -> None:
    """I4: whoever publishes the grant again, publishes the same one."""
    granted, reported = fold(intent(), decision(), outcome())[1:]
    assert outputs(granted.case)["approved.clinic"] == outputs(reported.case)["approved.clinic"]


def test_the_outcome_is_added_to_the_verdict_and_changes_nothing_else() -> None:
    """The final word stays the final word."""
    granted, reported = fold(intent(), decision(), outcome())[1:]
    before, after = (outputs(s.case)["verdicts"].message for s in (granted, reported))
    assert isinstance(before, Verdict)
    assert isinstance(after, Verdict)
    assert after.outcome is not None
    assert Status.OK == after.outcome.status
    unchanged = {"outcome": None, "position": before.position}
    assert before == after.model_copy(update=unchanged)


def test_replaying_the_log_publishes_the_same_bytes() -> None:
    """I7."""
    log = [intent(), decision(), outcome()]
    once, again = (outputs(fold(*log)[-1].case) for _ in range(2))
    assert once == again


def test_a_denial_tells_the_agent_who_and_why() -> None:
    """Reasons are required, and the requester is told."""
    case = fold(intent())[-1].case
    no = seeing(decision(answer="deny", code="too_broad", rationale="ask for one ward"), case)
    closed = step(case, event(no, 1), Position(partition=0, offset=1)).case
    verdict = outputs(closed)["verdicts"].message
    assert isinstance(verdict, Verdict)
    assert (State.DENIED, "too_broad", "ask for one ward", ("petra",)) == (
        verdict.state,
        verdict.reason,
        verdict.rationale,
        verdict.decided_by,
    )
