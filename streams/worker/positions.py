"""Where each partition continues. Pure bookkeeping; the hosts seek.

The inputs and the log are never compacted and the log is never transactional, so a partition's
offsets have no gaps, but for the markers of an input's transactions, which hold no record (`skip`).
An event that does not follow the last one is therefore a loss in the making: Faust can skip events
in a rebalance, with the committed offset already behind them (rule 20 of
faust/README.md). Going back is harmless, going forward is loss.
"""

from collections.abc import Mapping
from enum import Enum, auto

from streams.worker.record import Place


class Turn(Enum):
    """What an arriving event is."""

    NEXT = auto()  # follows the last one
    AGAIN = auto()  # came before; harmless
    GAP = auto()  # something between is missing: seek back
    STRAY = auto()  # of a partition whose position is not known yet


class Positions:
    """The next offset of each partition this process holds."""

    def __init__(self, held: Mapping[Place, int] | None = None) -> None:
        self._next: dict[Place, int] = dict(held or {})

    def hold(self, starts: dict[Place, int]) -> None:
        """Hold exactly these partitions, each from its start; all others are let go."""
        self._next = dict(starts)

    def turn(self, place: Place, offset: int) -> Turn:
        """Say what an event at `offset` is."""
        expected = self._next.get(place)
        if expected is None:
            return Turn.STRAY
        if offset == expected:
            return Turn.NEXT
        return Turn.GAP if offset > expected else Turn.AGAIN

    def advance(self, place: Place, offset: int) -> None:
        """Note that the event at `offset` was taken, if it was the next one."""
        if self._next.get(place) == offset:
            self._next[place] = offset + 1

    def skip(self, place: Place, expected: int, first: int) -> None:
        """Go on at `first`, where nothing stands from `expected` up to there: a hole, not a gap.

        The commit or abort of a producer's transaction takes an offset and holds no record.
        """
        if self._next.get(place) == expected and first > expected:
            self._next[place] = first

    def expected(self, place: Place) -> int | None:
        """Return the next offset of a partition, or nothing where it is not held."""
        return self._next.get(place)

    def held(self) -> dict[Place, int]:
        """Return the next offset of each partition held."""
        return dict(self._next)
