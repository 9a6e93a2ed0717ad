"""What the gate made of an order: its entry in `audit`, as the gate signed it."""

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, Self

from confluent_kafka import TopicPartition

from streams.audit.entry import answers
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import WireError
from streams.events import AuditEntry, Consequence
from streams.settings import Settings
from streams.wire import client, codec, topics

POLL_S: Final = 0.2


@dataclass(frozen=True)
class Audit:
    """Where the audit ended before an order was sent."""

    settings: Settings
    directory: Directory
    ends: Mapping[int, int] = field(repr=False)

    @classmethod
    def now(cls, settings: Settings, directory: Directory) -> Self:
        """Return it as it is. Raises BrokerError."""
        with closing(client.consumer(settings)) as reader:
            spans = client.ends(reader, cls._topic(settings), None, client.REACH_TIMEOUT_S)
        return cls(settings, directory, {number: high for number, (_, high) in spans.items()})

    def consequence(self, event_id: str, subject_id: str, timeout_s: float) -> Consequence | None:
        """Return what the gate made of the event, or None where it has not said so in time.

        `subject_id` is the intent or the scope that the order was on.
        """
        deadline = time.monotonic() + timeout_s
        topic = self._topic(self.settings)
        with closing(client.consumer(self.settings)) as reader:
            reader.assign([TopicPartition(topic, n, at) for n, at in self.ends.items()])
            while time.monotonic() < deadline:
                message: Any = reader.poll(POLL_S)
                if message is None or message.error() is not None:
                    continue
                found = self._of(message.value() or b"", event_id, subject_id)
                if found is not None:
                    return found
        return None

    def _of(self, value: bytes, event_id: str, subject_id: str) -> Consequence | None:
        try:
            entry = codec.decode(value, AuditEntry)
        except WireError:
            return None
        keys = gate_set(self.settings.pinned_keys, self.directory).audit
        return entry.consequence if answers(entry, event_id, subject_id, keys) else None

    @staticmethod
    def _topic(settings: Settings) -> str:
        return topics.name(settings, "audit")
