"""What admit makes of one input: an event, whatever came in. Keys and policy are real."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.clock import now_ms
from streams.control.board import Board
from streams.directory import Directory
from streams.errors import MaskingError
from streams.events import (
    Answer,
    CaseEvent,
    DecisionAdmitted,
    Effect,
    Grant,
    InputRefused,
    Intent,
    IntentAdmitted,
    IntentBody,
    Kind,
    Message,
    OutcomeAdmitted,
    Position,
    Resource,
    Source,
    Status,
    derived_id,
)
from streams.facts import Facts
from streams.masking import Finding, Masked
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.sealing import Purpose, action_digest, open_body
from streams.signing import INTENT, SigningKey, envelope
from streams.wire import codec
from streams.worker.admission.admission import WITHHELD, admit, read_here
from streams.worker.admission.context import Context
from streams.worker.keys import AdmitKeys, FoldKeys
from streams.worker.record import Place, Record
from tests.gatehouse import AGENT, OWNER, REQUESTER, Gatehouse, new_id
from tests.worker.requests import request

NAME = "Maria Musterfrau"
PLACE = Place("intents", 2)
OFFSET = 41
SIGNED_BY_NOBODY = envelope(b"{}", INTENT, SigningKey.new("nobody"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Gatehouse:
    """Return keys, people, policy and directory of a gate."""
    return Gatehouse.without_broker(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def context(house: Gatehouse) -> Context:
    """Return what admission needs, as the worker loads it."""
    return Context(
        house.settings,
        Directory.load(house.settings.directory),
        PolicySet.load(*read_policies(house.settings.policies)),
        AdmitKeys.load(house.settings),
        "mask-1",
        now_ms,
        Board(),
    )


async def mask(document: object, _: object = None) -> Masked:
    """Hide one name, wherever it stands."""
    text = json.dumps(document, ensure_ascii=False)
    count = text.count(NAME)
    found = (Finding("PERSON", count, (), "test", 1.0),) if count else ()
    return Masked(json.loads(text.replace(NAME, "<PERSON_1>")), found)


async def stuck(_: object, __: object = None) -> Masked:
    """Mask as a process does that never answers."""
    raise MaskingError("masking stands still", code="masking_timeout")


def taken(  # noqa: PLR0913 - an input's parts
    context: Context,
    value: Message | bytes,
    kind: Kind = Kind.INTENT,
    *,
    key: str | bytes | None = None,
    masks: Callable[..., Any] = mask,
    reads: Callable[..., Any] = read_here,
) -> CaseEvent:
    """Return the event that an input becomes."""
    data = value if isinstance(value, bytes) else codec.encode(value)
    named = getattr(value, "intent_id", "") if key is None else key
    record = Record(PLACE, OFFSET, named.encode() if isinstance(named, str) else named, data)
    intent_id, event = asyncio.run(admit(record, kind, context, masks, reads))
    decoded = codec.decode(event, CaseEvent)
    assert intent_id == decoded.intent_id
    return decoded


def refused(event: CaseEvent) -> str:
    """Return the reason of a refusal, nothing where it is none."""
    return event.body.reason if isinstance(event.body, InputRefused) else ""


# ---------------------------------------------------------------- intents


def test_an_intent_is_admitted(house: Gatehouse, context: Context) -> None:
    """An admitted intent says who asks, what, and what the policy says, all of it masked."""
    event = taken(context, house.intent("data.export", {"name": NAME}, f"Call {NAME}"))
    body = event.body
    assert isinstance(body, IntentAdmitted)
    assert (AGENT, OWNER, REQUESTER) == (body.agent, body.owner, body.on_behalf_of)
    assert (Effect.REVIEW, True) == (body.ruling.effect, body.ruling.unmask)
    assert ["privacy-officers"] == [route.group for route in body.ruling.routes]
    assert {"PERSON": 2} == {found.kind: found.count for found in body.phi}
    assert Source(topic=PLACE.topic, partition=PLACE.partition, offset=OFFSET) == event.source


def test_what_is_shown_is_digested_and_masked(house: Gatehouse, context: Context) -> None:
    """The display holds no name, and its digest is of its exact bytes."""
    event = taken(context, house.intent("data.export", {"name": NAME}, f"Call {NAME}"))
    assert isinstance(event.body, IntentAdmitted)
    assert hashlib.sha256(event.body.display).hexdigest() == event.body.display_digest
    assert {
        "action": "data.export",
        "resource": {"type": "Database", "id": "clinic"},
        "justification": "Call <PERSON_1>",
        "params": {"name": "<PERSON_1>"},
    } == json.loads(event.body.display)
    assert NAME.encode() not in codec.encode(event)


def test_the_executor_can_open_it_once_released(house: Gatehouse, context: Context) -> None:
    """Released by the fold's key, the executor's key opens the exact body, and the digest holds."""
    intent = house.intent("data.export", {"name": NAME})
    body = taken(context, intent).body
    assert isinstance(body, IntentAdmitted)
    assert body.release is not None
    wrapped = FoldKeys.load(house.settings.keys).release(body.release, intent.intent_id)
    assert wrapped is not None
    data_key = house.executor_seal.open(wrapped, intent.intent_id, Purpose.DATA_KEY)
    opened = open_body(data_key, body.sealed, intent.intent_id)
    assert {"name": NAME} == json.loads(codec.decode(opened, IntentBody).params)
    digest = action_digest(data_key, "data.export", "Database", "clinic", opened)
    assert digest == body.action_digest


def test_no_key_travels_where_nobody_may_have_it(house: Gatehouse, context: Context) -> None:
    """What is forbidden, or permitted without unmasking, carries no key for an executor."""
    for action in ("db.drop", "db.query"):
        body = taken(context, house.intent(action, {"sql": "SELECT 1"})).body
        assert isinstance(body, IntentAdmitted)
        assert body.release is None


def test_the_facts_are_in_the_event(house: Gatehouse, context: Context) -> None:
    """As codes, and of no text that the agent wrote; the ruling follows from them."""
    counts = taken(context, house.intent("db.query", {"sql": "SELECT count(*) FROM smith"})).body
    drops = taken(context, house.intent("db.query", {"sql": "SELECT 1; DROP TABLE smith"})).body
    assert isinstance(counts, IntentAdmitted)
    assert isinstance(drops, IntentAdmitted)
    assert {"sql.read=yes", "sql.statements=one", "sql.tables=other"} <= set(counts.facts)
    assert {"sql.read=no", "sql.statements=many"} <= set(drops.facts)
    assert (Effect.PERMIT, Effect.FORBID) == (counts.ruling.effect, drops.ruling.effect)
    assert "not_a_read" == drops.ruling.reason
    assert "smith" not in "".join((*counts.facts, *drops.facts))


def test_facts_that_cannot_be_read_permit_nothing(house: Gatehouse, context: Context) -> None:
    """A parser that fails, or takes too long, leaves every fact unknown: people look at it."""

    async def fails(_: object) -> Facts:
        raise MaskingError("reading took too long", code="masking_timeout")

    intent = house.intent("db.query", {"sql": "SELECT count(*) FROM visits"})
    body = taken(context, intent, reads=fails).body
    assert isinstance(body, IntentAdmitted)
    assert Effect.REVIEW is body.ruling.effect
    assert "sql.read=unknown" in body.facts


def test_admitted_twice_is_the_same_intent(house: Gatehouse, context: Context) -> None:
    """A repeat gets the same event id and content mac, though keys and nonces are drawn anew."""
    intent = house.intent("data.export", {"name": NAME})
    first, second = taken(context, intent), taken(context, intent)
    assert isinstance(first.body, IntentAdmitted)
    assert isinstance(second.body, IntentAdmitted)
    assert first.event_id == second.event_id
    assert first.body.content_mac == second.body.content_mac
    assert first.body.sealed != second.body.sealed


def test_a_changed_intent_is_another(house: Gatehouse, context: Context) -> None:
    """The same id with other content, in any part, has another mac; other times have the same."""
    intent = house.intent(params={"n": 1})
    same = house.intent(params={"n": 1}, intent_id=intent.intent_id, ttl_ms=5_000)
    others = [
        house.intent(params={"n": 2}, intent_id=intent.intent_id),
        house.intent(justification="Another", params={"n": 1}, intent_id=intent.intent_id),
        house.intent("data.read", {"n": 1}, intent_id=intent.intent_id),
        house.intent(params={"n": 1}, intent_id=intent.intent_id, on_behalf_of=None),
    ]
    macs = [
        getattr(taken(context, each).body, "content_mac", "") for each in [intent, same, *others]
    ]
    assert macs[0] == macs[1]
    assert 5 == len(set(macs))


NOBODYS: dict[str, dict[str, Any]] = {
    "unknown_agent": {"agent": "mallory"},
    "foreign_id": {"intent_id": new_id("another")},
    "unknown_key": {"signature": SIGNED_BY_NOBODY},
}


@pytest.mark.parametrize("reason", NOBODYS)
def test_what_anybody_may_have_sent_answers_nobody(
    house: Gatehouse, context: Context, reason: str
) -> None:
    """Where it is not sure whose an intent is, its refusal says no name and asks for no verdict."""
    event = taken(context, house.intent(**NOBODYS[reason]))
    assert isinstance(event.body, InputRefused)
    assert (reason, False, None, "") == (
        event.body.reason,
        event.body.answerable,
        event.body.who,
        event.body.content,
    )


BAD_INTENTS: dict[str, dict[str, Any]] = {
    "not_allowed_for": {"on_behalf_of": "petra"},
    "unknown_person": {"on_behalf_of": "nobody"},
    "unknown_action": {"action": "db.erase"},
    "unknown_resource": {"resource": Resource(type="Database", id="other")},
    "bad_json": {"raw": b"{"},
    "too_deep": {"raw": b"[" * 10_000 + b"]" * 10_000},
    "too_large": {"raw": b'"' + b"x" * 300_000 + b'"'},
}


@pytest.mark.parametrize("reason", BAD_INTENTS)
def test_a_bad_intent_is_refused(house: Gatehouse, context: Context, reason: str) -> None:
    """Each fault of an intent has its reason, and its agent gets an answer."""
    intent = house.intent(**BAD_INTENTS[reason])
    event = taken(context, intent)
    assert isinstance(event.body, InputRefused)
    assert (reason, True, AGENT) == (event.body.reason, event.body.answerable, event.body.who)
    assert intent.intent_id == event.intent_id


DAY_MS = 86_400_000
TIMES = [
    ("ttl_out_of_range", 0, 999),
    ("ttl_out_of_range", 0, 8 * DAY_MS),
    ("ttl_out_of_range", 0, -1),
    ("ttl_out_of_range", 0, 2**62),
    ("clock_skew", 600_000, 60_000),
    ("clock_skew", 2**62, 60_000),
    ("ttl_passed", -61_000, 60_000),
    ("ttl_passed", -(2**62), 60_000),
]


@pytest.mark.parametrize(("reason", "ahead_ms", "ttl_ms"), TIMES)
def test_times_are_bounded(
    house: Gatehouse, context: Context, reason: str, ahead_ms: int, ttl_ms: int
) -> None:
    """A time limit in the past or absurd, or a clock that is, is refused."""
    intent = house.intent(requested_at_ms=now_ms() + ahead_ms, ttl_ms=ttl_ms)
    assert reason == refused(taken(context, intent))


def test_a_body_sealed_for_another_intent(house: Gatehouse, context: Context) -> None:
    """A sealed body that was taken from another intent does not open."""
    other = house.intent(params={"name": NAME})
    stolen = house.intent().model_copy(update={"body": other.body})
    assert "unsealable" == refused(taken(context, stolen))


def test_plain_bodies_only_where_allowed(house: Gatehouse, context: Context) -> None:
    """An intent that the agent did not seal is admitted, unless the settings ask for it."""
    intent = house.intent(params={"n": 1}, sealed=False)
    strict = replace(context, settings=context.settings.model_copy(update={"require_sealed": True}))
    assert "" == refused(taken(context, intent))
    assert "not_sealed" == refused(taken(strict, intent))


@pytest.mark.parametrize(
    ("key", "reason"), [("", "key_mismatch"), ("x", "key_mismatch"), (new_id(), "key_mismatch")]
)
def test_a_foreign_key(house: Gatehouse, context: Context, key: str, reason: str) -> None:
    """An intent under another key than its id would be another case's."""
    assert reason == refused(taken(context, house.intent(), key=key))


