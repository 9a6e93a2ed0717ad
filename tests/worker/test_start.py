"""A worker that cannot run says why, what to do, and whether starting it again would help."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from streams.wire import client
from tests.gatehouse import Gatehouse

OPERATOR, AWAY = 2, 5


def start(house: Gatehouse, role: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a worker that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "streams", "worker", "run", role],
        env={**os.environ, **house.environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Gatehouse:
    """Return a gate of the test's own."""
    return Gatehouse.up(kafka, tmp_path)


def set_topic(house: Gatehouse, name: str, setting: str, value: str) -> None:
    """Change one setting of a topic."""
    change = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, house.topic(name), incremental_configs=[change])
    admin = client.admin(house.settings)
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(30)


@pytest.mark.kafka
def test_topics_that_break_an_invariant(house: Gatehouse) -> None:
    """A log that is compacted loses evidence: the worker refuses it, by topic and setting."""
    set_topic(house, "cases", "cleanup.policy", "compact")
    done = start(house, "fold")
    assert OPERATOR == done.returncode
    assert house.topic("cases") in done.stderr
    assert "cleanup.policy" in done.stderr
    assert "phigate topics" in done.stderr


@pytest.mark.parametrize(("role", "name"), [("fold", "grant.key"), ("admit", "master.key")])
def test_a_missing_key(tmp_path: Path, role: str, name: str) -> None:
    """Without its keys a worker does not start, and names the file."""
    house = Gatehouse.without_broker(tmp_path)
    (house.settings.keys / name).unlink()
    done = start(house, role)
    assert OPERATOR == done.returncode
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_policy_that_does_not_load(tmp_path: Path) -> None:
    """A policy with an error in it is told with its file, and nothing is admitted under it."""
    house = Gatehouse.without_broker(tmp_path)
    (house.settings.policies / "broken.cedar").write_text("permit (principal, action, resource")
    done = start(house, "admit")
    assert OPERATOR == done.returncode
    assert "broken.cedar" in done.stderr


def test_a_setting_that_cannot_be_kept(tmp_path: Path) -> None:
    """A Kafka setting that only half of the clients would keep is refused before connecting."""
    house = Gatehouse.without_broker(tmp_path)
    kafka = '{"security.protocol": "SSL", "ssl.cipher.suites": "x"}'
    done = start(house, "fold", PHIGATE_KAFKA=kafka)
    assert OPERATOR == done.returncode
    assert "ssl.cipher.suites" in done.stderr


def test_a_folder_that_is_used(tmp_path: Path) -> None:
    """Two workers in one folder would take each other's database: the second one says so."""
    house = Gatehouse.without_broker(tmp_path)
    folder = house.settings.home / "workers" / "fold" / "data"
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = start(house, "fold")
    assert OPERATOR == done.returncode
    assert "--data" in done.stderr


def test_a_broker_that_is_away(tmp_path: Path) -> None:
    """Without a broker a worker leaves with a code that says: start me again."""
    done = start(Gatehouse.without_broker(tmp_path), "fold")
    assert AWAY == done.returncode
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
