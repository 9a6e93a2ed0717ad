"""`phigate audit`: the group, and reading one intent or all of it; the rest is in its own modules.

Exit codes: 0 verified (shown, exported, proven), 1 the evidence is broken, 2 somebody must act,
3 there is nothing to verify or no such intent.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.auditor.commands.options import (
    EXIT_BROKEN,
    EXIT_EMPTY,
    FILE,
    candidates,
    common,
    pins_of,
    reading,
)
from streams.commandline import Rooms
from streams.errors import SettingsError

if TYPE_CHECKING:
    from streams.auditor.read.source import Stored
    from streams.events import AuditEntry
    from streams.signing import PublicKey


_BESIDE = "streams.auditor.commands."
COMMANDS = {
    "verify": (_BESIDE + "verify:verify", "Walk every entry and name the first break."),
    "keys": (_BESIDE + "verify:keys", "Print the public keys that a verifier needs."),
    "prove": (_BESIDE + "prove:prove", "Write one file that proves an intent's history."),
    "check": (_BESIDE + "prove:check", "Check a file that `prove` wrote."),
    "witness": (_BESIDE + "witness:witness", "See that each tree only grows, and cosign it."),
    "search": (_BESIDE + "ask:search", "Find intents by who, what, how, why and when."),
    "report": (_BESIDE + "ask:report", "Write a report for examiners."),
    "export": (_BESIDE + "export:export", "Take the audit along: a file, or a SIEM's stream."),
    "retention": ("streams.custody.keep_command:retention", "What is kept, and for how long."),
    "hold": ("streams.custody.keep_command:hold", "Legal holds: what may not be erased."),
}


@click.group(cls=Rooms, table=COMMANDS)
def audit() -> None:
    """Verify and read the evidence: what was asked, who decided, what was done.

    \b
      phigate audit verify                      walk every entry, name the first break
      phigate audit show 0192a7c4               the story of one intent
      phigate audit prove 0192a7c4 proof.json   one file that proves it
      phigate audit check proof.json            check such a file alone
      phigate audit witness --sign w.key        cosign what is consistent
      phigate audit search --verdict expired    find intents
      phigate audit report --framework hipaa --out q4.html            for examiners
      phigate audit export audit.jsonl          take it along; OCSF, CSV, a SIEM, too
      phigate audit keys > keys.json            the public keys that a verifier needs
      phigate audit verify --file audit.jsonl --pins keys.json        anywhere, offline
    """


@audit.command()
@click.argument("intent")
@click.option("--pins", "pins_file", type=FILE, help="A file that `audit keys` wrote.")
@common
def show(  # noqa: PLR0913, PLR0917 - each an option of the command
    home: Path | None,
    bootstrap: str | None,
    file: Path | None,
    intent: str,
    pins_file: Path | None,
    as_json: bool,
) -> None:
    """Tell the story of one intent: asked, ruled, each answer, verdict, outcome.

    INTENT is its id or a beginning that no other intent shares. Times are the gate's clock. An
    event that was changed is not quoted, nor an entry that the audit's keys did not sign: those of
    --pins or of this machine's directory, if it has one. Then the exit code is 1. `phigate audit
    verify` tells whether all is there.

    \b
      phigate audit show 0192a7c4
    """
    from streams.auditor.ask import story

    with reading(home, bootstrap, file) as records:
        found = entries_of(intent.lower(), records)
    if not found:
        click.echo("No entry of the audit is of an intent whose id begins so.", err=True)
        sys.exit(EXIT_EMPTY)
    if len(found) > 1:
        raise candidates(found)
    intent_id, entries = next(iter(found.items()))
    chapters = story.tell(entries, _keys(home, bootstrap, pins_file))
    if as_json:
        click.echo(json.dumps(story.as_json(intent_id, chapters)))
    else:
        for line in story.lines(intent_id, chapters):
            click.echo(line)
    wrong = sum(1 for each in chapters if not each.genuine)
    if wrong:
        click.echo(f"{wrong} entries are not genuine: run phigate audit verify", err=True)
        sys.exit(EXIT_BROKEN)


def _keys(
    home: Path | None, bootstrap: str | None, pins_file: Path | None
) -> "Sequence[PublicKey]":
    """Return the audit's keys: pinned, or this machine's directory's; none where it has none."""
    try:
        return pins_of(home, bootstrap, (), pins_file, ()).audit
    except SettingsError:
        return ()


def entries_of(prefix: str, records: Iterable["Stored"]) -> dict[str, list["AuditEntry"]]:
    """Return the entries of every intent whose id begins so."""
    from streams.audit.report import Unreadable
    from streams.auditor.proof.check import read

    found: dict[str, list[AuditEntry]] = {}
    for record in records:
        _, item = read(record, changed=True)
        if not isinstance(item, Unreadable) and item.intent_id.startswith(prefix):
            found.setdefault(item.intent_id, []).append(item)
    return found
