"""What every command shares: how an error is told, the options that mean one thing everywhere.

Commands and groups are made with `cls=Lone` and `cls=Group`; commands of such a group need not say
so. An error is told in a line and a hint on standard error, with the exit code of `streams.exits`;
with `--json` it is one JSON object on standard output: {"error": code, "message": …, "hint": …}.
"""

import importlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from streams import exits
from streams.errors import KeyringError, OperatorError, PhigateError
from streams.exits import Exit
from streams.extras import lacking
from streams.plain import fold, harmless
from streams.times import span

if TYPE_CHECKING:
    from streams.signing import SigningKey

__all__ = [
    "AS_JSON",
    "HOME",
    "Group",
    "Lone",
    "Refusal",
    "Rooms",
    "Spanned",
    "Spoken",
    "say",
    "text_of",
    "unlocked",
    "where",
]

LEAST = 20  # cells of a line beside its indent, however narrow the terminal is
TEXT_BYTES_MAX = 65_536  # of a reason or a justification, before anybody judges it


def say(line: str, *, before: str = "", indent: int = 0) -> None:
    """Print `line`, made harmless, behind `before`; a terminal's further lines are indented.

    Where no terminal reads and COLUMNS is not set, a line stays one line, for those who search.
    """
    columns = shutil.get_terminal_size((0, 0)).columns
    told = harmless(line)
    first, *rest = fold(told, max(LEAST, columns - indent)) if columns else [told]
    click.echo(f"{before}{first.rstrip()}")
    for each in rest:
        click.echo(f"{'':<{indent}}{each.strip()}")


class Refusal(click.ClickException):
    """An error as the command line shows it: a line and a hint, or one JSON object."""

    def __init__(self, error: PhigateError, *, as_json: bool = False) -> None:
        told = f"{error}\nhint: {error.hint}" if error.hint else str(error)
        super().__init__("\n".join(map(harmless, told.split("\n"))))
        self.exit_code = int(exits.of(error))
        self._said = {"error": error.code, "message": str(error), "hint": error.hint}
        self._as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it: words to standard error, JSON to standard output."""
        if self._as_json:
            click.echo(json.dumps(self._said))
        else:
            super().show(file)


class _Wrong(click.ClickException):
    """Wrong use, told as JSON."""

    exit_code = int(Exit.ACT)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print one JSON object to standard output."""
        del file
        click.echo(json.dumps({"error": "usage", "message": self.message, "hint": "--help"}))


class Lone(click.Command):
    """A command; its errors are told as this module's head says."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = _wrapped_not(self.help)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the arguments; with --json among them, wrong use is told as JSON."""
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            if as_json:
                raise _Wrong(error.format_message()) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        as_json = bool(ctx.params.get("as_json")) or bool(ctx.meta.get("as_json"))
        try:
            return super().invoke(ctx)
        except PhigateError as error:
            raise Refusal(error, as_json=as_json) from None
        except ModuleNotFoundError as error:
            raise Refusal(lacking(error), as_json=as_json) from None
        except OSError as error:
            if not error.strerror or error.filename is None:
                raise  # a pipe that closed is click's to see
            raise Refusal(_of_disk(error), as_json=as_json) from None
        except click.UsageError as error:
            if as_json:
                raise _Wrong(error.format_message()) from None
            raise


class Group(click.Group):
    """A group; its commands are `Lone`, its groups `Group`."""

    command_class = Lone
    group_class = type  # click's word for: groups below are of this group's own class

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = _wrapped_not(self.help)


class Rooms(Group):
    """Knows commands by where they are, and imports one when it is asked for.

    `table` gives for each name "module:attribute" and a line of help, in the order of the list.
    """

    group_class = Group  # type: ignore[assignment]  # click declares type[Group] | type[type]

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


def _wrapped_not(text: str | None) -> str | None:
    r"""Take `\b`, as a raw docstring has it, for the backspace that keeps click from wrapping."""
    return text and re.sub(r"^( *)\\b$", "\\1\b", text, flags=re.MULTILINE)


def _of_disk(error: OSError) -> OperatorError:
    return OperatorError(
        f"{error.filename}: {error.strerror}",
        code="no_file",
        hint="is it there, may this user read or write it, and has the disk room?",
    )


class Spanned(click.ParamType):
    """A span of time, written 90s, 15m, 1.5h or 2d; a bare number is seconds. Milliseconds."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return milliseconds."""
        try:
            return span(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


HOME = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="phigate's directory.  [default: $PHIGATE_HOME or ~/.phigate]",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one object.")
_BROKER = click.option(
    "--bootstrap", metavar="HOST:PORT", help="The cluster.  [default: the embedded broker]"
)


def where(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which cluster and home."""
    return HOME(_BROKER(command))


def text_of(said: str) -> str:
    """Return what a person said by an option: the text itself, `@FILE`, or `-` for standard input.

    A text with PHI does not belong on a command line, which others on the machine can read.
    """
    try:
        if said == "-":
            return sys.stdin.read(TEXT_BYTES_MAX).strip()
        if said.startswith("@"):
            with Path(said[1:]).open(encoding="utf-8") as file:
                return file.read(TEXT_BYTES_MAX).strip()
    except OSError as error:
        raise OperatorError(
            f"{said[1:]} cannot be read: {error.strerror}", code="no_file"
        ) from None
    except UnicodeDecodeError:
        raise OperatorError(
            f"{said[1:] or 'standard input'} is not UTF-8", code="bad_file"
        ) from None
    return said


class Spoken(click.ParamType):
    """What a person says, read as `text_of` does: where the option is, before anything is asked."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text."""
        try:
            return text_of(str(value))
        except OperatorError as error:
            self.fail(str(error), param, ctx)


def unlocked(path: Path) -> "SigningKey":
    """Read a signing key; one that is locked by $PHIGATE_PASSPHRASE, or asked for on a terminal.

    KeyringError as `SigningKey.load`.
    """
    from streams import dumps  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.signing import SigningKey  # noqa: PLC0415 - the same

    dumps.forbid()
    try:
        return SigningKey.load(path, os.environ.get("PHIGATE_PASSPHRASE"))
    except KeyringError as error:
        if error.code != "passphrase_needed" or not sys.stdin.isatty():
            raise
    return SigningKey.load(path, click.prompt(f"Passphrase of {path.name}", hide_input=True))
