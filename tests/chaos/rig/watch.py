"""Reads verdicts while the cluster is broken: what is still open, and how long recovery took.

A fault's recovery is the time from the fault until every partition has answered an intent that was
proposed after it.
"""

import time
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from streams.clock import now_ms
from streams.errors import WireError
from streams.events import State, Verdict
from streams.settings import Settings
from streams.wire import client, codec, topics
from tests.chaos.rig.checker import end_of
from tests.chaos.rig.history import Journal


@dataclass
class Probe:
    """One fault's recovery: partitions that have not answered yet."""

    at_s: float
    open: set[int]
    took_s: float | None = None
    first_s: float | None = None


@dataclass
class Watch:
    """The live view; `journal` notes each end that was seen."""

    settings: Settings
    journal: Journal
    probes: list[Probe] = field(default_factory=list)
    _sent_s: dict[str, float] = field(default_factory=dict)
    _unended: set[str] = field(default_factory=set)
    _ends: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _over: Event = field(default_factory=Event)

    def start(self) -> None:
        """Begin to read."""
        self._thread = Thread(target=self._work, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._over.set()
        self._thread.join()

    def sent(self, intent_id: str) -> None:
        """Note when an intent was (last) proposed."""
        with self._lock:
            self._sent_s[intent_id] = time.monotonic()
            self._unended.add(intent_id)

    def probe(self) -> Probe:
        """Begin to measure a recovery from now."""
        with self._lock:
            made = Probe(time.monotonic(), set(range(self.settings.partitions)))
            self.probes.append(made)
        return made

    @property
    def unended(self) -> int:
        """Return how many intents have no verdict, or a grant without an outcome."""
        with self._lock:
            return len(self._unended)

    def recoveries(self) -> list[float]:
        """Return the seconds of every recovery that was completed."""
        return sorted(probe.took_s for probe in self.probes if probe.took_s is not None)

    def _work(self) -> None:
        with closing(client.consumer(self.settings, f"watch-{now_ms()}")) as reader:
            reader.subscribe([topics.name(self.settings, "verdicts")])
            while not self._over.is_set():
                message = reader.poll(0.2)
                if message is not None and message.error() is None:
                    try:
                        self._see(codec.decode(message.value() or b"", Verdict))
                    except WireError:
                        continue

    def _see(self, told: Verdict) -> None:
        end = end_of(told)
        if self._ends.get(told.intent_id) != end:
            self._ends[told.intent_id] = end
            self.journal.write(id=told.intent_id, end=end)
        with self._lock:
            if told.state is not State.GRANTED or told.outcome is not None:
                self._unended.discard(told.intent_id)
            sent_s = self._sent_s.get(told.intent_id, 0.0)
            now_s = time.monotonic()
            for probe in self.probes:
                if probe.open and sent_s > probe.at_s:
                    probe.first_s = probe.first_s or now_s - probe.at_s
                    probe.open.discard(told.position.partition)
                    if not probe.open:
                        probe.took_s = now_s - probe.at_s
