"""Whether the gate can take more: how many intents wait before admit, asked every few seconds.

Kafka takes intents much faster than masking can read them, and each of them ages while it waits. So
the SDK does not add to a queue that is long already: it says so, and the agent waits or gives up.
"""

import logging
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client, topics

ASK_S = 2.0  # what is known for less time is not asked again
TIMEOUT_S = 5.0

log = logging.getLogger(__name__)


class Backlog:
    """The number of intents that no worker has admitted yet. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = topics.name(settings, "intents")
        self._lock = threading.Lock()
        self._known = 0
        self._asked_s = -ASK_S
        self._clients: tuple[Consumer, AdminClient] | None = None

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
            if time.monotonic() - self._asked_s >= ASK_S:
                try:
                    self._known = self._ask()
                except (KafkaException, BrokerError) as error:
                    log.info("how many intents wait is not known: %s", type(error).__name__)
                    self._known = 0
                self._asked_s = time.monotonic()
            return self._known

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._clients:
                self._clients[0].close()
            self._clients = None

    def _ask(self) -> int:
        """Count from the positions that admit keeps to the topic's ends."""
        if self._clients is None:
            group = topics.positions(self._settings)
            self._clients = (client.consumer(self._settings, group), client.admin(self._settings))
        reader, admin = self._clients
        places = self._places(reader)
        kept = reader.committed(places, TIMEOUT_S)
        ends = self._offsets(admin, places, OffsetSpec.latest())
        firsts = self._offsets(admin, places, OffsetSpec.earliest())
        return sum(
            max(0, ends[each.partition] - max(each.offset, firsts[each.partition])) for each in kept
        )

    def _places(self, reader: Consumer) -> list[TopicPartition]:
        known = reader.list_topics(self._topic, TIMEOUT_S).topics[self._topic]
        return [TopicPartition(self._topic, number) for number in known.partitions]

    def _offsets(
        self, admin: AdminClient, places: list[TopicPartition], spec: OffsetSpec
    ) -> dict[int, int]:
        asked = admin.list_offsets(dict.fromkeys(places, spec), request_timeout=TIMEOUT_S)
        return {place.partition: found.result().offset for place, found in asked.items()}
