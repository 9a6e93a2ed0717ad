"""A pause longer than the session is noticed before any effect (rule 22 of faust/README.md).

A process that was stopped and woken no longer owns its partitions, whatever it believes. A task
beats several times a second; whoever is about to act asks `check`, which leaves the process where
the last beat is too long ago, even if the beating task has not run since the wake-up.
"""

import asyncio
import time
from collections.abc import Callable

from streams.worker.leave import leave

BEATS_PER_SESSION = 32
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while a machine sleeps


def awake_s() -> float:
    """Return seconds that only go forward, those in which the machine slept included."""
    return time.clock_gettime(_CLOCK)


class Pulse:
    """Beats in the event loop; `session_s` is the group's session time-out, in seconds."""

    def __init__(self, session_s: float, clock: Callable[[], float] = awake_s) -> None:
        self._session_s = session_s
        self._clock = clock
        self._last: float | None = None  # no partition is owned before the first beat

    def check(self) -> None:
        """Leave the process if it slept for longer than its session."""
        gap = 0.0 if self._last is None else self._clock() - self._last
        if gap > self._session_s:
            leave(f"slept for {gap:.1f} s, longer than the session of {self._session_s:.0f} s")

    async def beat(self) -> None:
        """Beat for ever."""
        while True:
            self.check()
            self._last = self._clock()
            await asyncio.sleep(self._session_s / BEATS_PER_SESSION)
