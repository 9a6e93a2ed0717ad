"""The parts of the embedded broker that need no broker: configuration, ports, state, processes."""

import dataclasses
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cluster.embedded import config, ports, process, state
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.guard import Guard, Tls, format_arguments, private
from streams.cluster.embedded.state import ClusterRecord, NodeRecord
from streams.errors import BrokerError
from streams.wire.credential import KafkaLogin

ONE = (Address(1, 9092, 9093),)
THREE = tuple(Address(i, 9090 + i, 9190 + i) for i in (1, 2, 3))


def record(*addresses: Address) -> ClusterRecord:
    """Return a cluster of these nodes, none of them started."""
    return ClusterRecord("an-id", tuple(NodeRecord(each) for each in addresses))


@pytest.fixture
def taken() -> Iterator[int]:
    """Hold a port, and say which."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def settings(nodes: tuple[Address, ...]) -> dict[str, str]:
    """Return the first node's `server.properties` as a dictionary."""
    text = config.server_properties(nodes[0], nodes)
    return dict(line.split("=", 1) for line in text.splitlines())


def test_three_brokers_keep_everything_three_times() -> None:
    """With three nodes every replication setting is 3, and every write needs two copies."""
    found = settings(THREE)
    factors = {key: value for key, value in found.items() if "replication.factor" in key}
    in_sync = {key: value for key, value in found.items() if re.search(r"min\.(isr|insync)", key)}

    assert len(factors) == 4
    assert set(factors.values()) == {"3"}
    assert len(in_sync) == 3
    assert set(in_sync.values()) == {"2"}


@pytest.mark.parametrize("nodes", [ONE, THREE])
def test_what_holds_for_every_cluster(nodes: tuple[Address, ...]) -> None:
    """No topic makes itself, no unclean leader is elected, and only this machine is listened to."""
    found = settings(nodes)

    assert found["auto.create.topics.enable"] == "false"
    assert found["unclean.leader.election.enable"] == "false"
    assert all("://127.0.0.1:" in each for each in found["listeners"].split(","))


def test_a_record_survives_being_written_and_read(tmp_path: Path) -> None:
    """What is saved is what is loaded, and loading what was loaded changes nothing."""
    saved = record(*THREE).with_pid(2, 4711)
    state.save(tmp_path, saved)

    assert state.load(tmp_path) == saved
    assert [each.name for each in tmp_path.iterdir()] == [state.STATE_NAME]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": [{"id": 1}]}', '{"cluster_id": "x"}'])
def test_a_broken_record_is_an_error_with_a_way_out(tmp_path: Path, text: str) -> None:
    """A state file that cannot be read is a BrokerError whose hint is the reset."""
    (tmp_path / state.STATE_NAME).write_text(text)

    with pytest.raises(BrokerError) as refused:
        state.load(tmp_path)

    assert "reset" in refused.value.hint


def test_a_lock_that_is_held_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    """The second to change a home is refused while the first is at it, and served afterwards."""
    with state.locked(tmp_path, 0), pytest.raises(BrokerError), state.locked(tmp_path, 0):
        pytest.fail("two at once")
    with state.locked(tmp_path, 0):
        pass


def test_free_ports_are_kept() -> None:
    """Ports of last time that are still free are given again."""
    numbers = process.free_ports(2)
    before = record(Address(1, *numbers))

    assert ports.assign(before, set(), None) == before


def test_a_port_that_was_taken_meanwhile_is_replaced(taken: int) -> None:
    """Nobody asked for this very port: the node moves to a free one."""
    (after,) = ports.assign(record(Address(1, taken, 0)), set(), None).addresses

    assert after.port not in (0, taken)
    assert after.controller_port != 0


def test_a_port_that_was_asked_for_is_not_replaced(taken: int) -> None:
    """A fixed port that is taken is an error that names it."""
    with pytest.raises(BrokerError, match=f"port {taken} is taken") as refused:
        ports.assign(record(Address(1, 0, 0)), set(), taken)

    assert refused.value.code == ports.TAKEN


def test_a_node_does_not_move_away_from_running_ones(taken: int) -> None:
    """The others know it by its port: if that is taken, the start is refused."""
    second = Address(2, *process.free_ports(2))

    with pytest.raises(BrokerError):
        ports.assign(record(Address(1, taken, 0), second), {2}, None)


