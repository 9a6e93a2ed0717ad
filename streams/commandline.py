"""What the commands of every room share: how an error is told, where the home is, a locked key."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.errors import KeyringError, PhigateError
from streams.times import span

if TYPE_CHECKING:
    from streams.signing import SigningKey

EXIT_OPERATOR = 2


class Refusal(click.ClickException):
    """An error as the command line shows it: a line, and a hint. Exit code 2 unless another."""

    def __init__(self, error: PhigateError, exit_code: int = EXIT_OPERATOR) -> None:
        super().__init__(f"{error}\nhint: {error.hint}" if error.hint else str(error))
        self.exit_code = exit_code


def told(invoke: Callable[[click.Context], Any], ctx: click.Context) -> Any:
    """Run a command and say its errors in a line and a hint."""
    try:
        return invoke(ctx)
    except PhigateError as error:
        raise Refusal(error) from None


class Group(click.Group):
    """Says errors in a line and a hint."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        return told(super().invoke, ctx)


class Rooms(Group):
    """Knows commands by where they are, and imports one when it is asked for.

    `table` gives for each name "module:attribute" and a line of help, in the order of the list.
    """

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, then those that stand beside it."""
        return [*self.table, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, name = self.table[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list; a command of the table is not imported for it."""
        beside = [(name, each.get_short_help_str()) for name, each in self.commands.items()]
        rows = [(name, help_) for name, (_, help_) in self.table.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*rows, *beside])


class Lone(click.Command):
    """A command of no group; says errors the same way."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        return told(super().invoke, ctx)


class Span(click.ParamType):
    """A span of time, written 90s, 15m, 1.5h or 2d; a bare number is seconds. Milliseconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return milliseconds."""
        try:
            return span(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def where(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which cluster and home."""
    home = click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="phigate's directory. [default: $PHIGATE_HOME or ~/.phigate]",
    )
    broker = click.option(
        "--bootstrap", metavar="HOST:PORT", help="The cluster. [default: the embedded broker]"
    )
    return home(broker(command))


def unlocked(path: Path) -> "SigningKey":
    """Read a signing key; one that is locked by $PHIGATE_PASSPHRASE, or asked for on a terminal.

    KeyringError as `SigningKey.load`.
    """
    from streams.signing import SigningKey  # noqa: PLC0415 - `phigate --help` stays quick

    try:
        return SigningKey.load(path, os.environ.get("PHIGATE_PASSPHRASE"))
    except KeyringError as error:
        if error.code != "passphrase_needed" or not sys.stdin.isatty():
            raise
    return SigningKey.load(path, click.prompt(f"Passphrase of {path.name}", hide_input=True))
