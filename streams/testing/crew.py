"""The workers of one role: who owns which partition, who is paused, who has died."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random  # noqa: TID251 - a run's seed must give the same run again
from typing import Generic, TypeVar

from streams.testing.hosts import Host, Piece

H = TypeVar("H", bound=Host)


@dataclass
class Zombie(Generic[H]):
    """A paused process: it still believes that it owns what it owned."""

    crew: "Crew[H]"
    slot: int
    host: H
    partition: int
    piece: Piece | None

    def wake(self, pieces: int = 0) -> None:
        """Let it finish what it was doing, and `pieces` more records, before it finds out and ends.

        What it had queued is delivered too. Its machine then starts a new process.
        """
        if self.piece is not None:
            exhaust(self.piece)
        for _ in range(pieces):
            more = self.host.piece(self.partition)
            if more is None:
                break
            exhaust(more)
        self.host.deliver(1_000_000)
        self.crew.restart(self.slot)


@dataclass
class Crew(Generic[H]):
    """`make` starts a process on a machine, numbered by its slot; disks stay with the slot."""

    make: Callable[[int], H]
    size: int
    partitions: int
    chance: Random
    hosts: dict[int, H] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hosts = {slot: self.make(slot) for slot in range(self.size)}
        self.rebalance()

    def owner(self, partition: int) -> H | None:
        """Return the process that owns a partition; nobody while all are down."""
        slot = self.owners.get(partition)
        return None if slot is None else self.hosts[slot]

    def rebalance(self) -> None:
        """Give the partitions to the living, anew: each recovers what it gets."""
        slots = sorted(self.hosts)
        self.chance.shuffle(slots)
        self.owners = {p: slots[p % len(slots)] for p in range(self.partitions)} if slots else {}
        for slot in slots:
            self.hosts[slot].hold([p for p, owner in self.owners.items() if owner == slot])

    def crash(self, slot: int, delivered: int = 0) -> None:
        """Kill a process after `delivered` of its queued records went out. Others take over."""
        self.hosts.pop(slot).deliver(delivered)
        self.rebalance()

    def freeze(self, slot: int, partition: int, piece: Piece | None) -> Zombie[H]:
        """Pause a process past its session: others own its partitions, and it does not know."""
        zombie = Zombie(self, slot, self.hosts.pop(slot), partition, piece)
        self.rebalance()
        return zombie

    def restart(self, slot: int) -> None:
        """Start a process on the machine of this slot; it joins."""
        self.hosts[slot] = self.make(slot)
        self.rebalance()

    def down(self) -> list[int]:
        """Return the machines on which nothing runs."""
        return [slot for slot in range(self.size) if slot not in self.hosts]


def exhaust(piece: Piece) -> None:
    """Do a piece of work to its end."""
    for _ in piece:
        pass


def until(piece: Piece, effect: int, times: int = 1) -> None:
    """Do a piece of work until `effect` was done `times` times, or to its end."""
    for done in piece:
        times -= done == effect
        if done > effect or times <= 0:
            return
