"""Orders and signed intents at the door: what admit makes of them; attacks by their names."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from streams import signing
from streams.agent.draft import signed as signed_by
from streams.clock import now_ms
from streams.control.board import Board
from streams.control.judge import Order
from streams.control.scope import Scope
from streams.directory import Directory
from streams.errors import KeyringError
from streams.events import (
    CaseEvent,
    Control,
    ControlAdmitted,
    ControlKind,
    InputRefused,
    Intent,
    IntentAdmitted,
    Kind,
    Resource,
)
from streams.masking import Masked
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.admission.context import Context
from streams.worker.keys import AdmitKeys
from streams.worker.record import Record
from tests.approver.cases import request as asked
from tests.control.orders import INTENT_ID
from tests.control.orders import order as signed_order
from tests.gatehouse import AGENT, OWNER, Gatehouse, new_id
from tests.worker.test_admission import NAME, OFFSET, PLACE, mask, refused, stuck, taken

HALT, RESUME, REVOKE, CANCEL, _ = ControlKind
OTHER = "other-bot"
BOT, OTHER_BOT = SigningKey.new("bot-key"), SigningKey.new("other-bot-key")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Gatehouse:
    """Return a gate whose agents have keys, and whose officer is sam."""
    made = Gatehouse.without_broker(tmp_path_factory.mktemp("gate"))
    made.write_directory(
        officers="security-officers",
        agents={
            AGENT: {"owner": OWNER, "keys": [BOT.public.text], "actions": ["db.query"]},
            OTHER: {"owner": OWNER, "keys": [OTHER_BOT.public.text]},
            "bare-bot": {"owner": OWNER},
        },
    )
    return made


@pytest.fixture(scope="module")
def context(house: Gatehouse) -> Context:
    """Return what admission needs."""
    return Context(
        house.settings,
        Directory.load(house.settings.directory),
        PolicySet.load(*read_policies(house.settings.policies)),
        AdmitKeys.load(house.settings),
        "mask-1",
        now_ms,
        Board(),
    )


class Hand:
    """The house's keys as `tests.control.orders` asks for them."""

    def __init__(self, house: Gatehouse) -> None:
        self.officer, self.agent = house.people["sam"], BOT
        self.gate_seal = type("Seal", (), {"public": house.directory.gate.seal})


def order(house: Gatehouse, kind: ControlKind, what: str = "all", **parts: Any) -> Control:
    """Return an order, signed now."""
    whole = {"at_ms": now_ms(), "gate": house.directory.gate.id, **parts}
    return signed_order(Hand(house), kind, what, **whole)  # type: ignore[arg-type]


def admitted(
    context: Context,
    control: Control,
    stamp_ms: int | None = None,
    masks: Callable[..., Awaitable[Masked]] = mask,
) -> CaseEvent:
    """Return the event that a record of `controls` becomes."""
    import asyncio  # noqa: PLC0415 - one use

    from streams.worker.admission.admission import admit  # noqa: PLC0415 - the same

    stamp = now_ms() if stamp_ms is None else stamp_ms
    key = control.subject_id.encode()
    record = Record(PLACE, OFFSET, key, codec.encode(control), stamp)
    _, event = asyncio.run(admit(record, Kind.CONTROL, context, masks))
    return codec.decode(event, CaseEvent)


# ---------------------------------------------------------------- orders


def test_an_order_is_admitted_with_its_reason_masked(house: Gatehouse, context: Context) -> None:
    """Who, what, on what; the text only as the masker leaves it."""
    event = admitted(context, order(house, HALT, f"agent:{AGENT}", reason=f"{NAME} called"))
    body = event.body
    assert isinstance(body, ControlAdmitted)
    assert (HALT, "sam", f"agent:{AGENT}") == (body.control, body.by, body.scope)
    assert ("<PERSON_1> called", Scope("agent", AGENT).id) == (body.reason, event.intent_id)


def test_an_order_counts_where_its_reason_cannot_be_masked(
    house: Gatehouse, context: Context
) -> None:
    """The halt stands, without its reason."""
    event = admitted(context, order(house, HALT, reason=f"{NAME} called"), masks=stuck)
    assert isinstance(event.body, ControlAdmitted)
    assert NAME not in event.body.reason
    assert "withheld" in event.body.reason


def test_a_revocation_stands_under_its_intent(house: Gatehouse, context: Context) -> None:
    """So that the fold meets it with the case."""
    event = admitted(context, order(house, REVOKE, INTENT_ID))
    assert (INTENT_ID, ControlAdmitted) == (event.intent_id, type(event.body))


def test_what_does_not_count_is_refused_and_recorded(house: Gatehouse, context: Context) -> None:
    """The codes of the judge, the scope that nobody knows, and a swapped reason."""
    halt = order(house, HALT)
    other = order(house, HALT, reason="another")
    swapped = halt.model_copy(update={"reason": other.reason})
    for control, stamp_ms, code in (
        (order(house, HALT, key=house.people["petra"]), None, "not_an_officer"),
        (order(house, HALT, key=house.stranger), None, "unknown_key"),
        (halt, now_ms() + 3_600_000, "control_too_old"),
        (order(house, HALT, "agent:nobody"), None, "unknown_scope"),
        (order(house, HALT, "action:John Smith"), None, "unknown_scope"),
        (order(house, CANCEL, INTENT_ID, key=house.people["sam"]), None, "wrong_topic"),
        (swapped, None, "reason_mismatch"),
    ):
        event = admitted(context, control, stamp_ms)
        assert code == refused(event)
        assert isinstance(event.body, InputRefused)
        assert Kind.CONTROL is event.body.kind


