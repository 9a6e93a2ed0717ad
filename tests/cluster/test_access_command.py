"""`phigate access`: what it prints, and its exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.__main__ import phigate
from streams.settings import Settings
from streams.wire import credential
from streams.wire.credential import KafkaLogin
from tests.cluster import guarded


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(phigate, ["access", *arguments])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the home of a guarded cluster without topics, users and rights of ours."""
    settings = guarded.make(tmp_path_factory.mktemp("access") / "home", "clinic")
    with guarded.bare(settings):
        yield settings.home


@pytest.mark.parametrize("command", ["list", "plan", "apply", "check"])
def test_every_command_shows_an_example(command: str) -> None:
    """And takes JSON."""
    shown = run(command, "--help")
    assert f"phigate access {command}" in shown.output
    assert "--json" in shown.output


def test_list_needs_no_broker() -> None:
    """It prints the table, for people and for scripts."""
    assert "proposes, and waits for the answer" in run("list").output
    roles = json.loads(run("list", "--json").output)["roles"]
    assert "intents" in next(role for role in roles if role["name"] == "agent")["writes"]
    assert "| `intents` | `agent` | `admit` |" in run("list", "--markdown").output


@pytest.mark.kafka
def test_plan_apply_plan_check(home: Path) -> None:
    """1 while something is missing, 0 when nothing is; no password is printed."""
    place = ("--home", str(home))
    planned = run("plan", *place)
    assert 1 == planned.exit_code, planned.output
    assert "+ phigate-agent: write topic phigate.intents" in planned.output
    assert 1 == run("check", *place).exit_code

    applied = run("apply", *place, "--json")
    assert 0 == applied.exit_code, applied.output
    assert len(planned.output.splitlines()) == len(json.loads(applied.stdout)["changes"])
    login = credential.read(home / "credentials", "agent")
    assert login is not None
    assert login.password not in applied.output

    again = run("plan", *place)
    assert (0, "nothing to do: the cluster's users and rights are as they should be\n") == (
        again.exit_code,
        again.stdout,
    )
    assert (0, {"problems": []}) == (
        (found := run("check", *place, "--json")).exit_code,
        json.loads(found.stdout),
    )


@pytest.mark.kafka
def test_whoever_is_no_admin_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 and Kafka's word for it: a role cannot give itself rights."""
    place = ("--home", str(home))
    assert 0 == run("apply", *place).exit_code
    monkeypatch.setenv("PHIGATE_ROLE", "fold")
    refused = run("apply", *place)
    assert 2 == refused.exit_code
    assert "CLUSTER_AUTHORIZATION_FAILED" in refused.output


@pytest.mark.kafka
def test_a_cluster_without_rights_is_said(kafka: str, tmp_path: Path) -> None:
    """A broker without an authorizer cannot be mended from here: exit code 2, and what to do."""
    settings = Settings(home=tmp_path, bootstrap=kafka)
    refused = run("plan", "--home", str(tmp_path), "--bootstrap", settings.bootstrap)
    assert 2 == refused.exit_code
    assert "whoever reaches them may do anything" in refused.output
    checked = run("check", "--home", str(tmp_path), "--bootstrap", settings.bootstrap, "--json")
    assert 1 == checked.exit_code
    problems = json.loads(checked.stdout)["problems"]
    assert 2 == len(problems)
    assert "PLAINTEXT" in problems[0]


@pytest.mark.kafka
def test_an_open_file_is_a_problem(home: Path) -> None:
    """`check` names a credential that others may read; nothing uses it then."""
    place = ("--home", str(home))
    assert 0 == run("apply", *place).exit_code
    file = home / "credentials" / "spare.properties"
    credential.write(file.parent, "spare", KafkaLogin("spare", "x"))
    file.chmod(0o644)
    checked = run("check", *place)
    file.unlink()
    assert 1 == checked.exit_code
    assert "spare.properties can be read by others (mode 644)" in checked.output