def test_an_id_with_two_spellings(house: Gatehouse, context: Context) -> None:
    """An id that is no canonical UUID is refused, also where key and id agree."""
    named = new_id().upper()
    event = taken(context, house.intent(intent_id=named))
    assert ("bad_intent_id", False) == (refused(event), event.body.answerable)  # type: ignore[union-attr]


JUNK = {
    "not_avro": b"garbage",
    "unknown_schema": codec.MARKER + bytes(8),
    "too_large": bytes(900_001),
}


@pytest.mark.parametrize("kind", [Kind.INTENT, Kind.DECISION, Kind.OUTCOME])
@pytest.mark.parametrize("reason", JUNK)
def test_junk_is_a_refusal(context: Context, kind: Kind, reason: str) -> None:
    """Bytes that are no message become a refusal under an id of their own, on every input."""
    event = taken(context, JUNK[reason], kind, key=b"\xff")
    assert isinstance(event.body, InputRefused)
    assert (kind, reason, False) == (event.body.kind, event.body.reason, event.body.answerable)
    assert derived_id("unreadable", PLACE.topic, "2", "41") == event.intent_id


@given(st.binary(max_size=200), st.binary(max_size=40), st.sampled_from(list(Kind)[:3]))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
def test_no_bytes_raise(context: Context, value: bytes, key: bytes, kind: Kind) -> None:
    """Whatever stands in a record, there is an event."""
    assert refused(taken(context, codec.MARKER + value, kind, key=key))
    assert refused(taken(context, value, kind, key=key))


