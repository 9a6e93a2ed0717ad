"""Folding the log, as `worker/loop.py` does: the same effects in the same order, by number.

    1 position checked   2 pulse checked   3 folded   4 each output durable
    5 position checked again   6 row written   7 position advanced

Positions, rows and the fold itself are the product's own; the host around them is this file.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from streams.errors import WireError
from streams.events import CaseEvent, DeadlinePassed, Effected, Source, derived_id
from streams.gate.case import Case, deadline_ms
from streams.gate.fold import Step, unreadable
from streams.testing.broker import at
from streams.testing.hosts import AUDIT, CASES, Piece, PlayedReader, World
from streams.testing.table import ChangelogQueue, Disk, Table
from streams.worker.positions import Positions, Turn
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY, Row, case_of, unpack

RETRY_MS = 5_000  # as worker/fold.py: a deadline event that was lost is said again


class PlayedFolded(NamedTuple):
    """One record, read, and what it did; `key` is the row's."""

    record: Record
    event: CaseEvent | None
    step: Step
    key: bytes


class PlayedProduct(NamedTuple):
    """One record to publish."""

    place: Place
    key: bytes
    value: bytes


class PlayedEffects(Protocol):
    """What makes the host a fold or an audit."""

    keeps_time: bool

    def publish(self, folded: PlayedFolded, mark: bytes) -> tuple[list[PlayedProduct], bytes]:
        """Return what one event publishes, and the new mark."""

    def republish(self, key: bytes, case: Case) -> list[PlayedProduct]:
        """Return what a replayed event publishes again."""


class PlayedFoldEffects:
    """Requests, grants, verdicts; and the deadlines of what is pending."""

    keeps_time = True

    def __init__(self, world: World) -> None:
        self._world = world

    def publish(self, folded: PlayedFolded, _: bytes) -> tuple[list[PlayedProduct], bytes]:
        """Return the case's projections; none where nothing moved."""
        case, effected = folded.step.case, folded.step.consequence.effected
        if case is None or effected is Effected.REFUSED:
            return [], b""
        products = self.republish(folded.record.key, case)
        if effected is Effected.REPORTED:
            products = [p for p in products if not p.place.topic.startswith("approved.")]
        return products, b""

    def republish(self, key: bytes, case: Case) -> list[PlayedProduct]:
        """Return the projections of the case as it stands."""
        place, shown = self._world.broker.place, self._world.form.shown(case)
        return [PlayedProduct(place(topic, key), key, value) for topic, value in shown]


class PlayedAuditEffects:
    """One entry for each record; the mark is what it grew to: a tree, or a chain's last hash."""

    keeps_time = False

    def __init__(self, world: World) -> None:
        self._world = world

    def publish(self, folded: PlayedFolded, mark: bytes) -> tuple[list[PlayedProduct], bytes]:
        """Return the entry, and the new mark."""
        record = folded.record
        told = folded.step.consequence
        entry, new = self._world.form.link(mark, record, folded.event, told)
        partition = record.place.partition
        key = b"%05d/%012d" % (partition, record.offset)
        return [PlayedProduct(at(AUDIT, partition), key, entry)], new

    def republish(self, _: bytes, __: Case) -> list[PlayedProduct]:
        """Return nothing: the entry was durable before its row."""
        return []


