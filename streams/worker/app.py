"""The Faust App with its sharp edges covered; each method names the rule of FAUST.md it keeps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.settings import Settings
from streams.wire import client, topics
from streams.worker.deliveries import Deliveries
from streams.worker.leave import RecoveryErrors, leave_on
from streams.worker.positions import Positions
from streams.worker.pulse import Pulse
from streams.worker.record import Place

SESSION_S = 8.0  # a dead worker's partitions move after this long ...
HEARTBEAT_S = 2.0  # ... which leaves room for three lost heartbeats
REQUEST_S = 30.0

Starts = Callable[[set[Place]], Awaitable[dict[Place, int]]]
Step = Callable[[], Awaitable[None]]


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Seeks to the host's own positions, not to the committed ones (rule 20)."""

    async def perform_seek(self) -> None:
        """Seek every assigned partition, after Faust has sought the committed offsets."""
        await super().perform_seek()
        await self.app.seek_own(self)


class Transport(driver.Transport):  # type: ignore[misc]
    """Uses the consumer above."""

    Consumer = Consumer


class GateApp(faust.App):  # type: ignore[misc]
    """One worker role. `starts` says where each of its input partitions continues.

    `opening` runs before anything is consumed, `closing` after the last event, each in order.
    """

    deliveries: Deliveries

    def __init__(self, settings: Settings, role: str, data: Path) -> None:
        brokers = client.bootstrap(settings).split(",")
        super().__init__(
            topics.app_id(settings.prefix, role),
            broker=";".join(f"kafka://{broker}" for broker in brokers),
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
            stream_buffer_maxsize=4096,
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_request_timeout=REQUEST_S,
            worker_redirect_stdouts=False,
        )
        self.settings = settings
        self.inputs: set[str] = set()
        self.opening: list[Step] = []
        self.closing: list[Step] = []
        self.positions = Positions()
        self.pulse = Pulse(SESSION_S)
        self.starts: Starts = self._nowhere
        self._sought: dict[Place, float] = {}
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

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:  # noqa: ARG002 - Faust's
        """Leave: an exception in an agent acknowledges its event (rule 1)."""
        if not isinstance(exc, asyncio.CancelledError):
            leave_on(exc)

    async def seek_own(self, consumer: Any) -> None:
        """Hold the positions of what was assigned, and seek there before anything flows."""
        places = {
            Place(tp.topic, tp.partition) for tp in consumer.assignment() if tp.topic in self.inputs
        }
        if not places:
            self.positions.hold({})
            return
        starts = await self.starts(places)
        self.positions.hold(starts)
        await consumer.seek_wait({TP(*place): offset for place, offset in starts.items()})

    async def seek_back(self, place: Place) -> None:
        """Seek one partition to what it expects; at most once a second, since more is in flight."""
        now = asyncio.get_running_loop().time()
        expected = self.positions.expected(place)
        if expected is None or now - self._sought.get(place, -2.0) < 1.0:
            return
        self._sought[place] = now
        await self.consumer.seek_wait({TP(*place): expected})

    async def watch(self) -> None:
        """Seek back partitions that stand still although the log goes on; for ever."""
        before: dict[Place, int] = {}
        while True:
            await asyncio.sleep(5.0)
            held = self.positions.held()
            for place, expected in held.items():
                end = self.consumer.highwater(TP(*place)) if self.steady else None
                if before.get(place) == expected and end is not None and expected < end:
                    await self.seek_back(place)
            before = held

    @property
    def steady(self) -> bool:
        """Whether this worker owns its partitions and its table is whole."""
        return not self.rebalancing and not self.in_recovery

    async def _nowhere(self, _: set[Place]) -> dict[Place, int]:
        return {}
