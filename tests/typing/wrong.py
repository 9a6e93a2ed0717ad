"""The public SDK as it must not be used: each mark is an error that mypy has to find, no more."""

from pathlib import Path

from streams.agent import Agent, AsyncAgent, Verdict
from streams.approver import Approver, Inbox
from streams.executor import ActionRequest, Done, Executor
from streams.policy import Nobody  # type: ignore[attr-defined] # no such name in the door


def agents(agent: Agent, verdict: Verdict) -> str:
    """Forget what a proposal needs, and change a verdict."""
    agent.propose("db.query", "Table/visits")  # type: ignore[call-arg] # no params, no reason
    agent.propose("db.query", "Table/visits", {}, "why", 60, "key")  # type: ignore[call-arg] # by name
    agent.propose("db.query", 7, {}, "why")  # type: ignore[arg-type] # no resource
    agent.wait(7)  # type: ignore[arg-type] # no id
    agent.wait("id", progress=print_name)  # type: ignore[arg-type] # it gets a request
    verdict.reason = "mine"  # type: ignore[misc] # a message is frozen
    return verdict.outcome.message  # type: ignore[union-attr] # there may be none


def print_name(name: str) -> None:
    """Take a text."""
    assert name


async def forgotten(agent: AsyncAgent) -> str:
    """Forget to wait."""
    return agent.propose("db.query", "Table/visits", {}, "why")  # type: ignore[return-value] # await


def executors() -> None:
    """Give bytes for a key, and register what is no handler."""
    app = Executor("sql", key=b"sql.key")  # type: ignore[arg-type] # a path or a key

    @app.handler("db.query")  # type: ignore[arg-type] # a handler gets one request
    def query(request: ActionRequest, more: int) -> Done:
        request.grant_id = "other"  # type: ignore[misc] # a request is frozen
        return Done("sent", more)  # type: ignore[call-arg] # by name


def approvers(inbox: Inbox, approver: Approver) -> None:
    """Answer in words."""
    request = inbox.find("0192")
    approver.decide(request, "yes", "code", "why", now_ms=0)  # type: ignore[arg-type] # an Answer
    approver.decide(request)  # type: ignore[call-arg] # no answer
    Approver(Path("home"), None)  # type: ignore[arg-type] # settings and a directory
    assert Nobody
