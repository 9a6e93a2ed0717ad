"""`phigate audit verify | show | export`.

Exit codes: 0 verified (shown, exported), 1 the chain is broken, 2 somebody must act, 3 there is
nothing to verify or no such intent.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.errors import OperatorError, PhigateError

if TYPE_CHECKING:
    from streams.auditor.check import LogReport
    from streams.auditor.source import Stored
    from streams.events import AuditEntry
    from streams.settings import Settings
    from streams.signing import PublicKey

EXIT_BROKEN, EXIT_OPERATOR, EXIT_EMPTY = 1, 2, 3


class _Refusal(click.ClickException):
    """An error as the command line shows it."""

    exit_code = EXIT_OPERATOR

    def __init__(self, error: PhigateError) -> None:
        super().__init__(f"{error}\nhint: {error.hint}" if error.hint else str(error))


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PhigateError as error:
            raise _Refusal(error) from None


@click.group(cls=_Group)
def audit() -> None:
    """Verify and read the evidence: what was asked, who decided, what was done.

    \b
      phigate audit verify                      walk every entry, name the first break
      phigate audit show 0192a7c4               the story of one intent
      phigate audit export audit.jsonl          take it along
      phigate audit verify --from audit.jsonl --key "audit+1a2b…"     anywhere, offline
    """


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command here takes."""
    options = (
        click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line."),
        click.option(
            "--from",
            "file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Read an exported file, not Kafka.",
        ),
    )
    for option in options:
        command = option(command)
    return _where(command)


def _where(command: Callable[..., None]) -> Callable[..., None]:
    home = click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="phigate's directory. [default: $PHIGATE_HOME or ~/.phigate]",
    )
    broker = click.option(
        "--bootstrap", metavar="HOST:PORT", help="The cluster. [default: the embedded broker]"
    )
    return home(broker(command))


def _settings(home: Path | None, bootstrap: str | None) -> "Settings":
    from streams.settings import load_settings

    return load_settings(home=home, bootstrap=bootstrap)


# ---------------------------------------------------------------- verify


