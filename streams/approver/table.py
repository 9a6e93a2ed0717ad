"""What the approver's commands print: the inbox as a table, one request, the gate's answer."""

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams import plain, reasons, times
from streams.approver import judge, screen
from streams.events import (
    Assurance,
    AuditEntry,
    Consequence,
    Effected,
    Request,
    RouteProgress,
    State,
)
from streams.gate.view import View, view_digest, view_of
from streams.wire import codec

if TYPE_CHECKING:
    from streams.approver.box import Inbox
    from streams.approver.client import Approver, SentDecision

NOISE_MS = 2_000  # stamps are not taken at the same moment
LATE_MS = 60_000  # the fold closes within seconds
COLUMNS = ("id", "what", "who", "PHI", "agreed", "left")


def waits_for(request: Request, approver: "Approver", now_ms: int) -> bool:
    """Return whether this person can still do something about the request.

    The gate says whether it is open, not this machine's clock.
    """
    return request.state is State.PENDING and not judge.doubt(request, approver.reviewer(now_ms))


def clock_words(found: "Inbox", now_ms: int) -> str:
    """Return what is odd about this machine's clock, by the broker's stamps and open requests."""
    behind_ms = found.newest_ms - now_ms
    if behind_ms > NOISE_MS:
        return f"This machine's clock is behind the broker's by {times.words(behind_ms)} or more."
    late = [
        each
        for each in found.requests
        if each.state is State.PENDING and now_ms > each.deadline_ms + LATE_MS
    ]
    if late:
        return (
            f"By this machine's clock the time of {len(late)} open requests is over, and the gate "
            "has not closed them: the clock is ahead, or no fold worker runs."
        )
    return ""


def print_inbox(
    found: "Inbox",
    listed: Sequence[Request],
    person: str,
    now_ms: int,
    console: Console | None = None,
) -> None:
    """Print the table, and a line for what could not be read or is not shown."""
    out = console or Console(highlight=False)
    if listed:
        ids = screen.short_ids(each.intent_id for each in found.requests)
        out.print(_table(listed, ids, now_ms))
        out.print("Read one with: phigate show ID", soft_wrap=True)
    else:
        out.print(Text(_nothing(found, person)))
    if clock := clock_words(found, now_ms):
        out.print(Text(clock))
    if found.left_out:
        text = f"{found.left_out} more are open: too many to list. Those shown end first."
        more = "Answer them by their id, or halt whoever asks so much: phigate halt --agent NAME"
        out.print(Text(f"{text} {more}"), soft_wrap=True)
    if found.unreadable:
        out.print(Text(f"{found.unreadable} records could not be read and were passed over."))
    if found.forged:
        text = f"{len(found.forged)} requests are not signed by the gate and are not shown."
        out.print(Text(f"{text} Tell the operator: somebody else writes to `requests`."))


def _nothing(found: "Inbox", person: str) -> str:
    others = sum(1 for each in found.requests if each.state is State.PENDING)
    whose = f"Nothing waits for {plain.visible(person)}." if person else "There are no requests."
    return f"{whose} {others} wait for others: phigate inbox --all" if others else whose


