"""Kafka in memory, as far as the gate leans on it: partitions that only grow, groups that commit.

What is kept of the real one: an append is durable and ordered within its partition; nothing orders
two partitions; a group's commit is refused to a member of an older generation. What is left out:
retention, compaction, transactions. `at` numbers all appends of a run, so that a checker can say
what was durable before what (I3); no host ever reads it.
"""

import zlib
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from streams.worker.record import Place


@cache
def at(topic: str, partition: int) -> Place:
    """Return the one `Place` of a topic's partition: hosts ask for it at every record."""
    return Place(topic, partition)


class Entry(NamedTuple):
    """One record of a partition; `at` is its number among all appends of the run."""

    key: bytes
    value: bytes
    at: int


class Broker:
    """The topics of one run; every topic has `partitions` partitions.

    `appends` and `fetches` count what was written, and what hosts took to work on.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.logs: defaultdict[Place, list[Entry]] = defaultdict(list)
        self.appends = 0
        self.fetches = 0
        self._places: dict[tuple[str, bytes], Place] = {}

    def append(self, place: Place, key: bytes, value: bytes) -> int:
        """Append a record; return its offset. It is durable from here on."""
        log = self.logs[place]
        log.append(Entry(key, value, self.appends))
        self.appends += 1
        return len(log) - 1

    def end(self, place: Place) -> int:
        """Return the offset that the next record will have."""
        return len(self.logs[place])

    def partition_of(self, key: bytes) -> int:
        """Return a key's partition, the same in every topic."""
        return zlib.crc32(key) % self.partitions

    def place(self, topic: str, key: bytes) -> Place:
        """Return where a key's records stand in a topic."""
        name = (topic, key)
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = at(topic, self.partition_of(key))
        return found


class Clock:
    """Milliseconds, moved by hand and never back."""

    def __init__(self, now_ms: int = 1_000_000) -> None:
        self.now_ms = now_ms

    def forward(self, by_ms: int) -> None:
        """Let time pass."""
        self.now_ms += max(0, by_ms)


class Commit(NamedTuple):
    """A group's position on a partition, with what its member wrote beside it."""

    offset: int
    mark: str = ""


class ConsumerGroup:
    """A consumer group: who owns which partition, since when, and what was committed."""

    def __init__(self) -> None:
        self.commits: dict[Place, Commit] = {}
        self._generations: dict[Place, int] = {}

    def join(self, place: Place) -> int:
        """Give the partition to a new member; return its generation. All older ones are fenced."""
        self._generations[place] = self._generations.get(place, 0) + 1
        return self._generations[place]

    def commit(self, place: Place, generation: int, commit: Commit) -> bool:
        """Commit for a member; False where it owns the partition no more."""
        if self._generations.get(place) != generation:
            return False
        self.commits[place] = commit
        return True
