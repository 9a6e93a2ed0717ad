"""Every message of phigate as a frozen model, and the closed union `CaseEvent`.

Rules of this file:

1. A model here is parsed once, at a door, and never checked again inside.
2. Times are integers, milliseconds since 1970 UTC, and end in `_ms`. Time is always in the message:
   nothing that reads these models may ask a clock.
3. Ids are derived (`derived_id`), never drawn, so that a replay says the same again.
4. Text that a person or an agent wrote stands here masked, or sealed as bytes. Nothing else.

In the order of a message's way: `Intent` → `IntentAdmitted` → `Request` → `Decision` →
`DecisionAdmitted` → `Verdict`, `Grant` → `Outcome` → `OutcomeAdmitted` → `AuditEntry`. Above them
all: `Control` → `ControlAdmitted`.
"""

import hashlib
import json
import uuid
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """Base of all: frozen, and closed against fields nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@lru_cache(maxsize=4096)  # a case asks for its grant's id at every event
def derived_id(*parts: str) -> str:
    """Return the UUIDv8 (RFC 9562 section 5.8) that these parts always give, in this order.

    The parts are length-framed as JSON before hashing, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()[:16]
    number = int.from_bytes(digest, "big")
    number = number & ~(0xF << 76) | 0x8 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))


_MARK_BITS = 32
_MARK_HIGH, _MARK_LOW = 64, 42  # 12 bits behind the version, 20 behind the variant


