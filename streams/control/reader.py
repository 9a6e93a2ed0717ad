"""`controls` as a board that is never behind: read to its present end before it is asked.

What cannot be read to its end says nothing, so whoever asks must not go on (`BrokerError`). A
record that does not count is passed over, and logged by its code: admit records it.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, Self

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from streams.control.board import Board
from streams.control.judge import Authority, judge
from streams.directory import Directory
from streams.errors import BrokerError, InputError, OperatorError
from streams.settings import Settings
from streams.wire import client, topics
from streams.wire.faults import PARTITION_EOF, TIMED_OUT, fail

BATCH = 500
POLL_S = 0.05
ASK_S = 5.0  # one answer of a broker
CATCH_UP_S = 30.0  # all of it: a year of orders is read in a second or two
FOLLOW_S = 0.3
DAY_MS = 86_400_000

log = logging.getLogger("phigate")


class Orders:
    """Follows `controls` with a consumer of its own, without a group. Not thread-safe."""

    def __init__(self, settings: Settings, authority: Authority) -> None:
        keep_ms = settings.ttl_ms_max + 2 * settings.clock_skew_ms_max + DAY_MS
        self.board = Board(keep_ms)
        self.read = False  # to its end, once
        self._settings = settings
        self._authority = authority
        self._topic = topics.name(settings, "controls")
        self._consumer: Any = None
        self._asker: Any = None  # see `_ends`
        self._next: dict[int, int] = {}

    @classmethod
    def of(cls, settings: Settings, directory: Directory) -> Self:
        """Return the orders as this directory's officers and agents may give them."""
        return cls(settings, Authority.known(settings, directory))

    def open(self) -> Self:
        """Connect. Raises BrokerError: away, or `no_topic`."""
        consumer = client.consumer(self._settings, enable_partition_eof=True)
        try:
            client.reach(consumer, self._settings)
            spans = client.ends(consumer, self._topic, None, client.REACH_TIMEOUT_S)
        except BaseException:
            consumer.close()
            raise
        self._next = {number: low for number, (low, _) in spans.items()}
        consumer.assign([TopicPartition(self._topic, number, OFFSET_BEGINNING) for number in spans])
        self._consumer = consumer
        self._asker = client.consumer(self._settings)
        return self

    def catch_up(self, timeout_s: float = CATCH_UP_S) -> Board:
        """Read to the end as it is now, and return the board. Raises BrokerError, OperatorError."""
        if self._consumer is None:
            self.open()
        deadline = time.monotonic() + timeout_s
        ends = self._ends()
        while any(self._next[number] < end for number, end in ends.items()):
            if time.monotonic() > deadline:
                fail(TIMED_OUT, f"{self._topic} cannot be read to its end")
            for message in self._consumer.consume(BATCH, POLL_S):
                self._take(message)
        self.read = True
        return self.board

    async def follow(self, ready: Callable[[], None]) -> None:
        """Catch up for ever; `ready` is called once everything that was there is read."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self.catch_up)
                except BrokerError as error:
                    log.warning("controls cannot be read: %s", error)
                else:
                    ready()
                await asyncio.sleep(FOLLOW_S)
        finally:
            self.close()

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
            place = TopicPartition(self._topic, number)
            try:
                _, ends[number] = self._asker.get_watermark_offsets(place, ASK_S, cached=False)
            except KafkaException as error:
                fail(error.args[0], f"{self._topic} cannot be read")
            if ends[number] < following:
                raise OperatorError(
                    f"{self._topic} was made anew, or the broker has lost orders: what was halted "
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
        try:
            judged = judge(key, value, message.timestamp()[1], self._authority)
        except InputError as why:
            log.warning("%s-%d at %d does not count: %s", self._topic, number, offset, why.code)
            return
        self.board.take(judged.order)


def read(settings: Settings, directory: Directory) -> Board:
    """Return the board as it is now. Raises BrokerError."""
    orders = Orders.of(settings, directory)
    with closing(orders):
        return orders.catch_up()
