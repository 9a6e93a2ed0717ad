"""Whatever admission lets through and the gate counts, `phigate audit verify` accepts.

Otherwise one approver, or one build that differs, could break the evidence for ever: a walk stops
at its first break, and what is forged behind it is not looked at any more.
"""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import signing
from streams.agent.draft import signed as signed_by
from streams.audit.sequence import unpack
from streams.auditor.proof.check import LogReport, check
from streams.auditor.proof.pins import of_directory
from streams.auditor.read.source import Stored
from streams.events import Answer, CaseEvent, Consequence, ControlKind, Effected, Kind, Status
from streams.gate.fold import Step
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.audit import AuditEffects
from streams.worker.logprogram import Folded
from streams.worker.record import Place, Record
from tests.attacks.doors import House
from tests.gatehouse import GROUPS

SIGNER = SigningKey.new("signer")
TIMES = (0, 1, 10**12, 10**14, 10**15, 10**18, 10**19, -1, None)
TIMED = ("requested_at_ms", "ttl_ms")
LONGEST = 1 << 63  # what an Avro long can hold
SHORT = ("", "x", "x" * 64, "x" * 128, "x" * 129, "é" * 128, 1, None)
LONG = (*SHORT, "x" * 70_000)  # longer than a leaf may be
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DECISION: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("masker_revision", "policy_revision", "view_digest", "display_digest"), LONG),
    **dict.fromkeys(("action_digest", "rationale_digest", "gate", "intent_id", "purpose"), LONG),
    "more": LONG,
    "decided_at_ms": TIMES,
    "code": ("a" * 64, "a" * 65, "x", "No", "unreadable_event", "revoked", ""),
    "answer": ("approve", "deny", "maybe"),
}
OUTCOME: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("result_digest", "message_digest", "gate", "grant_id", "intent_id"), LONG),
    "purpose": LONG,
    "finished_at_ms": TIMES,
    "status": ("ok", "failed", "unknown", "perhaps"),
}
ORDER: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("reason_digest", "gate", "scope", "subject_id", "purpose"), SHORT),
    "at_ms": TIMES,
}
INTENT: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("gate", "purpose", "action", "body_digest", "intent_id"), LONG),
    **dict.fromkeys(TIMED, TIMES),
}


