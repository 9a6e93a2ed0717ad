"""What people, executors and agents signed, held against what the log says that they did."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from pydantic import ValidationError

from streams.audit.report import Broken, Kind
from streams.auditor.proof.pins import Pins
from streams.errors import KeyringError, SignatureError
from streams.events import (
    Assurance,
    CaseEvent,
    ControlAdmitted,
    ControlKind,
    ControlStatement,
    DecisionAdmitted,
    DecisionStatement,
    Effected,
    IntentAdmitted,
    IntentStatement,
    Message,
    OutcomeAdmitted,
    OutcomeStatement,
    Requester,
)
from streams.gate.case import Case
from streams.signing import BEHALF, CONTROL, DECISION, INTENT, OUTCOME, PublicKey, open_envelope

S = TypeVar("S", bound=Message)

COUNTS: Final = frozenset({Effected.COUNTED, Effected.GRANTED, Effected.DENIED})
_SAME_DECISION: Final = (
    "answer",
    "code",
    "action_digest",
    "display_digest",
    "policy_revision",
    "decided_at_ms",
)
_SAME_ORDER: Final = ("control", "scope")
_SAME_INTENT: Final = ("agent", "on_behalf_of", "action", "resource", "requested_at_ms")
_SAME_OUTCOME: Final = ("grant_id", "status", "result_digest", "finished_at_ms")


def check_signed(
    event: CaseEvent, effected: str, case: Case | None, pins: Pins, index: int
) -> None:
    """Check the signature that an event rests upon, where keys are pinned; raises `Broken`.

    `case` is its intent's, after the event.
    """
    body = event.body
    if isinstance(body, DecisionAdmitted) and pins.people:
        said = _decision(event.intent_id, body, pins, index)
        counts = effected in COUNTS and case is not None and case.intent is not None
        if counts and case and case.intent and said.masker_revision != case.intent.masker_revision:
            raise Broken(index, Kind.WRONG_DECISION, "it was signed for another masker's view")
    elif isinstance(body, OutcomeAdmitted) and pins.executors:
        _outcome(event.intent_id, body, pins, index)
    elif isinstance(body, ControlAdmitted) and pins.people:
        _order(event.intent_id, body, pins, index)
    elif isinstance(body, IntentAdmitted):
        if pins.agents:
            _intent(event.intent_id, body, pins, index)
        if pins.people:
            _behalf(event.intent_id, body, pins, index)


def check_policy(event: CaseEvent, policies: Mapping[str, frozenset[str]], index: int) -> None:
    """Check that a ruling names rules of its policy set, where its text is at hand."""
    body = event.body
    if not isinstance(body, IntentAdmitted) or body.ruling.revision not in policies:
        return
    if strange := set(body.ruling.policies) - policies[body.ruling.revision]:
        why = f"its policy set has no rule named as {len(strange)} of those that ruled"
        raise Broken(index, Kind.UNKNOWN_POLICY, why)


def _decision(intent_id: str, body: DecisionAdmitted, pins: Pins, index: int) -> DecisionStatement:
    owners = _login(body, pins, index) if body.identity else tuple(pins.people.values())
    key, payload = _opened(body.envelope, DECISION, owners, index, "approver")
    said = _read(
        DecisionStatement,
        payload,
        Broken(index, Kind.WRONG_DECISION, "what was signed is no decision"),
    )
    if (body.person, key) not in owners:
        raise Broken(index, Kind.WRONG_DECISION, "it was signed by another person")
    if said.intent_id != intent_id:
        raise Broken(index, Kind.WRONG_DECISION, "it was signed for another intent")
    _same(said, body, _SAME_DECISION, index, Kind.WRONG_DECISION)
    return said


def _login(body: DecisionAdmitted, pins: Pins, index: int) -> tuple[tuple[str, PublicKey], ...]:
    """Return the key that signed after a login. That it was this person's, admit has checked."""
    if body.identity is None or body.assurance is not Assurance.OIDC:
        raise Broken(index, Kind.WRONG_DECISION, "a login's key signed, and it says otherwise")
    if body.identity.issuer not in pins.issuers:
        raise Broken(index, Kind.UNKNOWN_APPROVER, "an identity provider that is not pinned")
    try:
        return ((body.person, PublicKey.parse(body.identity.signer)),)
    except KeyringError:
        raise Broken(index, Kind.UNKNOWN_APPROVER, "the login's key is none") from None


