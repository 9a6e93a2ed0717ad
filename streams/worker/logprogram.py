"""What `fold` and `audit` do, as a program of numbered effects: no Kafka, no event loop, no clock.

`LogProgram.take` is given records in the order in which they came, and folds them one after the
other, each over what those before it left. It asks for its effects in this order; whoever drives it
performs each before it asks for the next one (`loop.py` with Faust, `streams.testing` in memory):

    1. the position is checked: an event that does not follow the last one is never folded
    2. `step` (pure) gives the new case and the consequence
    3. the pulse is checked: a worker that slept past its session does nothing more
    4. the outputs of all are produced, and awaited until durable, once
    5. pulse and position are checked again: the partition may have gone to another worker
    6. the rows are written, each with its position, in the order of the log
    7. the positions advance; the events are acknowledged

A crash before a row is durable replays its event and produces the same bytes again. No row stands
before its outputs, so no replay is ever dropped; rows stand in the order of the log, one for each
event, so the highest position among them says that all before it have theirs.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol

from streams.events import CaseEvent
from streams.gate.case import Case, deadline_ms
from streams.gate.fold import Step, unreadable
from streams.worker.positions import Positions, Turn
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY, Recovered, Row, case_of, unpack
from streams.worker.script import SCRIPT, Script


@dataclass(frozen=True, slots=True)
class Product:
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """One event, read, and what it did."""

    record: Record
    event: CaseEvent | None
    step: Step


@dataclass(frozen=True, slots=True)
class Seek:
    """Seek a partition back to what it expects."""

    number: ClassVar[int] = 1
    place: Place


@dataclass(frozen=True, slots=True)
class Alive:
    """Leave the process if it slept past its session."""

    number: int = 3  # 5 where it is asked again, once the outputs are durable


@dataclass(frozen=True, slots=True)
class Taken:
    """One record was folded; the answer is whether to end the batch here."""

    number: ClassVar[int] = 2
    record: Record


@dataclass(frozen=True, slots=True)
class Settle:
    """Produce these, each topic's in their order, and wait until all are durable."""

    number: ClassVar[int] = 4
    products: list[Product]


@dataclass(frozen=True, slots=True)
class Keep:
    """Write a row."""

    number: ClassVar[int] = 6
    partition: int
    key: bytes
    row: Row


@dataclass(frozen=True, slots=True)
class Advance:
    """Note a position as taken."""

    number: ClassVar[int] = 7
    place: Place
    offset: int


Effect = Seek | Alive | Taken | Settle | Keep | Advance
Work = Generator[Effect, bool | None, int]


class Effects(Protocol):
    """What a host publishes."""

    def publish(self, folded: Folded, mark: bytes | None) -> tuple[list[Product], bytes]:
        """Return the records of one event and the partition's new mark, given the last one."""

    def republish(self, case: Case) -> list[Product]:
        """Return what a replayed event publishes again."""

    def waits(self, mark: bytes | None) -> bool:
        """Return whether the next event says that what came before it is durable."""

    def noted(self, partition: int, key: bytes, due_ms: int) -> None:
        """Take note of a row's deadline, 0 where none is pending."""

    def forget(self) -> None:
        """Forget all rows; recovery tells them again."""


class Rows(Protocol):
    """The table of this process."""

    def read(self, partition: int, key: bytes) -> bytes | None:
        """Return a row as it was written last."""


class Written(NamedTuple):
    """One event's row, to be written."""

    place: Place
    key: bytes
    row: Row


@dataclass
class Overlay:
    """What was folded and is not durable yet; it lies over the table. `ahead` are its positions."""

    ahead: Positions
    marks: dict[int, bytes | None]
    cases: dict[tuple[int, bytes], Case | None] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)


