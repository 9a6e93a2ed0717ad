"""What people, executors and agents signed, held against what the log says that they did."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeVar

from streams import statements
from streams.audit.report import Broken, Flaw
from streams.auditor.proof.pins import Pins
from streams.errors import KeyringError, RefusedError, SignatureError
from streams.events import (
    Assurance,
    BehalfStatement,
    CaseEvent,
    ControlAdmitted,
    ControlKind,
    ControlStatement,
    DecisionAdmitted,
    DecisionStatement,
    Effected,
    Identity,
    IntentAdmitted,
    IntentStatement,
    Message,
    OutcomeAdmitted,
    OutcomeStatement,
    Requester,
    Statement,
    bears_mark,
)
from streams.gate.case import Case
from streams.signing import PublicKey

S = TypeVar("S", bound=Statement)

COUNTS: Final = frozenset({Effected.COUNTED, Effected.GRANTED, Effected.DENIED})
_SAME_DECISION: Final = (
    "answer",
    "code",
    "action_digest",
    "display_digest",
    "view_digest",
    "policy_revision",
    "masker_revision",
    "decided_at_ms",
)
_SAME_ORDER: Final = ("control", "scope")
_SAME_INTENT: Final = ("agent", "on_behalf_of", "action", "resource", "requested_at_ms")
_SAME_OUTCOME: Final = (
    "grant_id",
    "status",
    "result_digest",
    "message_digest",
    "finished_at_ms",
)


def check_signed(
    event: CaseEvent, effected: str, case: Case | None, pins: Pins, index: int
) -> None:
    """Check the signature that an event rests upon, where keys are pinned; raises `Broken`.

    `case` is its intent's, after the event.
    """
    body = event.body
    if isinstance(body, DecisionAdmitted) and pins.people:
        _decision(event.intent_id, body, pins, index)
        counts = effected in COUNTS and case is not None
        if counts and case and body.view_digest != case.view_digest:
            raise Broken(index, Flaw.WRONG_DECISION, "it was signed for another view")
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
        raise Broken(index, Flaw.UNKNOWN_POLICY, why)


def _decision(intent_id: str, body: DecisionAdmitted, pins: Pins, index: int) -> None:
    owners = _login(body, pins, index) if body.identity else tuple(pins.people.values())
    key, said = _opened(DecisionStatement, body.envelope, owners, pins, index)
    if (body.person, key) not in owners:
        raise Broken(index, Flaw.WRONG_DECISION, "it was signed by another person")
    if said.intent_id != intent_id:
        raise Broken(index, Flaw.WRONG_DECISION, "it was signed for another intent")
    _same(said, body, _SAME_DECISION, index, Flaw.WRONG_DECISION)


def _login(body: DecisionAdmitted, pins: Pins, index: int) -> tuple[tuple[str, PublicKey], ...]:
    """Return the key that signed after a login. That it was this person's, admit has checked."""
    if body.identity is None or body.assurance is not Assurance.OIDC:
        raise Broken(index, Flaw.WRONG_DECISION, "a login's key signed, and it says otherwise")
    return _login_key(body.person, body.identity, pins, index)


def _login_key(
    person: str, identity: Identity, pins: Pins, index: int
) -> tuple[tuple[str, PublicKey], ...]:
    if identity.issuer not in pins.issuers:
        raise Broken(index, Flaw.UNKNOWN_APPROVER, "an identity provider that is not pinned")
    try:
        return ((person, PublicKey.parse(identity.signer)),)
    except KeyringError:
        raise Broken(index, Flaw.UNKNOWN_APPROVER, "the login's key is none") from None


def _outcome(intent_id: str, body: OutcomeAdmitted, pins: Pins, index: int) -> None:
    owners = pins.executors.values()
    key, said = _opened(OutcomeStatement, body.envelope, owners, pins, index)
    if pins.executors[key.key_id][0] != body.executor:
        raise Broken(index, Flaw.WRONG_OUTCOME, "it was signed by another executor class")
    if said.intent_id != intent_id:
        raise Broken(index, Flaw.WRONG_OUTCOME, "it was signed for another intent")
    _same(said, body, _SAME_OUTCOME, index, Flaw.WRONG_OUTCOME)


