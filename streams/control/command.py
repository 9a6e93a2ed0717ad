"""`phigate halt | resume | halts | revoke | cancel`: the kill switch.

Exit codes: 0 it is in force, 1 the answer is no, 2 somebody must act (a key),
5 the broker is away.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import functools
import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.clock import now_ms
from streams.commandline import AS_JSON, Lone, Spoken, where
from streams.exits import Exit
from streams.signers import options

if TYPE_CHECKING:
    from streams.control.client import Desk, SentOrder
    from streams.control.scope import Scope
    from streams.directory import Directory
    from streams.settings import Settings
    from streams.signers.choose import SignerName


@dataclass(frozen=True)
class _At:
    """What the common options say: where, by whom, and how to print."""

    home: Path | None
    bootstrap: str | None
    as_json: bool
    who: "SignerName | None" = None

    def where(self, role: str = "officer") -> "tuple[Settings, Directory]":
        """Return settings, with Kafka's credential of the role, and the directory."""
        from streams.directory import Directory
        from streams.settings import load_settings
        from streams.wire.credential import as_role

        settings = load_settings(home=self.home, bootstrap=self.bootstrap)
        return as_role(settings, role), Directory.load(settings.directory)

    def desk(self, *, agent: str = "") -> "Desk":
        """Return the desk of an officer, or of the agent."""
        from streams.control.client import Desk
        from streams.signers import choose

        settings, directory = self.where("agent" if agent else "officer")
        who = self.who or choose.SignerName()
        if agent:
            named = choose.SignerName(agent, who.file)
            return Desk(settings, directory, choose.agent(settings, directory, named))
        return Desk(settings, directory, choose.officer(settings, directory, who))

    def say(self, sent: "SentOrder", done: str, **more: object) -> None:
        """Print what came of an order; leave with 1 where it is not in force."""
        if self.as_json:
            told = {"in_force": sent.counts, "id": sent.subject_id, "event_id": sent.event_id}
            click.echo(json.dumps({**told, **more}))
        elif sent.counts and done:
            click.echo(done)
        if not sent.looked:
            click.echo(
                "the order was sent, and the broker has it; whether it is in force could not be "
                "read in time. See `phigate halts`",
                err=True,
            )
            sys.exit(Exit.AWAY)
        if not sent.counts:
            click.echo(
                "the order was sent and does not count: this machine's clock may be wrong, or "
                "another officer's newer order stands against it. See `phigate halts`",
                err=True,
            )
            sys.exit(Exit.NO)


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command here takes, and give what they say as one value."""

    @where
    @AS_JSON
    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        own = {n: given.pop(n) for n in ("home", "bootstrap", "as_json", "who") if n in given}
        command(_At(**own), **given)

    return wrapped


_REASON = click.option(
    "--reason", type=Spoken(), required=True, help="Why; @FILE, or - for stdin. It is masked."
)


def _officer(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of an officer, who signs an order."""
    return options.signs(options.AS, options.KEY, options.SSH_AGENT)(_REASON(command))


