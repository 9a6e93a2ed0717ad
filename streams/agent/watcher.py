"""One background consumer for all the waits of a client.

It reads `verdicts` and `requests`, only the partitions of the intents that somebody waits for, and
from the time of the oldest of them by the broker's stamps, from the beginning where nothing is as
new as that. For a new wait a partition is read again from an earlier place;
that is harmless, since the newest position wins (`vigil.News`). While nobody waits it reads
nothing.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from streams.agent.vigil import News
from streams.errors import BrokerError, PhigateError, WireError
from streams.events import Request, Verdict
from streams.settings import Settings
from streams.wire import client, codec, topics
from streams.wire.faults import fail

POLL_S = 0.1
FETCH_MS = 50  # a broker answers one request after the other: a place is asked for behind a fetch
BATCH_MAX = 500
METADATA_S = 10.0
RETRY_S = 1.0

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Watch:
    """One wait's ear: `notify` is called, on the watcher's thread, whenever `news` changed."""

    intent_id: str
    since_ms: int
    notify: Callable[[], object]
    exact: bool = False  # `since_ms` is the broker's own, not that of whoever drew the id
    news: News = field(default_factory=News)
    failure: PhigateError | None = None

    def tell(self) -> None:
        """Call `notify`; a waiter whose event loop is gone hears nothing, and that is all."""
        with contextlib.suppress(RuntimeError):
            self.notify()


class Watcher:
    """Owns the consumer and its thread; both start with the first wait. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._verdicts = topics.name(settings, "verdicts")
        self._requests = topics.name(settings, "requests")
        self._changed = threading.Condition()
        self._watches: list[Watch] = []
        self._new: list[Watch] = []
        self._closing = False
        self._thread: threading.Thread | None = None
        self._assigned: set[int] = set()
        self._partitions = 0

    def watch(
        self,
        intent_id: str,
        since_ms: int,
        notify: Callable[[], object],
        content: str = "",
        *,
        exact: bool = False,
    ) -> Watch:
        """Begin to listen for an intent, from `since_ms` on (0: from the beginning).

        `content` is the commitment to what was asked, where it is known; `exact`, that the time is
        by the broker's clock.
        """
        watch = Watch(intent_id, since_ms, notify, exact, News(content=content))
        with self._changed:
            if self._closing:
                raise ValueError("the client is closed")
            self._watches.append(watch)
            self._new.append(watch)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="phigate-verdicts", daemon=True
                )
                self._thread.start()
            self._changed.notify()
        return watch

    def unwatch(self, watch: Watch) -> None:
        """Stop listening."""
        with self._changed:
            for held in (self._watches, self._new):
                with contextlib.suppress(ValueError):
                    held.remove(watch)

    def close(self) -> None:
        """Stop the thread and close the consumer."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    # ------------------------------------------------------------ on the thread

    def _run(self) -> None:
        try:
            consumer = client.consumer(self._settings, fetch_wait_max_ms=FETCH_MS)
            with contextlib.closing(consumer):
                while self._awake():
                    self._turn(consumer)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, not wait on
            self._fail(error)

    def _awake(self) -> bool:
        """Sleep while nobody waits; return whether to go on."""
        with self._changed:
            while not self._watches and not self._assigned and not self._closing:
                self._changed.wait()
            return not self._closing

    def _turn(self, consumer: Consumer) -> None:
        with self._changed:
            new, self._new = self._new, []
        try:
            self._place(consumer, new)
        except KafkaException as error:
            self._postpone(new, error)
            return
        for message in consumer.consume(BATCH_MAX, POLL_S):
            self._hear(message)

    def _place(self, consumer: Consumer, new: Iterable[Watch]) -> None:
        """Read what the watches need: new ones from their time on, nothing that nobody needs."""
        if not self._partitions:
            self._partitions = self._count(consumer)
        starts: dict[int, tuple[int, bool]] = {}
        for watch in new:
            number = self._partition(watch)
            since_ms, exact = starts.get(number, (watch.since_ms, True))
            starts[number] = min(since_ms, watch.since_ms), exact and watch.exact
        for number, (since_ms, exact) in starts.items():
            self._read(consumer, number, since_ms, exact=exact)
        with self._changed:
            needed = {self._partition(watch) for watch in self._watches}
        for number in self._assigned - needed:
            consumer.incremental_unassign(self._both(number))
            self._assigned.discard(number)

    def _read(self, consumer: Consumer, number: int, since_ms: int, *, exact: bool) -> None:
        """Read a partition of both topics from a time on, going back where it is read already.

        The end is asked for before the time: a record that comes between the two is then not
        skipped. Where no record is as new as a time that is not `exact`, the topic is at rest, or
        the clock that drew the id was ahead, and the verdict that says so stands there already: it
        is read from its beginning.
        """
        ends = [
            consumer.get_watermark_offsets(place, METADATA_S, cached=False)[1] if exact else None
            for place in self._both(number)
        ]
        asked = [TopicPartition(place.topic, number, since_ms) for place in self._both(number)]
        places = [
            TopicPartition(found.topic, number, found.offset if found.offset >= 0 else other)
            for found, end in zip(consumer.offsets_for_times(asked, METADATA_S), ends, strict=True)
            for other in [OFFSET_BEGINNING if end is None else end]
        ]
        if number in self._assigned:
            consumer.incremental_unassign(self._both(number))
        consumer.incremental_assign(places)
        self._assigned.add(number)

    def _hear(self, message: Message) -> None:
        value, key = message.value(), message.key()
        if message.error() or value is None or key is None:
            return
        intent_id = key.decode(errors="replace")
        with self._changed:
            watches = [watch for watch in self._watches if watch.intent_id == intent_id]
        if watches:
            self._tell(watches, message.topic() == self._verdicts, value)

    def _tell(self, watches: Iterable[Watch], is_verdict: bool, value: bytes) -> None:
        """Pass a record on. What cannot be decoded, or names another intent, is no news."""
        kind: type[Verdict | Request] = Verdict if is_verdict else Request
        try:
            news: Verdict | Request = codec.decode(value, kind)
        except WireError as error:
            log.warning("a %s is unreadable: %s", kind.__name__, error.code)
            return
        for watch in watches:
            if news.intent_id == watch.intent_id and watch.news.take(news):
                watch.tell()

    def _postpone(self, new: Iterable[Watch], error: KafkaException) -> None:
        """Try again later where the broker was there before; else say at once that it is not."""
        if not self._partitions:
            fail(error.args[0], f"the broker at {client.bootstrap(self._settings)} did not answer")
        log.warning("the broker is away (%s); retrying", error.args[0].name())
        with self._changed:
            self._new = [watch for watch in new if watch in self._watches] + self._new
            self._changed.wait(RETRY_S)

    def _fail(self, error: Exception) -> None:
        failure = error if isinstance(error, PhigateError) else BrokerError(type(error).__name__)
        with self._changed:
            watches, self._watches, self._new = self._watches, [], []
            self._thread = None
            self._assigned, self._partitions = set(), 0
        for watch in watches:
            watch.failure = failure
            watch.tell()

    # ------------------------------------------------------------ small things

    def _count(self, consumer: Consumer) -> int:
        known = consumer.list_topics(timeout=METADATA_S).topics.get(self._verdicts)
        if known is None:
            raise BrokerError(
                f"there is no topic {self._verdicts}",
                code="no_topic",
                hint="`phigate topics apply` creates what is missing",
            )
        return len(known.partitions)

    def _partition(self, watch: Watch) -> int:
        return client.partition_of(watch.intent_id.encode(), self._partitions)

    def _both(self, number: int) -> list[TopicPartition]:
        return [TopicPartition(name, number) for name in (self._verdicts, self._requests)]
