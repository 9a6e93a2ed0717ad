"""A real broker, and three of them: started, lost, found again, deleted."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from streams.cluster.embedded import jars, state
from streams.cluster.embedded.cluster import Cluster
from streams.cluster.embedded.config import Address
from streams.cluster.embedded.state import ClusterRecord, NodeRecord
from streams.errors import BrokerError
from streams.wire import credential

pytestmark = pytest.mark.kafka
TIMEOUT_S = 180
RUN = "from streams.cluster.embedded.command import kafka; kafka(prog_name='phigate kafka')"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a cluster of one that does not run yet; stop it afterwards."""
    found = Cluster(tmp_path / "kafka")
    yield found
    found.reset()


def as_admin(bootstrap: str, folder: Path) -> dict[str, str]:
    """Return a client's settings: the admin's, whose credential is in the folder."""
    login = credential.read(folder / "credentials", credential.ADMIN)
    assert login is not None
    return {
        "bootstrap.servers": bootstrap,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": credential.MECHANISM,
        "sasl.username": login.name,
        "sasl.password": login.password,
    }


def make_topic(admins: dict[str, str], name: str, copies: int = 1) -> None:
    """Create a topic and wait until the cluster has it."""
    admin = AdminClient(admins)
    admin.create_topics([NewTopic(name, 1, copies)])[name].result(TIMEOUT_S)


def topics(admins: dict[str, str]) -> set[str]:
    """Return the topics that the cluster has."""
    admin = AdminClient(admins)
    return set(admin.list_topics(timeout=TIMEOUT_S).topics)


def produce(admins: dict[str, str], topic: str) -> list[object]:
    """Write one record that all in-sync copies must confirm; return the errors."""
    errors: list[object] = []
    producer = Producer({**admins, "acks": "all", "message.timeout.ms": 45_000})
    producer.produce(topic, b"v", on_delivery=lambda error, _: errors.append(error))
    producer.flush(TIMEOUT_S)
    return errors


