"""`phigate audit export`: the log itself, or OCSF, CSV and Parquet; to a file or to a topic."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.auditor.commands.options import EXIT_BROKEN
from streams.auditor.commands.place import AS_JSON, AuditPlace, read_from
from streams.auditor.commands.place import period as period_options
from streams.commandline import Lone

if TYPE_CHECKING:
    from streams.auditor.ask.facts import Fact
    from streams.auditor.export.siem import SentEvents

FORMATS = ("raw", "ocsf", "csv", "parquet")


@click.command(cls=Lone)
@click.argument(
    "target", type=click.Path(path_type=Path, dir_okay=False), metavar="[FILE]", required=False
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="[default: by FILE's end: .csv, .parquet, .ocsf; else raw]",
)
@period_options
@click.option("--to-topic", metavar="NAME", help="Write OCSF events to this Kafka topic instead.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until interrupted.")
@click.option("--force", is_flag=True, help="Write over the file if it is there.")
@AS_JSON
@read_from
def export(  # noqa: PLR0913, PLR0917 - the options of one command
    home: Path | None,
    bootstrap: str | None,
    file: Path | None,
    target: Path | None,
    form: str | None,
    first: str | None,
    last: str | None,
    to_topic: str | None,
    follow: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Take the audit along: to FILE, or as a stream of events for a SIEM.

    raw is every record, byte for byte, as JSON lines: what `verify --file FILE` reads, with the
    masked events. The others hold ids, codes and counts alone, one row an entry, and are not
    verified by writing them: ocsf (JSON lines, OCSF 1.6.0, API Activity 6003), csv, and parquet
    (needs `pip install 'phigate[parquet]'`).

    To a topic it is at least once: where it stops, the next run goes on, and an event that comes
    twice has the same metadata.uid.

    \b
      phigate audit export audit.jsonl
      phigate audit export november.csv --from 2026-11-01 --to 2026-11-30
      phigate audit export events.ocsf --file audit.jsonl
      phigate audit export --follow --to-topic siem.phigate

    Exit code: 0 done, 1 records were passed over that are no audit entries, 2 somebody must act,
    130 interrupted.
    """
    place = AuditPlace(home, bootstrap, file)
    if to_topic:
        _refuse(to_topic and (target or file or first or last), "--to-topic sends all of the topic")
        _stream(place, to_topic, follow, as_json)
        return
    _refuse(follow, "--follow needs --to-topic")
    if target is None:
        raise click.UsageError("Name a FILE, or a topic with --to-topic.")
    chosen = form or {".csv": "csv", ".parquet": "parquet", ".ocsf": "ocsf"}.get(
        target.suffix, "raw"
    )
    if chosen == "raw":
        _refuse(first or last, "a raw export is of the whole log: a part of it cannot be verified")
        _raw(place, target, force, as_json)
        return
    _rows(place, target, chosen, (first, last), force=force, as_json=as_json)


def _refuse(wrong: object, why: str) -> None:
    if wrong:
        raise click.UsageError(f"{why[0].upper()}{why[1:]}.")


def _raw(place: AuditPlace, target: Path, force: bool, as_json: bool) -> None:
    from streams.auditor.read import source

    with place.read(notes=True) as records:
        count = source.to_file(target, records, force=force)
    said = {"file": str(target), "records": count}
    click.echo(json.dumps(said) if as_json else f"{count} records in {target}")


def _rows(  # noqa: PLR0913 - what, where, how
    place: AuditPlace,
    target: Path,
    form: str,
    span: tuple[str | None, str | None],
    *,
    force: bool,
    as_json: bool,
) -> None:
    from streams.auditor.export.file import to_file
    from streams.auditor.read.period import parse

    period, passed = parse(*span), [0]
    with _facts(place, passed) as facts:
        within = (fact for fact in facts if period.holds(fact.when_ms))
        count = to_file(target, within, form, force=force)
    said = {"file": str(target), "format": form, "entries": count, "passed_over": passed[0]}
    click.echo(json.dumps(said) if as_json else f"{count} entries in {target} ({form})")
    _warn(passed[0])


@contextmanager
def _facts(place: AuditPlace, passed: list[int]) -> Iterator[Iterator["Fact"]]:
    """Open the audit as facts, an exact repeat once; what is no entry is counted in `passed`."""
    from streams.audit.report import Unreadable
    from streams.auditor.ask.facts import fact_of
    from streams.auditor.proof.check import read

    def each() -> Iterator["Fact"]:
        seen: set[tuple[int, int, str]] = set()
        for record in records:
            if record.topic != "audit":
                continue
            _, item = read(record)
            if isinstance(item, Unreadable):
                passed[0] += 1
                continue
            fact = fact_of(record, item)
            where = (fact.shard, fact.idx, fact.leaf_hash)
            if where not in seen:
                seen.add(where)
                yield fact

    with place.read() as records:
        yield each()


def _stream(place: AuditPlace, topic: str, follow: bool, as_json: bool) -> None:
    from streams.auditor.export.siem import SentEvents, stream

    last = SentEvents()

    def told(sent: "SentEvents") -> None:
        nonlocal last
        last = sent
        if follow and sys.stderr.isatty():
            click.echo(f"\r{sent.events} events", err=True, nl=False)

    try:
        last = stream(place.settings, topic, follow=follow, told=told)
    except KeyboardInterrupt:
        click.echo(err=True)
        sys.exit(130)
    finally:
        said = {"topic": topic, "events": last.events, "passed_over": last.passed_over}
        click.echo(json.dumps(said) if as_json else f"{last.events} events to {topic}")
    _warn(last.passed_over)


def _warn(passed_over: int) -> None:
    if passed_over:
        click.echo(
            f"{passed_over} records were passed over: they are no audit entries. "
            "`phigate audit verify` names the first.",
            err=True,
        )
        sys.exit(EXIT_BROKEN)
