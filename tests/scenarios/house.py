"""A gate that runs for real, and a hand on every topic: what the stories of this folder play on.

Three workers and an executor run as processes of their own under the product's supervisor. A story
sends what it likes, sees what was recorded of it, and asks whether anything else was disturbed.
"""

import hashlib
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from confluent_kafka import Consumer, TopicPartition

from streams.agent.draft import signed as signed_by
from streams.audit.entry import check_signature, entry_hash
from streams.audit.report import Break, Flaw
from streams.auditor.proof import pins
from streams.auditor.proof.check import check
from streams.auditor.read import source
from streams.clock import now_ms
from streams.cluster import shape
from streams.errors import BrokerError, WireError
from streams.events import (
    AuditEntry,
    CaseEvent,
    Consequence,
    Decision,
    Effected,
    Grant,
    Intent,
    Message,
    Outcome,
    OutcomeStatement,
    Request,
    Resource,
    State,
    Status,
    Verdict,
    derived_id,
)
from streams.executor.ledger import LedgerRow, Refused, inspect
from streams.sealing import Purpose, SealKey
from streams.signing import SigningKey
from streams.statements import signed
from streams.wire import client, codec
from streams.worker.supervise import Child, Supervisor
from tests import gatehouse
from tests.gatehouse import AGGREGATE, GROUPS, Gatehouse
from tests.scenarios import ward

ROOT = Path(__file__).parents[2]
PARTITIONS = 2
WAIT_S = 240.0  # nothing takes so long, but a machine may be busy
STEP_S = 0.05

IDLE_AGENT = "idle-bot"  # suspended
SIGNING_AGENT = "signing-bot"
SUSPENDED = "mona"
NAMESAKE = "bot"  # a person named like the agent
OFFICERS = ["privacy-officers"]
LAB = "lab"  # an executor class that nobody serves, but a story that wants to
PEOPLE = {**GROUPS, "olga": OFFICERS, NAMESAKE: OFFICERS, SUSPENDED: OFFICERS}

LAB_DATABASE = Resource(type="Database", id="lab")  # whose executor nobody runs
IDENTIFIED = {"sql": "SELECT * FROM visits", "patient": "John Smith", "ssn": "219-09-9999"}


@dataclass(frozen=True)
class Sent:
    """Where a record went."""

    topic: str
    partition: int
    offset: int

    @property
    def event_id(self) -> str:
        """Return the id of the event that admit makes of it."""
        return derived_id("event", self.topic, str(self.partition), str(self.offset))


