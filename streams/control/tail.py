"""One topic of orders, read to its present end as often as somebody asks."""

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from streams.errors import OperatorError
from streams.settings import Settings
from streams.wire import client, topics
from streams.wire.faults import PARTITION_EOF, TIMED_OUT, fail

BATCH = 500
POLL_S = 0.05
ASK_S = 5.0  # one answer of a broker


class Tail:
    """Follows one topic with a consumer of its own, without a group. Not thread-safe.

    `take` is given each record: its partition, offset, key, value and the broker's stamp.
    """

    def __init__(
        self, settings: Settings, name: str, take: Callable[[int, int, bytes, bytes, int], None]
    ) -> None:
        self.topic = topics.name(settings, name)
        self._settings = settings
        self._give = take
        self._consumer: Any = None
        self._asker: Any = None  # see `_ends`
        self._next: dict[int, int] = {}

    def open(self) -> None:
        """Connect. Raises BrokerError: away, or `no_topic`."""
        consumer = client.consumer(self._settings, enable_partition_eof=True)
        try:
            client.reach(consumer, self._settings)
            spans = client.ends(consumer, self.topic, None, client.REACH_TIMEOUT_S)
        except BaseException:
            consumer.close()
            raise
        self._next = {number: low for number, (low, _) in spans.items()}
        consumer.assign([TopicPartition(self.topic, number, OFFSET_BEGINNING) for number in spans])
        self._consumer = consumer
        self._asker = client.consumer(self._settings)

    def catch_up(self, timeout_s: float) -> None:
        """Read to the end as it is now. Raises BrokerError, OperatorError."""
        if self._consumer is None:
            self.open()
        deadline = time.monotonic() + timeout_s
        ends = self._ends()
        while any(self._next[number] < end for number, end in ends.items()):
            if time.monotonic() > deadline:
                fail(TIMED_OUT, f"{self.topic} cannot be read to its end")
            for message in self._consumer.consume(BATCH, POLL_S):
                self._take(message)

    def close(self) -> None:
        """Let go of the connection."""
        for consumer in (self._consumer, self._asker):
            if consumer is not None:
                consumer.close()
        self._consumer = self._asker = None

    def _ends(self) -> dict[int, int]:
        """Ask for the ends, by a consumer that reads nothing.

        On the reader's connection each question waits behind a fetch, half a second where nothing
        comes: three seconds for six partitions, before every single run.
        """
        ends = {}
        for number, following in self._next.items():
            place = TopicPartition(self.topic, number)
            try:
                _, ends[number] = self._asker.get_watermark_offsets(place, ASK_S, cached=False)
            except KafkaException as error:
                fail(error.args[0], f"{self.topic} cannot be read")
            if ends[number] < following:
                raise OperatorError(
                    f"{self.topic} was made anew, or the broker has lost orders: what was halted "
                    "may be forgotten",
                    code="controls_lost",
                    hint="see with the officers what is to be halted, then start again",
                )
        return ends

    def _take(self, message: Any) -> None:
        number, offset, error = message.partition(), message.offset(), message.error()
        if error is not None:
            if error.code() == PARTITION_EOF:  # a transaction's marker takes the last offset
                self._next[number] = max(offset, self._next[number])
            return  # whatever else: the watermark says whether something is missing
        self._next[number] = offset + 1
        key, value = message.key() or b"", message.value() or b""
        self._give(number, offset, key, value, message.timestamp()[1])
