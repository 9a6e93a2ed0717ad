"""The `kafka` group of the command line: up, down, status, reset.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 2 somebody
must act (the message says what), 5 `status` found a broker that does not run.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.commandline import AS_JSON, HOME, Group
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.cluster.embedded.cluster import Cluster, NodeState
    from streams.cluster.embedded.guard import Tls

UP_TIMEOUT_S = 120.0
DOWN_GRACE_S = 15.0
_PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Group)
def kafka() -> None:
    """Run a real Apache Kafka on this machine, without Java or Docker.

    \b
    Data, logs and state live in `kafka/` below the home; jars are fetched once
    into your cache directory and checked against their SHA-256 at every start.

    \b
      phigate kafka up                 start a broker, print its address
      phigate kafka up --brokers 3     three brokers that replicate
      phigate kafka status             which brokers run, and why one died
      phigate kafka down               stop; the data stays
      phigate kafka reset --yes        stop and delete the data
    """


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command here takes."""
    return HOME(AS_JSON(command))


@kafka.command()
@_shared
@click.option(
    "--brokers", type=click.Choice(["1", "3"]), help="How many. [default: as before, or 1]"
)
@click.option("--port", type=click.IntRange(1, 65_533), help="The first broker's. [default: free]")
@click.option(
    "--timeout", type=float, default=UP_TIMEOUT_S, show_default=True, help="Seconds to wait."
)
@click.option("--plain", is_flag=True, help="A new cluster without users: anybody here may all.")
@click.option("--tls-certificate", type=_PEM, help="The brokers', for 127.0.0.1; clients use TLS.")
@click.option("--tls-key", type=_PEM, help="Its key, without a passphrase.")
@click.option("--tls-ca", type=_PEM, help="Who signed it. [default: the certificate itself]")
def up(  # noqa: PLR0913 - each option is one choice of a cluster's
    home: Path | None,
    *,
    brokers: str | None,
    port: int | None,
    timeout: float,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_ca: Path | None,
    plain: bool,
    as_json: bool,
) -> None:
    """Start the cluster in the background and print its address.

    A cluster that runs already is left as it is; of three brokers, those that died are started. A
    new one lets nobody in without a credential: the admin's is credentials/admin.properties in the
    home, `phigate access apply` makes the others.

    \b
      phigate kafka up
      phigate kafka up --brokers 3 --port 9092
      phigate kafka up --tls-certificate kafka.crt --tls-key kafka.key --tls-ca ca.crt
    """
    if bool(tls_certificate) != bool(tls_key):
        raise click.UsageError("--tls-certificate and --tls-key belong together")
    with _progress("starting Kafka") as notify:
        cluster = _cluster(
            home,
            brokers=int(brokers) if brokers else None,
            port=port,
            notify=notify,
            plain=plain,
            tls=_tls(tls_certificate, tls_key, tls_ca),
        )
        bootstrap = cluster.up(timeout)
    nodes = [_as_json(each) for each in cluster.status()]
    click.echo(json.dumps({"bootstrap": bootstrap, "brokers": nodes}) if as_json else bootstrap)


@kafka.command()
@_shared
@click.option(
    "--timeout",
    type=float,
    default=DOWN_GRACE_S,
    show_default=True,
    help="Seconds after which a broker that does not stop is killed.",
)
def down(home: Path | None, timeout: float, *, as_json: bool) -> None:
    """Stop the cluster; its data stays.

    \b
      phigate kafka down
    """
    with _progress("stopping Kafka"):
        stopped = _cluster(home).down(timeout)
    said = f"stopped {stopped} of Kafka's brokers" if stopped else "no broker was running"
    click.echo(json.dumps({"stopped": stopped}) if as_json else said)


@kafka.command()
@_shared
@click.pass_context
def status(ctx: click.Context, home: Path | None, *, as_json: bool) -> None:
    """Show each broker; exit with 5 unless all of them run.

    A broker that died is shown with the last lines of its log.

    \b
      phigate kafka status --json
    """
    nodes = _cluster(home).status()
    if as_json:
        click.echo(json.dumps({"brokers": [_as_json(each) for each in nodes]}))
    else:
        for line in _table(nodes) if nodes else [f"no cluster under {_folder(home)}"]:
            click.echo(line)
    if not nodes or not all(each.alive for each in nodes):
        ctx.exit(Exit.AWAY)


@kafka.command()
@_shared
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(home: Path | None, *, yes: bool, as_json: bool) -> None:
    """Stop the cluster and delete its data and logs, for good.

    \b
      phigate kafka reset --yes
    """
    where = _folder(home)
    if not yes:
        click.confirm(f"Delete every topic and log under {where}?", abort=True, err=True)
    _cluster(home).reset()
    click.echo(json.dumps({"deleted": str(where)}) if as_json else f"deleted the data in {where}")


def _cluster(home: Path | None, **options: Any) -> "Cluster":
    from streams.cluster.embedded.cluster import Cluster  # noqa: PLC0415 - `--help` stays quick

    folder = _folder(home)
    return Cluster(folder, credentials=folder.parent / "credentials", **options)


def _tls(certificate: Path | None, key: Path | None, ca: Path | None) -> "Tls | None":
    from streams.cluster.embedded.guard import Tls  # noqa: PLC0415 - `--help` stays quick

    if certificate is None or key is None:
        return None
    return Tls(certificate.absolute(), key.absolute(), (ca or certificate).absolute())


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[str], None]]:
    """Yield a reporter: a spinner on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda line: click.echo(line, err=True)
        return
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick

    with Console(stderr=True).status(what) as spinner:
        yield spinner.update


def _as_json(node: "NodeState") -> dict[str, Any]:
    return {
        "id": node.id,
        "state": _word(node),
        "pid": node.pid,
        "port": node.port,
        "log": str(node.log),
        "last_lines": list(node.last_lines),
    }


def _word(node: "NodeState") -> str:
    if node.alive:
        return "up"
    return "died" if node.died else "stopped"


def _table(nodes: "list[NodeState]") -> Iterator[str]:
    from streams.cluster.embedded.node import UNTOLD  # noqa: PLC0415 - `phigate --help` stays quick

    yield f"{'broker':<8}{'state':<9}{'address':<18}{'pid':<9}log"
    for node in nodes:
        address = f"127.0.0.1:{node.port}"
        yield f"{node.id:<8}{_word(node):<9}{address:<18}{node.pid or '-':<9}{node.log}"
        yield from (f"    {line}" for line in node.last_lines)
        if node.died and not node.last_lines:
            yield f"    {UNTOLD}"


def _folder(home: Path | None) -> Path:
    """Return where the cluster lives: below the home that the settings name."""
    from streams.settings import load_settings  # noqa: PLC0415 - `phigate --help` stays quick

    return load_settings(home=home).home / "kafka"
