"""What an attacker tries who holds one credential, one key or one machine; by name.

Attacks that are bad input of one kind have their story where the kind has: moved and re-signed
decisions in `test_decisions`, exchanged bodies and forged grants in `test_grants`, forged reports
in `test_outcomes`, ids with two spellings in `test_no_message`, edited evidence in
`tests/auditor/test_tampering`. Here is what is left, and what cannot be prevented but is detected.
"""

import ast
import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams import signing
from streams.audit.report import Flaw
from streams.errors import WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    DecisionAdmitted,
    Effected,
    Intent,
    Source,
    State,
    derived_id,
)
from streams.gate.view import view_digest
from streams.wire import codec, schemas
from tests.scenarios.house import House
from tests.scenarios.test_grants import signed, statement_of

ROOT = Path(__file__).parents[2]
DEEP = 20_000
SAFE = {"deny", "forbid", "unknown", "", False}  # False is 0 as well
SAFE |= {"key"}  # of the two levels of assurance the lower
SAFE |= {"none"}  # on nobody's word: what is for a person is not for this one


@pytest.mark.kafka
def test_a_decision_put_straight_onto_the_topic_counts_as_its_signature_does(house: House) -> None:
    """The CLI adds nothing: who can write to `decisions` but has no key can decide nothing."""
    with house.undisturbed() as beside:
        request = house.under_review(beside.partition)
        forged = house.answer(house.decision("petra", request, signer=house.stranger))
        assert (Effected.REFUSED, "unknown_key") == house.told(forged)
        true = house.answer(house.decision("petra", request))
        assert Effected.GRANTED is house.recorded(true).effected


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("field", "alike", "reason"),
    [
        ("agent", "research‐agent", "unknown_agent"),  # noqa: RUF001 - a Unicode hyphen
        ("on_behalf_of", "rіta", "unknown_person"),  # noqa: RUF001 - a Cyrillic letter
        ("action", "data.exрort", "unknown_action"),  # noqa: RUF001 - a Cyrillic letter
    ],
)
def test_a_name_that_only_looks_right_is_nobodys(
    house: House, field: str, alike: str, reason: str
) -> None:
    """Names are compared byte for byte, and what is not known is refused without its text."""
    with house.undisturbed() as beside:
        sent = house.ask(house.export(intent_id=beside.new_id(), **{field: alike}))
        effected = Effected.REFUSED if field == "agent" else Effected.DENIED
        assert (effected, reason) == house.told(sent)
        assert alike.encode() not in house.entry(sent).event


@pytest.mark.kafka
def test_the_gates_other_keys_sign_no_grant(house: House) -> None:
    """A key is good for one thing: the audit's is not the grants', nor an approver's."""
    with house.undisturbed() as beside:
        grant = house.grant(house.granted(beside.partition).intent_id)
        audit = signing.SigningKey.load(house.settings.keys / "audit.key")
        other = beside.new_id()
        fresh = {"intent_id": other, "grant_id": derived_id("grant", other)}
        for key in (audit, house.people["petra"]):
            sent = house.send("approved.clinic", other, signed(grant, key, **fresh))
            assert "unknown_key" == house.refused_by_executor(sent)


@pytest.mark.kafka
def test_a_signature_of_one_kind_is_none_of_another(house: House) -> None:
    """The payload type is under the signature: a grant's envelope is no decision, nor a report."""
    with house.undisturbed() as beside:
        request = house.granted(beside.partition)
        grant = house.grant(request.intent_id)
        decision = house.decision("petra", beside.request)
        moved = decision.model_copy(update={"envelope": grant.envelope})
        assert (Effected.REFUSED, "wrong_payload_type") == house.told(house.answer(moved))
        payload = statement_of(grant).model_dump_json().encode()
        retyped = signing.envelope(payload, signing.DECISION, house.people["petra"])
        sent = house.answer(decision.model_copy(update={"envelope": retyped}))
        assert (Effected.REFUSED, "bad_statement") == house.told(sent)


