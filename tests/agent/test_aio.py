"""The asyncio client on a real broker."""

import asyncio
import threading
from typing import Any

import pytest

from streams.agent import AsyncAgent, WaitTimeout
from streams.agent.core import Core
from streams.errors import InputError
from tests.agent.makers import verdict
from tests.agent.rig import Rig

pytestmark = pytest.mark.kafka


def _propose(agent: AsyncAgent, **changes: Any) -> Any:
    return agent.propose(
        "data.export", "Dataset/cohort", {"a": 1}, "Recall letters", **{"ttl": 60, **changes}
    )


def test_a_hundred_intents_are_proposed_and_awaited_at_once(rig: Rig) -> None:
    """Many waits run beside each other without threads of their own; each gets its verdict."""

    async def story() -> tuple[list[str], list[str], int]:
        async with AsyncAgent("bot", rig.settings, directory=rig.directory) as agent:
            names = await asyncio.gather(*(_propose(agent) for _ in range(100)))
            waits = [asyncio.create_task(agent.wait(name, 240)) for name in names]
            await asyncio.sleep(0)
            threads = threading.active_count()
            for name in names:
                await asyncio.to_thread(rig.put, "verdicts", name, verdict(name))
            return names, [(await wait).intent_id for wait in waits], threads

    names, heard, threads = asyncio.run(story())
    assert names == heard
    assert threads < 30
    assert set(names) == {intent.intent_id for intent in rig.intents()}


def test_the_event_loop_never_sends(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Awaiting a delivery happens on a thread that is not the loop's, resending too."""
    senders: set[int] = set()
    send = Core.send

    def noted(self: Core, made: Any) -> None:
        senders.add(threading.get_ident())
        send(self, made)

    monkeypatch.setattr(Core, "send", noted)

    async def story() -> None:
        async with AsyncAgent("bot", rig.settings, directory=rig.directory, resend_s=0.1) as agent:
            name = await _propose(agent)
            with pytest.raises(WaitTimeout):
                await agent.wait(name, 6)

    asyncio.run(story())
    assert threading.get_ident() not in senders
    assert 4 == len(rig.records("intents"))


def test_a_wait_that_is_cancelled_leaves_nothing_behind(rig: Rig) -> None:
    """Cancelling one wait ends it alone; the client goes on."""

    async def story() -> str:
        async with AsyncAgent("bot", rig.settings, directory=rig.directory) as agent:
            name = await _propose(agent)
            waiting = asyncio.create_task(agent.wait(name, 240))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await asyncio.to_thread(rig.put, "verdicts", name, verdict(name))
            return (await agent.wait(name, 240)).state

    assert "granted" == asyncio.run(story())


def test_errors_reach_who_awaits(rig: Rig) -> None:
    """What the sync client raises the async client raises."""

    async def story() -> None:
        async with AsyncAgent("bot", rig.settings, directory=rig.directory) as agent:
            await _propose(agent, ttl=-1)

    with pytest.raises(InputError):
        asyncio.run(story())
