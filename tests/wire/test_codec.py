"""Bytes to messages and back: exact both ways, and one kind of error whatever the bytes."""

import json
import traceback
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    DeadlinePassed,
    Decision,
    Intent,
    IntentBody,
    Message,
    Outcome,
    Resource,
    Route,
    Source,
)
from streams.wire import codec, schemas
from tests.wire.generated import ANY, model_of

CODES = set(codec._WHY)
SECRET = "Jane-Roe-078-05-1120"
OUTCOME = Outcome(intent_id="a" * 36, envelope=b"e" * 300, message=b"m")
EVENT = CaseEvent(
    event_id="e",
    intent_id="i",
    at_ms=1,
    source=Source(topic="t", partition=0, offset=1),
    body=DeadlinePassed(deadline_ms=5),
)
INTENT = Intent(
    intent_id="i",
    agent="a",
    on_behalf_of=None,
    action="data.read",
    resource=Resource(type="t", id="r"),
    sealing="plain",
    body=SECRET.encode(),
    requested_at_ms=1,
    ttl_ms=2,
)


def code_of(call: Callable[[], Any]) -> str:
    """Return the code of the WireError that a call raises."""
    with pytest.raises(WireError) as caught:
        call()
    return caught.value.code


def read(data: bytes, kind: type[Message]) -> Message | str:
    """Return the message, or the code of the refusal; any other error goes through."""
    try:
        return codec.decode(data, kind)
    except WireError as error:
        return error.code


def headed(binary: bytes, name: str) -> bytes:
    """Return Avro binary as a record of today's schema."""
    return codec.MARKER + schemas.fingerprint_of(name) + binary


# ---------------------------------------------------------------- round trips


@given(ANY)
@settings(max_examples=300, deadline=None)
def test_a_message_comes_back(message: Message) -> None:
    """Encode, then decode: the same message, for every record."""
    assert message == codec.decode(codec.encode(message), type(message))


