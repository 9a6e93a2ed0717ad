"""The order of a batch's effects, and what stops in the middle of them."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from streams.events import Effect
from streams.gate.case import Case
from streams.wire import codec
from streams.worker.logprogram import Folded, Product
from streams.worker.loop import RECORDS_MAX, Aside, LogLoop
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
        self.due = False

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

    def waits(self, _: bytes | None) -> bool:
        """Say whether the next event needs those before it."""
        return self.due

    def noted(self, *_: Any) -> None:
        """Note nothing."""

    def take(self, *records: Record) -> None:
        """Let the loop take these, one after the other."""
        for record in records:
            self.batch(record)

    def batch(self, *records: Record) -> int:
        """Let the loop take these at once; return how many it took."""
        return asyncio.run(self.loop.batch(list(records)))


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
    host.loop._program.begin({HERE: 0})
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


OTHER = "01890a5d-ac96-774b-bcce-b302099a8057"


def events(count: int) -> list[Record]:
    """Return admitted intents that follow each other, each of its own."""
    made = []
    for offset in range(count):
        intent_id = f"{OTHER[:-4]}{offset:04d}"
        body = builders.intent(ruling=builders.ruling(Effect.PERMIT))
        event = builders.event(body, offset, intent_id=intent_id)
        made.append(Record(HERE, offset, intent_id.encode(), codec.encode(event)))
    return made


def test_a_batch_waits_once() -> None:
    """All outputs are on their way before one is awaited; then the rows, in the log's order."""
    host = Host()
    assert 3 == host.batch(*events(3))
    kinds = [what.split()[0] for what in host.done]
    assert ["send"] * 6 + ["durable"] * 6 + ["row"] * 3 == kinds
    assert [0, 1, 2] == [unpack(row).applied for row in host.rows.values()]
    assert {HERE: 3} == host.positions.held()


def test_events_of_a_batch_see_each_other() -> None:
    """The second event of an intent is folded over what the first left, not over the table."""
    host = Host()
    first = record()
    assert 2 == host.batch(first, Record(HERE, 1, first.key, first.value))
    assert 1 == unpack(host.rows[first.key]).applied
    assert {HERE: 2} == host.positions.held()


def test_a_batch_of_a_partition_that_went_gets_no_row() -> None:
    """None of its rows is written where the partition goes while outputs are on their way."""
    host = Host()
    host.during = lambda: host.positions.hold({})
    host.batch(*events(3))
    assert "row" not in host.done


def test_a_gap_ends_a_batch() -> None:
    """What follows is folded; what does not is sought, and nothing behind it is looked at."""
    host = Host()
    first, _, third, fourth = events(4)
    assert 2 == host.batch(first, third, fourth)
    assert 1 == host.done.count("row")
    assert {HERE: 1} == host.positions.held()


def test_what_speaks_of_durable_events_waits_for_them() -> None:
    """A note on a tree is in no batch with the entries that it covers."""
    host = Host()
    host.due = True
    assert 1 == host.batch(*events(3))


class OneHeld:
    """Holds whatever comes after the first event."""

    async def hold(self, record: Record) -> None:
        """Let it pass."""

    def free(self, record: Record) -> bool:
        """Let the first pass."""
        return not record.offset


def test_the_brake_ends_a_batch() -> None:
    """What may not be folded yet holds up nothing that was folded."""
    host = Host()
    host.loop.brake = OneHeld()
    assert 1 == host.batch(*events(3))
    assert "row" in host.done


def test_what_is_put_aside_is_bounded() -> None:
    """No more is read ahead than a batch holds; what was folded is acknowledged, in order."""
    acked: list[int] = []

    def event(offset: int) -> Any:
        message = SimpleNamespace(
            topic="cases", partition=0, offset=offset, key=b"k", value=b"v", timestamp=0
        )
        return SimpleNamespace(message=message, ack=lambda: acked.append(offset))

    async def run() -> int:
        aside = Aside()
        for offset in range(RECORDS_MAX):
            await aside.put(event(offset))
        more = asyncio.create_task(aside.put(event(RECORDS_MAX)))
        await asyncio.sleep(0)
        assert not more.done()
        aside.done(2)
        await more
        return len(await aside.waiting())

    assert RECORDS_MAX - 1 == asyncio.run(run())
    assert [0, 1] == acked
