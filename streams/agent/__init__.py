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

from typing import TYPE_CHECKING

from streams.door import opening

if TYPE_CHECKING:
    from streams.agent.aio import AsyncAgent
    from streams.agent.client import Agent
    from streams.agent.vigil import WaitTimeout
    from streams.directory import Directory
    from streams.events import Request, State, Verdict
    from streams.settings import Settings
    from streams.signing import Signer, SigningKey
else:
    __getattr__ = opening(
        __name__,
        {
            "Agent": "streams.agent.client",
            "AsyncAgent": "streams.agent.aio",
            "Directory": "streams.directory",
            "Request": "streams.events",
            "Settings": "streams.settings",
            "Signer": "streams.signing",
            "SigningKey": "streams.signing",
            "State": "streams.events",
            "Verdict": "streams.events",
            "WaitTimeout": "streams.agent.vigil",
        },
    )

__all__ = [
    "Agent",
    "AsyncAgent",
    "Directory",
    "Request",
    "Settings",
    "Signer",
    "SigningKey",
    "State",
    "Verdict",
    "WaitTimeout",
]
