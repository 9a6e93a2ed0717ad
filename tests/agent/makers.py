"""Verdicts and requests for the tests of this room."""

import uuid

from streams.events import (
    OutcomeReport,
    Position,
    Request,
    Resource,
    RouteProgress,
    State,
    Status,
    Verdict,
    marked,
)

INTENT = str(uuid.UUID(int=marked(uuid.UUID("018bcfe5-6800-7000-8000-000000000001").int, "bot")))


def verdict(
    intent_id: str = INTENT, *, offset: int = 1, state: str = "granted", outcome: str | None = None
) -> Verdict:
    """Return a verdict that stands at `offset`."""
    report = OutcomeReport(status=Status(outcome), message="", at_ms=2) if outcome else None
    return Verdict(
        intent_id=intent_id,
        position=Position(partition=0, offset=offset),
        state=State(state),
        reason="approved",
        rationale="",
        decided_by=("ann",),
        policies=("p",),
        grant_id=None,
        at_ms=1,
        outcome=report,
    )


def request(intent_id: str = INTENT, *, offset: int = 1) -> Request:
    """Return a pending request that stands at `offset`."""
    return Request(
        intent_id=intent_id,
        position=Position(partition=0, offset=offset),
        state=State.PENDING,
        agent="bot",
        owner="ann",
        on_behalf_of=None,
        action="data.read",
        resource=Resource(type="Dataset", id="d"),
        display=b"{}",
        display_digest="",
        action_digest="",
        whole=True,
        phi=(),
        policies=(),
        reason="",
        routes=(RouteProgress(group="privacy", quorum=1, deadline_ms=9, approved_by=()),),
        excluded=(),
        unmask=False,
        policy_revision="",
        masker_revision="",
        opened_at_ms=1,
        deadline_ms=9,
    )
