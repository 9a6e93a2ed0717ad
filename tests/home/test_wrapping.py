"""`phigate keys rotate wrapping | status`: rotated without a restart, and told as it stands."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.home.home import make_home
from streams.home.keys import keys
from streams.sealing import LocalKeyFile, ReleaseKey, keyset
from streams.settings import Settings, load_settings

DATA_KEY = bytes(32)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a home with keys."""
    found = load_settings(home=tmp_path)
    make_home(found)
    return found


def call(settings: Settings, *words: str, code: int = 0) -> Result:
    """Run a command on that home."""
    result = CliRunner().invoke(keys, [*words, "--home", str(settings.home)])
    assert code == result.exit_code, result.output
    return result


def test_a_running_worker_wraps_under_the_rotated_key(settings: Settings) -> None:
    """Without a restart; what was wrapped before opens, and the release key stays as it was."""
    master = LocalKeyFile.load(settings.keys / "master.key")
    release = (settings.keys / "release.key").read_bytes()
    old = master.wrap(DATA_KEY, "i")
    made = json.loads(call(settings, "rotate", "wrapping", "--json").stdout)["made"]
    new = master.wrap(DATA_KEY, "i")
    assert [new[0]] == [each["id"] for each in made]
    assert old[0] != new[0]
    assert DATA_KEY == master.unwrap(*old, "i") == master.unwrap(*new, "i")
    assert release == (settings.keys / "release.key").read_bytes()


def test_the_release_key_is_rotated_when_told(settings: Settings) -> None:
    """A running fold unlocks what was locked before and after."""
    release = ReleaseKey.load(settings.keys / "release.key")
    old = release.lock(b"x", "i")
    call(settings, "rotate", "wrapping", "--release")
    assert b"x" == release.unlock(old, "i") == release.unlock(release.lock(b"x", "i"), "i")


def test_status_tells_current_older_and_shredded(settings: Settings) -> None:
    """Each key with its id, date and standing; the provider; no key itself."""
    secret = json.loads((settings.keys / "master.key").read_text())["keys"][0]["key"].strip()
    keyset.shred(settings.keys / "master.key", "master", "i")
    call(settings, "rotate", "wrapping")
    said = json.loads(call(settings, "status", "--json").stdout)
    assert "local" == said["provider"]
    masters = [each for each in said["keys"] if each["purpose"] == "master"]
    assert [(True, 0), (False, 1)] == [(each["current"], each["shredded"]) for each in masters]
    text = call(settings, "status").stdout
    assert "opens, 1 intents shredded" in text
    assert secret not in text + json.dumps(said)


def test_there_is_nothing_to_rotate_elsewhere(settings: Settings) -> None:
    """On a machine without the file: exit code 2 and what to do; nothing is made."""
    (settings.keys / "master.key").unlink()
    assert "where admit has its keys" in call(settings, "rotate", "wrapping", code=2).stderr
    assert not (settings.keys / "master.key").exists()
