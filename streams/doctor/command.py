"""`phigate doctor`. Exit codes: 0 nothing at risk, 1 an invariant is at risk, 5 no broker."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.commandline import AS_JSON, Lone, say, where
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.doctor.finding import Diagnosis

_COLOURS = {"ok": "green", "warn": "yellow", "risk": "red", "away": "magenta"}


@click.command(cls=Lone)
@where
@AS_JSON
def doctor(home: Path | None, bootstrap: str | None, as_json: bool) -> None:
    r"""Say how this gate really stands, one line each, and what to do about it.

    Security and rights of the broker, topics, clocks, whether the audit has signed the log, four
    eyes as the policy rules, approvers' keys, the gate's keys and their ages, permissions, sealing,
    the key provider, the masker's model. It changes nothing, and each check stands by itself.

    Exit codes: 0 nothing is at risk (there may be warnings), 1 an invariant is at risk, or cannot
    be told; 5 the broker is away.

    \b
    Examples:
      phigate doctor
      phigate doctor --json | jq '.findings[] | select(.level != "ok")'
    """
    from streams.doctor.examine import examine

    found = []
    for each in examine(home, bootstrap):
        found.append(each)
        if not as_json:
            _show(each)
    levels = [each.level for each in found]
    if as_json:
        said = {"at_risk": "risk" in levels, "findings": [each.as_json() for each in found]}
        click.echo(json.dumps(said))
    else:
        click.echo(", ".join(f"{levels.count(name)} {name}" for name in dict.fromkeys(levels)))
    if "risk" in levels:
        sys.exit(Exit.NO)
    sys.exit(Exit.AWAY if "away" in levels else 0)


def _show(found: "Diagnosis") -> None:
    level = click.style(f"{found.level:<5}", fg=_COLOURS[found.level])
    first, *rest = found.said.splitlines() or [""]
    say(first, before=f"{level} {found.check:<16} ", indent=23)
    for line in rest:
        say(line.strip(), before=f"{'':<23}", indent=23)
    for line in found.todo.splitlines():
        say(line.strip(), before=f"{'':<23}→ ", indent=25)
