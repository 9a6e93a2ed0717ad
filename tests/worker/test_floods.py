"""Junk leaves little behind: refusals that come too fast are one event, and none is passed over."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streams.events import CaseEvent, Effected, InputRefused, Kind, Position, Request, Verdict
from streams.gate.fold import step
from streams.masking import Masked
from streams.settings import Settings, load_settings
from streams.wire import codec
from streams.worker.admission.admission import take
from streams.worker.admit import AdmitLoop
from streams.worker.floods import Floods
from streams.worker.positions import Positions
from streams.worker.record import Place, Record
from tests.attacks.door import Gate
from tests.gatehouse import AGENT, OWNER, new_id
from tests.worker.test_lanes import EVIL, Clock

HERE = Place("intents", 0)
JUNK = b"x" * 37


class Site:
    """An admit worker of one partition, without Kafka; `sent` is the log."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self.gate, self.clock = gate, Clock()
        self.sent: list[tuple[str, bytes]] = []
        self.acked: list[int] = []
        self.kept: dict[Place, int] = {}
        self.pausing = False
        self.positions = Positions()
        self.positions.hold({HERE: 0})
        self.pulse = SimpleNamespace(check=lambda: None)
        self.deliveries = SimpleNamespace(send=self._send)
        floods = Floods(settings, self.clock)
        self.loop = AdmitLoop(self, self, "cases", self._one, floods)  # type: ignore[arg-type]

    async def _one(self, record: Record, kind: Kind) -> Any:
        return await take(record, kind, self.gate.context, self.gate.mask)

    async def _send(self, _: str, key: bytes, value: bytes) -> int:
        self.sent.append((key.decode(), value))
        return 0

    async def keep(self, positions: dict[Place, int]) -> bool:
        """Note the positions."""
        self.kept |= positions
        return True

    async def take(self, offset: int, key: str, value: bytes) -> None:
        """Give it one input, and let it work."""
        message = SimpleNamespace(
            topic=HERE.topic, partition=0, offset=offset, key=key.encode(), value=value, timestamp=0
        )
        event = SimpleNamespace(message=message, ack=lambda: self.acked.append(offset))
        await self.loop._take(event, Kind.INTENT)
        for _ in range(5):
            await asyncio.sleep(0)

    async def wait(self, seconds: float) -> None:
        """Let time pass, and the loop look at it."""
        self.clock.now_s += seconds
        await self.loop._say_counted()
        await self.loop._keep_newer({})

    def events(self) -> list[CaseEvent]:
        """Return the log."""
        return [codec.decode(value, CaseEvent) for _, value in self.sent]


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Return a gate."""
    return Gate(tmp_path / "home", agents={AGENT: {"owner": OWNER}, EVIL: {"owner": OWNER}})


def good(gate: Gate) -> tuple[str, bytes]:
    """Return an intent that is admitted."""
    intent = gate.house.intent("db.query", {"n": 1}, on_behalf_of=None)
    return intent.intent_id, codec.encode(intent)


def test_a_flood_of_junk_is_a_few_events(gate: Gate) -> None:
    """Ten thousand times 37 bytes: those that may stand alone, one event a window, nothing more."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=5, refused_window_ms=10_000))
        for offset in range(10_000):
            await site.take(offset, new_id(), JUNK)
        await site.wait(10.1)
        return site

    site = asyncio.run(play())
    bodies = [event.body for event in site.events()]
    assert 6 == len(bodies)
    last = bodies[-1]
    assert isinstance(last, InputRefused)
    assert (9_994, 9_995 * 37, "not_avro", False) == (
        last.more,
        last.bytes_total,
        last.reason,
        last.answerable,
    )
    assert {HERE: 10_000} == site.kept
    assert 10_000 == len(site.acked)