def changes(fields: dict[str, tuple[Any, ...]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of statements said otherwise: in no field, or in one or two."""
    one = st.sampled_from(sorted(fields)).flatmap(
        lambda name: st.sampled_from(fields[name]).map(lambda value: {name: value})
    )
    return st.one_of(st.just({}), one, st.tuples(one, one).map(lambda two: {**two[0], **two[1]}))


ACTIONS = st.sampled_from(("db.query", "data.export"))
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("decision"),
            st.sampled_from(("petra", "petra", "paul", *sorted(GROUPS))),
            changes(DECISION),
            TEXT,
        ),
        st.tuples(st.just("outcome"), st.sampled_from(Status), changes(OUTCOME), TEXT),
        st.tuples(st.just("order"), st.sampled_from(ControlKind), changes(ORDER), TEXT),
        st.tuples(
            st.just("intent"), st.sampled_from(("db.query", "data.export")), changes(INTENT), TEXT
        ),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def signing_gate(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a gate with an agent that signs."""
    agents = {
        "bot": {"owner": "olga"},
        "signer": {"owner": "olga", "keys": [SIGNER.public.text]},
    }
    home = tmp_path_factory.mktemp("counts") / "home"
    return House(home, phi=True, officers="security-officers", agents=agents)


def said(envelope: bytes, key: SigningKey, changed: dict[str, Any]) -> bytes:
    """Return an envelope over what was said, with some of it said otherwise by the same key."""
    whole = json.loads(envelope)
    payload = json.loads(base64.b64decode(whole["payload"]))
    spelled = json.dumps({**payload, **changed}, ensure_ascii=False).encode()
    return signing.envelope(spelled, whole["payloadType"], key)


def play(gate: House, steps: list[tuple[str, Any, dict[str, Any], str]]) -> None:
    """Ask for an export, and let all of this happen to it."""
    intent_id, _ = gate.propose("data.export", {"sql": "SELECT 1"})
    for kind, which, changed, text in steps:
        if kind == "decision":
            made = gate.house.decision(which, gate.request(intent_id), rationale=text)
            key = gate.house.people[which]
            sent = made.model_copy(update={"envelope": said(made.envelope, key, changed)})
            gate.feed(Kind.DECISION, intent_id, sent)
        elif kind == "outcome":
            report(gate, intent_id, which, changed, text)
        elif kind == "order":
            order(gate, intent_id, which, changed, text)
        else:
            ask(gate, which, changed, text)


def report(gate: House, intent_id: str, status: Status, changed: dict[str, Any], text: str) -> None:
    """Let the executor report, where there is a grant."""
    grant = gate.grant(intent_id)
    if grant is None:
        return
    made = gate.house.outcome(grant, status=status, message=text)
    envelope = said(made.envelope, gate.house.executor, changed)
    gate.feed(Kind.OUTCOME, intent_id, made.model_copy(update={"envelope": envelope}))


def order(
    gate: House, intent_id: str, kind: ControlKind, changed: dict[str, Any], text: str
) -> None:
    """Let an officer order, or the agent cancel."""
    scoped = kind in {ControlKind.HALT, ControlKind.RESUME}
    key = SIGNER if kind is ControlKind.CANCEL else gate.house.people["sam"]
    made = gate.signed_order(kind, "" if scoped else intent_id, key, text)
    sent = made.model_copy(update={"envelope": said(made.envelope, key, changed)})
    topic = "cancels" if kind is ControlKind.CANCEL else "controls"
    stamp_ms = gate.context.now_ms()
    event = gate.admitted(sent.subject_id.encode(), codec.encode(sent), stamp_ms, topic)
    gate.fold(event)


def ask(gate: House, action: str, changed: dict[str, Any], text: str) -> None:
    """Let the agent that signs ask for something."""
    house = gate.house
    made = house.intent(action, {"sql": "SELECT 2"}, text, agent="signer", on_behalf_of=None)
    made = signed_by(made, house.directory.gate.id, SIGNER)
    assert made.signature
    signature = said(made.signature, SIGNER, changed)
    times = {n: v for n, v in changed.items() if n in TIMED and v is not None and v < LONGEST}
    gate.ask(made.model_copy(update={"signature": signature, **times}))


def audited(gate: House, first: int) -> LogReport:
    """Return what verification says of all events since, as the audit worker writes them."""
    effects = AuditEffects("audit", "checkpoints", gate.key("audit"))
    stored: list[Stored] = []
    mark = b""
    for index, (event, told) in enumerate(gate.log[first:]):
        products, mark = effects.publish(folded(event, told, index), mark or None)
        stored += [
            Stored(p.partition or 0, len(stored), 0, p.key, p.value, p.topic) for p in products
        ]
    head = unpack(mark).head
    notes = [effects.note(0, head), effects.note_all([head])]
    stored += [Stored(0, 10**6 + n, 0, p.key, p.value, p.topic) for n, p in enumerate(notes)]
    ordered = sorted(stored, key=lambda each: each.topic == "audit")  # notes come first
    return check(ordered, of_directory(gate.house.directory))


def folded(event: CaseEvent, told: Consequence, index: int) -> Folded:
    """Return what the loop hands to the audit."""
    place = Place("cases", 0)
    record = Record(place, index, event.intent_id.encode(), codec.encode(event))
    return Folded(record, event, Step(None, told))


@given(steps=STEPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_admitted_and_counted_can_be_verified(
    signing_gate: House, steps: list[tuple[str, Any, dict[str, Any], str]]
) -> None:
    """Every kind of input, said in every odd way: refused at the door, or sound in the audit."""
    first = len(signing_gate.log)
    play(signing_gate, steps)
    report = audited(signing_gate, first)
    assert report.broken is None
    assert len(signing_gate.log) - first == report.entries


def odd(fields: dict[str, tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return every odd value of every field, each alone."""
    return [{name: value} for name, values in fields.items() for value in values]


def test_every_odd_value_of_every_field_is_refused_or_sound(signing_gate: House) -> None:
    """One after the other: none stops the audit, and none breaks it."""
    gate, first = signing_gate, len(signing_gate.log)
    for changed in odd(DECISION):
        play(gate, [("decision", "petra", changed, "Checked")])
    for changed in odd(OUTCOME):
        play(gate, [("decision", "petra", {}, "Checked"), ("outcome", Status.OK, changed, "done")])
    for kind in (ControlKind.REVOKE, ControlKind.CANCEL, ControlKind.HALT):
        for changed in odd(ORDER):
            play(gate, [("order", kind, changed, "why")])
    for changed in odd(INTENT):
        play(gate, [("intent", "db.query", changed, "why")])
    report = audited(gate, first)
    assert report.broken is None
    assert len(gate.log) - first == report.entries


def test_the_story_above_counts_something(signing_gate: House) -> None:
    """What is said as it should be is counted, reported and verified."""
    gate, first = signing_gate, len(signing_gate.log)
    play(gate, [("decision", "petra", {}, "Checked"), ("outcome", Status.OK, {}, "done")])
    ask(gate, "db.query", {}, "figures")
    done = [told.effected for _, told in gate.log[first:]]
    assert [Effected.OPENED, Effected.GRANTED, Effected.REPORTED, Effected.OPENED] == done
    report = audited(gate, first)
    assert (None, 4) == (report.broken, report.entries)


@pytest.mark.parametrize("name", ["masker_revision", "policy_revision", "view_digest"])
def test_what_the_audit_demands_is_demanded_at_the_door(signing_gate: House, name: str) -> None:
    """A decision that was signed for something else counts nothing, and breaks nothing."""
    gate, first = signing_gate, len(signing_gate.log)
    intent_id, _ = gate.propose("data.export", {"sql": "SELECT 1"})
    for answer in Answer:
        told = gate.decide("petra", intent_id, answer=answer, **{name: "anything"})
        assert (Effected.REFUSED, f"{name.partition('_')[0]}_mismatch") == (
            told.effected,
            told.reason,
        )
    assert audited(gate, first).broken is None
