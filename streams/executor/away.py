"""A broker that is away: which errors mean that it comes back, and saying so once."""
# ruff: noqa: SLF001 - librdkafka's own codes begin with an underscore, and are public

import logging

from confluent_kafka import KafkaError

from streams.wire.faults import fail

# what a commit says of a broker that comes back; anything else means that we were taken off
PASSING = frozenset(
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


class Away:
    """Says once that the broker is away, and once that it is back."""

    def __init__(self) -> None:
        self._away = False

    def on_error(self, error: KafkaError) -> None:
        """Take in what a consumer reports. Raises BrokerError where it cannot go on."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self._away:
            self._away = True
            log.warning("the broker is away; retrying until it is back")
        elif error.fatal():
            fail(error, "the consumer cannot go on")

    def back(self) -> None:
        """Say that it is back, where it was away."""
        if self._away:
            self._away = False
            log.warning("the broker is back")
