"""The fold goes no further than the audit can follow: no grant without evidence that it is signed.

Before an event is folded, the newest note on its shard's tree is looked at, as the topic has it and
as a pinned audit key signed it. The fold waits where

    1. more than `audit_behind_max` events before this one are not signed yet, or
    2. some event that this worker folded has gone unsigned for longer than `audit_behind_ms_max`,

and goes on by itself once they are. It denies nothing and loses nothing: events wait in the log. An
audit that is away, too slow, or signs with a key that is not pinned all look the same from here.
"""

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic

from streams.settings import Settings
from streams.worker.checkpoints import Checkpoints
from streams.worker.faust.app import GateApp
from streams.worker.positions import Turn
from streams.worker.record import Record

LOOK_S = 0.1

log = logging.getLogger("phigate")


@dataclass(slots=True)
class Oldest:
    """The oldest event of a shard that may be unsigned, and since when, in milliseconds."""

    offset: int
    since_ms: int


class Gauge:
    """How far the audit of each shard is behind; pure, times are milliseconds of any clock."""

    def __init__(self, events_max: int, behind_ms_max: int) -> None:
        self._events_max = events_max
        self._behind_ms_max = behind_ms_max
        self._oldest: dict[int, Oldest] = {}

    def reason(self, shard: int, offset: int, signed: int, now_ms: int) -> str:
        """Return why the event at `offset` may not be folded yet, or nothing.

        Every event before `signed` is signed. A shard whose signed tree grows has a new grace.
        """
        oldest = self._oldest.get(shard)
        if oldest is None or oldest.offset < signed:
            oldest = self._oldest[shard] = Oldest(max(signed, 0), now_ms)
        if offset <= signed:
            oldest.since_ms = now_ms
            return ""
        waited_ms = now_ms - oldest.since_ms
        if offset - signed > self._events_max:
            return f"{offset - signed} events are not signed"
        if waited_ms > self._behind_ms_max:
            return f"{offset - signed} events have waited {waited_ms // 1000} s to be signed"
        return ""


class Brake:
    """Holds the fold of a shard for as long as `Gauge` gives a reason."""

    def __init__(self, app: GateApp, checkpoints: Checkpoints, settings: Settings) -> None:
        self._app = app
        self._checkpoints = checkpoints
        self._gauge = Gauge(settings.audit_behind_max, settings.audit_behind_ms_max)
        self._began: dict[int, int] = {}  # where this worker began, for a shard without any note

    async def hold(self, record: Record) -> None:
        """Return once the event may be folded, or is no longer this worker's to fold."""
        shard = record.place.partition
        held = False
        while self._app.positions.turn(record.place, record.offset) is Turn.NEXT:
            if self._checkpoints.caught_up:
                why = self._why(shard, record.offset)
                if not why:
                    break
                if not held:
                    log.warning("no new grants: the audit of shard %d is behind: %s", shard, why)
                held = True
            await asyncio.sleep(LOOK_S)
        if held:
            log.warning("grants go on: the audit of shard %d has signed again", shard)

    def free(self, record: Record) -> bool:
        """Return whether the event may be folded now."""
        known = self._checkpoints.caught_up
        return known and not self._why(record.place.partition, record.offset)

    def _why(self, shard: int, offset: int) -> str:
        head = self._checkpoints.head(shard)
        began = self._began.setdefault(shard, offset)
        signed = head.first + head.size if head else began
        return self._gauge.reason(shard, offset, signed, int(monotonic() * 1000))
