"""A small history without a flaw, made by hand, for tests to break."""

import dataclasses
from typing import Any

from streams.audit.sequence import unpack
from streams.events import (
    Answer,
    CaseEvent,
    Decision,
    Effect,
    Grant,
    Intent,
    Message,
    Outcome,
    Position,
    Resource,
    Source,
    derived_id,
)
from streams.gate.case import Case, deadline_ms
from streams.gate.fold import grant_id, step
from streams.gate.projections import project
from streams.signing import GRANT, REQUEST, SigningKey, envelope
from streams.wire import codec
from streams.wire.client import KafkaRecord
from streams.worker import record as worker_record
from streams.worker.audit import AuditEffects
from streams.worker.logprogram import Folded, Product
from streams.worker.rows import Row
from tests import builders
from tests.chaos.rig.history import History

PREFIX = "chaos."
GRANTS, AUDIT = SigningKey.new("gate-grant"), SigningKey.new("gate-audit")
PERMITTED, APPROVED, DENIED, EXPIRED = (derived_id("chaos", name) for name in "pade")


class Keys:
    """The fold's keys."""

    def sign_request(self, statement: bytes) -> bytes:
        """Sign a statement."""
        return envelope(statement, REQUEST, GRANTS)

    def sign_grant(self, statement: bytes) -> bytes:
        """Sign a statement."""
        return envelope(statement, GRANT, GRANTS)

    def release(self, locked: bytes, intent_id: str) -> bytes:  # noqa: ARG002 - the protocol's
        """Leave it locked."""
        return locked


def record(topic: str, offset: int, key: str, value: bytes) -> KafkaRecord:
    """Return a record of partition 0."""
    return KafkaRecord(PREFIX + topic, 0, offset, offset, key.encode(), value, ())


class Maker:
    """Writes inputs, events, and everything that follows from them."""

    def __init__(self) -> None:
        self.topics: dict[str, list[KafkaRecord]] = {}
        self.journals: dict[str, list[dict[str, Any]]] = {"decided": [], "ran": [], "seen": []}
        self._cases: dict[str, Case] = {}
        self._effects = AuditEffects("audit", "checkpoints", AUDIT)
        self._mark = b""

    def put(self, topic: str, key: str, value: bytes) -> int:
        """Append a record to a topic and return its offset."""
        records = self.topics.setdefault(topic, [])
        records.append(record(topic, len(records), key, value))
        return len(records) - 1

    def event(self, intent_id: str, body: Any, topic: str, sent: Message) -> int:
        """Send an input, and let its event follow; return the input's offset."""
        at = self.put(topic, intent_id, codec.encode(sent))
        name = PREFIX + topic
        self._log(
            CaseEvent(
                event_id=derived_id("event", name, "0", str(at)),
                intent_id=intent_id,
                at_ms=builders.OPENED_MS,
                source=Source(topic=name, partition=0, offset=at),
                body=builders.seeing(body, self._cases.get(intent_id)),
            )
        )
        return at

    def deadline(self, intent_id: str) -> None:
        """Let a case's deadline pass."""
        due = deadline_ms(self._cases[intent_id]) or 0
        self._log(
            CaseEvent(
                event_id=derived_id("deadline", intent_id, str(due)),
                intent_id=intent_id,
                at_ms=due,
                source=Source(topic="clock", partition=0, offset=due),
                body=builders.deadline(due),
            )
        )

    def _log(self, event: CaseEvent) -> None:
        value = codec.encode(event)
        offset = self.put("cases", event.intent_id, value)
        made = step(self._cases.get(event.intent_id), event, Position(partition=0, offset=offset))
        place = worker_record.Place("cases", 0)
        read = worker_record.Record(place, offset, event.intent_id.encode(), value)
        products, self._mark = self._effects.publish(Folded(read, event, made), self._mark or None)
        self._put_all(products)
        assert made.case
        self._cases[event.intent_id] = made.case
        for output in project(made.case, Keys()):
            granted = isinstance(output.message, Grant)
            if not (granted and made.case.outcome):  # the report of a grant does not grant again
                topic = "approved" if granted else output.topic
                self.put(topic, event.intent_id, codec.encode(output.message))
        due = deadline_ms(made.case) or 0
        for table, mark in (("fold-rows", b""), ("audit-rows", self._mark)):
            row = Row(offset, due, mark, codec.encode(made.case))
            self.put(table, event.intent_id, row.pack())

    def rest(self) -> None:
        """Sign the tree as it stands, and the note over all."""
        head = unpack(self._mark).head
        self._put_all([self._effects.note(0, head), self._effects.note_all([head])])

    def _put_all(self, products: list[Product]) -> None:
        for each in products:
            self.put(each.topic, each.key.decode(), each.value)


def whole() -> History:
    """Return a history of four intents: permitted, approved, denied, expired."""
    maker = Maker()
    permit = builders.intent(ruling=builders.ruling(Effect.PERMIT))
    for intent_id in (PERMITTED, APPROVED, DENIED, EXPIRED):
        body = permit if intent_id == PERMITTED else builders.intent()
        maker.event(intent_id, body, "intents", _intent(intent_id))
    for intent_id, answer in ((APPROVED, Answer.APPROVE), (DENIED, Answer.DENY)):
        said = builders.decision(answer=answer)
        at = maker.event(intent_id, said, "decisions", _decision(intent_id))
        maker.journals["decided"].append(
            {"id": intent_id, "person": "petra", "answer": answer, "partition": 0, "offset": at}
        )
    maker.deadline(EXPIRED)
    for intent_id in (PERMITTED, APPROVED):
        granted = grant_id(intent_id)
        maker.journals["ran"].append(
            {
                "grant_id": granted,
                "intent_id": intent_id,
                "idempotent": False,
                "unmasked": True,
                "params": f"digest of {intent_id}",
            }
        )
        told = builders.outcome(grant_id=granted)
        maker.event(intent_id, told, "outcomes", _outcome(intent_id))
    maker.rest()
    return _history(maker)


def _history(maker: Maker) -> History:
    return History(
        topics={name: tuple(records) for name, records in maker.topics.items()},
        grant_keys=(GRANTS.public,),
        audit_keys=(AUDIT.public,),
        proposed=tuple(
            {"id": name, "action": "data.export", "params": f"digest of {name}", "acked": True}
            for name in (PERMITTED, APPROVED, DENIED, EXPIRED)
        ),
        decided=tuple(maker.journals["decided"]),
        ran=tuple(maker.journals["ran"]),
        planted=("078-05-1120",),
    )


def changed(history: History, topic: str, records: tuple[KafkaRecord, ...]) -> History:
    """Return the history with other records in one topic."""
    return dataclasses.replace(history, topics={**history.topics, topic: records})


def _intent(intent_id: str) -> Intent:
    return Intent(
        intent_id=intent_id,
        agent="bot",
        on_behalf_of="rita",
        action="data.export",
        resource=Resource(type="Database", id="clinic"),
        sealing="plain",
        body=b"",
        requested_at_ms=builders.OPENED_MS,
        ttl_ms=builders.HOUR_MS,
    )


def _decision(intent_id: str) -> Decision:
    return Decision(intent_id=intent_id, envelope=b"{}", rationale=b"", salt=b"")


def _outcome(intent_id: str) -> Outcome:
    return Outcome(intent_id=intent_id, envelope=b"{}", message=b"")
