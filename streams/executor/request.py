"""What a handler gets, and what it may give back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streams.events import Approval, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """One permitted action. `grant_id` is its idempotency key: pass it on to what is acted upon.

    Where `unmasked`, `params` are the agent's own, `params_bytes` its exact JSON and
    `justification` its text. Otherwise `params` hold tokens in place of PHI, `params_bytes` are
    their compact JSON, and there is no justification. `expires_at_ms` is in milliseconds since 1970
    UTC. PHI stays out of `repr`.
    """

    intent_id: str
    grant_id: str
    action: str
    resource: Resource
    agent: str
    on_behalf_of: str | None
    approvals: tuple[Approval, ...]
    expires_at_ms: int
    unmasked: bool
    params: Any = field(repr=False)
    params_bytes: bytes = field(repr=False)
    justification: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A handler's result with a short message for the agent; the message is masked by the gate."""

    message: str = ""
    result: Any = None


Handler = Callable[[ActionRequest], Any]


@dataclass(frozen=True, slots=True)
class Registered:
    """A handler and whether running it twice for one grant does what running it once does."""

    handler: Handler
    idempotent: bool
