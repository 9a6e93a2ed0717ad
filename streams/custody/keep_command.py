"""`phigate audit retention | hold`: what is kept how long, and what may not be erased."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY, where
from streams.auditor.commands.place import AS_JSON, AuditPlace, indexed, placed
from streams.auditor.commands.place import period as period_options
from streams.clock import now_ms
from streams.commandline import Group, Lone, Spoken


@click.command(cls=Lone)
@click.option("--check", is_flag=True, help="Compare with the cluster; exit 1 where it differs.")
@AS_JSON
@where
def retention(home: Path | None, bootstrap: str | None, check: bool, as_json: bool) -> None:
    """Show what is kept, for how long, what is in it and how it ends: one table.

    \b
      phigate audit retention
      phigate audit retention --check

    Exit code: 0, or with --check 1 where the cluster keeps another time; 2 somebody must act.
    """
    from streams.custody import retention as host

    settings = AuditPlace(home, bootstrap).settings
    rows = host.table(settings)
    found = list(host.deviations(settings)) if check else []
    if as_json:
        kept = [{**asdict(each), "kept": host.span(each.kept_ms)} for each in rows]
        click.echo(json.dumps({"kept": kept, "deviations": found if check else None}))
    else:
        _show(host.lines(rows))
        for line in found:
            click.echo(f"DIFFERS: {line}")
        if check and not found:
            click.echo("The cluster keeps what the table says.")
    sys.exit(EXIT_BROKEN if found else 0)


def _show(rows: object) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("what", "kept", "holds", "ends"):
        table.add_column(name, overflow="fold", no_wrap=name == "kept")
    for row in rows:  # type: ignore[attr-defined]
        table.add_row(*row)
    Console(highlight=False).print(table)


# ---------------------------------------------------------------- legal holds


@click.group(cls=Group)
def hold() -> None:
    """Legal holds: what may not be erased while a matter lasts.

    The audit is kept for ever, so a hold keeps what can be erased: the masked events in it. The
    register is home/audit-holds.jsonl, lines that are only ever added.

    \b
      phigate audit hold place matter-26-114 --why "subpoena 26-114" --intent 0192a7c4-…
      phigate audit hold place rita --why "HR matter" --person rita --from 2026-10-01
      phigate audit hold list
      phigate audit hold release matter-26-114
    """


_BY = click.option("--as", "by", metavar="NAME", help="Who says so. [default: your login]")


@hold.command(name="place")
@click.argument("name")
@click.option(
    "--why", type=Spoken(), required=True, help="The matter: a reference, no PHI; @FILE, or -."
)
@click.option(
    "--intent", "intents", multiple=True, metavar="ID", help="This intent; again for more."
)
@click.option("--agent", metavar="NAME")
@click.option("--person", metavar="NAME")
@click.option("--action", metavar="NAME")
@period_options
@_BY
@where
def place_(  # noqa: PLR0913, PLR0917 - the options of one command
    home: Path | None,
    bootstrap: str | None,
    name: str,
    why: str,
    intents: tuple[str, ...],
    agent: str | None,
    person: str | None,
    action: str | None,
    first: str | None,
    last: str | None,
    by: str | None,
) -> None:
    """Place a hold: on these intents, and on every one that fits all the others that are named.

    \b
      phigate audit hold place matter-26-114 --why "subpoena 26-114" --person rita
    """
    from streams.auditor.read import period
    from streams.custody import holds

    span = period.parse(first, last)
    file = AuditPlace(home, bootstrap).settings.home / holds.FILE
    holds.place(
        file,
        holds.Hold(
            name=name,
            why=why,
            by=by or getpass.getuser(),
            placed_ms=now_ms(),
            intents=tuple(each.lower() for each in intents),
            agent=agent,
            person=person,
            action=action,
            from_ms=span.from_ms,
            to_ms=span.to_ms,
        ),
    )
    click.echo(f"{name} stands. What may go from Kafka meanwhile: `phigate audit retention`.")


@hold.command()
@click.argument("name")
@_BY
@where
def release(home: Path | None, bootstrap: str | None, name: str, by: str | None) -> None:
    """Release a hold.

    \b
      phigate audit hold release matter-26-114
    """
    from streams.custody import holds

    file = AuditPlace(home, bootstrap).settings.home / holds.FILE
    holds.release(file, name, by or getpass.getuser(), now_ms())
    click.echo(f"{name} is released.")


@hold.command(name="list")
@AS_JSON
@where
def list_(home: Path | None, bootstrap: str | None, as_json: bool) -> None:
    """List the holds that stand.

    \b
      phigate audit hold list --json
    """
    from streams import plain, times
    from streams.custody import holds

    found = holds.standing(AuditPlace(home, bootstrap).settings.home / holds.FILE)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found.values()]))
        return
    for each in found.values():
        said = f"{each.name}: {each.why} ({each.by}, {times.moment(each.placed_ms)})"
        click.echo(plain.visible(said))
    if not found:
        click.echo("No hold stands.")


@hold.command()
@click.argument("intent")
@AS_JSON
@placed
def check(place: AuditPlace, intent: str, as_json: bool) -> None:
    """Say whether INTENT is held. Exit code: 0 free, 1 held, 3 no such intent.

    \b
      phigate audit hold check 0192a7c4-11aa-7000-8000-000000000001
    """
    from streams.custody import holds

    with indexed(place) as index:
        found = list(index.intents("intent_id = ?", (intent.lower(),)))
    if not found:
        click.echo("The audit has no such intent.", err=True)
        sys.exit(EXIT_EMPTY)
    names = holds.holding(place.settings.home / holds.FILE, found[0])
    said = f"held by {', '.join(names)}" if names else "not held"
    click.echo(json.dumps({"intent_id": found[0].intent_id, "held_by": names}) if as_json else said)
    sys.exit(EXIT_BROKEN if names else 0)
