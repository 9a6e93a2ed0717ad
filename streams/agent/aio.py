"""`AsyncAgent`: the same client for asyncio. The event loop never waits for Kafka.

Proposing (sealing, sending, awaiting the delivery) runs on a few threads of the client's own; a
wait takes no thread at all: the watcher wakes it through the loop.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from streams.agent.core import Core, ResourceLike, Ttl
from streams.agent.vigil import RESEND_S_DEFAULT, WAIT_S_DEFAULT, Resend, Rest, Vigil
from streams.agent.watcher import Watch
from streams.directory import Directory
from streams.events import Request, Verdict
from streams.settings import Settings
from streams.signing import Signer, SigningKey

SENDING_THREADS = 8

T = TypeVar("T")


class AsyncAgent:
    """As `Agent`, with awaitable methods. One event loop to a client."""

    def __init__(  # noqa: PLR0913 - each by name, each with a default
        self,
        name: str,
        settings: Settings | None = None,
        *,
        directory: Directory | None = None,
        on_behalf_of: str | None = None,
        signing_key: SigningKey | Path | str | None = None,
        resend_s: float = RESEND_S_DEFAULT,
    ) -> None:
        self._core = Core(name, settings, directory, on_behalf_of, signing_key)
        self._resend_s = resend_s
        self._threads = ThreadPoolExecutor(SENDING_THREADS, "phigate-agent")

    async def propose(  # noqa: PLR0913 - a proposal has this many parts
        self,
        action: str,
        resource: ResourceLike,
        params: Any,
        justification: str,
        ttl: Ttl = None,
        *,
        key: str | None = None,
        on_behalf_of: str | None = None,
        person_key: Signer | Path | str | None = None,
        traceparent: str | None = None,
        seal: bool = True,
    ) -> str:
        """Publish an intent; return its id once the broker has it. See `Agent.propose`."""
        return await self._on_thread(
            partial(
                self._core.propose,
                action,
                resource,
                params,
                justification,
                ttl,
                key=key,
                on_behalf_of=on_behalf_of,
                person_key=person_key,
                traceparent=traceparent,
                seal=seal,
            )
        )

    async def wait(
        self,
        intent_id: str,
        timeout: float = WAIT_S_DEFAULT,  # noqa: ASYNC109 - as in `Agent`; it ends in WaitTimeout
        *,
        outcome: bool = False,
        progress: Callable[[Request], None] | None = None,
    ) -> Verdict:
        """Return the gate's final word. See `Agent.wait`."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        watch = self._core.watch(intent_id, partial(loop.call_soon_threadsafe, news.set))
        vigil = Vigil(
            intent_id, time.monotonic(), timeout, outcome, self._resend_s, news=watch.news
        )
        try:
            return await self._keep(vigil, watch, news, progress)
        finally:
            self._core.watcher.unwatch(watch)

    async def cancel(self, intent_id: str, reason: str) -> bool:
        """Cancel an intent of this agent's. See `Agent.cancel`."""
        return await self._on_thread(partial(self._core.cancel, intent_id, reason))

    async def _keep(
        self,
        vigil: Vigil,
        watch: Watch,
        news: asyncio.Event,
        progress: Callable[[Request], None] | None,
    ) -> Verdict:
        while True:
            news.clear()
            if watch.failure:
                raise watch.failure
            step = vigil.next(time.monotonic())
            if isinstance(step, Verdict):
                self._core.outbox.forget(vigil.intent_id)
                return step
            if isinstance(step, Rest):
                await _heard(news, step.seconds)
            elif isinstance(step, Resend):
                await self._on_thread(partial(self._core.resend, vigil.intent_id))
            elif progress:
                progress(step)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._on_thread(self._core.close)
        self._threads.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _heard(news: asyncio.Event, seconds: float) -> None:
    """Wait for news, so many seconds at most."""
    try:
        async with asyncio.timeout(seconds):  # `wait_for` may lose a cancellation
            await news.wait()
    except TimeoutError:
        return
