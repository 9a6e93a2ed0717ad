"""A small gate's log with its audit, for the tests of this room: real events, the real fold.

The audit is written by the worker's own `AuditEffects`, and people sign with keys of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.audit.checkpoint import Head
from streams.audit.merkle import EMPTY_ROOT
from streams.audit.sequence import Tree, unpack
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.events import (
    Answer,
    AuditEntry,
    Body,
    CaseEvent,
    DeadlinePassed,
    DecisionAdmitted,
    DecisionStatement,
    Effect,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
    OutcomeStatement,
    PhiCount,
    Position,
    Resource,
    Route,
    Ruling,
    Sealed,
    Source,
    Status,
    derived_id,
)
from streams.gate import fold
from streams.gate.case import Case
from streams.signing import SigningKey
from streams.statements import signed
from streams.wire import codec
from streams.worker.audit import AuditEffects
from streams.worker.logprogram import Folded, Product
from streams.worker.record import Place, Record

GATE = "gate-of-tests"
KEY = SigningKey.new("gate-audit")
PEOPLE = {name: SigningKey.new(name) for name in ("bob", "dana", "erin")}
EXECUTOR = SigningKey.new("clinic-db")
PINS = Pins(
    (KEY.public,),
    {key.public.key_id: (name, key.public) for name, key in PEOPLE.items()},
    {EXECUTOR.public.key_id: ("clinic-db", EXECUTOR.public)},
    issuers=frozenset({"https://id.example"}),
    gate=GATE,
)
T0 = 1_770_000_000_000
REVIEWED, PERMITTED, SLOW = (f"0192a7c4-11aa-7000-8000-00000000000{n}" for n in (1, 2, 3))
ROUTE = Route(group="privacy-officers", quorum=2, within_ms=14_400_000, policy="phi-export")


def intent(effect: Effect = Effect.REVIEW, behalf: str | None = "carol") -> IntentAdmitted:
    """Return an admitted intent with this ruling."""
    return IntentAdmitted(
        agent="planner",
        owner="bob",
        on_behalf_of=behalf,
        action="data.export",
        resource=Resource(type="Table", id="patients"),
        executor="clinic-db",
        display=b"{}",
        display_digest="dd",
        action_digest="aa",
        content_mac="cc",
        whole=True,
        phi=(PhiCount(kind="PERSON", count=12),),
        sealed=Sealed(key_id="k", wrapped_key=b"w", nonce=b"n", ciphertext=b"c" * 99),
        release=b"r",
        ruling=Ruling(
            effect=effect,
            policies=("phi-export",),
            reason="phi_export",
            routes=(ROUTE,) if effect is Effect.REVIEW else (),
            unmask=True,
            revision="f" * 64,
        ),
        masker_revision="m",
        gate=GATE,
        requested_at_ms=T0,
        expires_at_ms=T0 + 86_400_000,
        grant_ttl_ms=900_000,
    )


UNSEEN = "of what the gate shows"
SIGNED: dict[bytes, tuple[DecisionStatement, SigningKey]] = {}


def seeing(body: Body | None, case: Case | None) -> Body | None:
    """Return a decision of somebody who has seen what the case shows; others as they are."""
    if not isinstance(body, DecisionAdmitted) or UNSEEN != body.view_digest:
        return body
    shown = case.view_digest if case else ""
    changes: dict[str, Any] = {"view_digest": shown}
    if body.envelope in SIGNED:
        statement, key = SIGNED[body.envelope]
        if UNSEEN == statement.view_digest:
            changes["envelope"] = signed(statement.model_copy(update=changes), key)
    return body.model_copy(update=changes)


def decision(
    person: str,
    answer: Answer = Answer.APPROVE,
    *,
    intent_id: str = REVIEWED,
    key: SigningKey | None = None,
    **changes: Any,
) -> DecisionAdmitted:
    """Return an admitted decision of a privacy officer; `changes` are signed and not admitted.

    What it says of the view is filled in, and signed anew, when a gate writes it.
    """
    said = {
        "gate": GATE,
        "intent_id": intent_id,
        "answer": answer,
        "code": "approved",
        "action_digest": "aa",
        "display_digest": "dd",
        "view_digest": UNSEEN,
        "policy_revision": "f" * 64,
        "masker_revision": "m",
        "rationale_digest": "rr",
        "decided_at_ms": T0,
    }
    statement = DecisionStatement(**{**said, **changes})
    key = key or PEOPLE.get(person) or SigningKey.new(person)
    sealed = signed(statement, key)
    SIGNED[sealed] = statement, key
    return DecisionAdmitted(
        person=person,
        groups=("privacy-officers",),
        answer=answer,
        code="approved",
        rationale="agreed with the ward",
        action_digest="aa",
        display_digest="dd",
        policy_revision="f" * 64,
        decided_at_ms=T0,
        envelope=sealed,
        view_digest=UNSEEN,
        masker_revision="m",
    )


def outcome(intent_id: str, key: SigningKey = EXECUTOR, **changes: Any) -> OutcomeAdmitted:
    """Return an executor's report that all went well."""
    said = {
        "gate": GATE,
        "intent_id": intent_id,
        "grant_id": fold.grant_id(intent_id),
        "status": Status.OK,
        "result_digest": "ee",
        "message_digest": "mm",
        "finished_at_ms": T0 + 999_000,
    }
    statement = OutcomeStatement(**{**said, **changes})
    return OutcomeAdmitted(
        grant_id=fold.grant_id(intent_id),
        executor="clinic-db",
        status=Status.OK,
        message="120 rows",
        result_digest="ee",
        finished_at_ms=T0 + 999_000,
        envelope=signed(statement, key),
        message_digest="mm",
    )


