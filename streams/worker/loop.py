"""Folding the log in an agent: `LogProgram`, driven with Faust's stream, RocksDB and librdkafka.

The program says which effects, in which order; this file performs them. Faust acknowledges nothing
by itself here (`noack`): what comes is put aside while one batch is made durable, and what stands
aside then is the next batch. So a lone event waits for nobody, and under load one wait pays for
many events. Batches are bounded by records, by bytes, and by how long the event loop may stand
still while they are folded.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Protocol

from streams.worker.faust.app import GateApp
from streams.worker.faust.table import CaseTable
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.logprogram import (
    Advance,
    Alive,
    Effects,
    Keep,
    LogProgram,
    Product,
    Seek,
    Settle,
    Taken,
)
from streams.worker.record import Place, Record
from streams.worker.rows import scan

SETTLE_TRIES = 30  # a second each
RECORDS_MAX = 256  # of a batch, and of what is put aside
BYTES_MAX = 1 << 20
FOLDING_S = 0.05  # so long a batch is folded; then what is folded is made durable


class Holding(Protocol):
    """Says whether an event must not be folded yet."""

    async def hold(self, record: Record) -> None:
        """Wait for as long as it must not be."""

    def free(self, record: Record) -> bool:
        """Return whether it may be folded now."""


class Unheld:
    """Holds nothing."""

    async def hold(self, record: Record) -> None:
        """Wait for nothing."""

    def free(self, record: Record) -> bool:  # noqa: ARG002 - the protocol's
        """Let it pass."""
        return True


class Aside:
    """Events that were read and not folded yet, up to a number and a size."""

    def __init__(self) -> None:
        self._events: deque[tuple[Any, Record]] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()

    async def put(self, event: Any) -> None:
        """Put one aside once there is room."""
        record = Record.of(event.message)
        while len(self._events) >= RECORDS_MAX or self._bytes >= BYTES_MAX:
            await self._wait()
        self._events.append((event, record))
        self._bytes += len(record.value)
        self._changed.set()

    async def waiting(self) -> list[Record]:
        """Return what stands aside, once anything does."""
        while not self._events:
            await self._wait()
        return [record for _, record in self._events]

    def done(self, count: int) -> None:
        """Acknowledge the first ones."""
        for _ in range(count):
            event, record = self._events.popleft()
            self._bytes -= len(record.value)
            event.ack()
        self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class LogLoop:
    """Hosts the fold over `cases` with a table; `effects` is what makes it fold or audit."""

    def __init__(self, app: GateApp, table: CaseTable, effects: Effects) -> None:
        self._app = app
        self._table = table
        self._program = LogProgram(app.positions, table, effects)
        self._whole: set[int] = set()
        self._aside = Aside()
        self.brake: Holding = Unheld()
        self.shown = self._program.shown
        app.starts = self._starts
        app.letting_go.append(self._whole.clear)
        table.recovered = self._recovered

    def mark(self, partition: int) -> bytes:
        """Return the mark of a partition's last row, empty where there is none."""
        last = self._program.last(partition)
        return last.mark if last else b""

    async def run(self, stream: Any) -> None:
        """Fold every event of the stream, one after the other."""
        folding = asyncio.create_task(self._fold())
        try:
            await self._read(stream.noack().events())
        finally:
            folding.cancel()
            with suppress(asyncio.CancelledError):
                await folding

    async def _read(self, events: AsyncIterator[Any]) -> None:
        async for event in events:
            try:
                await self._aside.put(event)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - rule 1: nothing may be passed over
                leave_on(error)

    async def _fold(self) -> None:
        while True:
            try:
                taken = await self.batch(await self._aside.waiting())
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - rule 1: nothing may be passed over
                leave_on(error)
            self._aside.done(taken)

    async def batch(self, records: list[Record]) -> int:
        """Fold the first of these records, and make it durable; return how many."""
        await self.brake.hold(records[0])
        await self._table.room()
        until_s = time.monotonic() + FOLDING_S
        work = self._program.take(records)
        answer: bool | None = None
        following = iter(records)
        next(following)
        while True:
            try:
                effect = work.send(answer)
            except StopIteration as end:
                return int(end.value)
            answer = None
            if isinstance(effect, Taken):
                after = next(following, None)
                held = after is not None and not self.brake.free(after)
                answer = held or time.monotonic() > until_s
            else:
                await self._perform(effect)

    async def _perform(self, effect: Seek | Alive | Settle | Keep | Advance) -> None:
        match effect:
            case Alive():
                self._app.pulse.check()
            case Settle(products):
                await self._settle(products)
            case Keep(partition, key, row):
                self._table.write(partition, key, row.pack())
            case Advance(place, offset):
                self._app.positions.advance(place, offset)
            case Seek(place):
                await self._app.seek_back(place)

    async def _settle(self, products: list[Product]) -> None:
        send = self._app.deliveries.send
        await asyncio.gather(
            *[send(p.topic, p.key, p.value, partition=p.partition) for p in products]
        )

    async def _recovered(self, partitions: set[int]) -> None:
        """Read where each recovered partition stands, from its rows."""
        found = await asyncio.to_thread(
            lambda: {each: scan(self._table.rows(each)) for each in partitions}
        )
        self._whole.clear()
        self._whole.update(partitions)
        self._program.recovered(found)

    async def _starts(self, places: set[Place]) -> dict[Place, int]:
        """Return where the recovered ones go on; the others wait for their recovery, on its way.

        Rebalances overlap: folding a partition whose rows were not read would begin anew.
        """
        places = {place for place in places if place.partition in self._whole}
        spans = await self._settled(places) if places else {}
        starts = {}
        for place, (first, end) in spans.items():
            last = self._program.last(place.partition)
            start = starts[place] = last.applied + 1 if last else first
            if not first <= start <= end:
                leave(
                    f"{place.topic}-{place.partition} holds {first} to {end}, but the rows here go "
                    f"on at {start}: events are gone that nobody folded, or that were folded",
                    code=OPERATOR,
                )
        self._program.begin(starts)
        return starts

    async def _settled(self, places: set[Place]) -> dict[Place, tuple[int, int]]:
        """Return the spans; a new leader may not know its end at once, so it is given time."""
        for _ in range(SETTLE_TRIES):
            spans = await self._app.spans(places)
            rows = {place: self._program.last(place.partition) for place in spans}
            if all(row is None or row.applied < spans[place][1] for place, row in rows.items()):
                break
            await asyncio.sleep(1.0)
        return spans
