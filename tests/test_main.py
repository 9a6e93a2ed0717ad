"""The command line as a whole: what it imports, what it lists, and how it ends."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from streams import __main__, __version__

HEAVY = {"faust", "spacy", "confluent_kafka", "pydantic", "cedarpy", "cryptography"}
IMPORTED = """
import json, sys
try:
    from streams.__main__ import main
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def phigate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `phigate` in a process of its own."""
    command = (sys.executable, "-m", "streams", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def commands() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups included."""
    for name, (where, _) in __main__.COMMANDS.items():
        module, attribute = where.split(":")
        yield from _below((name,), getattr(importlib.import_module(module), attribute))


def _below(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _below((*words, name), each)


ALL = list(commands())


def command_of(words: tuple[str, ...]) -> click.Command:
    """Return the command of these words."""
    module, attribute = __main__.COMMANDS[words[0]][0].split(":")
    found: click.Command = getattr(importlib.import_module(module), attribute)
    for name in words[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


def helped(words: tuple[str, ...]) -> str:
    """Return a command's help as it is printed."""
    command = command_of(words)
    return command.get_help(click.Context(command, info_name=" ".join(("phigate", *words))))


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("nonsense",)])
def test_the_first_answer_needs_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Half a second is a property of what is imported: none of the large libraries is."""
    ended = subprocess.run(
        (sys.executable, "-c", IMPORTED, *arguments), capture_output=True, text=True, check=False
    )
    loaded = set(json.loads(ended.stderr.splitlines()[-1]))
    assert set() == HEAVY & loaded
    assert "click" in loaded


@pytest.mark.parametrize("name", __main__.COMMANDS)
def test_a_command_s_help_needs_nothing_heavy(name: str) -> None:
    """Asking what a command does loads its words, not its work."""
    ended = subprocess.run(
        (sys.executable, "-c", IMPORTED, name, "--help"),
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(json.loads(ended.stderr.splitlines()[-1]))
    assert set() == HEAVY & loaded
    assert 0 == ended.returncode
    assert "Usage: phigate" in ended.stdout


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_s_help_shows_how_it_is_used(words: tuple[str, ...]) -> None:
    """There is an example to copy, one that names the command; a group lists its commands."""
    command, text = command_of(words), helped(words)
    if isinstance(command, click.Group):
        assert set(command.commands) <= set(text.partition("Commands:")[2].split())
    else:
        assert f"phigate {' '.join(words)}" in text.partition("\n")[2]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_example_names_options_that_there_are(words: tuple[str, ...]) -> None:
    """An example that does not parse teaches the wrong thing."""
    command = command_of(words)
    known = {option for each in command.params for option in each.opts + each.secondary_opts}
    lines = helped(words).partition("\n")[2].replace("\\\n", " ").splitlines()
    head = f"phigate {' '.join(words)} "
    examples = [line.partition(head)[2] for line in lines if head in line]
    used = {
        word.partition("=")[0]
        for example in examples
        for word in example.split(" | ")[0].split("   ")[0].split()
        if word.startswith("--")
    }
    if not isinstance(command, click.Group):
        assert set() == used - known - {"--help"}


def test_help_lists_every_command() -> None:
    """The list is the table's, with a line for each."""
    ended = phigate("--help")
    assert 0 == ended.returncode
    assert "" == ended.stderr
    for name, (_, what) in __main__.COMMANDS.items():
        assert f"  {name} " in ended.stdout
        assert what in ended.stdout


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2, and it says what was not understood."""
    for arguments in (("nonsense",), ("topics", "nonsense"), ("propose", "--nonsense")):
        ended = phigate(*arguments)
        assert 2 == ended.returncode
        assert "nonsense" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_version_is_the_package_s() -> None:
    """It is printed alone, for scripts."""
    ended = phigate("--version")
    assert (0, f"phigate, version {__version__}\n") == (ended.returncode, ended.stdout)


IN_ASCII = """
import sys
from contextlib import suppress
from rich.console import Console
from streams.__main__ import main
sys.argv = ["phigate", "--version"]
with suppress(SystemExit):
    main()
Console().print("\\u2502 a request")
"""


def test_a_terminal_of_ascii_alone_shows_numbers_of_other_signs() -> None:
    """What its encoding cannot hold is written as an escape, and ends no command."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ASCII],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (0, True) == (done.returncode, "\\u2502 a request" in done.stdout), done.stderr
