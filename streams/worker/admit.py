"""Admit in an agent: many inputs at once, acknowledged in order, each durable before it counts.

One input, its effects in this order:

    1. the position is checked: an input that does not follow the last one is not taken
    2. `admission` makes it a `CaseEvent`; masking runs in another process
    3. the pulse is checked, the event is produced to `cases`, and awaited until durable
    4. the input is acknowledged, after all before it on its partition; where it is a refusal that
       is only counted (`floods`), once the event that stands for all of them is durable
    5. the position is kept, in a consumer group of our own that Faust does not touch (rule 23)

A crash between 3 and 5 admits the input again; the first of the two in the log wins.

Where the keys that step 2 needs are away (`ProviderError`), the input waits, and those behind it on
its partition with it, until they are back: a passing outage refuses and loses nothing.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from typing import Any

from confluent_kafka import KafkaException, TopicPartition

from streams.clock import now_ms
from streams.errors import ProviderError
from streams.events import Kind
from streams.settings import Settings
from streams.wire import client, codec
from streams.wire.faults import PARTITION_EOF, patiently
from streams.worker.admission.admission import Admitted
from streams.worker.faust.app import GateApp
from streams.worker.floods import Floods, Window
from streams.worker.inflight import Room, Slot
from streams.worker.leave import OPERATOR, leave, leave_on
from streams.worker.positions import Turn
from streams.worker.record import Place, Record

KEEP_S = 0.5
SETTLE_TRIES = 30  # a second each
ASK_S, PATIENCE_S = 10.0, 30.0  # one question; while a broker's partitions move
AWAY_S = 2.0  # between two tries where the keys are away

log = logging.getLogger("phigate")

Admit = Callable[[Record, Kind], Awaitable[Admitted]]


class Bookmarks:
    """Positions in Kafka, under a group that only we commit to. `consumer` is a confluent one."""

    def __init__(self, consumer: Any, group: str) -> None:
        self._consumer = consumer
        self._group = group

    async def load(self, places: set[Place]) -> dict[Place, int]:
        """Return where each partition continues; its first record where nothing was kept."""
        return await asyncio.to_thread(self._load, places)

    async def keep(self, positions: dict[Place, int]) -> bool:
        """Keep the next offset of each partition; tell whether they were kept.

        Where they were not, the broker is away for a while, and the inputs since are admitted again
        at worst.
        """
        try:
            await asyncio.to_thread(self._keep, positions)
        except KafkaException as error:
            log.warning("positions are not kept: %s", error.args[0].name())
            return False
        return True

    def _load(self, places: set[Place]) -> dict[Place, int]:
        wanted = [TopicPartition(*place) for place in sorted(places)]
        starts = {}
        for kept in self._patiently(lambda: self._consumer.committed(wanted, timeout=ASK_S)):
            place = Place(kept.topic, kept.partition)
            low, high = self._patiently(partial(self._span, kept))
            if kept.offset >= 0 and not low <= kept.offset <= high:
                leave(
                    f"{place.topic}-{place.partition} holds {low} to {high}, but {kept.offset} is "
                    "the next to admit: retention has taken inputs nobody read, or the topic was "
                    f"made anew. To go on without them, reset the consumer group {self._group}",
                    code=OPERATOR,
                )
            starts[place] = kept.offset if kept.offset >= 0 else low
        return starts

    def _span(self, kept: TopicPartition) -> tuple[int, int]:
        """Return the first and next offset; a new leader may not know its end at once."""
        for _ in range(SETTLE_TRIES):
            low, high = self._consumer.get_watermark_offsets(kept, timeout=ASK_S)
            if kept.offset <= high:
                break
            time.sleep(1.0)
        return low, high

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        return patiently(ask, PATIENCE_S, "where the inputs continue cannot be read")

    def _keep(self, positions: dict[Place, int]) -> None:
        offsets = [TopicPartition(*place, offset) for place, offset in positions.items()]
        self._consumer.commit(offsets=offsets, asynchronous=False)


class Holes:
    """Tells a hole from a gap, by a reader of its own: where the first record really stands."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def first_record(self, place: Place, expected: int) -> int:
        """Return the offset of the first record at or after `expected`, or the partition's end.

        Where the broker does not say so in time, nothing is a hole: `expected` itself.
        """
        return await asyncio.to_thread(self._first, place, expected)

    def _first(self, place: Place, expected: int) -> int:
        with closing(client.consumer(self._settings, enable_partition_eof=True)) as reader:
            reader.assign([TopicPartition(*place, expected)])
            message = reader.poll(ASK_S)
        if message is None:
            return expected
        error = message.error()
        if error is None or error.code() == PARTITION_EOF:
            return max(expected, int(message.offset()))
        return expected


