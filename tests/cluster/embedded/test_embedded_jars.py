"""What may become the broker's class path: the locked bytes, and nothing else."""

import hashlib
from pathlib import Path

import pytest

from streams.cluster.embedded import jars
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError

CONTENT = b"a jar, for all that the lock cares"
JAR = jars.Jar("org.example", "thing", "1.0", hashlib.sha256(CONTENT).hexdigest())
NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port: every fetch fails at once


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Cut the network off and return the Maven cache, empty, that is left to fetch from."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("HTTP_PROXY", NOWHERE)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    return tmp_path / "m2"


def put_into(maven_cache: Path, content: bytes) -> None:
    """Place the example jar where Maven would keep it."""
    path = maven_cache / "org" / "example" / "thing" / "1.0" / JAR.filename
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_the_lock_names_kafka_and_its_log_backend() -> None:
    """The lock in the package holds the broker of the design, in one version of each part."""
    locked = jars.read_lock(jars.LOCK_PATH.read_text())
    kafka = {each.version for each in locked if each.group == "org.apache.kafka"}

    assert kafka == {"4.3.1"}
    assert {"kafka_2.13", "kafka-tools", "log4j-slf4j-impl"} <= {each.artifact for each in locked}
    assert len(locked) == len({each.filename for each in locked})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "org.example:thing:1.0\n",
        "org.example:thing sha256:00\n",
        f"org.example:thing:1.0 md5:{'0' * 64}\n",
        f"org.example:thing:1.0 sha256:{'0' * 62}\n",
        f"org.example:thing:1.0 sha256:{'x' * 64}\n",
    ],
)
def test_a_lock_that_is_not_whole_is_refused(text: str) -> None:
    """Anything but coordinate and SHA-256 on every line is a BrokerError, an empty lock too."""
    with pytest.raises(BrokerError):
        jars.read_lock(text)


def test_jars_in_place_need_no_network(offline: Path, tmp_path: Path) -> None:
    """With every jar in place nothing is resolved: the class path is there although cut off."""
    (tmp_path / JAR.filename).write_bytes(CONTENT)

    assert jars.ensure_jars(tmp_path, [JAR]) == [tmp_path / JAR.filename]


def test_a_changed_jar_is_refused_and_left_alone(tmp_path: Path) -> None:
    """One changed byte stops the start; the file stays, for whoever has to find out."""
    changed = tmp_path / JAR.filename
    changed.write_bytes(CONTENT + b"!")

    with pytest.raises(BrokerError, match=r"thing-1\.0\.jar does not match") as refused:
        jars.ensure_jars(tmp_path, [JAR])

    assert refused.value.code == "jar_mismatch"
    assert changed.read_bytes() == CONTENT + b"!"


def test_a_missing_jar_is_fetched_and_checked(offline: Path, tmp_path: Path) -> None:
    """A jar that the Maven cache has is taken from there, and nothing else is left behind."""
    put_into(offline, CONTENT)
    store = tmp_path / "store"

    assert jars.ensure_jars(store, [JAR]) == [store / JAR.filename]
    assert [each.name for each in store.iterdir()] == [JAR.filename]
    assert (store / JAR.filename).read_bytes() == CONTENT


def test_a_false_jar_never_reaches_its_place(offline: Path, tmp_path: Path) -> None:
    """What was fetched and does not match is refused before it could be found by a next start."""
    put_into(offline, b"something else")
    store = tmp_path / "store"

    with pytest.raises(BrokerError) as refused:
        jars.ensure_jars(store, [JAR])

    assert refused.value.code == "jar_mismatch"
    assert list(store.iterdir()) == []


def test_no_network_is_said_clearly(offline: Path, tmp_path: Path) -> None:
    """A jar that cannot be had is an error that names it and says what is needed."""
    with pytest.raises(BrokerError, match=r"cannot fetch org\.example:thing:1\.0") as refused:
        jars.ensure_jars(tmp_path / "store", [JAR])

    assert refused.value.code == "jar_unavailable"
    assert "network" in refused.value.hint


def test_a_cluster_with_a_corrupted_jar_starts_nothing(tmp_path: Path) -> None:
    """Among the real jars one is corrupted: `up` names it, and no process was started."""
    store = tmp_path / "jars"
    store.mkdir()
    for path in jars.ensure_jars(jars.default_directory()):
        (store / path.name).symlink_to(path)
    victim = store / "kafka_2.13-4.3.1.jar"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.unlink()
    victim.write_bytes(content)
    cluster = Cluster(tmp_path / "home", jar_directory=store)

    with pytest.raises(BrokerError, match=r"kafka_2\.13-4\.3\.1\.jar does not match"):
        cluster.up()

    assert [each.pid for each in cluster.status()] == [None]
