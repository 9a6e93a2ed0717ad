"""Kafka around `conduct`: one record at a time, and what of steps 6, 10 and 11 is Kafka's.

     6  the ledger counts one further; the note is delivered (`notes`); the position is committed
        unchanged, with a mark beside it: grant, ledger, generation and number (`marks`)
    10  the report is delivered to `outcomes`, and the ledger says so; it is noted as over
    11  the position is committed, behind the record and before all that wait (`parked`)

Between a crash and its ledger stands a second guard. A process that lost its partitions cannot
commit, so it does not run what another one may be running. And an executor on another machine, or
with a ledger that is empty or was put back, learns from note and mark what was begun by somebody
else, or by the ledger's later self. What stands before the position, and is not in this ledger, was
taken by somebody else (`passed`). The three witnesses are one in `witness`: a position that is not
there is no first start.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from streams.errors import BrokerError
from streams.events import Stage
from streams.executor.away import PASSING, Away
from streams.executor.conduct import Conductor, GrantRecord, RunReport, Waiting
from streams.executor.marks import Mark
from streams.executor.notes import Notes, note
from streams.executor.parked import Parked
from streams.executor.passed import Passed
from streams.executor.sender import Sender
from streams.executor.witness import Witness
from streams.settings import GRANT_TTL_MS_MAX, Settings
from streams.wire import client, topics

POLL_S = 0.5
AWAY_S = 30.0  # how long a start waits for the broker
RETRY_S = 2.0
RECHECK_S = 5.0  # how often what waits for a key is looked at
NOTED_S = 3.0  # how long a note is tried that may be lost
HANDLER_MS_MAX = 86_400_000  # a handler may take a day; librdkafka allows no more

Renew = Callable[[Conductor], Conductor]

log = logging.getLogger(__name__)


class Fenced(Exception):  # noqa: N818 - no error: the partition belongs to another process now
    """This process may not begin a grant: its partition was taken from it."""


class Loop:
    """Serves one executor class until it is told to stop.

    `renew` returns the conductor with the gate's keys as they are published now, or the same one.
    """

    def __init__(
        self,
        settings: Settings,
        executor: str,
        conductor: Conductor,
        stop: threading.Event,
        renew: Renew = lambda conductor: conductor,
    ) -> None:
        self._settings = settings
        self._conductor = conductor
        self._stop = stop
        self._renew = renew
        self._grants = topics.name(settings, f"approved.{executor}")
        self._outcomes = topics.name(settings, "outcomes")
        self._group = topics.app_id(settings, f"executor-{executor}")
        self._sender = Sender(settings)
        self._notes = Notes(settings, executor, conductor.now_ms)
        passed = Passed(settings, self._grants, conductor.gate_keys, conductor.now_ms)
        self._witness = Witness(passed, self._notes, conductor.ledger)
        self._parked: Parked[Message] = Parked()
        self._mark: Mark | None = None  # of the grant at hand, once it is noted
        self._recheck_s = 0.0
        self._away = Away()

    def run(self) -> None:
        """Serve until stopped. Raises BrokerError where the broker is away at the start."""
        consumer = client.consumer(
            self._settings,
            self._group,
            max_poll_interval_ms=HANDLER_MS_MAX,
            error_cb=self._away.on_error,
        )
        try:
            self._connect(consumer)
            for row in self._conductor.ledger.unreported():
                if row.report is not None and not self._stop.is_set():
                    self.deliver(RunReport(row.grant_id, row.intent_id, row.report))
            consumer.subscribe([self._grants], on_assign=self._on_assign)
            log.info("serving %s as %s", self._grants, self._group)
            while not self._stop.is_set():
                self._turn(consumer)
        finally:
            consumer.close()
        log.info("stopped")

    def _turn(self, consumer: Consumer) -> None:
        message = consumer.poll(POLL_S)
        if self._stop.is_set():
            return  # told to stop while partitions came: what the group knows may be unread
        self._look_again(consumer)
        if message is None:
            return
        if message.error():
            self._away.on_error(message.error())
            return
        self._away.back()
        self._take(consumer, message)

    def _take(self, consumer: Consumer, message: Message, *, waited: bool = False) -> None:
        """Conduct a record. One that was not begun is come back to."""
        self._mark = None
        try:
            report = self._conductor.conduct(  # 1 to 9
                self._record(message, waited=waited),
                lambda grant_id: self._fence(consumer, message, grant_id),
            )
        except Fenced:
            if self._mark:
                self._note(message, self._mark, Stage.WITHDRAWN, NOTED_S)
            if not waited:
                self._again(consumer, message)
            return
        except Waiting as waiting:
            self._park(consumer, message, waiting)
            return
        if report is None or self.deliver(report):  # 10
            if report is not None:
                mark = self._mark or Mark(report.grant_id, "", "", 0)
                self._note(message, mark, Stage.OVER, NOTED_S)
            self._commit(consumer, message, report)  # 11

    def _again(self, consumer: Consumer, message: Message) -> None:
        """Go back to a record that was not begun: the next commit must not pass over it."""
        topic, partition = _place(message)
        log.warning("%s/%d: not begun, this process may have lost it", topic, partition)
        with contextlib.suppress(KafkaException):  # not ours any more: whose it is will read it
            consumer.seek(TopicPartition(topic, partition, message.offset()))
        self._stop.wait(RETRY_S)

    # ------------------------------------------------------------ what waits for a key

    def _park(self, consumer: Consumer, message: Message, waiting: Waiting) -> None:
        topic, partition = _place(message)
        if not self._parked.add((partition, message.offset()), message, waiting.until_ms):
            self._again(consumer, message)
            return
        log.error(
            "%s/%d at offset %d waits, and is not passed over: bring the gate's published keys "
            "here (directory or pinned_keys; they are read again by themselves), or this phigate "
            "up to date",
            topic,
            partition,
            message.offset(),
        )

    def _look_again(self, consumer: Consumer) -> None:
        """Take what waited and can be judged now: the keys have changed, or its time is over."""
        if not len(self._parked) or time.monotonic() < self._recheck_s:
            return
        self._recheck_s = time.monotonic() + RECHECK_S
        found = self._renew(self._conductor)
        changed = found is not self._conductor
        if changed:
            try:
                self._witness.renew(found.gate_keys)
            except BrokerError as error:
                log.warning("what the group has done cannot be read yet: %s", error)
                return
            self._conductor = found
            log.info("the gate's keys have changed: what waited is looked at again")
        for message in list(self._parked.due(self._conductor.now_ms(), changed=changed)):
            if self._stop.is_set():
                return
            self._take(consumer, message, waited=True)

    # ------------------------------------------------------------ steps 6, 10 and 11

    def _fence(self, consumer: Consumer, message: Message, grant_id: str) -> None:
        """Note what is begun, then commit the position as it is. Raises Fenced, also when stopped.

        In this order: whose commit holds was the owner, and its note was there before it.
        """
        mark = self._mark = self._conductor.ledger.mark(grant_id)
        while not self._note(message, mark, Stage.BEGUN, client.DELIVER_TIMEOUT_S):
            if self._stop.wait(RETRY_S):
                raise Fenced
        topic, partition = _place(message)
        at = self._parked.before(partition, message.offset())
        here = TopicPartition(topic, partition, at, self._witness.marks(partition, mark=mark))
        while True:
            try:
                consumer.commit(offsets=[here], asynchronous=False)
            except KafkaException as error:
                if error.args[0].code() not in PASSING:
                    raise Fenced from None
                log.warning("grant %s waits: the broker is away (%s)", grant_id, _name(error))
                if self._stop.wait(RETRY_S):
                    raise Fenced from None
            else:
                return

    def _note(self, message: Message, mark: Mark, stage: Stage, timeout_s: float) -> bool:
        """Deliver a note beside its grant; False where the broker is away."""
        key = message.key() or b""
        value = note(mark, key.decode(errors="replace"), stage)
        _, partition = _place(message)
        error = self._sender.send(
            self._notes.topic, key, value, partition=partition, timeout_s=timeout_s
        )
        if error is not None:
            log.warning("grant %s is not noted as %s: %s", mark.grant_id, stage, error)
        return error is None

    def deliver(self, report: RunReport) -> bool:
        """Deliver a report, however long the broker is away; False where told to stop first."""
        key = report.intent_id.encode()
        while error := self._sender.send(self._outcomes, key, report.value):
            log.warning("grant %s is not reported yet: %s", report.grant_id, error)
            if self._stop.wait(RETRY_S):
                return False  # the ledger has it: the next start reports it
        self._conductor.ledger.reported(report.grant_id)
        return True

    def _commit(self, consumer: Consumer, message: Message, report: RunReport | None) -> None:
        """Commit the position after the record; what fails is delivered again, and known then."""
        topic, partition = _place(message)
        self._parked.done((partition, message.offset()))
        done = report.grant_id if report else ""
        at = self._parked.before(partition, message.offset() + 1)
        after = TopicPartition(topic, partition, at, self._witness.marks(partition, done))
        try:
            consumer.commit(offsets=[after], asynchronous=False)
        except KafkaException as error:
            log.warning("%s/%d: position not committed (%s)", topic, partition, _name(error))

    # ------------------------------------------------------------ Kafka

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Read what the class has begun, and passed over, on the partitions that are ours now."""
        self._parked.clear()
        while True:
            try:
                self._witness.read(consumer, partitions)
            except (KafkaException, BrokerError) as error:
                log.warning("what the group has done cannot be read yet: %s", error)
                if self._stop.wait(RETRY_S):
                    return
            else:
                return

    def _record(self, message: Message, *, waited: bool) -> GrantRecord:
        topic, partition = _place(message)
        key = message.key() or b""
        lasts_ms = GRANT_TTL_MS_MAX + 2 * self._settings.clock_skew_ms_max
        return GrantRecord(
            topic=topic,
            partition=partition,
            offset=message.offset(),
            key=key,
            value=message.value() or b"",
            begun=lambda grant_id: self._witness.begun(partition, key, grant_id),
            passed=lambda grant_id: self._witness.over(key, grant_id),
            until_ms=message.timestamp()[1] + lasts_ms,
            waited=waited,
        )

    def _connect(self, consumer: Consumer) -> None:
        """Wait for the broker, within a bound. Raises BrokerError."""
        client.reach(consumer, self._settings, AWAY_S)
        found = consumer.list_topics(timeout=AWAY_S).topics
        for topic in (self._grants, self._notes.topic):
            if topic not in found:
                raise BrokerError(
                    f"there is no topic {topic}",
                    code="no_topic",
                    hint="`phigate topics apply` creates what is missing",
                )


def _place(message: Message) -> tuple[str, int]:
    return message.topic() or "", message.partition() or 0


def _name(error: KafkaException) -> str:
    return str(error.args[0].name())
