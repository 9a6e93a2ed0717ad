"""Inputs that admit has taken and not acknowledged: how many may be, and what became of each."""

import asyncio
from typing import TYPE_CHECKING, Any, Self

from streams.events import Kind

if TYPE_CHECKING:
    from streams.worker.floods import Window

IN_FLIGHT_MAX = 64
# Intents have a room of their own, so that an agent that is slow to mask delays no answer. It is
# larger than one agent's minute (`agent_intents_per_minute`), so that it delays no other agent.
INTENTS_IN_FLIGHT_MAX = 2_048
BYTES_IN_FLIGHT_MAX = 128 * 1024 * 1024


class Room:
    """So many inputs, and so many bytes of them, at once; one that is larger has it to itself."""

    def __init__(self, count_max: int, bytes_max: int = BYTES_IN_FLIGHT_MAX) -> None:
        self._count_left = count_max
        self._bytes_max = bytes_max
        self._bytes = 0
        self._changed = asyncio.Event()

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """Return the room of one kind of input."""
        return cls(INTENTS_IN_FLIGHT_MAX if kind is Kind.INTENT else IN_FLIGHT_MAX)

    async def enter(self, size: int) -> None:
        """Wait for room."""
        while not self._has(size):
            self._changed.clear()
            await self._changed.wait()
        self._count_left -= 1
        self._bytes += size

    def leave(self, size: int) -> None:
        """Make room."""
        self._count_left += 1
        self._bytes -= size
        self._changed.set()

    def _has(self, size: int) -> bool:
        fits = not self._bytes or self._bytes + size <= self._bytes_max
        return self._count_left > 0 and fits


class Slot:
    """One input in flight. `event` is Faust's, until it is acknowledged."""

    __slots__ = ("counted", "event", "offset", "task")

    def __init__(self, event: Any, task: "asyncio.Task[Window | None]") -> None:
        self.offset = event.message.offset
        self.event: Any = event
        self.task: asyncio.Task[Window | None] | None = task
        self.counted: Window | None = None

    @property
    def over(self) -> bool:
        """Whether what it became is durable, by itself or counted with others."""
        if self.counted is not None:
            return self.counted.done.done()
        return self.task is not None and self.task.done() and not self.task.cancelled()

    def acknowledge(self) -> None:
        """Acknowledge it to Faust, once."""
        if self.event is not None:
            self.event.ack()
        self.event = None
