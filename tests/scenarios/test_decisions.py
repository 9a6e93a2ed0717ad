"""Decisions that must not count: by the wrong people, on the wrong thing, or not signed."""

import base64
import json
from functools import partial
from typing import Any

import pytest

from streams import signing
from streams.events import Answer, Decision, Effected, Request, State
from streams.sealing import Purpose
from streams.signing import SigningKey
from tests.scenarios.house import NAMESAKE, SUSPENDED, House

pytestmark = pytest.mark.kafka


def resigned(decision: Decision, **changes: Any) -> Decision:
    """Return a decision whose envelope was changed after it was signed."""
    envelope = {**json.loads(decision.envelope), **changes}
    spelled = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode()
    return decision.model_copy(update={"envelope": spelled})


def flipped(decision: Decision) -> Decision:
    """Return a decision with one bit of its signature changed."""
    signed = json.loads(decision.envelope)["signatures"][0]
    raw = bytearray(base64.b64decode(signed["sig"]))
    raw[0] ^= 1
    return resigned(decision, signatures=[{**signed, "sig": base64.b64encode(raw).decode()}])


def denial_as_approval(decision: Decision) -> Decision:
    """Return a decision whose answer was turned round under the signature."""
    payload = base64.b64decode(json.loads(decision.envelope)["payload"])
    turned = payload.replace(b'"deny"', b'"approve"')
    assert payload != turned
    return resigned(decision, payload=base64.b64encode(turned).decode())


def not_counted(house: House, request: Request, decision: Decision, reason: str) -> None:
    """Send a decision and see that it is refused for this reason, and the case still waits."""
    consequence = house.recorded(house.answer(decision))
    assert (Effected.REFUSED, reason) == (consequence.effected, consequence.reason)
    assert State.PENDING is consequence.state
    assert request.intent_id


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("rita", "requester_may_not_review"),
        ("olga", "requester_may_not_review"),
        (NAMESAKE, "requester_may_not_review"),
        ("sam", "not_a_reviewer"),
        ("dora", "not_a_reviewer"),
    ],
    ids=["on whose behalf", "the owner", "the agent's namesake", "security", "stewards"],
)
def test_the_wrong_person_does_not_count(house: House, person: str, reason: str) -> None:
    """Nobody reviews what is done for them or by what is theirs, nor outside of their groups."""
    with house.undisturbed() as beside:
        request = beside.request
        not_counted(house, request, house.decision(person, request), reason)
        if reason == "requester_may_not_review":
            return  # their no would count
        denial = house.decision(person, request, answer=Answer.DENY)
        not_counted(house, request, denial, reason)


def test_a_suspended_person_s_key_is_not_known(house: House) -> None:
    """A signature verifies for ever; whether its owner may review is the directory's to say."""
    with house.undisturbed() as beside:
        decision = house.decision(SUSPENDED, beside.request)
        refused = house.recorded(house.answer(decision))
    assert Effected.REFUSED is refused.effected
    assert refused.reason in {"unknown_key", "unknown_person"}


