"""`Agent`: the blocking client."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streams.agent.core import Core, ResourceLike, Ttl
from streams.agent.vigil import RESEND_S_DEFAULT, WAIT_S_DEFAULT, Resend, Rest, Vigil
from streams.directory import Directory
from streams.events import Request, Verdict
from streams.settings import Settings
from streams.signing import Signer, SigningKey


class Agent:
    """Proposes actions under one agent's name and waits for their verdicts.

    `directory` (default: the file that the settings name) holds the gate's key to seal to;
    `on_behalf_of` is the person for whom all proposals are made, unless one says otherwise.
    `signing_key`, a key or its file, signs them (default: keys/agents/NAME.key, if it is there).
    `resend_s` is how long the gate may show no sign of an intent before it is sent again. Nothing
    connects before the first call. Threads may share one client. Raises SettingsError, InputError.
    """

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

    def propose(  # noqa: PLR0913 - a proposal has this many parts
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
        """Publish an intent; return its id once the broker has it durably.

        `resource` is "Type/id" or (type, id). `params` is any JSON value, or `bytes` that are the
        JSON already and are used as they are: the digests that people sign are over these bytes.
        `ttl` is seconds or a timedelta, one hour by default.

        `key` makes it idempotent: the same agent and key give the same id for ever. Content counts
        (action, resource, params byte for byte, justification, on_behalf_of); the time of the
        request and `ttl` do not: the first that was admitted hold. Other content under a used key
        is refused: with `content_conflict` at once where this client asked first, else `wait` says
        `denied: content_conflict`. So make the key of everything that tells one action from
        another. The id is derived under the agent's secret (`secret.py`), so it tells nothing of
        the key.

        `on_behalf_of` counts where the directory lets this agent act for that person (`acts_for`),
        or where the person signs: `person_key` is their own key, its file, or
        their login.

        An agent may ask for so much in a minute: what is over it is denied (`over_budget`) or, once
        that was said, not answered at all; ask again later, under another key.

        `seal=False` publishes the body in clear: only where the gate allows it, and without PHI.
        `traceparent` is passed on as a header (W3C Trace Context).

        Raises InputError (`too_large` before anything is sent, `bad_json`, `too_deep`, `bad_ttl`,
        `bad_resource`, `bad_name`, `bad_text`, `bad_traceparent`, `content_conflict`),
        KeyringError, SettingsError, BrokerError: with
        code `gate_busy` nothing was sent, because more than `intents_waiting_max` wait already.
        """
        return self._core.propose(
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

    def wait(
        self,
        intent_id: str,
        timeout: float = WAIT_S_DEFAULT,
        *,
        outcome: bool = False,
        progress: Callable[[Request], None] | None = None,
    ) -> Verdict:
        """Return the gate's final word; with `outcome`, once the executor has reported as well.

        `timeout` is in seconds. A denied or expired intent has no outcome and is returned at once.
        `progress` is called with each newer masked request while people review. An intent of this
        client that the gate shows no sign of is sent again, the same bytes, three times at most.

        Raises WaitTimeout (the intent stands, wait again), BrokerError, TopicError.
        """
        news = threading.Event()
        watch = self._core.watch(intent_id, news.set)
        vigil = Vigil(
            intent_id, time.monotonic(), timeout, outcome, self._resend_s, news=watch.news
        )
        try:
            while True:
                news.clear()
                if watch.failure:
                    raise watch.failure
                step = vigil.next(time.monotonic())
                if isinstance(step, Verdict):
                    self._core.outbox.forget(intent_id)
                    return step
                if isinstance(step, Rest):
                    news.wait(step.seconds)
                elif isinstance(step, Resend):
                    self._core.resend(intent_id)
                elif progress:
                    progress(step)
        finally:
            self._core.watcher.unwatch(watch)

    def cancel(self, intent_id: str, reason: str) -> bool:
        """Cancel an intent of this agent's, pending or granted; signed with the agent's key.

        Returns whether executors obey it from now on; a run that has begun is not stopped. Raises
        KeyringError without a key, BrokerError.
        """
        return self._core.cancel(intent_id, reason)

    def close(self) -> None:
        """Let go of the connections."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
