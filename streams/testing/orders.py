"""The orders as simulated executors read them: the product's own board, to its end at each look."""

from typing import TYPE_CHECKING

from streams.control.board import Board
from streams.control.judge import Order
from streams.control.scope import Scope
from streams.events import ControlAdmitted, GrantStatement
from streams.testing.broker import at
from streams.testing.hosts import World

if TYPE_CHECKING:
    from streams.worker.record import Place

TOPICS = ("controls", "cancels")


class PlayedOrders:
    """Reads on from where it stood, whenever it is asked."""

    def __init__(self, world: World, topics: tuple[str, ...] = TOPICS) -> None:
        self._world = world
        self._topics = topics
        self._read: dict[Place, int] = {}
        self._board = Board(keep_ms=10**12)

    def stopped(self, grant: GrantStatement) -> bool:
        """Tell whether an order stands against the grant by now."""
        partitions = range(self._world.broker.partitions)
        for place in (at(topic, number) for topic in self._topics for number in partitions):
            log = self._world.broker.logs[place]
            for entry in log[self._read.get(place, 0) :]:
                self._board.take(order_of(entry.key, self._world.inputs.kept(entry.value)))
            self._read[place] = len(log)
        return self._board.stop_on(grant) is not None


def order_of(key: bytes, body: ControlAdmitted) -> Order:
    """Return what a simulated record orders."""
    return Order(
        control=body.control,
        subject_id=key.decode(),
        scope=Scope.parse(body.scope) if body.scope else None,
        by=body.by,
        at_ms=body.said_at_ms,
        stamp_ms=body.said_at_ms,
    )
