"""A whole gate in one process, without Kafka: the real admission, fold, projections and keys.

Masking is told what to find, so that a test says in one line what the masker saw.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streams.agent.draft import signed
from streams.clock import now_ms
from streams.control.board import Board
from streams.directory import Directory
from streams.events import (
    CaseEvent,
    Consequence,
    Decision,
    Grant,
    Intent,
    Kind,
    Message,
    Position,
    Request,
    Verdict,
)
from streams.gate.fold import step
from streams.gate.projections import project
from streams.masking import Finding, Masked
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.signing import Signer
from streams.wire import codec
from streams.worker.admission.admission import admit
from streams.worker.admission.context import Context
from streams.worker.budget import Budgets
from streams.worker.keys import AdmitKeys, FoldKeys
from streams.worker.lanes import Lanes
from streams.worker.record import Place, Record
from tests.gatehouse import Gatehouse

if TYPE_CHECKING:
    from streams.gate.case import Case

TOPICS = {Kind.INTENT: "intents", Kind.DECISION: "decisions", Kind.OUTCOME: "outcomes"}


class Gate:
    """One gate; `phi` is whether masking finds a person in whatever comes."""

    def __init__(self, home: Path, *, phi: bool = False, **directory: Any) -> None:
        self.house = Gatehouse.without_broker(home)
        self.phi = phi
        self.write(**directory)
        self.keys = FoldKeys.load(self.house.settings.keys)
        self.cases: dict[str, Case] = {}
        self.log: list[tuple[CaseEvent, Consequence]] = []
        self.shown: dict[tuple[str, str], Any] = {}
        self._offsets: dict[str, int] = defaultdict(int)

    def write(self, **directory: Any) -> None:
        """Write the directory anew, and read it as a worker does."""
        self.house.write_directory(**directory)
        house = self.house
        self.context = Context(
            house.settings,
            Directory.load(house.settings.directory),
            PolicySet.load(*read_policies(house.settings.policies)),
            AdmitKeys.load(house.settings),
            "mask-1",
            now_ms,
            Board(),
        )

    def set(self, **settings: Any) -> None:
        """Change settings of the worker."""
        changed = self.context.settings.model_copy(update=settings)
        self.context = replace(self.context, settings=changed)

    def limit(self, clock: Callable[[], float], places: int = 1) -> None:
        """Hold agents to their budgets and turns, by this clock (seconds)."""
        lanes = Lanes(places, clock)
        budgets = Budgets(self.context.settings, lanes, clock)
        self.context = replace(self.context, lanes=lanes, budgets=budgets)

    @staticmethod
    def decoded(data: bytes) -> CaseEvent:
        """Return an event of the log."""
        return codec.decode(data, CaseEvent)

    async def mask(self, document: object, _: object = None) -> Masked:
        """Find what was said that it finds."""
        return Masked(document, (Finding("PERSON", 1, (), "test", 1.0),) if self.phi else ())

    def feed(self, kind: Kind, key: str | bytes, value: Message | bytes) -> Consequence:
        """Admit one record and fold what it becomes."""
        data = value if isinstance(value, bytes) else codec.encode(value)
        named = key.encode() if isinstance(key, str) else key
        topic = TOPICS[kind]
        record = Record(Place(topic, 0), self._offset(topic), named, data)
        _, event = asyncio.run(admit(record, kind, self.context, self.mask))
        return self.fold(codec.decode(event, CaseEvent))

    def fold(self, event: CaseEvent) -> Consequence:
        """Fold one event, and keep what the case shows."""
        position = Position(partition=0, offset=self._offset("cases"))
        made = step(self.cases.get(event.intent_id), event, position)
        self.log.append((event, made.consequence))
        if made.case is not None:
            self.cases[event.intent_id] = made.case
            for output in project(made.case, self.keys):
                topic = output.topic.partition(".")[0]
                self.shown[topic, event.intent_id] = output.message
        return made.consequence

    # ------------------------------------------------------------ what people and agents do

    def ask(self, intent: Intent) -> Consequence:
        """Send an intent."""
        return self.feed(Kind.INTENT, intent.intent_id, intent)

    def propose(self, *said: Any, **parts: Any) -> tuple[str, Consequence]:
        """Send an intent, parts as for `Gatehouse.intent`; return its id and what came of it."""
        made = self.house.intent(*said, **parts)
        return made.intent_id, self.ask(made)

    def signed(
        self, intent: Intent, signer: Signer | None = None, person: Signer | None = None
    ) -> Intent:
        """Return an intent as its agent, or the person it is for, signs it for this gate."""
        return signed(intent, self.house.directory.gate.id, signer, person)

    def decide(self, person: str, intent_id: str, **parts: Any) -> Consequence:
        """Let a person answer what the request shows."""
        made: Decision = self.house.decision(person, self.request(intent_id), **parts)
        return self.feed(Kind.DECISION, intent_id, made)

    # ------------------------------------------------------------ what can be seen

    def request(self, intent_id: str) -> Request:
        """Return the request."""
        found: Request = self.shown["requests", intent_id]
        return found

    def verdict(self, intent_id: str) -> Verdict | None:
        """Return the verdict, if there is one."""
        return self.shown.get(("verdicts", intent_id))

    def grant(self, intent_id: str) -> Grant | None:
        """Return the grant, if there is one."""
        return self.shown.get(("approved", intent_id))

    @property
    def last(self) -> CaseEvent:
        """The newest event of the log."""
        return self.log[-1][0]

    def _offset(self, topic: str) -> int:
        self._offsets[topic] += 1
        return self._offsets[topic] - 1
