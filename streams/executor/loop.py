"""Kafka around `conduct`: one record at a time, and steps 10 and 11.

    10  the report is delivered to `outcomes`, and the ledger says so
    11  the position is committed

Between a crash and its ledger stands a second guard: before a handler runs, the group's position is
committed unchanged, with the grant's and the ledger's id as its metadata. A process that lost its
partitions cannot do that, so it does not run what another one may be running; and an executor on
another machine, or with an empty ledger, sees there that the grant was begun by somebody else. What
stands before the position, and is not in this ledger, was taken by somebody else: `passed`.
"""
# ruff: noqa: SLF001 - librdkafka's own codes begin with an underscore, and are public

import contextlib
import logging
import threading

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from streams.errors import BrokerError
from streams.executor.conduct import Conductor, Record, Report
from streams.executor.passed import Passed
from streams.settings import Settings
from streams.wire import client, topics
from streams.wire.faults import fail

POLL_S = 0.5
AWAY_S = 30.0  # how long a start waits for the broker
RETRY_S = 2.0
COMMITTED_S = 10.0
HANDLER_MS_MAX = 86_400_000  # a handler may take a day; librdkafka allows no more

# what a commit says of a broker that comes back; anything else means that we were taken off
_PASSING = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._WAIT_COORD,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
        KafkaError.REQUEST_TIMED_OUT,
    }
)

log = logging.getLogger(__name__)


class Fenced(Exception):  # noqa: N818 - no error: the partition belongs to another process now
    """This process may not begin a grant: its partition was taken from it."""


class Loop:
    """Serves one executor class until it is told to stop."""

    def __init__(
        self, settings: Settings, executor: str, conductor: Conductor, stop: threading.Event
    ) -> None:
        self._settings = settings
        self._conductor = conductor
        self._stop = stop
        self._grants = topics.name(settings, f"approved.{executor}")
        self._outcomes = topics.name(settings, "outcomes")
        self._group = topics.app_id(settings, f"executor-{executor}")
        self._producer: Producer | None = None
        self._begun: dict[int, str] = {}  # partition -> the grant that was begun there
        self._passed = Passed(settings, self._grants, conductor.gate_keys, conductor.now_ms)
        self._away = False

    def run(self) -> None:
        """Serve until stopped. Raises BrokerError where the broker is away at the start."""
        consumer = client.consumer(
            self._settings,
            self._group,
            max_poll_interval_ms=HANDLER_MS_MAX,
            error_cb=self._on_error,
        )
        try:
            self._connect(consumer)
            for row in self._conductor.ledger.unreported():
                if row.report is not None and not self._stop.is_set():
                    self.deliver(Report(row.grant_id, row.intent_id, row.report))
            consumer.subscribe([self._grants], on_assign=self._on_assign)
            log.info("serving %s as %s", self._grants, self._group)
            while not self._stop.is_set():
                self._turn(consumer)
        finally:
            consumer.close()
        log.info("stopped")

    def _turn(self, consumer: Consumer) -> None:
        message = consumer.poll(POLL_S)
        if message is None or self._stop.is_set():
            return  # told to stop while partitions came: what the group knows may be unread
        if message.error():
            self._on_error(message.error())
            return
        self._say_back()
        try:
            report = self._conductor.conduct(  # 1 to 9
                self._record(message), lambda grant_id: self._fence(consumer, message, grant_id)
            )
        except Fenced:
            self._again(consumer, message)
            return
        if report is None or self.deliver(report):  # 10
            self._commit(consumer, message)  # 11

    def _again(self, consumer: Consumer, message: Message) -> None:
        """Go back to a record that was not begun: the next commit must not pass over it."""
        topic, partition = _place(message)
        log.warning("%s/%d: not begun, this process may have lost it", topic, partition)
        with contextlib.suppress(KafkaException):  # not ours any more: whose it is will read it
            consumer.seek(TopicPartition(topic, partition, message.offset()))
        self._stop.wait(RETRY_S)

    def deliver(self, report: Report) -> bool:
        """Deliver a report, however long the broker is away; False where told to stop first."""
        key = report.intent_id.encode()
        while True:
            try:
                self._producer = self._producer or client.producer(self._settings)
                client.deliver(self._producer, self._outcomes, key, report.value)
            except BrokerError as error:
                self._producer = None  # it may have ended
                log.warning("grant %s is not reported yet: %s", report.grant_id, error)
                if self._stop.wait(RETRY_S):
                    return False  # the ledger has it: the next start reports it
            else:
                self._conductor.ledger.reported(report.grant_id)
                return True

    def _commit(self, consumer: Consumer, message: Message) -> None:
        """Commit the position after the record; what fails is delivered again, and known then."""
        topic, partition = _place(message)
        after = TopicPartition(topic, partition, message.offset() + 1)
        try:
            consumer.commit(offsets=[after], asynchronous=False)
        except KafkaException as error:
            log.warning("%s/%d: position not committed (%s)", topic, partition, _name(error))
        self._begun.pop(partition, None)

    def _fence(self, consumer: Consumer, message: Message, grant_id: str) -> None:
        """Commit the position as it is, saying what is begun. Raises Fenced, also when stopped."""
        topic, partition = _place(message)
        here = TopicPartition(topic, partition, message.offset(), self._mark(grant_id))
        while True:
            try:
                consumer.commit(offsets=[here], asynchronous=False)
            except KafkaException as error:
                if error.args[0].code() not in _PASSING:
                    raise Fenced from None
                log.warning("grant %s waits: the broker is away (%s)", grant_id, _name(error))
                if self._stop.wait(RETRY_S):
                    raise Fenced from None
            else:
                return

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read what the group had begun, and passed over, on the partitions that are ours now."""
        while True:
            try:
                known = consumer.committed(partitions, COMMITTED_S)
                self._passed.read_back({each.partition: each.offset for each in known})
            except (KafkaException, BrokerError) as error:
                log.warning("what the group has done cannot be read yet: %s", error)
                if self._stop.wait(RETRY_S):
                    return
            else:
                self._begun = {each.partition: each.metadata or "" for each in known}
                return

    def _record(self, message: Message) -> Record:
        topic, partition = _place(message)
        begun = self._begun.get(partition, "")
        return Record(
            topic=topic,
            partition=partition,
            offset=message.offset(),
            key=message.key() or b"",
            value=message.value() or b"",
            begun=lambda grant_id: (
                begun.startswith(f"{grant_id} ") and begun != self._mark(grant_id)
            ),
            passed=self._passed.__contains__,
        )

    def _mark(self, grant_id: str) -> str:
        return f"{grant_id} {self._conductor.ledger.identity}"

    def _connect(self, consumer: Consumer) -> None:
        """Wait for the broker, within a bound. Raises BrokerError."""
        client.reach(consumer, self._settings, AWAY_S)
        if self._grants not in consumer.list_topics(timeout=AWAY_S).topics:
            raise BrokerError(
                f"there is no topic {self._grants}",
                code="no_topic",
                hint="`phigate topics apply` creates what is missing",
            )

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._away:
            self._away = True
            log.warning("the broker is away; retrying until it is back")
        elif error.fatal():
            fail(error, "the consumer cannot go on")

    def _say_back(self) -> None:
        if self._away:
            self._away = False
            log.warning("the broker is back")


def _place(message: Message) -> tuple[str, int]:
    return message.topic() or "", message.partition() or 0


def _name(error: KafkaException) -> str:
    return str(error.args[0].name())
