"""What was signed or sealed for one gate and one purpose is nothing for another.

Each test is an attack of somebody who can write to the cluster, or to a file that was carried away,
and has no key but one of their own.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from streams import signing, statements
from streams.control.board import Board
from streams.control.judge import judge
from streams.events import (
    Answer,
    BehalfStatement,
    Control,
    ControlAdmitted,
    ControlKind,
    ControlStatement,
    DecisionStatement,
    Effected,
    GrantStatement,
    IntentStatement,
    Kind,
    OutcomeStatement,
    RequestStatement,
    Resource,
    Statement,
    Status,
)
from streams.executor.check import Ends, authenticate, check_current
from streams.sealing import Purpose
from streams.signing import SigningKey
from streams.wire import codec
from tests.attacks.doors import House, code_of

NOW_MS = 1_800_000_000_000

KEY = SigningKey.new("sam")
ASKED: dict[str, Any] = {
    "intent_id": "i", "agent": "bot", "on_behalf_of": None, "action": "a",
    "resource": Resource(type="t", id="i"), "sealing": "hpke", "body_digest": "d",
    "requested_at_ms": 1, "ttl_ms": 1,
}  # fmt: skip
SAID: dict[type[Statement], dict[str, Any]] = {
    IntentStatement: ASKED,
    BehalfStatement: ASKED,
    DecisionStatement: {
        "intent_id": "i", "answer": Answer.APPROVE, "code": "c", "action_digest": "d",
        "display_digest": "d", "view_digest": "d", "policy_revision": "r",
        "masker_revision": "r", "rationale_digest": "d", "decided_at_ms": 1,
    },
    OutcomeStatement: {
        "intent_id": "i", "grant_id": "g", "status": Status.OK, "result_digest": "d",
        "message_digest": "d", "finished_at_ms": 1,
    },
    ControlStatement: {
        "control": ControlKind.HALT, "subject_id": "s", "scope": "all", "reason_digest": "d",
        "at_ms": 1,
    },
    GrantStatement: {
        "grant_id": "g", "intent_id": "i", "executor": "e", "agent": "bot", "on_behalf_of": None,
        "action": "a", "resource": Resource(type="t", id="i"), "action_digest": "d",
        "display_digest": "d", "masked": "m", "unmask": False, "policies": (),
        "policy_revision": "r", "approvals": (), "issued_at_ms": 1, "expires_at_ms": 2,
    },
    RequestStatement: {"intent_id": "i", "request_digest": "d"},
}  # fmt: skip


def kinds(form: type[Statement]) -> Iterator[type[Statement]]:
    """Yield every class of statement that somebody can sign."""
    for each in form.__subclasses__():
        yield from kinds(each)
    if "purpose" in form.model_fields:
        yield form


def test_every_kind_of_statement_is_tried_here() -> None:
    """And has a payload type of its own."""
    assert set(kinds(Statement)) == set(SAID) == set(statements.TYPES)
    assert len(SAID) == len(set(statements.TYPES.values()))


@pytest.mark.parametrize("form", SAID, ids=lambda form: form.__name__)
@pytest.mark.parametrize("other", SAID, ids=lambda form: form.__name__)
def test_a_statement_is_for_its_gate_and_its_purpose(
    form: type[Statement], other: type[Statement]
) -> None:
    """Read as another kind, or by another gate, it is nothing; also under a borrowed type."""
    said = form(gate="gate-one", **SAID[form])
    keys = [KEY.public]
    sealed = statements.signed(said, KEY)
    borrowed = signing.envelope(said.model_dump_json().encode(), statements.TYPES[other], KEY)
    if form is other:
        assert (KEY.public, said) == statements.opened(form, sealed, keys, "gate-one")
        for gate in ("gate-two", "gate-on", "gate-one ", "GATE-ONE", ""):
            assert "other_gate" == code_of(statements.opened, form, sealed, keys, gate)
    else:
        assert "wrong_payload_type" == code_of(statements.opened, other, sealed, keys, "gate-one")
        assert "bad_statement" == code_of(statements.opened, other, borrowed, keys, "gate-one")


@pytest.mark.parametrize("form", SAID, ids=lambda form: form.__name__)
def test_a_statement_without_gate_or_with_another_purpose_is_none(form: type[Statement]) -> None:
    """Neither can be left out, nor said otherwise than the type says."""
    whole = form(gate="gate-one", **SAID[form]).model_dump(mode="json")
    bare = {name: value for name, value in whole.items() if name != "gate"}
    for said in (bare, {**whole, "purpose": "other"}, {**whole, "more": 1}, {**whole, "gate": 1}):
        sealed = signing.envelope(json.dumps(said).encode(), statements.TYPES[form], KEY)
        refused = code_of(statements.opened, form, sealed, [KEY.public], "gate-one")
        assert "bad_statement" == refused


def test_an_order_of_staging_is_nothing_in_production(gate: House, staging: House) -> None:
    """One officer, one key, two gates: a resume that was copied over lifts no halt."""
    board, now_ms = Board(), gate.context.now_ms()
    board.take(judge(*gate.ordered(ControlKind.HALT, now_ms), now_ms, gate.authority).order)
    for kind in (ControlKind.RESUME, ControlKind.HALT):
        record = staging.ordered(kind, now_ms + 1)
        judge(*record, now_ms, staging.authority)
        assert "other_gate" == code_of(judge, *record, now_ms, gate.authority)
        assert "other_gate" == gate.turned_away(*record, now_ms)
    assert board.halt_on("bot", "x", Resource(type="Database", id="clinic")) is not None


def test_an_answer_and_a_report_of_staging_are_nothing_in_production(
    gate: House, staging: House
) -> None:
    """A decision and an outcome that name another gate, with everything else right."""
    real = gate.asked()
    other = staging.house.directory.gate.id
    made = gate.house.decision("petra", real, gate=other)
    assert "other_gate" == gate.refusal(Kind.DECISION, real.intent_id, made)
    grant = gate.granted()
    report = gate.house.outcome(grant, gate=other)
    assert "other_gate" == gate.refusal(Kind.OUTCOME, grant.intent_id, report)


def test_a_grant_of_another_gate_runs_nothing(gate: House) -> None:
    """Also where an executor was told to believe the keys of both."""
    grant, keys = gate.granted(), gate.house.directory.gate.grants
    signed = authenticate(grant.intent_id.encode(), codec.encode(grant), keys)
    check_current(signed, Ends({}, 0, gate.house.directory.gate.id), NOW_MS)
    for other in ("gate-elsewhere", ""):
        ends = Ends({}, 0, other)
        assert "other_gate" == code_of(check_current, signed, ends, NOW_MS)


@pytest.mark.parametrize("kind", [ControlKind.HALT, ControlKind.RESUME])
def test_admit_and_executors_judge_an_order_alike(gate: House, kind: ControlKind) -> None:
    """With another reason nobody obeys; with one that nobody can read both do."""
    now_ms = gate.context.now_ms()
    key, value = gate.ordered(kind, now_ms)
    order = codec.decode(value, Control)
    for reason in (b"", order.reason[:-1], order.reason + b"x", b"\xff"):
        changed = codec.encode(order.model_copy(update={"reason": reason}))
        assert "reason_mismatch" == code_of(judge, key, changed, now_ms, gate.authority)
        assert "reason_mismatch" == gate.turned_away(key, changed, now_ms)
    house = gate.house
    for reason in (b"", b"garbage", house.seal(b"\xff", key.decode(), Purpose.ORDER)):
        said = ControlStatement(
            gate=house.directory.gate.id,
            control=kind,
            subject_id=key.decode(),
            scope="all",
            reason_digest=hashlib.sha256(reason).hexdigest(),
            at_ms=now_ms,
        )
        signed = statements.signed(said, house.people["sam"])
        sent = codec.encode(order.model_copy(update={"reason": reason, "envelope": signed}))
        assert kind is judge(key, sent, now_ms, gate.authority).order.control
        assert isinstance(gate.admitted(key, sent, now_ms).body, ControlAdmitted)


# ---------------------------------------------------------------- one sealing, one purpose


def test_what_was_sealed_as_one_thing_is_not_read_as_another(gate: House) -> None:
    """A login's token stays shut when it is sent again as a reason, or as an outcome's message."""
    real = gate.asked()
    name, house = real.intent_id, gate.house
    for purpose in Purpose:
        blob = house.seal(b"eyJ-token", name, purpose)
        salt = b"s" * 16
        digest = hashlib.sha256(salt + b"eyJ-token").hexdigest()
        made = house.decision("petra", real, rationale_digest=digest, answer=Answer.DENY)
        said = made.model_copy(update={"rationale": blob, "salt": salt})
        if purpose is not Purpose.RATIONALE:
            assert "unsealable" == gate.feed(Kind.DECISION, name, said).reason
    grant = gate.granted()
    for purpose in Purpose:
        blob = house.seal(b"eyJ-token", grant.intent_id, purpose)
        report = house.outcome(grant, message="eyJ-token").model_copy(update={"message": blob})
        if purpose is not Purpose.OUTCOME:
            assert "unsealable" == gate.refusal(Kind.OUTCOME, grant.intent_id, report)


def test_the_message_of_a_report_is_the_executors(gate: House) -> None:
    """Another text under a genuine envelope is refused, and the genuine report still counts."""
    grant, house = gate.granted(), gate.house
    name = grant.intent_id
    report = house.outcome(grant, status=Status.FAILED, message="deleted 0 rows")
    other = house.outcome(grant, message="done: 14 rows")
    for changes in (
        {"message": house.seal(b"done: 14 rows, see ticket 7", name, Purpose.OUTCOME)},
        {"message": b""},
        {"message": other.message},
        {"message": other.message, "salt": other.salt},
        {"salt": b""},
    ):
        changed = report.model_copy(update=changes)
        assert "message_mismatch" == gate.refusal(Kind.OUTCOME, name, changed)
    assert Effected.REPORTED is gate.feed(Kind.OUTCOME, name, report).effected
    outcome = gate.ended(name).outcome
    assert outcome
    assert "deleted 0 rows" == outcome.message