@audit.command()
@click.option(
    "--key",
    "key_texts",
    multiple=True,
    metavar="TEXT",
    help="A public key of the audit; again for more. [default: gate.audit in the directory]",
)
@click.option(
    "--head",
    "head_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Compare with the heads in this file, then write the new ones to it.",
)
@_common
def verify(  # noqa: PLR0913, PLR0917 - the options of one command
    home: Path | None,
    bootstrap: str | None,
    file: Path | None,
    head_file: Path | None,
    key_texts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Walk every entry of the audit and name the first break.

    Checked of every entry: its signature by a known key; that it carries the hash of the entry
    before it, without a gap; that its event is the one that was signed; that the gate's rules for
    cases, run again here on that event, give the same consequence; and that no intent was granted
    twice. Public keys are all that is needed. It uses about 200 bytes of memory an entry and 2 KB
    an intent.

    Not proven by this command:

    \b
      - that nothing was cut off at the end, or that no shard is missing as a whole.
        Keep a --head file from earlier runs, away from the cluster: it shows that.
      - that whoever holds the audit's private key did not write another history
        from the first entry on. A --head file shows that, too.
      - that the gate ruled, masked and read the clock correctly at the door, or
        that an approver's own signature verifies; the events are the gate's word.
      - that nothing reached the gate which it never wrote down.

    \b
      phigate audit verify
      phigate audit verify --head ~/audit-heads.json
      phigate audit verify --from audit.jsonl --key "audit+1a2b3c4d+AbCd…" --json

    Exit code: 0 verified, 1 broken, 2 somebody must act, 3 there are no entries.
    """
    from streams.auditor import result
    from streams.auditor.check import check, load_heads, save_heads

    keys = _keys(key_texts, home, bootstrap)
    pins = load_heads(head_file) if head_file else {}
    with _reading(home, bootstrap, file) as audit_records:
        report = check(audit_records, keys, pins=pins, shards=audit_records.shards)
    behind = {} if file else _behind(_settings(home, bootstrap), report)
    if head_file and not report.broken and report.entries:
        save_heads(head_file, report.heads)
    if as_json:
        click.echo(json.dumps(result.as_json(report, behind)))
    else:
        result.show(report, behind, pinned=bool(pins))
    sys.exit(_exit_code(report))


def _exit_code(report: "LogReport") -> int:
    if report.broken:
        return EXIT_BROKEN
    return 0 if report.entries else EXIT_EMPTY


def _keys(texts: tuple[str, ...], home: Path | None, bootstrap: str | None) -> list["PublicKey"]:
    from streams.signing import PublicKey

    if texts:
        return [PublicKey.parse(text.strip()) for text in texts]
    from streams.directory import Directory

    return list(Directory.load(_settings(home, bootstrap).directory).gate.audit)


def _behind(settings: "Settings", report: "LogReport") -> dict[int, int]:
    """Return by how many events the audit of each shard is behind `cases`; less than 0: ahead."""
    from streams.auditor import source

    heads = report.heads
    try:
        ends = source.ends(settings, "cases")
    except PhigateError:
        return {}  # it is told for information, and many an auditor may not read `cases`
    nexts = {shard: heads[shard].index + 1 if shard in heads else 0 for shard in ends}
    return {shard: high - nexts[shard] for shard, (_, high) in ends.items()}


@dataclass(frozen=True)
class _Reading:
    """The records, each counted as it is read, and the shards that are known beforehand."""

    records: Iterator["Stored"]
    shards: tuple[int, ...]
    advance: Callable[[], None]

    def __iter__(self) -> Iterator["Stored"]:
        for record in self.records:
            self.advance()
            yield record


@contextmanager
def _reading(home: Path | None, bootstrap: str | None, file: Path | None) -> Iterator[_Reading]:
    """Open the file or the topic; on a terminal a bar moves with the records."""
    from rich.console import Console
    from rich.progress import Progress

    from streams.auditor import source

    spans: dict[int, tuple[int, int]] = {}
    if file:
        records = source.from_file(file)
    else:
        settings = _settings(home, bootstrap)
        spans = source.ends(settings, "audit")
        records = source.from_kafka(settings)
    total = sum(high - low for low, high in spans.values()) if spans else None
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading the audit", total=total)
        yield _Reading(records, tuple(spans), lambda: progress.advance(task))


# ---------------------------------------------------------------- show and export


@audit.command()
@click.argument("intent")
@_common
def show(
    home: Path | None, bootstrap: str | None, file: Path | None, intent: str, as_json: bool
) -> None:
    """Tell the story of one intent: asked, ruled, each answer, verdict, outcome.

    INTENT is its id or a beginning that no other intent shares. Times are the gate's clock. The
    entries are shown as they stand: `phigate audit verify` tells whether they can be believed.

    \b
      phigate audit show 0192a7c4
    """
    from streams.auditor import story

    with _reading(home, bootstrap, file) as audit_records:
        found = _entries_of(intent.lower(), audit_records)
    if not found:
        click.echo("No entry of the audit is of an intent whose id begins so.", err=True)
        sys.exit(EXIT_EMPTY)
    if len(found) > 1:
        raise OperatorError(f"{len(found)} intents have an id that begins so", code="ambiguous")
    intent_id, entries = next(iter(found.items()))
    chapters = story.tell(entries)
    if as_json:
        click.echo(json.dumps(story.as_json(intent_id, chapters)))
        return
    for line in story.lines(intent_id, chapters):
        click.echo(line)


def _entries_of(prefix: str, records: Iterable["Stored"]) -> dict[str, list["AuditEntry"]]:
    from streams.audit.report import Unreadable
    from streams.auditor.check import read

    found: dict[str, list[AuditEntry]] = {}
    for record in records:
        _, item = read(record)
        if not isinstance(item, Unreadable) and item.intent_id.startswith(prefix):
            found.setdefault(item.intent_id, []).append(item)
    return found


@audit.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--force", is_flag=True, help="Write over the file if it is there.")
@click.option("--json", "as_json", is_flag=True, help="JSON for scripts, one line.")
@_where
def export(
    home: Path | None, bootstrap: str | None, target: Path, as_json: bool, force: bool
) -> None:
    """Write every record of the audit, byte for byte, to FILE (JSON lines).

    What stands in it is masked, as it is in Kafka. `verify --from FILE` needs nothing else but the
    audit's public key.

    \b
      phigate audit export audit.jsonl
    """
    from streams.auditor import source

    with _reading(home, bootstrap, None) as audit_records:
        count = source.to_file(target, audit_records, force=force)
    said = {"file": str(target), "records": count}
    click.echo(json.dumps(said) if as_json else f"{count} records in {target}")
