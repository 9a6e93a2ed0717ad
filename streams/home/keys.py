"""`phigate keys`: the gate's own keys. Each kind adds its part to `rotate` and to `status`."""

import importlib
import json
from pathlib import Path

import click

from streams.home.problems import problems_told
from streams.home.signing_keys_command import audit, grants, publish
from streams.home.wrapping_command import wrapping

SECTIONS = (
    "streams.home.signing_keys_command:section",
    "streams.home.wrapping_command:section",
)
"""What `status` is made of: functions of the settings that return lines and JSON."""


@click.group()
def keys() -> None:
    """See to the gate's own keys."""


@keys.group()
def rotate() -> None:
    """Rotate the gate's keys, without downtime."""


@keys.command()
@click.option(
    "--home", type=click.Path(path_type=Path), help="The home; PHIGATE_HOME, or ~/.phigate."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def status(home: Path | None, as_json: bool) -> None:
    r"""List the gate's keys: what each is for, whether it is in use, and when it ends.

    Exit codes: 0 listed, 2 a problem.

    \b
    Examples:
      phigate keys status
      phigate keys status --json
    """
    from streams.settings import load_settings  # noqa: PLC0415 - `phigate --help` stays quick

    lines: list[str] = []
    whole: dict[str, object] = {}
    with problems_told():
        settings = load_settings(home=home)
        for each in SECTIONS:
            module, name = each.split(":")
            said, data = getattr(importlib.import_module(module), name)(settings)
            lines += said
            whole |= data
    click.echo(json.dumps(whole) if as_json else "\n".join(lines))


keys.add_command(publish)
for command in (grants, audit, wrapping):
    rotate.add_command(command)
