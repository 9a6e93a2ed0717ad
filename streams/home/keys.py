"""`phigate keys`: the gate's own keys. Each kind adds its part to `rotate` and to `status`."""

import importlib
import json
from pathlib import Path

import click

from streams.commandline import AS_JSON, HOME, Group
from streams.home.signing_keys_command import audit, grants, publish
from streams.home.wrapping_command import wrapping

SECTIONS = (
    "streams.home.signing_keys_command:section",
    "streams.home.wrapping_command:section",
)
"""What `status` is made of: functions of the settings that return lines and JSON."""


@click.group(cls=Group)
def keys() -> None:
    """See to the gate's own keys."""


@keys.group()
def rotate() -> None:
    """Rotate the gate's keys, without downtime."""


@keys.command()
@HOME
@AS_JSON
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
