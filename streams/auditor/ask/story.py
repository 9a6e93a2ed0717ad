"""The story of one intent, in plain words with times, from its audit entries."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streams import plain, times
from streams.audit.entry import check_signature, entry_hash, is_changed, is_unreadable
from streams.errors import SignatureError, WireError
from streams.events import (
    Answer,
    AuditEntry,
    CaseEvent,
    Consequence,
    ControlAdmitted,
    ControlKind,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    Effected,
    InputRefused,
    IntentAdmitted,
    OutcomeAdmitted,
    Requester,
    Route,
    State,
)
from streams.signing import PublicKey
from streams.wire import codec

INDENT: Final = "    "
_SECOND_MS: Final = 1_000
_OBEYED: Final = "executors obey it from the moment that the broker had it"
_RECORDED: Final[Mapping[str, str]] = {
    ControlKind.HALT: _OBEYED,
    ControlKind.RESUME: _OBEYED,
    ControlKind.SHRED: "its keys are destroyed where the order was given; its proofs stand",
}
NOTHING: Final = Consequence(effected=Effected.REFUSED, reason="", state=None, grant_id=None)
"""What an entry did that is not genuine."""

_CLOSES: Final = frozenset({Effected.GRANTED, Effected.DENIED, Effected.EXPIRED, Effected.REVOKED})


@dataclass(frozen=True)
class Chapter:
    """One event: when admit's clock saw it, what happened, the details, and what came of it.

    `who` is the person whose decision it was, if it was one.
    """

    shard: int
    index: int
    at_ms: int | None
    title: str
    details: tuple[str, ...]
    consequence: Consequence
    who: str = ""

    @property
    def genuine(self) -> bool:
        """Whether it may be believed to be what the audit recorded."""
        return self.consequence is not NOTHING


def tell(entries: Iterable[AuditEntry], keys: Sequence[PublicKey] = ()) -> list[Chapter]:
    """Return the chapters of one intent in the log's order; an exact repeat is told once.

    Nobody is quoted from an event that is not the one of its leaf; nor, where the audit's `keys`
    are at hand, from an entry whose receipt is not theirs.
    """
    once = {(entry.shard, entry.index): entry for entry in entries}
    return [_chapter(once[place], keys) for place in sorted(once)]


def _chapter(entry: AuditEntry, keys: Sequence[PublicKey]) -> Chapter:
    told = entry.consequence
    doubt = _doubt(entry, keys)
    if doubt:
        return Chapter(entry.shard, entry.index, None, f"NOT GENUINE: {doubt}", (), NOTHING, "")
    if is_unreadable(told):
        text = f"something unreadable stood in the log; its SHA-256 is {entry.event_digest}"
        return Chapter(entry.shard, entry.index, None, text, (), told)
    if not entry.event:
        return _erased(entry)
    try:
        event = codec.decode(entry.event, CaseEvent)
    except WireError as error:
        text = f"the event in this entry cannot be read ({error.code})"
        return Chapter(entry.shard, entry.index, None, text, (), told)
    title, details = _WORDS[type(event.body)](event.body, told)
    return Chapter(entry.shard, entry.index, event.at_ms, title, tuple(details), told, _who(event))


def _doubt(entry: AuditEntry, keys: Sequence[PublicKey]) -> str:
    """Return why nothing of this entry may be told as the gate's word, or nothing."""
    if is_changed(entry):
        return "the event that stands here is not the one that the audit recorded"
    if not keys:
        return ""
    try:
        check_signature(entry_hash(entry), entry.signature, keys)
    except SignatureError as error:
        return f"the audit did not sign this entry ({error.code})"
    return ""


def _who(event: CaseEvent) -> str:
    if isinstance(event.body, ControlAdmitted):
        return event.body.by
    return event.body.person if isinstance(event.body, DecisionAdmitted) else ""


_LEFT: Final = (
    *("agent", "person", "stands_for", "assurance", "executor"),
    *("who", "action", "answer", "code", "status"),
    *("control", "by", "scope"),
)


