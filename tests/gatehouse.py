"""A whole gate for tests on the real broker: keys, people, agents, policy, topics, workers.

Everybody's keys are in the test's hands, so that it can also write what a real sender never would.
"""

import hashlib
import json
import os
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from confluent_kafka import Producer

from streams.audit.report import Flaw
from streams.auditor.proof.check import LogReport, check
from streams.auditor.proof.pins import of_directory
from streams.auditor.read.source import evidence
from streams.clock import now_ms
from streams.cluster import shape
from streams.directory import Directory
from streams.errors import WireError
from streams.events import (
    Answer,
    AuditEntry,
    CaseEvent,
    Decision,
    DecisionStatement,
    Grant,
    Intent,
    IntentBody,
    Message,
    Outcome,
    OutcomeStatement,
    Request,
    Resource,
    Status,
    Verdict,
    derived_id,
    marked,
)
from streams.gate.view import view_digest
from streams.home.home import make_home
from streams.sealing import Purpose, SealKey
from streams.settings import Settings, load_settings
from streams.signing import SigningKey
from streams.statements import signed
from streams.wire import client, codec, topics
from streams.worker.supervise import Child, Supervisor

M = TypeVar("M", bound=Message)

PARTITIONS = 3
READY_S = 300.0  # bounds are for machines many times slower: they cost nothing where all goes well
WAIT_S = 240.0
EXECUTOR = "clinic"
DATABASE = Resource(type="Database", id="clinic")
AGGREGATE = {"sql": "SELECT count(*) FROM visits"}  # what a query is permitted for at once
AGENT, OWNER, REQUESTER = "bot", "olga", "rita"
GROUPS = {
    "olga": [],
    "rita": ["privacy-officers"],  # she could review: only the rule against it stops her
    "petra": ["privacy-officers"],
    "paul": ["privacy-officers"],
    "sam": ["security-officers"],
    "ian": ["it-managers"],
    "dora": ["data-stewards"],
    "carla": ["communications-officers"],
}


