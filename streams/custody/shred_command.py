"""`phigate shred`: destroy what can open one intent's payload. Exit codes: 0 done, 1 no, 2, 3."""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.auditor.commands.options import EXIT_BROKEN, EXIT_EMPTY, where
from streams.auditor.commands.place import AS_JSON, AuditPlace
from streams.clock import now_ms
from streams.commandline import Lone, Spoken
from streams.signers import options

if TYPE_CHECKING:
    from streams.auditor.ask.summary import Summary
    from streams.custody.shred import Shredded
    from streams.signers.choose import SignerName


@click.command(cls=Lone)
@click.argument("intent", metavar="INTENT")
@click.option(
    "--reason", type=Spoken(), required=True, help="Why; masked and kept; @FILE, or - for stdin."
)
@options.signs(options.AS, options.KEY, options.SSH_AGENT)
@click.option("--open-too", is_flag=True, help="Also where nobody has decided yet.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@AS_JSON
@where
def shred(  # noqa: PLR0913 - the options of one command
    *,
    home: Path | None,
    bootstrap: str | None,
    intent: str,
    reason: str,
    who: "SignerName",
    open_too: bool,
    yes: bool,
    as_json: bool,
) -> None:
    r"""Destroy what can open the payload of INTENT; every proof of it still verifies.

    The intent's share of the gate's master and release keys is destroyed in the key files of this
    machine: run it where admit and fold have theirs, once on each machine, and see to backups of
    these files. Its events in the audit are erased; leaves, digests and signatures stay. An officer
    signs the order, which stands in the log. A legal hold on it is a no.

    To Kafka it is auditor, officer and audit: it needs the credentials of these roles.

    The raw intent and a published grant are under other keys and end by retention: it prints when.

    Exit codes: 0 done, also where it was done before; 1 the answer is no (held, still open);
    2 somebody must act; 3 no such intent.

    \b
    Examples:
      phigate shred 0192a7c4-11aa-7000-8000-000000000001 --as sam --reason "Erasure request 26-114"
      phigate shred 0192a7c4-11aa-7000-8000-000000000001 --as sam --reason "…" --yes --json
    """
    from streams.custody import shred as host

    place = AuditPlace(home, bootstrap)
    found = _summary(place, intent.lower())
    why, hint = host.objection(place.settings, found, open_too=open_too)
    if why:
        click.echo(f"{found.intent_id} is not shredded: {why}\n{hint}", err=True)
        sys.exit(EXIT_BROKEN)
    if not yes:
        _ask(found)
    order = _order(place, found.intent_id, who, reason)
    done = host.shred(place.settings, found, now_ms())
    _say(done, order, as_json=as_json)


def _summary(place: AuditPlace, intent_id: str) -> "Summary":
    from streams.auditor.commands.place import indexed

    with indexed(place) as index:
        found = list(index.intents("intent_id = ?", (intent_id,)))
    if not found:
        click.echo("The audit has no such intent; give its whole id.", err=True)
        sys.exit(EXIT_EMPTY)
    return found[0]


def _order(place: AuditPlace, intent_id: str, who: "SignerName", reason: str) -> str:
    """Sign and send the order; return the id of the event that it becomes. OperatorError."""
    from streams.control.client import Desk
    from streams.directory import Directory
    from streams.signers import choose
    from streams.wire.credential import as_role

    settings = place.settings
    directory = Directory.load(settings.directory)
    signer = choose.officer(settings, directory, who)
    desk = Desk(as_role(settings, "officer"), directory, signer)
    sent = desk.shred(intent_id, reason, now_ms())
    if not sent.counts:
        click.echo(
            "the order was sent and does not count, so nothing was shredded: is this machine's "
            "clock right, and the officer active?",
            err=True,
        )
        sys.exit(EXIT_BROKEN)
    return sent.event_id


def _ask(intent: "Summary") -> None:
    """Ask on a terminal; anywhere else, --yes says that it is meant."""
    if not sys.stdin.isatty():
        raise click.UsageError("This cannot be undone: give --yes where nobody can be asked.")
    state = intent.state or "refused"
    click.echo(f"{intent.intent_id}: {intent.action or 'refused at the door'}, {state}", err=True)
    click.confirm("Nobody will read its payload again. Shred it?", abort=True, err=True)


def _say(done: "Shredded", order: str, *, as_json: bool) -> None:
    from streams import times

    if as_json:
        click.echo(
            json.dumps(
                {
                    "intent_id": done.intent_id,
                    "order_event_id": order,
                    "keys": [{"file": str(path), "had_it": had} for path, had in done.keys],
                    "events_erased": done.erased,
                    "payload_gone_ms": done.payload_gone_ms,
                    "left": [
                        {
                            "where": each.where,
                            "what": each.what,
                            "opens_payload": each.opens,
                            "gone_ms": each.gone_ms,
                        }
                        for each in done.left
                    ],
                }
            )
        )
        return
    for path, had in done.keys:
        click.echo(f"{path}: {'its share is destroyed' if had else 'had no share of it any more'}")
    click.echo(f"audit: {done.erased} events erased; their leaves and proofs stand")
    click.echo(f"order: event {order} of the log")
    for each in done.left:
        until = "stays" if each.gone_ms is None else f"gone by {times.moment(each.gone_ms)}"
        click.echo(f"left {until}: {each.where}: {each.what}")
    click.echo(f"The payload's last copy is gone by {times.moment(done.payload_gone_ms)}.")
