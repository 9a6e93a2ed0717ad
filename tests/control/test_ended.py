"""An order that comes after the end says so."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from streams.control import command, ended
from streams.events import OutcomeReport, Position, State, Status, Verdict
from tests.control.orders import INTENT_ID

SENT = {"counts": True, "looked": True, "event_id": "e"}
RAN = OutcomeReport(status=Status.OK, message="", at_ms=0)


def verdict(state: State, outcome: Any = None) -> Verdict:
    """Return a verdict."""
    return Verdict(
        intent_id=INTENT_ID,
        position=Position(partition=0, offset=1),
        state=state,
        reason="r",
        rationale="",
        decided_by=(),
        policies=(),
        grant_id=None,
        at_ms=0,
        outcome=outcome,
    )


@pytest.mark.parametrize(
    ("found", "late"),
    [
        (None, ""),
        (verdict(State.GRANTED), ""),
        (verdict(State.REVOKED), ""),
        (verdict(State.GRANTED, RAN), "it has run: ok"),
        (verdict(State.DENIED), "it was denied before: r"),
        (verdict(State.EXPIRED), "it was expired before: r"),
    ],
)
def test_too_late_for_what_has_ended(found: Verdict | None, late: str) -> None:
    """What ran, was denied or expired cannot be cancelled any more; what is open or granted can."""
    assert late == ended.too_late(found)


def test_cancel_of_what_has_run_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 and `too late`, never `cancelled`."""

    class Desk:
        settings = None

        def cancel(self, *_: object) -> Any:
            return type("Sent", (), {**SENT, "subject_id": INTENT_ID})

    monkeypatch.setattr(command._At, "desk", lambda *_, **__: Desk())
    monkeypatch.setattr(ended, "verdict_of", lambda *_: verdict(State.GRANTED, RAN))
    words = (INTENT_ID, "--agent", "bot", "--reason", "x")
    told = CliRunner().invoke(command.cancel, words)
    assert (1, True) == (told.exit_code, "too late: it has run: ok" in told.output)
    assert "cancelled" not in told.output
    said = CliRunner().invoke(command.cancel, (*words, "--json"))
    assert 1 == said.exit_code
    assert "it has run: ok" == json.loads(said.stdout)["too_late"]
