"""`phigate audit search | report`. Exit codes: 0 found, 1 not verified, 2 act, 3 nothing there."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY
from streams.auditor.commands.place import AS_JSON, AuditPlace, indexed, placed, walk
from streams.auditor.commands.place import period as period_options
from streams.commandline import Lone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.auditor.proof.check import Evidence
    from streams.events import AuditEntry

FRAMEWORKS = ("hipaa", "soc2", "fedramp")
VERDICTS = ("granted", "denied", "expired", "revoked", "pending")
OUTCOMES = ("ok", "failed", "unknown")


@click.command(cls=Lone)
@click.option("--agent", metavar="NAME", help="Asked for by this agent.")
@click.option(
    "--person", metavar="NAME", help="Who asked for it, owns the agent, decided, or tried to."
)
@click.option("--action", metavar="NAME", help="As data.export.")
@click.option("--resource", metavar="TYPE[/ID]", help="As Database/clinic, or Database.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="How it stands.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="What the executor reported.")
@click.option(
    "--reason", metavar="CODE", help="A reason code of the verdict or of any event of it."
)
@click.option(
    "--assurance", type=click.Choice(("key", "oidc")), help="How somebody who decided was known."
)
@period_options
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--verify", is_flag=True, help="Walk and verify the whole audit first.")
@click.option("--rebuild", is_flag=True, help="Throw the index away and build it again.")
@AS_JSON
@placed
def search(  # noqa: PLR0913, PLR0917 - the options of one command
    place: AuditPlace,
    agent: str | None,
    person: str | None,
    action: str | None,
    resource: str | None,
    verdict: str | None,
    outcome: str | None,
    reason: str | None,
    assurance: str | None,
    first: str | None,
    last: str | None,
    limit: int,
    verify: bool,
    rebuild: bool,
    as_json: bool,
) -> None:
    """Find intents by who, what, how it ended, why and when; the newest first.

    All that is named has to hold; times are when the intent came in. An index of ids, codes and
    counts (home/audit-index.sqlite) is read on each time from the audit topic; it is verified when
    it is built, and what came later is marked until --verify.

    \b
      phigate audit search --verdict expired --from 2026-11-01
      phigate audit search --person petra --reason requester_may_not_review
      phigate audit search --agent research-agent --resource Database/clinic --json
      phigate audit search --file audit.jsonl --key "audit+1a2b…" --outcome unknown

    Exit code: 0 found, 1 a shard is broken, 2 somebody must act, 3 nothing found.
    """
    from streams.auditor.ask import search as host
    from streams.auditor.read import period

    span = period.parse(first, last)
    query = host.Query(
        agent, person, action, resource, verdict, outcome, reason, span, assurance=assurance
    )
    with indexed(place, rebuild=rebuild, verify=verify) as index:
        found = host.search(index, query, limit)
    if as_json:
        click.echo(json.dumps(host.as_json(found)))
    else:
        for line in host.lines(found):
            click.echo(line)
    if any(each.broken is not None for each in found.beliefs):
        sys.exit(EXIT_BROKEN)
    sys.exit(0 if found.total else EXIT_EMPTY)


@click.command(cls=Lone)
@click.option("--framework", type=click.Choice(FRAMEWORKS), required=True)
@period_options
@click.option(
    "--out",
    "targets",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    required=True,
    help="A file that ends in .html or .json; again for both.",
)
@click.option(
    "--proofs",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a proof of each sample into this folder; they hold masked views.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@AS_JSON
@placed
def report(  # noqa: PLR0913, PLR0917 - the options of one command
    place: AuditPlace,
    framework: str,
    first: str | None,
    last: str | None,
    targets: tuple[Path, ...],
    proofs: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a report for examiners: one framework's controls, and what the log shows of each.

    The whole audit is verified for it. HTML is one page without anything to load, made for print;
    JSON is the same data. It quotes ids, codes and counts, never a masked text. The same log and
    period give the same bytes.

    \b
      phigate audit report --framework hipaa --from 2026-10-01 --to 2026-12-31 --out q4.html
      phigate audit report --framework soc2 --out soc2.html --out soc2.json
      phigate audit report --framework soc2 --out soc2.html --proofs soc2-proofs
      phigate audit report --framework fedramp --file audit.jsonl --key "audit+1a2b…" --out r.html

    Exit code: 0 written, 1 written but the audit does not verify (the report says so), 2 somebody
    must act, 3 the period is empty.
    """
    from streams import files
    from streams.auditor.ask.index import Index
    from streams.auditor.read import period
    from streams.auditor.report import document as host
    from streams.auditor.report import figures
    from streams.auditor.report.html import page

    span = period.parse(first, last)
    _check(targets, force)
    with Index() as index:
        walked, evidence = walk(place, index)
        book = figures.ledger(index.facts(), index.intents(), span)
        document = host.report(framework, book, index.beliefs(), walked)
    if proofs and evidence and walked["verified"]:
        _prove(place, evidence, document, proofs)
    for target in targets:
        files.write(target, page(document) if target.suffix == ".html" else host.text(document))
    said = {
        "files": [str(each) for each in targets],
        "verified": document["evidence"]["verified"],
        "entries": len(book.facts),
    }
    verified = "verified" if said["verified"] else "NOT VERIFIED"
    names = ", ".join(map(str, targets))
    click.echo(json.dumps(said) if as_json else f"{names}: {said['entries']} entries, {verified}")
    sys.exit(EXIT_EMPTY if not book.facts else 0 if said["verified"] else EXIT_BROKEN)


def _check(targets: tuple[Path, ...], force: bool) -> None:
    from streams.errors import OperatorError

    for target in targets:
        if target.suffix not in {".html", ".json"}:
            raise OperatorError(
                f"{target}: which form is it?", code="bad_name", hint="end it in .html or .json"
            )
        if target.exists() and not force:
            raise OperatorError(
                f"{target} is there already",
                code="file_exists",
                hint="name another, or give --force",
            )


def _prove(
    place: AuditPlace, evidence: "Evidence", document: "Mapping[str, Any]", folder: Path
) -> None:
    """Write a proof of each intent that the report drew; what is not signed yet has none."""
    from streams import files
    from streams.audit.report import Unreadable
    from streams.auditor.proof.check import read
    from streams.auditor.proof.prove import prove
    from streams.errors import OperatorError

    samples = (each for control in document["controls"] for each in control["samples"])
    drawn = {entry["intent_id"] for each in samples for entry in each["entries"]} - {""}
    found: dict[str, dict[int, AuditEntry]] = {}
    with place.read() as records:
        for record in records:
            item = read(record)[1] if record.topic == "audit" else None
            if item and not isinstance(item, Unreadable) and item.intent_id in drawn:
                found.setdefault(item.intent_id, {})[item.index] = item
    folder.mkdir(parents=True, exist_ok=True)
    for intent_id, entries in sorted(found.items()):
        try:
            text = prove(evidence, [entries[at] for at in sorted(entries)], None)
        except OperatorError as error:
            click.echo(f"{intent_id}: no proof: {error}", err=True)
        else:
            files.write(folder / f"{intent_id}.json", text)
