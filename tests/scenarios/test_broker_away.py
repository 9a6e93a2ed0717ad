"""The broker is not there when somebody starts: a clear error within a bound, and exit code 2."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streams.agent import Agent, AsyncAgent, core, watcher
from streams.approver import Approver
from streams.errors import BrokerError
from streams.events import derived_id
from streams.executor import Executor, loop
from streams.settings import Settings, load_settings
from streams.wire import client
from tests.scenarios.house import ROOT, House

pytestmark = pytest.mark.kafka

INTENT_ID = derived_id("intent", "nobody's")
BOUND_S = 240.0  # of a command, on a machine that does other things
PROPOSAL = ("--agent", "bot", "--action", "db.query", "--resource", "Database/clinic",
            "--params", "{}", "--justification", "Figures")  # fmt: skip
REASON = ("--reason", "Checked")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("topics", "plan"),
    ("topics", "apply"),
    ("topics", "read", "verdicts"),
    ("propose", *PROPOSAL),
    ("propose", *PROPOSAL, "--wait"),
    ("inbox", "--as", "petra"),
    ("show", INTENT_ID, "--as", "petra"),
    ("approve", INTENT_ID, "--as", "petra", *REASON),
    ("deny", INTENT_ID, "--as", "petra", "--code", "policy", *REASON),
    ("executor", "run", "tests.scenarios.ward:app"),
    ("audit", "verify"),
    ("audit", "show", INTENT_ID),
    ("audit", "export", "audit.jsonl"),
    ("worker", "run", "admit"),
    ("worker", "run", "fold"),
    ("worker", "run", "audit"),
    ("up",),
)
AWAY = 5  # of every command; a worker's supervisor starts it again, since the broker may come back


@pytest.fixture
def nowhere() -> str:
    """Return an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def away(house: House, nowhere: str) -> Settings:
    """Return the settings of a gate whose broker is not there."""
    return load_settings(home=house.settings.home, bootstrap=nowhere, prefix="away.")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a second where people would wait for half a minute."""
    monkeypatch.setattr(core, "DELIVERY_S", 1.0)
    monkeypatch.setattr(watcher, "METADATA_S", 1.0)
    monkeypatch.setattr(loop, "AWAY_S", 1.0)
    monkeypatch.setattr(client, "REACH_TIMEOUT_S", 1.0)


def test_every_command_says_so_and_ends(house: House, nowhere: str, tmp_path: Path) -> None:
    """Its words name the broker and where to look; there is no traceback; nothing hangs."""
    environment = {
        **os.environ,
        **house.environment(),
        "PHIGATE_HOME": str(copy_of(house.settings.home, tmp_path / "home")),
        "PHIGATE_BOOTSTRAP": nowhere,
        "PYTHONPATH": str(ROOT),
    }
    running = {
        command: subprocess.Popen(
            (sys.executable, "-m", "streams", *command),
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        for command in COMMANDS
    }
    try:
        ended = {command: each.communicate(timeout=BOUND_S) for command, each in running.items()}
    finally:
        for each in running.values():
            each.kill()
    told = {
        " ".join(command[:2]): (running[command].returncode, said)
        for command, (_, said) in ended.items()
        if not clear(command, running[command].returncode, said, nowhere)
    }
    assert {} == told


def copy_of(home: Path, to: Path) -> Path:
    """Copy keys, directory and policy: the ledger and the tables are another process's."""
    left_out = {"workers", "executors"}
    return shutil.copytree(home, to, ignore=lambda at, _: left_out if Path(at) == home else set())


def clear(command: tuple[str, ...], code: int, said: str, address: str) -> bool:
    """Return whether a command ended as it should: the code, what is wrong, what to do."""
    expected = {2, AWAY} if command[0] in {"worker", "executor"} else {AWAY}
    names = "broker" in said or "kafka" in said
    helps = address in said or "PHIGATE_BOOTSTRAP" in said
    return code in expected and names and helps and "Traceback" not in said


@pytest.mark.usefixtures("impatient")
def test_an_agent_is_told_and_can_go_on(away: Settings, house: House) -> None:
    """Neither proposing nor waiting hangs, and the client stays of use."""
    with Agent("bot", away) as agent:
        for _ in range(2):
            with pytest.raises(BrokerError, match="no broker") as sending:
                agent.propose("db.query", "Database/clinic", {}, "Figures")
            assert "broker_away" == sending.value.code
            assert sending.value.hint
            with pytest.raises(BrokerError, match="did not answer") as waiting:
                agent.wait(INTENT_ID, 60)
            assert "broker_away" == waiting.value.code


@pytest.mark.usefixtures("impatient")
def test_an_asynchronous_agent_is_told(away: Settings) -> None:
    """The same error, and the event loop was never blocked by it."""

    async def ask() -> None:
        async with AsyncAgent("bot", away) as agent:
            with pytest.raises(BrokerError):
                await agent.propose("db.query", "Database/clinic", {}, "Figures")
            with pytest.raises(BrokerError):
                await agent.wait(INTENT_ID, 60)

    asyncio.run(ask())


@pytest.mark.usefixtures("impatient")
def test_an_executor_and_an_approver_are_told(away: Settings, house: House) -> None:
    """An executor does not begin to serve, and its ledger is there for the next start."""
    executor = Executor(
        "lab", away, key=house.lab, seal_key=house.lab_seal, ledger=away.home / "away.sqlite3"
    )
    for _ in range(2):
        with pytest.raises(BrokerError, match="did not answer"):
            executor.run()
    with pytest.raises(BrokerError):
        Approver(away, house.directory, house.people["petra"]).requests()