@given(ANY, st.data())
@settings(max_examples=400, deadline=None)
def test_bytes_that_are_read_are_the_bytes_that_are_written(
    message: Message, data: st.DataObject
) -> None:
    """Flip bytes anywhere: what still decodes encodes to the very same bytes."""
    encoded = bytearray(codec.encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded[at] = data.draw(st.integers(0, 255))
    found = read(bytes(encoded), type(message))
    if isinstance(found, str):
        assert found in CODES
    else:
        assert bytes(encoded) == codec.encode(found)


def test_the_branch_says_the_body_s_type() -> None:
    """A CaseEvent's bytes do not hold its body's type as text; the union's index does."""
    assert b"DeadlinePassed" not in codec.encode(EVENT)
    assert EVENT == codec.decode(codec.encode(EVENT), CaseEvent)


# ---------------------------------------------------------------- refusals


@given(ANY)
@settings(max_examples=25, deadline=None)
def test_a_message_cut_anywhere_is_refused(message: Message) -> None:
    """Every proper prefix is refused, also one that ends inside a number.

    fastavro takes a number without its last byte for a smaller one: writing it back tells.
    """
    encoded = codec.encode(message)
    for length in range(len(encoded)):
        expected = {"truncated", "bad_value"} if length >= len(codec.MARKER) else {"not_avro"}
        assert read(encoded[:length], type(message)) in expected, length


def test_a_message_cut_between_numbers_is_truncated() -> None:
    """Inside a text, and before a field, the code says so."""
    encoded = codec.encode(OUTCOME)
    for length in (2, 9, 10, 11, 20, len(encoded) - 1):
        assert "truncated" == read(encoded[:length], Outcome)


@given(st.sampled_from(schemas.ROOTS), st.binary(max_size=200))
@settings(max_examples=400, deadline=None)
def test_whatever_the_bytes_only_wire_errors_leave(name: str, binary: bytes) -> None:
    """Noise behind a right head is a message or a WireError, never anything else."""
    found = read(headed(binary, name), model_of(name))
    assert isinstance(found, Message) or found in CODES


@pytest.mark.parametrize("data", [b"", b"\xc3", b"\xc3\x02", b'{"intent_id": 1}', b"\x00" * 50])
def test_bytes_without_the_marker_are_not_avro(data: bytes) -> None:
    """JSON, registry framing, nothing at all: `not_avro`."""
    assert "not_avro" == read(data, Intent)


def test_a_stranger_s_schema_is_unknown() -> None:
    """A fingerprint that we never wrote is refused by its own code."""
    data = codec.MARKER + bytes(8) + codec.encode(OUTCOME)[10:]
    assert "unknown_schema" == read(data, Outcome)


@given(ANY, st.sampled_from(schemas.ROOTS))
@settings(max_examples=50, deadline=None)
def test_another_record_is_the_wrong_schema(message: Message, name: str) -> None:
    """No record is read as another, however alike their bytes are."""
    if name != type(message).__name__:
        assert "wrong_schema" == read(codec.encode(message), model_of(name))


@given(ANY, st.binary(min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_trailing_bytes_are_refused(message: Message, more: bytes) -> None:
    """Nothing can hide behind a message."""
    assert "trailing_bytes" == read(codec.encode(message) + more, type(message))


@pytest.mark.parametrize(
    ("binary", "why"),
    [
        (b"\x82\x00a\x00\x00", "a length padded with a zero byte"),
        (b"\x01\x00\x00", "a negative length"),
        (b"\x02\xff\x00\x00", "text that is not UTF-8"),
        (b"\xff" * 11, "a number of eleven bytes"),
    ],
)
def test_unusual_encodings_are_refused(binary: bytes, why: str) -> None:
    """What we would not write is not read: no two encodings of one Outcome. The case: `why`."""
    assert why
    assert read(headed(binary, "Outcome"), Outcome) in {"bad_value", "truncated"}


def test_an_array_in_two_blocks_is_refused() -> None:
    """Avro allows an array in parts, or with its size in front; we write and read neither."""
    request = codec.encode(_verdict(("p", "q")))
    whole, split, sized = (
        b"\x04\x02p\x02q\x00",
        b"\x02\x02p\x02\x02q\x00",
        b"\x03\x08\x02p\x02q\x00",
    )
    kind = model_of("Verdict")
    assert 1 == request.count(whole)
    assert "bad_value" == read(request.replace(whole, split), kind)
    assert "bad_value" == read(request.replace(whole, sized), kind)


def _verdict(policies: tuple[str, ...]) -> Message:
    values = {
        "intent_id": "i",
        "position": {"partition": 0, "offset": 0},
        "state": "denied",
        "reason": "r",
        "rationale": "",
        "decided_by": (),
        "policies": policies,
        "grant_id": None,
        "at_ms": 1,
        "outcome": None,
    }
    return model_of("Verdict").model_validate(values)


def test_a_value_that_the_model_forbids_is_refused() -> None:
    """A quorum of none is fine for Avro and refused by the model."""
    route = Route.model_construct(group="g", quorum=0, within_ms=1, policy="p")
    assert "bad_value" == read(codec.encode(_with_route(route)), CaseEvent)


@pytest.mark.parametrize("name", schemas.ROOTS)
def test_what_is_too_large_is_not_even_parsed(name: str) -> None:
    """One byte more than the record's limit is refused as such, before anything is read."""
    assert "too_large" == read(bytes(codec.bytes_max(name) + 1), model_of(name))


def test_what_is_too_large_is_not_written() -> None:
    """50 MB of params end at the sender."""
    body = IntentBody(params=b"x" * 50_000_000, justification="")
    assert "too_large" == code_of(lambda: codec.encode(body))


def test_the_largest_message_passes() -> None:
    """Exactly at the limit, a message is written and read."""
    room = codec.bytes_max("IntentBody") - len(
        codec.encode(IntentBody(params=b"", justification=""))
    )
    body = IntentBody(params=b"x" * (room - 3), justification="x")  # two longer lengths, one text
    while len(codec.encode(body)) < codec.bytes_max("IntentBody"):
        body = IntentBody(params=body.params + b"x", justification="x")
    assert body == codec.decode(codec.encode(body), IntentBody)
    more = IntentBody(params=body.params + b"x", justification="x")
    assert "too_large" == code_of(lambda: codec.encode(more))


def test_a_part_is_no_record() -> None:
    """Only whole records are encoded."""
    assert "wrong_schema" == code_of(lambda: codec.encode(Resource(type="t", id="i")))


@pytest.mark.parametrize("value", [1 << 63, SECRET, None])
def test_a_value_that_does_not_fit_is_not_written(value: Any) -> None:
    """A model that was built past its checks is refused, not written as something else."""
    broken = INTENT.model_copy(update={"ttl_ms": value})
    assert "bad_value" == code_of(lambda: codec.encode(broken))


def test_half_a_character_is_not_written() -> None:
    """A lone surrogate has no UTF-8."""
    broken = INTENT.model_copy(update={"action": "\ud800"})
    assert "bad_value" == code_of(lambda: codec.encode(broken))


def test_no_error_holds_a_value() -> None:
    """Neither the message nor anything chained to it quotes the data, when reading or writing."""
    good = codec.encode(INTENT)
    bad_enum = INTENT.model_copy(update={"sealing": SECRET})
    route = Route.model_construct(group=SECRET, quorum=0, within_ms=1, policy=SECRET)
    forbidden = codec.encode(_with_route(route))
    calls: list[Callable[[], Any]] = [
        lambda: codec.decode(good[:-3], Intent),
        lambda: codec.decode(good + SECRET.encode(), Intent),
        lambda: codec.decode(SECRET.encode(), Intent),
        lambda: codec.decode(good, Decision),
        lambda: codec.decode(forbidden, CaseEvent),
        lambda: codec.encode(bad_enum),
    ]
    for call in calls:
        with pytest.raises(WireError) as caught:
            call()
        told = "".join(traceback.format_exception(caught.value, chain=True))
        assert SECRET not in told.replace("SECRET", "")
        assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def _with_route(route: Route) -> CaseEvent:
    body = model_of("IntentAdmitted").model_validate(ADMITTED)
    ruling = body.ruling.model_copy(update={"routes": (route,)})  # type: ignore[attr-defined]
    return EVENT.model_copy(update={"body": body.model_copy(update={"ruling": ruling})})


ADMITTED = {
    "agent": "a",
    "owner": "o",
    "on_behalf_of": None,
    "action": "data.read",
    "resource": {"type": "t", "id": "r"},
    "executor": "e",
    "display": b'{"action":"data.read"}',
    "display_digest": "d",
    "action_digest": "d",
    "content_mac": "d",
    "whole": True,
    "phi": (),
    "sealed": {"key_id": "k", "wrapped_key": b"w", "nonce": b"n", "ciphertext": b"\xff"},
    "release": None,
    "ruling": {
        "effect": "review",
        "policies": (),
        "reason": "",
        "routes": (),
        "unmask": False,
        "revision": "r",
    },
    "masker_revision": "m",
    "requested_at_ms": 1,
    "expires_at_ms": 2,
    "grant_ttl_ms": 3,
}


# ---------------------------------------------------------------- older writers


def _written_by(monkeypatch: pytest.MonkeyPatch, fields: dict[str, str], **values: Any) -> bytes:
    """Pretend that an older version of Outcome had these fields, and return a record of it."""
    listed = [{"name": name, "type": kind} for name, kind in fields.items()]
    older = schemas.Schema(
        parse_schema({"type": "record", "name": "phigate.Outcome", "fields": listed})
    )
    version = schemas.fingerprint(schemas.canonical(older))
    known = {**schemas.archive_index(), version: "Outcome"}
    archived = schemas.archived
    monkeypatch.setattr(schemas, "archive_index", lambda: known)
    monkeypatch.setattr(
        schemas, "archived", lambda name, v: older if v == version else archived(name, v)
    )
    stream = BytesIO()
    schemaless_writer(stream, older, values)
    return codec.MARKER + version + stream.getvalue()


def test_an_older_writer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that went away and another order: the current message comes out."""
    fields = {"message": "bytes", "gone": "string", "envelope": "bytes", "intent_id": "string"}
    data = _written_by(
        monkeypatch, fields, message=b"m", gone="x", envelope=b"e" * 300, intent_id="a" * 36
    )
    assert OUTCOME == codec.decode(data, Outcome)
    assert "truncated" == read(data[:-1], Outcome)
    assert "trailing_bytes" == read(data + b"x", Outcome)


def test_an_older_writer_that_does_not_resolve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field that is needed and was never written: `bad_value`, no crash."""
    data = _written_by(monkeypatch, {"intent_id": "string"}, intent_id="a")
    assert "bad_value" == read(data, Outcome)


# ---------------------------------------------------------------- for people


@given(ANY)
@settings(max_examples=100, deadline=None)
def test_every_message_can_be_printed(message: Message) -> None:
    """Its JSON names every field of the message, and nothing else."""
    printed = json.loads(json.dumps(codec.to_json(message)))
    assert list(type(message).model_fields) == list(printed)


def test_bytes_are_shown_as_json_or_base64() -> None:
    """What is UTF-8 JSON is shown as it is; anything else as base64, and said to be."""
    shown = codec.to_json(Outcome(intent_id="i", envelope=b'{"a": 1}', message=b"\xff\x00"))
    told = {"envelope": '{"a": 1}', "message": {"base64": "/wA="}, "salt": {"base64": ""}}
    assert {"intent_id": "i", **told} == shown


def test_json_as_deep_as_the_sea_is_shown_as_base64() -> None:
    """10,000 brackets do not exhaust the stack."""
    shown = codec.to_json(OUTCOME.model_copy(update={"envelope": b"[" * 10_000 + b"]" * 10_000}))
    assert ["base64"] == list(shown["envelope"])


def test_plain_phi_is_not_printed() -> None:
    """An unsealed intent's body is withheld, a sealed one's ciphertext is shown."""
    assert {"withheld_bytes": len(SECRET)} == codec.to_json(INTENT)["body"]
    sealed = INTENT.model_copy(update={"sealing": "hpke"})
    assert ["base64"] == list(codec.to_json(sealed)["body"])


def _entry(event: bytes) -> AuditEntry:
    return AuditEntry(leaf=b"{}", event=event, signature=b"\xff")


def test_an_audit_entry_shows_its_event() -> None:
    """The event inside is decoded; what cannot be is said to be so; none stays none."""
    shown = codec.to_json(_entry(codec.encode(EVENT)))["event"]
    assert codec.to_json(EVENT) == shown
    expected = {"undecodable": "not_avro", "bytes": len(SECRET)}
    assert expected == codec.to_json(_entry(SECRET.encode()))["event"]
    assert {"base64": ""} == codec.to_json(_entry(b""))["event"]


def test_a_record_is_shown_without_its_model() -> None:
    """By name alone, the same fields are shown; and noise is said to be noise."""
    expected = json.loads(json.dumps(codec.to_json(EVENT)))
    assert expected == codec.show_fields(codec.encode(EVENT), "CaseEvent")
    assert {"undecodable": "not_avro", "bytes": 1} == codec.show_fields(b"x", "CaseEvent")