@dataclass
class House(Gatehouse):
    """A gatehouse with its workers and an executor running."""

    lab: SigningKey = field(default_factory=lambda: SigningKey.new(LAB))
    agent_key: SigningKey = field(default_factory=lambda: SigningKey.new(SIGNING_AGENT))
    lab_seal: SealKey = field(default_factory=lambda: SealKey.new(f"{LAB}-seal"))
    supervisor: Supervisor = field(init=False)
    spoiled: bool = False  # something did not come: whoever comes next opens another house
    patient: bool = False  # a worker that leaves is started again, as in production
    _entries: dict[str, AuditEntry] = field(default_factory=dict)
    _unreadable: dict[tuple[int, int], AuditEntry] = field(default_factory=dict)
    _requests: dict[str, Request] = field(default_factory=dict)
    _verdicts: dict[str, Verdict] = field(default_factory=dict)

    # ------------------------------------------------------------ opening and closing

    @classmethod
    @contextmanager
    def open(cls, bootstrap: str, home: Path) -> Iterator[Self]:
        """Make a home and topics of its own; everything runs until the block ends."""
        made = Gatehouse.up(bootstrap, home, partitions=PARTITIONS, mask_workers=1)
        house = cls(made.settings, made.people, made.executor, made.executor_seal)
        house._settle_in()
        roles = {"admit": 1, "fold": 1, "audit": 1}
        house.supervisor = Supervisor(home, roles, house.environment(), lambda _: None)
        house.supervisor.add(_ward(home))
        house.supervisor.start()
        try:
            assert house.supervisor.wait_ready(gatehouse.READY_S), house.last_lines()
            yield house
        finally:
            house.supervisor.stop()

    def _settle_in(self) -> None:
        """Add the people, the agent, the resources and the executor class of the stories."""
        for name in PEOPLE.keys() - self.people.keys():
            self.people[name] = SigningKey.new(name)
        people: dict[str, dict[str, Any]] = {
            name: {"groups": list(groups), "keys": [self.people[name].public.text]}
            for name, groups in PEOPLE.items()
        }
        people[SUSPENDED]["status"] = "suspended"
        self.write_directory(
            people=people,
            officers="security-officers",
            agents={
                SIGNING_AGENT: {
                    "owner": gatehouse.OWNER,
                    "keys": [self.agent_key.public.text],
                    "actions": ["db.query", "data.export"],
                },
                gatehouse.AGENT: {"owner": gatehouse.OWNER, "acts_for": [gatehouse.REQUESTER]},
                IDLE_AGENT: {"owner": gatehouse.OWNER, "status": "suspended"},
            },
            executors={
                gatehouse.EXECUTOR: _keys(self.executor, self.executor_seal),
                LAB: _keys(self.lab, self.lab_seal),
            },
            resources=[
                _resource("Database", "clinic", gatehouse.EXECUTOR),
                _resource("Record", "*", gatehouse.EXECUTOR),
                _resource("Database", "lab", LAB),
            ],
        )
        keys = self.settings.keys / "executors"
        self.executor.save(keys / "clinic.key")
        self.executor_seal.save(keys / "clinic.seal")
        self.people["petra"].save(self.settings.keys / "people" / "petra.key")
        shape.apply(self.settings)

    def pids(self) -> dict[str, int]:
        """Return the process of each worker and of the executor; AssertionError if one is gone."""
        pids = {}
        for child in self.supervisor.children:
            process = child.process
            if process is None or process.poll() is not None:
                raise AssertionError(f"{child.name} has left:\n{self.last_lines()}")
            pids[child.name] = process.pid
        return pids

    @property
    def whole(self) -> bool:
        """Whether every process still runs, and nothing was waited for in vain."""
        processes = [child.process for child in self.supervisor.children]
        return not self.spoiled and all(
            each is not None and each.poll() is None for each in processes
        )

    def last_lines(self) -> str:
        """Return the end of every process's log."""
        children = self.supervisor.children
        return "\n".join(f"-- {c.name}\n{self.supervisor.last_lines(c)}" for c in children)

    @cached_property
    def grant_key(self) -> SigningKey:
        """The gate's own key for grants."""
        return SigningKey.load(self.settings.keys / "grant.key")

    # ------------------------------------------------------------ sending

    def send(
        self,
        name: str,
        key: str | bytes | None,
        value: Message | bytes | None,
        *,
        partition: int | None = None,
        headers: Mapping[str, bytes] | None = None,
    ) -> Sent:
        """Write one record, whatever it is."""
        data = codec.encode(value) if isinstance(value, Message) else value
        raw = key.encode() if isinstance(key, str) else key
        full = self.topic(name)
        try:
            place = client.deliver(
                self._producer, full, raw, data, partition=partition, headers=headers
            )
        except BrokerError:
            self.__dict__.pop("_producer")  # a producer that was refused once is of no more use
            raise
        return Sent(full, *place)

    def ask(self, intent: Intent) -> Sent:
        """Publish an intent under its own id."""
        return self.send("intents", intent.intent_id, intent)

    def answer(self, decision: Decision) -> Sent:
        """Publish a decision under its intent's id."""
        return self.send("decisions", decision.intent_id, decision)

    def aggregate(self, **parts: Any) -> Intent:
        """Return an intent that is permitted at once; parts as for `intent`."""
        return self.intent(**{"action": "db.query", "params": AGGREGATE, **parts})

    def export(self, **parts: Any) -> Intent:
        """Return an intent that a privacy officer must review; parts as for `intent`."""
        return self.intent(**{"action": "data.export", "params": IDENTIFIED, **parts})

    def outcome_of(
        self,
        intent_id: str,
        signer: SigningKey | None = None,
        *,
        message: str = "done",
        **changes: Any,
    ) -> Outcome:
        """Return a signed outcome; `changes` are of the statement, before signing."""
        salt = secrets.token_bytes(16)
        whole: dict[str, Any] = {
            "gate": self.directory.gate.id,
            "intent_id": intent_id,
            "grant_id": derived_id("grant", intent_id),
            "status": Status.OK,
            "result_digest": "",
            "message_digest": hashlib.sha256(salt + message.encode()).hexdigest(),
            "finished_at_ms": now_ms(),
        }
        statement = OutcomeStatement(**{**whole, **changes})
        return Outcome(
            intent_id=intent_id,
            envelope=signed(statement, signer or self.executor),
            message=self.seal(message.encode(), intent_id, Purpose.OUTCOME),
            salt=salt,
        )

    def signed(self, intent: Intent) -> Intent:
        """Return an intent with the signature of the agent that has a key."""
        return signed_by(intent, self.directory.gate.id, self.agent_key)

    def under_review(self, partition: int | None = None) -> Request:
        """Ask for an export and return what its reviewers see."""
        intent = self.export(intent_id=new_id(partition))
        self.ask(intent)
        return self.seen(intent.intent_id)

    def granted(self, partition: int | None = None) -> Request:
        """Ask for an export, have it approved and run; return what its reviewer saw."""
        request = self.under_review(partition)
        self.answer(self.decision("petra", request))
        assert Status.OK is self.ended(request.intent_id)
        return request

    # ------------------------------------------------------------ seeing

    def recorded(self, sent: Sent) -> Consequence:
        """Return what the audit says became of an input, once it says so."""
        return self.entry(sent).consequence

    def told(self, sent: Sent) -> tuple[Effected, str]:
        """Return what became of an input in two words: what it did, and why."""
        consequence = self.recorded(sent)
        return consequence.effected, consequence.reason

    def entry(self, sent: Sent) -> AuditEntry:
        """Return the audit's entry on an input, its signature checked, once it is there."""
        found: AuditEntry = self._until(lambda: self._entries.get(sent.event_id))
        check_signature(entry_hash(found), found.signature, self.directory.gate.audit)
        return found

    def unreadable(self, sent: Sent) -> AuditEntry:
        """Return the audit's entry on an unreadable record of `cases`, once it is there."""
        place = (sent.partition, sent.offset)
        found: AuditEntry = self._until(lambda: self._unreadable.get(place))
        return found

    def seen(self, intent_id: str) -> Request:
        """Return what reviewers see of an intent, once they see it."""
        found: Request = self._until(lambda: self._requests.get(intent_id))
        return found

    def final(self, intent_id: str) -> Verdict:
        """Return the gate's final word, once it is there."""
        found: Verdict = self._until(lambda: self._verdicts.get(intent_id))
        return found

    def ended(self, intent_id: str) -> Status:
        """Return what the executor reported, once the verdict tells it."""

        def told() -> Status | None:
            verdict = self._verdicts.get(intent_id)
            return verdict.outcome.status if verdict and verdict.outcome else None

        found: Status = self._until(told)
        return found

    def grants_of(self, cls: str) -> dict[str, Grant]:
        """Return the grants of an executor class, by intent."""
        found = (codec.decode(r.value or b"", Grant) for r in self.records(f"approved.{cls}"))
        return {each.intent_id: each for each in found}

    def wait_records(self, name: str, key: str, count: int) -> list[client.KafkaRecord]:
        """Return a topic's records of one key, once there are so many."""

        def enough() -> list[client.KafkaRecord] | None:
            found = [each for each in self.records(name) if each.key == key.encode()]
            return found if len(found) >= count else None

        found: list[client.KafkaRecord] = self._until(enough)
        return found

    def runs(self) -> list[str]:
        """Return the grant ids that the executor's handlers were called with, in order."""
        file = self.settings.home / ward.RUNS
        return file.read_text().split() if file.exists() else []

    def ledger(self) -> tuple[list[LedgerRow], list[Refused]]:
        """Return the executor's ledger: its grants, and what it refused."""
        return inspect(self.settings.home / "executors" / "clinic.sqlite3")

    def refused_by_executor(self, sent: Sent) -> str:
        """Return the code with which the executor refused a record, once it did."""

        def code() -> str | None:
            place = (sent.topic, sent.partition, sent.offset)
            refusals = self.ledger()[1]
            return next(
                (r.code for r in refusals if (r.topic, r.partition, r.offset) == place), None
            )

        found: str = self._until(code)
        return found

    # ------------------------------------------------------------ nothing else is disturbed

    @contextmanager
    def undisturbed(self) -> Iterator["Beside"]:
        """Have an intent wait for review while the block does its worst on the same partition.

        Afterwards it must get its approval, its grant and its outcome, and another must be admitted
        beside it, all by the same processes; and the audit must verify.
        """
        pids = self.pids()
        request = self.under_review()
        partition = client.partition_of(request.intent_id.encode(), PARTITIONS)
        yield Beside(request, partition)
        approved = self.answer(self.decision("petra", request))
        later = self.ask(self.aggregate(intent_id=new_id(partition)))
        assert Effected.GRANTED is self.recorded(approved).effected
        assert Effected.GRANTED is self.recorded(later).effected
        assert State.GRANTED is self.final(request.intent_id).state
        assert Status.OK is self.ended(request.intent_id)
        assert pids == self.pids()
        assert [None] == self.breaks()

    def breaks(self) -> list[Break | None]:
        """Return the first break of the audit; a note over all that is late is waited for."""
        found: list[Break | None] = self._until(self._breaks)
        return found

    def _breaks(self) -> list[Break | None] | None:
        keys = pins.of_directory(self.directory)
        broken = check(source.evidence(self.settings), keys).broken
        late = broken is not None and broken.kind is Flaw.STALE_CHECKPOINT
        return None if late else [broken]

    def _until(self, look: Callable[[], Any]) -> Any:
        """Read on until something is there; AssertionError when time is over or a worker left."""
        end = time.monotonic() + WAIT_S
        while True:
            found = look()
            if found is not None:
                return found
            if self.patient:
                self.supervisor.tend()
            else:
                self.pids()
            if time.monotonic() > end:
                self.spoiled = True
                raise AssertionError(f"it did not come in {WAIT_S:g} s\n{self.last_lines()}")
            for message in self._reader.consume(500, STEP_S):
                if message.error() is None:
                    self._hear(message)

    @cached_property
    def _reader(self) -> Consumer:
        reader = client.consumer(self.settings, fetch_wait_max_ms=20)
        names = [self.topic(name) for name in ("audit", "requests", "verdicts")]
        reader.assign([TopicPartition(n, p, 0) for n in names for p in range(PARTITIONS)])
        return reader

    def _hear(self, message: Any) -> None:
        kind = message.topic().removeprefix(self.settings.prefix)
        with suppress(WireError):  # a story may put garbage there
            if kind == "audit":
                self._hear_entry(message)
            elif kind == "requests":
                request = codec.decode(message.value() or b"", Request)
                self._requests[request.intent_id] = request
            else:
                verdict = codec.decode(message.value() or b"", Verdict)
                self._verdicts[verdict.intent_id] = verdict

    def _hear_entry(self, message: Any) -> None:
        entry = codec.decode(message.value(), AuditEntry)
        try:
            self._entries[codec.decode(entry.event, CaseEvent).event_id] = entry
        except WireError:
            self._unreadable[entry.shard, entry.index] = entry


@dataclass(frozen=True)
class Beside:
    """The intent that must not be disturbed, and its partition."""

    request: Request
    partition: int

    def new_id(self, agent: str = gatehouse.AGENT) -> str:
        """Return a new id of this agent's on the same partition."""
        return new_id(self.partition, agent)


def new_id(partition: int | None = None, agent: str = gatehouse.AGENT) -> str:
    """Return a new id of this agent's, on a partition if one is named."""
    while True:
        name = gatehouse.new_id(agent)
        if partition in {None, client.partition_of(name.encode(), PARTITIONS)}:
            return name


def _resource(kind: str, name: str, executor: str) -> dict[str, object]:
    return {"type": kind, "id": name, "executor": executor, "attributes": {"env": "prod"}}


def _keys(key: SigningKey, seal: SealKey) -> dict[str, object]:
    return {"keys": [key.public.text], "seal": seal.public.text}


def _ward(home: Path) -> Child:
    folder = home / "workers" / "executor-clinic"
    folder.mkdir(parents=True)
    command = (sys.executable, "-m", "streams", "executor", "run", "tests.scenarios.ward:app")
    return Child("executor-clinic", command, folder / "log", cwd=ROOT)
