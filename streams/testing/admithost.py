"""Admitting inputs, as `worker/admit.py` does: several at once, acknowledged in order.

    1 position checked   2 made a `CaseEvent`   3 durable in the log   4 acknowledged in order
    5 position kept (`keep`, whenever the run says so)

Refusals that anybody may have sent stand alone once for each partition and process; the others are
counted, and one event stands for them, as `worker/floods.py` does it.

What admission makes of an input is the scenario's: an input's bytes hold the body that a real admit
would come to. What differs between two runs of a real admit differs here too: the clock's time and
the digest under a freshly drawn data key.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from functools import cache, lru_cache

from streams.events import (
    CaseEvent,
    ControlAdmitted,
    DecisionAdmitted,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
    Source,
)
from streams.testing.broker import Commit, ConsumerGroup, at
from streams.testing.hosts import CASES, INPUTS, Piece, PlayedReader, World
from streams.worker.positions import Positions, Turn
from streams.worker.record import Place, Record

Input = IntentAdmitted | DecisionAdmitted | OutcomeAdmitted | ControlAdmitted | InputRefused


@lru_cache(maxsize=1 << 16)  # every history has the same ones
def source_at(topic: str, partition: int, offset: int) -> Source:
    """Return where an input stands."""
    return Source(topic=topic, partition=partition, offset=offset)


@cache
def inputs_of(partition: int) -> tuple[Place, ...]:
    """Return where a partition's inputs stand."""
    return tuple(at(topic, partition) for topic in INPUTS)


class PlayedSlot:
    """One input in flight, and whether its event is durable."""

    __slots__ = ("done", "offset")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.done = False


class Counted:
    """Refusals that one event will stand for: the first, and each one's slot in its queue."""

    __slots__ = ("first", "slots")

    def __init__(self, first: CaseEvent) -> None:
        self.first = first
        self.slots: list[tuple[PlayedSlot, deque[PlayedSlot]]] = []


class AdmitHost:
    """One admit worker. `kept` holds the positions, in a group of their own."""

    def __init__(self, world: World, kept: ConsumerGroup) -> None:
        self._world = world
        self._kept = kept
        self.reader = PlayedReader(world.broker)
        self.positions = Positions()
        self._waiting: dict[Place, deque[PlayedSlot]] = defaultdict(deque)
        self._done: dict[Place, int] = {}
        self._alone: set[Place] = set()
        self._counted: dict[Place, Counted] = {}

    def hold(self, partitions: Iterable[int]) -> None:
        """Continue where the kept positions say."""
        self._waiting = defaultdict(deque)
        self._done = {}
        starts = {}
        for partition in partitions:
            for place in inputs_of(partition):
                starts[place] = self._kept.commits.get(place, Commit(0)).offset
        self.positions.hold(starts)
        self.reader.cursors = dict(starts)

    def piece(self, partition: int) -> Piece | None:
        """Return the work of one input; the topic that is furthest behind goes first."""
        logs, cursors = self._world.broker.logs, self.reader.cursors
        lags = [(len(logs[p]) - cursors.get(p, 0), p) for p in inputs_of(partition)]
        lag, place = max(lags)
        return self._take(place) if lag > 0 else None

    def deliver(self, count: int) -> None:
        """Say what was counted, unless nothing goes out any more, and keep the positions."""
        if count:
            self.say_counted()
        self.keep()

    def say_counted(self) -> None:
        """Write down the refusals that were counted; only then they are admitted."""
        for place, counted in self._counted.items():
            first, body = counted.first, counted.first.body
            assert isinstance(body, InputRefused)  # noqa: S101 - nothing else is counted
            named = f"refused-{place.topic}-{place.partition}-{first.source.offset}"
            more = {"more": len(counted.slots) - 1}
            said = {
                "intent_id": named,
                "at_ms": self._world.clock.now_ms,
                "body": body.model_copy(update=more),
            }
            event = self._world.form.write(first.model_copy(update=said))
            self._world.send(CASES, named.encode(), event)
            for slot, waiting in counted.slots:
                slot.done = True
                self._finished(place, waiting)
        self._counted = {}

    def keep(self) -> None:
        """Keep the positions of what was acknowledged (5)."""
        for place, offset in self._done.items():
            self._kept.commits[place] = Commit(offset)

    def _take(self, place: Place) -> Piece:
        record = self.reader.fetch(place)
        turn = self.positions.turn(place, record.offset)
        if turn is Turn.GAP:
            self.reader.cursors[place] = self.positions.expected(place) or 0
        if turn is not Turn.NEXT:
            return
        self.positions.advance(place, record.offset)
        slot, waiting = PlayedSlot(record.offset), self._waiting[place]
        waiting.append(slot)
        yield 1
        made = self._event(record)
        if self._is_counted(place, made):
            self._counted.setdefault(place, Counted(made)).slots.append((slot, waiting))
            yield 4
            return
        event = self._world.form.write(made)
        yield 2
        self._world.send(CASES, record.key, event)
        yield 3
        slot.done = True
        self._finished(place, waiting)
        yield 4

    def _is_counted(self, place: Place, event: CaseEvent) -> bool:
        body = event.body
        if not isinstance(body, InputRefused) or body.kind is not Kind.INTENT or body.answerable:
            return False
        alone = place not in self._alone
        self._alone.add(place)
        return not alone

    def _finished(self, place: Place, waiting: deque[PlayedSlot]) -> None:
        if waiting is not self._waiting.get(place):
            return  # of an assignment that is over
        while waiting and waiting[0].done:
            self._done[place] = waiting.popleft().offset + 1

    def _event(self, record: Record) -> CaseEvent:
        topic, partition = record.place
        return CaseEvent(
            event_id=self._world.form.event_id(topic, partition, record.offset),
            intent_id=record.key.decode(),
            at_ms=self._world.clock.now_ms,
            source=source_at(topic, partition, record.offset),
            body=self._body(record),
        )

    def _body(self, record: Record) -> Input:
        body: Input = self._world.inputs.kept(record.value)
        if type(body) is not IntentAdmitted:
            return body
        drawn = f"{body.action_digest}.{self._world.broker.appends}"
        return body.model_copy(update={"action_digest": drawn})
