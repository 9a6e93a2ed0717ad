"""`phigate up` stops only what it started, names who runs, and lets healthy workers go on."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from streams.__main__ import phigate
from streams.cluster.embedded import state
from streams.cluster.embedded.cluster import Cluster
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.state import ClusterRecord, NodeRecord
from streams.errors import BrokerError, OperatorError
from streams.settings import Settings
from streams.worker import up
from streams.worker.supervise import Child, Supervisor


@dataclass
class Broker:
    """Stands in for a cluster; notes whether it was stopped."""

    alive: bool
    done: list[str] = field(default_factory=list)
    ended: str = ""

    def status(self) -> list[SimpleNamespace]:
        """Return one node."""
        return [SimpleNamespace(alive=self.alive)]

    def up(self) -> None:
        """Start."""
        self.done.append("up")

    def down(self) -> None:
        """Stop."""
        self.done.append("down")

    def check(self) -> None:
        """Raise where it has ended."""
        if self.ended:
            raise BrokerError(self.ended, code="broker_died", hint="the whole log: X")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that name no cluster."""
    return Settings(home=tmp_path, bootstrap="")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Supervisor]:
    """Yield what supervises two workers: the first needs an operator, the other is healthy."""
    supervisor = Supervisor(tmp_path, {}, {}, lambda _: None)
    for name, code in (("bad", "print('why'); raise SystemExit(2)"), ("good", "time.sleep(60)")):
        command = (sys.executable, "-c", f"import time; {code}")
        supervisor.add(Child(name, command, tmp_path / f"{name}.log"))
    supervisor.start()
    yield supervisor
    supervisor.stop()


@pytest.mark.parametrize(("ran", "left"), [(False, ["up", "down"]), (True, ["up"])])
def test_only_a_broker_that_it_started_is_stopped(
    settings: Settings, ran: bool, left: list[str]
) -> None:
    """A broker that ran before, by another command, goes on; also where starting workers fails."""
    held = Broker(ran)
    said: list[str] = []
    with (
        pytest.raises(OperatorError),
        up.broker(settings, 1, said.append, lambda *_, **__: held),
    ):
        raise OperatorError("no topics")
    assert left == held.done
    assert ran == any("left running" in line for line in said)


def test_a_second_up_changes_nothing_and_says_who_runs(tmp_path: Path) -> None:
    """It ends with 2 and the first one's process id, before it asks any broker."""
    home = tmp_path / "home"
    assert 0 == CliRunner().invoke(phigate, ["init", "--home", str(home)]).exit_code
    with up.alone(home):
        told = CliRunner().invoke(phigate, ["up", "--home", str(home)])
    assert 2 == told.exit_code
    assert "already, as process" in told.output
    assert not (home / "kafka").exists()


def test_a_home_is_free_once_its_up_has_ended(tmp_path: Path) -> None:
    """Nothing has to be removed by hand; a dead one's number is no obstacle."""
    for _ in range(2):
        with up.alone(tmp_path):
            assert (tmp_path / "workers" / up.LOCK).read_text().isdigit()


def test_one_worker_that_cannot_run_does_not_end_the_others(two: Supervisor) -> None:
    """What it said is told once; the healthy one runs until somebody stops it."""
    said: list[str] = []
    stopping: list[int] = []

    def say(text: str) -> None:
        said.append(text)
        if "run `phigate up` again" in text:
            assert two.children[1].process
            stopping.append(15)

    up.tend(two, None, stopping, say)
    assert 1 == sum("worker bad cannot run:\nwhy" in line for line in said)
    assert ["bad"] == [child.name for child in two.stuck]


def test_a_broker_that_ended_says_how_to_go_on(two: Supervisor) -> None:
    """The error is the broker's, and its hint names the command."""
    with pytest.raises(BrokerError) as told:
        up.tend(two, Broker(alive=True, ended="broker 1 died"), [], lambda _: None)
    assert "broker_died" == told.value.code
    assert "`phigate up` starts it again" in told.value.hint


def test_a_broker_that_another_command_stopped_is_seen(tmp_path: Path) -> None:
    """It is away, whoever told it to end."""
    state.save(tmp_path, ClusterRecord("an-id", (NodeRecord(Address(1, 1, 2)),)))
    with pytest.raises(BrokerError, match="stopped by another command"):
        Cluster(tmp_path).check()


@pytest.mark.parametrize("option", ["--data", "--ready"])
def test_a_folder_that_cannot_be_written_is_said_in_a_line(tmp_path: Path, option: str) -> None:
    """A worker ends with 2, so that nobody starts it again and again, and names the path."""
    home = tmp_path / "home"
    assert 0 == CliRunner().invoke(phigate, ["init", "--home", str(home)]).exit_code
    place = tmp_path / "file"
    place.write_text("no folder")
    arguments = ["worker", "run", "fold", "--home", str(home), option, str(place / "below")]
    told = CliRunner().invoke(phigate, arguments)
    assert 2 == told.exit_code, told.output
    assert str(place) in told.output
    assert "Traceback" not in told.output
