"""The test plays the gate: it folds real decisions and publishes requests and audit entries."""

import hashlib
import secrets
import threading
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import NewTopic

from streams.audit.entry import entry_key, entry_of
from streams.directory import Directory
from streams.errors import SignatureError
from streams.events import (
    AuditEntry,
    Body,
    CaseEvent,
    Decision,
    DecisionAdmitted,
    DecisionStatement,
    Effect,
    IntentAdmitted,
    Kind,
    Message,
    Position,
    Resource,
    Source,
    derived_id,
)
from streams.gate import fold
from streams.gate.case import Case
from streams.gate.projections import signed_request as signed
from streams.sealing import Purpose, SealKey
from streams.settings import Settings, load_settings
from streams.signing import REQUEST, SigningKey, envelope
from streams.statements import opened
from streams.wire import client, codec, topics
from tests import builders
from tests.approver.cases import GATE_ID, display_of

PARTITIONS = 2
PEOPLE = ("bob", "carol", "dana", "erin", "frank")
OFFICERS = ("dana", "erin", "bob")


@dataclass
class Played:
    """A gate on topics of its own. With `answering` a thread folds the decisions that come."""

    settings: Settings
    seal: SealKey
    grants_key: SigningKey
    audit_key: SigningKey
    now_ms: int
    answering: bool = True
    decisions: list[tuple[Decision, str]] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    _cases: dict[str, Case] = field(default_factory=dict)
    _next: dict[int, int] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def up(cls, bootstrap: str, home: Path, now_ms: int, *, answering: bool = True) -> Self:
        """Make keys, a directory file and topics with a prefix of their own."""
        prefix = f"t{secrets.token_hex(6)}."
        settings = load_settings(
            bootstrap=bootstrap, home=home, prefix=prefix, partitions=PARTITIONS
        )
        keys = SigningKey.new("grants"), SigningKey.new("audit")
        gate = cls(settings, SealKey.new("gate"), *keys, now_ms, answering)
        gate._write_directory()
        wanted = [each for each in topics.table() if not each.table]
        new = [
            NewTopic(each.full_name(prefix), PARTITIONS, 1, config=each.config(1))
            for each in wanted
        ]
        admin = client.admin(settings)
        for made in admin.create_topics(new).values():
            made.result(120)
        return gate

    def _write_directory(self) -> None:
        lines = ["gate:", f"  id: {GATE_ID}", f"  seal: {self.seal.public.text}"]
        lines += [f"  grants: [{self.grants_key.public.text}]"]
        lines += [f"  audit: [{self.audit_key.public.text}]", "people:"]
        for name in PEOPLE:
            key = SigningKey.new(name)
            key.save(self.settings.keys / "people" / f"{name}.key")
            groups = "privacy-officers" if name in OFFICERS else "other"
            lines.append(f"  {name}: {{groups: [{groups}], keys: [{key.public.text}]}}")
        lines += ["agents:", "  planner: {owner: bob}"]
        self.settings.directory.write_text("\n".join(lines) + "\n")

    @cached_property
    def _producer(self) -> Producer:
        return client.producer(self.settings)

    @property
    def directory(self) -> Directory:
        """The directory as it stands in the file."""
        return Directory.load(self.settings.directory)

    def topic(self, name: str) -> str:
        """Return a topic's full name."""
        return topics.name(self.settings, name)

    def put(
        self, name: str, key: str, value: Message | bytes, partition: int | None = None
    ) -> None:
        """Write one record."""
        data = value if isinstance(value, bytes) else codec.encode(value)
        client.deliver(self._producer, self.topic(name), key.encode(), data, partition=partition)

    # ------------------------------------------------------------ the gate

    def ask(self, intent_id: str, quorum: int = 2, **over: Any) -> None:
        """Admit an intent under review by the privacy officers."""
        resource = Resource(type="Table", id="patients")
        display = display_of("data.export", resource)
        values: dict[str, Any] = {
            "agent": "planner",
            "owner": "bob",
            "on_behalf_of": "carol",
            "action": "data.export",
            "resource": resource,
            "display": display,
            "display_digest": hashlib.sha256(display).hexdigest(),
            "gate": GATE_ID,
            "expires_at_ms": self.now_ms + 3_600_000,
            "ruling": builders.ruling(*(Effect.REVIEW, builders.route("privacy-officers", quorum))),
        }
        body: IntentAdmitted = builders.intent(**{**values, **over})
        self.log(intent_id, body, Source(topic="intents", partition=0, offset=0))

    def log(self, intent_id: str, body: Body, source: Source) -> None:
        """Write one event: fold it, publish the request, append to the audit."""
        with self._lock:
            event = CaseEvent(
                event_id=derived_id(
                    "event", source.topic, str(source.partition), str(source.offset)
                ),
                intent_id=intent_id,
                at_ms=self.now_ms,
                source=source,
                body=body,
            )
            shard = client.partition_of(intent_id.encode(), PARTITIONS)
            index = self._next.get(shard, 0)
            position = Position(partition=shard, offset=index)
            step = fold.step(self._cases.get(intent_id), event, position)
            data = codec.encode(event)
            told = step.consequence
            entry = entry_of(shard, index, intent_id, data, event, told, self.audit_key)
            self._next[shard] = index + 1
            self.entries.append(entry)
        if step.case is not None:
            self._cases[intent_id] = step.case
            if step.case.intent is not None:
                self.put("requests", intent_id, signed(step.case, step.case.intent, self))
        self.put("cases", intent_id, data)
        self.put("audit", entry_key(shard, index), entry, partition=shard)

    def sign_request(self, statement: bytes) -> bytes:
        """Sign a request's statement."""
        return envelope(statement, REQUEST, self.grants_key)

    def sign_grant(self, statement: bytes) -> bytes:
        """Sign nothing else."""
        raise NotImplementedError

    def release(self, locked: bytes, intent_id: str) -> bytes | None:
        """Release nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        if self.answering:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self.answering:
            self._thread.join()

    def _run(self) -> None:
        with closing(client.consumer(self.settings)) as reader:
            name = self.topic("decisions")
            reader.assign([TopicPartition(name, number, 0) for number in range(PARTITIONS)])
            while not self._stop.is_set():
                message = reader.poll(0.05)
                if message is not None and message.error() is None:
                    source = Source(
                        topic=name, partition=message.partition(), offset=message.offset()
                    )
                    self._decided(message.value(), source)

    def _decided(self, value: bytes, source: Source) -> None:
        decision = codec.decode(value, Decision)
        sealed = decision.rationale
        rationale = self.seal.open(sealed, decision.intent_id, Purpose.RATIONALE).decode()
        self.decisions.append((decision, rationale))
        self.log(decision.intent_id, self._admitted(decision, rationale), source)

    def _admitted(self, decision: Decision, rationale: str) -> Body:
        directory = self.directory
        try:
            keys = directory.approver_keys()
            key, statement = opened(DecisionStatement, decision.envelope, keys, GATE_ID)
        except SignatureError as error:
            return builders.refused(Kind.DECISION, reason=error.code)
        known = directory.person_of_key(key.key_id)
        assert known is not None
        salted = hashlib.sha256(decision.salt + rationale.encode()).hexdigest()
        assert salted == statement.rationale_digest
        return DecisionAdmitted(
            person=known[0],
            groups=known[1].groups,
            answer=statement.answer,
            code=statement.code,
            rationale=rationale,
            action_digest=statement.action_digest,
            display_digest=statement.display_digest,
            policy_revision=statement.policy_revision,
            decided_at_ms=statement.decided_at_ms,
            envelope=decision.envelope,
            view_digest=statement.view_digest,
            masker_revision=statement.masker_revision,
        )