@given(st.data())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None
)
def test_no_cut_or_flipped_intent_raises(
    house: Gatehouse, context: Context, data: st.DataObject
) -> None:
    """An intent that is cut off, or has a byte changed, is refused or admitted, never an error."""
    whole = bytearray(codec.encode(house.intent(params={"n": 1})))
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = bytes(whole[:at])
    whole[at] ^= data.draw(st.integers(1, 255))
    assert refused(taken(context, cut))
    assert taken(context, bytes(whole)).event_id


def test_masking_that_fails_is_a_refusal(house: Gatehouse, context: Context) -> None:
    """Where masking could not be shown to be whole, nothing of the text goes on."""
    event = taken(context, house.intent(params={"name": NAME}), masks=stuck)
    assert "masking_timeout" == refused(event)
    assert NAME.encode() not in codec.encode(event)


def test_a_report_and_an_answer_count_where_their_remarks_cannot_be_masked(
    house: Gatehouse, context: Context
) -> None:
    """What was signed is admitted, the text beside it is withheld: nobody says it again."""
    outcome = house.outcome(grant(new_id()), status=Status.FAILED, message=f"no {NAME}")
    report = taken(context, outcome, Kind.OUTCOME, masks=stuck).body
    assert isinstance(report, OutcomeAdmitted)
    assert (Status.FAILED, WITHHELD) == (report.status, report.message)
    decision = house.decision("petra", request(new_id()), rationale=f"I know {NAME}")
    answer = taken(context, decision, Kind.DECISION, masks=stuck).body
    assert isinstance(answer, DecisionAdmitted)
    assert ("petra", WITHHELD) == (answer.person, answer.rationale)


