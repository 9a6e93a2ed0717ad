"""The watch over a worker that half lives: it looks right from outside and does nothing."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from streams.worker.faust import app as module
from streams.worker.faust.app import GateApp
from tests.worker.left import Left, catch


class Half(SimpleNamespace):
    """What the watch sees of a worker; `look` is what it finds at the log's ends."""

    def __init__(self, *, steady: bool, assigned: bool, look: Any) -> None:
        super().__init__(steady=steady, consumer=None)
        self._assigned = lambda _: {"a partition"} if assigned else set()
        self._look = look


async def _sees(before: dict[Any, int]) -> dict[Any, int]:
    return before


async def _hangs(_: dict[Any, int]) -> dict[Any, int]:
    await asyncio.Event().wait()
    return {}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the watch's seconds short."""
    for name, seconds in (("WATCH_S", 0.01), ("REQUEST_S", 0.02)):
        monkeypatch.setattr(module, name, seconds)
    for name in ("UNSETTLED_S", "BLIND_S"):
        monkeypatch.setattr(module, name, 0.2)


Watched = Callable[[Half], str]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Watched:
    """Watch for three seconds; tell why it left, nothing where it did not."""
    catch(monkeypatch)

    def watch(half: Half) -> str:
        with pytest.raises((Left, TimeoutError)):
            asyncio.run(asyncio.wait_for(GateApp.watch(half), 3.0))  # type: ignore[arg-type]
        return caplog.text

    return watch


def test_a_rebalance_that_never_ends_is_left(watched: Watched) -> None:
    """Partitions are assigned, and nobody works on them."""
    why = watched(Half(steady=False, assigned=True, look=_sees))
    assert "leaving: not at work" in why


def test_a_consumer_that_answers_no_more_is_left(watched: Watched) -> None:
    """However long each question takes, the bound is in seconds."""
    why = watched(Half(steady=True, assigned=True, look=_hangs))
    assert "asked for" in why


@pytest.mark.parametrize(("steady", "assigned"), [(True, True), (False, False)])
def test_who_works_or_has_nothing_to_do_stays(
    watched: Watched, *, steady: bool, assigned: bool
) -> None:
    """A spare worker waits for ever."""
    assert not watched(Half(steady=steady, assigned=assigned, look=_sees))
