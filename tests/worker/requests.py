"""A request as a reviewer was shown it, as far as a decision copies from it."""

from streams.events import Position, Request, State
from tests import builders


def request(intent_id: str) -> Request:
    """Return what a reviewer was shown; a decision copies its digests."""
    intent = builders.intent()
    return Request(
        **intent.model_dump(
            include={"agent", "owner", "on_behalf_of", "action", "resource", "display", "whole",
                     "display_digest", "action_digest", "phi", "masker_revision"}
        ),
        intent_id=intent_id, position=Position(partition=0, offset=0), state=State.PENDING,
        policies=(), reason="", routes=(), excluded=(), unmask=False, policy_revision="sha256:1",
        opened_at_ms=0, deadline_ms=0,
    )  # fmt: skip
