"""`init`, `key` and `directory` as they are typed: what they make, keep, print and refuse."""

import json
import os
import re
import stat
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from streams.directory import Directory
from streams.home.command import directory, init, key
from streams.home.keys import keys
from streams.home.templates import SETTINGS
from streams.policy.files import example, read_policies
from streams.sealing import LocalKeyFile, ReleaseKey, SealKey
from streams.settings import FILE, Settings, load_settings
from streams.signing import SigningKey

KEYS = ["audit.key", "gate-seal.key", "grant.key", "master.key", "release.key"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a home that is not there yet, named by the environment."""
    for name in [name for name in os.environ if name.startswith("PHIGATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)  # xdist sets it
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIGATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def call(command: click.Command, *words: str, code: int = 0, text: str = "") -> Result:
    """Run a command and check its exit code."""
    result = CliRunner().invoke(command, words, input=text)
    assert code == result.exit_code, result.output
    return result


def put(home: Path, old: str, new: str) -> None:
    """Change the directory file."""
    path = home / "directory.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# ---------------------------------------------------------------- init


def test_init_makes_all_that_the_gate_needs(home: Path) -> None:
    """Keys that load, a directory that names them, the example policy, settings that read."""
    call(init)
    assert sorted(KEYS) == sorted(path.name for path in (home / "keys").iterdir())
    found = Directory.load(home / "directory.yaml")
    assert SealKey.load(home / "keys" / "gate-seal.key").public == found.gate.seal
    assert (SigningKey.load(home / "keys" / "grant.key").public,) == found.gate.grants
    assert (SigningKey.load(home / "keys" / "audit.key").public,) == found.gate.audit
    assert LocalKeyFile.load(home / "keys" / "master.key")
    assert ReleaseKey.load(home / "keys" / "release.key")
    assert example() == read_policies(home / "policy")
    assert home == load_settings().home


def test_init_keeps_secrets_to_the_owner(home: Path) -> None:
    """Home and keys are 0700, each key 0600."""
    call(init)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "keys").iterdir()}
    assert {0o600} == modes
    assert {0o700} == {stat.S_IMODE(path.stat().st_mode) for path in (home, home / "keys")}


def test_init_again_changes_nothing(home: Path) -> None:
    """A second run keeps every byte, and says so."""
    call(init)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    again = json.loads(call(init, "--json").stdout)
    assert before == {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert ([], 8) == (again["made"], len(again["kept"]))


def test_init_makes_what_is_missing(home: Path) -> None:
    """After a run that was cut off, the next one makes the rest."""
    call(init)
    (home / "directory.yaml").unlink()
    (home / "keys" / "audit.key").unlink()
    again = json.loads(call(init, "--json").stdout)
    assert [str(home / "keys" / "audit.key"), str(home / "directory.yaml")] == again["made"]


@pytest.mark.parametrize("file", ["master.key", "release.key", "gate-seal.key", "grant.key"])
def test_init_draws_no_other_key_for_a_gate_in_use(home: Path, file: str) -> None:
    """What waits or was kept opens with the old key alone: put the backup back, it says."""
    call(init)
    (home / "keys" / file).unlink()
    result = call(init, code=2)
    assert str(home / "keys" / file) in result.stderr
    assert "put the backup" in result.stderr
    assert not (home / "keys" / file).exists()
    status = json.loads(call(keys, "status", "--json").stdout)
    assert [str(home / "keys" / file)] == status["lost"]
    call(init, "--force")


def test_init_notices_a_directory_with_other_keys(home: Path) -> None:
    """A key that was made anew, and that the directory does not name, is an error with the key."""
    call(init)
    SigningKey.new("gate-grant").save(home / "keys" / "grant.key", force=True)
    result = call(init, code=2)
    text = SigningKey.load(home / "keys" / "grant.key").public.text
    assert text in result.stderr
    put(home, "grants:\n", f"grants:\n    - {text}\n")
    call(init)


def test_init_force_loses_nothing(home: Path) -> None:
    """Starting anew moves the old keys and files aside."""
    call(init)
    old = (home / "keys" / "master.key").read_bytes()
    call(init, "--force")
    call(init, "--force")
    assert old == (home / "keys.old-1" / "master.key").read_bytes()
    assert old != (home / "keys" / "master.key").read_bytes()
    assert (home / "keys.old-2").is_dir()
    call(directory, "check")


def test_init_where_nothing_can_be_written(home: Path) -> None:
    """A home that cannot be made is a line, not a traceback."""
    home.write_text("in the way")
    result = call(init, code=2)
    assert str(home) in result.stderr
    assert "Traceback" not in result.output


def test_the_settings_file_names_each_setting_with_its_default() -> None:
    """Uncommented, the template reads, and gives what is the default anyway."""
    body = re.sub(r"^# (?=[a-z_]+ = |\[)", "", SETTINGS, flags=re.MULTILINE)
    found = tomllib.loads(body)
    assert found.keys() == Settings.model_fields.keys() - {"home"}
    settings = load_settings(home="/h")
    for name, value in found.items():
        default = getattr(settings, name)
        if isinstance(default, Path):
            assert default == Path("/h") / value
        elif name != "kafka":
            assert default == value


def test_the_commented_examples_of_the_directory_are_good(home: Path) -> None:
    """Whoever removes the comment signs and puts real keys in has a directory that loads."""
    call(init)
    keys = {name: json.loads(call(key, "new", name, *more, "--json").stdout)
            for name, more in (("ada", ()), ("clinic-db", ("--executor",)))}  # fmt: skip
    text = (home / "directory.yaml").read_text()
    text = re.sub(r"^#(?=  )", "", text, flags=re.MULTILINE)
    for old, new in (
        ("ada+0123abcd+...", keys["ada"]["key"]),
        ("ada+89ab0123+...", SealKey.new("ada").public.text),
        ("clinic-db+0123abcd+...", keys["clinic-db"]["key"]),
        ("clinic-db+4567cdef+...", keys["clinic-db"]["seal"]),
    ):
        assert old in text
        text = text.replace(old, new)
    (home / "directory.yaml").write_text(text)
    assert "2 people, 2 groups, 1 agents, 1 executors, 1 resources\nno problems\n" == (
        call(directory, "check", str(home / "directory.yaml")).stdout
    )


# ---------------------------------------------------------------- key


def test_key_new_prints_what_the_directory_needs(home: Path) -> None:
    """Its output, put into the directory, makes the person known by the key in the file."""
    call(init)
    made = call(key, "new", "ada")
    put(home, "people:\n", made.stdout)
    public = SigningKey.load(home / "keys" / "people" / "ada.key").public
    found = Directory.load(home / "directory.yaml").person_of_key(public.key_id)
    assert found is not None
    assert "ada" == found[0]


def test_key_new_for_an_executor(home: Path) -> None:
    """An executor class gets two keys, and lines that name both."""
    call(init)
    made = call(key, "new", "clinic-db", "--executor")
    put(home, "executors:\n", made.stdout)
    executor = Directory.load(home / "directory.yaml").executor("clinic-db")
    folder = home / "keys" / "executors"
    assert executor is not None
    assert (SigningKey.load(folder / "clinic-db.key").public,) == executor.keys
    assert SealKey.load(folder / "clinic-db.seal").public == executor.seal


def test_key_new_overwrites_only_when_told(home: Path) -> None:
    """A key that is there stays, and the exit code says so; the same for an executor's."""
    for words, file in ((("ada",), "people/ada.key"), (("db", "--executor"), "executors/db.seal")):
        call(key, "new", *words)
        before = (home / "keys" / file).read_bytes()
        assert "is there already" in call(key, "new", *words, code=2).stderr
        assert before == (home / "keys" / file).read_bytes()
        call(key, "new", *words, "--force")
        assert before != (home / "keys" / file).read_bytes()


def test_key_new_for_an_executor_makes_both_keys_or_none(home: Path) -> None:
    """Where one of the two files is there already, the other is not made."""
    call(key, "new", "db", "--executor")
    (home / "keys" / "executors" / "db.key").unlink()
    call(key, "new", "db", "--executor", code=2)
    assert not (home / "keys" / "executors" / "db.key").exists()


def test_key_new_with_a_passphrase(home: Path, tmp_path: Path) -> None:
    """A key can be locked from a file's first line, or from a prompt that asks twice."""
    (tmp_path / "pass").write_text("correct horse\n")
    call(key, "new", "ada", "--passphrase-file", str(tmp_path / "pass"))
    assert SigningKey.load(home / "keys" / "people" / "ada.key", "correct horse")
    result = call(key, "new", "bob", "--passphrase-prompt", "--json", text="x y\nx y\n")
    assert SigningKey.load(Path(json.loads(result.stdout)["file"]), "x y")
    assert "x y" not in result.output


def test_key_new_into_a_file(tmp_path: Path, home: Path) -> None:
    """`--out` chooses the file, `--json` tells all of it."""
    result = call(key, "new", "ada", "--out", str(tmp_path / "a.key"), "--json")
    found = json.loads(result.stdout)
    assert {"name", "kind", "key", "file"} == found.keys()
    assert SigningKey.load(tmp_path / "a.key").public.text == found["key"]
    assert not home.exists()


@pytest.mark.parametrize("name", ["../eve", "a/b", "a b", "", ".hidden", "-x", "a+b", "x" * 65])
def test_key_new_refuses_names_that_are_paths(home: Path, name: str) -> None:
    """A name goes into a file's name, so it is letters, digits and little else."""
    for words in (("--", name), ("--executor", "--", name)):
        call(key, "new", *words, code=2)
    assert not home.exists()


def test_key_show_needs_no_passphrase(home: Path, tmp_path: Path) -> None:
    """The public key of a locked file is printed as it was when the key was made."""
    (tmp_path / "pass").write_text("p")
    made = call(key, "new", "ada", "--passphrase-file", str(tmp_path / "pass"), "--json")
    found = json.loads(made.stdout)
    assert found["key"] + "\n" == call(key, "show", found["file"]).stdout
    shown = json.loads(call(key, "show", found["file"], "--json").stdout)
    assert (True, "signing", "ada") == (shown["locked"], shown["kind"], shown["name"])


def test_what_key_new_prints_loads_as_it_is(home: Path) -> None:
    """With the group and the owner said, each block goes under its section without a change."""
    call(init)
    for words, section in (
        (("ada", "--group", "privacy-officers", "--group", "security-officers"), "people"),
        (("bot", "--agent", "--owner", "ada"), "agents"),
        (("clinic-db", "--executor"), "executors"),
    ):
        made = call(key, "new", *words)
        assert f"under the `{section}:`" in made.stderr
        put(home, f"{section}:\n", made.stdout)
    found = Directory.load(home / "directory.yaml")
    assert ("privacy-officers", "security-officers") == found.people["ada"].groups
    assert "ada" == found.agents["bot"].owner


def test_key_new_adds_its_lines_to_the_directory(home: Path) -> None:
    """With --add nothing is left to copy; comments, order and the file's rights stay."""
    call(init)
    path = home / "directory.yaml"
    before, mode = path.read_text(), path.stat().st_mode
    for words in (
        ("ada", "--group", "privacy-officers"),
        ("bob",),
        ("bot", "--agent", "--owner", "ada"),
        ("clinic-db", "--executor"),
    ):
        assert "added to" in call(key, "new", *words, "--add").stderr
    found = Directory.load(path)
    assert ({"ada", "bob"}, {"bot"}) == (set(found.people), set(found.agents))
    assert SealKey.load(home / "keys/executors/clinic-db.seal").public == (
        found.executors["clinic-db"].seal
    )
    lines = path.read_text().splitlines()
    assert before.splitlines() == [each for each in lines if each in before.splitlines()]
    assert mode == path.stat().st_mode


@pytest.mark.parametrize(
    ("words", "change", "said"),
    [
        (("ada",), "", "people.ada stands in"),
        (("bot", "--agent"), "", "--owner"),
        (("bot", "--agent", "--owner", "nobody"), "", "is not among the people"),
        (("db", "--executor"), "executors: {}", "has no line `executors:`"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    home: Path, words: tuple[str, ...], change: str, said: str
) -> None:
    """A name that is known, nobody to answer, a section on one line: the file stays as it was."""
    call(init)
    call(key, "new", "ada", "--add")
    if change:
        put(home, "executors:\n", f"{change}\n")
    before = (home / "directory.yaml").read_bytes()
    told = call(key, "new", *words, "--add", "--out", str(home / "x.key"), code=2)
    assert said in told.stderr
    assert before == (home / "directory.yaml").read_bytes()
    assert not (home / "x.key").exists()


def test_what_is_printed_next_is_whole(home: Path) -> None:
    """Each kind of key, the edit in between, and who must start again stand in init's words."""
    said = call(init).stdout
    for words in (
        "--group",
        "--agent --owner",
        "--executor",
        "resources",
        "restart fold and audit",
    ):
        assert words in said
    assert "phigate key new report-agent --agent\n" in (home / "directory.yaml").read_text()


def test_people_in_no_group_hear_which_there_are(home: Path) -> None:
    """The hint names the rules' groups and the officers', which no rule asks."""
    call(init)
    call(key, "new", "ada", "--add")
    said = call(directory, "check").stdout
    assert "people.ada: is in no group" in said
    assert "security-officers are the officers" in said


def test_an_agent_without_an_owner_is_asked_for_one(home: Path) -> None:
    """The block names nobody yet, and the directory says so in words."""
    call(init)
    made = call(key, "new", "bot", "--agent")
    assert "OWNER" in made.stderr
    put(home, "agents:\n", made.stdout)
    told = call(directory, "check", code=2).stderr
    assert "`OWNER` of agent `bot` is not among the people" in told
    put(home, "owner: OWNER", 'owner: ""')
    told = call(directory, "check", code=2).stderr
    assert "write a name" in told
    assert "pattern" not in told
    (home / "directory.yaml").write_text("")
    assert "here stands a map" in call(directory, "check", code=2).stderr


def test_a_key_of_another_place_is_pointed_to(home: Path) -> None:
    """Whoever names keys/clinic.key is told where the key of that name lies."""
    call(init)
    call(key, "new", "clinic", "--executor")
    told = call(key, "show", str(home / "keys" / "clinic.key"), code=2).stderr
    assert f"is it {home / 'keys' / 'executors' / 'clinic.key'}?" in told


def test_key_show_of_what_is_no_key(home: Path, tmp_path: Path) -> None:
    """Missing, foreign, exposed: exit code 2 and what to do."""
    assert "phigate init" in call(key, "show", str(tmp_path / "none"), code=2).stderr
    call(key, "new", "ada")
    path = home / "keys" / "people" / "ada.key"
    path.chmod(0o644)
    assert f"chmod 600 {path}" in call(key, "show", str(path), code=2).stderr


# ---------------------------------------------------------------- directory


def test_directory_check_says_file_and_line(home: Path) -> None:
    """A directory that does not load is exit code 2, with the line."""
    call(init)
    put(home, "people:\n", "people:\n  ada: {grups: [x]}\n")
    result = call(directory, "check", code=2)
    lines = (home / "directory.yaml").read_text().splitlines()
    assert f"directory.yaml:{lines.index('  ada: {grups: [x]}') + 1}: " in result.stderr
    assert "did you mean `groups`?" in result.stderr


def test_directory_check_warns(home: Path) -> None:
    """What loads and can still not be meant is told, each on its line."""
    call(init)
    db = json.loads(call(key, "new", "db", "--executor", "--json").stdout)
    put(home, "people:\n", (
        "people:\n  ada: {groups: [privacy]}\n"
        "  bob: {groups: [security], status: suspended}\n"
    ))  # fmt: skip
    put(home, "agents:\n", "agents:\n  ada: {owner: ada}\n  bot: {owner: bob}\n")
    put(home, "executors:\n", f"executors:\n  db: {{keys: [{db['key']}], seal: {db['seal']}}}\n")
    put(home, "resources:\n", "resources:\n  - {type: table, id: x, executor: none}\n")
    found = json.loads(call(directory, "check", "--json").stdout)
    assert (2, 2, 2, 1, 1) == tuple(
        found[name] for name in ("people", "groups", "agents", "executors", "resources")
    )
    assert [
        "people.ada: has no key, so cannot decide: `phigate key new ada`",
        "group privacy: nobody in it has a key, so nobody can review for it",
        "group security: everybody in it is suspended, so nobody can review for it",
        "officers: nobody with a key is of this group, so nobody can halt or revoke",
        "agents.ada: a person has the same name, and may not review what it proposes",
        "agents.bot: its owner bob is suspended",
        "executors.db: looks after no resource",
        "resource table x: there is no executor class none",
    ] == [each for each in found["warnings"] if "must agree" not in each]
    assert f"{len(found['warnings'])} warnings" in call(directory, "check").stdout


def test_directory_check_holds_the_rules_against_the_people(home: Path) -> None:
    """A group that rules ask and nobody fills is told here too, once, with the rules' names."""
    call(init)
    call(key, "new", "ada", "--group", "privacy-officers", "--add")
    warned = json.loads(call(directory, "check", "--json").stdout)["warnings"]
    asked = [each for each in warned if "must agree" in each]
    assert not any("of privacy-officers" in each for each in asked)
    (line,) = [each for each in asked if "of it-managers" in each]
    assert "grant-needs-it-manager" in line
    (home / "policy" / "iam.cedar").write_text("permit (")
    said = call(directory, "check").stdout
    assert "do not load: phigate policy check" in said


def test_long_warnings_fit_the_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a width they are broken at spaces; without a terminal a line stays whole, for grep."""
    call(init)
    whole = call(directory, "check").stdout
    monkeypatch.setenv("COLUMNS", "60")
    broken = call(directory, "check").stdout
    assert max(map(len, broken.splitlines())) <= 60 < max(map(len, whole.splitlines()))
    assert whole.split() == broken.split()


def test_directory_check_of_a_file_elsewhere(home: Path, tmp_path: Path) -> None:
    """A file can be named, and is then not held against this machine's keys."""
    call(init)
    other = tmp_path / "other.yaml"
    other.write_text((home / "directory.yaml").read_text())
    (home / "keys" / "grant.key").unlink()
    SigningKey.new("gate-grant").save(home / "keys" / "grant.key")
    assert "no problems" in call(directory, "check", str(other)).stdout
    assert "warning: gate: " in call(directory, "check").stdout


def test_a_broken_settings_file_is_told(home: Path) -> None:
    """Every command ends with exit code 2 and the file's name."""
    call(init)
    (home / FILE).write_text("partitons = 3")
    assert "did you mean `partitions`?" in call(directory, "check", code=2).stderr