class AdmitLoop:
    """Hosts admission; `cases` is the log's full name."""

    def __init__(
        self, app: GateApp, bookmarks: Bookmarks, cases: str, admit: Admit, floods: Floods
    ) -> None:
        self._app = app
        self._bookmarks = bookmarks
        self._cases = cases
        self._admit = admit
        self._floods = floods
        self._rooms = {kind: Room.of(kind) for kind in Kind}
        self._waiting: dict[Place, deque[Slot]] = defaultdict(deque)
        self._done: dict[Place, int] = {}
        self._away = ""
        self._ending = False
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
            await self._say_counted(everything=self._app.rebalancing)  # it waits for them
            kept = await self._keep_newer(kept)

    async def drain(self) -> None:
        """Finish what is in flight and keep the positions: the graceful end.

        What waits for keys is given up within `AWAY_S`: it is admitted after the next start.
        """
        self._ending = True
        tasks = [s.task for queue in self._waiting.values() for s in queue if s.task]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._say_counted(everything=True)
        await self._keep_newer({})

    async def _keep_newer(self, kept: dict[Place, int]) -> dict[Place, int]:
        done = dict(self._done)
        new = {place: offset for place, offset in done.items() if kept.get(place) != offset}
        return done if not new or await self._bookmarks.keep(new) else kept

    async def _take(self, event: Any, kind: Kind) -> None:
        record = Record.of(event.message)
        room = self._rooms[kind]
        await room.enter(len(record.value))
        turn = self._app.positions.turn(record.place, record.offset)  # it may have changed in wait
        if turn is not Turn.NEXT:
            room.leave(len(record.value))
            event.ack()
            if turn is Turn.GAP:
                await self._app.seek_back(record.place)
            return
        self._app.positions.advance(record.place, record.offset)
        task = asyncio.create_task(self._one(record, kind))
        slot = Slot(event, task)
        self._waiting[record.place].append(slot)
        task.add_done_callback(lambda _: self._taken(slot, record.place))

    async def _one(self, record: Record, kind: Kind) -> Window | None:
        """Admit one input; return with what others it is counted, where it does not stand alone."""
        try:
            made = await self._patiently_admit(record, kind)
            self._app.pulse.check()
            counted = self._floods.take(record.place, made)
            if counted is None:
                await self._app.deliveries.send(self._cases, made.intent_id.encode(), made.data)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - rule 1: nothing may be passed over
            leave_on(error)
        else:
            return counted
        finally:
            self._rooms[kind].leave(len(record.value))
        return None

    async def _say_counted(self, *, everything: bool = False) -> None:
        """Write down those that were counted together, and then acknowledge them."""
        for place, window in self._floods.over(everything=everything):
            event = window.event(now_ms())
            self._app.pulse.check()
            await self._app.deliveries.send(
                self._cases, event.intent_id.encode(), codec.encode(event)
            )
            window.done.set_result(None)
            self._finished(place)

    async def _patiently_admit(self, record: Record, kind: Kind) -> Admitted:
        """Admit one input, again and again while the keys are away."""
        waited = False
        while True:
            try:
                made = await self._admit(record, kind)
            except ProviderError as error:
                self._say(f"{error}; {error.hint}")
                waited = True
            else:
                if waited:  # what needs no key says nothing about them
                    self._say("")
                return made
            if self._ending:
                raise asyncio.CancelledError
            await asyncio.sleep(AWAY_S)

    def _say(self, away: str) -> None:
        if away and not self._away:
            log.warning("admit waits for its keys, nothing is refused: %s", away)
        elif self._away and not away:
            log.warning("admit goes on: its keys are back")
        self._away = away
        self._app.pausing = bool(away)

    def _taken(self, slot: Slot, place: Place) -> None:
        """Note what became of an input; one that is counted keeps no more than its place."""
        task = slot.task
        if task is not None and task.cancelled():
            if not self._app.should_stop:  # it would hold back its partition for ever
                leave("an input was given up")
        elif task is not None:
            slot.counted = task.result()
        if slot.counted is not None:
            slot.task = None
            slot.acknowledge()
        self._finished(place)

    def _finished(self, place: Place) -> None:
        """Acknowledge in order; what was not admitted holds back everything after it."""
        waiting = self._waiting[place]
        while waiting and waiting[0].over:
            slot = waiting.popleft()
            slot.acknowledge()
            self._done[place] = slot.offset + 1

    async def _starts(self, places: set[Place]) -> dict[Place, int]:
        """Continue where the kept positions say; what is in flight then is admitted again.

        What was taken so far is forgotten last: nothing of it may count for the new positions.
        """
        await self._keep_newer({})
        starts = await self._bookmarks.load(places)
        self._waiting.clear()
        self._done.clear()
        return starts
