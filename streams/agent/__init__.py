"""The agent's SDK: say what is intended, wait for the verdict, touch nothing oneself.

    from streams.agent import Agent

    with Agent("scheduler-bot") as agent:
        intent_id = agent.propose(
            "data.export", "Dataset/cohort-7", {"columns": ["name"]}, "Recall letters", ttl=3600
        )
        verdict = agent.wait(intent_id, timeout=3600)

Reading order: `proposal` (what an agent says, parsed once), `draft` (an intent's id and bytes),
`vigil` (when to resend, rest or give up: pure), `watcher` (one consumer for all waits), `core`
(what both clients share), `client` and `aio` (the two doors), `command` (`phigate propose`).
Nothing heavy is imported until a door is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streams.agent.aio import AsyncAgent
    from streams.agent.client import Agent
    from streams.agent.vigil import WaitTimeout

__all__ = ["Agent", "AsyncAgent", "WaitTimeout"]

_HOMES = {"Agent": "client", "AsyncAgent": "aio", "WaitTimeout": "vigil"}


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module  # noqa: PLC0415 - the point is to import late

    return getattr(import_module(f"streams.agent.{_HOMES[name]}"), name)
