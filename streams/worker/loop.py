"""Folding the log in an agent: what `fold` and `audit` have in common.

One event, its effects in this order:

    1. the position is checked: an event that does not follow the last one is never folded
    2. the pulse is checked: a worker that slept past its session does nothing more
    3. `step` (pure) gives the new case and the consequence
    4. the outputs are produced, and awaited until durable
    5. pulse and position are checked again: the partition may have gone to another worker
    6. the row is written, with the position: to the changelog, and from there to RocksDB
    7. the position advances; the event is acknowledged

A crash before the row is durable replays the event and produces the same bytes again. The row never
stands before its outputs, so no replay is ever dropped.
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
from streams.worker.admission.reading import is_intent_id
from streams.worker.faust.app import GateApp
from streams.worker.faust.table import CaseTable
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.positions import Turn
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY, Row, case_of, unpack

SETTLE_TRIES = 30  # a second each


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
        self._began: dict[Place, int] = {}
        self._whole: set[int] = set()
        self.hold: Hold = _go_on
        app.starts = self._starts
        app.letting_go.append(self._whole.clear)
        table.recovered = self._recovered

    def mark(self, partition: int) -> bytes:
        """Return the mark of a partition's last row, empty where there is none."""
        last = self._last.get(partition)
        return last.mark if last else b""

    def shown(self, partition: int, key: bytes, at: int) -> list[Product]:
        """Return what a case says as it stands; nothing where `at` is its newest position."""
        stored = self._table.read(partition, key)
        row = unpack(stored) if stored else None
        if row is None or not row.case or row.applied <= at:
            return []
        return self._effects.republish(codec.decode(row.case, Case))

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
        await self._table.room()
        folded, key = self._fold(record)
        partition = record.place.partition
        last = self._last.get(partition)
        products, mark = self._effects.publish(folded, last.mark if last else None)
        await self._deliver(products)
        self._app.pulse.check()
        if self._app.positions.turn(record.place, record.offset) is not Turn.NEXT:
            return
        case = folded.step.case
        row = Row(
            applied=record.offset,
            deadline_ms=(deadline_ms(case) or 0) if case else 0,
            mark=mark,
            case=codec.encode(case) if case else b"",
        )
        self._table.write(partition, key, row.pack())
        self._last[partition] = row
        self._effects.noted(partition, key, row.deadline_ms)
        self._app.positions.advance(record.place, record.offset)

    def _fold(self, record: Record) -> tuple[Folded, bytes]:
        """Read and fold one record; returns the key under which its row stands."""
        event = _event(record)
        if event is None:
            return Folded(record, None, unreadable(None)), POSITION_KEY
        position = Position(partition=record.place.partition, offset=record.offset)
        made = step(self._case(record), event, position)
        return Folded(record, event, made), record.key if made.case else POSITION_KEY

    def _case(self, record: Record) -> Case | None:
        stored = self._table.read(record.place.partition, record.key)
        data = case_of(stored) if stored else b""
        return codec.decode(data, Case) if data else None

    async def _again(self, record: Record) -> None:
        """Say again what another worker may not have said; not what this one said itself.

        A slow worker is sought back while records still wait: to say all of them again, each
        awaited, would make it slower than they come.
        """
        if record.offset >= self._began.get(record.place, record.offset + 1):
            return
        case = self._case(record) if _event(record) else None
        if case is not None:
            await self._deliver(self._effects.republish(case))

    async def _deliver(self, products: list[Product]) -> None:
        self._app.pulse.check()
        sent = [
            self._app.deliveries.send(p.topic, p.key, p.value, partition=p.partition)
            for p in products
        ]
        if sent:
            await asyncio.gather(*sent)

    async def _recovered(self, partitions: set[int]) -> None:
        """Read where each recovered partition stands, from its rows."""
        found = await asyncio.to_thread(self._scan, partitions)
        self._effects.forget()
        self._whole.clear()
        self._whole.update(partitions)
        self._last = {partition: row for partition, (row, _) in found.items() if row}
        for partition, (_, due) in found.items():
            for key, due_ms in due:
                self._effects.noted(partition, key, due_ms)

    def _scan(self, partitions: set[int]) -> dict[int, tuple[Row | None, list[tuple[bytes, int]]]]:
        found = {}
        for partition in partitions:
            last: Row | None = None
            due = []
            for key, value in self._table.rows(partition):
                row = unpack(value)
                if last is None or row.applied > last.applied:
                    last = row._replace(case=b"")
                if row.deadline_ms:
                    due.append((key, row.deadline_ms))
            found[partition] = (last, due)
        return found

    async def _starts(self, places: set[Place]) -> dict[Place, int]:
        """Return where the recovered ones go on; the others wait for their recovery, on its way.

        Rebalances overlap: folding a partition whose rows were not read would begin anew.
        """
        places = {place for place in places if place.partition in self._whole}
        spans = await self._settled(places) if places else {}
        starts = {}
        for place, (first, end) in spans.items():
            last = self._last.get(place.partition)
            start = starts[place] = last.applied + 1 if last else first
            if not first <= start <= end:
                leave(
                    f"{place.topic}-{place.partition} holds {first} to {end}, but the rows here go "
                    f"on at {start}: events are gone that nobody folded, or that were folded",
                    code=OPERATOR,
                )
        self._began = dict(starts)
        return starts

    async def _settled(self, places: set[Place]) -> dict[Place, tuple[int, int]]:
        """Return the spans; a new leader may not know its end at once, so it is given time."""
        for _ in range(SETTLE_TRIES):
            spans = await self._app.spans(places)
            rows = {place: self._last.get(place.partition) for place in spans}
            if all(row is None or row.applied < spans[place][1] for place, row in rows.items()):
                break
            await asyncio.sleep(1.0)
        return spans


def _event(record: Record) -> CaseEvent | None:
    """Return what a record says, nothing where it is no event of the intent that its key names."""
    try:
        event = codec.decode(record.value, CaseEvent)
    except WireError:
        return None
    named = is_intent_id(event.intent_id) and event.intent_id.encode() == record.key
    return event if named else None
