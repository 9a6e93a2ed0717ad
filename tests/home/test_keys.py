"""`phigate keys`: publishing, pinning, rotating with an overlap."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from streams.__main__ import phigate
from streams.directory import Directory
from streams.directory.published import GateSet, gate_set
from streams.errors import KeyringError, SettingsError
from streams.home import signing_keys, signing_keys_command
from streams.home.command import directory, init, key
from streams.home.home import make_home
from streams.home.keys import keys
from streams.settings import load_settings
from streams.signing import SigningKey

HOUR_MS = 3_600_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home that is made, named by the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIGATE_HOME", str(tmp_path / "home"))
    call(init)
    return tmp_path / "home"


def call(command: click.Command, *words: str, code: int = 0) -> Result:
    """Run a command and check its exit code."""
    result = CliRunner().invoke(command, words)
    assert code == result.exit_code, result.output
    return result


def signing(home: Path) -> list[dict[str, object]]:
    """Return what `keys status` says of the keys that sign."""
    assert home.exists()
    found: list[dict[str, object]] = json.loads(call(keys, "status", "--json").output)["signing"]
    return found


def current(home: Path) -> SigningKey:
    """Return the key that signs grants here."""
    return SigningKey.load(home / "keys" / "grant.key")


@pytest.mark.parametrize("use", ["grants", "audit"])
def test_a_rotation_gives_the_old_key_an_end_and_the_new_one_the_first_place(
    home: Path, use: str
) -> None:
    """Both verify during the overlap; comments of the file stay; it can be done again."""
    text = (home / "directory.yaml").read_text()
    for count in (2, 3):
        told = json.loads(call(keys, "rotate", use, "--overlap", "4h", "--json").output)
        found = Directory.load(home / "directory.yaml").gate
        listed = getattr(found, use)
        assert (count, told["key"]) == (len(listed), listed[0].text)
        assert {each.key_id for each in listed[1:]} == found.ends_ms.keys()
        assert "gate." not in call(directory, "check").output
    after = (home / "directory.yaml").read_text()
    assert [x for x in text.splitlines() if "#" in x] == [x for x in after.splitlines() if "#" in x]
    assert 2 == len(list((home / "keys" / "retired").iterdir()))
    rows = [each for each in signing(home) if each["purpose"] == use]
    assert [("current", True), ("ending", False), ("ending", False)] == [
        (each["state"], each["here"]) for each in rows
    ]


def test_a_rotation_that_was_cut_off_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each step: the same new key, one more in the directory, and it signs."""
    settings = load_settings(home=home)
    before = current(home)

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(signing_keys, "_write_directory", cut)
        with pytest.raises(KeyboardInterrupt):
            signing_keys.rotate(settings, "grants", HOUR_MS)
    drawn = SigningKey.load(home / "keys" / "grant.key.next")
    assert before.public == current(home).public
    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", cut)
        with pytest.raises(KeyboardInterrupt):
            signing_keys.rotate(settings, "grants", HOUR_MS)
    made = signing_keys.rotate(settings, "grants", HOUR_MS)
    assert drawn.public == made.public == current(home).public
    gate = Directory.load(home / "directory.yaml").gate
    assert (drawn.public, before.public) == gate.grants
    assert {before.public.key_id: HOUR_MS} == gate.ends_ms


def test_a_list_on_one_line_is_edited_too(home: Path) -> None:
    """However somebody wrote it: what comes out is loaded before it is written."""
    path = home / "directory.yaml"
    old = current(home).public.text
    path.write_text(path.read_text().replace(f"grants:\n    - {old}", f"grants: [{old}]"))
    made = signing_keys.rotate(load_settings(home=home), "grants", HOUR_MS)
    assert made.public == Directory.load(path).gate.grants[0]


def test_what_is_published_is_what_is_pinned(home: Path, tmp_path: Path) -> None:
    """The file reads back as the directory has it, ends and officers included."""
    made = json.loads(call(key, "new", "sam", "--json").output)["key"]
    path = home / "directory.yaml"
    person = f"people:\n  sam: {{groups: [security-officers], keys: [{made}]}}\n"
    path.write_text(path.read_text().replace("people:\n", person, 1))
    call(keys, "rotate", "grants", "--overlap", "1h")
    file = tmp_path / "gate-keys.json"
    call(keys, "publish", "--out", str(file))
    found = Directory.load(path)
    assert GateSet.of(found) == GateSet.load(file) == gate_set(str(file), found)
    assert ("sam",) == tuple(GateSet.load(file).officers)
    assert json.loads(call(keys, "publish").output) == json.loads(file.read_text())


def test_a_pinned_set_stands_above_the_directory(home: Path, tmp_path: Path) -> None:
    """A key that somebody adds to the directory afterwards is not believed."""
    file = tmp_path / "gate-keys.json"
    call(keys, "publish", "--out", str(file))
    settings = load_settings(home=home, pinned_keys=str(file))
    signing_keys.rotate(settings, "grants", HOUR_MS)
    found = Directory.load(home / "directory.yaml")
    assert found.gate.grants[1:] == gate_set(settings.pinned_keys, found).grants


NO_KEY = {"grants": [{"key": "x", "until": None}], "audit": [], "officers": {}}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"phigate": "gate-keys"}', json.dumps({"phigate": "gate-keys", **NO_KEY})],
)
def test_what_is_no_published_file_is_refused(tmp_path: Path, text: str) -> None:
    """A pin that cannot be read pins nothing, so nothing runs."""
    file = tmp_path / "pins"
    file.write_text(text)
    with pytest.raises(SettingsError):
        GateSet.load(file)
    with pytest.raises(SettingsError):
        GateSet.load(tmp_path / "missing")


def test_an_end_of_a_key_that_nobody_lists_is_a_mistake(home: Path) -> None:
    """A mistyped id would leave a retired key good for ever."""
    path = home / "directory.yaml"
    ends = "gate:\n  ends:\n    gate-grant+0: 2026-01-01T00:00:00Z\n"
    path.write_text(path.read_text().replace("gate:\n", ends))
    assert "lists no key" in call(directory, "check", code=2).output


def test_a_place_that_cannot_be_written_is_told_in_a_line(home: Path) -> None:
    """The file is named, with exit code 2; what stands there stays, and nobody sees a traceback."""
    (home / "a-file").write_text("as it was")
    for place in (home / "a-file" / "keys.json", home / "none" / "keys.json", home / "keys"):
        result = CliRunner().invoke(phigate, ["keys", "publish", "--out", str(place)])
        assert 2 == result.exit_code, (place, result.output)
        assert str(place.parent) in result.stderr
        assert isinstance(result.exception, SystemExit)
    assert "as it was" == (home / "a-file").read_text()


def test_refusals(home: Path) -> None:
    """What is mistyped, and where there is no key."""
    assert "90s" in call(keys, "rotate", "grants", "--overlap", "soon", code=2).output
    (home / "keys" / "audit.key").unlink()
    call(keys, "rotate", "audit", code=2)
    assert signing_keys_command.section(load_settings(home=home))[0]
    with pytest.raises(KeyringError, match="audit"):
        make_home(load_settings(home=home))