class LogProgram:
    """Folds the log over `rows`; `effects` is what makes it fold or audit."""

    def __init__(
        self, positions: Positions, rows: Rows, effects: Effects, script: Script = SCRIPT
    ) -> None:
        self._positions = positions
        self._rows = rows
        self._effects = effects
        self._script = script
        self._last: dict[int, Row] = {}
        self._began: dict[Place, int] = {}

    def last(self, partition: int) -> Row | None:
        """Return a partition's last row, without its case."""
        return self._last.get(partition)

    def shown(self, partition: int, key: bytes, at: int) -> list[Product]:
        """Return what a case says as it stands; nothing where `at` is its newest position."""
        stored = self._rows.read(partition, key)
        row = unpack(stored) if stored else None
        if row is None or not row.case or row.applied <= at:
            return []
        return self._effects.republish(self._script.case(row.case))

    def recovered(self, found: Mapping[int, Recovered]) -> None:
        """Go on from these rows; nothing of what was before holds any more."""
        self._effects.forget()
        self._last = {partition: each.last for partition, each in found.items() if each.last}
        for partition, each in found.items():
            for key, due_ms in each.due:
                self._effects.noted(partition, key, due_ms)

    def begin(self, starts: Mapping[Place, int]) -> None:
        """Note where this worker begins: what it folds from there on, it says itself."""
        self._began = dict(starts)

    # ------------------------------------------------------------ one batch

    def take(self, records: Sequence[Record]) -> Work:
        """Ask for the effects of the first records; return how many were taken."""
        marks: dict[int, bytes | None] = {each: row.mark for each, row in self._last.items()}
        batch = Overlay(Positions(self._positions.held()), marks)
        taken = yield from self._read(records, batch)
        yield from self._commit(batch)
        return taken

    def _read(self, records: Sequence[Record], batch: Overlay) -> Work:
        """Fold until something says that the batch ends; produce nothing yet."""
        for number, record in enumerate(records):
            turn = batch.ahead.turn(record.place, record.offset)
            if turn is Turn.GAP:
                yield Seek(record.place)
                return number + 1
            if turn is Turn.AGAIN:
                self._again(record, batch)
            elif turn is Turn.NEXT:
                mark = batch.marks.get(record.place.partition)
                if batch.written and self._effects.waits(mark):
                    return number
                self._next(record, batch)
            if (yield Taken(record)):
                return number + 1
        return len(records)

    def _commit(self, batch: Overlay) -> Work:
        yield from self._outputs(batch)
        held = self._held(batch)
        yield from self._keep(held)
        yield from self._advance(held)
        return len(held)

    def _outputs(self, batch: Overlay) -> Work:
        if batch.products:
            yield Alive()
            yield Settle(batch.products)
        yield Alive(5)
        return 0

    def _held(self, batch: Overlay) -> list[Written]:
        """Return what is still this worker's to write."""
        ahead = Positions(self._positions.held())
        held = []
        for each in batch.written:
            if ahead.turn(each.place, each.row.applied) is Turn.NEXT:
                ahead.advance(each.place, each.row.applied)
                held.append(each)
        return held

    def _keep(self, held: Iterable[Written]) -> Work:
        for place, key, row in held:
            yield Keep(place.partition, key, row)
            self._last[place.partition] = row._replace(case=b"")
            self._effects.noted(place.partition, key, row.deadline_ms)
        return 0

    def _advance(self, held: Iterable[Written]) -> Work:
        for place, _, row in held:
            yield Advance(place, row.applied)
        return 0

    def _next(self, record: Record, batch: Overlay) -> None:
        folded, key = self._fold(record, batch)
        partition, case = record.place.partition, folded.step.case
        products, mark = self._effects.publish(folded, batch.marks.get(partition))
        row = Row(
            applied=record.offset,
            deadline_ms=(deadline_ms(case) or 0) if case else 0,
            mark=mark,
            case=self._script.data(case) if case else b"",
        )
        batch.products += products
        batch.written.append(Written(record.place, key, row))
        batch.marks[partition] = mark
        if case:
            batch.cases[partition, key] = case
        batch.ahead.advance(record.place, record.offset)

    def _fold(self, record: Record, batch: Overlay) -> tuple[Folded, bytes]:
        """Read and fold one record; returns the key under which its row stands."""
        event = self._script.event(record)
        if event is None:
            return Folded(record, None, unreadable(None)), POSITION_KEY
        case = self._case(record, batch)
        made = self._script.step(case, event, record.place, record.offset)
        return Folded(record, event, made), record.key if made.case else POSITION_KEY

    def _case(self, record: Record, batch: Overlay) -> Case | None:
        name = (record.place.partition, record.key)
        if name in batch.cases:
            return batch.cases[name]
        stored = self._rows.read(*name)
        data = case_of(stored) if stored else b""
        return self._script.case(data) if data else None

    def _again(self, record: Record, batch: Overlay) -> None:
        """Say again what another worker may not have said; not what this one said itself.

        A slow worker is sought back while records still wait: to say all of them again, each
        awaited, would make it slower than they come.
        """
        if record.offset >= self._began.get(record.place, record.offset + 1):
            return
        case = self._case(record, batch) if self._script.event(record) else None
        if case is not None:
            batch.products += self._effects.republish(case)
