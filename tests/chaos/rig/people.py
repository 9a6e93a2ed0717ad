"""Approvers at work: they read `requests` as they come and answer by the intent's own number."""

import secrets
import time
from contextlib import closing
from threading import Event, Thread
from typing import TYPE_CHECKING

from streams import clock
from streams.approver import Approver
from streams.directory import Directory
from streams.errors import BrokerError, PhigateError, RefusedError
from streams.events import Answer, Decision, Request, State
from streams.settings import Settings
from streams.signing import SigningKey
from streams.wire import client, codec, topics
from tests.chaos.rig.history import Journal
from tests.chaos.rig.site import PEOPLE

if TYPE_CHECKING:
    from confluent_kafka import Producer

READERS = tuple(name for name, groups in PEOPLE.items() if groups)
NEVER, DENIED, RACED, SELF = 15, 30, 40, 50  # of a hundred: who answers nothing, no, both, herself
RETRY_S = 1.0


class Quick(Approver):
    """An approver with one producer that stays."""

    def attach(self, settings: Settings) -> None:
        """Connect."""
        self._quick = settings
        self._producer: Producer | None = None

    def place(self, decision: Decision) -> tuple[int, int]:
        """Send until acknowledged; return where it stands. Raises BrokerError at last."""
        for tries_left in reversed(range(60)):
            try:
                self._producer = self._producer or client.producer(self._quick)
                return client.deliver(
                    self._producer,
                    topics.name(self._quick, "decisions"),
                    decision.intent_id.encode(),
                    codec.encode(decision),
                )
            except BrokerError:
                self._producer = None
                if not tries_left:
                    raise
                time.sleep(RETRY_S)
        raise AssertionError

    def send(self, decision: Decision) -> Decision:  # type: ignore[override]
        """Give the decision back unsent: `place` sends it."""
        return decision


class People:
    """All approvers in one thread; `journal` says what the broker acknowledged."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self._settings = settings
        self._journal = journal
        self._over = Event()
        directory = Directory.load(settings.directory)
        self._people = {}
        for name in READERS:
            key = SigningKey.load(settings.keys / "people" / f"{name}.key")
            self._people[name] = Quick(settings, directory, key)
            self._people[name].attach(settings)
        self._answered: set[tuple[str, str, Answer]] = set()
        self.acked = 0
        self._thread = Thread(target=self._work, name="people", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        topic = topics.name(self._settings, "requests")
        with closing(client.consumer(self._settings, f"people-{secrets.token_hex(4)}")) as reader:
            reader.subscribe([topic])
            while not self._over.is_set():
                message = reader.poll(0.2)
                if message is not None and message.error() is None:
                    self._read(message.value() or b"")

    def _read(self, value: bytes) -> None:
        request = codec.decode(value, Request)
        if request.state is not State.PENDING:
            return
        number = int(request.intent_id[:6], 16) % 100
        if number < NEVER:
            return
        groups = {route.group for route in request.routes}
        for name, person in self._people.items():
            if name == "rita" and not DENIED <= number < SELF:
                continue  # all is done on her behalf; sometimes she tries
            if not groups & person.groups:
                continue
            no = number < DENIED or (number < RACED and name == "paul")
            self._answer(name, person, request, Answer.DENY if no else Answer.APPROVE)

    def _answer(self, name: str, person: Quick, request: Request, answer: Answer) -> None:
        if (request.intent_id, name, answer) in self._answered:
            return
        self._answered.add((request.intent_id, name, answer))
        code = "approved" if answer is Answer.APPROVE else "not_necessary"
        try:
            decision = person.decide(request, answer, code, "Looked at it", now_ms=clock.now_ms())
            assert isinstance(decision, Decision)
            partition, offset = person.place(decision)
        except RefusedError:
            return
        except PhigateError:
            return  # never acknowledged
        self._journal.write(
            id=request.intent_id,
            person=name,
            answer=answer,
            partition=partition,
            offset=offset,
        )
        self.acked += 1
