"""`phigate keys`: the gate's own keys."""

import click

from streams.operator.wrapping_command import status, wrapping


@click.group()
def keys() -> None:
    """See to the gate's own keys."""


@keys.group()
def rotate() -> None:
    """Rotate the gate's keys, without downtime."""


rotate.add_command(wrapping)
keys.add_command(status)
