"""Masking in processes of their own: off the event loop, bounded in time, replaced when they hang.

The processes come from a fork server that has loaded the model once, so that they share it. What a
masking process raises is told by its type alone: its message could hold what it read.

Two clocks. pebble's runs from when a process has taken a document, and ends that process. A process
that stands still before that takes none, for ever, and holds the pipe that the others read from; so
no more documents are given out than there are processes, and one that has no answer in time from
when it was given ends all processes; the document is refused like any that takes too long. Those
that the others worked on are no worse for it: they are given out again.
"""

import asyncio
import multiprocessing
import os
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as ResultTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

from pebble import ProcessExpired, ProcessPool

from streams.errors import MaskingError, OperatorError
from streams.facts import Facts
from streams.masking import About, Masked
from streams.worker import masking_process
from streams.worker.admission.context import RulingSubject

WARM_UP_S = 120.0
START_S = 10.0  # until a process has taken what it was given, its own start included
END_S = 5.0
READ_S = 3.0  # for the facts of one intent: some milliseconds, where nobody means harm
PRELOAD = "streams.worker.masking_preload"  # by name: imported here, it would load the model here

# A worker that leaves at once leaves its semaphores to Python's tracker, which would say so.
os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")


class ProcessDiedError(MaskingError):
    """A masking process died; another one may live."""


class MaskingPool:
    """`workers` processes; one document takes `timeout_ms` at most, then its process is killed."""

    def __init__(self, workers: int, timeout_ms: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOAD])
        self._timeout_s = timeout_ms / 1000
        self._workers = workers
        self._room = asyncio.Semaphore(workers)
        self._given: set[asyncio.Future[Any]] = set()
        self._pool = self._new()

    async def warm_up(self) -> str:
        """Load the model and return the masker's revision. OperatorError where it is missing.

        MaskingError where a process died or hung: a machine under load does that, so try again.
        """
        try:
            return str(await self._run(masking_process.revision, WARM_UP_S))
        except MaskingError as error:
            if isinstance(error, ProcessDiedError) or error.code == "masking_timeout":
                raise
            raise OperatorError(
                f"the masking model does not load ({error})",
                hint="install the pinned model: deploy/test does; nothing is admitted without it",
            ) from None

    async def mask(self, document: object, about: About | None = None) -> Masked:
        """Mask one document. Raises MaskingError; the text is withheld then."""
        masked = await self._run(masking_process.mask, self._timeout_s, document, about)
        if not isinstance(masked, Masked):
            raise MaskingError("the masking process answered nonsense")
        return masked

    async def read(self, subject: RulingSubject) -> Facts:
        """Read the facts of an intent. Raises MaskingError; every one of them is unknown then.

        A parser can be made to crash or to take for ever, so it runs where masking runs.
        """
        facts = await self._run(masking_process.read, READ_S, subject.params, subject.attributes)
        if not isinstance(facts, Facts):
            raise MaskingError("the masking process answered nonsense")
        return facts

    def close(self) -> None:
        """Stop the processes at once; nothing of theirs is durable."""
        _end(self._pool)

    async def _run(self, function: Any, timeout_s: float, *arguments: object) -> object:
        async with self._room:
            while True:
                pool = self._pool
                given = pool.schedule(function, args=arguments, timeout=timeout_s)
                answer = asyncio.wrap_future(given)
                self._given.add(answer)
                try:
                    await asyncio.wait((answer,), timeout=timeout_s + START_S)
                finally:
                    self._given.discard(answer)
                if answer.cancelled() and pool is not self._pool:
                    continue  # another one stood still, and the pool was ended with all in it
                if not answer.done():
                    await self._replace(pool)
                    raise MaskingError("masking stands still", code="masking_timeout")
                return await self._told(answer)

    async def _told(self, answer: "asyncio.Future[object]") -> object:
        try:
            return await answer
        except (TimeoutError, ResultTimeoutError):
            raise MaskingError("masking took too long", code="masking_timeout") from None
        except (ProcessExpired, BrokenProcessPool):
            raise ProcessDiedError("the masking process died") from None
        except (asyncio.CancelledError, CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - told by type alone: the text may hold PHI
            raise MaskingError(f"masking failed: {type(error).__name__}") from None

    async def _replace(self, pool: ProcessPool) -> None:
        """End a pool that stands still, unless that was done already."""
        if pool is self._pool:
            self._pool = self._new()
            for answer in self._given:
                answer.cancel()
            await asyncio.to_thread(_end, pool)

    def _new(self) -> ProcessPool:
        return ProcessPool(max_workers=self._workers, context=self._context)


def _end(pool: ProcessPool) -> None:
    pool.stop()
    with suppress(ResultTimeoutError):  # it is ended all the same, a moment later
        pool.join(timeout=END_S)
