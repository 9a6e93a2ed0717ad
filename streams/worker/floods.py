"""Refusals that come too fast to stand alone: one event for those of a partition and a while.

Whoever can write to an input can make admit record refusals, and the audit keeps what is recorded
for ever. So those of which nobody knows who sent them stand alone only while they are few: each
partition has a stock of `refused_alone_max`, and gets one a minute. The others, for so long as
`refused_window_ms`, become one event with their number, their sizes and a digest of their digests.
It is the same for what an agent asks beyond its budget.

Nothing is passed over: an input counts as admitted once the event that stands for it is durable.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from streams.events import CaseEvent, InputRefused, derived_id
from streams.settings import Settings
from streams.worker.admission.admission import Admitted
from streams.worker.record import Place

COUNT_MAX = 100_000  # then the window is over: each keeps its place in memory until then
REASONS_MAX = 5
FLOOD = "too_many"
MINUTE_S = 60.0


@dataclass(slots=True)
class Window:
    """Refusals of one partition that are counted together; `done` once they stand in the log."""

    first: CaseEvent
    ends_at_s: float
    done: asyncio.Future[None]
    count: int = 0
    bytes_total: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    digests: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, body: InputRefused) -> None:
        """Count one more."""
        self.count += 1
        self.bytes_total += body.bytes_total
        self.reasons[body.reason] += 1
        self.digests.update(body.digest.encode())

    def event(self, now_ms: int) -> CaseEvent:
        """Return the event that stands for all of them, under an id of its own, said now."""
        body, source = self.first.body, self.first.source
        assert isinstance(body, InputRefused)  # noqa: S101 - made of nothing else
        said = ", ".join(f"{name} {n}" for name, n in self.reasons.most_common(REASONS_MAX))
        place = (source.topic, str(source.partition), str(source.offset))
        told = {
            "reason": body.reason if len(self.reasons) == 1 else FLOOD,
            "detail": f"{self.count} inputs that came too fast: {said}",
            "answerable": False,
            "digest": self.digests.hexdigest(),
            "bytes_total": self.bytes_total,
            "content": "",
            "more": self.count - 1,
        }
        return self.first.model_copy(
            update={
                "intent_id": derived_id("refused", *place),
                "at_ms": now_ms,
                "body": body.model_copy(update=told),
            }
        )


class Floods:
    """The windows of one worker. For one event loop."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._alone_max = settings.refused_alone_max
        self._window_s = settings.refused_window_ms / 1000
        self._clock = clock
        self._stocks: dict[Place, tuple[float, float]] = {}
        self._windows: dict[tuple[Place, str], Window] = {}

    def take(self, place: Place, made: Admitted) -> Window | None:
        """Return the window that an event is counted in; None where it stands alone."""
        if made.refused is None or not isinstance(made.refused.body, InputRefused):
            return None
        if not made.counted and self._alone(place):
            return None
        key = (place, made.refused.body.who or "")
        window = self._windows.get(key)
        if window is None:
            end_s = self._clock() + self._window_s
            done = asyncio.get_running_loop().create_future()
            window = self._windows[key] = Window(made.refused, end_s, done)
        window.add(made.refused.body)
        return window

    def over(self, *, everything: bool = False) -> Iterator[tuple[Place, Window]]:
        """Yield the windows that are over, and forget them."""
        now_s = self._clock()
        for key, window in list(self._windows.items()):
            if everything or now_s >= window.ends_at_s or window.count >= COUNT_MAX:
                del self._windows[key]
                yield key[0], window

    def _alone(self, place: Place) -> bool:
        """Take one of the partition's stock."""
        now_s = self._clock()
        left, at_s = self._stocks.get(place, (float(self._alone_max), now_s))
        left = min(float(self._alone_max), left + (now_s - at_s) / MINUTE_S)
        alone = left >= 1
        self._stocks[place] = (left - 1 if alone else left, now_s)
        return alone
