"""What a reader finds last in `requests` and `verdicts` is the newest, also after compaction.

A worker that was paused and wakes may still deliver a view that its successor has outdone. Readers
keep the highest position, but compaction keeps what stands last, and then only the stale view is
left. So whoever folds a partition looks at what was written there since the last look, and where
another view than the case's stands last, says the case's again. So too where a request stands last
that the gate has not signed: doors pass it over, and compaction would leave nothing else.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from streams import statements
from streams.clock import now_ms
from streams.errors import BrokerError, InputError
from streams.events import Request, RequestStatement, Verdict
from streams.gate import view
from streams.signing import PublicKey
from streams.wire import client, codec
from streams.worker.faust.app import GateApp
from streams.worker.logprogram import Product

LOOK_S = 20.0
BACK_MS = (
    600_000  # so far back the first look goes: longer than a queue outlives its worker's pause
)
UNREADABLE = -1

log = logging.getLogger("phigate")

Kind = type[Request] | type[Verdict]
Shown = Callable[[int, bytes, int], list[Product]]
"""Partition, key, position: what the case says, nothing where that position is its newest."""


class Views:
    """Mends the topics named in `kinds`, on the partitions that the app holds.

    `keys` are those that the gate signs requests with; without them no signature is looked at.
    """

    def __init__(
        self,
        app: GateApp,
        kinds: Mapping[str, Kind],
        shown: Shown,
        keys: Sequence[PublicKey] = (),
    ) -> None:
        self._app = app
        self._kinds = dict(kinds)
        self._shown = shown
        self._keys = tuple(keys)
        self._next: dict[tuple[str, int], int] = {}

    async def mend(self) -> None:
        """Look every now and then; for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self._app.steady:
                try:
                    await self.look()
                except BrokerError as error:
                    log.warning("views are not looked at yet: %s", error)

    async def look(self) -> None:
        """Look once. Raises BrokerError."""
        held = {place.partition for place in self._app.positions.held()}
        self._next = {place: at for place, at in self._next.items() if place[1] in held}
        for topic in self._kinds:
            for (partition, key), at in (await asyncio.to_thread(self._last, topic, held)).items():
                await self._say(topic, partition, key, at)

    async def _say(self, topic: str, partition: int, key: bytes, at: int) -> None:
        """Say the case's view again, if it is newer than the one at position `at`."""
        for product in self._shown(partition, key, at):
            if product.topic == topic and self._at(topic, product.value) > at:
                log.warning("%s-%d: a stale view is mended", topic, partition)
                self._app.pulse.check()
                await self._app.deliveries.send(topic, key, product.value, partition=partition)

    def _last(self, topic: str, held: set[int]) -> dict[tuple[int, bytes], int]:
        """Return the position that stands last for each key that was written since."""
        found: dict[tuple[int, bytes], int] = {}
        for record in self._written(topic, held):
            self._next[topic, record.partition] = record.offset + 1
            if record.key is not None:
                found[record.partition, record.key] = self._at(topic, record.value or b"")
        return found

    def _written(self, topic: str, held: set[int]) -> Iterator[client.KafkaRecord]:
        starts = {n: self._next[topic, n] for n in held if (topic, n) in self._next}
        if fresh := held - starts.keys():
            since_ms = now_ms() - BACK_MS
            yield from client.records(self._app.settings, topic, fresh, since_ms)
        if starts:
            yield from client.records(self._app.settings, topic, set(starts), starts=starts)

    def _at(self, topic: str, value: bytes) -> int:
        """Return the position of a view; UNREADABLE where it is none, or not the gate's."""
        try:
            found = codec.decode(value, self._kinds[topic])
            if self._keys and isinstance(found, Request):
                _, said = statements.read(RequestStatement, found.envelope, self._keys)
                if said != view.statement(found):
                    return UNREADABLE
        except InputError:
            return UNREADABLE
        return found.position.offset
