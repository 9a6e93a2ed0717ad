"""A request as a person reads it: plain lines within a width, and the table of the inbox.

Every text that an agent can influence goes through `plain.visible`, and the masked request stands
behind a gutter, so that no line of it can pass for a line of this screen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from streams import plain, times
from streams.approver import judge
from streams.errors import RefusedError
from streams.events import Answer, Assurance, Request, Requester, RouteProgress, Said, State
from streams.gate.view import View, view_digest, view_of

WIDTH: Final = 80
GUTTER: Final = "  │ "
ID_CHARS_MIN: Final = 8
_LABEL: Final = 14


@dataclass(frozen=True)
class ScreenLine:
    """One line of the screen; `style` is for a terminal that has colours, and says nothing new."""

    text: str
    style: str = ""


def show(
    request: Request, now_ms: int, *, person: str = "", width: int = WIDTH
) -> list[ScreenLine]:
    """Return the screen of one request, each line at most `width` terminal cells wide."""
    view = view_of(request)
    sections = (
        ("WHO", _who(view)),
        ("WHAT", [("action", view.action)]),
        ("ON WHAT", [(view.resource.type, view.resource.id)]),
        ("PHI", _phi(view)),
        *([("FACTS", [_fact(each) for each in view.facts])] if view.facts else []),
        ("WHY ASKED", _why(view)),
        ("WHO MUST AGREE", [_route(route) for route in request.routes]),
        *([("DECIDED BY", [_said(said) for said in request.reviews])] if request.reviews else []),
        ("TIME LEFT", _time(request, now_ms)),
    )
    lines = [*_head(request, person, width), ScreenLine("")]
    for title, rows in sections:
        lines.append(ScreenLine(title, "bold"))
        for label, text in rows:
            lines += _row(label, text, width)
    return [
        *lines,
        ScreenLine(""),
        *_request(request, width),
        ScreenLine(""),
        *_signed(request, width),
    ]


def _head(request: Request, person: str, width: int) -> Iterator[ScreenLine]:
    style = "bold yellow" if request.state is State.PENDING else "bold"
    yield ScreenLine(_cut(f"Request {request.intent_id}: {request.state}", width), style)
    if person and person in request.excluded:
        why = (
            "You may not agree to this one: you, or somebody for you, ask for it. You may deny it."
        )
        yield from _warn(why, width)
    elif person and judge.has_agreed(request, person):
        yield from _warn("You have agreed to this one.", width)


def _title(text: str, width: int) -> list[ScreenLine]:
    return [ScreenLine(line, "bold") for line in plain.fold(text, width)]


def _warn(text: str, width: int) -> list[ScreenLine]:
    return [ScreenLine(line, "bold red") for line in plain.fold(text, width)]


_WORD: Final[Mapping[Requester, str]] = {
    Requester.ALLOWED: "the directory, which lets this agent act for them",
    Requester.PROVEN: "that person, who signed this request",
}


def _who(view: View) -> list[tuple[str, str]]:
    rows = [("agent", view.agent), ("owned by", f"{view.owner} (may not review)")]
    if view.on_behalf_of:
        word = _WORD.get(view.requester)
        behalf = ("on behalf of", f"{view.on_behalf_of} (may not review)")
        return [*rows, behalf, *([("on the word of", word)] if word else [])]
    return [*rows, ("on behalf of", "nobody in particular")]


def _phi(view: View) -> list[tuple[str, str]]:
    kinds = phi(view) or "none found"
    after = "gets the real values" if view.unmask else "gets the masked text, as you see it"
    rows = [("found, masked", kinds), ("the executor", after)]
    if view.unsure:
        rows.append(("UNSURE", f"{view.unsure} values that may be PHI or not: look at each"))
    if not view.whole:
        rows.append(
            ("INCOMPLETE", "this view does not show all that would run: deny, or let it be")
        )
    return rows


def phi(view: View) -> str:
    """Return the kinds of PHI and how many values of each, never a value."""
    return ", ".join(f"{each.kind} {each.count}" for each in view.phi)


def _fact(code: str) -> tuple[str, str]:
    """Return what the gate read off the action, as name and value."""
    name, _, value = code.partition("=")
    return name, value.replace("+", ", ")


def _why(view: View) -> list[tuple[str, str]]:
    rows = [("rule", policy) for policy in view.policies]
    return [*rows, ("reason", view.reason or "the rule gives none")]


def _route(route: RouteProgress) -> tuple[str, str]:
    agreed = ", ".join(route.approved_by) or "nobody yet"
    level = "" if route.assurance is Assurance.KEY else f" after a login ({route.assurance})"
    return route.group, f"{len(route.approved_by)} of {route.quorum}{level}; agreed: {agreed}"


def _said(said: Said) -> tuple[str, str]:
    """Return one answer: by whom, at which level of assurance, for whom else."""
    acting = f", standing for {', '.join(said.stands_for)}" if said.stands_for else ""
    verb = "approves" if said.answer is Answer.APPROVE else "denies"
    return said.person, f"{verb} (assurance {said.assurance}){acting}"


def _time(request: Request, now_ms: int) -> list[tuple[str, str]]:
    if request.state is not State.PENDING:
        return [
            ("", f"it is {request.state}; it was open until {times.moment(request.deadline_ms)}")
        ]
    left = times.words(request.deadline_ms - now_ms)
    left = "over by this machine's clock, and open at the gate" if left == "over" else left
    return [("", f"{left}, until {times.moment(request.deadline_ms)}; after that the answer is no")]


def _request(request: Request, width: int) -> list[ScreenLine]:
    try:
        display = judge.shown(request)
    except RefusedError as error:
        return _warn(f"DO NOT SIGN. The gate's record does not hold together: {error}.", width)
    lines = _title("WHY THE AGENT WANTS IT", width)
    said = display.get("justification")
    lines += _quote((said if isinstance(said, str) else "(nothing said)").split("\n"), width)
    lines += _title("THE REQUEST, MASKED (exactly this is what you sign)", width)
    return lines + _quote(plain.pretty(request.display.decode()), width, clean=True)


def _quote(texts: Iterable[str], width: int, *, clean: bool = False) -> list[ScreenLine]:
    room = width - len(GUTTER)
    return [
        ScreenLine(GUTTER + piece)
        for text in texts
        for piece in plain.fold(text if clean else plain.visible(text), room)
    ]


def _signed(request: Request, width: int) -> list[ScreenLine]:
    digests = (
        f"view {view_digest(request)[:12]}, action {request.action_digest[:12]}, "
        f"policy {request.policy_revision[:12]}, masker {request.masker_revision[:12]}"
    )
    return [*_title("SIGNED WITH YOUR ANSWER", width), *_row("", digests, width)]


def _row(label: str, text: str, width: int) -> list[ScreenLine]:
    """Return a label and its text; a long label has a line of its own."""
    name, pad = plain.visible(label), " " * (_LABEL + 4)
    pieces = plain.fold(plain.visible(text), width - len(pad)) if label else []
    if not label:
        return [ScreenLine(f"  {piece}") for piece in plain.fold(plain.visible(text), width - 2)]
    if len(name) > _LABEL or not name.isascii():
        names = [ScreenLine(f"  {piece}") for piece in plain.fold(name, width - 2)]
        return names + [ScreenLine(pad + piece) for piece in pieces]
    first = ScreenLine(f"  {name:<{_LABEL}}  {pieces[0]}")
    return [first, *(ScreenLine(pad + piece) for piece in pieces[1:])]


def _cut(text: str, width: int) -> str:
    return plain.fold(plain.visible(text), width)[0]


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the shortest unique beginning of each id, at least eight characters."""
    ordered = sorted(set(ids))
    shared = [_shared(one, two) for one, two in pairwise(ordered)]
    needed = [max(pair) + 1 for pair in zip([0, *shared], [*shared, 0], strict=True)]
    return {
        each: each[: max(ID_CHARS_MIN, length)]
        for each, length in zip(ordered, needed if ordered else [], strict=True)
    }


def _shared(one: str, two: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
