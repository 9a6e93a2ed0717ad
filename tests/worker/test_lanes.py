"""Whose turn it is to be masked, and what one agent may ask."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from streams.errors import RefusedError
from streams.events import InputRefused, IntentAdmitted, Kind
from streams.masking import Masked
from streams.settings import load_settings
from streams.wire import codec
from streams.worker.admission.admission import Admitted, take
from streams.worker.budget import Budgets, OverBudgetError
from streams.worker.inflight import Room
from streams.worker.lanes import HALF_LIFE_S, HOG_MS, Lanes
from streams.worker.record import Place, Record
from tests.attacks.door import Gate
from tests.gatehouse import AGENT, OWNER, new_id

EVIL = "evil-bot"


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s


async def settled() -> None:
    """Let everybody go on who can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Queue:
    """Documents that are masked for as long as the test says."""

    def __init__(self, places: int) -> None:
        self.clock = Clock()
        self.lanes = Lanes(places, self.clock)
        self.begun: list[str] = []
        self._ends: list[tuple[str, asyncio.Event]] = []

    async def _one(self, agent: str) -> None:
        async with self.lanes.turn(agent):
            self.begun.append(agent)
            end = asyncio.Event()
            self._ends.append((agent, end))
            await end.wait()

    def give(self, *agents: str) -> list["asyncio.Task[None]"]:
        """Give documents of these agents, in this order."""
        return [asyncio.create_task(self._one(agent)) for agent in agents]

    async def after(self, seconds: float, count: int = 1) -> None:
        """End the `count` oldest that run, so many seconds later."""
        await settled()
        self.clock.now_s += seconds
        for _ in range(count):
            self._ends.pop(0)[1].set()
            await settled()


def played(story: Callable[[Queue], Coroutine[Any, Any, None]], places: int = 1) -> Queue:
    """Return the queue after a story."""

    async def play() -> Queue:
        queue = Queue(places)
        await story(queue)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await settled()
        return queue

    return asyncio.run(play())


def test_who_takes_long_waits_behind_the_others() -> None:
    """Twenty documents of one agent that all time out: whoever comes next waits for one of them."""

    async def story(queue: Queue) -> None:
        queue.give(*[EVIL] * 20)
        await queue.after(10)
        queue.give(AGENT, "other", AGENT)
        await queue.after(10)
        for _ in range(3):
            await queue.after(0.01)

    assert [EVIL, EVIL, AGENT, "other", AGENT, EVIL] == played(story).begun


def test_a_hog_leaves_a_place_to_the_others() -> None:
    """With two processes an agent that has taken long gets one of them, at whatever time."""

    async def story(queue: Queue) -> None:
        queue.give(*[EVIL] * 6)
        await queue.after(10, 2)
        await settled()
        queue.give(AGENT)
        await settled()

    assert [EVIL, EVIL, EVIL, AGENT] == played(story, places=2).begun


def test_a_short_burst_is_no_hog() -> None:
    """An agent that is alone, and quick, has all places."""

    async def story(queue: Queue) -> None:
        queue.give(*[AGENT] * 6)
        await queue.after(0.01, 2)

    assert [AGENT] * 4 == played(story, places=2).begun


def test_a_remark_never_waits_for_an_intent() -> None:
    """An answer's reason is masked while every place of the intents is taken."""

    async def story(queue: Queue) -> None:
        queue.give(*[EVIL] * 5)
        await settled()
        queue.give("")
        await settled()

    assert [EVIL, EVIL, ""] == played(story, places=2).begun


def test_what_was_taken_is_forgotten_by_half() -> None:
    """A minute later half is left; what still runs counts too."""

    async def story(queue: Queue) -> None:
        queue.give(EVIL)
        await settled()
        queue.clock.now_s += 10
        assert 10_000 == pytest.approx(queue.lanes.load_ms(EVIL))
        await queue.after(0)
        queue.clock.now_s += HALF_LIFE_S
        assert 5_000 == pytest.approx(queue.lanes.load_ms(EVIL))
        assert queue.lanes.load_ms(AGENT) == 0 < HOG_MS

    played(story)


def test_who_gives_up_waiting_holds_no_place() -> None:
    """A wait that is cancelled, before or after its turn was given, leaves the place to others."""

    async def story(queue: Queue) -> None:
        first, second, third = queue.give(EVIL, EVIL, AGENT)
        await settled()
        second.cancel()
        await settled()
        first.cancel()
        third.cancel()
        await settled()
        queue.give("other")
        await settled()

    assert "other" == played(story).begun[-1]


def test_a_lane_that_is_closed_gives_no_more_turns() -> None:
    """Who runs goes on to the end; who waits, or comes, is cancelled."""

    async def story(queue: Queue) -> None:
        running, waiting = queue.give(AGENT, EVIL)
        await settled()
        queue.lanes.close()
        (late,) = queue.give("other")
        await settled()
        assert (False, True, True) == (running.done(), waiting.cancelled(), late.cancelled())
        await queue.after(1)
        assert running.done()

    assert [AGENT] == played(story).begun


def test_a_room_is_so_many_inputs_and_so_many_bytes() -> None:
    """What is larger than all of it passes alone; nobody waits for ever."""

    async def play() -> list[int]:
        room, inside = Room(3, 100), list[int]()

        async def one(size: int) -> None:
            await room.enter(size)
            inside.append(size)

        tasks = [asyncio.create_task(one(size)) for size in (60, 60, 500, 1, 1, 1)]
        await settled()
        assert [60, 1, 1] == inside
        for size in (60, 1, 1):
            room.leave(size)
        await settled()
        room.leave(inside[3])
        await settled()
        for size in inside[4:]:
            room.leave(size)
        await settled()
        assert all(task.done() for task in tasks)
        return inside

    assert sorted([60, 60, 500, 1, 1, 1]) == sorted(asyncio.run(play()))


