"""`phigate audit prove` and `check`."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY, FILE, candidates
from streams.auditor.commands.place import AuditPlace, checked, proved
from streams.commandline import Lone
from streams.errors import OperatorError
from streams.plain import harmless, visible

if TYPE_CHECKING:
    from streams.auditor.commands.options import Reading
    from streams.auditor.proof.check import Evidence
    from streams.auditor.proof.prove import Checked, Texts
    from streams.events import AuditEntry

AGAIN_S = 1.0


@click.command(cls=Lone)
@click.argument("intent")
@click.argument("target", type=FILE, metavar="FILE")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until the newest entries are signed.",
)
@proved
def prove(*, place: AuditPlace, intent: str, target: Path, wait_s: float, as_json: bool) -> None:
    """Write one file that proves an intent's history to whoever holds the public keys.

    INTENT is its id or a beginning that no other intent shares. In FILE (JSON): its entries with
    inclusion proofs, the signed checkpoint of its shard and the note over all shards with their
    cosignatures, the approvers' own envelopes, the policy's text, the masker's revision. What
    stands in it is masked. A tree at rest is signed within seconds; until then it waits.

    \b
      phigate audit prove 0192a7c4 proof.json
    """
    from streams import files
    from streams.auditor.proof import prove as proofs
    from streams.auditor.proof.check import Evidence

    pins = place.pinned()
    until_s = time.monotonic() + (0 if place.file else wait_s)
    while True:
        evidence = Evidence(pins, sample=0, quorum=place.quorum)
        with place.read(notes=True) as records:
            entries = _of(intent.lower(), evidence, records)
        _insist(evidence, entries)
        try:
            text = proofs.prove(evidence, entries, None if place.file else _policy(place))
        except OperatorError as error:
            if error.code != "not_signed" or time.monotonic() >= until_s:
                raise
            time.sleep(AGAIN_S)
        else:
            break
    files.write(target, text)
    said = {"file": str(target), "intent_id": entries[0].intent_id, "entries": len(entries)}
    click.echo(json.dumps(said) if as_json else f"{len(entries)} entries proven in {target}")


def _insist(evidence: "Evidence", entries: list["AuditEntry"]) -> None:
    """Leave where the log is broken, or has nothing of the intent."""
    broken = evidence.report().broken
    if broken:
        click.echo(f"nothing is proven by a broken log: {broken.kind}", err=True)
        sys.exit(EXIT_BROKEN)
    if not entries:
        click.echo("No entry of the audit is of an intent whose id begins so.", err=True)
        sys.exit(EXIT_EMPTY)


def _of(prefix: str, evidence: "Evidence", records: "Reading") -> list["AuditEntry"]:
    """Walk all records, and return the entries of the one intent whose id begins so."""
    from streams.audit.report import Unreadable
    from streams.auditor.proof.check import read

    found: dict[str, dict[int, AuditEntry]] = {}
    for record in records:
        evidence.take(record)
        if record.topic != "audit":
            continue
        _, item = read(record)
        if not isinstance(item, Unreadable) and item.intent_id.startswith(prefix):
            found.setdefault(item.intent_id, {})[item.index] = item
    if len(found) > 1:
        raise candidates(found)
    entries = next(iter(found.values()), {})
    return [entries[index] for index in sorted(entries)]


def _policy(place: AuditPlace) -> "Texts | None":
    from streams.policy.files import read_policies

    folder = place.settings.policies
    return read_policies(folder) if folder.exists() else None


@click.command(cls=Lone)
@click.argument("proof", type=FILE, metavar="FILE")
@checked
def check(*, place: AuditPlace, proof: Path, as_json: bool) -> None:
    """Check a file that `prove` wrote, with public keys and nothing else, and tell its story.

    \b
      phigate audit check proof.json --pins keys.json
      phigate audit check proof.json --key "gate-audit+1a2b…"

    Not shown by such a file: that the intent has no further entries. Exit code: 0 it proves what it
    says, 1 it does not.
    """
    from streams.auditor.proof import prove as proofs

    pins = place.pinned()
    found = proofs.check(proofs.load(proof), pins, place.quorum)
    if as_json:
        click.echo(json.dumps(_as_json(found)))
    elif found.broken:
        b = found.broken
        click.echo(harmless(f"BROKEN: shard {b.shard}, index {b.index}: {b.kind}. {b.detail}."))
    else:
        _tell(found)
    sys.exit(EXIT_BROKEN if found.broken else 0)


def _tell(found: "Checked") -> None:
    from streams.auditor.ask import story

    for line in story.lines(found.intent_id, story.tell(found.entries)):
        click.echo(line)
    click.echo("")
    click.echo(f"verified: {len(found.entries)} entries, in a tree of {found.size}")
    click.echo(visible(f"    signed by {found.signed_by}"))
    names = ", ".join(found.witnesses) or "nobody whose key was given"
    click.echo(visible(f"    witnessed by {names}"))
    keys = "verified" if found.approvers_checked else "not checked: no approver's key was given"
    click.echo(f"    approvers' signatures: {keys}")
    click.echo(visible(f"    policy: {found.policy}"))
    click.echo("    not shown: that the intent has no further entries")


def _as_json(found: "Checked") -> dict[str, Any]:
    return {
        "verified": found.broken is None,
        "intent_id": found.intent_id,
        "entries": len(found.entries),
        "broken": asdict(found.broken) if found.broken else None,
        "signed_by": found.signed_by,
        "witnesses": list(found.witnesses),
        "approvers_checked": found.approvers_checked,
        "policy": found.policy,
    }
