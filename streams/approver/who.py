"""Who is at the keyboard: the options that every approver's command takes, and errors in words."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.errors import InputError, KeyringError, PhigateError, SettingsError

if TYPE_CHECKING:
    from streams.approver.client import Approver
    from streams.directory import Directory
    from streams.settings import Settings
    from streams.signing import SigningKey

EXIT_NO, EXIT_OPERATOR, EXIT_NOT_THERE = 1, 2, 3
_NOT_THERE = {"no_request": EXIT_NOT_THERE, "ambiguous": EXIT_OPERATOR}


class _Refusal(click.ClickException):
    """An error as the command line shows it."""

    def __init__(self, error: PhigateError) -> None:
        super().__init__(f"{error}\nhint: {error.hint}" if error.hint else str(error))
        said_no = _NOT_THERE.get(error.code, EXIT_NO)
        self.exit_code = said_no if isinstance(error, InputError) else EXIT_OPERATOR


@dataclass(frozen=True)
class Who:
    """What the common options say: where, as whom, and how to print."""

    home: Path | None
    bootstrap: str | None
    name: str
    key: Path | None
    as_json: bool

    def open(self, *, signing: bool) -> "Approver":
        """Return the approver; KeyringError or SettingsError where something is missing."""
        from streams.approver.client import Approver
        from streams.directory import Directory
        from streams.settings import load_settings

        settings = load_settings(home=self.home, bootstrap=self.bootstrap)
        directory = Directory.load(settings.directory)
        if self.name and directory.person(self.name) is None and not self.key:
            raise SettingsError(
                f"the directory knows nobody called {self.name}",
                hint=f"look into {settings.directory}",
            )
        key = self._load(settings, directory) if signing or self.key else None
        return Approver(settings, directory, key, self.name)

    def _load(self, settings: "Settings", directory: "Directory") -> "SigningKey":
        if not self.key and not self.name:
            raise KeyringError(
                "nobody is named to sign",
                code="no_key",
                hint="give --as NAME (or set PHIGATE_PERSON), or --key FILE",
            )
        path = self.key or settings.keys / "people" / f"{Path(self.name).name}.key"
        key = _unlocked(path)
        known = directory.person_of_key(key.public.key_id)
        if known and self.name and known[0] != self.name:
            raise KeyringError(f"the directory gives this key to {known[0]}, not to {self.name}")
        return key


def _unlocked(path: Path) -> "SigningKey":
    from streams.signing import SigningKey

    try:
        return SigningKey.load(path, os.environ.get("PHIGATE_PASSPHRASE"))
    except KeyringError as error:
        if error.code != "passphrase_needed" or not sys.stdin.isatty():
            raise
    return SigningKey.load(path, click.prompt(f"Passphrase of {path.name}", hide_input=True))


def common(command: Callable[..., int]) -> Callable[..., None]:
    """Add the options that every command here takes, and turn errors into words."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="phigate's directory. [default: $PHIGATE_HOME or ~/.phigate]",
    )
    @click.option(
        "--bootstrap", metavar="HOST:PORT", help="The cluster. [default: the embedded broker]"
    )
    @click.option("--as", "name", envvar="PHIGATE_PERSON", default="", help="Who you are.")
    @click.option(
        "--key",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Your signing key. [default: keys/people/NAME.key in the home]",
    )
    @click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        own = ("home", "bootstrap", "name", "key", "as_json")
        who = Who(**{name: given.pop(name) for name in own})
        try:
            code = command(who, **given)
        except PhigateError as error:
            raise _Refusal(error) from None
        if code:
            sys.exit(code)

    return wrapped