@pytest.mark.kafka
def test_an_envelope_that_is_huge_or_deep_is_refused(house: House) -> None:
    """Nothing is parsed without a bound, and nothing that was refused is written down."""
    with house.undisturbed() as beside:
        good = house.decision("petra", beside.request)
        deep = b'{"payload":' * DEEP + b"1" + b"}" * DEEP
        long = json.loads(good.envelope)
        long["signatures"] *= 2_000
        statement = b'{"a":' * DEEP + b"1" + b"}" * DEEP
        nested = signing.envelope(statement, signing.DECISION, house.people["petra"])
        bad = {
            "deep": (deep, {"bad_envelope", "too_large"}),
            "many signatures": (
                json.dumps(long, sort_keys=True, separators=(",", ":")).encode(),
                {"several_signatures"},
            ),
            "deep statement, well signed": (nested, {"bad_statement", "too_large"}),
        }
        for what, (envelope, reasons) in bad.items():
            sent = house.answer(good.model_copy(update={"envelope": envelope}))
            effected, reason = house.told(sent)
            assert (Effected.REFUSED, True) == (effected, reason in reasons), (what, reason)


@pytest.mark.kafka
def test_a_decision_forged_into_the_log_is_named_by_the_audit(house: House) -> None:
    """Whoever stole admit's credential can write to the log; he cannot sign for a person.

    The fold takes the log as true, so the case is granted: this is detected, not prevented.
    """
    request = house.under_review()
    house.spoiled = True  # the evidence of this house is broken for good
    place = house.send("outcomes", request.intent_id, b"any input of the attacker's own")
    forged = house.decision("petra", request, signer=house.stranger)
    body = DecisionAdmitted(
        person="petra",
        groups=("privacy-officers",),
        answer=statement_answer(forged.envelope),
        code="approved",
        rationale="",
        action_digest=request.action_digest,
        display_digest=request.display_digest,
        view_digest=view_digest(request),
        masker_revision=request.masker_revision,
        policy_revision=request.policy_revision,
        decided_at_ms=request.opened_at_ms,
        envelope=forged.envelope,
    )
    event = CaseEvent(
        event_id=derived_id("event", "forged"),
        intent_id=request.intent_id,
        at_ms=request.opened_at_ms,
        source=Source(topic=place.topic, partition=place.partition, offset=place.offset),
        body=body,
    )
    house.send("cases", request.intent_id, event)
    assert State.GRANTED is house.final(request.intent_id).state
    house.wait_records("audit", audit_key(house, event.event_id), 1)
    broken = house.audit().broken
    assert broken
    assert Flaw.UNKNOWN_APPROVER is broken.kind


def statement_answer(envelope: bytes) -> str:
    """Return the answer that an envelope holds."""
    payload = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    return str(payload["answer"])


def audit_key(house: House, event_id: str) -> str:
    """Return the audit's key of an event, once it is there."""
    entry: AuditEntry = house._until(lambda: house._entries.get(event_id))
    return f"{entry.shard:05d}/{entry.index:012d}"


# ---------------------------------------------------------------- without a broker


def test_no_default_of_a_schema_is_a_yes() -> None:
    """A field or symbol that an older writer did not know reads as the careful answer."""
    unsafe = [
        f"{path.stem}: {default!r}"
        for path in sorted((ROOT / "schemas").glob("*.avsc"))
        for default in defaults(json.loads(path.read_text()))
        if isinstance(default, bool | str | int) and default not in SAFE
    ]
    assert [] == unsafe


def defaults(schema: object) -> Iterator[object]:
    """Yield every default in a schema."""
    if isinstance(schema, dict):
        if "default" in schema:
            yield schema["default"]
        for each in schema.values():
            yield from defaults(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from defaults(each)


def test_a_tampered_schema_of_the_archive_is_not_used(tmp_path: Path) -> None:
    """A writer's schema is named by its fingerprint: changed, it is another one."""
    version = schemas.fingerprint_of("Intent")
    name = schemas.archive_name("Intent", version)
    form = (schemas.FOLDER / "history" / name).read_text()
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / name).write_text(form.replace('"agent"', '"owner"', 1))
    with pytest.raises(WireError) as refused:
        schemas.archived("Intent", version, tmp_path)
    assert "unknown_schema" == refused.value.code
    assert schemas.archived("Intent", version)
    assert codec.bytes_max(Intent.__name__)


def test_no_secret_digest_is_compared_in_variable_time() -> None:
    """What only the gate can compute is compared with `hmac.compare_digest`."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "streams").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        and any(secret(each) for each in (node.left, *node.comparators))
    ]
    assert [] == found


def secret(node: ast.expr) -> bool:
    """Tell whether an expression is a MAC of the gate's or under an intent's data key."""
    return isinstance(node, ast.Attribute) and node.attr in {"content_mac", "action_digest"}
