"""A worker whose product code is changed from outside: faults that strike once, rules broken.

    python -m tests.worker.broken worker run fold ...

FAULTS and BROKEN name them, commas between. A fault leaves a file in the home, so that it does not
strike again when the worker is started anew. The product has no switch for any of this.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from confluent_kafka import KafkaError

from streams.__main__ import main
from streams.events import derived_id
from streams.worker import admit, deliveries, logprogram, loop, positions
from streams.worker.faust import app, table
from streams.worker.leave import RESTART
from streams.worker.record import Record

RAISES, UNSENT, CUT = (derived_id("case", str(number)) for number in (2, 4, 6))
"""The intents whose event raises in the agent, whose verdict is not delivered, whose folding is cut
off in the middle."""


def once(name: str) -> bool:
    """Tell whether this fault has still to strike, and note that it did."""
    mark = Path(os.environ["PHIGATE_HOME"]) / f"fault-{name}"
    if mark.exists():
        return False
    mark.touch()
    return True


def change(owner: object, name: str, value: object) -> None:
    """Put something of the test's in the product's place."""
    setattr(owner, name, value)


# ---------------------------------------------------------------- faults


def raises() -> None:
    """Raise in the agent, on one event."""
    fold = logprogram.LogProgram._fold

    def failing(self: Any, record: Record, batch: Any) -> Any:
        if record.key == RAISES.encode() and once("raises"):
            raise RuntimeError
        return fold(self, record, batch)

    change(logprogram.LogProgram, "_fold", failing)


class Unreliable:
    """A producer that does not deliver one record, and says so."""

    believed = False

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def produce(self, topic: str, **record: Any) -> None:
        """Send all but one verdict."""
        if topic.endswith("verdicts") and record["key"] == UNSENT.encode() and once("unsent"):
            failed = None if self.believed else KafkaError(KafkaError._MSG_TIMED_OUT)
            record["on_delivery"](failed, Sent())
        else:
            self._producer.produce(topic, **record)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)


class Sent:
    """What a delivery report names."""

    def offset(self) -> int:
        """Return an offset."""
        return 0


def unsent() -> None:
    """Fail to deliver one verdict."""
    start = deliveries.Deliveries.__init__

    def unreliable(self: Any, producer: Any) -> None:
        start(self, Unreliable(producer))

    change(deliveries.Deliveries, "__init__", unreliable)


def cut() -> None:
    """End the process between the effects of one event, whichever comes first."""
    write, send = table.CaseTable.write, loop.LogLoop._settle
    done: set[str] = set()

    def first(effect: str) -> None:
        done.add(effect)
        if len(done) > 1 and once("cut"):
            os._exit(RESTART)

    def writes(self: Any, partition: int, key: bytes, value: bytes) -> None:
        if key == CUT.encode():
            first("row")
        write(self, partition, key, value)

    async def sends(self: Any, products: Any) -> None:
        if any(product.key == CUT.encode() for product in products):
            first("outputs")
        await send(self, products)

    change(table.CaseTable, "write", writes)
    change(loop.LogLoop, "_settle", sends)


# ---------------------------------------------------------------- rules broken


def swallow() -> None:
    """Rule 1: an exception in the agent is logged, and its event acknowledged."""
    batch = loop.LogLoop.batch

    async def one(self: Any, records: list[Record]) -> int:
        try:
            return await batch(self, records[:1])
        except RuntimeError:
            return 1

    change(loop.LogLoop, "batch", one)


def believe() -> None:
    """Rule 2: a failed send is a warning."""
    Unreliable.believed = True


def trust() -> None:
    """Rule 20: whatever comes is the next, wherever Faust's committed offset lets it begin."""
    change(positions.Positions, "turn", lambda *_: positions.Turn.NEXT)

    async def seek(self: Any, _: Any) -> None:
        self._settled = True

    change(app.GateApp, "seek_own", seek)


def row_first() -> None:
    """Rule 7: the row is durable before the outputs, so a replay finds it done and is dropped."""
    batch = loop.LogLoop.batch

    async def rows_first(self: Any, records: list[Record]) -> int:
        kept: list[Any] = []
        settle = self._settle

        async def later(products: Any) -> None:
            kept.extend(products)

        self._settle = later
        taken = await batch(self, records[:1])  # one, so that no other one is lost
        del self._settle
        while self._table._waiting:  # noqa: ASYNC110 - a test's shortcut
            await asyncio.sleep(0.01)
        await settle(kept)
        return taken

    change(loop.LogLoop, "batch", rows_first)


def in_place() -> None:
    """Rule 8: what came on one partition goes on to the same one of the log."""
    one = admit.AdmitLoop._one

    async def same(self: Any, record: Record, kind: Any) -> None:
        real = self._app

        def send(topic: str, key: bytes, value: bytes) -> Any:
            return real.deliveries.send(topic, key, value, partition=record.place.partition)

        host: Any = SimpleNamespace(**vars(self))
        host._patiently_admit = self._patiently_admit
        host._app = SimpleNamespace(pulse=real.pulse, deliveries=SimpleNamespace(send=send))
        await one(host, record, kind)

    change(admit.AdmitLoop, "_one", same)


CHANGES: dict[str, Callable[[], None]] = {
    "raises": raises, "unsent": unsent, "cut": cut,
    "swallow": swallow, "believe": believe, "trust": trust, "row-first": row_first,
    "in-place": in_place,
}  # fmt: skip

if __name__ == "__main__":
    for variable in ("FAULTS", "BROKEN"):
        for name in filter(None, os.environ.get(variable, "").split(",")):
            CHANGES[name]()
    main()