def _erased(entry: AuditEntry) -> Chapter:
    """Tell what the leaf still says where the event is gone."""
    said = entry.said
    left = ", ".join(f"{name} {said.facts[name]}" for name in _LEFT if name in said.facts)
    title = f"an event that was erased ({said.kind}); its proof stands"
    details = [*([left] if left else []), *_came(entry.consequence)]
    who = said.facts.get("person", said.facts.get("by", ""))
    told = entry.consequence
    return Chapter(entry.shard, entry.index, said.at_ms, title, tuple(details), told, who)


def _intent(body: IntentAdmitted, told: Consequence) -> tuple[str, list[str]]:
    word = " (they signed it)" if body.requester is Requester.PROVEN else ""
    behalf = f", on behalf of {body.on_behalf_of}{word}" if body.on_behalf_of else ""
    if told.effected is Effected.REPEATED:
        return f"agent {body.agent} sent the same intent again{behalf}", ["it changes nothing"]
    kinds = ", ".join(f"{each.kind} {each.count}" for each in body.phi) or "none found"
    ruling = body.ruling
    said = {
        Effect.PERMIT: "the policy permits it at once",
        Effect.FORBID: f"the policy forbids it: {ruling.reason}",
        Effect.REVIEW: f"the policy asks people: {', '.join(map(_route, ruling.routes))}",
    }[ruling.effect]
    details = [
        f"on {body.resource.type} {body.resource.id}; agent of {body.owner}",
        f"PHI found and masked: {kinds}" + (f"; unsure: {body.unsure}" if body.unsure else ""),
        *([f"facts: {', '.join(body.facts)}"] if body.facts else []),
        f"{said} (rules: {', '.join(ruling.policies) or 'none'}; revision {ruling.revision[:12]})",
    ]
    return f"agent {body.agent} asks to {body.action}{behalf}", [*details, *_came(told)]


def _route(route: Route) -> str:
    return f"{route.quorum} of {route.group} within {times.words(route.within_ms)}"


def _refused_input(body: InputRefused, told: Consequence) -> tuple[str, list[str]]:
    who = f" of {body.who}" if body.who else ""
    details = [f"{body.reason}: {body.detail}" if body.detail else body.reason]
    if body.more:
        details.append(f"it stands for {body.more + 1} inputs that came too fast")
    return f"the gate refused {_article(body.kind)}{who} at the door", [*details, *_came(told)]


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _decision(body: DecisionAdmitted, told: Consequence) -> tuple[str, list[str]]:
    verb = "approves" if body.answer is Answer.APPROVE else "denies"
    groups = ", ".join(body.groups) or "no group"
    details = [f"{body.code}: {body.rationale}", *_known(body), *_came(told)]
    acting = f", standing for {', '.join(body.stands_for)}," if body.stands_for else ""
    return f"{body.person} ({groups}; assurance {body.assurance}){acting} {verb}", details


def _known(body: DecisionAdmitted) -> list[str]:
    """Return where somebody logged in, if it was a login's key that signed."""
    if body.identity is None:
        return []
    return [f"logged in at {body.identity.issuer}; token {body.identity.token_digest[:12]}"]


def _deadline(body: DeadlinePassed, told: Consequence) -> tuple[str, list[str]]:
    return f"the time was up ({times.moment(body.deadline_ms)})", _came(told)


def _outcome(body: OutcomeAdmitted, told: Consequence) -> tuple[str, list[str]]:
    message = [body.message] if body.message else []
    return f"executor {body.executor} reports: {body.status}", [*message, *_came(told)]


def _control(body: ControlAdmitted, told: Consequence) -> tuple[str, list[str]]:
    verbs = {
        ControlKind.HALT: f"officer {body.by} halts {body.scope}",
        ControlKind.RESUME: f"officer {body.by} resumes {body.scope}",
        ControlKind.REVOKE: f"officer {body.by} revokes it",
        ControlKind.CANCEL: f"agent {body.by} cancels it",
        ControlKind.SHRED: f"officer {body.by} has it shredded",
    }
    return verbs[body.control], [*([body.reason] if body.reason else []), *_came(told)]