def wait_for(what: str, found: Callable[[], Any], timeout_s: float = WAIT_S) -> Any:
    """Return what `found` returns as soon as it is true; fails, saying what, after the time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {timeout_s:g} s")


@dataclass
class Gatehouse:
    """One gate with topics of its own on a shared broker. Make it with `Gatehouse.up`."""

    settings: Settings
    people: dict[str, SigningKey]
    executor: SigningKey
    executor_seal: SealKey
    stranger: SigningKey = field(default_factory=lambda: SigningKey.new("stranger"))

    @classmethod
    def up(cls, bootstrap: str, home: Path, **changes: Any) -> "Gatehouse":
        """Make the home and the topics; `changes` are settings."""
        house = cls.without_broker(home, bootstrap=bootstrap, **changes)
        shape.apply(house.settings)
        return house

    @classmethod
    def without_broker(cls, home: Path, **changes: Any) -> "Gatehouse":
        """Make the home alone; nothing can be written or read."""
        prefix = f"t{secrets.token_hex(5)}."
        given = {
            "bootstrap": "127.0.0.1:1",
            "prefix": prefix,
            "partitions": PARTITIONS,
            # one agent asks for all, and each bad input is to be seen in the log
            "agent_intents_per_minute": 0,
            "agent_bytes_per_minute": 0,
            "agent_masking_ms_per_minute": 0,
            "refused_alone_max": 1_000_000,
        }
        settings = load_settings(home=home, **{**given, **changes})
        make_home(settings)
        people = {name: SigningKey.new(name) for name in GROUPS}
        house = cls(settings, people, SigningKey.new(EXECUTOR), SealKey.new(f"{EXECUTOR}-seal"))
        house.write_directory()
        return house

    def write_directory(self, **changes: Any) -> None:
        """Write the directory file; `changes` replace whole sections."""
        made = yaml.safe_load(self.settings.directory.read_text())
        made |= {
            "people": {
                name: {"groups": groups, "keys": [self.people[name].public.text]}
                for name, groups in GROUPS.items()
            },
            "agents": {AGENT: {"owner": OWNER}},
            "executors": {
                EXECUTOR: {
                    "keys": [self.executor.public.text],
                    "seal": self.executor_seal.public.text,
                }
            },
            "resources": [
                {"type": "Database", "id": "clinic", "executor": EXECUTOR,
                 "attributes": {"env": "prod"}},
                {"type": "Database", "id": "lab", "executor": EXECUTOR,
                 "attributes": {"env": "test"}},
                {"type": "Mail", "id": "patients", "executor": EXECUTOR,
                 "attributes": {"env": "prod"}},
            ],
            **changes,
        }  # fmt: skip
        for agent in made["agents"].values():
            agent.setdefault("acts_for", [REQUESTER] if REQUESTER in made["people"] else [])
        self.settings.directory.write_text(yaml.safe_dump(made, sort_keys=False))
        self.__dict__.pop("directory", None)

    @cached_property
    def directory(self) -> Directory:
        """The directory as it stands in the file."""
        return Directory.load(self.settings.directory)

    # ------------------------------------------------------------ workers

    def environment(self) -> dict[str, str]:
        """Return the environment in which workers and commands find this gate."""
        settings = self.settings
        return {
            "PHIGATE_HOME": str(settings.home),
            "PHIGATE_BOOTSTRAP": settings.bootstrap,
            "PHIGATE_PREFIX": settings.prefix,
            "PHIGATE_PARTITIONS": str(settings.partitions),
            "PHIGATE_MASK_WORKERS": str(settings.mask_workers),
            "PHIGATE_MASK_TIMEOUT_MS": str(settings.mask_timeout_ms),
            "PHIGATE_GRANT_TTL_MS": str(settings.grant_ttl_ms),
            "PHIGATE_AGENT_INTENTS_PER_MINUTE": str(settings.agent_intents_per_minute),
            "PHIGATE_AGENT_BYTES_PER_MINUTE": str(settings.agent_bytes_per_minute),
            "PHIGATE_AGENT_MASKING_MS_PER_MINUTE": str(settings.agent_masking_ms_per_minute),
            "PHIGATE_REFUSED_ALONE_MAX": str(settings.refused_alone_max),
            "PHIGATE_REFUSED_WINDOW_MS": str(settings.refused_window_ms),
            "PHIGATE_REQUIRE_SEALED": str(settings.require_sealed).lower(),
            "PHIGATE_PARAMS_BYTES_MAX": str(settings.params_bytes_max),
            "PHIGATE_INPUT_BYTES_MAX": str(settings.input_bytes_max),
        }

    @contextmanager
    def workers(self, admit: int = 1, fold: int = 1, audit: int = 1) -> Iterator[Supervisor]:
        """Run workers until the block ends; fails with their last lines if they do not start."""
        roles = {"admit": admit, "fold": fold, "audit": audit}
        said: list[str] = []
        supervisor = Supervisor(
            self.settings.home,
            {role: count for role, count in roles.items() if count},
            self.environment(),
            said.append,
        )
        supervisor.start()
        try:
            ready = supervisor.wait_ready(READY_S)
            logs = "\n".join(
                f"-- {c.name}\n{supervisor.last_lines(c)}" for c in supervisor.children
            )
            assert ready, f"the workers are not ready: {said}\n{logs}"
            yield supervisor
        finally:
            supervisor.stop()

    # ------------------------------------------------------------ what senders write

    def topic(self, name: str) -> str:
        """Return a topic's full name."""
        return topics.name(self.settings, name)

    def put(
        self, name: str, key: str, value: Message | bytes, partition: int | None = None
    ) -> tuple[int, int]:
        """Write one record, a message or raw bytes, and return its partition and offset."""
        data = value if isinstance(value, bytes) else codec.encode(value)
        topic = self.topic(name)
        return client.deliver(self._producer, topic, key.encode(), data, partition=partition)

    def put_soon(self, name: str, key: str, value: Message | bytes) -> None:
        """Queue one record; `flush` waits for all of them. For load."""
        data = value if isinstance(value, bytes) else codec.encode(value)
        self._producer.produce(self.topic(name), key=key.encode(), value=data)
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until everything queued has arrived."""
        assert 0 == self._producer.flush(WAIT_S)

    @cached_property
    def _producer(self) -> Producer:
        return client.producer(self.settings)

    def intent(  # noqa: PLR0913 - an intent's parts
        self,
        action: str = "db.query",
        params: object = None,
        justification: str = "Monthly report",
        *,
        intent_id: str | None = None,
        raw: bytes | None = None,
        sealed: bool = True,
        nonce: bytes = b"",
        **changes: Any,
    ) -> Intent:
        """Return an intent; `raw` are params that need not be JSON, `changes` its plain fields.

        A query whose params say no statement counts visits beside what they say.
        """
        named = intent_id or new_id(str(changes.get("agent", AGENT)))
        said = params if params is not None else {}
        if action == "db.query" and isinstance(said, dict):
            said = {**AGGREGATE, **said}
        sent = raw if raw is not None else json.dumps(said).encode()
        body = codec.encode(IntentBody(params=sent, justification=justification, nonce=nonce))
        whole: dict[str, Any] = {
            "intent_id": named,
            "agent": AGENT,
            "on_behalf_of": REQUESTER,
            "action": action,
            "resource": DATABASE,
            "sealing": "hpke" if sealed else "plain",
            "body": self.seal(body, named, Purpose.INTENT) if sealed else body,
            "requested_at_ms": now_ms(),
            "ttl_ms": 600_000,
        }
        return Intent(**{**whole, **changes})

    def seal(self, plain: bytes, aad: str, purpose: Purpose) -> bytes:
        """Seal to the gate's key."""
        return self.directory.gate.seal.seal(plain, aad, purpose)

    def propose(self, action: str = "db.query", params: object = None, **parts: Any) -> str:
        """Write an intent and return its id; parts as for `intent`."""
        made = self.intent(action, params, **parts)
        self.put("intents", made.intent_id, made)
        return made.intent_id

    def decision(  # noqa: PLR0913 - a decision's parts
        self,
        person: str,
        request: Request,
        *,
        answer: Answer = Answer.APPROVE,
        code: str | None = None,
        rationale: str = "Checked",
        signer: SigningKey | None = None,
        **changes: Any,
    ) -> Decision:
        """Return a decision as the person signs it; `changes` are of the signed statement."""
        salt = secrets.token_bytes(16)
        whole: dict[str, Any] = {
            "gate": self.directory.gate.id,
            "intent_id": request.intent_id,
            "answer": answer,
            "code": code or ("approved" if answer is Answer.APPROVE else "not_necessary"),
            "action_digest": request.action_digest,
            "display_digest": request.display_digest,
            "view_digest": view_digest(request),
            "policy_revision": request.policy_revision,
            "masker_revision": request.masker_revision,
            "rationale_digest": hashlib.sha256(salt + rationale.encode()).hexdigest(),
            "decided_at_ms": now_ms(),
        }
        statement = DecisionStatement(**{**whole, **changes})
        key = signer or self.people[person]
        return Decision(
            intent_id=request.intent_id,
            envelope=signed(statement, key),
            rationale=self.seal(rationale.encode(), request.intent_id, Purpose.RATIONALE),
            salt=salt,
        )

    def decide(self, person: str, request: Request, **parts: Any) -> str:
        """Write a decision and return the id of the event that it becomes."""
        made = self.decision(person, request, **parts)
        return self.event_id("decisions", self.put("decisions", made.intent_id, made))

    def outcome(
        self,
        grant: Grant,
        *,
        status: Status = Status.OK,
        message: str = "done",
        signer: SigningKey | None = None,
        **changes: Any,
    ) -> Outcome:
        """Return an outcome as the executor signs it; `changes` are of the signed statement."""
        salt = secrets.token_bytes(16)
        whole: dict[str, Any] = {
            "gate": self.directory.gate.id,
            "intent_id": grant.intent_id,
            "grant_id": grant.grant_id,
            "status": status,
            "result_digest": "",
            "message_digest": hashlib.sha256(salt + message.encode()).hexdigest(),
            "finished_at_ms": now_ms(),
        }
        statement = OutcomeStatement(**{**whole, **changes})
        key = signer or self.executor
        return Outcome(
            intent_id=grant.intent_id,
            envelope=signed(statement, key),
            message=self.seal(message.encode(), grant.intent_id, Purpose.OUTCOME),
            salt=salt,
        )

    def report(self, grant: Grant, **parts: Any) -> str:
        """Write an outcome and return the id of the event that it becomes."""
        made = self.outcome(grant, **parts)
        return self.event_id("outcomes", self.put("outcomes", made.intent_id, made))

    def event_id(self, name: str, place: tuple[int, int]) -> str:
        """Return the id of the event that the input at (partition, offset) becomes."""
        return derived_id("event", self.topic(name), *(str(number) for number in place))

    # ------------------------------------------------------------ what can be read

    def records(self, name: str) -> list[client.KafkaRecord]:
        """Return all that a topic holds now, each partition in its order."""
        return list(client.records(self.settings, self.topic(name)))

    def messages(self, name: str, kind: type[M]) -> list[M]:
        """Return all messages of a topic; what does not decode is left out."""
        found = []
        for record in self.records(name):
            try:
                found.append(codec.decode(record.value or b"", kind))
            except WireError:
                continue
        return found

    def cases(self) -> list[CaseEvent]:
        """Return the log."""
        return self.messages("cases", CaseEvent)

    def events_of(self, intent_id: str) -> list[CaseEvent]:
        """Return one intent's events, in their order."""
        return [event for event in self.cases() if event.intent_id == intent_id]

    def entries(self) -> list[AuditEntry]:
        """Return the audit's entries, repeats included."""
        return self.messages("audit", AuditEntry)

    def verdicts(self) -> dict[str, Verdict]:
        """Return the newest verdict of each intent."""
        return newest(self.messages("verdicts", Verdict))

    def requests(self) -> dict[str, Request]:
        """Return the newest request of each intent."""
        return newest(self.messages("requests", Request))

    def grants(self) -> list[Grant]:
        """Return every grant record, repeats included."""
        return self.messages(f"approved.{EXECUTOR}", Grant)

    def grant(self, intent_id: str, timeout_s: float = WAIT_S) -> Grant:
        """Wait for an intent's grant."""
        made: Grant = wait_for(
            f"the grant of {intent_id}",
            lambda: next((g for g in self.grants() if g.intent_id == intent_id), None),
            timeout_s,
        )
        return made

    def verdict(self, intent_id: str, timeout_s: float = WAIT_S) -> Verdict:
        """Wait for an intent's verdict."""
        what = f"the verdict of {intent_id}"
        made: Verdict = wait_for(what, lambda: self.verdicts().get(intent_id), timeout_s)
        return made

    def request(self, intent_id: str, timeout_s: float = WAIT_S) -> Request:
        """Wait until an intent asks for people."""
        what = f"the request of {intent_id}"
        made: Request = wait_for(what, lambda: self.requests().get(intent_id), timeout_s)
        return made

    def event(self, event_id: str, timeout_s: float = WAIT_S) -> CaseEvent:
        """Wait until an input stands in the log."""
        made: CaseEvent = wait_for(
            f"the event {event_id}",
            lambda: next((e for e in self.cases() if e.event_id == event_id), None),
            timeout_s,
        )
        return made

    def audited(self, timeout_s: float = WAIT_S) -> LogReport:
        """Wait until the audit has an entry for each event of the log; return its verification.

        A note over all shards that is late is waited for too: a slow machine writes it late.
        """

        def whole() -> LogReport | None:
            report = self.audit()
            if report.broken and report.broken.kind is not Flaw.STALE_CHECKPOINT:
                return report
            whole = report.entries >= len(self.records("cases")) and not report.broken
            return report if whole else None

        made: LogReport = wait_for("the audit", whole, timeout_s)
        return made

    def audit(self) -> LogReport:
        """Verify the audit as it stands now, every event folded again."""
        return check(evidence(self.settings), of_directory(self.directory))


def newest(messages: list[Any]) -> dict[str, Any]:
    """Return the message with the highest position of each intent."""
    found: dict[str, Any] = {}
    for message in messages:
        standing = found.get(message.intent_id)
        if standing is None or message.position.offset >= standing.position.offset:
            found[message.intent_id] = message
    return found


def new_id(agent: str = AGENT) -> str:
    """Draw an id for an intent of this agent's."""
    drawn = uuid.UUID(bytes=secrets.token_bytes(16), version=4)
    return str(uuid.UUID(int=marked(drawn.int, agent)))


def pid(supervisor: Supervisor, name: str) -> int:
    """Return the process id of a worker (`fold-0`)."""
    process = child(supervisor, name).process
    assert process is not None, f"{name} does not run"
    return process.pid


def child(supervisor: Supervisor, name: str) -> Child:
    """Return a worker by name."""
    return next(each for each in supervisor.children if each.name == name)


def signal_worker(supervisor: Supervisor, name: str, number: int) -> None:
    """Send a signal to one worker, its masking processes not included."""
    os.kill(pid(supervisor, name), number)
