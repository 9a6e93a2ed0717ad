"""What lies on an executor's topic is not always a grant that it may run."""

import base64
import json
import threading

import pytest

from streams import signing
from streams.clock import now_ms
from streams.events import Grant, GrantStatement, Message, Status, derived_id
from streams.executor import ActionRequest, Executor
from streams.executor.ledger import inspect
from streams.signing import SigningKey
from streams.wire import codec
from tests.scenarios.house import LAB_DATABASE, House, new_id

pytestmark = pytest.mark.kafka

TOPIC = "approved.clinic"
HOUR_MS = 3_600_000


def statement_of(grant: Grant) -> GrantStatement:
    """Return what the gate signed."""
    payload = base64.b64decode(json.loads(grant.envelope)["payload"])
    return GrantStatement.model_validate_json(payload)


def signed(grant: Grant, key: SigningKey, **changes: object) -> Grant:
    """Return a grant whose statement was changed and signed by `key`; its ids follow it."""
    statement = statement_of(grant).model_copy(update=changes)
    data = statement.model_dump_json().encode()
    return grant.model_copy(
        update={
            "intent_id": statement.intent_id,
            "grant_id": statement.grant_id,
            "envelope": signing.envelope(data, signing.GRANT, key),
        }
    )


def flipped(data: bytes) -> bytes:
    """Return the bytes with one bit changed, in their last quarter."""
    at = len(data) * 3 // 4
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_grant_that_comes_again_is_not_run_again(house: House) -> None:
    """The ledger knows it: the first report is sent once more, and the gate takes it as such."""
    with house.undisturbed() as beside:
        intent_id = house.granted(beside.partition).intent_id
        grant = house.grant(intent_id)
        reported = [r for r in house.records("outcomes") if r.key == intent_id.encode()]
        again = house.send(TOPIC, intent_id, grant)
        elsewhere = house.send(TOPIC, intent_id, grant, partition=1 - again.partition)
        assert again.partition != elsewhere.partition
    assert 1 == house.runs().count(grant.grant_id)
    reports = house.wait_records("outcomes", intent_id, len(reported) + 2)
    assert {reported[0].value} == {each.value for each in reports}


def test_what_the_gate_did_not_sign_is_not_run(house: House) -> None:
    """Garbage, a stranger's or an executor's own grant, a changed one, one under foreign ids."""
    with house.undisturbed() as beside:
        grant = house.grant(house.granted(beside.partition).intent_id)
        other = new_id(beside.partition)
        fresh = {"intent_id": other, "grant_id": derived_id("grant", other)}
        forger = SigningKey.new(house.grant_key.public.name)
        payload = json.loads(grant.envelope)
        widened = payload | {
            "payload": base64.b64encode(
                statement_of(grant).model_copy(update=fresh).model_dump_json().encode()
            ).decode()
        }
        spelled = json.dumps(widened, sort_keys=True, separators=(",", ":")).encode()
        bad: list[tuple[str, bytes | Message | None, str]] = [
            (other, b"garbage", "not_avro"),
            (other, None, "not_avro"),
            (other, codec.encode(grant)[:-9], "truncated"),
            (other, house.aggregate(), "wrong_schema"),
            (other, signed(grant, house.stranger, **fresh), "unknown_key"),
            (other, signed(grant, house.executor, **fresh), "unknown_key"),
            (other, signed(grant, house.people["petra"], **fresh), "unknown_key"),
            (other, signed(grant, forger, **fresh), "unknown_key"),
            (other, grant.model_copy(update={**fresh, "envelope": spelled}), "bad_signature"),
            (other, grant.model_copy(update=fresh), "key_mismatch"),
            (other, grant, "key_mismatch"),
            (grant.intent_id, grant.model_copy(update=fresh), "key_mismatch"),
        ]
        sent = [house.send(TOPIC, key, value) for key, value, _ in bad]
        assert [reason for *_, reason in bad] == [house.refused_by_executor(s) for s in sent]
    assert derived_id("grant", other) not in house.runs()


def test_a_body_that_was_exchanged_is_not_run(house: House) -> None:
    """The envelope is the gate's own; what it was to unseal is another's, changed, or gone."""
    with house.undisturbed() as beside:
        grant, other = (house.grant(house.granted(beside.partition).intent_id) for _ in range(2))
        assert grant.sealed
        assert grant.release
        changed = grant.sealed.model_copy(update={"ciphertext": flipped(grant.sealed.ciphertext)})
        bad: list[dict[str, object]] = [
            {"sealed": other.sealed, "release": other.release},
            {"sealed": changed},
            {"release": flipped(grant.release)},
            {"sealed": None},
            {"release": None},
        ]
        for parts in bad:
            name = beside.new_id()  # a grant of its own, really signed, so that no ledger knows it
            fresh = signed(
                grant, house.grant_key, intent_id=name, grant_id=derived_id("grant", name)
            )
            sent = house.send(TOPIC, name, fresh.model_copy(update=parts))
            assert "unsealable" == house.refused_by_executor(sent)
            assert derived_id("grant", name) not in house.runs()


def test_a_grant_for_another_class_is_left_to_it(house: House) -> None:
    """It is not run and not reported on: it says nothing of the genuine grant elsewhere."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(), resource=LAB_DATABASE)
        house.ask(intent)
        house.final(intent.intent_id)
        grant = house.grants_of("lab")[intent.intent_id]
        sent = house.send(TOPIC, intent.intent_id, grant)
        assert "wrong_executor" == house.refused_by_executor(sent)
    assert grant.grant_id not in house.runs()
    assert None is house.final(intent.intent_id).outcome


def test_a_grant_whose_time_is_over_is_reported_as_failed(house: House) -> None:
    """An executor that comes back after hours does not do what was agreed to for minutes."""
    ran: list[str] = []
    executor = Executor(
        "lab",
        house.settings,
        key=house.lab,
        seal_key=house.lab_seal,
        now_ms=lambda: now_ms() + HOUR_MS,
    )

    @executor.handler("db.query")
    def query(request: ActionRequest) -> None:
        ran.append(request.grant_id)

    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(), resource=LAB_DATABASE)
        house.ask(intent)
        house.final(intent.intent_id)
        serving = threading.Thread(target=executor.run)
        serving.start()
        try:
            assert Status.FAILED is house.ended(intent.intent_id)
        finally:
            executor.stop()
            serving.join()
    grants, _ = inspect(executor.ledger_path)
    codes = {each.intent_id: each.code for each in grants}
    assert "grant_expired" == codes[intent.intent_id]
    assert [] == ran


def test_a_handler_that_raises_is_a_failure_with_a_masked_message(house: House) -> None:
    """Its text quotes what it worked on; the verdict tells the failure without it."""
    with house.undisturbed() as beside:
        intent = house.intent(
            "db.update", {"patient": "John Smith", "ssn": "219-09-9999"}, intent_id=beside.new_id()
        )
        house.ask(intent)
        request = house.seen(intent.intent_id)
        house.answer(house.decision("dora", request))
        assert Status.FAILED is house.ended(intent.intent_id)
    outcome = house.final(intent.intent_id).outcome
    assert outcome
    assert outcome.message.startswith("ValueError: no such row")
    assert "219-09-9999" not in outcome.message
    assert "Smith" not in outcome.message