def _outcome(intent_id: str, body: OutcomeAdmitted, pins: Pins, index: int) -> None:
    key, payload = _opened(body.envelope, OUTCOME, pins.executors.values(), index, "executor")
    said = _read(
        OutcomeStatement,
        payload,
        Broken(index, Kind.WRONG_OUTCOME, "what was signed is no outcome"),
    )
    if pins.executors[key.key_id][0] != body.executor:
        raise Broken(index, Kind.WRONG_OUTCOME, "it was signed by another executor class")
    if said.intent_id != intent_id:
        raise Broken(index, Kind.WRONG_OUTCOME, "it was signed for another intent")
    _same(said, body, _SAME_OUTCOME, index, Kind.WRONG_OUTCOME)


def _order(subject_id: str, body: ControlAdmitted, pins: Pins, index: int) -> None:
    """Check an order; that its signer was an officer then, no pins can tell."""
    owners = pins.agents if body.control is ControlKind.CANCEL else pins.people
    if body.control is ControlKind.CANCEL and not pins.agents:
        return
    key, payload = _opened(body.envelope, CONTROL, owners.values(), index, "officer")
    said = _read(
        ControlStatement, payload, Broken(index, Kind.WRONG_ORDER, "what was signed is no order")
    )
    if owners[key.key_id][0] != body.by:
        raise Broken(index, Kind.WRONG_ORDER, "it was signed by somebody else")
    if (said.subject_id, said.at_ms) != (subject_id, body.said_at_ms):
        raise Broken(index, Kind.WRONG_ORDER, "it was signed for something else")
    _same(said, body, _SAME_ORDER, index, Kind.WRONG_ORDER)


def _intent(intent_id: str, body: IntentAdmitted, pins: Pins, index: int) -> None:
    """Check what an agent signed; whether it had to, only the directory of its day could tell."""
    if not body.envelope:
        return
    key, payload = _opened(body.envelope, INTENT, pins.agents.values(), index, "agent")
    said = _read(
        IntentStatement, payload, Broken(index, Kind.WRONG_INTENT, "what was signed is no intent")
    )
    if pins.agents[key.key_id][0] != body.agent:
        raise Broken(index, Kind.WRONG_INTENT, "it was signed by another agent")
    if said.intent_id != intent_id:
        raise Broken(index, Kind.WRONG_INTENT, "it was signed for another intent")
    _same(said, body, _SAME_INTENT, index, Kind.WRONG_INTENT)


def _behalf(intent_id: str, body: IntentAdmitted, pins: Pins, index: int) -> None:
    """Check what the person signed for whom it is asked, where it is said that they did."""
    if (body.requester is Requester.PROVEN) != bool(body.proof):
        raise Broken(index, Kind.WRONG_INTENT, "it says that a person asked, and nobody signed")
    if not body.proof:
        return
    key, payload = _opened(body.proof, BEHALF, pins.people.values(), index, "person")
    said = _read(
        IntentStatement, payload, Broken(index, Kind.WRONG_INTENT, "what was signed is no intent")
    )
    if pins.people[key.key_id][0] != body.on_behalf_of:
        raise Broken(index, Kind.WRONG_INTENT, "another person signed that they ask")
    if said.intent_id != intent_id:
        raise Broken(index, Kind.WRONG_INTENT, "it was signed for another intent")
    _same(said, body, _SAME_INTENT, index, Kind.WRONG_INTENT)


def _read(form: type[S], payload: bytes, otherwise: Broken) -> S:
    """Return what was signed; raises `otherwise` where it is none of this form."""
    try:
        return form.model_validate_json(payload)
    except ValidationError:
        raise otherwise from None


def _same(said: Message, body: Message, names: Iterable[str], index: int, kind: Kind) -> None:
    """See that the log says in these fields what was signed; raises `Broken`."""
    for name in names:
        if getattr(said, name) != getattr(body, name):
            raise Broken(index, kind, f"another {name} was signed")


_KINDS: Final = {
    "approver": (Kind.UNKNOWN_APPROVER, Kind.BAD_DECISION),
    "executor": (Kind.UNKNOWN_EXECUTOR, Kind.BAD_OUTCOME),
    "officer": (Kind.UNKNOWN_OFFICER, Kind.BAD_ORDER),
    "agent": (Kind.UNKNOWN_AGENT, Kind.BAD_INTENT),
    "person": (Kind.UNKNOWN_APPROVER, Kind.BAD_INTENT),
}


def _opened(
    envelope: bytes,
    payload_type: str,
    owners: Iterable[tuple[str, PublicKey]],
    index: int,
    who: str,
) -> tuple[PublicKey, bytes]:
    unknown, bad = _KINDS[who]
    try:
        return open_envelope(envelope, payload_type, (key for _, key in owners))
    except SignatureError as error:
        kind = unknown if error.code == "unknown_key" else bad
        raise Broken(index, kind, f"its {who}'s envelope: {error}") from error