@pytest.mark.parametrize(
    "text", ["all", f"agent:{AGENT}", "action:db.query", "resource:Database/clinic"]
)
def test_what_is_halted_is_refused_at_the_door(
    house: Gatehouse, context: Context, text: str
) -> None:
    """The agent is answered: halted. What the halt does not cover is admitted."""
    scope = Scope.parse(text)
    board = Board()
    board.take(Order(HALT, scope.id, scope, "sam", now_ms(), now_ms()))
    halted = replace(context, board=board)
    event = taken(halted, signed(house, BOT))
    assert "halted" == refused(event)
    assert isinstance(event.body, InputRefused)
    assert event.body.answerable
    if text != "all":
        lab = Resource(type="Database", id="lab")
        free = signed(house, OTHER_BOT, agent=OTHER, resource=lab, action="db.update")
        assert "halted" != refused(taken(halted, free))


# ---------------------------------------------------------------- signed intents


def signed(house: Gatehouse, key: SigningKey, **parts: Any) -> Intent:
    """Return an intent with an agent's signature, as the SDK makes it."""
    return signed_by(house.intent(**parts), house.directory.gate.id, key)


def test_a_signed_intent_is_admitted_with_what_was_signed(
    house: Gatehouse, context: Context
) -> None:
    """The envelope goes into the log: an examiner can check it."""
    intent = signed(house, BOT)
    body = taken(context, intent).body
    assert isinstance(body, IntentAdmitted)
    key, _ = signing.open_envelope(body.envelope, signing.INTENT, [BOT.public])
    assert BOT.public == key


def test_an_agent_with_a_key_must_sign(house: Gatehouse, context: Context) -> None:
    """Whatever the setting; one without a key may not, unless the setting asks everybody."""
    assert "unsigned" == refused(taken(context, house.intent()))
    bare = house.intent(agent="bare-bot")
    assert "" == refused(taken(context, bare))
    strict = house.settings.model_copy(update={"require_signed_intents": True})
    assert "unsigned" == refused(taken(replace(context, settings=strict), bare))


def test_an_action_that_is_not_the_agents_is_refused(house: Gatehouse, context: Context) -> None:
    """The directory's list comes before the policy."""
    intent = signed(house, BOT, action="data.export")
    assert "action_not_allowed" == refused(taken(context, intent))


def test_a_signature_replayed_onto_another_intent_is_refused(
    house: Gatehouse, context: Context
) -> None:
    """The id is signed."""
    first = signed(house, BOT)
    fresh = new_id()
    body = house.intent(intent_id=fresh).body
    moved = first.model_copy(update={"intent_id": fresh, "body": body})
    assert "intent_mismatch" == refused(taken(context, moved))


def test_a_swapped_body_is_refused(house: Gatehouse, context: Context) -> None:
    """Another body sealed to the gate under the same id: "approve $82,000, run $820,000"."""
    first = signed(house, BOT, params={"amount": 82_000})
    other = house.intent(intent_id=first.intent_id, params={"amount": 820_000})
    swapped = first.model_copy(update={"body": other.body})
    assert "body_mismatch" == refused(taken(context, swapped))


@pytest.mark.parametrize(
    ("name", "value"),
    [("on_behalf_of", "petra"), ("on_behalf_of", None), ("action", "db.drop"),
     ("resource", Resource(type="Database", id="lab")), ("ttl_ms", 500_000),
     ("requested_at_ms", 1), ("sealing", "plain")],
)  # fmt: skip
def test_changed_content_is_refused(
    house: Gatehouse, context: Context, name: str, value: object
) -> None:
    """Everything of the intent is bound."""
    changed = signed(house, BOT).model_copy(update={name: value})
    assert "content_mismatch" == refused(taken(context, changed))


def test_another_agents_key_is_refused(house: Gatehouse, context: Context) -> None:
    """A stolen key of one agent speaks for that agent alone."""
    assert "wrong_signer" == refused(taken(context, signed(house, OTHER_BOT)))
    assert "wrong_signer" == refused(taken(context, signed(house, OTHER_BOT, agent="bare-bot")))
    renamed = signed(house, BOT).model_copy(update={"agent": OTHER})
    assert "wrong_signer" == refused(taken(context, renamed))


def test_unknown_and_broken_signatures_are_refused(house: Gatehouse, context: Context) -> None:
    """A stranger's, a person's, one under the agent's name, garbage, another payload type."""
    impostor = SigningKey.new(BOT.public.name)
    for key in (house.stranger, house.people["petra"], house.executor, impostor):
        assert "unknown_key" == refused(taken(context, signed(house, key)))
    good, other = signed(house, BOT), signed(house, BOT)
    assert good.signature
    assert other.signature
    broken = good.signature[:-200] + other.signature[-200:]
    garbage = (b"", b"{}", broken, house.decision("petra", _request()).envelope)
    for envelope in garbage:
        event = taken(context, good.model_copy(update={"signature": envelope}))
        assert refused(event) in {"bad_envelope", "bad_signature", "wrong_payload_type"}


def test_an_agents_key_is_nobody_elses(house: Gatehouse) -> None:
    """The directory does not load where a key has two owners."""
    text = house.settings.directory.read_text()
    shared = text.replace(OTHER_BOT.public.text, house.people["petra"].public.text)
    with pytest.raises((KeyringError, Exception), match="already"):
        Directory.parse(shared, "test")


def _request() -> Any:
    """Return as much of a request as a decision needs."""
    names = ("action_digest", "display_digest", "policy_revision", "masker_revision")
    return asked(None, intent_id=INTENT_ID).model_copy(update=dict.fromkeys(names, "x"))
