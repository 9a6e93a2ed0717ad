"""The fold's effects: requests, verdicts, grants; and until when a case must be over. Pure."""

import heapq
from collections.abc import Callable, Iterable

from streams.events import CaseEvent, DeadlinePassed, Effected, Source, derived_id
from streams.gate.case import Case
from streams.gate.projections import Seal, project
from streams.wire import codec
from streams.worker.logprogram import Folded, Product

RETRY_MS = 5_000  # an event that was lost on its way is said again
SILENT = frozenset({Effected.REFUSED, Effected.RECORDED})  # nothing moved, nothing to say

Shown = Callable[[Case], Iterable[tuple[str, bytes]]]
"""What a case shows, written down: topics without their prefix, and values."""


def sealed(seal: Seal) -> Shown:
    """Return how the gate writes down what a case shows: projected, signed, encoded."""
    return lambda case: [(o.topic, codec.encode(o.message)) for o in project(case, seal)]


class Deadlines:
    """The pending cases of this worker's partitions, by when they must be over."""

    def __init__(self) -> None:
        self._due: dict[bytes, tuple[int, int]] = {}
        self._heap: list[tuple[int, bytes]] = []

    def note(self, partition: int, key: bytes, due_ms: int) -> None:
        """Note a case's deadline; 0 takes it off."""
        if not due_ms:
            self._due.pop(key, None)
        if not due_ms or self._due.get(key) == (due_ms, partition):
            return
        self._due[key] = (due_ms, partition)
        heapq.heappush(self._heap, (due_ms, key))

    def clear(self) -> None:
        """Forget all."""
        self._due.clear()
        self._heap.clear()

    def passed(self, now_ms: int) -> list[tuple[bytes, int, int]]:
        """Return key, partition and deadline of what is over; each again later, until noted."""
        over = []
        while self._heap and self._heap[0][0] <= now_ms:
            at_ms, key = heapq.heappop(self._heap)
            due_ms, partition = self._due.get(key, (0, 0))
            if not due_ms or due_ms > at_ms:
                continue
            over.append((key, partition, due_ms))
            heapq.heappush(self._heap, (now_ms + RETRY_MS, key))
        return over


class FoldEffects:
    """Publishes what a case shows; `prefix` is the topics' prefix."""

    def __init__(self, prefix: str, shown: Shown) -> None:
        self._prefix = prefix
        self._shown = shown
        self.deadlines = Deadlines()

    def publish(self, folded: Folded, _: bytes | None) -> tuple[list[Product], bytes]:
        """Return the case's projections; a repeated event says them again."""
        case, effected = folded.step.case, folded.step.consequence.effected
        if case is None or effected in SILENT:
            return [], b""
        products = self.republish(case)
        if effected is Effected.REPORTED:  # an executor answers a grant that was durable before
            grants = f"{self._prefix}approved."
            products = [each for each in products if not each.topic.startswith(grants)]
        return products, b""

    def republish(self, case: Case) -> list[Product]:
        """Return the projections of the case as it stands."""
        key = case.intent_id.encode()
        return [Product(self._prefix + topic, key, value) for topic, value in self._shown(case)]

    def waits(self, _: bytes | None) -> bool:
        """Wait for nothing: what an event shows says nothing of what others show."""
        return False

    def noted(self, partition: int, key: bytes, due_ms: int) -> None:
        """Keep the deadline."""
        self.deadlines.note(partition, key, due_ms)

    def forget(self) -> None:
        """Forget every deadline."""
        self.deadlines.clear()


def passed(intent_id: str, partition: int, due_ms: int, now_ms: int) -> CaseEvent:
    """Return the event that ends a case; its id says that one deadline passes once."""
    return CaseEvent(
        event_id=derived_id("deadline", intent_id, str(due_ms)),
        intent_id=intent_id,
        at_ms=now_ms,
        source=Source(topic="clock", partition=partition, offset=due_ms),
        body=DeadlinePassed(deadline_ms=due_ms),
    )