def test_a_running_node_is_not_moved_by_a_wish() -> None:
    """Asking for another port than the one a running broker has is refused."""
    with pytest.raises(BrokerError, match="already runs"):
        ports.assign(record(*ONE), {1}, 9999)


def test_a_foreign_process_is_never_taken_for_ours() -> None:
    """A process that was given a dead broker's id is not alive to us, and is never signalled."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        assert not process.is_alive(foreign.pid, "-Dphigate.node=x.1")
        process.stop([(foreign.pid, "-Dphigate.node=x.1")], 0)
        process.send(foreign.pid, "-Dphigate.node=x.1", signal.SIGKILL)
        assert foreign.poll() is None
        foreign.communicate(b"\n")


def test_a_stubborn_process_is_killed_after_its_grace(tmp_path: Path) -> None:
    """What does not end when asked is ended by force, and then is not alive."""
    code = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    argv = [sys.executable, "-c", f"{code}; time.sleep(600)", "token-of-mine"]
    output = tmp_path / "out"
    pid = process.spawn(argv, os.environ, tmp_path, output)
    while not output.read_text():
        threading.Event().wait(process.POLL_S)

    assert process.is_alive(pid, "token-of-mine")
    process.stop([(pid, "token-of-mine")], 0.2)
    assert not process.is_alive(pid, "token-of-mine")


def test_a_new_process_is_alive_at_once(tmp_path: Path) -> None:
    """There is no instant after its start at which a child counts as dead.

    Its command line is empty while the program is being loaded: once in a few starts, a broker was
    reported dead and left running.
    """
    for _ in range(20):
        pid = process.spawn(["sleep", "60"], os.environ, tmp_path, tmp_path / "out")
        assert process.is_alive(pid, "60")
        process.stop([(pid, "60")], 10)
        assert not process.is_alive(pid, "60")


GUARD = Guard(KafkaLogin("broker", "b-word"), KafkaLogin("admin", "a-word"), "c-word")


@pytest.mark.parametrize("tls", [None, Tls(Path("b.crt"), Path("b.key"), Path("ca.crt"))])
def test_a_guarded_broker_lets_nobody_in_unnamed(tls: Tls | None) -> None:
    """Each listener asks who it is, what no ACL allows is refused, and two users are above that."""
    guard = dataclasses.replace(GUARD, tls=tls)
    text = config.server_properties(ONE[0], ONE, guard)
    found = dict(line.split("=", 1) for line in text.splitlines())
    clients = "SASL_SSL" if tls else "SASL_PLAINTEXT"
    assert f"CLIENTS:{clients},CONTROLLER:SASL_PLAINTEXT" == found["listener.security.protocol.map"]
    assert not re.search(r"(?<!SASL_)PLAINTEXT", text)
    assert "false" == found["allow.everyone.if.no.acl.found"]
    assert "User:broker;User:admin" == found["super.users"]
    assert found["authorizer.class.name"].endswith("StandardAuthorizer")
    assert ("server.pem" == found.get("ssl.keystore.location")) == bool(tls)


def test_the_first_users_are_told_to_the_format_tool_alone() -> None:
    """An admin is no setting of the broker; without a guard there is nobody to tell of."""
    assert [] == list(format_arguments(None))
    told = list(format_arguments(GUARD))
    assert "SCRAM-SHA-512=[name=admin,password=a-word]" in told
    assert "a-word" not in config.server_properties(ONE[0], ONE, GUARD)
    assert not [word for word in ("a-word", "b-word", "c-word") if word in repr(GUARD)]


def test_private_files_are_private_whatever_was_there(tmp_path: Path) -> None:
    """An older file's permissions are not inherited."""
    file = tmp_path / "server.properties"
    file.write_text("old")
    file.chmod(0o644)
    private(file, b"new")
    assert (0o600, b"new") == (file.stat().st_mode & 0o777, file.read_bytes())


def test_a_record_remembers_its_guard_and_its_tls(tmp_path: Path) -> None:
    """And one written before there was any is open."""
    tls = Tls(Path("/b.crt"), Path("/b.key"), Path("/ca.crt"))
    kept = dataclasses.replace(record(*ONE), guarded=True, tls=tls)
    state.save(tmp_path, kept)
    assert kept == state.load(tmp_path)
    found = json.loads((tmp_path / state.STATE_NAME).read_text())
    del found["guarded"], found["tls"]
    (tmp_path / state.STATE_NAME).write_text(json.dumps(found))
    assert record(*ONE) == state.load(tmp_path)
