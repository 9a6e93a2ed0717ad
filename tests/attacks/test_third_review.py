"""What was found by looking again: signed text cut elsewhere, orders under an id that is taken."""

from typing import TypeVar

from streams.control.scope import Scope
from streams.events import (
    Decision,
    Intent,
    IntentBody,
    Kind,
    Outcome,
)
from streams.sealing import Purpose
from streams.wire import codec
from tests.attacks.doors import House

ALL = Scope.parse("all")
LONG = "I do not agree that it is urgent: send it"
M = TypeVar("M", Decision, Outcome, Intent)


def cut(sent: M, name: str, left: bytes, right: bytes) -> M:
    """Return a message with less text: what was cut off has become a part of the salt."""
    changed: M = sent.model_copy(update={"salt": sent.salt + left, name: right})
    return changed


def test_a_rationale_is_not_cut(gate: House) -> None:
    """A reason counts whole or not at all: its beginning cannot pass for salt."""
    asked = gate.asked()
    made = gate.house.decision("petra", asked, rationale=LONG)
    right = gate.house.seal(LONG[9:].encode(), asked.intent_id, Purpose.RATIONALE)
    told = cut(made, "rationale", LONG[:9].encode(), right)
    assert "rationale_mismatch" == gate.refusal(Kind.DECISION, asked.intent_id, told)


def test_a_message_is_not_cut(gate: House) -> None:
    """So with the message of an executor's report."""
    grant = gate.granted()
    made = gate.house.outcome(grant, message=LONG)
    right = gate.house.seal(LONG[9:].encode(), grant.intent_id, Purpose.OUTCOME)
    told = cut(made, "message", LONG[:9].encode(), right)
    assert "message_mismatch" == gate.refusal(Kind.OUTCOME, grant.intent_id, told)


def test_a_body_is_not_cut(gate: House) -> None:
    """What a person signed is no other action: a body that stands in the body does not count."""
    inner = codec.encode(IntentBody(params=b'{"sql":"DROP TABLE visits"}', justification="x"))
    asked = gate.house.intent(
        "data.export", {"sql": "SELECT 1"}, nonce=inner, sealed=False, on_behalf_of="petra"
    )
    made = gate.signed(asked, person=gate.house.people["petra"])
    outer = made.body.removesuffix(inner)
    assert outer != made.body
    assert "body_mismatch" == gate.ask(cut(made, "body", outer, inner)).reason
