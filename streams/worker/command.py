"""`phigate worker run ROLE` and `phigate up`."""

import sys
from pathlib import Path

import click

from streams.commandline import HOME, Group, Lone
from streams.exits import Exit

ROLES = ("admit", "fold", "audit")


@click.group(cls=Group)
def worker() -> None:
    """Run single workers, as a container or a service manager does."""


@worker.command("run")
@click.argument("role", type=click.Choice(ROLES))
@HOME
@click.option("--data", type=click.Path(path_type=Path), help="A folder of this worker's own.")
@click.option("--ready", type=click.Path(path_type=Path), help="A file to make once it consumes.")
def run_worker(role: str, home: Path | None, data: Path | None, ready: Path | None) -> None:
    """Run one worker in the foreground until SIGTERM.

    It leaves with 70 where going on could lose something and with 5 where the broker is away (start
    it again), with 78 or 2 where an operator is needed.

    \b
    Examples:
      phigate worker run admit
      phigate worker run fold --data /var/lib/phigate/fold-0
    """
    from streams import files, logs  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.settings import load_settings  # noqa: PLC0415 - `--help` is quick
    from streams.worker.roles import run  # noqa: PLC0415 - `--help` is quick

    logs.to_stderr()

    def now_ready() -> None:
        if ready is not None:
            ready.touch()

    settings = load_settings(home=home)
    if ready is not None:  # whether it can be made is better known before anything is taken
        files.probe(ready.parent)
    run(role, settings, data or settings.home / "workers" / role / "data", now_ready)


@click.command(cls=Lone)
@HOME
@click.option("--brokers", type=click.IntRange(1, 3), default=1, help="Embedded brokers: 1 or 3.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, help="Workers of each role.")
def up(home: Path | None, brokers: int, workers: int) -> None:
    """Run broker, topics and workers together in the foreground; Ctrl-C stops them.

    Uses the cluster of PHIGATE_BOOTSTRAP (or `bootstrap` in phigate.toml) where one is set, and an
    embedded one otherwise. Run `phigate init` once before. Only what it started is stopped by it:
    where another one runs in this home it says so, and a broker that ran before is left running.

    Exit codes: 0 stopped by Ctrl-C or SIGTERM, 2 a worker needs you, or another one runs here, 5
    the broker has ended: start it again.

    \b
    Examples:
      phigate up
      phigate up --brokers 3 --workers 2
    """
    from streams.extras import need  # noqa: PLC0415 - `phigate --help` stays quick
    from streams.settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings(home=home)
    need("gate", *([] if settings.bootstrap else ["embedded"]))
    from streams.worker import up as together  # noqa: PLC0415 - the same

    def say(text: str) -> None:
        click.echo(text, err=True)

    if not together.run(settings, brokers, dict.fromkeys(ROLES, workers), say):
        sys.exit(Exit.ACT)