@dataclass
class Gate:
    """Plays the gate on one shard: writes events, folds them, lets the worker's code audit them."""

    shard: int = 0
    key: SigningKey = KEY
    first: int = 0
    step_ms: int = 60_000
    records: list[Stored] = field(default_factory=list)
    notes: list[Stored] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    mark: bytes = b""

    @property
    def entries(self) -> list[AuditEntry]:
        """The entries so far."""
        return [codec.decode(each.value or b"", AuditEntry) for each in self.records]

    @property
    def tree(self) -> Tree:
        """The tree as it stands."""
        return unpack(self.mark) if self.mark else Tree.begin(self.first)

    @property
    def effects(self) -> AuditEffects:
        """The worker's effects."""
        return AuditEffects("audit", "checkpoints", self.key)

    def event(self, intent_id: str, body: Body, at_ms: int | None = None) -> CaseEvent:
        """Return the next event of this shard's log, a minute after the one before."""
        at = self.first + len(self.records)
        source = Source(topic="phigate.decisions", partition=self.shard, offset=at)
        return CaseEvent(
            event_id=derived_id("event", source.topic, str(self.shard), str(at)),
            intent_id=intent_id,
            at_ms=T0 + at * self.step_ms if at_ms is None else at_ms,
            source=source,
            body=body,
        )

    def write(self, intent_id: str, body: Body | None, at_ms: int | None = None) -> AuditEntry:
        """Append the entry of one event; None is a record that cannot be read."""
        index = self.first + len(self.records)
        body = seeing(body, self.cases.get(intent_id))
        event = None if body is None else self.event(intent_id, body, at_ms)
        data = b"garbage" if event is None else codec.encode(event)
        if event is None:
            step = fold.unreadable(None)
        else:
            position = Position(partition=self.shard, offset=index)
            step = fold.step(self.cases.get(intent_id), event, position)
        if step.case is not None:
            self.cases[intent_id] = step.case
        record = Record(Place("cases", self.shard), index, intent_id.encode(), data)
        folded = Folded(record, event, step)
        products, self.mark = self.effects.publish(folded, self.mark or None)
        for product in products:
            self._put(product)
        return self.entries[-1]

    def rest(self) -> "Gate":
        """Sign the tree as it stands."""
        self._put(self.effects.note(self.shard, self.tree.head))
        return self

    def _put(self, product: Product) -> None:
        held = self.records if product.topic == "audit" else self.notes
        held.append(stored(product, len(held)))


def stored(product: Product, offset: int = 0) -> Stored:
    """Return a product as it lies in Kafka."""
    assert product.partition is not None
    return Stored(product.partition, offset, T0 + offset, product.key, product.value, product.topic)


def story(shard: int = 0, key: SigningKey = KEY, first: int = 0) -> Gate:
    """Return a log with every kind of event in it, signed as it stands."""
    gate = Gate(shard, key, first)
    refused = InputRefused(
        kind=Kind.DECISION,
        reason="bad_signature",
        detail="",
        who="mallory",
        answerable=False,
        digest="00",
        bytes_total=9,
    )
    gate.write(REVIEWED, intent())
    gate.write(PERMITTED, intent(Effect.PERMIT, None))
    gate.write(SLOW, intent())
    gate.write(REVIEWED, decision("bob"))
    gate.write(REVIEWED, refused)
    gate.write(REVIEWED, decision("dana"))
    gate.write(REVIEWED, intent())
    gate.write(REVIEWED, None)
    gate.write(REVIEWED, decision("erin"))
    gate.write(REVIEWED, outcome(REVIEWED))
    gate.write(SLOW, DeadlinePassed(deadline_ms=T0 + 14_520_000))
    return gate.rest()


def all_note(gates: Iterable[Gate], shards: int = 1) -> Stored:
    """Return the note over all shards as they stand."""
    heads = {gate.shard: gate.tree.head for gate in gates}
    effects = next(iter(gates)).effects if isinstance(gates, list) else Gate().effects
    whole = [heads.get(shard, Head(0, EMPTY_ROOT)) for shard in range(shards)]
    return stored(effects.note_all(whole), 10_000)


def log(*gates: Gate, shards: int | None = None) -> list[Stored]:
    """Return everything as a reader gets it: the notes, the note over all, the entries."""
    count = shards or max(gate.shard for gate in gates) + 1
    notes = [note for gate in gates for note in gate.notes]
    entries = [record for gate in gates for record in gate.records]
    return [*notes, all_note(list(gates), count), *entries]


def owners(keys: Mapping[str, SigningKey]) -> dict[str, tuple[str, Any]]:
    """Return keys as pins have them."""
    return {key.public.key_id: (name, key.public) for name, key in keys.items()}
