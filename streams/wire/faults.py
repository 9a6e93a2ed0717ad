"""What went wrong in Kafka, said for the person who can mend it."""
# ruff: noqa: SLF001 - librdkafka's own codes begin with an underscore, and are public

import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

from confluent_kafka import KafkaError, KafkaException, Message

from streams.errors import BrokerError

T = TypeVar("T")
POLL_S = 0.1

TIMED_OUT: int = KafkaError._TIMED_OUT
PARTITION_EOF: int = KafkaError._PARTITION_EOF
UNKNOWN_TOPIC: int = KafkaError._UNKNOWN_TOPIC
UNKNOWN_PARTITION: int = KafkaError._UNKNOWN_PARTITION

# What mends itself: a leader or coordinator that moves, or a topic a moment old.
# `KafkaError.retriable` knows of transactions only.
MOVING = frozenset(
    (
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
    )
)

# What a client says of a topic a moment old, and, when its connections come and go, of any other.
YOUNG = frozenset((KafkaError.UNKNOWN_TOPIC_OR_PART, UNKNOWN_TOPIC, UNKNOWN_PARTITION))

_AWAY = ("broker_away", "see `phigate kafka status`, or check PHIGATE_BOOTSTRAP and the network")
_NO_TOPIC = ("no_topic", "`phigate topics apply` creates what is missing")
_REFUSED = ("not_allowed", "check the credentials in `settings.kafka` and the broker's ACLs")
_TOO_LARGE = ("too_large", "send less; `phigate topics plan` shows each topic's limit")
_ENDED = ("producer_ended", "this process must be started again; its log says what came first")
_OTHER = ("broker", "see the broker's log")

_CAUSES: dict[int, tuple[str, str]] = {
    KafkaError._TRANSPORT: _AWAY,
    KafkaError._ALL_BROKERS_DOWN: _AWAY,
    KafkaError._TIMED_OUT: _AWAY,
    KafkaError._MSG_TIMED_OUT: _AWAY,
    KafkaError._RESOLVE: _AWAY,
    KafkaError._UNKNOWN_TOPIC: _NO_TOPIC,
    KafkaError._UNKNOWN_PARTITION: _NO_TOPIC,
    KafkaError.UNKNOWN_TOPIC_OR_PART: _NO_TOPIC,
    KafkaError._AUTHENTICATION: _REFUSED,
    KafkaError._SSL: _REFUSED,
    KafkaError.SASL_AUTHENTICATION_FAILED: _REFUSED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED: _REFUSED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: _REFUSED,
    KafkaError.GROUP_AUTHORIZATION_FAILED: _REFUSED,
    KafkaError.MSG_SIZE_TOO_LARGE: _TOO_LARGE,
    KafkaError._FATAL: _ENDED,
    KafkaError._GAPLESS_GUARANTEE: _ENDED,
}


def undelivered(error: KafkaError | None, message: Message) -> str:
    """Return why a delivery report tells of no delivery; "" where a broker holds the record.

    A delivery without an offset is none: a broker took the record for a repeat
    (DUPLICATE_SEQUENCE_NUMBER), and librdkafka calls that delivered, also where no broker has it
    (ARCHITECTURE.md, Faust; `tests/worker/repeats.py`).
    """
    if error is not None:
        return "the record was not accepted"
    return "no broker says where the record stands" if message.offset() is None else ""


def fail(error: KafkaError | int, what: str) -> NoReturn:
    """Raise BrokerError: what was tried, Kafka's name for what happened, and what to do next."""
    known = KafkaError(error) if isinstance(error, int) else error
    code, hint = _CAUSES.get(known.code(), _OTHER)
    raise BrokerError(f"{what} ({known.name()})", code=code, hint=hint) from None


def patiently(call: Callable[[], T], timeout_s: float, what: str) -> T:
    """Call until Kafka's answer is not that something is just moving; then BrokerError."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return call()
        except KafkaException as error:
            code = error.args[0].code()
            if not (code in YOUNG or code in MOVING) or time.monotonic() > deadline:
                fail(error.args[0], what)
        time.sleep(POLL_S)
