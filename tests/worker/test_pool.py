"""Masking in processes of their own, which hang and die."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from streams import facts
from streams.errors import MaskingError, OperatorError
from streams.masking import Masker
from streams.worker import masking_process
from streams.worker import pool as pools
from streams.worker.admission.context import RulingSubject
from streams.worker.pool import MaskingPool
from tests.gatehouse import wait_for

SECRET = "Maria Musterfrau"
DOCUMENT = {"justification": f"Call {SECRET}", "params": {"mrn": "MRN 123456"}}


@pytest.fixture(scope="module")
def pool() -> Iterator[MaskingPool]:
    """Return two masking processes, loaded."""
    made = MaskingPool(2, 60_000)
    asyncio.run(made.warm_up())
    yield made
    made.close()


def fails(made: Callable[[], Awaitable[object]]) -> MaskingError:
    """Return the error that it fails with."""

    async def run() -> object:
        return await made()

    with pytest.raises(MaskingError) as failed:
        asyncio.run(run())
    return failed.value


def test_the_same_as_in_this_process(pool: MaskingPool) -> None:
    """What a process masks is what this one would, and it is the same masker."""
    assert Masker().mask(DOCUMENT) == asyncio.run(pool.mask(DOCUMENT))
    assert Masker().revision == asyncio.run(pool.warm_up())


def test_a_process_that_hangs_is_ended(pool: MaskingPool) -> None:
    """Masking that takes too long is a refusal in bounded time, and the next document is masked."""
    error = fails(lambda: pool._run(time.sleep, 0.3, 4))
    assert "masking_timeout" == error.code
    assert asyncio.run(pool.mask(DOCUMENT)).findings


def test_a_process_that_dies_is_replaced(pool: MaskingPool) -> None:
    """A process that ends amid its work is a refusal, and the next document is masked."""
    error = fails(lambda: pool._run(os._exit, 60.0, 3))
    assert "masking_failed" == error.code
    assert asyncio.run(pool.mask(DOCUMENT)).findings


def test_what_it_raises_is_told_by_type_alone(pool: MaskingPool) -> None:
    """An error from inside could quote what it read: neither its text nor its chain comes out."""
    error = fails(lambda: pool._run(int, 60.0, SECRET))
    assert ("masking_failed", "masking failed: ValueError") == (error.code, str(error))
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_nonsense_is_no_answer(pool: MaskingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no masked document is not passed on."""
    monkeypatch.setattr(masking_process, "mask", str)
    assert "masking_failed" == fails(lambda: pool.mask(DOCUMENT)).code


def test_a_missing_model_is_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the model does not load, the worker says so at its start and does not run."""
    monkeypatch.setattr(masking_process, "revision", breakpoint_free)
    made = MaskingPool(1, 1_000)
    try:
        with pytest.raises(OperatorError, match="does not load"):
            asyncio.run(made.warm_up())
    finally:
        made.close()


def breakpoint_free() -> str:
    """Fail as a missing model does."""
    raise FileNotFoundError(SECRET)


def test_the_model_is_loaded_before_the_fork() -> None:
    """What the fork server imports loads the model, so that its children share it."""
    assert "streams.worker.masking_preload" == pools.PRELOAD


def test_a_process_that_stands_still_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before it takes a document, with the pipe in its hands: a refusal, then others."""
    monkeypatch.setattr(pools, "START_S", 2.0)
    made = MaskingPool(1, 1_000)
    try:
        asyncio.run(made.warm_up())
        (still,) = made._pool._pool_manager.worker_manager.workers
        os.kill(still, signal.SIGSTOP)
        assert "masking_timeout" == fails(lambda: made.mask(DOCUMENT)).code
        monkeypatch.setattr(pools, "START_S", 60.0)
        assert asyncio.run(made.mask(DOCUMENT)).findings
        with pytest.raises(ProcessLookupError):
            os.kill(still, 0)
    finally:
        made.close()


def test_those_beside_one_that_stands_still_are_masked(tmp_path: Path) -> None:
    """All processes are ended with it, and what the others had taken is given out again."""
    begun = tmp_path / "begun"
    slow_once = f"mkdir {begun} 2>&- && sleep 300; exit 7"

    async def answer() -> object:
        asked = asyncio.ensure_future(made._run(os.system, 600.0, slow_once))
        await asyncio.to_thread(wait_for, "it to begin", begun.exists)
        await made._replace(made._pool)
        return await asked

    made = MaskingPool(2, 1_000)
    try:
        assert 7 == os.waitstatus_to_exitcode(int(str(asyncio.run(answer()))))
    finally:
        made.close()


def test_facts_are_read_in_a_process_too(pool: MaskingPool) -> None:
    """They are the same as here, and no parser of an agent's text runs in the worker."""
    subject = RulingSubject({"sql": "SELECT 1; DROP TABLE patients"}, {"dialect": "sqlite"})
    assert facts.read(subject.params, subject.attributes) == asyncio.run(pool.read(subject))


def test_facts_that_take_too_long_are_no_answer(
    pool: MaskingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is ended; admission then knows no fact at all, and the next one is read."""
    slow = RulingSubject({"sql": "SELECT 1" + " + 1" * 7_000}, {"dialect": "mysql"})
    monkeypatch.setattr(pools, "READ_S", 0.01)
    assert "masking_timeout" == fails(lambda: pool.read(slow)).code
    monkeypatch.undo()
    quick = RulingSubject({"sql": "SELECT 1"}, {})
    assert "one" == asyncio.run(pool.read(quick)).sql.statements
