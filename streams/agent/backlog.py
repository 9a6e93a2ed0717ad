"""Whether the gate can take more: what waits before admit and before the fold, asked now and then.

Kafka takes intents much faster than masking can read them, and each of them ages while it waits. So
the SDK does not add to a queue that is long already: it says so, and the agent waits or gives up.
What waits before an executor is not counted: one class that is down must not stop all others.
"""

import logging
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client, topics

ASK_S = 2.0  # what is known for less time is not asked again
AWAY_S = 30.0  # where it could not be had, it is not asked again for so long
TIMEOUT_S = 2.0  # a proposal waits no longer for an answer

log = logging.getLogger(__name__)


class Queue:
    """What stands in a topic behind the positions that a group keeps."""

    def __init__(self, settings: Settings, topic: str, group: str) -> None:
        self._settings = settings
        self._topic = topics.name(settings, topic)
        self._group = group
        self._reader: Consumer | None = None

    def length(self) -> int:
        """Count the records. Raises KafkaException or BrokerError.

        One question a partition, by a consumer: librdkafka's admin client, which could ask all at
        once, reconnects without a pause to a broker that is down, and so takes a whole core.
        """
        if self._reader is None:
            self._reader = client.consumer(self._settings, self._group)
        known = self._reader.list_topics(self._topic, TIMEOUT_S).topics[self._topic]
        places = [TopicPartition(self._topic, number) for number in known.partitions]
        waiting = 0
        for kept in self._reader.committed(places, TIMEOUT_S):
            first, end = self._reader.get_watermark_offsets(kept, TIMEOUT_S)
            waiting += max(0, end - max(kept.offset, first))
        return waiting

    def close(self) -> None:
        """Let go of the connection."""
        if self._reader:
            self._reader.close()
        self._reader = None


class Backlog:
    """The intents that no worker has admitted yet, and the events not folded. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.intents_waiting_max
        self._queues = (
            Queue(settings, "intents", topics.positions(settings)),
            Queue(settings, "cases", topics.app_id(settings, "fold")),
        )
        self._lock = threading.Lock()
        self._known = 0
        self._ask_at_s = 0.0

    def check(self) -> None:
        """Raise BrokerError `gate_busy` where more than `intents_waiting_max` wait.

        A number that cannot be had stops nobody: sending will tell if the broker is away.
        """
        waiting = self.waiting() if self._most else 0
        if waiting > self._most:
            raise BrokerError(
                f"{waiting} intents and events wait to be admitted and folded, more than "
                f"{self._most}: nothing was sent",
                code="gate_busy",
                hint="wait, then propose it again; more workers take more at once",
            )

    def waiting(self) -> int:
        """Return how many wait, as of a few seconds ago."""
        with self._lock:
            if time.monotonic() >= self._ask_at_s:
                pause_s = ASK_S
                try:
                    self._known = sum(queue.length() for queue in self._queues)
                except (KafkaException, BrokerError) as error:
                    log.info("how much waits is not known: %s", type(error).__name__)
                    self._known, pause_s = 0, AWAY_S
                self._ask_at_s = time.monotonic() + pause_s
            return self._known

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            for queue in self._queues:
                queue.close()