# ---------------------------------------------------------------- budgets


def budgets(**limits: int) -> tuple[Budgets, Clock]:
    """Return budgets of these limits, and their clock."""
    whole = {
        "agent_intents_per_minute": 0,
        "agent_bytes_per_minute": 0,
        "agent_masking_ms_per_minute": 0,
    }
    clock = Clock()
    return Budgets(load_settings(**{**whole, **limits}), Lanes(1, clock), clock), clock


def asked(budget: Budgets, count: int, agent: str = AGENT, size: int = 100, start: int = 0) -> int:
    """Ask so often; return how often it may."""
    good = 0
    for number in range(start, start + count):
        try:
            budget.charge(agent, ("intents-0", number), size)
        except OverBudgetError:
            continue
        good += 1
    return good


def test_a_minute_s_worth_passes_at_once_and_more_as_time_goes() -> None:
    """A burst of a minute's worth, then as many a second as the minute has."""
    budget, clock = budgets(agent_intents_per_minute=60)
    assert 60 == asked(budget, 100)
    clock.now_s += 10
    assert 10 == asked(budget, 100, start=100)
    clock.now_s += 3_600
    assert 60 == asked(budget, 100, start=200)


def test_one_agent_s_flood_takes_nothing_of_another_s() -> None:
    """Each has its own."""
    budget, _ = budgets(agent_intents_per_minute=10)
    asked(budget, 1_000, EVIL)
    assert 10 == asked(budget, 10, AGENT, start=1_000)


def test_bytes_count_as_well() -> None:
    """Few large ones are as much as many small ones; one larger than the minute passes alone."""
    budget, clock = budgets(agent_bytes_per_minute=1_000)
    assert 10 == asked(budget, 50, size=100)
    clock.now_s += 60
    assert 1 == asked(budget, 5, size=5_000, start=50)


def test_no_limit_is_none() -> None:
    """Zero lets everything through."""
    assert 5_000 == asked(budgets()[0], 5_000)


def test_an_input_is_charged_once_however_often_it_is_tried() -> None:
    """While keys are away the same input is tried again and again."""
    budget, _ = budgets(agent_intents_per_minute=2)
    for _ in range(50):
        budget.charge(AGENT, ("intents-0", 7), 1)
    budget.charge(AGENT, ("intents-0", 8), 1)


def test_the_first_of_a_minute_is_told() -> None:
    """And the first of the next one; the others are counted."""
    budget, clock = budgets(agent_intents_per_minute=1)
    told = []
    for number in range(8):
        clock.now_s += 61 if number == 4 else 0
        try:
            budget.charge(AGENT, ("p", number), 1)
        except OverBudgetError as error:
            told.append(error.told)
    assert [True, False, False, True, False, False] == told
    assert issubclass(OverBudgetError, RefusedError)


# ---------------------------------------------------------------- at the door


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Return a gate with two agents."""
    agents = {AGENT: {"owner": OWNER}, EVIL: {"owner": OWNER}}
    return Gate(tmp_path / "home", agents=agents)


def made(gate: Gate, count: int, agent: str, mask: Any = None) -> list[Admitted]:
    """Admit so many intents of an agent."""

    async def play() -> list[Admitted]:
        found = []
        for number in range(count):
            intent = gate.house.intent(
                "db.query", {"n": number}, agent=agent, intent_id=new_id(agent), on_behalf_of=None
            )
            record = Record(
                Place("intents", 0), number, intent.intent_id.encode(), codec.encode(intent)
            )
            found.append(await take(record, Kind.INTENT, gate.context, mask or gate.mask))
        return found

    return asyncio.run(play())


def test_a_flood_of_an_agent_is_answered_once_and_counted(gate: Gate) -> None:
    """What is over the budget: the first has a verdict, the others are to be counted."""
    clock = Clock()
    gate.set(agent_intents_per_minute=5)
    gate.limit(clock)
    found = made(gate, 12, EVIL)
    events = [gate.decoded(each.data) for each in found]
    assert 5 == sum(isinstance(event.body, IntentAdmitted) for event in events)
    refusals = [event.body for event in events if isinstance(event.body, InputRefused)]
    assert {("over_budget", EVIL)} == {(body.reason, body.who) for body in refusals}
    assert [False] * 6 + [True] * 6 == [each.counted for each in found]
    assert all(isinstance(gate.decoded(m.data).body, IntentAdmitted) for m in made(gate, 5, AGENT))


def test_who_has_had_its_share_of_masking_is_refused_before_it(gate: Gate) -> None:
    """Three documents that take ten seconds each are enough: the fourth costs nothing."""
    clock = Clock()
    gate.set(agent_masking_ms_per_minute=30_000)
    gate.limit(clock)
    masked = 0

    async def slow(document: object, _: object = None) -> Masked:
        nonlocal masked
        masked += 1
        clock.now_s += 10.0
        return Masked(document, ())

    found = made(gate, 8, EVIL, slow)
    assert 4 == masked
    assert 4 == sum(each.counted or "over_budget" in str(gate.decoded(each.data)) for each in found)
    assert 1 == sum("over_budget" in str(gate.decoded(e.data)) and not e.counted for e in found)
