"""What signs for a person, an officer or an agent: a key file, an SSH agent's key, or a login.

Where none is asked for: the key file; where there is none, the login. An order of the kill switch
is judged by executors too, which ask no identity provider: a login signs no order.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from streams.clock import now_ms
from streams.commandline import unlocked
from streams.directory import Directory
from streams.errors import KeyringError, RefusedError
from streams.identity.session import Login, place
from streams.settings import Settings
from streams.signers.sshagent import AgentKey, held
from streams.signing import Signer, SigningKey


class Means(StrEnum):
    """What to sign with, where it is asked for."""

    LOGIN = "login"
    SSH_AGENT = "ssh-agent"


@dataclass(frozen=True)
class SignerName:
    """Who is to sign: by name, by a key file, or both; `means` where one is asked for."""

    name: str = ""
    file: Path | None = None
    means: Means | None = None


def person(settings: Settings, directory: Directory, who: SignerName) -> Signer:
    """Return what signs for a person. KeyringError without it, or where it is another's."""
    _somebody(who)
    path = who.file or _file_of(settings, who.name)
    if who.means is Means.SSH_AGENT:
        return _held_by_agent(directory, who.name)
    if who.means is Means.LOGIN or (not who.file and not path.exists()):
        login = _logged_in(settings, who.name, asked=who.means is Means.LOGIN)
        if login is not None:
            return login
    key = unlocked(path)
    known = directory.person_of_key(key.public.key_id)
    if known and who.name and known[0] != who.name:
        raise KeyringError(f"the directory gives this key to {known[0]}, not to {who.name}")
    return key


def officer(settings: Settings, directory: Directory, who: SignerName) -> Signer:
    """Return an officer's key. KeyringError without one, RefusedError where it is no officer's."""
    _somebody(who)
    if who.means is Means.LOGIN or _login_alone(settings, who):
        raise KeyringError(
            "a login signs no order: executors obey it too, and they ask no provider",
            code="no_key",
            hint="give --key FILE or --ssh-agent; phigate key new NAME makes a key",
        )
    key = person(settings, directory, who)
    known = directory.person_of_key(key.public.key_id)
    if known is None:
        raise RefusedError(
            f"the directory gives the key {key.public.key_id} to nobody", code="unknown_key"
        )
    if not directory.is_officer(known[0]):
        raise RefusedError(
            f"{known[0]} is no officer: not of the group under `officers` in {settings.directory}",
            code="not_an_officer",
        )
    return key


def agent(settings: Settings, directory: Directory, who: SignerName) -> SigningKey:
    """Return an agent's key. KeyringError where the directory does not list it."""
    key = unlocked(who.file or settings.keys / "agents" / f"{Path(who.name).name}.key")
    known = directory.agent(who.name)
    if known is None or key.public not in known.keys:
        raise KeyringError(
            f"the directory does not list the key {key.public.key_id} for the agent {who.name}",
            hint=f"add to agents.{who.name}.keys: {key.public.text}",
        )
    return key


def _somebody(who: SignerName) -> None:
    if not (who.name or who.file):
        raise KeyringError(
            "nobody is named to sign",
            code="no_key",
            hint="give --as NAME (or set PHIGATE_PERSON), or --key FILE",
        )


def _file_of(settings: Settings, person_: str) -> Path:
    return settings.keys / "people" / f"{Path(person_).name}.key"


def _login_alone(settings: Settings, who: SignerName) -> bool:
    """Whether there is a login and no key file, and nothing else was asked for."""
    if who.file or who.means:
        return False
    return not _file_of(settings, who.name).exists() and place(settings.keys, who.name).exists()


def _held_by_agent(directory: Directory, name: str) -> Signer:
    """Return the first of the person's enrolled keys that the SSH agent holds."""
    known = directory.person(name)
    enrolled = {key.raw: key for key in known.keys} if known else {}
    for raw in held():
        if raw in enrolled:
            return AgentKey(enrolled[raw])
    raise KeyringError(
        "the SSH agent holds no key that the directory gives to you",
        code="no_key",
        hint="ssh-add -L lists its keys; phigate key ssh NAME prints lines for the directory",
    )


def _logged_in(settings: Settings, name: str, *, asked: bool) -> Login | None:
    """Return the person's login; None where there is none and none was asked for."""
    try:
        login = Login.load(place(settings.keys, name))
    except KeyringError as error:
        if error.code == "no_login" and not asked:
            return None
        raise
    if login.expires_at_ms <= now_ms():
        raise KeyringError("your login is over", code="token_expired", hint="phigate login")
    return login
