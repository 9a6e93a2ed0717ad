"""`phigate keys rotate wrapping`, and its part of `status`. Exit codes: 0 done, 2 a problem."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.commandline import AS_JSON, HOME, Lone

if TYPE_CHECKING:
    from streams.settings import Settings


@click.command(cls=Lone)
@click.option("--release", is_flag=True, help="The release key too: see to the fold's file first.")
@HOME
@AS_JSON
def wrapping(*, release: bool, home: Path | None, as_json: bool) -> None:
    r"""Draw a new current master key; older ones still open. Workers go on meanwhile.

    Admit takes the file up with its next intent. On several machines: rotate on one, then copy the
    file to the others with their owner and mode. With --release the fold must have the new file
    before admit, else it leaves, loses nothing, and waits for the file.

    The key inside Vault or KMS is rotated there: older ciphertexts open by themselves.

    Exit codes: 0 rotated, 2 a problem.

    \b
    Examples:
      phigate keys rotate wrapping
      phigate keys rotate wrapping --release --json
    """
    from streams.home.wrapping import rotate
    from streams.settings import load_settings

    made = list(rotate(load_settings(home=home), release=release))
    if as_json:
        click.echo(json.dumps({"made": [each.as_json() for each in made]}))
        return
    for each in made:
        click.echo(f"{each.file}: {each.id} wraps from now on; older keys open what they wrapped")


def section(settings: "Settings") -> tuple[list[str], dict[str, Any]]:
    """Return what `phigate keys status` says of the keys that wrap: lines, and JSON."""
    from streams.home.home import back, lost_keys
    from streams.home.wrapping import held

    found = list(held(settings))
    lines = [f"provider: {settings.key_provider}"]
    for each in found:
        state = "current" if each.current else "opens"
        less = f", {each.shredded} intents shredded" if each.shredded else ""
        lines.append(f"{each.purpose:<8} {each.id}  {each.created}  {state}{less}")
    if not found:
        lines.append("no key that wraps is on this machine")
    gone = lost_keys(settings)
    lines += [f"LOST     {path}" for path in gone]
    lines += [back(settings)] if gone else []
    keys = [each.as_json() for each in found]
    missing = [str(path) for path in gone]
    return lines, {"provider": settings.key_provider, "keys": keys, "lost": missing}
