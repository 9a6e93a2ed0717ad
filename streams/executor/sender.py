"""One producer, made when it is needed and made again when it has ended."""

from typing import TYPE_CHECKING

from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client

if TYPE_CHECKING:
    from confluent_kafka import Producer


class Sender:
    """Delivers records one by one. Not thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Producer | None = None

    def send(
        self,
        topic: str,
        key: bytes,
        value: bytes,
        *,
        partition: int | None = None,
        timeout_s: float = client.DELIVER_TIMEOUT_S,
    ) -> BrokerError | None:
        """Deliver a record; return why it is not known to have arrived."""
        try:
            self._producer = self._producer or client.producer(self._settings)
            client.deliver(
                self._producer, topic, key, value, partition=partition, timeout_s=timeout_s
            )
        except BrokerError as error:
            self._producer = None  # it may have ended
            return error
        return None
