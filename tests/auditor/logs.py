"""A small gate's log with its audit, for the tests of this room: real events, the real fold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.audit.entry import entry_key
from streams.audit.sequence import Head, append, head_of
from streams.auditor.source import Stored
from streams.events import (
    Answer,
    AuditEntry,
    Body,
    CaseEvent,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
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
from streams.wire import codec

KEY = SigningKey.new("audit")
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
        requested_at_ms=T0,
        expires_at_ms=T0 + 86_400_000,
        grant_ttl_ms=900_000,
    )


def decision(person: str, answer: Answer = Answer.APPROVE) -> DecisionAdmitted:
    """Return an admitted decision of a privacy officer."""
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
        envelope=b"{}",
    )


@dataclass
class Gate:
    """Plays the gate on one shard: writes events, folds them, appends to the audit."""

    shard: int = 0
    key: SigningKey = KEY
    entries: list[AuditEntry] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    head: Head | None = None

    def event(self, intent_id: str, body: Body) -> CaseEvent:
        """Return the next event of this shard's log, a minute after the one before."""
        at = len(self.entries)
        source = Source(topic="phigate.decisions", partition=self.shard, offset=at)
        return CaseEvent(
            event_id=derived_id("event", source.topic, str(self.shard), str(at)),
            intent_id=intent_id,
            at_ms=T0 + at * 60_000,
            source=source,
            body=body,
        )

    def write(self, intent_id: str, body: Body | None) -> AuditEntry:
        """Append the entry of one event; None is a record that cannot be read."""
        index = len(self.entries)
        case = self.cases.get(intent_id)
        if body is None:
            data, step = b"garbage", fold.unreadable(case)
        else:
            event = self.event(intent_id, body)
            data = codec.encode(event)
            step = fold.step(case, event, Position(partition=self.shard, offset=index))
        if step.case is not None:
            self.cases[intent_id] = step.case
        entry = append(self.head, self.shard, index, intent_id, data, step.consequence, self.key)
        self.entries.append(entry)
        self.head = head_of(entry)
        return entry


def story(shard: int = 0, key: SigningKey = KEY) -> Gate:
    """Return a log with every kind of event in it."""
    gate = Gate(shard, key)
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
    return gate


def outcome(intent_id: str) -> OutcomeAdmitted:
    """Return an executor's report that all went well."""
    return OutcomeAdmitted(
        grant_id=fold.grant_id(intent_id),
        executor="clinic-db",
        status=Status.OK,
        message="120 rows",
        result_digest="ee",
        finished_at_ms=T0 + 999_000,
        envelope=b"{}",
    )


def stored(entries: Iterable[AuditEntry]) -> list[Stored]:
    """Return the entries as they lie in Kafka."""
    return [
        Stored(
            each.shard,
            offset,
            T0 + offset,
            entry_key(each.shard, each.index).encode(),
            codec.encode(each),
        )
        for offset, each in enumerate(entries)
    ]
