"""`phigate keys publish | rotate grants | rotate audit`. Exit codes: 0 done, 2 a problem."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams import files
from streams.clock import now_ms
from streams.commandline import AS_JSON, HOME, Lone, Spanned

if TYPE_CHECKING:
    from streams.settings import Settings

_OVERLAP = click.option(
    "--overlap",
    type=Spanned(),
    default="1h",
    show_default=True,
    help="How long the old key is good: 90s, 4h, 2d.",
)


@click.command(cls=Lone)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@HOME
def publish(out: Path | None, home: Path | None) -> None:
    r"""Write the gate's public keys with their ends, and the officers' keys, as one JSON file.

    Carry it to executors and auditors, and name it there: `pinned_keys` in phigate.toml, or
    PHIGATE_PINNED_KEYS. It holds nothing secret; who could change it on its way could be the gate.

    Exit codes: 0 written, 2 a problem.

    \b
    Examples:
      phigate keys publish
      phigate keys publish --out gate-keys.json
    """
    from streams.directory import Directory
    from streams.home.signing_keys import publish as published
    from streams.settings import load_settings

    found = published(Directory.load(load_settings(home=home).directory))
    text = json.dumps(found, indent=1) + "\n"
    if out:
        files.write(out, text, mode=0o644)
    else:
        click.echo(text, nl=False)


@click.command(cls=Lone)
@_OVERLAP
@HOME
@AS_JSON
def grants(overlap: int, home: Path | None, as_json: bool) -> None:
    r"""Draw a new key that signs grants; the old one ends after the overlap.

    Then, within the overlap: publish the keys and carry them to the executors, which take them up
    by themselves, and start the fold workers again. A grant whose key an executor does not know yet
    waits there while it lasts. One that the old key signs after its end is refused.

    Exit codes: 0 rotated, 2 a problem.

    \b
    Examples:
      phigate keys rotate grants
      phigate keys rotate grants --overlap 1d --json
    """
    _rotate("grants", overlap, home, as_json=as_json)


@click.command(cls=Lone)
@_OVERLAP
@HOME
@AS_JSON
def audit(overlap: int, home: Path | None, as_json: bool) -> None:
    r"""Draw a new key that signs the audit; the old one ends after the overlap.

    Then, within the overlap: publish the keys and carry them to the auditors, start the fold
    workers again, then the audit workers. A note or receipt that the old key signs of what came
    after its end is a break.

    Exit codes: 0 rotated, 2 a problem.

    \b
    Example:
      phigate keys rotate audit --overlap 4h
    """
    _rotate("audit", overlap, home, as_json=as_json)


def _rotate(use: str, overlap: int, home: Path | None, *, as_json: bool) -> None:
    from streams.home.signing_keys import rotate
    from streams.settings import load_settings
    from streams.times import iso

    until_ms = now_ms() + overlap
    made = rotate(load_settings(home=home), use, until_ms)
    told = {"purpose": use, "key": made.public.text, "old_until": iso(until_ms)}
    if as_json:
        click.echo(json.dumps(told))
        return
    workers = "fold" if use == "grants" else "fold and then audit"
    click.echo(f"{made.public.key_id} signs {use} once the {workers} workers are started again")
    click.echo(f"the key before is good until {iso(until_ms)}; then delete keys/retired")
    click.echo("next: phigate keys publish --out FILE, and carry it to where it is pinned")


def section(settings: "Settings") -> tuple[list[str], dict[str, Any]]:
    """Return what `phigate keys status` says of these keys: lines, and JSON."""
    from streams.directory import Directory
    from streams.home.signing_keys import held

    found = list(held(settings, Directory.load(settings.directory), now_ms()))
    return [each.line() for each in found], {"signing": [each.as_json() for each in found]}
