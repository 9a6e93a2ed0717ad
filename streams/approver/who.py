"""Who is at the keyboard: the options that every approver's command takes, and errors in words."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.clock import now_ms
from streams.commandline import unlocked, where
from streams.errors import KeyringError, SettingsError

if TYPE_CHECKING:
    from streams.approver.client import Approver
    from streams.directory import Directory
    from streams.identity.session import Login
    from streams.settings import Settings
    from streams.signing import Signer


@dataclass(frozen=True)
class Who:
    """What the common options say: where, as whom, and how to print."""

    home: Path | None
    bootstrap: str | None
    name: str
    key: Path | None
    as_json: bool
    means: str | None = None

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

    def _load(self, settings: "Settings", directory: "Directory") -> "Signer":
        """Return what signs: a key file, what the SSH agent holds, or a login.

        Where none is asked for: the key file, where there is none the login.
        """
        if not self.key and not self.name:
            raise KeyringError(
                "nobody is named to sign",
                code="no_key",
                hint="give --as NAME (or set PHIGATE_PERSON), or --key FILE",
            )
        path = self.key or settings.keys / "people" / f"{Path(self.name).name}.key"
        if self.means == "ssh-agent":
            return _held_by_agent(directory, self.name)
        if self.means == "login" or (not self.key and not path.exists()):
            login = _logged_in(settings, self.name, asked=self.means == "login")
            if login is not None:
                return login
        key = unlocked(path)
        known = directory.person_of_key(key.public.key_id)
        if known and self.name and known[0] != self.name:
            raise KeyringError(f"the directory gives this key to {known[0]}, not to {self.name}")
        return key


def _held_by_agent(directory: "Directory", name: str) -> "Signer":
    """Return the first of the person's enrolled keys that the SSH agent holds."""
    from streams.approver.sshagent import AgentKey, held

    person = directory.person(name)
    enrolled = {key.raw: key for key in person.keys} if person else {}
    for raw in held():
        if raw in enrolled:
            return AgentKey(enrolled[raw])
    raise KeyringError(
        "the SSH agent holds no key that the directory gives to you",
        code="no_key",
        hint="ssh-add -L lists its keys; phigate key ssh NAME prints lines for the directory",
    )


def _logged_in(settings: "Settings", name: str, *, asked: bool) -> "Login | None":
    """Return the person's login; None where there is none and none was asked for."""
    from streams.identity.session import Login, place

    try:
        login = Login.load(place(settings.keys, name))
    except KeyringError as error:
        if error.code == "no_login" and not asked:
            return None
        raise
    if login.expires_at_ms <= now_ms():
        raise KeyringError("your login is over", code="token_expired", hint="phigate login")
    return login


def common(command: Callable[..., int]) -> Callable[..., None]:
    """Add the options that every command here takes, and give what they say as one value."""

    @where
    @click.option("--as", "name", envvar="PHIGATE_PERSON", default="", help="Who you are.")
    @click.option(
        "--key",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Your signing key. [default: keys/people/NAME.key in the home]",
    )
    @click.option(
        "--login", "means", flag_value="login", help="Sign with your login: see phigate login."
    )
    @click.option(
        "--ssh-agent",
        "means",
        flag_value="ssh-agent",
        help="Sign with your enrolled key that the SSH agent holds.",
    )
    @click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        own = ("home", "bootstrap", "name", "key", "as_json", "means")
        who = Who(**{name: given.pop(name) for name in own})
        code = command(who, **given)
        if code:
            sys.exit(code)

    return wrapped
