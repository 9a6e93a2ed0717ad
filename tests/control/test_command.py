"""`halt | resume | halts | revoke | cancel` as they are typed, on a real broker."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from streams import clock
from streams.control.command import cancel, halt, halts, resume, revoke
from streams.events import Control
from streams.sealing import Purpose
from streams.wire import codec
from tests.agent.rig import Rig
from tests.control.orders import INTENT_ID


@pytest.fixture
def rig(kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Return a gate's topics, with the officer's and the agent's keys in the home."""
    made = Rig.up(kafka, tmp_path)
    made.keys.officer.save(tmp_path / "keys" / "people" / "sam.key")
    made.keys.person.save(tmp_path / "keys" / "people" / "petra.key")
    made.keys.agent.save(tmp_path / "keys" / "agents" / "signer.key")
    for name in ("home", "bootstrap", "prefix", "partitions"):
        monkeypatch.setenv(f"PHIGATE_{name.upper()}", str(getattr(made.settings, name)))
    monkeypatch.delenv("PHIGATE_PERSON", raising=False)
    return made


def call(command: click.Command, *words: str, code: int = 0) -> Result:
    """Run a command and check its exit code."""
    result = CliRunner().invoke(command, words)
    assert code == result.exit_code, result.output
    return result


def listed() -> list[str]:
    """Return the scopes that are halted."""
    found = json.loads(call(halts, "--json").output)["halts"]
    return [each["scope"] for each in found]


SAM = ("--as", "sam", "--reason", "a leak")


@pytest.mark.kafka
def test_what_is_halted_is_listed_until_it_is_resumed(rig: Rig) -> None:
    """Each scope by itself; the reason stands on the topic sealed."""
    assert "Nothing is halted." in call(halts).output
    call(halt, "--all", *SAM)
    call(halt, "--agent", "bot", *SAM)
    assert ["all", "agent:bot"] == listed()
    assert "agent:bot  since" in call(halts).output
    call(resume, "--all", *SAM)
    assert ["agent:bot"] == listed()
    call(halt, "--all", *SAM)
    call(resume, "--all", *SAM)
    call(resume, "--agent", "bot", *SAM)
    assert [] == listed()
    for record in rig.records("controls"):
        control = codec.decode(record.value or b"", Control)
        assert b"a leak" not in (record.value or b"")
        assert b"a leak" == rig.keys.gate_seal.open(
            control.reason, control.subject_id, Purpose.ORDER
        )


@pytest.mark.kafka
def test_refusals_say_what_to_do(rig: Rig) -> None:
    """Who is no officer, what is not halted, what nobody knows: 1; what is missing: 2."""
    why = ("--reason", "x")
    assert "no officer" in call(halt, "--all", "--as", "petra", *why, code=1).output
    assert "no halt on exactly this" in call(resume, "--all", *SAM, code=1).output
    assert "no such agent" in call(halt, "--agent", "who", *SAM, code=1).output
    assert "no such resource" in call(halt, "--resource", "Dataset/x", *SAM, code=1).output
    assert "Say one of" in call(halt, *SAM, code=2).output
    assert "Say one of" in call(halt, "--all", "--agent", "bot", *SAM, code=2).output
    assert "nobody is named" in call(halt, "--all", *why, code=2).output
    assert "--reason" in call(halt, "--all", "--as", "sam", code=2).output
    assert "whole id" in call(revoke, "0198", *SAM, code=2).output
    assert [] == rig.records("controls")


@pytest.mark.kafka
def test_an_officer_revokes_and_an_agent_cancels(rig: Rig) -> None:
    """Signed by the officer, and by the agent's own key; another agent has none."""
    told = json.loads(call(revoke, INTENT_ID, *SAM, "--wait", "0", "--json").output)
    assert (True, INTENT_ID, False) == (told["in_force"], told["id"], told["recorded"])
    call(cancel, INTENT_ID, "--agent", "signer", "--reason", "not needed")
    foreign = ("--key", str(rig.settings.keys / "agents" / "signer.key"), "--reason", "x")
    assert "agents.bot.keys" in call(cancel, INTENT_ID, "--agent", "bot", *foreign, code=2).output
    assert [1, 1] == [len(rig.records(name)) for name in ("controls", "cancels")]


@pytest.mark.kafka
def test_a_halt_that_does_not_count_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is an hour off signs an order that nobody obeys: exit code 1."""
    from streams.control import command  # noqa: PLC0415 - its clock is moved

    monkeypatch.setattr(command, "now_ms", lambda: clock.now_ms() - 3_600_000)
    assert "does not count" in call(halt, "--all", *SAM, code=1).output
    assert [] == listed()
    assert 1 == len(rig.records("controls"))
