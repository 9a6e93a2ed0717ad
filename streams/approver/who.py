"""Who is at the keyboard: the options that every approver's command takes, and errors in words."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.commandline import where
from streams.errors import SettingsError
from streams.signers import options

if TYPE_CHECKING:
    from streams.approver.client import Approver
    from streams.signers.choose import SignerName


@dataclass(frozen=True)
class Who:
    """What the common options say: where, as whom, and how to print."""

    home: Path | None
    bootstrap: str | None
    named: "SignerName"
    as_json: bool

    def open(self, *, signing: bool) -> "Approver":
        """Return the approver; KeyringError or SettingsError where something is missing."""
        from streams.approver.client import Approver
        from streams.directory import Directory
        from streams.settings import load_settings
        from streams.signers import choose

        settings = load_settings(home=self.home, bootstrap=self.bootstrap)
        directory, named = Directory.load(settings.directory), self.named
        if named.name and directory.person(named.name) is None and not named.file:
            raise SettingsError(
                f"the directory knows nobody called {named.name}",
                hint=f"look into {settings.directory}",
            )
        asked = signing or named.file
        key = choose.person(settings, directory, named) if asked else None
        return Approver(settings, directory, key, named.name)


def common(command: Callable[..., int]) -> Callable[..., None]:
    """Add the options that every command here takes, and give what they say as one value."""

    @where
    @options.signs(options.AS, options.KEY, options.LOGIN, options.SSH_AGENT)
    @click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
    @functools.wraps(command)
    def wrapped(*, who: "SignerName", **given: Any) -> None:
        own = {name: given.pop(name) for name in ("home", "bootstrap", "as_json")}
        code = command(Who(named=who, **own), **given)
        if code:
            sys.exit(code)

    return wrapped
