"""`phigate topics plan | apply | check | list | read`.

Exit codes: 0 done, or nothing to do; 1 `plan` has changes or refusals, `check` found the topics
unfit; 2 somebody must act (the message says what); 130 interrupted.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `phigate --help` is quick

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.clock import now_ms
from streams.commandline import AS_JSON, Group, Spanned, where
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.cluster.plan import Change
    from streams.settings import Settings
    from streams.wire.client import KafkaRecord
    from streams.wire.topic import Topic


@click.group(cls=Group)
def topics() -> None:
    """Plan, apply and read the topics.

    \b
      phigate topics list                        what each topic carries
      phigate topics plan                        what the cluster lacks (exit 1 if anything)
      phigate topics apply                       create and correct; refuses what loses data
      phigate topics read cases --since 10m      decoded, one JSON a line
      phigate topics read verdicts -f            and what comes next
    """


def admin_settings(home: Path | None, bootstrap: str | None) -> "Settings":
    """Return the settings of these options, as the admin where no role is named."""
    from streams.settings import load_settings
    from streams.wire.credential import ADMIN, as_role

    settings = load_settings(home=home, bootstrap=bootstrap)
    return as_role(settings, settings.role or ADMIN)


@topics.command()
@where
@AS_JSON
def plan(home: Path | None, bootstrap: str | None, *, as_json: bool) -> None:
    """Show what `apply` would do. Exit code 0: nothing; 1: something, or a refusal.

    \b
      phigate topics plan --json
    """
    from streams.cluster import shape as host

    changes = host.changes(admin_settings(home, bootstrap))
    _print_changes(changes, "nothing to do: the cluster's topics are as they should be", as_json)
    sys.exit(Exit.NO if changes else 0)


@topics.command(name="apply")
@where
@AS_JSON
def apply_(home: Path | None, bootstrap: str | None, *, as_json: bool) -> None:
    """Create and correct topics. What would lose data is refused, and then nothing is changed.

    \b
      phigate topics apply
      phigate topics apply --bootstrap kafka1:9092
    """
    from streams.cluster import shape as host

    done = host.apply(admin_settings(home, bootstrap))
    _print_changes(done, "nothing to do: the cluster's topics are as they should be", as_json)


@topics.command()
@where
def check(home: Path | None, bootstrap: str | None) -> None:
    """Say whether workers may run on these topics. Exit code 0: yes; 1: no, and why.

    \b
      phigate topics check
    """
    from streams.cluster import shape as host
    from streams.errors import TopicError

    try:
        host.check(admin_settings(home, bootstrap))
    except TopicError as error:
        click.echo(f"{error}\nhint: {error.hint}", err=True)
        sys.exit(Exit.NO)
    click.echo("workers may run on these topics")


@topics.command(name="list")
@where
@AS_JSON
def list_(home: Path | None, bootstrap: str | None, *, as_json: bool) -> None:
    """List the table of topics: name, key, cleanup, retention and what each carries.

    It asks no broker.

    \b
      phigate topics list
    """
    from streams.cluster import shape as host

    settings = admin_settings(home, bootstrap)
    rows = [_row(topic, settings) for topic in host.ours(settings)]
    if as_json:
        click.echo(json.dumps(rows))
        return
    width = max(len(row["topic"]) for row in rows)
    for row in rows:
        kept = f"{row['cleanup']}, {_days(row['retention_ms'])}"
        click.echo(f"{row['topic']:{width}}  {kept:23}  {row['what']}")


def _row(topic: "Topic", settings: "Settings") -> dict[str, Any]:
    return {
        "topic": topic.full_name(settings.prefix),
        "what": topic.what,
        "record": topic.record,
        "key": topic.key,
        "partitions": settings.partitions,
        "cleanup": topic.cleanup,
        "retention_ms": topic.retention_ms,
        "bytes_max": topic.bytes_max,
    }


def _days(retention_ms: int) -> str:
    return "for ever" if retention_ms < 0 else f"{retention_ms / 86_400_000:g} d"


@topics.command()
@click.argument("topic")
@where
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes; Ctrl-C ends it.")
@click.option("--since", type=Spanned(), help="Only what the broker took in the last 30s, 10m, 2h.")
@click.option("--partition", type=click.IntRange(0), multiple=True, help="Only this one; repeat.")
@click.option("--key", help="Only records of this key: an intent id, say.")
@click.option("--limit", type=click.IntRange(1), help="Stop after so many records.")
def read(  # noqa: PLR0913 - each option narrows what is printed
    topic: str,
    *,
    home: Path | None,
    bootstrap: str | None,
    since: int | None,
    partition: tuple[int, ...],
    key: str | None,
    limit: int | None,
    follow: bool,
) -> None:
    """Print any topic decoded, one JSON a line: up to its end as it is now, or with -f for ever.

    TOPIC is a name of `phigate topics list`, with or without the prefix. Bytes that are no message
    of ours are printed as {"undecodable": CODE, "bytes": N}; plain PHI is withheld.

    \b
      phigate topics read intents --limit 1
      phigate topics read cases --key 01890a5d-ac96-774b-bcce-b302099a8057
      phigate topics read audit --since 2h | jq .value.consequence
      phigate topics read phigate-fold-cases-changelog
    """
    from streams.wire import client
    from streams.wire import topics as host

    settings = admin_settings(home, bootstrap)
    name, found = host.resolve(topic, settings)
    start_ms = None if since is None else now_ms() - since
    records = client.records(settings, name, partition or None, start_ms, follow=follow)
    with _quietly(), contextlib.closing(records):
        _print_records(records, found, key, limit)


def _print_records(
    records: "Iterator[KafkaRecord]", topic: "Topic", key: str | None, limit: int | None
) -> None:
    from streams.wire.show import shown

    wanted = None if key is None else key.encode()
    printed = 0
    for record in records:
        if wanted is not None and record.key != wanted:
            continue
        sys.stdout.write(json.dumps(shown(record, topic)) + "\n")
        sys.stdout.flush()
        printed += 1
        if printed == limit:
            return


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Let Ctrl-C and a reader that has gone away end the command without a word.

    Ctrl-C ends it there and then: raised within one of librdkafka's callbacks it would be lost, and
    closing a consumer may wait. Every line that was printed is out by then.
    """
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(Exit.STOPPED))
    try:
        yield
    except BrokenPipeError:
        # Python flushes stdout once more at exit, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    finally:
        signal.signal(signal.SIGINT, before)


def _print_changes(changes: "list[Change]", nothing: str, as_json: bool) -> None:
    if as_json:
        import dataclasses

        click.echo(json.dumps({"changes": [dataclasses.asdict(each) for each in changes]}))
        return
    for each in changes:
        click.echo(_line(each))
    if not changes:
        click.echo(nothing)


def _line(change: "Change") -> str:
    marks = {"create": "+", "set": "~", "add_partitions": "~", "refuse": "!"}
    what = f"{change.setting} {change.before} → {change.after}" if change.setting else change.after
    refused = "REFUSED: " if change.kind == "refuse" else ""
    return f"{marks[change.kind]} {change.topic}: {what}\n    {refused}{change.why}"
