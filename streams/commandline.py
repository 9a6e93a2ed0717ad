"""What the commands of every room share: how an error is told, where the home is, a locked key."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.errors import KeyringError, PhigateError

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


class Lone(click.Command):
    """A command of no group; says errors the same way."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        return told(super().invoke, ctx)


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
