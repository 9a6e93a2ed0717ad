"""Whose key signs an order: an officer's, or an agent's for a cancel."""

from pathlib import Path

from streams.commandline import unlocked
from streams.directory import Directory
from streams.errors import KeyringError, RefusedError
from streams.settings import Settings
from streams.signing import SigningKey


def officer_key(
    settings: Settings, directory: Directory, name: str, file: Path | None
) -> SigningKey:
    """Return an officer's key. KeyringError without one, RefusedError where it is no officer's."""
    if not (name or file):
        raise KeyringError(
            "nobody is named to sign",
            code="no_key",
            hint="give --as NAME (or set PHIGATE_PERSON), or --key FILE",
        )
    key = unlocked(file or settings.keys / "people" / f"{Path(name).name}.key")
    known = directory.person_of_key(key.public.key_id)
    if known is None:
        raise RefusedError(
            f"the directory gives the key {key.public.key_id} to nobody", code="unknown_key"
        )
    if name and known[0] != name:
        raise KeyringError(f"the directory gives this key to {known[0]}, not to {name}")
    if not directory.is_officer(known[0]):
        raise RefusedError(
            f"{known[0]} is no officer: not of the group under `officers` in {settings.directory}",
            code="not_an_officer",
        )
    return key


def agent_key(settings: Settings, directory: Directory, name: str, file: Path | None) -> SigningKey:
    """Return an agent's key. KeyringError where the directory does not list it."""
    key = unlocked(file or settings.keys / "agents" / f"{Path(name).name}.key")
    agent = directory.agent(name)
    if agent is None or key.public not in agent.keys:
        raise KeyringError(
            f"the directory does not list the key {key.public.key_id} for the agent {name}",
            hint=f"add to agents.{name}.keys: {key.public.text}",
        )
    return key
