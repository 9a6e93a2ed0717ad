"""What is read ahead when a rebalance begins: nothing of it may hold the rebalance up."""

import asyncio

import pytest
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from streams.worker.faust.ahead import ReadAhead

SOON_S = 0.2


async def _rebalance_meets_a_full_queue(kind: type[ThrowableQueue], turns: int) -> bool:
    """Suspend and clear so many turns of the loop after a put; tell whether the put ended."""
    flow = FlowControlEvent(initially_suspended=False)
    queue = kind(maxsize=1, flow_control=flow, clear_on_resume=True)
    queue.force_put_nowait("first")
    put = asyncio.ensure_future(queue.put("second"))
    for _ in range(turns):
        await asyncio.sleep(0)
    flow.suspend()
    flow.clear()
    done, _ = await asyncio.wait([put], timeout=SOON_S)
    put.cancel()
    await asyncio.wait([put])
    assert queue.empty()
    return bool(done)


@pytest.mark.parametrize("turns", range(4))
def test_a_put_ends_where_the_flow_is_suspended(turns: int) -> None:
    """Whether it had begun to wait for room or not, it ends, and its record is let go."""
    assert asyncio.run(_rebalance_meets_a_full_queue(ReadAhead, turns))


def test_fausts_own_waits_for_ever() -> None:
    """The same put does not end in Faust's queue where it had not begun: the harness sees it."""
    assert not asyncio.run(_rebalance_meets_a_full_queue(ThrowableQueue, 0))


@pytest.mark.parametrize("kind", [ReadAhead, ThrowableQueue])
def test_what_was_let_through_before_is_dropped_as_well(kind: type[ThrowableQueue]) -> None:
    """A record on its way into the queue when it is cleared would stay there; Faust's own does."""

    async def late() -> bool:
        flow = FlowControlEvent(initially_suspended=False)
        queue = kind(maxsize=9, flow_control=flow, clear_on_resume=True)
        flow.suspend()
        flow.clear()
        queue.put_nowait_enhanced("late", on_pressure_high=int, on_pressure_drop=int)
        return bool(queue.empty())

    assert (kind is ReadAhead) is asyncio.run(late())


def test_while_it_flows_it_is_a_queue() -> None:
    """What is put comes out, in order, and a put waits for room."""

    async def all_of_it() -> list[int]:
        queue = ReadAhead(maxsize=2, flow_control=FlowControlEvent(initially_suspended=False))
        writer = asyncio.ensure_future(_put_all(queue, range(9)))
        got = [await queue.get() for _ in range(9)]
        await writer
        return got

    assert list(range(9)) == asyncio.run(all_of_it())


async def _put_all(queue: ReadAhead, values: range) -> None:
    for value in values:
        await queue.put(value)
