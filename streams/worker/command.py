"""`phigate worker run ROLE` and `phigate up`."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from streams.commandline import HOME, Group, Lone

ROLES = ("admit", "fold", "audit")
READY_S = 180.0


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
    import logging  # noqa: PLC0415 - `phigate --help` stays quick

    from streams.settings import load_settings  # noqa: PLC0415
    from streams.worker.roles import run  # noqa: PLC0415

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)

    def now_ready() -> None:
        if ready is not None:
            ready.touch()

    settings = load_settings(home=home)
    run(role, settings, data or settings.home / "workers" / role / "data", now_ready)


@click.command(cls=Lone)
@HOME
@click.option("--brokers", type=click.IntRange(1, 3), default=1, help="Embedded brokers: 1 or 3.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, help="Workers of each role.")
def up(home: Path | None, brokers: int, workers: int) -> None:
    """Run broker, topics and workers together in the foreground; Ctrl-C stops them.

    Uses the cluster of PHIGATE_BOOTSTRAP (or `bootstrap` in phigate.toml) where one is set, and an
    embedded one otherwise. Run `phigate init` once before.

    \b
    Examples:
      phigate up
      phigate up --brokers 3 --workers 2
    """
    _up(home, brokers, workers, lambda text: click.echo(text, err=True))


def _up(home: Path | None, brokers: int, workers: int, say: Callable[[str], None]) -> None:
    from streams.cluster import access, shape  # noqa: PLC0415
    from streams.extras import need  # noqa: PLC0415
    from streams.settings import load_settings  # noqa: PLC0415
    from streams.wire import client, credential  # noqa: PLC0415
    from streams.worker.supervise import Supervisor  # noqa: PLC0415

    settings = load_settings(home=home)
    need("gate", *([] if settings.bootstrap else ["embedded"]))
    cluster = None if settings.bootstrap else _embedded(settings.home, brokers, say)
    supervisor = Supervisor(settings.home, dict.fromkeys(ROLES, workers), {}, say)
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stopping.append(received))
    try:
        say("creating topics ...")
        shape.apply(credential.as_role(settings, credential.ADMIN))
        if cluster is not None and cluster.guarded:
            say("creating users and access rights ...")
            access.apply(credential.as_role(settings, credential.ADMIN))
        say("starting workers ...")
        supervisor.start()
        if supervisor.wait_ready(READY_S):
            say(f"ready: broker {client.bootstrap(settings)}; Ctrl-C stops")
        while not stopping and not supervisor.stuck:
            supervisor.tend()
            if cluster is not None:
                cluster.check()
            time.sleep(0.2)
        for child in supervisor.stuck:
            say(f"worker {child.name} cannot run:\n{supervisor.last_lines(child)}")
    finally:
        say("stopping ...")
        supervisor.stop()
        if cluster is not None:
            cluster.down()
    if supervisor.stuck:
        sys.exit(2)


def _embedded(home: Path, brokers: int, say: Callable[[str], None]) -> Any:
    from streams.cluster.embedded.cluster import Cluster  # noqa: PLC0415

    say("starting the embedded broker ...")
    cluster = Cluster(home / "kafka", brokers, credentials=home / "credentials")
    cluster.up()
    return cluster
