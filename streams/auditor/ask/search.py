"""Which intents the audit knows of: by who, what, how it ended, why, and when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from streams import plain, times
from streams.auditor.ask.index import Belief, Index
from streams.auditor.ask.summary import Summary
from streams.auditor.read.period import ALWAYS, Period
from streams.times import iso

LIMIT_MAX: Final = 100_000
_ANYWHERE: Final = "intent_id IN (SELECT intent_id FROM facts WHERE {})"
_WHERE: Final[dict[str, str]] = {
    "agent": "agent = :agent",
    "person": "(behalf = :person OR owner = :person OR "
    + _ANYWHERE.format(
        "person = :person OR who = :person"
        " OR instr(',' || stands_for || ',', ',' || :person || ',')"
    )
    + ")",
    "assurance": _ANYWHERE.format("assurance = :assurance"),
    "action": "action = :action",
    "verdict": "state = :verdict",
    "outcome": "outcome = :outcome",
    "reason": "(reason = :reason OR "
    + _ANYWHERE.format("reason = :reason OR code = :reason")
    + ")",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; None is anything. All that is named has to hold.

    `resource` is `Type/id`, or `Type` alone. `person` is whoever had a part in it: asked for, owns
    the agent, decided, or tried to, or for whom somebody did. `assurance` is a decision's. `reason`
    is a code of the verdict or of any of its events.
    """

    agent: str | None = None
    person: str | None = None
    action: str | None = None
    resource: str | None = None
    verdict: str | None = None
    outcome: str | None = None
    reason: str | None = None
    period: Period = ALWAYS
    assurance: str | None = None


@dataclass(frozen=True, slots=True)
class FoundIntents:
    """The newest `intents` that fit, whether each is verified, and how many fit in all."""

    intents: tuple[Summary, ...]
    verified: tuple[bool, ...]
    total: int
    beliefs: tuple[Belief, ...]


def search(index: Index, query: Query, limit: int = 100) -> FoundIntents:
    """Return the newest `limit` intents that fit."""
    where, values = _where(query)
    fitting = f"SELECT count(*) FROM intents WHERE {where}"  # noqa: S608 - parts of this module
    total = index.db.execute(fitting, values).fetchone()[0]
    intents = tuple(_newest(index, where, values, limit))
    verified = tuple(index.verified(each.shard, each.last) for each in intents)
    return FoundIntents(intents, verified, total, tuple(index.beliefs()))


def _newest(index: Index, where: str, values: dict[str, Any], limit: int) -> Iterator[Summary]:
    for count, each in enumerate(index.intents(where, values)):
        if count >= limit:
            return
        yield each


def _where(query: Query) -> tuple[str, dict[str, Any]]:
    """Return SQL and its values; a person's words are values, never SQL."""
    asked = {name: getattr(query, name) for name in _WHERE if getattr(query, name) is not None}
    parts, values = [_WHERE[name] for name in asked], dict(asked)
    if query.resource is not None:
        kind, slash, name = query.resource.partition("/")
        parts.append("resource_type = :rtype" + (" AND resource_id = :rid" if slash else ""))
        values |= {"rtype": kind, "rid": name}
    if query.period.from_ms is not None:
        parts.append("opened_ms >= :from_ms")
        values["from_ms"] = query.period.from_ms
    if query.period.to_ms is not None:
        parts.append("opened_ms < :to_ms")
        values["to_ms"] = query.period.to_ms
    return " AND ".join(parts) or "1", values


# ---------------------------------------------------------------- how it is said


def lines(found: FoundIntents, width: int = 80) -> Iterator[str]:
    """Yield what was found as lines of at most `width` cells."""
    for each, verified in zip(found.intents, found.verified, strict=True):
        state = each.state or "refused"
        head = f"{plain.visible(each.intent_id)}  {state.upper()}  {plain.visible(each.reason)}"
        yield from plain.fold(head if verified else f"{head}  [not verified]", width)
        for text in _details(each):
            yield from plain.fold(f"    {plain.visible(text)}", width)
    shown = len(found.intents)
    if found.total > shown:
        yield f"{shown} of {found.total} intents; the newest are shown (--limit)"
    else:
        yield f"{found.total} intent{'' if found.total == 1 else 's'}"
    newest: dict[int, int] = {}
    for each in found.intents:
        newest[each.shard] = max(each.last, newest.get(each.shard, 0))
    yield from caveats(found.beliefs, newest)


def _details(each: Summary) -> Iterator[str]:
    behalf = f" for {each.behalf}" if each.behalf else ""
    asked = f"{each.agent or 'unknown agent'}{behalf}: {each.action or 'refused at the door'}"
    on = f" on {each.resource_type}/{each.resource_id}" if each.resource_type else ""
    yield f"{times.moment(each.opened_ms)}  {asked}{on}"
    took = "" if each.closed_ms is None else times.words(each.closed_ms - each.opened_ms)
    level = f" ({each.assurance.replace(',', ', ')})" if each.assurance else ""
    who = each.decided_by.replace(",", ", ")
    by = f"decided by {who}{level} after {took}" if each.decided_by else ""
    done = f"outcome {each.outcome}" if each.outcome else ""
    odd = f"{each.refused} event{'' if each.refused == 1 else 's'} of it refused"
    if said := "; ".join(part for part in (by, done, odd if each.refused else "") if part):
        yield said


def caveats(beliefs: Sequence[Belief], newest: Mapping[int, int]) -> Iterator[str]:
    """Yield what of the index is not verified, shard by shard; `newest`: the last entry shown."""
    for each in beliefs:
        last = newest.get(each.shard)
        if each.broken is not None:
            yield f"NOT VERIFIED: shard {each.shard} is broken at entry {each.broken}: {each.kind}"
        elif each.through is None and each.entries:
            yield f"NOT VERIFIED: shard {each.shard}; --verify walks the whole audit"
        elif each.through is not None and last is not None and last > each.through:
            yield f"verified: shard {each.shard} through entry {each.through}, not yet {last}"


def as_json(found: FoundIntents) -> dict[str, Any]:
    """Return the same for scripts."""
    return {
        "total": found.total,
        "intents": [
            {
                **asdict(each),
                "decided_by": each.decided_by.split(",") if each.decided_by else [],
                "opened_at": iso(each.opened_ms),
                "verified": verified,
            }
            for each, verified in zip(found.intents, found.verified, strict=True)
        ],
        "index": [asdict(each) for each in found.beliefs],
    }