def _agent(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of an agent, which signs a cancel."""
    return options.signs(options.AGENT_KEY)(_REASON(command))


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    """Add the four ways to say what is meant; exactly one of them."""

    @click.option("--all", "everything", is_flag=True, help="Everything.")
    @click.option("--agent", help="All that this agent asks for.")
    @click.option("--action", help="This action, whoever asks for it.")
    @click.option("--resource", help="Type/id, as the directory's catalogue has it.")
    @functools.wraps(command)
    def wrapped(*args: Any, everything: bool, **given: Any) -> None:
        named = {kind: given.pop(kind) for kind in ("agent", "action", "resource")}
        said = [f"{kind}:{name}" for kind, name in named.items() if name is not None]
        said += ["all"] if everything else []
        if len(said) != 1:
            raise click.UsageError("Say one of --all, --agent, --action and --resource.")
        from streams.control.scope import Scope

        command(*args, scope=Scope.parse(said[0]), **given)

    return wrapped


@click.command(cls=Lone)
@_officer
@_common
@_scoped
def halt(at: _At, scope: "Scope", reason: str) -> None:
    r"""Stop what agents may do, at once: everything, an agent, an action or a resource.

    When this returns, no executor begins a run within the halt any more, whatever was approved; a
    run that has begun is not stopped. What was granted before never runs, not even after the
    resume: agents ask again. New intents are refused with the reason `halted`.

    Exit codes: 0 it is in force, 1 it is not, 2 somebody must act.

    \b
    Examples:
      phigate halt --all --reason "Leak in the export job" --as sam
      phigate halt --agent report-bot --reason "Its key may be stolen" --as sam
      phigate halt --action data.export --reason "Until Monday" --as sam
      phigate halt --resource Database/clinic --reason "Migration" --as sam
    """
    sent = at.desk().halt(scope, reason, now_ms())
    at.say(sent, f"halted: {scope.text}", scope=scope.text)


@click.command(cls=Lone)
@_officer
@_common
@_scoped
def resume(at: _At, scope: "Scope", reason: str) -> None:
    r"""Lift a halt: say exactly what was halted, as `phigate halts` shows it.

    Another halt that covers the same stays in force.

    Exit codes: 0 it is lifted, 1 it is not, or nothing was halted, 2 somebody must act.

    \b
    Examples:
      phigate resume --all --reason "The job is mended" --as sam
      phigate resume --agent report-bot --reason "New key" --as sam
    """
    sent = at.desk().resume(scope, reason, now_ms())
    at.say(sent, f"resumed: {scope.text}", scope=scope.text)


@click.command(cls=Lone)
@_common
def halts(at: _At) -> None:
    r"""List the halts in force, as every executor sees them.

    The reason stands in the audit: `phigate audit show ID`.

    \b
    Examples:
      phigate halts
      phigate halts --json
    """
    from streams.control.client import listed
    from streams.control.reader import read
    from streams.plain import visible
    from streams.times import moment

    found = [listed(order) for order in read(*at.where()).halts()]
    if at.as_json:
        click.echo(json.dumps({"halts": found}))
        return
    for each in found:
        when = moment(int(str(each["at_ms"])))
        click.echo(visible(f"{each['scope']}  since {when}  by {each['by']}  id {each['id']}"))
    if not found:
        click.echo("Nothing is halted.")


@click.command(cls=Lone)
@click.argument("intent_id", metavar="INTENT")
@click.option(
    "--wait",
    type=float,
    default=5.0,
    show_default=True,
    help="Seconds to wait for the gate's word.",
)
@_officer
@_common
def revoke(at: _At, intent_id: str, reason: str, wait: float) -> None:
    r"""Revoke one intent, whether it was approved or not; it can never run after this.

    A run that has begun is not stopped: its outcome is recorded with the case. Where it had run or
    ended otherwise before, the gate says so.

    Exit codes: 0 it is revoked for every executor, 1 it is not, or it came too late, 2 somebody
    must act.

    \b
    Example:
      phigate revoke 0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c10 --reason "Wrong patient" --as sam
    """
    from streams.control.seen import Audit

    whole, desk = _whole(intent_id), at.desk()
    audit = Audit.now(desk.settings, desk.directory) if wait else None
    sent = desk.revoke(whole, reason, now_ms())
    told = audit.consequence(sent.event_id, whole, wait) if audit else None
    refused = told.reason if told and told.effected == "refused" else None
    recorded = told is not None and refused is None
    done = "" if recorded else " (executors obey; the gate has not recorded it yet)"
    at.say(sent, "" if refused else f"revoked: {whole}{done}", recorded=recorded, refused=refused)
    if refused:
        click.echo(
            f"too late: {refused}. No executor begins it any more; see what came of it:", err=True
        )
        click.echo(f"  phigate audit show {whole}", err=True)
        sys.exit(Exit.NO)


@click.command(cls=Lone)
@click.argument("intent_id", metavar="INTENT")
@click.option("--agent", required=True, help="The agent whose intent it is.")
@_agent
@_common
def cancel(at: _At, intent_id: str, agent: str, reason: str) -> None:
    r"""Cancel an intent, as the agent that proposed it; signed with the agent's own key.

    A run that has begun is not stopped. Exit codes: 0 it is cancelled for every executor, 1 it is
    not, or it came too late: it had run, or was refused before; 2 somebody must act. The gate
    refuses to cancel another agent's intent.

    \b
    Example:
      phigate cancel 0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c10 --agent report-bot --reason "Not needed"
    """
    from streams.control.ended import too_late, verdict_of

    desk = at.desk(agent=agent)
    sent = desk.cancel(_whole(intent_id), reason, now_ms())
    late = too_late(verdict_of(desk.settings, intent_id))
    at.say(sent, "" if late else f"cancelled: {intent_id}", too_late=late)
    if late:
        click.echo(f"too late: {late}. `phigate wait {intent_id} --outcome` shows it", err=True)
        sys.exit(Exit.NO)


def _whole(intent_id: str) -> str:
    try:
        if str(uuid.UUID(intent_id)) == intent_id:
            return intent_id
    except ValueError:
        pass
    raise click.UsageError("INTENT is the whole id of an intent, as `phigate propose` prints it.")