def _table(listed: Iterable[Request], ids: dict[str, str], now_ms: int) -> Table:
    table = Table(box=None, pad_edge=False, show_lines=False, padding=(0, 2, 1, 0))
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    table.columns[0].no_wrap = True
    for each in listed:
        view = view_of(each)
        cells = (
            plain.visible(ids[each.intent_id]),
            _what(view),
            _who(view),
            _phi(view),
            _agreed(each),
            _left(each, now_ms),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _what(view: View) -> str:
    named = f"{view.resource.type} {view.resource.id}"
    return f"{plain.visible(view.action)}\n{plain.visible(named)}"


def _who(view: View) -> str:
    behalf = view.on_behalf_of
    agent = plain.visible(view.agent)
    return f"{agent}\nfor {plain.visible(behalf)}" if behalf else agent


def _phi(view: View) -> str:
    kinds = [plain.visible(f"{each.kind} {each.count}") for each in view.phi] or ["none"]
    return "\n".join(kinds if view.whole else [*kinds, "INCOMPLETE"])


def _agreed(request: Request) -> str:
    return "\n".join(
        f"{plain.visible(route.group)} {len(route.approved_by)}/{route.quorum}{_level(route)}"
        for route in request.routes
    )


def _level(route: RouteProgress) -> str:
    return f" {route.assurance}" if route.assurance is not Assurance.KEY else ""


def _left(request: Request, now_ms: int) -> str:
    if request.state is not State.PENDING:
        return str(request.state)
    left = times.words(request.deadline_ms - now_ms)
    return "over, says\nthis clock" if left == "over" else left


def short_of(found: "Inbox", request: Request, typed: int = 0) -> str:
    """Return the short id by which this request is known: no shorter than it was asked for by."""
    short = screen.short_ids(each.intent_id for each in found.requests)[request.intent_id]
    return request.intent_id[: max(typed, len(short))]


def print_request(
    request: Request, now_ms: int, person: str, short: str, console: Console | None = None
) -> None:
    """Print the screen of one request and what can be done about it, by its short id."""
    out = console or Console(highlight=False)
    for line in screen.show(request, now_ms, person=person, width=min(out.width, 100)):
        out.print(Text(line.text, style=line.style), soft_wrap=True)
    if request.state is State.PENDING:
        name = shlex.quote(plain.visible(short))  # an agent chose it
        out.print("")
        seen = f"--digest {view_digest(request)[:8]}"
        if request.whole:
            out.print(Text(f"phigate approve {name} {seen} --reason WHY"), soft_wrap=True)
        out.print(Text(f"phigate deny {name} {seen} --code CODE --reason WHY"), soft_wrap=True)


# ---------------------------------------------------------------- the gate's answer


def answer_words(entry: AuditEntry | None, after: Request | None) -> str:
    """Return in words what became of an answer."""
    if entry is None:
        return (
            "sent, and not yet recorded by the gate. It is not lost: `phigate show` will tell, "
            "once the workers run."
        )
    told = entry.consequence
    words = {
        Effected.COUNTED: f"counted: {_progress(after)}",
        Effected.GRANTED: "granted: all who must agree have agreed; the executor may act, once",
        Effected.DENIED: f"denied: the request is closed ({told.reason})",
        Effected.REPEATED: "recorded before: this very answer was counted already",
    }
    return words.get(told.effected, _refused(told))


def _refused(told: Consequence) -> str:
    return f"refused: {told.reason}: {reasons.words(told.reason)}. The request is as it was."


def _progress(after: Request | None) -> str:
    if after is None:
        return "more people must agree (phigate show tells who)"
    missing = [each for each in after.routes if len(each.approved_by) < each.quorum]
    done = ", ".join(f"{len(r.approved_by)} of {r.quorum} on {r.group}" for r in after.routes)
    still = ", ".join(f"{r.quorum - len(r.approved_by)} of {r.group}" for r in missing)
    return plain.visible(f"{done}; still needed: {still or 'nothing'}")


def answer_json(
    sent: "SentDecision", entry: AuditEntry | None, after: Request | None
) -> dict[str, Any]:
    """Return what became of an answer, for scripts."""
    told = entry.consequence.model_dump(mode="json") if entry else {}
    routes = [route.model_dump(mode="json") for route in after.routes] if after else []
    return {
        "intent_id": sent.intent_id,
        "event_id": sent.event_id,
        "partition": sent.partition,
        "offset": sent.offset,
        "recorded": entry is not None,
        **told,
        "routes": routes,
    }


def as_json(
    found: "Inbox", listed: Iterable[Request], mine: Iterable[Request], now_ms: int
) -> dict[str, Any]:
    """Return the inbox for scripts."""
    waiting = {each.intent_id for each in mine}
    rows = [{**request_json(each), "waits_for_me": each.intent_id in waiting} for each in listed]
    return {
        "requests": rows,
        "unreadable": found.unreadable,
        "forged": list(found.forged),
        "clock": clock_words(found, now_ms),
        "left_out": found.left_out,
    }


def request_json(request: Request) -> dict[str, Any]:
    """Return one request for scripts, with the digest of what a decision on it signs."""
    return {**codec.to_json(request), "view_digest": view_digest(request)}