def _order(subject_id: str, body: ControlAdmitted, pins: Pins, index: int) -> None:
    """Check an order; that its signer was an officer then, no pins can tell."""
    owners = pins.agents if body.control is ControlKind.CANCEL else pins.people
    if body.control is ControlKind.CANCEL and not pins.agents:
        return
    key, said = _opened(ControlStatement, body.envelope, owners.values(), pins, index)
    if owners[key.key_id][0] != body.by:
        raise Broken(index, Flaw.WRONG_ORDER, "it was signed by somebody else")
    if (said.subject_id, said.at_ms) != (subject_id, body.said_at_ms):
        raise Broken(index, Flaw.WRONG_ORDER, "it was signed for something else")
    _same(said, body, _SAME_ORDER, index, Flaw.WRONG_ORDER)


def _intent(intent_id: str, body: IntentAdmitted, pins: Pins, index: int) -> None:
    """Check what an agent signed; whether it had to, only the directory of its day could tell.

    The mark in the id is for every agent, with a key or without.
    """
    if not bears_mark(intent_id, body.agent):
        raise Broken(index, Flaw.WRONG_INTENT, "its id does not bear its agent's mark")
    if not body.envelope:
        return
    key, said = _opened(IntentStatement, body.envelope, pins.agents.values(), pins, index)
    if pins.agents[key.key_id][0] != body.agent:
        raise Broken(index, Flaw.WRONG_INTENT, "it was signed by another agent")
    if said.intent_id != intent_id:
        raise Broken(index, Flaw.WRONG_INTENT, "it was signed for another intent")
    _same(said, body, _SAME_INTENT, index, Flaw.WRONG_INTENT)


def _behalf(intent_id: str, body: IntentAdmitted, pins: Pins, index: int) -> None:
    """Check what the person signed for whom it is asked, where it is said that they did."""
    if (body.requester is Requester.PROVEN) != bool(body.proof):
        raise Broken(index, Flaw.WRONG_INTENT, "it says that a person asked, and nobody signed")
    if not body.proof:
        return
    owners = tuple(pins.people.values())
    if body.identity:
        owners = _login_key(body.on_behalf_of or "", body.identity, pins, index)
    key, said = _opened(BehalfStatement, body.proof, owners, pins, index)
    if (body.on_behalf_of, key) not in owners:
        raise Broken(index, Flaw.WRONG_INTENT, "another person signed that they ask")
    if said.intent_id != intent_id:
        raise Broken(index, Flaw.WRONG_INTENT, "it was signed for another intent")
    _same(said, body, _SAME_INTENT, index, Flaw.WRONG_INTENT)


def _same(said: Message, body: Message, names: Iterable[str], index: int, kind: Flaw) -> None:
    """See that the log says in these fields what was signed; raises `Broken`."""
    for name in names:
        if getattr(said, name) != getattr(body, name):
            raise Broken(index, kind, f"another {name} was signed")


class _Kinds(NamedTuple):
    """Whose envelope it is, and how it is called when it is nobody's, not theirs, or another's."""

    who: str
    unknown: Flaw
    bad: Flaw
    wrong: Flaw


_KINDS: Final[Mapping[type[Statement], _Kinds]] = {
    DecisionStatement: _Kinds(
        "approver", Flaw.UNKNOWN_APPROVER, Flaw.BAD_DECISION, Flaw.WRONG_DECISION
    ),
    OutcomeStatement: _Kinds(
        "executor", Flaw.UNKNOWN_EXECUTOR, Flaw.BAD_OUTCOME, Flaw.WRONG_OUTCOME
    ),
    ControlStatement: _Kinds("officer", Flaw.UNKNOWN_OFFICER, Flaw.BAD_ORDER, Flaw.WRONG_ORDER),
    IntentStatement: _Kinds("agent", Flaw.UNKNOWN_AGENT, Flaw.BAD_INTENT, Flaw.WRONG_INTENT),
    BehalfStatement: _Kinds("person", Flaw.UNKNOWN_APPROVER, Flaw.BAD_INTENT, Flaw.WRONG_INTENT),
}


def _opened(
    form: type[S],
    envelope: bytes,
    owners: Iterable[tuple[str, PublicKey]],
    pins: Pins,
    index: int,
) -> tuple[PublicKey, S]:
    """Return who signed what, read as the gate reads it; raises `Broken`."""
    kinds = _KINDS[form]
    try:
        return statements.opened(form, envelope, (key for _, key in owners), pins.gate)
    except SignatureError as error:
        kind = kinds.unknown if error.code == "unknown_key" else kinds.bad
        raise Broken(index, kind, f"its {kinds.who}'s envelope: {error}") from error
    except RefusedError as error:
        raise Broken(index, kinds.wrong, f"its {kinds.who}'s envelope: {error}") from error
