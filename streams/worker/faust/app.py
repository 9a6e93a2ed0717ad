"""The Faust App with its sharp edges covered; each method names the rule it keeps (README.md)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from streams.errors import PhigateError
from streams.settings import Settings
from streams.wire import client, credential, topics
from streams.worker.deliveries import Deliveries
from streams.worker.faust.ahead import ReadAhead
from streams.worker.faust.consumer import Transport
from streams.worker.faust.credentials import credentials
from streams.worker.faust.headers import tolerate
from streams.worker.leave import RecoveryErrors, leave, leave_on
from streams.worker.positions import Positions
from streams.worker.pulse import Pulse
from streams.worker.record import Place

# The next grant after a death comes within the session (the least that a broker takes by default),
# one heartbeat (the living learn of it), and what recovery takes: some 6 + 1.5 + 2 s with 100,000
# pending cases, as `deploy/bench recovery` measures. Three heartbeats may be lost.
SESSION_S = 6.0
HEARTBEAT_S = 1.5
REQUEST_S = 30.0
REBALANCE_S = 60.0  # Faust's own; then the group goes on without who has not let go
WATCH_S = 5.0
WAITING = 4096  # records of a topic that Faust reads ahead
FOREIGN_WAITING = 256  # each may take as much memory as an input at its largest
SEEKS_MAX = 30  # without any progress
UNSETTLED_S = 180.0  # partitions that nobody works on for so long: Faust's rebalance has given up
BLIND_S = 60.0  # no look at the log's ends has succeeded for so long: aiokafka's thread is stuck

Starts = Callable[[set[Place]], Awaitable[dict[Place, int]]]
Step = Callable[[], Awaitable[None]]
FirstRecord = Callable[[Place, int], Awaitable[int]]


class GateApp(faust.App):  # type: ignore[misc]
    """One worker role. `starts` says where each of its input partitions continues.

    `foreign`: what it reads is written outside the gate, and is unpacked within bounds.
    `opening` runs before anything is consumed, `closing` after the last event, each in order.
    """

    deliveries: Deliveries

    def __init__(self, settings: Settings, role: str, data: Path, *, foreign: bool = False) -> None:
        brokers = client.bootstrap(settings).split(",")
        super().__init__(
            topics.app_id(settings.prefix, role),
            broker=";".join(f"kafka://{broker}" for broker in brokers),
            broker_credentials=credentials(credential.kafka(settings)),
            store="rocksdb://",
            datadir=str(data),
            processing_guarantee="at_least_once",  # rule: exactly_once is not
            web_enabled=False,  # rule 12: it would serve the tables over HTTP
            autodiscover=False,
            topic_allow_declare=False,  # all topics exist before
            topic_disable_leader=True,
            topic_partitions=settings.partitions,
            table_standby_replicas=0,
            consumer_auto_offset_reset="earliest",
            stream_buffer_maxsize=FOREIGN_WAITING if foreign else WAITING,
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_request_timeout=REQUEST_S,
            broker_rebalance_timeout=REBALANCE_S,
            worker_redirect_stdouts=False,
            recovery_consistency_check=False,  # `CaseTable` recovers by itself, and looks
        )
        self.settings = settings
        self.foreign = foreign
        self.inputs: set[str] = set()
        self.opening: list[Step] = []
        self.closing: list[Step] = []
        self.letting_go: list[Callable[[], None]] = []
        self.pausing = False  # what stands still is meant to: the keys are away
        self.positions = Positions()
        self.pulse = Pulse(SESSION_S)
        self.starts: Starts = self._nowhere
        self.first_record: FirstRecord | None = None  # where a partition may have holes
        self._sought: dict[Place, tuple[int, int, float]] = {}
        self._settled = False
        logging.getLogger("faust.tables.recovery").addFilter(RecoveryErrors())

    async def on_start(self) -> None:
        """Open what the role needs before anything is consumed."""
        self.deliveries = Deliveries(client.producer(self.settings, linger_ms=1))
        for step in self.opening:
            await step()
        await super().on_start()

    async def on_stop(self) -> None:
        """Stop consuming, finish what was taken, then flush."""
        await super().on_stop()
        for step in self.closing:
            await step()
        await asyncio.to_thread(self.deliveries.close)

    def input(self, name: str) -> Any:
        """Return an input topic of raw bytes: decoding happens in the agent (rule 6)."""
        full = topics.name(self.settings.prefix, name)
        self.inputs.add(full)
        return self.topic(full, key_type=bytes, value_type=bytes, value_serializer="raw")

    def beside(self, step: Step) -> None:
        """Run something beside the agents; if it fails, the worker leaves: it would half live."""

        async def guarded() -> None:
            try:
                await step()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, it must not pass unseen
                leave_on(error)

        guarded.__name__ = getattr(step, "__name__", "task")
        self.task(guarded)

    def FlowControlQueue(  # noqa: N802 - Faust's name
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> ReadAhead:
        """Return a queue that never waits over a rebalance (rule 24)."""
        return ReadAhead(
            maxsize=maxsize or 0, flow_control=self.flow_control, clear_on_resume=clear_on_resume
        )

    def _new_transport(self) -> Any:
        tolerate(self.settings.input_bytes_max if self.foreign else None)
        return Transport(self.conf.broker_consumer, self)

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:  # noqa: ARG002 - Faust's
        """Leave: an exception in an agent acknowledges its event (rule 1)."""
        if not isinstance(exc, asyncio.CancelledError):
            leave_on(exc)

    def let_go(self) -> None:
        """Hold no position: what still comes is of an assignment that has ended."""
        self._settled = False
        self.positions.hold({})
        for forget in self.letting_go:
            forget()

    async def seek_own(self, consumer: Any) -> None:
        """Hold the positions of what was assigned, and seek there before anything flows."""
        places = self._assigned(consumer)
        try:
            starts = await self.starts(places) if places else {}
        except PhigateError as error:  # Faust would end the process slowly, in disorder
            leave_on(error)
        self.positions.hold(starts)
        if starts:
            sought = {TP(*place): offset for place, offset in starts.items()}
            consumer.continue_at(sought)
            await consumer.seek_wait(sought)
        self._settled = starts.keys() == places

    async def seek_back(self, place: Place) -> None:
        """Seek one partition to what it expects; at most once a second, since more is in flight."""
        now = asyncio.get_running_loop().time()
        expected = self.positions.expected(place)
        before, times, last = self._sought.get(place, (None, 0, -2.0))
        if expected is None or now - last < 1.0:
            return
        if self.first_record is not None:
            first = await self.first_record(place, expected)
            self.positions.skip(place, expected, first)
            expected = first
        times = times + 1 if expected == before else 1
        if times > SEEKS_MAX:
            leave(f"{place.topic}-{place.partition} cannot be read at {expected}")
        self._sought[place] = (expected, times, now)
        try:
            async with asyncio.timeout(REQUEST_S):
                await self.consumer.seek_wait({TP(*place): expected})
        except TimeoutError:  # the agent waits here, and takes nothing meanwhile
            leave(f"{place.topic}-{place.partition} cannot be sought")

    async def spans(self, places: set[Place]) -> dict[Place, tuple[int, int]]:
        """Return each partition's first and next offset."""
        tps = [TP(*place) for place in places]
        first = await self.consumer.earliest_offsets(*tps)
        end = await self.consumer.highwaters(*tps)
        return {Place(*tp): (first.get(tp) or 0, end.get(tp) or 0) for tp in tps}

    async def watch(self) -> None:
        """Seek back partitions that stand still although the log goes on; for ever.

        Leaves where this worker half lives: partitions nobody works on, or a blind consumer.
        """
        before: dict[Place, int] = {}
        settled_s = seen_s = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_S)
            now_s = time.monotonic()
            if self.steady or not self._assigned(self.consumer):
                settled_s = now_s
            if now_s - settled_s > UNSETTLED_S:
                leave(f"not at work for {now_s - settled_s:.0f} s: a rebalance has ended unseen")
            with suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(REQUEST_S):  # `wait_for` may lose a cancellation
                    before = await self._look(before)
                seen_s = time.monotonic()
            if time.monotonic() - seen_s > BLIND_S:
                leave("the log's end cannot be asked for any more")

    async def _look(self, before: dict[Place, int]) -> dict[Place, int]:
        held = self.positions.held() if self.steady and not self.pausing else {}
        ends = await self.consumer.highwaters(*(TP(*place) for place in held)) if held else {}
        for place, expected in held.items():
            if before.get(place) == expected < (ends.get(TP(*place)) or 0):
                await self.seek_back(place)
        return held

    @property
    def steady(self) -> bool:
        """Whether this worker owns its partitions and its table is whole."""
        return self._settled and not self.rebalancing and not self.in_recovery

    def _assigned(self, consumer: Any) -> set[Place]:
        return {
            Place(tp.topic, tp.partition) for tp in consumer.assignment() if tp.topic in self.inputs
        }

    async def _nowhere(self, _: set[Place]) -> dict[Place, int]:
        return {}
