"""The public SDK as people use it; mypy checks it, nothing runs it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import assert_type

from streams.agent import Agent, AsyncAgent, Request, State, Verdict, WaitTimeout
from streams.approver import (
    Answer,
    Approver,
    Consequence,
    Directory,
    Inbox,
    SentDecision,
    SigningKey,
)
from streams.errors import BrokerError, InputError, PhigateError
from streams.executor import ActionRequest, Approval, Done, Executor, Resource, Status
from streams.masking import Masked, Masker, MaskingConfig
from streams.policy import PolicyRequest, PolicySet, Ruling
from streams.settings import Settings, load_settings
from streams.testing import Explored, Gate, Plan, explore, route


def watch(request: Request) -> None:
    """Show how far people are."""
    assert_type(request.intent_id, str)


def propose() -> Verdict | None:
    """Propose, wait, look at the end."""
    with Agent("bot", on_behalf_of="rita", signing_key=Path("bot.key")) as agent:
        assert_type(agent, Agent)
        intent_id = agent.propose(
            "data.export", ("Dataset", "cohort-7"), {"columns": ["name"]}, "Recall letters",
            ttl=timedelta(hours=1), key="recall-7", person_key=Path("rita.key"),
        )  # fmt: skip
        assert_type(intent_id, str)
        try:
            verdict = agent.wait(intent_id, timeout=60, outcome=True, progress=watch)
        except (WaitTimeout, BrokerError):
            assert_type(agent.cancel(intent_id, "no longer needed"), bool)
            return None
    assert_type(verdict, Verdict)
    assert_type(verdict.state, State)
    if verdict.outcome is not None:
        assert_type(verdict.outcome.status, Status)
    return verdict


async def propose_in_a_loop(settings: Settings) -> None:
    """Do the same where nothing may block."""
    async with AsyncAgent("bot", settings) as agent:
        intent_id = await agent.propose("db.query", "Table/visits", b'{"sql": "select 1"}', "why")
        assert_type(await agent.wait(intent_id), Verdict)


def serve() -> Executor:
    """Register handlers of all kinds of results."""
    app = Executor("sql", key="sql.key", seal_key=Path("sql-seal.key"))

    @app.handler("db.query")
    def query(request: ActionRequest) -> dict[str, int]:
        assert_type(request.resource, Resource)
        assert_type(request.approvals, tuple[Approval, ...])
        return {"rows": len(request.params_bytes)}

    @app.handler("mail.send", idempotent=True)
    def send(request: ActionRequest) -> Done:
        return Done(message=f"sent {request.grant_id}")

    @app.handler("record.close")
    def close(request: ActionRequest) -> None:
        assert_type(request.justification, str | None)

    app.resolve("g-1", Status.OK, "looked it up")
    return app


def approve(now_ms: int) -> Consequence | None:
    """Decide, and ask what came of it."""
    settings = load_settings(home=Path("home"))
    directory = Directory.load(settings.directory)
    approver = Approver(settings, directory, SigningKey.load(Path("ada.key")))
    inbox = approver.requests()
    assert_type(inbox, Inbox)
    request = inbox.find("0192")
    sent = approver.decide(request, Answer.APPROVE, "needed", "as agreed", now_ms=now_ms)
    assert_type(sent, SentDecision)
    return approver.consequence(sent)


def mask_and_rule(policies: dict[str, str], schema: str, request: PolicyRequest) -> Ruling:
    """Use the two pure parts alone."""
    masker = Masker("phi", MaskingConfig())
    assert_type(masker.mask_text("Ada Miller"), Masked)
    return PolicySet.load(policies, schema).rule(request)


def simulate() -> Explored:
    """Tell a story, then many from seeds."""
    gate = Gate()
    intent = gate.propose(route("privacy"))
    gate.settle()
    gate.check()
    assert_type(gate.verdict(intent), Verdict | None)
    return explore(Plan(seed=7))


def tell(error: PhigateError) -> str:
    """Tell errors apart by who can mend them."""
    who = "the sender" if isinstance(error, InputError) else "the operator"
    return f"{who}: {error} ({error.code}) {error.hint}"


if __name__ == "__main__":
    asyncio.run(propose_in_a_loop(Settings()))