def test_a_signature_that_is_none_of_the_directory_s_does_not_count(house: House) -> None:
    """Foreign, borrowed from another role, under another's name, forged, turned round, or gone."""
    impostor = SigningKey.new("petra")
    with house.undisturbed() as beside:
        request = beside.request
        good = house.decision("petra", request)
        denial = house.decision("petra", request, answer=Answer.DENY)
        signed = json.loads(good.envelope)["signatures"][0]
        cases = {
            "foreign": (house.decision("petra", request, signer=house.stranger), "unknown_key"),
            "executor": (house.decision("petra", request, signer=house.executor), "unknown_key"),
            "gate": (house.decision("petra", request, signer=house.grant_key), "unknown_key"),
            "impostor": (house.decision("petra", request, signer=impostor), "unknown_key"),
            "flipped": (flipped(good), "bad_signature"),
            "turned": (denial_as_approval(denial), "bad_signature"),
            "empty": (resigned(good, signatures=[{**signed, "sig": ""}]), "missing_signature"),
            "none": (resigned(good, signatures=[]), "missing_signature"),
            "two": (resigned(good, signatures=[signed, signed]), "several_signatures"),
            "borrowed id": (
                resigned(
                    house.decision("sam", request),
                    signatures=[
                        {
                            **json.loads(house.decision("sam", request).envelope)["signatures"][0],
                            "keyid": signed["keyid"],
                        }
                    ],
                ),
                "bad_signature",
            ),
            "another type": (
                resigned(good, payloadType=signing.OUTCOME),
                "wrong_payload_type",
            ),
            "no envelope": (good.model_copy(update={"envelope": b"{}"}), "bad_envelope"),
            "another spelling": (
                good.model_copy(update={"envelope": good.envelope + b"\n"}),
                "bad_envelope",
            ),
        }
        sent = {what: house.answer(decision) for what, (decision, _) in cases.items()}
        told = {what: house.told(each) for what, each in sent.items()}
    assert {what: (Effected.REFUSED, reason) for what, (_, reason) in cases.items()} == told


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"action_digest": "0" * 64}, "action_mismatch"),
        ({"display_digest": "0" * 64}, "display_mismatch"),
        ({"policy_revision": "sha256:other"}, "policy_mismatch"),
        ({"masker_revision": "another"}, "masker_mismatch"),
        ({"view_digest": "0" * 64}, "view_mismatch"),
        ({"gate": "another-gate"}, "other_gate"),
        ({"rationale_digest": "0" * 64}, "rationale_mismatch"),
        ({"code": "No Code"}, "bad_code"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_was_signed_must_be_what_is_decided(
    house: House, changes: dict[str, object], reason: str
) -> None:
    """A decision binds all that its signer saw, and the gate that asked."""
    with house.undisturbed() as beside:
        request = beside.request
        not_counted(house, request, house.decision("petra", request, **changes), reason)  # type: ignore[arg-type]


def test_the_rationale_must_be_the_signed_one(house: House) -> None:
    """Words cannot be put into somebody's mouth, nor taken out of it, nor made unreadable."""
    seal = partial(house.directory.gate.seal.seal, purpose=Purpose.RATIONALE)
    with house.undisturbed() as beside:
        request = beside.request
        good = house.decision("petra", request, rationale="Only the first ten rows")
        name = request.intent_id
        for rationale, reason in (
            (seal(b"All rows", name), "rationale_mismatch"),
            (b"", "rationale_mismatch"),
            (seal(b"\xff", name), "bad_text"),
            (seal(b"x" * 10_000, name), "too_large"),
            (good.rationale[:-1], "unsealable"),
        ):
            changed = good.model_copy(update={"rationale": rationale})
            not_counted(house, request, changed, reason)
        not_counted(
            house, request, good.model_copy(update={"salt": b"\0" * 16}), "rationale_mismatch"
        )


def test_an_approval_counts_for_the_intent_it_was_signed_for(house: House) -> None:
    """Moved to another intent, in whole or in part, it approves nothing."""
    with house.undisturbed() as beside:
        other = house.under_review(beside.partition)
        signed = house.decision("petra", other)
        moved = signed.model_copy(update={"intent_id": beside.request.intent_id})
        not_counted(house, beside.request, moved, "intent_mismatch")
        under_its_key = house.send("decisions", beside.request.intent_id, signed)
        assert (Effected.REFUSED, "key_mismatch") == house.told(under_its_key)


def test_a_decision_on_what_is_not_there_or_over_is_refused(house: House) -> None:
    """An unknown intent, a granted one, a denied one and one that the gate itself refused."""
    with house.undisturbed() as beside:
        unknown = beside.request.model_copy(update={"intent_id": beside.new_id()})
        assert (Effected.REFUSED, "unknown_intent") == house.told(
            house.answer(house.decision("paul", unknown))
        )
        granted = house.granted(beside.partition)
        denied = house.under_review(beside.partition)
        house.answer(house.decision("petra", denied, answer=Answer.DENY))
        refused = house.ask(house.aggregate(intent_id=beside.new_id(), on_behalf_of="sam"))
        closed = beside.request.model_copy(update={"intent_id": house.entry(refused).intent_id})
        for request in (granted, denied, closed):
            late = house.answer(house.decision("paul", request))
            assert (Effected.REFUSED, "case_closed") == house.told(late)
    assert State.DENIED is house.final(denied.intent_id).state


def test_one_person_counts_once(house: House) -> None:
    """The same answer again, signed anew or byte for byte, fills no second place."""
    with house.undisturbed() as beside:
        role = house.intent("iam.grant", {"role": "reader"}, intent_id=beside.new_id())
        house.ask(role)
        request = house.seen(role.intent_id)
        first = house.decision("sam", request)
        assert (Effected.COUNTED, "") == house.told(house.answer(first))
        for again in (first, house.decision("sam", request)):
            assert (Effected.REFUSED, "already_decided") == house.told(house.answer(again))
        assert (Effected.GRANTED, "") == house.told(house.answer(house.decision("ian", request)))
