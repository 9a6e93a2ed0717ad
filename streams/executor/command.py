"""`phigate executor`: serve grants, look at the ledger, settle what is unknown.

Nothing but click is imported until a command runs: `phigate --help` must be quick.
"""

import dataclasses
import importlib
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams import logs
from streams.commandline import AS_JSON, Group

if TYPE_CHECKING:
    from streams.executor.executor import Executor


@click.group(cls=Group, short_help="Run what was granted, once.")
def executor() -> None:
    """Run what was granted, once; look at what was run."""


@executor.command(
    help="""Serve the grants of an executor class until SIGTERM or Ctrl-C.

APP is module:attribute; the module is looked for in this directory first, and
the attribute is an Executor or a function that makes one. The grant at hand is
finished and reported before the process leaves.

\b
Examples:
  phigate executor run app:executor
  phigate executor run hospital.actions:app --class sql
""",
)
@click.argument("app")
@click.option("--class", "cls", help="Refuse to start unless APP serves this class.")
def run(app: str, cls: str | None) -> None:
    """Serve an executor app; see the help of the command."""
    logs.to_stderr(logging.INFO)
    found = load(app)
    if cls is not None and found.cls != cls:
        raise click.UsageError(f"{app} serves the class {found.cls}, not {cls}.")
    found.run()


@executor.command(
    help="""List the grants that this executor knows, and the records it refused.

It can be read while the executor runs.

\b
Examples:
  phigate executor ledger app:executor
  phigate executor ledger --path /var/lib/phigate/sql.sqlite3 --json
""",
)
@click.argument("app", required=False)
@click.option("--path", type=click.Path(path_type=Path), help="The ledger's file.")
@AS_JSON
def ledger(app: str | None, path: Path | None, *, as_json: bool) -> None:
    """Show a ledger; see the help of the command."""
    from streams.executor.ledger import inspect  # noqa: PLC0415 - see the head of this file

    if path is None and app is None:
        raise click.UsageError("Name the APP, or the ledger's file with --path.")
    grants, refusals = inspect(path or load(app or "").ledger_path)
    rows = [{**dataclasses.asdict(row), "report": row.report is not None} for row in grants]
    refused = [dataclasses.asdict(row) for row in refusals]
    if as_json:
        click.echo(json.dumps({"grants": rows, "refusals": refused}))
        return
    from streams.plain import visible  # noqa: PLC0415 - see the head of this file

    for row in rows:
        click.echo(
            f"{_time(row['started_at_ms'])}  {row['state']:<8}  {row['status'] or '-':<7}  "
            f"{visible(row['action'])}  grant {visible(row['grant_id'])}  "
            f"{visible(row['code'])}".rstrip()
        )
    for entry in refused:
        click.echo(
            f"{_time(entry['at_ms'])}  refused   {visible(entry['code'])}  "
            f"{entry['topic']}/{entry['partition']} at offset {entry['offset']}"
        )
    if not rows and not refused:
        click.echo("The ledger is empty.")


@executor.command(
    help="""Settle a grant whose outcome is unknown, by what you found out.

Look first whether the action was done where it would have been done: the grant's
id is the idempotency key it was given. Stop the executor before; the ledger has
one owner at a time.

\b
Examples:
  phigate executor resolve app:executor GRANT_ID --status ok
  phigate executor resolve app:executor GRANT_ID --status failed -m "nothing was written"
""",
)
@click.argument("app")
@click.argument("grant_id")
@click.option("--status", type=click.Choice(["ok", "failed"]), required=True, help="What it was.")
@click.option("--message", "-m", default="", help="What to tell the agent; masked by the gate.")
def resolve(app: str, grant_id: str, status: str, message: str) -> None:
    """Settle an unknown outcome; see the help of the command."""
    from streams.events import Status  # noqa: PLC0415 - see the head of this file

    load(app).resolve(grant_id, Status(status), message)
    click.echo(f"grant {grant_id} is reported as {status}")


def load(app: str) -> "Executor":
    """Return the Executor that `module:attribute` names. Raises UsageError where there is none."""
    from streams.executor.executor import Executor  # noqa: PLC0415 - see the head of this file

    module_name, _, attribute = app.partition(":")
    if not module_name or not attribute:
        raise click.UsageError("APP is written module:attribute.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise click.UsageError(f"There is no module {error.name} here.") from None
    found: Any = getattr(module, attribute, None)
    if callable(found) and not isinstance(found, Executor):
        found = found()
    if not isinstance(found, Executor):
        raise click.UsageError(f"{app} is no Executor, nor a function that makes one.")
    return found


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
