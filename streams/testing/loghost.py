"""Folding the log: the product's own program (`worker/logprogram.py`), driven in memory.

A piece of work performs one effect after the other and yields the number of each, so that a run may
stop between any two: the program itself is what dies there, not a copy of it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from streams.errors import WireError
from streams.events import CaseEvent
from streams.gate.case import Case
from streams.gate.fold import Step
from streams.testing.broker import at
from streams.testing.form import Form
from streams.testing.hosts import AUDIT, CASES, Piece, PlayedReader, World
from streams.testing.table import ChangelogQueue, Disk, Table
from streams.worker.foldeffects import FoldEffects, passed
from streams.worker.logprogram import (
    Advance,
    Effect,
    Effects,
    Folded,
    Keep,
    LogProgram,
    Product,
    Seek,
    Settle,
    Taken,
)
from streams.worker.positions import Positions
from streams.worker.record import Place, Record
from streams.worker.rows import scan
from streams.worker.script import Script


class PlayedScript(Script):
    """Writes events and cases down as the run does; ids are the story's, and readable."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def event(self, record: Record) -> CaseEvent | None:
        """Return what a record says, nothing where it is no event of its key's intent."""
        try:
            event = self._form.read(record.value, CaseEvent)
        except WireError:
            return None
        return event if event.intent_id.encode() == record.key else None

    def case(self, data: bytes) -> Case:
        """Read a case."""
        return self._form.read(data, Case)

    def data(self, case: Case) -> bytes:
        """Write a case down."""
        return self._form.write(case)

    def step(self, case: Case | None, event: CaseEvent, place: Place, offset: int) -> Step:
        """Fold."""
        return self._form.step(case, event, place, offset)


class PlayedAuditEffects:
    """One entry for each record; the mark is what it grew to: a tree, or a chain's last hash.

    What an entry is, the run's form says: `Shortcut` signs none.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def publish(self, folded: Folded, mark: bytes | None) -> tuple[list[Product], bytes]:
        """Return the entry, and the new mark."""
        record, told = folded.record, folded.step.consequence
        entry, new = self._world.form.link(mark or b"", record, folded.event, told)
        partition = record.place.partition
        key = b"%05d/%012d" % (partition, record.offset)
        return [Product(AUDIT, key, entry, partition)], new

    def republish(self, _: Case) -> list[Product]:
        """Return nothing: the entry was durable before its row."""
        return []

    def waits(self, _: bytes | None) -> bool:
        """Wait for nothing: no notes are written here."""
        return False

    def noted(self, *_: object) -> None:
        """Ignore deadlines."""

    def forget(self) -> None:
        """Keep nothing."""


class PlayedRows:
    """The tables of one process; the program reads them, and knows no host: no circle is left."""

    def __init__(self, tables: dict[int, Table]) -> None:
        self._tables = tables

    def read(self, partition: int, key: bytes) -> bytes | None:
        """Return a row as it was written last."""
        return self._tables[partition].get(key) if key else None


class LogHost:
    """One fold or audit worker. `disks` are its machine's, and survive it.

    It takes up to `batch_max` records of a partition at once.
    """

    table = Table
    program = LogProgram

    def __init__(
        self, world: World, changelog: str, effects: Effects, disks: dict[int, Disk]
    ) -> None:
        self._world = world
        self._changelog = changelog
        self._effects = effects
        self._disks = disks
        self.outbox = ChangelogQueue(world.broker)
        self.reader = PlayedReader(world.broker)
        self.positions = Positions()
        self.tables: dict[int, Table] = {}
        self.batch_max = 1
        self.shuffle: Callable[[list[Place]], None] | None = None
        rows, script = PlayedRows(self.tables), PlayedScript(world.form)
        self._program = self.program(self.positions, rows, effects, script)

    def hold(self, partitions: Iterable[int]) -> None:
        """Recover each table; continue after the newest of its rows.

        What is queued goes out first: a row that became durable after its table was recovered would
        stand there before its event is folded.
        """
        self.settle_queue()
        self.tables.clear()
        wanted = list(partitions)
        self._program.recovered({each: scan(self._recover(each)) for each in wanted})
        lasts = {each: self._program.last(each) for each in wanted}
        starts = {at(CASES, each): row.applied + 1 if row else 0 for each, row in lasts.items()}
        self._program.begin(starts)
        self.positions.hold(starts)
        self.reader.cursors = dict(starts)

    def _recover(self, partition: int) -> Iterator[tuple[bytes, bytes]]:
        disk = self._disks.setdefault(partition, Disk())
        table = self.table(self._world.broker, at(self._changelog, partition), disk)
        table.recover()
        self.tables[partition] = table
        return table.items()

    def piece(self, partition: int) -> Piece | None:
        """Return the work of the next records of `cases`."""
        place = at(CASES, partition)
        return self._take(place) if self.reader.waiting(place) else None

    def deliver(self, count: int) -> None:
        """Let queued rows become durable."""
        self.outbox.deliver(count)

    def settle_queue(self) -> None:
        """Wait until everything queued is durable."""
        self.outbox.deliver(len(self.outbox))

    def expire(self) -> int:
        """Say in the log which deadlines have passed; return how many. It writes no row."""
        if not isinstance(self._effects, FoldEffects):
            return 0
        now_ms, write = self._world.clock.now_ms, self._world.form.write
        over = self._effects.deadlines.passed(now_ms)
        for key, partition, due_ms in over:
            event = passed(key.decode(), partition, due_ms, now_ms)
            self._world.broker.append(at(CASES, partition), key, write(event))
        return len(over)

    # ------------------------------------------------------------ one batch

    def _take(self, place: Place) -> Piece:
        for effect in self._program.take(self.reader.peek(place, self.batch_max)):
            yield from self._perform(effect)

    def _perform(self, effect: Effect) -> Piece:
        match effect:
            case Seek(place):
                self.reader.cursors[place] = self.positions.expected(place) or 0
            case Taken(record):
                self.reader.took(record)
            case Settle(products):
                yield from self._settle(products)
                return
            case Keep(partition, key, row):
                self.outbox.put(self.tables[partition], key, row.pack())
            case Advance(place, offset):
                self.positions.advance(place, offset)
        yield effect.number

    def _settle(self, products: list[Product]) -> Piece:
        """Let one after the other become durable: each partition's in order, those in any."""
        queues: dict[Place, deque[Product]] = {}
        order = []
        for product in products:
            order.append(self._place(product))
            queues.setdefault(order[-1], deque()).append(product)
        if self.shuffle is not None:
            self.shuffle(order)
        for place in order:
            product = queues[place].popleft()
            self._world.broker.append(place, product.key, product.value)
            yield Settle.number

    def _place(self, product: Product) -> Place:
        if product.partition is None:
            return self._world.place(product.topic, product.key)
        return at(product.topic, product.partition)