def test_junk_leaves_no_case_and_no_verdict(gate: Gate) -> None:
    """Alone or counted, it opens nothing and answers nobody: neither a row nor a word is left."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=2))
        for offset in range(8):
            await site.take(offset, new_id(), JUNK)
        await site.wait(11)
        return site

    for offset, event in enumerate(asyncio.run(play()).events()):
        made = step(None, event, Position(partition=0, offset=offset))
        assert (None, Effected.REFUSED) == (made.case, made.consequence.effected)


def test_an_intent_amid_the_flood_is_admitted_at_once(gate: Gate) -> None:
    """It stands in the log before the window is over; its position is kept after what is before."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=0))
        for offset in range(3):
            await site.take(offset, new_id(), JUNK)
        await site.take(3, *good(gate))
        assert ["IntentAdmitted"] == [event.body.type for event in site.events()]
        assert {} == site.kept
        await site.wait(11)
        assert {HERE: 4} == site.kept
        return site

    assert ["IntentAdmitted", "InputRefused"] == [e.body.type for e in asyncio.run(play()).events()]


def test_a_worker_that_ends_writes_down_what_it_counted(gate: Gate) -> None:
    """The graceful end says it; after a crash before that the positions are behind all of it."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=0))
        for offset in range(4):
            await site.take(offset, new_id(), JUNK)
        assert ([], {}) == (site.sent, site.kept)
        await site.loop.drain()
        return site

    site = asyncio.run(play())
    assert (1, {HERE: 4}) == (len(site.sent), site.kept)


def test_the_stock_fills_again(gate: Gate) -> None:
    """One a minute, up to the most."""

    async def play() -> list[int]:
        site, counts = Site(gate, load_settings(refused_alone_max=2)), []
        offset = 0
        for minutes in (0, 1, 60):
            site.clock.now_s += minutes * 60
            before = len(site.sent)
            for _ in range(6):
                await site.take(offset, new_id(), JUNK)
                offset += 1
            counts.append(len(site.sent) - before)
            await site.wait(11)
        return counts

    assert [2, 1, 2] == asyncio.run(play())


def test_a_slow_agent_holds_nobody_up(gate: Gate) -> None:
    """Two hundred of its documents wait; whoever comes then is next as soon as one has ended."""
    ends: list[asyncio.Event] = []

    async def slow(document: object, _: object = None) -> Masked:
        if "evil" in str(document):
            ends.append(asyncio.Event())
            await ends[-1].wait()
        return Masked(document, ())

    async def play() -> Site:
        site = Site(gate, load_settings(agent_masking_ms_per_minute=0))
        gate.limit(site.clock, places=2)
        gate.mask = slow  # type: ignore[method-assign]
        for offset in range(200):
            evil = gate.house.intent(
                "db.query", {"n": "evil"}, agent=EVIL, intent_id=new_id(EVIL), on_behalf_of=None
            )
            await site.take(offset, evil.intent_id, codec.encode(evil))
        await site.take(200, *good(gate))
        assert [] == site.sent
        site.clock.now_s += 10
        ends[0].set()
        for _ in range(50):
            await asyncio.sleep(0)
        names = [event.body.agent for event in site.events() if hasattr(event.body, "agent")]
        assert [EVIL, AGENT] == names
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        return site

    assert 2 == len(asyncio.run(play()).sent)


def test_several_reasons_are_told_by_number(gate: Gate) -> None:
    """What was in the flood is said in codes; nothing of the inputs is."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=0))
        for offset in range(6):
            stranger = gate.house.intent(agent="nobody")
            value = codec.encode(stranger) if offset % 3 else JUNK
            await site.take(offset, stranger.intent_id, value)
        await site.wait(11)
        return site

    (event,) = asyncio.run(play()).events()
    assert isinstance(event.body, InputRefused)
    assert "too_many" == event.body.reason
    assert "6 inputs that came too fast: unknown_agent 4, not_avro 2" == event.body.detail
    assert (None, "") == (event.body.who, event.body.content)


def test_nothing_of_a_flood_looks_like_a_view(gate: Gate) -> None:
    """What stands for many has an id of its own, which no agent can have asked under."""

    async def play() -> Site:
        site = Site(gate, load_settings(refused_alone_max=0))
        name = new_id()
        await site.take(0, name, JUNK)
        await site.wait(11)
        assert name != site.sent[0][0]
        return site

    (event,) = asyncio.run(play()).events()
    assert codec.encode(event)
    assert not isinstance(event.body, Request | Verdict)