def _came(told: Consequence) -> list[str]:
    """Return what came of the event, in words."""
    reason = f" ({told.reason})" if told.reason else ""
    words = {
        Effected.OPENED: "it waits for people",
        Effected.COUNTED: "counted; more people must agree",
        Effected.GRANTED: f"GRANTED{reason}: grant {told.grant_id}",
        Effected.DENIED: f"DENIED{reason}",
        Effected.EXPIRED: "EXPIRED: nobody decided in time, so the answer is no",
        Effected.REVOKED: f"REVOKED{reason}",
        Effected.RECORDED: _RECORDED.get(told.reason, ""),
        Effected.REPORTED: "recorded with the case",
        Effected.REFUSED: f"refused: {told.reason}; the case stays as it was",
        Effected.REPEATED: "counted before; it changes nothing",
    }
    return [f"→ {words[told.effected]}"]


_WORDS: dict[type, Callable[[Any, Consequence], tuple[str, list[str]]]] = {
    IntentAdmitted: _intent,
    InputRefused: _refused_input,
    DecisionAdmitted: _decision,
    DeadlinePassed: _deadline,
    OutcomeAdmitted: _outcome,
    ControlAdmitted: _control,
}


def headline(chapters: Sequence[Chapter]) -> str:
    """Return in one line how it stands: state, by whom, after how long, and the outcome."""
    told = [each.consequence for each in chapters]
    state = next((each.state for each in reversed(told) if each.state), None)
    ends = [each for each in chapters if each.consequence.effected in _CLOSES]
    closing = next((each for each in ends if each.consequence.state is State.REVOKED), None)
    closing = closing or next(iter(ends), None)
    report = next((each for each in reversed(told) if each.effected is Effected.REPORTED), None)
    counts = {Effected.COUNTED, closing.consequence.effected} if closing else set()
    people = sorted({each.who for each in chapters if each.consequence.effected in counts} - {""})
    first = next((each.at_ms for each in chapters if each.at_ms is not None), None)
    recorded = [each for each in told if each.effected is Effected.RECORDED]
    if recorded and recorded[-1].reason != ControlKind.SHRED:
        return "HALTED" if recorded[-1].reason == ControlKind.HALT else "RESUMED"
    parts = [state.upper() if state else "REFUSED"]
    alone = {Effected.DENIED, Effected.REVOKED}
    if people and closing and closing.consequence.effected not in alone:
        parts.append(f"by {', '.join(people)}")
    elif closing and closing.who:
        parts.append(f"by {closing.who}")
    if closing and closing.at_ms is not None and first is not None and closing.at_ms > first:
        parts.append(f"after {times.words(closing.at_ms - first)}")
    gone = "; shredded" if recorded else ""
    return " ".join(parts) + (f"; outcome {report.reason}" if report else "") + gone


def lines(intent_id: str, chapters: Sequence[Chapter], width: int = 80) -> Iterator[str]:
    """Yield the story as lines of at most `width` cells; nobody's text acts on the terminal."""
    yield from plain.fold(plain.visible(f"Intent {intent_id}"), width)
    yield from plain.fold(plain.visible(headline(chapters)), width)
    before = None
    for chapter in chapters:
        when = times.moment(chapter.at_ms) if chapter.at_ms is not None else "at an unknown time"
        later = _later(before, chapter.at_ms)
        before = before if chapter.at_ms is None else chapter.at_ms
        yield ""
        yield from plain.fold(f"{when}{later}  [entry {chapter.shard}/{chapter.index}]", width)
        for text in (chapter.title, *chapter.details):
            indent = INDENT if text == chapter.title else INDENT * 2
            room = width - len(indent)
            yield from (indent + piece for piece in plain.fold(plain.visible(text), room))


def _later(before: int | None, at_ms: int | None) -> str:
    """Return how long after the last event it was, where that is a second or more."""
    if before is None or at_ms is None or at_ms - before < _SECOND_MS:
        return ""
    return f"  +{times.words(at_ms - before)}"


def as_json(intent_id: str, chapters: Sequence[Chapter]) -> dict[str, Any]:
    """Return the story for scripts."""
    return {
        "intent_id": intent_id,
        "summary": headline(chapters),
        "entries": [
            {
                "shard": each.shard,
                "index": each.index,
                "at_ms": each.at_ms,
                "what": each.title,
                "genuine": each.genuine,
                "details": list(each.details),
                **each.consequence.model_dump(mode="json"),
            }
            for each in chapters
        ],
    }
