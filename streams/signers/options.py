"""The options that say who signs, and with what: the same words in every command."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

AS = click.option("--as", "name", envvar="PHIGATE_PERSON", default="", help="Who you are.")
KEY = click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Your signing key. [default: keys/people/NAME.key in the home]",
)
AGENT_KEY = click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The agent's signing key. [default: keys/agents/NAME.key in the home]",
)
LOGIN = click.option(
    "--login", "means", flag_value="login", help="Sign with your login: see phigate login."
)
SSH_AGENT = click.option(
    "--ssh-agent",
    "means",
    flag_value="ssh-agent",
    help="Sign with your enrolled key that the SSH agent holds.",
)


def signs(*options: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add some of these options; the command gets what they say as `who`, a `SignerName`."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def wrapped(*args: Any, **given: Any) -> Any:
            from streams.signers.choose import (  # noqa: PLC0415 - `--help` stays quick
                Means,
                SignerName,
            )

            name, file = given.pop("name", ""), given.pop("key", None)
            means = given.pop("means", None)
            who = SignerName(name, file, Means(means) if means else None)
            return command(*args, who=who, **given)

        made: Callable[..., Any] = wrapped
        for option in reversed(options):
            made = option(made)
        return made

    return add
