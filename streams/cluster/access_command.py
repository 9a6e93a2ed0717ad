"""`phigate access list | plan | apply | check`.

Exit codes: 0 done, or nothing to do; 1 `plan` has changes, `check` found problems; 2 somebody must
act (the message says what); 130 interrupted.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `phigate --help` is quick

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cluster.command import admin_settings
from streams.commandline import AS_JSON, Group, where
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.cluster.access_plan import AccessChange


@click.group(cls=Group)
def access() -> None:
    """Plan and apply Kafka's users and access rights, one role each.

    \b
    The admin's credential is credentials/admin.properties in the home (`phigate kafka up` makes it)
    or, on a cluster of your own, what PHIGATE_KAFKA or `kafka` in phigate.toml say.

    \b
      phigate access list                  who may write and read what
      phigate access plan                  what the cluster lacks or has too much (exit 1)
      phigate access apply                 create users and rights, remove what is ours and too much
      phigate access apply --rotate agent  a new password for the agents
    """


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command here takes."""
    options = (
        click.option(
            "--acls-only", is_flag=True, help="Make no users: certificates or OAuth do that."
        ),
        click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line."),
    )
    for option in reversed(options):
        command = option(command)
    return where(command)


@access.command(name="list")
@AS_JSON
@click.option("--markdown", is_flag=True, help="By topic, as the README has it.")
def list_(*, as_json: bool, markdown: bool) -> None:
    """List who may write and read which topic. It asks no broker.

    \b
      phigate access list --json | jq '.roles[] | select(.name == "agent")'
    """
    import dataclasses

    from streams.cluster import roles as table

    if as_json:
        click.echo(json.dumps({"roles": [dataclasses.asdict(role) for role in table.TABLE]}))
        return
    if markdown:
        click.echo(table.matrix())
        return
    width = max(len(role.name) for role in table.TABLE)
    for role in table.TABLE:
        click.echo(f"{role.name:{width}}  {role.what}")
        click.echo(f"{'':{width}}    writes {', '.join(role.writes) or 'nothing'}")
        click.echo(f"{'':{width}}    reads  {', '.join(role.reads) or 'nothing'}")


@access.command()
@_common
def plan(home: Path | None, bootstrap: str | None, *, acls_only: bool, as_json: bool) -> None:
    """Show what `apply` would do. Exit code 0: nothing; 1: something.

    \b
      phigate access plan --json
    """
    from streams.cluster import access as host

    settings = admin_settings(home, bootstrap)
    changes = host.changes(settings, users=not acls_only)
    _print_changes(changes, as_json)
    _tell_unlimited(host.unlimited(settings))
    sys.exit(Exit.NO if changes else 0)


@access.command(name="apply")
@_common
@click.option("--rotate", metavar="ROLE", multiple=True, help="Draw a new password; repeat.")
def apply_(
    home: Path | None,
    bootstrap: str | None,
    *,
    acls_only: bool,
    as_json: bool,
    rotate: tuple[str, ...],
) -> None:
    """Create users and rights that are missing, remove what is ours and too much.

    A new user's password is drawn here and written to credentials/ROLE.properties in the home,
    readable by you alone: give each process that of its role, and no other.

    \b
      phigate access apply
      phigate access apply --bootstrap kafka1:9093
      phigate access apply --rotate executor-clinic
    """
    from streams.cluster import access as host

    settings = admin_settings(home, bootstrap)
    done = host.apply(settings, users=not acls_only, rotate=rotate)
    _print_changes(done, as_json)
    _tell_unlimited(host.unlimited(settings))
    if any(each.role for each in done):
        click.echo(f"credentials: {settings.credentials}", err=True)


@access.command()
@_common
def check(home: Path | None, bootstrap: str | None, *, acls_only: bool, as_json: bool) -> None:
    """Say what is wrong with the cluster's access rights. Exit code 0: nothing; 1: something.

    It also names users that are none of ours and may touch our topics.

    \b
      phigate access check
    """
    from streams.cluster import access as host

    problems = host.check(admin_settings(home, bootstrap), users=not acls_only)
    if as_json:
        click.echo(json.dumps({"problems": problems}))
    else:
        click.echo("\n".join(problems) or "users and rights are as they should be")
    sys.exit(Exit.NO if problems else 0)


def _tell_unlimited(why: str) -> None:
    if why:
        click.echo(why, err=True)


def _print_changes(changes: "list[AccessChange]", as_json: bool) -> None:
    if as_json:
        rows = [{"kind": x.kind, "user": x.user, "what": x.what} for x in changes]
        click.echo(json.dumps({"changes": rows}))
        return
    marks = {"create_user": "+", "allow": "+", "remove": "-", "remove_user": "-", "limit": "~"}
    for each in changes:
        click.echo(f"{marks[each.kind]} {each.user}: {each.what}")
    if not changes:
        click.echo("nothing to do: the cluster's users and rights are as they should be")
