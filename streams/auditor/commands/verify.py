"""`phigate audit verify` and `keys`."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import secrets
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams import extras
from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY, FILE, pins_of, where
from streams.auditor.commands.place import AuditPlace, proved
from streams.commandline import Lone
from streams.errors import PhigateError

if TYPE_CHECKING:
    from streams.auditor.proof.check import LogReport
    from streams.settings import Settings


@click.command(cls=Lone)
@click.option(
    "--head",
    "head_file",
    type=FILE,
    help="Compare with the heads in this file, then write the new ones to it.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Follow one intent in N: its fold and its signatures. [default: every one]",
)
@click.option(
    "--notes", "notes_file", type=FILE, help="More notes: a file that `audit witness` wrote."
)
@proved
def verify(
    *,
    place: AuditPlace,
    notes_file: Path | None,
    head_file: Path | None,
    sample: int,
    as_json: bool,
) -> None:
    """Walk every entry of the audit and name the first break.

    Checked: every note's signature, and each cosignature of a witness whose key is given; that the
    entries give every root that was signed, none missing; that the notes that had to be there are
    there; that each event is the one under the leaf; that no intent was granted twice; that the
    note over all shards holds. And of every intent (or one in N): that the gate's rules, run again
    here, give the same consequence, so quorums too; the approvers' and executors' own signatures,
    where their keys are pinned (the directory's, or --pins); that a ruling names rules of its
    policy. Public keys are all that is needed. It uses 32 bytes of memory an entry and 2 KB an
    intent that is followed.

    Not proven by this command:

    \b
      - that nothing was cut off at the end, or that whoever holds the audit's
        private key did not write another history. A --head file from earlier
        runs, kept away from the cluster, shows that; so do witnesses (--witness).
      - that the gate masked and read the clock correctly at the door.
      - that nothing reached the gate which it never wrote down.

    \b
      phigate audit verify
      phigate audit verify --head ~/audit-heads.json
      phigate audit verify --file audit.jsonl --pins keys.json --json
      phigate audit verify --witness "w1+1a2b…" --witness "w2+3c4d…" --quorum 2

    Exit code: 0 verified, 1 broken, 2 somebody must act, 3 there are no entries.
    """
    from streams.auditor.proof import result
    from streams.auditor.proof.check import check, load_heads, save_heads
    from streams.auditor.read import source

    pins = place.pinned()
    heads = load_heads(head_file) if head_file else {}
    with place.read(notes=True) as records:
        report = check(
            chain(source.from_file(notes_file) if notes_file else (), records),
            pins,
            heads=heads,
            shards=records.shards,
            sample=sample,
            salt=secrets.randbits(32),
            quorum=place.quorum,
            policies=_policies(place),
        )
    behind = {} if place.file else _behind(place.settings, report)
    if head_file and not report.broken and report.entries:
        save_heads(head_file, report.heads)
    if as_json:
        click.echo(json.dumps(result.as_json(report, behind)))
    else:
        result.show(report, behind, pinned=bool(heads), approvers=bool(pins.people), sample=sample)
    sys.exit(_exit_code(report))


def _exit_code(report: "LogReport") -> int:
    if report.broken:
        return EXIT_BROKEN
    return 0 if report.entries else EXIT_EMPTY


def _policies(place: AuditPlace) -> dict[str, frozenset[str]]:
    """Return the rules' names of the policy set at hand, by its revision."""
    folder = None if place.file else place.settings.policies
    if folder is None or not folder.exists():
        return {}
    if not extras.has("gate"):
        click.echo(
            "rules' names are not held against the policy: that takes phigate[gate]", err=True
        )
        return {}
    from streams.policy import PolicySet
    from streams.policy.files import read_policies

    found = PolicySet.load(*read_policies(folder))
    return {found.revision: frozenset(rule.id for rule in found.rules)}


def _behind(settings: "Settings", report: "LogReport") -> dict[int, int]:
    """Return by how many events the audit of each shard is behind `cases`; less than 0: ahead."""
    from streams.auditor.read import source

    heads = report.heads
    try:
        ends = source.ends(settings, "cases")
    except PhigateError:
        return {}  # it is told for information, and many an auditor may not read `cases`
    nexts = {
        shard: heads[shard].first + heads[shard].size if shard in heads else 0 for shard in ends
    }
    return {shard: high - nexts[shard] for shard, (_, high) in ends.items()}


@click.command(cls=Lone)
@click.option(
    "--witness", "witness_texts", multiple=True, metavar="TEXT", help="A witness's key to add."
)
@where
def keys(home: Path | None, bootstrap: str | None, witness_texts: tuple[str, ...]) -> None:
    """Print the public keys that a verifier needs, as a file for --pins.

    \b
      phigate audit keys > keys.json
    """
    from streams.auditor.proof import pins

    found = pins_of(home, bootstrap, (), None, witness_texts)
    click.echo(json.dumps(pins.as_json(found), indent=1))