def agent_mark(agent: str) -> int:
    """Return the 32 bits that every intent id of this agent bears.

    Whoever asks under another name cannot take such an id: admission refuses it.
    """
    digest = hashlib.sha256(json.dumps(["agent", agent]).encode()).digest()
    return int.from_bytes(digest[: _MARK_BITS // 8], "big")


def marked(number: int, agent: str) -> int:
    """Return a UUID's number with the agent's mark in the 32 bits around the variant."""
    mark = agent_mark(agent)
    bare = number & ~(0xFFF << _MARK_HIGH) & ~(0xFFFFF << _MARK_LOW)
    return bare | (mark >> 20) << _MARK_HIGH | (mark & 0xFFFFF) << _MARK_LOW


def bears_mark(intent_id: str, agent: str) -> bool:
    """Return whether an intent id is one of this agent's."""
    try:
        number = uuid.UUID(intent_id).int
    except ValueError:
        return False
    return marked(number, agent) == number


# ---------------------------------------------------------------- words

Code = Annotated[str, Field(max_length=64)]
"""A reason code: snake case, short enough for an audit leaf."""

Id = Annotated[str, Field(max_length=64)]
"""A UUID's text; whoever reads one from an input checks its form."""

Short = Annotated[str, Field(max_length=128)]
"""A digest or a revision as somebody signed it: it stands in an audit leaf, whatever it says."""

TIME_MS_MAX: Final = 253_402_300_799_999  # the last millisecond of the year 9999
TimeMs = Annotated[int, Field(ge=0, le=TIME_MS_MAX)]
"""A time that somebody signed: one that every calendar can show."""


class Effect(StrEnum):
    """What the policy says of an intent."""

    PERMIT = "permit"
    REVIEW = "review"
    FORBID = "forbid"


class Answer(StrEnum):
    """What one approver says."""

    APPROVE = "approve"
    DENY = "deny"


class State(StrEnum):
    """Where a case stands; every state but `pending` is final."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ControlKind(StrEnum):
    """What an officer orders; a `cancel` is an agent's, of its own intent.

    A `shred` moves no case: it says who had an intent's payload destroyed.
    """

    HALT = "halt"
    RESUME = "resume"
    REVOKE = "revoke"
    CANCEL = "cancel"
    SHRED = "shred"


class Status(StrEnum):
    """What an executor reports; `unknown` means that a person must look."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """What an executor notes of a grant: about to run, not run after all, or over and reported."""

    BEGUN = "begun"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class Assurance(StrEnum):
    """How an approver was known: by an enrolled key, or by the identity provider just now."""

    KEY = "key"
    OIDC = "oidc"

    def meets(self, demanded: "Assurance") -> bool:
        """Return whether this level is the demanded one or above it: `oidc` is above `key`."""
        return self is Assurance.OIDC or demanded is Assurance.KEY


class Requester(StrEnum):
    """On whose word an agent acts for somebody.

    `allowed` is the directory's (`acts_for`), `proven` the person's own signature on the request.
    """

    NONE = "none"
    ALLOWED = "allowed"
    PROVEN = "proven"


class Kind(StrEnum):
    """The inputs that admit reads."""

    INTENT = "intent"
    DECISION = "decision"
    OUTCOME = "outcome"
    CONTROL = "control"
    EVENT = "event"


# ---------------------------------------------------------------- parts


class Resource(Message):
    """What an action is done to: a name in the directory's catalogue."""

    type: str
    id: str


class Source(Message):
    """The record an event was made from."""

    topic: str
    partition: int
    offset: int


class PhiCount(Message):
    """How many values of one kind of PHI the masker found; never a value."""

    kind: str
    count: int


class Route(Message):
    """A group of people of whom `quorum` must agree within `within_ms` of admission.

    `assurance` is the least level at which an agreement counts.
    """

    group: str
    quorum: int = Field(ge=1)
    within_ms: int = Field(ge=1)
    policy: str
    assurance: Assurance = Assurance.KEY


class Ruling(Message):
    """What the policy set of `revision` says of one intent, and which policies determined it."""

    effect: Effect
    policies: tuple[str, ...]
    reason: Code
    routes: tuple[Route, ...]
    unmask: bool
    revision: str


class Sealed(Message):
    """An `IntentBody` under AES-256-GCM; the intent id is the associated data.

    `wrapped_key` is the data key under the key provider's key `key_id`.
    """

    key_id: str
    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes


# ---------------------------------------------------------------- inputs, as senders write them


class IntentBody(Message):
    """The part of an intent that may hold PHI: `params` is the agent's exact JSON bytes.

    `nonce` is a secret of the agent's: under it the verdict says which content it answers, so that
    the agent can compare and nobody else can guess.
    """

    params: bytes
    justification: str
    nonce: bytes = b""


class Intent(Message):
    """What an agent wants done. `body` is an encoded `IntentBody`, sealed (HPKE) or plain.

    `signature` is a DSSE envelope over an `IntentStatement`; `salt` goes with its `body_digest`.
    `proof` is one over the same statement, by the person on whose behalf the agent asks; `identity`
    goes with it where a login's key signed: what a decision's is, sealed to the gate.
    """

    intent_id: Id
    agent: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    sealing: Literal["hpke", "plain"]
    body: bytes
    requested_at_ms: int
    ttl_ms: int
    signature: bytes | None = None
    salt: bytes = b""
    proof: bytes | None = None
    identity: bytes | None = None


class Decision(Message):
    """One approver's answer: a DSSE envelope over a `DecisionStatement`, the rationale sealed.

    `rationale` is UTF-8 text under HPKE to the gate's key; `salt` lets admit check the statement's
    `rationale_digest`, which is SHA-256(salt || rationale). `identity` is there where a login's key
    signed, not an enrolled one: the ID token and what binds the key to it, sealed to the gate.
    """

    intent_id: Id
    envelope: bytes
    rationale: bytes
    salt: bytes
    identity: bytes | None = None


class Outcome(Message):
    """What an executor reports: a DSSE envelope over an `OutcomeStatement`, the message sealed.

    `salt` goes with the statement's `message_digest`, which is SHA-256(salt || message).
    """

    intent_id: Id
    envelope: bytes
    message: bytes
    salt: bytes = b""


class Begun(Message):
    """What an executor class notes for itself before it runs a grant, and when it is over.

    `ledger` and `generation` name who notes it, `number` counts what that one has begun.
    """

    intent_id: Id
    grant_id: Id
    stage: Stage
    ledger: str
    generation: str
    number: int


class Control(Message):
    """An order above every decision: a DSSE envelope over a `ControlStatement`, the reason sealed.

    `subject_id` is the intent's id, or for halt and resume the id derived of the scope. The
    statement's `reason_digest` is SHA-256 of `reason` as it is sent: whoever cannot open it can
    still see that it is the signed one.
    """

    subject_id: Id
    envelope: bytes
    reason: bytes


# ---------------------------------------------------------------- statements, as they are signed


class Statement(Message):
    """What somebody signs, for one gate and one purpose.

    `gate` is the gate's own id: a key may be known to several gates, and what it signs for one is
    nothing to another. Each says its `purpose` too, beside the type that its envelope has.
    """

    gate: Short


class IntentSaid(Statement):
    """All of an intent but the body, and a salted digest of that as sent."""

    intent_id: str
    agent: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    sealing: Literal["hpke", "plain"]
    body_digest: str
    requested_at_ms: int
    ttl_ms: int


class IntentStatement(IntentSaid):
    """What an agent signs: that it asks."""

    purpose: Literal["intent"] = "intent"


class BehalfStatement(IntentSaid):
    """What the person signs on whose behalf an agent asks: that they ask for it."""

    purpose: Literal["behalf"] = "behalf"


class DecisionStatement(Statement):
    """What an approver signs: digests and codes, no text. What you see is what you sign.

    `view_digest` is that of the whole document which was shown (`streams/gate/view.py`). The others
    are parts of it, named so that a refusal can say what has changed.
    """

    purpose: Literal["decision"] = "decision"
    intent_id: Id
    answer: Answer
    code: Code
    action_digest: Short
    display_digest: Short
    view_digest: Short
    policy_revision: Short
    masker_revision: Short
    rationale_digest: Short
    decided_at_ms: TimeMs


class OutcomeStatement(Statement):
    """What an executor signs; the message by a salted digest, as it may be PHI."""

    purpose: Literal["outcome"] = "outcome"
    intent_id: Id
    grant_id: Id
    status: Status
    result_digest: Short
    message_digest: Short
    finished_at_ms: TimeMs


class ControlStatement(Statement):
    """What an officer signs, or an agent to cancel: what is to stop, or to go on, and when.

    `scope` is what a halt or resume speaks of, in one spelling (`streams/control/scope.py`); it is
    empty where one intent is meant. Of two on one scope the newer holds.
    """

    purpose: Literal["order"] = "order"
    control: ControlKind
    subject_id: Id
    scope: str
    reason_digest: Short
    at_ms: TimeMs


class Approval(Message):
    """Who agreed, and in which event of the log."""

    person: str
    event_id: str


class RequestStatement(Statement):
    """What the gate signs for those who review: this request is its own, as it stands here.

    `request_digest` is SHA-256 over all of the request but its envelope.
    """

    purpose: Literal["request"] = "request"
    intent_id: str
    request_digest: str


class GrantStatement(Statement):
    """What the gate signs: one executor class may do exactly this, once, until `expires_at_ms`.

    `masked` is the masked view's bytes as text; with `unmask` the executor opens the grant's sealed
    body instead and checks it against `action_digest`.
    """

    purpose: Literal["grant"] = "grant"
    grant_id: str
    intent_id: str
    executor: str
    agent: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    action_digest: str
    display_digest: str
    masked: str
    unmask: bool
    policies: tuple[str, ...]
    policy_revision: str
    approvals: tuple[Approval, ...]
    issued_at_ms: int
    expires_at_ms: int


# ---------------------------------------------------------------- the log: CaseEvent and its bodies


class Identity(Message):
    """What is kept of an ID token that admit has checked; the token itself is not kept.

    `signer` is the text of the login's public key, which the token's nonce binds and which signed.
    `subject_digest` is SHA-256 over issuer, a line feed and subject, `token_digest` that of the
    token; `key_id` is the provider's key that signed it.
    """

    issuer: str
    subject_digest: str
    token_digest: str
    key_id: str
    algorithm: str
    signer: str
    issued_at_ms: int
    expires_at_ms: int


class IntentAdmitted(Message):
    """A readable, authenticated intent: masked, sealed, ruled upon.

    `display` is the exact JSON a reviewer is shown, `display_digest` its SHA-256. `action_digest`
    is an HMAC under the data key; `content_mac` one under the gate's key, by which a second intent
    of the same id is told from a repeat. `release` is the data key for the executor class, under
    the gate's release key, where the ruling unmasks. `envelope` is what the agent signed, empty
    where it signed nothing. Digests are lower-case hex. `gate` is the id of the gate that admitted.

    `facts` are what the gate read off the action before ruling, as codes (`sql.read=unknown`); no
    text of the agent's is in one. `unsure` counts the values of which masking could not tell.

    `requester` says on whose word the agent acts for the person, `proof` is what that person
    signed, `identity` what is kept of the login whose key did. `delegators` are those who had
    delegated, at any remove, to the owner or the person: for the rule that nobody agrees to what
    they ask for, all of them are one. `content` is the public commitment to what was asked, under
    the agent's nonce; empty without one.
    """

    type: Literal["IntentAdmitted"] = "IntentAdmitted"
    agent: str
    owner: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    executor: str
    display: bytes
    display_digest: str
    action_digest: str
    content_mac: str
    whole: bool
    phi: tuple[PhiCount, ...]
    sealed: Sealed
    release: bytes | None
    ruling: Ruling
    masker_revision: str
    requested_at_ms: int
    expires_at_ms: int
    grant_ttl_ms: int
    envelope: bytes = b""
    facts: tuple[str, ...] = ()
    unsure: int = 0
    requester: Requester = Requester.NONE
    proof: bytes = b""
    delegators: tuple[str, ...] = ()
    content: str = ""
    gate: str = ""
    identity: Identity | None = None


class InputRefused(Message):
    """An input that admit may not pass on: why, and a keyed digest of its bytes.

    `who` is the agent, person or executor class that sent it, where that is sure. An intent is
    `answerable` where it is: then its agent gets a verdict, and `content` is the commitment to what
    was asked, where it could be read. What anybody may have sent opens no case, and answers nobody.
    `more` is for how many inputs besides its own it stands: those of one partition that came too
    fast are one event.
    """

    type: Literal["InputRefused"] = "InputRefused"
    kind: Kind
    reason: Code
    detail: str
    who: str | None
    answerable: bool
    digest: str
    bytes_total: int
    content: str = ""
    more: int = 0


class DecisionAdmitted(Message):
    """An authenticated decision, with the person's groups as they were when it was admitted.

    `stands_for` are the people who had delegated to this person by then: for the rules on who may
    decide and how many, all of them and the person are one.
    """

    type: Literal["DecisionAdmitted"] = "DecisionAdmitted"
    person: str
    groups: tuple[str, ...]
    answer: Answer
    code: Code
    rationale: str
    action_digest: str
    display_digest: str
    policy_revision: str
    decided_at_ms: int
    envelope: bytes
    assurance: Assurance = Assurance.KEY
    stands_for: tuple[str, ...] = ()
    identity: Identity | None = None
    view_digest: str = ""
    masker_revision: str = ""


class DeadlinePassed(Message):
    """The clock has passed `deadline_ms`; only this event can expire a case."""

    type: Literal["DeadlinePassed"] = "DeadlinePassed"
    deadline_ms: int


class OutcomeAdmitted(Message):
    """An authenticated report of an executor; `message` is masked, the signed digest is kept."""

    type: Literal["OutcomeAdmitted"] = "OutcomeAdmitted"
    grant_id: Id
    executor: str
    status: Status
    message: str
    result_digest: str
    finished_at_ms: int
    envelope: bytes
    message_digest: str = ""


class ControlAdmitted(Message):
    """An authenticated order: `by` is the officer, or the agent that cancels; `reason` is masked.

    A halt or resume stands under the id of its scope and moves no case; it is there to be seen.
    """

    type: Literal["ControlAdmitted"] = "ControlAdmitted"
    control: ControlKind
    by: str
    scope: str
    reason: str
    said_at_ms: int
    envelope: bytes


Body = Annotated[
    IntentAdmitted
    | InputRefused
    | DecisionAdmitted
    | DeadlinePassed
    | OutcomeAdmitted
    | ControlAdmitted,
    Field(discriminator="type"),
]


class CaseEvent(Message):
    """One entry of `cases`. `event_id` is derived from `source`; `at_ms` is admit's clock."""

    event_id: Id
    intent_id: Id
    at_ms: int
    source: Source
    body: Body


# ---------------------------------------------------------------- projections of a case


class Position(Message):
    """The entry of `cases` that a projection stands for; readers keep the highest offset."""

    partition: int
    offset: int


class RouteProgress(Message):
    """A route, its deadline, the level of assurance it demands, and who has agreed so far."""

    group: str
    quorum: int
    deadline_ms: int
    approved_by: tuple[str, ...]
    assurance: Assurance = Assurance.KEY


class Said(Message):
    """A counted decision, as the request shows it."""

    person: str
    answer: Answer
    assurance: Assurance
    stands_for: tuple[str, ...]
    at_ms: int


class Request(Message):
    """The masked, current view of a case that needs people. One an intent, the newest wins.

    `facts`, `unsure`, `requester` and `content` are as the intent's. `envelope` is the gate's DSSE
    envelope over a `RequestStatement`: what is not so signed is no request.
    """

    intent_id: str
    position: Position
    state: State
    agent: str
    owner: str
    on_behalf_of: str | None
    action: str
    resource: Resource
    display: bytes
    display_digest: str
    action_digest: str
    whole: bool
    phi: tuple[PhiCount, ...]
    policies: tuple[str, ...]
    reason: str
    routes: tuple[RouteProgress, ...]
    excluded: tuple[str, ...]
    unmask: bool
    policy_revision: str
    masker_revision: str
    opened_at_ms: int
    deadline_ms: int
    reviews: tuple[Said, ...] = ()
    facts: tuple[str, ...] = ()
    unsure: int = 0
    requester: Requester = Requester.NONE
    content: str = ""
    gate: str = ""
    envelope: bytes = b""


class OutcomeReport(Message):
    """The outcome as agents are told it."""

    status: Status
    message: str
    at_ms: int


class Verdict(Message):
    """The gate's final word on an intent; published again, with its outcome, once there is one.

    `agent` is whose intent it answers, `content` the commitment to what was asked; both are empty
    where an officer revoked an id that nobody had asked under.
    """

    intent_id: str
    position: Position
    state: State
    reason: str
    rationale: str
    decided_by: tuple[str, ...]
    policies: tuple[str, ...]
    grant_id: str | None
    at_ms: int
    outcome: OutcomeReport | None
    agent: str = ""
    content: str = ""


class Grant(Message):
    """Authority on its way to an executor: a DSSE envelope over a `GrantStatement`.

    `sealed` and `release` are there only where the ruling unmasks: `release` is the data key under
    HPKE to the executor class's key, the intent id its associated data.
    """

    intent_id: str
    grant_id: str
    position: Position
    envelope: bytes
    sealed: Sealed | None
    release: bytes | None


# ---------------------------------------------------------------- audit


class Effected(StrEnum):
    """What an event did to its case: the consequence that the audit records."""

    OPENED = "opened"
    COUNTED = "counted"
    GRANTED = "granted"
    DENIED = "denied"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RECORDED = "recorded"
    REPORTED = "reported"
    REFUSED = "refused"
    REPEATED = "repeated"


class Consequence(Message):
    """What the fold made of one event. `refused` and `repeated` leave the case as it was.

    `recorded` is of an event that concerns no case: a halt, a resume. `view_digest` is there where
    people are asked: that of the document which they are shown, and sign.
    """

    effected: Effected
    reason: str
    state: State | None
    grant_id: str | None
    view_digest: str | None = None


class AuditLeaf(Message):
    """What the tree holds of one event: ids, codes and digests, never a text that somebody wrote.

    `index` is the event's offset in partition `shard` of `cases`, `at_ms` admit's clock (absent
    where the event was unreadable), `event_digest` the SHA-256 of the record's bytes, `facts` what
    this kind of event binds (who, which digests, which revisions), by name.
    """

    format: Literal["phigate/audit-leaf/v1"] = "phigate/audit-leaf/v1"
    shard: int
    index: int
    at_ms: int | None
    intent_id: str
    event_id: str
    kind: str
    event_digest: str
    consequence: Consequence
    facts: dict[str, str]


class AuditEntry(Message):
    """One leaf of a shard's tree, and beside it the event: log event `index`, its consequence.

    `leaf` is the exact JSON that is hashed. `event` holds the exact bytes of the `cases` record; it
    is empty where they were unreadable, or where they were erased: no proof needs them.
    `signature` is the audit's receipt: a promise that the leaf will stand in the tree.
    """

    event: bytes
    signature: bytes
    leaf: bytes

    @cached_property
    def said(self) -> AuditLeaf:
        """The leaf, parsed; ValueError where it is none."""
        return AuditLeaf.model_validate_json(self.leaf)

    @property
    def shard(self) -> int:
        """The partition of `cases`."""
        return self.said.shard

    @property
    def index(self) -> int:
        """The event's offset."""
        return self.said.index

    @property
    def intent_id(self) -> str:
        """The intent, empty where the event was unreadable."""
        return self.said.intent_id

    @property
    def event_digest(self) -> str:
        """The SHA-256 of the record's bytes, lower-case hex."""
        return self.said.event_digest

    @property
    def consequence(self) -> Consequence:
        """What the fold made of the event."""
        return self.said.consequence


class Checkpoint(Message):
    """A signed note on the audit: a shard's tree at `size`, or with shard -1 all of them.

    `note` is a C2SP signed note; `witness` is the id of the key that cosigned it, empty for the
    audit's own.
    """

    shard: int
    size: int
    witness: str
    note: str
