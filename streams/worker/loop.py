"""Folding the log in an agent: what `fold` and `audit` have in common.

One event, its effects in this order:

    1. the position is checked: an event that does not follow the last one is never folded
    2. the pulse is checked: a worker that slept past its session does nothing more
    3. `step` (pure) gives the new case and the consequence
    4. the outputs are produced, and awaited until durable
    5. the row is written, with the position, to RocksDB and the changelog
    6. the position advances; the event is acknowledged

A crash after 4 replays the event and produces the same bytes again. A crash after 5 does not: what
was durable in 4 stays. The row never stands before its outputs, so no replay is ever dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from streams.errors import WireError
from streams.events import CaseEvent, Position
from streams.gate.case import Case, deadline_ms
from streams.gate.fold import Step, step, unreadable
from streams.wire import codec
from streams.worker.app import GateApp
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.positions import Turn
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY, Row, unpack
from streams.worker.table import CaseTable


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
    before: Case | None
    step: Step


class Effects(Protocol):
    """What a host publishes."""

    def publish(self, folded: Folded, mark: bytes | None) -> tuple[list[Product], bytes]:
        """Return the records of one event and the partition's new mark, given the last one."""

    def republish(self, case: Case) -> list[Product]:
        """Return what a replayed event publishes again."""

    def noted(self, partition: int, key: bytes, due_ms: int) -> None:
        """Take note of a row's deadline, 0 where none is pending."""

    def forget(self) -> None:
        """Forget all rows; recovery tells them again."""


Hold = Callable[[Record], Awaitable[None]]
"""Waits before an event is taken, for as long as it must not be."""


async def _go_on(_: Record) -> None:
    """Wait for nothing."""


class LogLoop:
    """Hosts the fold over `cases` with a table; `effects` is what makes it fold or audit."""

    def __init__(self, app: GateApp, table: CaseTable, effects: Effects) -> None:
        self._app = app
        self._table = table
        self._effects = effects
        self._last: dict[int, Row] = {}
        self.hold: Hold = _go_on
        app.starts = self._starts
        table.recovered = self._recovered

    def mark(self, partition: int) -> bytes:
        """Return the mark of a partition's last row, empty where there is none."""
        last = self._last.get(partition)
        return last.mark if last else b""

    async def run(self, stream: object) -> None:
        """Fold every event of the stream, one after the other."""
        async for event in stream.events():  # type: ignore[attr-defined]
            try:
                await self._take(Record.of(event.message))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - rule 1: anything else would be acknowledged
                leave_on(error)

    async def _take(self, record: Record) -> None:
        await self.hold(record)
        turn = self._app.positions.turn(record.place, record.offset)
        if turn is Turn.GAP:
            await self._app.seek_back(record.place)
        elif turn is Turn.AGAIN:
            await self._again(record)
        elif turn is Turn.NEXT:
            await self._next(record)

    async def _next(self, record: Record) -> None:
        self._app.pulse.check()
        folded, key = self._fold(record)
        last = self._last.get(record.place.partition)
        products, mark = self._effects.publish(folded, last.mark if last else None)
        await self._deliver(products)
        self._app.pulse.check()
        case = folded.step.case
        row = Row(
            applied=record.offset,
            deadline_ms=(deadline_ms(case) or 0) if case else 0,
            mark=mark,
            case=codec.encode(case) if case else b"",
        )
        self._table[key] = row.pack()
        self._last[record.place.partition] = row
        self._effects.noted(record.place.partition, key, row.deadline_ms)
        self._app.positions.advance(record.place, record.offset)

    def _fold(self, record: Record) -> tuple[Folded, bytes]:
        """Read and fold one record; returns the key under which its row stands."""
        before = self._case(record.key)
        try:
            event = codec.decode(record.value, CaseEvent)
        except WireError:
            event = None
        if event is None or event.intent_id.encode() != record.key:
            return Folded(record, None, None, unreadable(None)), POSITION_KEY
        position = Position(partition=record.place.partition, offset=record.offset)
        made = step(before, event, position)
        return Folded(record, event, before, made), record.key if made.case else POSITION_KEY

    def _case(self, key: bytes) -> Case | None:
        stored = self._table.get(key) if key else None
        if stored is None:
            return None
        data = unpack(stored).case
        return codec.decode(data, Case) if data else None

    async def _again(self, record: Record) -> None:
        case = self._case(record.key)
        if case is not None:
            await self._deliver(self._effects.republish(case))

    async def _deliver(self, products: list[Product]) -> None:
        sent = [
            self._app.deliveries.send(p.topic, p.key, p.value, partition=p.partition)
            for p in products
        ]
        if sent:
            await asyncio.gather(*sent)

    def _recovered(self, partitions: set[int]) -> None:
        """Read where each recovered partition stands, from its rows."""
        self._last.clear()
        self._effects.forget()
        for partition in partitions:
            for key, value in self._table.rows(partition):
                row = unpack(value)
                last = self._last.get(partition)
                if last is None or row.applied > last.applied:
                    self._last[partition] = row
                if row.deadline_ms:
                    self._effects.noted(partition, key, row.deadline_ms)

    async def _starts(self, places: set[Place]) -> dict[Place, int]:
        from faust.types import TP  # noqa: PLC0415 - the tuple type its consumer wants

        earliest = await self._app.consumer.earliest_offsets(*(TP(*place) for place in places))
        starts = {}
        for place in places:
            first = earliest.get(TP(*place)) or 0
            last = self._last.get(place.partition)
            starts[place] = last.applied + 1 if last else first
            if starts[place] < first:
                leave(
                    f"{place.topic}-{place.partition} begins at {first}, but only events before "
                    f"{starts[place]} are folded: retention has taken events nobody folded",
                    code=OPERATOR,
                )
        return starts
