"""What every command keeps to, whatever it does."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from streams.__main__ import phigate
from streams.commandline import Group, Lone, text_of
from streams.errors import BrokerError, InputError, OperatorError, PhigateError, RefusedError
from streams.exits import Exit, of


def commands(
    group: click.Group = phigate, path: str = "phigate"
) -> Iterator[tuple[str, click.Command]]:
    """Give every command and group of the program with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield f"{path} {name}", found
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")


EVERY = dict(commands())


@pytest.mark.parametrize("name", EVERY)
def test_help_is_whole(name: str) -> None:
    """No help prints click's mark itself; each says what it is for; examples keep their lines."""
    found = CliRunner().invoke(EVERY[name], ["--help"])
    assert (0, False) == (found.exit_code, "\\b" in found.output), found.output
    assert EVERY[name].help


@pytest.mark.parametrize("name", EVERY)
def test_errors_are_told_by_one_mechanism(name: str) -> None:
    """Each command is one of ours: a line, a hint, an exit code, JSON where asked for."""
    assert isinstance(EVERY[name], (Lone, Group))


@pytest.mark.parametrize(
    "name", [each for each, found in EVERY.items() if any(p.name == "home" for p in found.params)]
)
def test_home_is_one_option(name: str) -> None:
    """`--home` means the same everywhere and has no default of its own: the settings have it."""
    [home] = [param for param in EVERY[name].params if param.name == "home"]
    assert (None, None) == (home.to_info_dict()["default"], home.envvar)


JSON = [each for each, found in EVERY.items() if any(p.name == "as_json" for p in found.params)]


@pytest.mark.parametrize("name", JSON)
def test_wrong_use_is_json_where_json_was_asked_for(name: str) -> None:
    """One JSON object on standard output with a code, and exit code 2."""
    found = CliRunner().invoke(EVERY[name], ["--json", "--no-such-option"])
    assert (2, "usage") == (found.exit_code, json.loads(found.stdout)["error"])


@click.command(cls=Lone)
@click.argument("what")
@click.option("--json", "as_json", is_flag=True)
def fails(what: str, *, as_json: bool) -> None:
    """Fail in a way of the caller's choice."""
    del as_json
    errors: dict[str, Exception] = {
        "no": RefusedError("too broad", code="too_broad"),
        "act": OperatorError("the file is odd", code="bad_file", hint="mend it"),
        "nothing": RefusedError("there is none", code="no_request"),
        "away": BrokerError("nobody answers", code="broker_away"),
        "disk": PermissionError(13, "Permission denied", "/read/only"),
        "usage": click.UsageError("say one"),
    }
    raise errors[what]


@pytest.mark.parametrize(
    ("what", "code", "reason"),
    [
        ("no", 1, "too_broad"),
        ("act", 2, "bad_file"),
        ("nothing", 3, "no_request"),
        ("away", 5, "broker_away"),
        ("disk", 2, "no_file"),
        ("usage", 2, "usage"),
    ],
)
def test_an_error_has_its_code_in_words_and_in_json(what: str, code: int, reason: str) -> None:
    """The exit code is the same; words go to standard error, the object to standard output."""
    words = CliRunner().invoke(fails, [what])
    said = CliRunner().invoke(fails, [what, "--json"])
    assert (code, "", True) == (words.exit_code, words.stdout, bool(words.stderr))
    assert (code, reason) == (said.exit_code, json.loads(said.stdout)["error"])
    assert "Traceback" not in words.output + said.output


def test_every_error_class_has_an_exit_code() -> None:
    """Whatever is raised, the code is one of the table."""

    def below(kind: type[PhigateError]) -> Iterator[type[PhigateError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    assert {of(each.__new__(each, "x")) for each in below(PhigateError)} <= set(Exit)
    assert Exit.NO == of(InputError("x"))


def test_what_a_person_says_need_not_stand_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reason comes from a file or from standard input as well: others read argv."""
    file = tmp_path / "why"
    file.write_text("the ward asked\n")
    monkeypatch.setattr("sys.stdin", file.open())
    assert ["the ward asked", "the ward asked", "as said"] == [
        text_of(f"@{file}"), text_of("-"), text_of("as said"),
    ]  # fmt: skip


SAID = [
    (name, param.opts[0], found)
    for name, found in EVERY.items()
    for param in found.params
    if "@FILE" in (getattr(param, "help", "") or "")
]


def test_options_that_take_a_file_are_the_known_ones() -> None:
    """Whatever a person says in words may stand in a file: reasons, matters, justifications."""
    names = {f"{name.removeprefix('phigate ')} {option}" for name, option, _ in SAID}
    for command in ("approve", "deny", "halt", "resume", "revoke", "shred", "reveal ask"):
        assert f"{command} --reason" in names
    assert {"propose --justification", "propose --params", "audit hold place --why"} <= names


@pytest.mark.parametrize(("name", "option", "command"), SAID, ids=[f"{s[0]} {s[1]}" for s in SAID])
def test_a_file_that_cannot_be_read_is_told_before_anything_is_asked(
    name: str, option: str, command: click.Command, tmp_path: Path
) -> None:
    """Exit code 2 and the file's name, no traceback: without a home, a key or a broker."""
    given = [
        word
        for param in command.params
        if param.required and option not in param.opts
        for word in ([*param.opts[:1]] if isinstance(param, click.Option) else []) + ["x"]
    ]
    latin = tmp_path / "latin"
    latin.write_bytes(b"caf\xe9")
    for file in (tmp_path / "none", latin):
        if option == "--params" and file == latin:
            continue  # its bytes are used as they are
        ended = CliRunner().invoke(command, [*given, option, f"@{file}"])
        assert 2 == ended.exit_code, (name, ended.output)
        assert file.name in ended.stderr, ended.stderr
        assert isinstance(ended.exception, SystemExit)


def test_what_a_file_says_is_what_is_said(tmp_path: Path) -> None:
    """Every such option but propose's, which knows that only one can be standard input."""
    (tmp_path / "why").write_text("the ward asked\n")
    for name, option, command in SAID:
        [param] = [each for each in command.params if option in each.opts]
        if name != "phigate propose":
            with click.Context(command) as context:
                assert "the ward asked" == param.type_cast_value(context, f"@{tmp_path / 'why'}")
