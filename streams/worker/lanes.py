"""Whose turn it is to be masked: the agent that has taken least; remarks have a lane of their own.

Masking is the one thing at the door that takes time, and an agent can make it take long. So the
time is counted by agent, running documents included, and forgotten by half each minute. Of those
that wait, the agent with the least goes first: whoever runs into time-outs waits behind the others.
An agent that has taken `HOG_MS` or more leaves one place to the others.

What stands beside a decision, an order or a report never waits for an intent: people's answers are
not late because an agent is slow.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

HALF_LIFE_S = 60.0
HOG_MS = 5_000.0


@dataclass(slots=True)
class _Share:
    """What an agent has taken: seconds as of a moment, and when each running document began."""

    spent_s: float = 0.0
    at_s: float = 0.0
    running: int = 0
    began_s: float = 0.0  # the sum of the beginnings

    def load_s(self, now_s: float) -> float:
        """Return what it has taken by now, running documents included."""
        return self._faded_s(now_s) + self.running * now_s - self.began_s

    def begin(self, now_s: float) -> None:
        self.running += 1
        self.began_s += now_s

    def end(self, began_s: float, now_s: float) -> None:
        self.running -= 1
        self.began_s -= began_s
        self.spent_s, self.at_s = self._faded_s(now_s) + now_s - began_s, now_s

    def _faded_s(self, now_s: float) -> float:
        return self.spent_s * float(0.5 ** ((now_s - self.at_s) / HALF_LIFE_S))


class Lanes:
    """`places` documents of intents at once, and one remark beside them. For one event loop."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._clock = clock
        self._taken = 0
        self._waiting: defaultdict[str, deque[asyncio.Future[float]]] = defaultdict(deque)
        self._shares: defaultdict[str, _Share] = defaultdict(_Share)
        self._remarks = asyncio.Semaphore(1)
        self._closed = False

    def load_ms(self, agent: str) -> float:
        """Return how much of masking's time an agent has taken lately."""
        return self._shares[agent].load_s(self._clock()) * 1000

    @asynccontextmanager
    async def turn(self, agent: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it; an empty name is a remark's."""
        if not agent:
            async with self._remarks:
                yield
            return
        began_s = await self._place(agent)
        try:
            yield
        finally:
            self._give_back(agent, began_s)

    async def _place(self, agent: str) -> float:
        """Wait for a place; return since when it is held."""
        if self._closed:
            raise asyncio.CancelledError
        place: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[agent].append(place)
        self._next()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was given, and nobody takes it
                self._give_back(agent, place.result())
            self._forget(agent, place)
            raise

    def close(self) -> None:
        """Give no more turns: who waits is cancelled, and admitted after the next start."""
        self._closed = True
        for waiting in list(self._waiting.values()):
            for place in list(waiting):
                place.cancel()

    def _give_back(self, agent: str, began_s: float) -> None:
        self._shares[agent].end(began_s, self._clock())
        self._taken -= 1
        self._next()

    def _next(self) -> None:
        """Give free places to those who wait."""
        while self._taken < self._places:
            agent = min(filter(self._may, self._waiting), key=self.load_ms, default=None)
            if agent is None:
                return
            place = self._waiting[agent].popleft()
            if not self._waiting[agent]:
                del self._waiting[agent]
            if not place.done():
                began_s = self._clock()
                self._taken += 1
                self._shares[agent].begin(began_s)
                place.set_result(began_s)

    def _may(self, agent: str) -> bool:
        alone = max(1, self._places - 1)
        return self._shares[agent].running < alone or self.load_ms(agent) < HOG_MS

    def _forget(self, agent: str, place: asyncio.Future[float]) -> None:
        waiting = self._waiting.get(agent)
        if waiting and place in waiting:
            waiting.remove(place)
        if waiting is not None and not waiting:
            del self._waiting[agent]
