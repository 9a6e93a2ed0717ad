"""What every simulated worker has in common, and the world they share.

A host does its work in pieces, one record each. A piece is an iterator over the numbers of the
effects it has done, as `worker/loop.py`, `worker/admit.py` and `executor/conduct.py` number them.
Whoever drives it may stop between any two: for good (a crash) or for a while (a pause).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from streams.testing.broker import Broker, Clock
from streams.testing.form import Exact, Form, Shortcut
from streams.worker.record import Place, Record

Piece = Iterator[int]

CASES, AUDIT = "cases", "audit"
INPUTS = ("intents", "decisions", "outcomes", "controls", "cancels")


@dataclass(frozen=True)
class World:
    """What all hosts of one run share. `inputs` writes what agents, people and executors send.

    `rotated` says after how many appends the gate began to sign grants with another key.
    """

    broker: Broker
    clock: Clock
    form: Form
    inputs: Shortcut
    rotated: list[int] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """Return whether the product's own bytes are written."""
        return isinstance(self.form, Exact)

    def place(self, topic: str, key: bytes) -> Place:
        """Return where a key's records stand in a topic."""
        return self.broker.place(topic, key)

    def send(self, topic: str, key: bytes, value: bytes) -> int:
        """Append to the key's partition; return the offset."""
        return self.broker.append(self.broker.place(topic, key), key, value)


class Host(Protocol):
    """One worker process of one role."""

    def hold(self, partitions: Iterable[int]) -> None:
        """Own exactly these partitions, from where they stand."""

    def piece(self, partition: int) -> Piece | None:
        """Return the next record's work, or nothing where none is waiting."""

    def deliver(self, count: int) -> None:
        """Let `count` of what was queued become durable."""


class PlayedReader:
    """Fetches from a partition, from a cursor that a fault may move."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.cursors: dict[Place, int] = {}

    def waiting(self, place: Place) -> bool:
        """Return whether a record is there to be fetched."""
        cursor = self.cursors.get(place)
        return cursor is not None and cursor < len(self._broker.logs[place])

    def fetch(self, place: Place) -> Record:
        """Return the next record and move on, as a stream does whatever becomes of it."""
        offset = self.cursors[place]
        self.cursors[place] = offset + 1
        self._broker.fetches += 1
        entry = self._broker.logs[place][offset]
        return Record(place, offset, entry.key, entry.value)

    def peek(self, place: Place, count: int) -> list[Record]:
        """Return the next records; none is passed before it was taken (`took`)."""
        cursor = self.cursors[place]
        entries = self._broker.logs[place][cursor : cursor + count]
        return [Record(place, cursor + n, each.key, each.value) for n, each in enumerate(entries)]

    def took(self, record: Record) -> None:
        """Move on behind a record, unless a fault has moved the cursor meanwhile."""
        self._broker.fetches += 1
        if self.cursors.get(record.place) == record.offset:
            self.cursors[record.place] = record.offset + 1