class LogHost:
    """One fold or audit worker. `disks` are its machine's, and survive it."""

    table = Table

    def __init__(
        self, world: World, changelog: str, effects: PlayedEffects, disks: dict[int, Disk]
    ) -> None:
        self._world = world
        self._form = world.form
        self._changelog = changelog
        self._effects = effects
        self._disks = disks
        self.outbox = ChangelogQueue(world.broker)
        self.reader = PlayedReader(world.broker)
        self.positions = Positions()
        self.tables: dict[int, Table] = {}
        self.shuffle: Callable[[list[PlayedProduct]], None] | None = None
        self._last: dict[int, Row] = {}
        self._due: dict[bytes, int] = {}
        self._heap: list[tuple[int, bytes]] = []

    def hold(self, partitions: Iterable[int]) -> None:
        """Recover each table; continue after the newest of its rows.

        What is queued goes out first: a row that became durable after its table was recovered would
        stand there before its event is folded.
        """
        self.settle_queue()
        self.tables.clear()
        self._last.clear()
        self._due.clear()
        starts = {}
        for partition in partitions:
            starts[at(CASES, partition)] = self._recover(partition)
        self.positions.hold(starts)
        self.reader.cursors = dict(starts)

    def _recover(self, partition: int) -> int:
        disk = self._disks.setdefault(partition, Disk())
        place = at(self._changelog, partition)
        table = self.table(self._world.broker, place, disk)
        table.recover()
        self.tables[partition] = table
        for key, value in table.items():
            row = unpack(value)
            last = self._last.get(partition)
            if last is None or row.applied > last.applied:
                self._last[partition] = row
            if self._effects.keeps_time:
                self._note(key, row.deadline_ms)
        return self._last[partition].applied + 1 if partition in self._last else 0

    def piece(self, partition: int) -> Piece | None:
        """Return the work of the next record of `cases`."""
        place = at(CASES, partition)
        return self._take(place) if self.reader.waiting(place) else None

    def deliver(self, count: int) -> None:
        """Let queued rows become durable."""
        self.outbox.deliver(count)

    def settle_queue(self) -> None:
        """Wait until everything queued is durable."""
        self.outbox.deliver(len(self.outbox))

    # ------------------------------------------------------------ one record

    def _take(self, place: Place) -> Piece:
        record = self.reader.fetch(place)
        turn = self.positions.turn(place, record.offset)
        if turn is Turn.NEXT:
            return self._next(record)
        if turn is Turn.AGAIN:
            return self._again(record)
        if turn is Turn.GAP:
            self.reader.cursors[place] = self.positions.expected(place) or 0
        return iter((1,))

    def _next(self, record: Record) -> Iterator[int]:
        partition = record.place.partition
        yield 1
        yield 2
        folded = self._fold(record)
        last = self._last.get(partition)
        products, mark = self._effects.publish(folded, last.mark if last else b"")
        if self.shuffle is not None:
            self.shuffle(products)
        yield 3
        for product in products:
            self._world.broker.append(*product)
            yield 4
        if self.positions.turn(record.place, record.offset) is not Turn.NEXT:
            return  # the partition was let go while the outputs were on their way
        yield 5
        self._keep(folded, mark)
        yield 6
        self.positions.advance(record.place, record.offset)
        yield 7

    def _again(self, record: Record) -> Iterator[int]:
        yield 1
        case = self._case(record)
        if case is not None:
            for product in self._effects.republish(record.key, case):
                self._world.broker.append(*product)
                yield 4

    def _fold(self, record: Record) -> PlayedFolded:
        event = self._read(record)
        if event is None:
            return PlayedFolded(record, None, unreadable(None), POSITION_KEY)
        made = self._form.step(self._case(record), event, record.place, record.offset)
        return PlayedFolded(record, event, made, record.key if made.case else POSITION_KEY)

    def _read(self, record: Record) -> CaseEvent | None:
        try:
            event = self._form.read(record.value, CaseEvent)
        except WireError:
            return None
        return event if event.intent_id.encode() == record.key else None

    def _case(self, record: Record) -> Case | None:
        stored = self.tables[record.place.partition].get(record.key) if record.key else None
        data = case_of(stored) if stored else b""
        return self._form.read(data, Case) if data else None

    def _keep(self, folded: PlayedFolded, mark: bytes) -> None:
        case, partition = folded.step.case, folded.record.place.partition
        row = Row(
            applied=folded.record.offset,
            deadline_ms=(deadline_ms(case) or 0) if case else 0,
            mark=mark,
            case=self._form.write(case) if case else b"",
        )
        self.outbox.put(self.tables[partition], folded.key, row.pack())
        self._last[partition] = row
        if self._effects.keeps_time:
            self._note(folded.key, row.deadline_ms)

    # ------------------------------------------------------------ deadlines

    def _note(self, key: bytes, due_ms: int) -> None:
        if due_ms:
            self._due[key] = due_ms
            heapq.heappush(self._heap, (due_ms, key))
        else:
            self._due.pop(key, None)

    def expire(self) -> int:
        """Say in the log which deadlines have passed; return how many. It writes no row."""
        said, now_ms = 0, self._world.clock.now_ms
        while self._heap and self._heap[0][0] <= now_ms:
            at_ms, key = heapq.heappop(self._heap)
            due_ms = self._due.get(key, 0)
            if due_ms and due_ms <= at_ms:
                heapq.heappush(self._heap, (now_ms + RETRY_MS, key))
                self._world.send(CASES, key, self._form.write(self._passed(key, due_ms)))
                said += 1
        return said

    def _passed(self, key: bytes, due_ms: int) -> CaseEvent:
        intent_id = key.decode()
        return CaseEvent(
            event_id=derived_id("deadline", intent_id, str(due_ms)),
            intent_id=intent_id,
            at_ms=self._world.clock.now_ms,
            source=Source(
                topic="clock", partition=self._world.broker.partition_of(key), offset=due_ms
            ),
            body=DeadlinePassed(deadline_ms=due_ms),
        )