def test_an_unexpected_error_is_a_refusal(
    house: Gatehouse, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of ours over one input is recorded: it neither stops the partition nor tells PHI."""

    async def fails(_: object, __: object = None) -> Masked:
        raise KeyError(NAME)

    event = taken(context, house.intent(params={"name": NAME}), masks=fails)
    assert "admission_failed" == refused(event)
    assert "KeyError at " in caplog.text
    assert NAME not in caplog.text
    assert NAME.encode() not in codec.encode(event)


def test_a_view_that_is_not_whole_is_told(house: Gatehouse, context: Context) -> None:
    """Where something was withheld, the policy knows, and so does whoever reviews."""

    async def withholds(document: object, _: object = None) -> Masked:
        return replace(await mask(document), withheld=1)

    body = taken(context, house.intent(), masks=withholds).body
    assert isinstance(body, IntentAdmitted)
    assert (False, Effect.FORBID) == (body.whole, body.ruling.effect)


# ---------------------------------------------------------------- decisions


def test_a_decision_is_admitted(house: Gatehouse, context: Context) -> None:
    """A decision is its signer's, with the groups that the directory names now; its text masked."""
    asked = request(new_id())
    made = house.decision("petra", asked, rationale=f"I know {NAME}")
    body = taken(context, made, Kind.DECISION).body
    assert isinstance(body, DecisionAdmitted)
    assert ("petra", ("privacy-officers",)) == (body.person, body.groups)
    assert (Answer.APPROVE, "I know <PERSON_1>") == (body.answer, body.rationale)
    assert asked.display_digest == body.display_digest


def test_a_signature_that_is_foreign_or_forged(house: Gatehouse, context: Context) -> None:
    """Only a key of a person of the directory signs, and only what it signed counts."""
    asked = request(new_id())
    foreign = house.decision("petra", asked, signer=house.stranger)
    whole = house.decision("petra", asked)
    envelope = json.loads(whole.envelope)
    forged = whole.model_copy(
        update={
            "envelope": json.dumps(
                {**envelope, "payload": envelope["payload"][:-8] + "AAAAAAAA"}
            ).encode()
        }
    )
    unsigned = whole.model_copy(
        update={"envelope": json.dumps({**envelope, "signatures": []}).encode()}
    )
    reasons = [refused(taken(context, each, Kind.DECISION)) for each in (foreign, forged, unsigned)]
    assert "unknown_key" == reasons[0]
    assert all(reasons[1:])


def test_a_decision_for_another_intent(house: Gatehouse, context: Context) -> None:
    """What was signed for one intent does not count for another."""
    made = house.decision("petra", request(new_id()))
    other = new_id()
    moved = made.model_copy(
        update={
            "intent_id": other,
            "rationale": house.seal(b"Checked", other, Purpose.RATIONALE),
        }
    )
    assert "intent_mismatch" == refused(taken(context, moved, Kind.DECISION))


def test_a_rationale_that_was_not_signed(house: Gatehouse, context: Context) -> None:
    """The text has to be the one whose salted digest was signed."""
    made = house.decision("petra", request(new_id()))
    changed = made.model_copy(
        update={"rationale": house.seal(b"Other", made.intent_id, Purpose.RATIONALE)}
    )
    salted = made.model_copy(update={"salt": secrets.token_bytes(16)})
    for each in (changed, salted):
        assert "rationale_mismatch" == refused(taken(context, each, Kind.DECISION))


def test_a_code_that_is_free_text(house: Gatehouse, context: Context) -> None:
    """A reason code is never masked, so it may not be a sentence."""
    made = house.decision("petra", request(new_id()), code=f"Not {NAME}")
    event = taken(context, made, Kind.DECISION)
    assert "bad_code" == refused(event)
    assert NAME.encode() not in codec.encode(event)


# ---------------------------------------------------------------- outcomes


def grant(intent_id: str) -> Grant:
    """Return a grant, as far as an outcome names it."""
    return Grant(
        intent_id=intent_id, grant_id=derived_id("grant", intent_id),
        position=Position(partition=0, offset=0), envelope=b"", sealed=None, release=None,
    )  # fmt: skip


def test_an_outcome_is_admitted(house: Gatehouse, context: Context) -> None:
    """An outcome is its executor class's, by the key that signed; its message is masked."""
    made = house.outcome(grant(new_id()), status=Status.FAILED, message=f"no {NAME}")
    body = taken(context, made, Kind.OUTCOME).body
    assert isinstance(body, OutcomeAdmitted)
    assert ("clinic", Status.FAILED, "no <PERSON_1>") == (body.executor, body.status, body.message)


def test_an_outcome_of_a_stranger(house: Gatehouse, context: Context) -> None:
    """Only an executor's key reports; a person's key does not."""
    for key in (house.stranger, house.people["petra"]):
        made = house.outcome(grant(new_id()), signer=key)
        assert "unknown_key" == refused(taken(context, made, Kind.OUTCOME))


def test_an_intent_is_no_decision(house: Gatehouse, context: Context) -> None:
    """A message of another kind is refused on every input."""
    intent: Intent = house.intent()
    for kind in (Kind.DECISION, Kind.OUTCOME):
        assert "wrong_schema" == refused(taken(context, intent, kind))
