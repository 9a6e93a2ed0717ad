"""librdkafka underneath asyncio, awaited: nothing is acknowledged before it is durable.

One idempotent, gapless producer a process (`wire.client.producer`), polled by its own thread.
A delivery that fails leaves the process: what it would have written is derived again from the log.
"""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Any

from confluent_kafka import KafkaException

from streams.wire.faults import undelivered
from streams.worker.leave import leave, leave_on

POLL_S = 0.1
FLUSH_S = 30.0


class Deliveries:
    """Produces and tells when it is durable."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread = Thread(target=self._poll, name="deliveries", daemon=True)
        self._thread.start()

    def send(
        self, topic: str, key: bytes, value: bytes, *, partition: int | None = None
    ) -> asyncio.Future[int]:
        """Queue a record; the future gives its offset once all in-sync replicas hold it."""
        delivered: asyncio.Future[int] = self._loop.create_future()

        def durable(offset: int) -> None:
            if not delivered.done():  # whoever waited may have been cancelled
                delivered.set_result(offset)

        self._produce(topic, key, value, partition, durable)
        return delivered

    def send_soon(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        *,
        partition: int,
        then: Callable[[int], None],
    ) -> None:
        """Queue a record and go on; `then` gets its offset, in the event loop."""
        self._produce(topic, key, value, partition, then)

    def close(self) -> None:
        """Flush what is queued and stop polling. Leaves the process if it cannot be flushed."""
        left = self._producer.flush(FLUSH_S)
        self._open = False
        if left:
            leave(f"{left} records could not be delivered before the end")

    def _produce(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        partition: int | None,
        then: Callable[[int], None],
    ) -> None:
        def delivered(error: Any, message: Any) -> None:
            if why := undelivered(error, message):
                leave(f"{topic}: {why}: {error.name() if error else 'taken for a repeat'}")
            self._loop.call_soon_threadsafe(then, message.offset())

        place = {} if partition is None else {"partition": partition}
        while True:
            try:
                self._producer.produce(topic, key=key, value=value, on_delivery=delivered, **place)
            except BufferError:
                self._producer.poll(POLL_S)
                continue
            return

    def _poll(self) -> None:
        try:
            while self._open:
                self._producer.poll(POLL_S)
        except KafkaException as error:  # a gapless producer ends where the broker refuses a record
            leave(f"the producer has ended: {error.args[0].name()}")
        except Exception as error:  # noqa: BLE001 - without this thread nothing is ever durable
            leave_on(error)
