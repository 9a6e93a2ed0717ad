"""`phigate inbox | show | approve | deny`: the approver's commands.

Exit codes: 0 done (your answer counted), 1 the answer is no (refused by the gate, or not fit to be
signed), 2 somebody must act, 3 no such request, 4 the gate has not answered in time, 5 the broker
is away.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them: `--help` is quick

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from streams import clock
from streams.approver.who import Who, common
from streams.commandline import Lone, Spoken
from streams.exits import Exit

if TYPE_CHECKING:
    from streams.approver.client import Approver, SentDecision
    from streams.events import Answer, AuditEntry, Request

WAIT_S = 20.0


# ---------------------------------------------------------------- inbox and show


@click.command(cls=Lone)
@click.option("--all", "everything", is_flag=True, help="Open requests, whoever is asked.")
@click.option("--closed", is_flag=True, help="Closed ones as well; with --all.")
@click.option("--agent", default="", help="Of this agent alone.")
@click.option("--action", default="", help="Of this action alone.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many."
)
@common
def inbox(  # noqa: PLR0913 - the options of one command
    who: Who, *, everything: bool, closed: bool, agent: str, action: str, limit: int
) -> int:
    """List the requests that wait for you, the soonest to end first.

    A request waits for you where a rule asks one of your groups, it is still open, you have not
    agreed to it yet, and it is not your own: nobody reviews what an agent of theirs asks, or what
    is asked in their name.

    \b
      phigate inbox --as dana
      phigate inbox --all --agent report-bot
      phigate inbox --all --closed --json
    """
    from streams.approver import table
    from streams.events import State

    approver = who.open(signing=False)
    now_ms = clock.now_ms()
    found = approver.requests(closed=closed)
    mine = [each for each in found.requests if table.waits_for(each, approver, now_ms)]
    every = everything or closed or not approver.person
    wanted = [
        each
        for each in (found.requests if every else mine)
        if (closed or each.state is State.PENDING)
        and agent in {"", each.agent}
        and action in {"", each.action}
    ]
    listed = wanted[:limit]
    if who.as_json:
        said = table.as_json(found, listed, mine, now_ms)
        click.echo(json.dumps({**said, "left_off": len(wanted) - len(listed)}))
        return 0
    table.print_inbox(found, listed, approver.person, now_ms)
    if len(wanted) > len(listed):
        click.echo(f"{len(wanted) - len(listed)} more: --limit, --agent and --action choose")
    return 0


@click.command(cls=Lone)
@click.argument("id_", metavar="ID")
@common
def show(who: Who, id_: str) -> int:
    """Show one request: who wants what, why you are asked, how long is left.

    ID is the request's id or a beginning of it that no other request shares. What was found to be
    PHI is masked; <PERSON_1> is the same value wherever it stands, letter by letter, and
    <PERSON_1?2> perhaps the same person. Characters that would not show as themselves are written
    as escapes such as \\u202e.

    \b
      phigate show 0192a7c4 --as dana
    """
    from streams.approver import table

    approver = who.open(signing=False)
    found = approver.found(id_)
    request = found.find(id_)
    if who.as_json:
        click.echo(json.dumps(table.request_json(request)))
    else:
        short = table.short_of(found, request, len(id_))
        table.print_request(request, clock.now_ms(), approver.person, short)
        if odd := table.clock_words(found, clock.now_ms()):
            click.echo(odd, err=True)
    return 0


# ---------------------------------------------------------------- approve and deny


def _answer_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option(
            "--anyway",
            is_flag=True,
            help="Send it also where it cannot count; the gate will say so.",
        ),
        click.option(
            "--wait",
            "wait_s",
            type=click.FloatRange(min=0),
            default=WAIT_S,
            show_default=True,
            help="Seconds to wait for the gate's answer.",
        ),
        click.option(
            "--digest",
            default="",
            help="Only if the view's digest begins so: the one that `show` printed.",
        ),
        click.option(
            "--reason",
            type=Spoken(),
            required=True,
            help="Why, in your words; @FILE, or - for stdin.",
        ),
    )
    for option in options:
        command = option(command)
    return command


@click.command(cls=Lone)
@click.argument("id_", metavar="ID")
@click.option("--code", default="approved", show_default=True, help="A short code, snake_case.")
@_answer_options
@common
def approve(who: Who, id_: str, code: str, **rest: Any) -> int:
    """Agree to a request, and learn at once whether it counts.

    Your key signs all that `phigate show` prints of what is asked, by whom and for whom, and a
    digest of your reason. The reason itself is sealed for the gate, masked there, and kept.

    \b
      phigate approve 0192a7c4 --as dana --reason "discharge list, agreed with the ward"
      echo "agreed with the ward" | phigate approve 0192a7c4 --as dana --reason -
    """
    return _decide(who, id_, "approve", code, **rest)


@click.command(cls=Lone)
@click.argument("id_", metavar="ID")
@click.option("--code", required=True, help="Why, as a short code (see above), snake_case.")
@_answer_options
@common
def deny(who: Who, id_: str, code: str, **rest: Any) -> int:
    """Say no to a request. One no of somebody who is asked ends it.

    Usual codes; any other in snake_case is taken as well:

    \b
      not_necessary    the purpose can be met without it
      too_broad        more people, rows or fields than the purpose needs
      wrong_patient    it names another patient than it should
      wrong_recipient  it goes to somebody who should not have it
      unclear_purpose  the justification does not say what it is for
      policy           a rule of the house forbids it
      other            none of these; say it in the reason

    The agent is told the code, and the reason with PHI masked.

    \b
      phigate deny 0192a7c4 --as dana --code too_broad --reason "one ward is enough"
    """
    return _decide(who, id_, "deny", code, **rest)


def _decide(  # noqa: PLR0913 - the options of one command
    who: Who,
    id_: str,
    answer: str,
    code: str,
    *,
    reason: str,
    digest: str,
    wait_s: float,
    anyway: bool,
) -> int:
    from streams.errors import RefusedError
    from streams.events import Answer, Effected
    from streams.gate.view import view_digest

    approver = who.open(signing=True)
    request = approver.request(id_)
    if not view_digest(request).startswith(digest):
        raise RefusedError("nothing was signed: this is not the view that you read")
    now_ms = clock.now_ms()
    choice = Answer(answer)
    _warn_or_stop(approver, request, choice, now_ms, anyway=anyway)
    sent = approver.decide(request, choice, code, reason, now_ms=now_ms)
    with _waiting("waiting for the gate's answer"):
        entry = approver.recorded(sent, wait_s)
        counted = entry is not None and entry.consequence.effected is Effected.COUNTED
        after = approver.progress(request.intent_id, entry) if entry and counted else None
    return _tell(who, sent, entry, after)


def _warn_or_stop(
    approver: "Approver", request: "Request", answer: "Answer", now_ms: int, *, anyway: bool
) -> None:
    """Refuse to sign what nobody could have read, or what the gate would refuse."""
    from streams import reasons
    from streams.approver import judge
    from streams.errors import RefusedError

    judge.shown(request)
    obstacle = judge.obstacle(request, answer, now_ms)
    if obstacle and not anyway:
        raise RefusedError(
            f"nothing was signed: {reasons.words(obstacle)}",
            code=obstacle,
            hint=f"phigate show {request.intent_id}",
        )
    doubt = "unknown_person" if approver.known else "unknown_key"
    if approver.active and approver.known:
        doubt = judge.doubt(request, approver.reviewer(now_ms, signing=True), answer)
    if doubt and not anyway:
        raise RefusedError(
            f"nothing was signed, since the gate would refuse it: {reasons.words(doubt)}",
            code=doubt,
            hint="--anyway sends it all the same",
        )
    if doubt:
        click.echo(f"The gate will likely refuse this: {reasons.words(doubt)}.", err=True)


def _waiting(what: str) -> Any:
    from rich.console import Console

    return Console(stderr=True).status(what)


def _tell(
    who: Who, sent: "SentDecision", entry: "AuditEntry | None", after: "Request | None"
) -> int:
    from streams.approver import table
    from streams.events import Effected

    if who.as_json:
        click.echo(json.dumps(table.answer_json(sent, entry, after)))
    else:
        click.echo(table.answer_words(entry, after))
    if entry is None:
        return Exit.LATE
    return Exit.NO if entry.consequence.effected is Effected.REFUSED else 0
