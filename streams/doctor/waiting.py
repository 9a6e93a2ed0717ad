"""Grants that wait before their executors: parked for a key that is not known there, or not taken.

An executor's position stays before the oldest grant that waits, whatever it runs meanwhile. So what
waits can be told by the position alone, and by how long its record has stood there.
"""

from collections.abc import Iterator
from typing import Final

from streams.clock import now_ms
from streams.directory import Directory
from streams.doctor import workers
from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.settings import Settings
from streams.times import MINUTE_MS
from streams.wire import client, credential, topics

SOON_MS: Final = MINUTE_MS  # a handler that works; longer is worth a line


def grants(settings: Settings) -> Iterator[Diagnosis]:
    """Find classes before whose executors grants have waited for a minute. Asked as the admin."""
    asking = credential.as_role(settings, credential.ADMIN)
    held = False
    for name in Directory.load(settings.directory).executors:
        found = told(name, *_waiting(asking, name), now_ms())
        if found is not None:
            held = True
            yield found
    if not held:
        yield ok("grants", "no grant waits for its executor")


def told(
    name: str, members: int, count: int, oldest_ms: int | None, at_ms: int
) -> Diagnosis | None:
    """Say what waits for a class, if anything does for long."""
    if not count or oldest_ms is None or at_ms - oldest_ms < SOON_MS:
        return None
    minutes = (at_ms - oldest_ms) // MINUTE_MS
    said = f"{count} records wait for executors of {name}, the oldest for {minutes} min"
    if not members:
        return risk("grants", f"{said}: none runs", f"start one that serves {name}")
    todo = (
        f"if the log of the executors of {name} says `waits, and is not passed over`: bring the"
        " gate's published keys there, or this phigate up to date; else a handler takes long"
    )
    return warn("grants", said, todo)


def _waiting(settings: Settings, name: str) -> tuple[int, int, int | None]:
    """Return how many executors there are, what stands behind their positions, and since when."""
    topic = f"approved.{name}"
    members, positions = workers.group(settings, f"executor-{name}")
    ends = workers.source_ends(settings, (topic,))
    behind = {part: start for (_, part), (start, _) in workers.behind(ends, positions).items()}
    oldest: dict[int, int] = {}
    if behind:
        full = topics.name(settings, topic)
        for record in client.records(settings, full, list(behind), starts=behind):
            oldest.setdefault(record.partition, record.timestamp_ms)
            if len(oldest) == len(behind):
                break
    return members, workers.waiting(ends, positions), min(oldest.values(), default=None)
