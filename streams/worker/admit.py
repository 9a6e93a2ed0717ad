"""Admit in an agent: many inputs at once, acknowledged in order, each durable before it counts.

One input, its effects in this order:

    1. the position is checked: an input that does not follow the last one is not taken
    2. `admission` makes it a `CaseEvent`; masking runs in another process
    3. the pulse is checked, the event is produced to `cases`, and awaited until durable
    4. the input is acknowledged, after all before it on its partition
    5. the position is kept, in a consumer group of our own that Faust does not touch (rule 23)

A crash between 3 and 5 admits the input again; the first of the two in the log wins.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from streams.events import Kind
from streams.worker.app import GateApp
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.positions import Turn
from streams.worker.record import Place, Record

IN_FLIGHT_MAX = 64
KEEP_S = 0.5

Admit = Callable[[Record, Kind], Awaitable[tuple[str, bytes]]]


class Bookmarks:
    """Positions in Kafka, under a group that only we commit to. `consumer` is a confluent one."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    async def load(self, places: set[Place]) -> dict[Place, int]:
        """Return where each partition continues; its first record where nothing was kept."""
        return await asyncio.to_thread(self._load, places)

    async def keep(self, positions: dict[Place, int]) -> None:
        """Keep the next offset of each partition."""
        await asyncio.to_thread(self._keep, positions)

    def _load(self, places: set[Place]) -> dict[Place, int]:
        from confluent_kafka import TopicPartition  # noqa: PLC0415 - the tuple type it wants

        wanted = [TopicPartition(*place) for place in sorted(places)]
        starts = {}
        for kept in self._consumer.committed(wanted, timeout=30):
            place = Place(kept.topic, kept.partition)
            low, _ = self._consumer.get_watermark_offsets(kept, timeout=30)
            if 0 <= kept.offset < low:
                leave(
                    f"{place.topic}-{place.partition} begins at {low}, but only what stands before "
                    f"{kept.offset} was admitted: retention has taken inputs nobody read",
                    code=OPERATOR,
                )
            starts[place] = kept.offset if kept.offset >= 0 else low
        return starts

    def _keep(self, positions: dict[Place, int]) -> None:
        from confluent_kafka import TopicPartition  # noqa: PLC0415 - the tuple type it wants

        offsets = [TopicPartition(*place, offset) for place, offset in positions.items()]
        self._consumer.commit(offsets=offsets, asynchronous=False)


class AdmitLoop:
    """Hosts admission; `cases` is the log's full name."""

    def __init__(self, app: GateApp, bookmarks: Bookmarks, cases: str, admit: Admit) -> None:
        self._app = app
        self._bookmarks = bookmarks
        self._cases = cases
        self._admit = admit
        self._room = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._waiting: dict[Place, deque[tuple[Any, asyncio.Task[None]]]] = defaultdict(deque)
        self._done: dict[Place, int] = {}
        app.starts = self._starts

    async def run(self, stream: Any, kind: Kind) -> None:
        """Admit every input of the stream."""
        async for event in stream.noack().events():
            try:
                await self._take(event, kind)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - rule 1: anything else would be acknowledged
                leave_on(error)

    async def keep(self) -> None:
        """Keep the positions, for ever."""
        kept: dict[Place, int] = {}
        while True:
            await asyncio.sleep(KEEP_S)
            kept = await self._keep_newer(kept)

    async def drain(self) -> None:
        """Finish what is in flight and keep the positions: the graceful end."""
        tasks = [task for waiting in self._waiting.values() for _, task in waiting]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._keep_newer({})

    async def _keep_newer(self, kept: dict[Place, int]) -> dict[Place, int]:
        done = dict(self._done)
        new = {place: offset for place, offset in done.items() if kept.get(place) != offset}
        if new:
            await self._bookmarks.keep(new)
        return done

    async def _take(self, event: Any, kind: Kind) -> None:
        record = Record.of(event.message)
        turn = self._app.positions.turn(record.place, record.offset)
        if turn is not Turn.NEXT:
            event.ack()
            if turn is Turn.GAP:
                await self._app.seek_back(record.place)
            return
        await self._room.acquire()
        self._app.positions.advance(record.place, record.offset)
        task = asyncio.create_task(self._one(record, kind))
        self._waiting[record.place].append((event, task))
        task.add_done_callback(lambda _: self._finished(record.place))

    async def _one(self, record: Record, kind: Kind) -> None:
        try:
            intent_id, event = await self._admit(record, kind)
            self._app.pulse.check()
            await self._app.deliveries.send(self._cases, intent_id.encode(), event)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - rule 1: nothing may be passed over
            leave_on(error)
        finally:
            self._room.release()

    def _finished(self, place: Place) -> None:
        waiting = self._waiting[place]
        while waiting and waiting[0][1].done():
            event, task = waiting.popleft()
            if task.cancelled():
                continue
            event.ack()
            self._done[place] = event.message.offset + 1

    async def _starts(self, places: set[Place]) -> dict[Place, int]:
        """Continue where the kept positions say; what is in flight is admitted again."""
        self._waiting.clear()
        self._done.clear()
        return await self._bookmarks.load(places)
