"""A pause longer than the session ends the process before any effect."""

import asyncio

import pytest

from streams.worker.leave import RESTART
from streams.worker.pulse import Pulse
from tests.worker.left import Left, catch

SESSION_S = 8.0


class Clock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def beating(clock: Clock) -> Pulse:
    """Return a pulse that has beaten once."""
    pulse = Pulse(SESSION_S, clock)

    async def once() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pulse.beat(), 0.01)

    asyncio.run(once())
    return pulse


def test_a_short_pause_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the session's length nothing happens."""
    catch(monkeypatch)
    clock = Clock()
    pulse = beating(clock)
    clock.now_s += SESSION_S
    pulse.check()


def test_a_long_pause_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the session's length the process leaves, to be started again."""
    catch(monkeypatch)
    clock = Clock()
    pulse = beating(clock)
    clock.now_s += SESSION_S + 0.1
    with pytest.raises(Left) as left:
        pulse.check()
    assert RESTART == left.value.code


def test_the_beat_itself_looks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first beat after a long pause leaves too, and does not cover it up."""
    catch(monkeypatch)
    clock = Clock()
    pulse = beating(clock)
    clock.now_s += SESSION_S + 0.1

    async def beat() -> None:
        await asyncio.wait_for(pulse.beat(), 60)

    with pytest.raises(Left):
        asyncio.run(beat())


def test_a_slow_start_is_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a model or a table for longer than a session, before the first beat, is no reason."""
    catch(monkeypatch)
    clock = Clock()
    pulse = Pulse(SESSION_S, clock)
    clock.now_s += 10 * SESSION_S
    pulse.check()
