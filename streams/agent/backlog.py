"""Whether the gate can take more: how many intents wait before admit, asked every few seconds.

Kafka takes intents much faster than masking can read them, and each of them ages while it waits. So
the SDK does not add to a queue that is long already: it says so, and the agent waits or gives up.
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


class Backlog:
    """The number of intents that no worker has admitted yet. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = topics.name(settings, "intents")
        self._lock = threading.Lock()
        self._known = 0
        self._ask_at_s = 0.0
        self._reader: Consumer | None = None

    def check(self) -> None:
        """Raise BrokerError `gate_busy` where more than `intents_waiting_max` wait.

        A number that cannot be had stops nobody: sending will tell if the broker is away.
        """
        most = self._settings.intents_waiting_max
        waiting = self.waiting() if most else 0
        if waiting > most:
            raise BrokerError(
                f"{waiting} intents wait to be admitted, more than {most}: nothing was sent",
                code="gate_busy",
                hint="wait, then propose it again; more admit workers take more at once",
            )

    def waiting(self) -> int:
        """Return how many intents wait, as of a few seconds ago."""
        with self._lock:
            if time.monotonic() >= self._ask_at_s:
                pause_s = ASK_S
                try:
                    self._known = self._ask()
                except (KafkaException, BrokerError) as error:
                    log.info("how many intents wait is not known: %s", type(error).__name__)
                    self._known, pause_s = 0, AWAY_S
                self._ask_at_s = time.monotonic() + pause_s
            return self._known

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._reader:
                self._reader.close()
            self._reader = None

    def _ask(self) -> int:
        """Count from the positions that admit keeps to the topic's ends.

        One question a partition, by a consumer: librdkafka's admin client, which could ask all at
        once, reconnects without a pause to a broker that is down, and so takes a whole core.
        """
        if self._reader is None:
            self._reader = client.consumer(self._settings, topics.positions(self._settings))
        known = self._reader.list_topics(self._topic, TIMEOUT_S).topics[self._topic]
        places = [TopicPartition(self._topic, number) for number in known.partitions]
        waiting = 0
        for kept in self._reader.committed(places, TIMEOUT_S):
            first, end = self._reader.get_watermark_offsets(kept, TIMEOUT_S)
            waiting += max(0, end - max(kept.offset, first))
        return waiting