def command(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start the command in a process with neither Java nor a network to be found."""
    environment = {key: value for key, value in os.environ.items() if key != "JAVA_HOME"}
    environment |= {"PATH": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9"}
    argv = [sys.executable, "-c", RUN, arguments[0], "--home", str(home), "--json", *arguments[1:]]
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, env=environment, stdout=pipe, stderr=pipe, text=True)


def finish(process: "subprocess.Popen[str]", code: int = 0) -> Any:
    """Wait for a command, check its exit code, return what it printed."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err
    return json.loads(out)


def test_up_status_down_each_from_its_own_process(tmp_path: Path) -> None:
    """Without Java on the path and without a network, each command finds what the last one left.

    Two starts at once and a third after them give one broker; the state tells up from stopped.
    """
    jars.ensure_jars(jars.default_directory())
    assert finish(command(tmp_path, "status"), 5) == {"brokers": []}

    rivals = [command(tmp_path, "up"), command(tmp_path, "up")]
    first, second = (finish(each) for each in rivals)
    assert first == second == finish(command(tmp_path, "up"))
    assert "__consumer_offsets" not in topics(as_admin(first["bootstrap"], tmp_path))

    (broker,) = finish(command(tmp_path, "status"))["brokers"]
    assert broker["state"] == "up"
    assert finish(command(tmp_path, "down")) == {"stopped": 1}
    assert finish(command(tmp_path, "down")) == {"stopped": 0}
    (broker,) = finish(command(tmp_path, "status"), 5)["brokers"]
    assert broker["state"] == "stopped"


def test_data_outlives_a_stop_and_not_a_reset(cluster: Cluster) -> None:
    """A stopped cluster comes back with its topics and its address; a reset one with neither."""
    bootstrap = cluster.up()
    make_topic(as_admin(bootstrap, cluster.home), "kept")
    cluster.down()

    assert cluster.up() == bootstrap
    assert "kept" in topics(as_admin(bootstrap, cluster.home))
    assert stat.S_IMODE(cluster.home.stat().st_mode) == 0o700

    cluster.reset()
    assert [each.name for each in cluster.home.iterdir()] == [state.LOCK_NAME]
    assert cluster.status() == []
    bootstrap = cluster.up()
    assert "kept" not in topics(as_admin(bootstrap, cluster.home))


def test_a_broker_that_died_is_reported_and_started_again(cluster: Cluster) -> None:
    """A killed broker is told from a stopped one, without its idle talk; `up` mends it in place."""
    bootstrap = cluster.up()
    cluster.check()
    cluster.kill(1)

    (node,) = cluster.status()
    assert node.died
    assert not any(" INFO " in line for line in node.last_lines)
    with pytest.raises(BrokerError, match=r"(?s)broker 1 died(?!.* INFO )") as died:
        cluster.check()
    assert str(node.log) in died.value.hint
    assert cluster.up() == bootstrap
    cluster.check()


def test_a_broker_that_cannot_start_says_why(cluster: Cluster) -> None:
    """Kafka's own complaint is in the error, and nothing is left running."""
    cluster.up()
    cluster.down()
    meta = cluster.home / "node-1" / "data" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=7"))

    with pytest.raises(BrokerError, match=r"(?s)died while starting.*Stored node id 7") as died:
        cluster.up()

    assert died.value.code == "broker_died"
    assert not any(each.alive for each in cluster.status())


def test_a_lost_password_is_said_and_not_drawn_anew(cluster: Cluster) -> None:
    """Kafka would not know the new one: the start says which file is gone, and starts nothing."""
    cluster.up()
    cluster.down()
    credential.path(cluster.home / "credentials", "admin").unlink()
    with pytest.raises(BrokerError, match=r"admin\.properties is gone") as lost:
        cluster.up()
    assert "no_credential" == lost.value.code
    assert not any(each.alive for each in cluster.status())


def test_a_start_that_takes_too_long_is_undone(cluster: Cluster) -> None:
    """A deadline that passes is an error; the half-started broker is stopped."""
    with pytest.raises(BrokerError, match="did not serve within"):
        cluster.up(timeout_s=0)

    (node,) = cluster.status()
    assert (node.pid, node.alive) == (None, False)


def test_a_reused_process_id_is_not_the_broker(cluster: Cluster) -> None:
    """A record that names a foreign process (this one): the broker died, nobody is signalled."""
    cluster.up()
    cluster.down()
    record = state.load(cluster.home)
    assert record is not None
    state.save(cluster.home, record.with_pid(1, os.getpid()))

    assert [each.died for each in cluster.status()] == [True]
    assert cluster.down() == 0
    cluster.up()
    assert [each.alive for each in cluster.status()] == [True]


def test_a_stopped_process_still_goes_down(cluster: Cluster) -> None:
    """A broker that was frozen hears the request to end, rather than being killed."""
    cluster.up()
    cluster.kill(1, signal.SIGSTOP)

    assert cluster.down() == 1
    assert "shut down completed" in cluster.status()[0].log.read_text()


def test_the_number_of_brokers_is_what_was_made(tmp_path: Path) -> None:
    """Two are refused (no majority survives a loss), and so is changing the number in place."""
    state.save(tmp_path, ClusterRecord("an-id", (NodeRecord(Address(1, 0, 0)),)))

    with pytest.raises(BrokerError, match="has 1 or 3"):
        Cluster(tmp_path, 2)
    with pytest.raises(BrokerError, match="holds a cluster of 1, not of 3"):
        Cluster(tmp_path, 3).up()


def test_three_brokers_survive_the_loss_of_one(tmp_path: Path) -> None:
    """Copies on all three, two needed; with one killed, a write that needs all in sync succeeds."""
    with Cluster(tmp_path / "kafka", 3) as cluster:
        bootstrap = cluster.bootstrap
        admins = as_admin(bootstrap, cluster.home)
        make_topic(admins, "events", copies=3)
        admin = AdminClient(admins)
        (partition,) = admin.list_topics("events", TIMEOUT_S).topics["events"].partitions.values()
        assert sorted(partition.replicas) == [1, 2, 3]
        wanted = ConfigResource(ResourceType.TOPIC, "events")
        found = admin.describe_configs([wanted])[wanted].result(TIMEOUT_S)
        assert found["min.insync.replicas"].value == "2"
        assert found["unclean.leader.election.enable"].value == "false"

        cluster.kill(partition.leader)
        assert produce(admins, "events") == [None]
        assert [each.id for each in cluster.status() if each.died] == [partition.leader]

        survivors = {each.pid for each in cluster.status() if each.alive}
        assert cluster.up() == bootstrap
        assert all(each.alive for each in cluster.status())
        assert survivors < {each.pid for each in cluster.status()}
    assert not any(each.alive for each in cluster.status())
