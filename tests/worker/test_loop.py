"""The order of one event's effects, and what stops in the middle of them."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from streams.events import Effect
from streams.gate.case import Case
from streams.wire import codec
from streams.worker.loop import Folded, LogLoop, Product
from streams.worker.positions import Positions
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY, unpack
from tests import builders
from tests.worker.left import Left

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Place("cases", 0)


class Host:
    """App, table and effects in one; it notes what happens, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.rows: dict[bytes, bytes] = {}
        self.during: Callable[[], None] = lambda: None
        self.positions = Positions()
        self.positions.hold({HERE: 0})
        self.pulse = SimpleNamespace(check=lambda: None)
        self.deliveries = SimpleNamespace(send=self._send)
        self.letting_go: list[Callable[[], None]] = []
        self.loop = LogLoop(self, self, self)  # type: ignore[arg-type]

    async def _send(self, topic: str, *_: Any, **__: Any) -> int:
        self.done.append(f"send {topic}")
        self.during()
        await asyncio.sleep(0)
        self.done.append(f"durable {topic}")
        return 0

    async def room(self) -> None:
        """Have room."""

    async def seek_back(self, place: Place) -> None:
        """Note that it was asked for."""
        self.done.append(f"seek {place.partition} to {self.positions.expected(place)}")

    def read(self, _: int, key: bytes) -> bytes | None:
        """Return a row."""
        return self.rows.get(key)

    def write(self, _: int, key: bytes, value: bytes) -> None:
        """Note a row."""
        self.done.append("row")
        self.rows[key] = value

    def publish(self, folded: Folded, _: bytes | None) -> tuple[list[Product], bytes]:
        """Publish two things for each event that opened a case."""
        opened = folded.step.case is not None
        return [Product("a", b"", b""), Product("b", b"", b"")] if opened else [], b"mark"

    def republish(self, _: Case) -> list[Product]:
        """Publish one."""
        return [Product("again", b"", b"")]

    def noted(self, *_: Any) -> None:
        """Note nothing."""

    def take(self, *records: Record) -> None:
        """Let the loop take these."""

        async def run() -> None:
            for record in records:
                await self.loop._take(record)

        asyncio.run(run())


def record(offset: int = 0, value: bytes | None = None, key: str = builders.INTENT_ID) -> Record:
    """Return a record of the log, an admitted intent if nothing else is said."""
    body = builders.intent(ruling=builders.ruling(Effect.PERMIT))
    event = codec.encode(builders.event(body, offset))
    return Record(HERE, offset, key.encode(), event if value is None else value)


def test_the_row_comes_after_the_outputs_are_durable() -> None:
    """No row stands before its outputs: a crash in between replays the event."""
    host = Host()
    host.take(record())
    assert ["send a", "send b", "durable a", "durable b", "row"] == host.done
    assert 0 == unpack(host.rows[builders.INTENT_ID.encode()]).applied
    assert {HERE: 1} == host.positions.held()


def test_a_repeat_says_it_again() -> None:
    """An event that was folded before publishes what its case shows, and writes no row."""
    host = Host()
    host.take(record(), record())
    assert ["send again", "durable again"] == host.done[5:]
    assert {HERE: 1} == host.positions.held()


def test_what_this_worker_said_itself_is_not_said_again() -> None:
    """A slow worker that is sought back passes over what it folded since it has the partition."""
    host = Host()
    host.loop._began = {HERE: 0}
    host.take(record(), record())
    assert "send again" not in host.done


def test_a_gap_is_never_folded() -> None:
    """An event that does not follow is not folded: the missing ones are sought."""
    host = Host()
    host.take(record(3))
    assert ["seek 0 to 0"] == host.done


def test_a_stray_does_nothing() -> None:
    """An event of a partition that is not held is left to who holds it."""
    host = Host()
    host.positions.hold({})
    host.take(record())
    assert [] == host.done


def test_a_partition_that_went_meanwhile_gets_no_row() -> None:
    """Where the partition goes while outputs are on their way, its new owner writes the row."""
    host = Host()
    host.during = lambda: host.positions.hold({})
    host.take(record())
    assert "row" not in host.done
    assert {} == host.positions.held()


def test_a_pause_meanwhile_gets_no_row() -> None:
    """A worker that slept while outputs were on their way leaves before the row."""
    host = Host()

    def left() -> None:
        raise Left(70)

    def sleeps() -> None:
        host.pulse.check = left

    host.during = sleeps
    with pytest.raises(Left):
        host.take(record())
    assert "row" not in host.done


@pytest.mark.parametrize(
    "poison",
    [
        record(value=b"junk"),
        record(value=b""),
        record(key=""),
        record(key="another"),
        record(key="\x00position"),
        record(key="__faust\x00offset__"),
    ],
)
def test_poison_moves_the_position_and_nothing_else(poison: Record) -> None:
    """What is no event of its key's intent is passed, with a row for the position alone."""
    host = Host()
    host.rows[b"__faust\x00offset__"] = b"7"  # what RocksDB keeps under Faust's own name
    host.take(poison)
    assert ["row"] == host.done
    assert (0, b"") == (
        unpack(host.rows[POSITION_KEY]).applied,
        unpack(host.rows[POSITION_KEY]).case,
    )
    assert {HERE: 1} == host.positions.held()


def test_a_partition_that_was_not_recovered_is_not_started() -> None:
    """Rebalances overlap: without its rows it would be folded from the beginning, over them."""
    host = Host()
    assert {} == asyncio.run(host.loop._starts({HERE}))
    host.loop._whole.add(HERE.partition)
    for forget in host.letting_go:
        forget()
    assert {} == asyncio.run(host.loop._starts({HERE}))
