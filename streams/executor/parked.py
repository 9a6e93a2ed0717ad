"""Records that cannot be judged yet: they wait, the position stays before them, the rest goes on.

A grant under a key that is not known here may be the gate's own: its keys were rotated, and the new
one has not come here yet. So may a grant that a newer phigate wrote. Neither is passed over. It is
written down as refused, and looked at again once the keys have changed, until it could not be run
any more in any case: then it stays refused, and the position goes past it.

What runs meanwhile on the same partition is delivered again after a restart. The ledger knows it,
and so do the notes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

PARKED_MAX = 50  # a grant may have 6 MiB; past this many the partition itself waits


@dataclass(slots=True)
class Parked(Generic[T]):
    """The records that wait, by partition and offset; each with the time until which it may."""

    _waiting: dict[tuple[int, int], tuple[T, int]] = field(default_factory=dict)
    _next: dict[int, int] = field(default_factory=dict)  # partition -> behind all that was taken

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, place: object) -> bool:
        """Tell whether the record at (partition, offset) waits."""
        return place in self._waiting

    def add(self, place: tuple[int, int], message: T, until_ms: int) -> bool:
        """Let a record wait; False where too many do."""
        if place not in self._waiting and len(self._waiting) >= PARKED_MAX:
            return False
        self._waiting[place] = (message, until_ms)
        return True

    def due(self, now_ms: int, *, changed: bool) -> Iterator[T]:
        """Yield what is to be looked at again: all if the keys have changed, else what is late."""
        for place in sorted(self._waiting):
            message, until_ms = self._waiting[place]
            if changed or now_ms >= until_ms:
                yield message

    def done(self, place: tuple[int, int]) -> None:
        """Let a record go: nothing of it is left to do, whether it waited or not."""
        self._waiting.pop(place, None)
        partition, offset = place
        self._next[partition] = max(offset + 1, self._next.get(partition, 0))

    def before(self, partition: int, offset: int) -> int:
        """Return the position that passes over nothing which waits.

        Without any it is `offset`, or what is behind all that was taken already.
        """
        taken = max(offset, self._next.get(partition, 0))
        return min([taken, *(at for number, at in self._waiting if number == partition)])

    def clear(self) -> None:
        """Forget all: what waits is delivered again."""
        self._waiting.clear()
        self._next.clear()
