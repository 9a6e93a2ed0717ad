"""What a period of the audit comes to: counts, times, exceptions. Pure: rows in, numbers out.

Everything is counted from facts and summaries, so no text of an agent or an approver can be in it.
A figure is of the *events* within the period, unless it says *intents*: those were opened in it.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from streams.auditor.ask.facts import ERASED, UNREADABLE, Fact
from streams.auditor.ask.summary import Summary
from streams.auditor.read.period import Period
from streams.reasons import TAMPERING

SELF_APPROVAL: Final = "requester_may_not_review"


@dataclass(frozen=True)
class ReportRows:
    """The rows that a report is made of: facts of the period, and intents with anything in it."""

    period: Period
    facts: tuple[Fact, ...]
    intents: tuple[Summary, ...]

    @property
    def opened(self) -> list[Summary]:
        """Intents that came in within the period."""
        return [each for each in self.intents if self.period.holds(each.opened_ms)]

    @property
    def closed(self) -> list[Summary]:
        """Intents whose verdict fell within the period."""
        return [each for each in self.intents if _within(self.period, each.closed_ms)]


def _within(period: Period, at_ms: int | None) -> bool:
    return at_ms is not None and period.holds(at_ms)


def ledger(facts: Iterable[Fact], intents: Iterable[Summary], period: Period) -> ReportRows:
    """Return what falls within the period, in the log's order."""
    chosen = tuple(each for each in facts if period.holds(each.when_ms))
    touched = {each.intent_id for each in chosen}
    known = sorted(
        (each for each in intents if each.intent_id in touched),
        key=lambda each: (each.opened_ms, each.intent_id),
    )
    return ReportRows(period, chosen, tuple(known))


def sample(facts: Sequence[Fact], count: int) -> list[Fact]:
    """Return `count` of them as an auditor would draw: by the digest of their leaf hash.

    Nobody can choose what is drawn without changing the entries, and whoever repeats it draws the
    same.
    """
    drawn = sorted(facts, key=lambda each: hashlib.sha256(each.leaf_hash.encode()).digest())
    return sorted(drawn[:count], key=lambda each: (each.when_ms, each.shard, each.idx))


# ---------------------------------------------------------------- exceptions

Pick = Callable[[Fact], bool]

EXCEPTIONS: Final[Mapping[str, tuple[str, Pick]]] = {
    "self_approval": (
        "Approvals by the requester, the agent's owner or the agent itself: refused",
        lambda f: f.reason == SELF_APPROVAL,
    ),
    "not_a_reviewer": (
        "Decisions by people outside the groups asked: refused",
        lambda f: f.reason == "not_a_reviewer",
    ),
    "mismatch": (
        "Decisions over another action, view or policy than the one shown: refused",
        lambda f: f.effected == "refused" and f.reason in TAMPERING,
    ),
    "preview_incomplete": (
        "Approvals of a view that was not whole: refused",
        lambda f: f.reason == "preview_incomplete",
    ),
    "late_decision": (
        "Late decisions: after the verdict or the deadline, refused",
        lambda f: f.kind == "decision" and f.reason == "case_closed",
    ),
    "override": (
        "Overrides: holds of the policy that people lifted (every reviewed grant)",
        lambda f: f.kind == "decision" and f.effected == "granted",
    ),
    "unmasked": (
        "Grants that hand the executor unmasked data",
        lambda f: f.kind in {"intent", "decision"} and f.effected == "granted",
    ),
    "expired": ("Intents that nobody decided in time", lambda f: f.effected == "expired"),
    "control": (
        "Orders above every decision: halts, resumes, revocations, cancels",
        lambda f: f.kind == "control",
    ),
    "unknown_outcome": (
        "Outcomes that nobody knows: a person must look",
        lambda f: f.effected == "reported" and f.status == "unknown",
    ),
    "failed_outcome": (
        "Outcomes that failed",
        lambda f: f.effected == "reported" and f.status == "failed",
    ),
    "refused_outcome": (
        "Reports of executors that were refused",
        lambda f: f.kind == "outcome" and f.effected == "refused",
    ),
    "refused_input": ("Inputs refused at the door", lambda f: f.kind == "refusal"),
    "unreadable": (
        "Records of the log that could not be read",
        lambda f: f.kind == UNREADABLE,
    ),
    "erased": ("Entries whose event was erased; their proofs stand", lambda f: f.kind == ERASED),
}


SAMPLES: Final[Mapping[str, tuple[str, Pick]]] = {
    "intents": ("intents", lambda f: f.kind == "intent" and f.effected != "repeated"),
    "decisions": (
        "decisions that counted",
        lambda f: f.kind == "decision" and f.effected in {"counted", "granted", "denied"},
    ),
    "grants": ("grants", lambda f: f.effected == "granted"),
    "denials": ("denials", lambda f: f.effected == "denied"),
    "outcomes": ("outcomes", lambda f: f.effected == "reported"),
    "refusals": ("refusals", lambda f: f.effected == "refused" or f.kind == "refusal"),
}


def exceptions(book: ReportRows) -> dict[str, list[Fact]]:
    """Return, by name, the facts that an examiner asks for first."""
    unmasked = {each.intent_id for each in book.intents if each.unmask}
    ordered = sorted(book.facts, key=lambda each: (each.when_ms, each.shard, each.idx))
    found = {
        name: [fact for fact in ordered if pick(fact)] for name, (_, pick) in EXCEPTIONS.items()
    }
    found["unmasked"] = [fact for fact in found["unmasked"] if fact.intent_id in unmasked]
    return found


# ---------------------------------------------------------------- counts


def counts(book: ReportRows) -> dict[str, int]:
    """Return the counts, by name; `LABELS` says what each is."""
    facts, opened, closed = book.facts, book.opened, book.closed
    verdicts = Counter(each.state for each in closed)
    decisions = [f for f in facts if f.kind == "decision"]
    counted = [f for f in decisions if f.effected in {"counted", "granted", "denied"}]
    granted = [each for each in closed if each.state == "granted"]
    return {
        "entries": len(facts),
        "intents": len(opened),
        "agents": len({each.agent for each in opened if each.agent}),
        "behalf": sum(1 for each in opened if each.behalf),
        "approvers": len({f.person for f in counted}),
        "permitted": sum(1 for each in granted if each.reason == "permitted"),
        "reviewed": sum(1 for each in opened if each.effect == "review"),
        "granted": verdicts["granted"],
        "granted_by_people": sum(1 for each in granted if each.decided_by),
        "denied": verdicts["denied"],
        "denied_by_people": sum(1 for e in closed if e.state == "denied" and e.decided_by),
        "expired": verdicts["expired"],
        "revoked": verdicts["revoked"],
        "orders": sum(1 for f in facts if f.kind == "control"),
        "pending": sum(1 for e in opened if e.state == "pending"),
        "decisions": len(counted),
        "decisions_refused": sum(1 for f in decisions if f.effected == "refused"),
        "repeats": sum(1 for f in facts if f.effected == "repeated"),
        "refused_inputs": sum(1 for f in facts if f.kind == "refusal"),
        "with_phi": sum(1 for each in opened if each.phi),
        "phi_values": sum(each.phi or 0 for each in opened),
        "not_whole": sum(1 for each in opened if each.whole == 0),
        "unmasked_grants": sum(1 for each in granted if each.unmask),
        "reported": sum(1 for f in facts if f.effected == "reported"),
        "without_report": sum(1 for each in granted if each.outcome is None),
        "policy_revisions": len({e.policy_revision for e in opened if e.policy_revision}),
        "masker_revisions": len({e.masker_revision for e in opened if e.masker_revision}),
        "graded": sum(1 for f in facts if f.at_ms is not None),
    }


LABELS: Final[Mapping[str, str]] = {
    "entries": "audit entries",
    "intents": "intents",
    "agents": "agents that asked",
    "behalf": "intents on behalf of a named person",
    "approvers": "people whose decisions counted",
    "permitted": "granted by the policy alone",
    "reviewed": "intents held for review",
    "granted": "granted",
    "granted_by_people": "granted by people",
    "denied": "denied",
    "denied_by_people": "denied by people",
    "expired": "expired: nobody decided in time",
    "revoked": "revoked or cancelled",
    "orders": "orders of officers, and cancels",
    "pending": "still pending",
    "decisions": "signed decisions counted",
    "decisions_refused": "decisions refused",
    "repeats": "repeated inputs, without effect",
    "refused_inputs": "inputs refused at the door",
    "with_phi": "intents with PHI found",
    "phi_values": "values of PHI masked",
    "not_whole": "intents whose view was not whole",
    "unmasked_grants": "grants with unmasked data",
    "reported": "outcomes reported",
    "without_report": "grants without a final report",
    "policy_revisions": "policy revisions in force",
    "masker_revisions": "masker revisions in force",
    "graded": "entries with the gate's own time",
}


def reasons(book: ReportRows) -> dict[str, dict[str, int]]:
    """Return how often each reason code came, by what it was the reason of."""
    found: dict[str, Counter[str]] = {"denied": Counter(), "refused": Counter(), "door": Counter()}
    for fact in book.facts:
        if fact.kind == "refusal":
            found["door"][f"{fact.input_kind}: {fact.code}"] += 1
        elif fact.effected in {"denied", "refused"}:
            found[fact.effected][fact.reason] += 1
    return {name: dict(each.most_common()) for name, each in found.items()}


# ---------------------------------------------------------------- times


def seconds_to_decision(book: ReportRows) -> list[float]:
    """Return how long each intent waited that people decided, in seconds, the shortest first."""
    return sorted(
        (each.closed_ms - each.opened_ms) / 1000
        for each in book.closed
        if each.decided_by and each.closed_ms is not None and each.state != "revoked"
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the value that `share` of them do not exceed (nearest rank); None of nothing."""
    if not ordered:
        return None
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]


def waits(book: ReportRows) -> dict[str, float | None]:
    """Return the median, 90th percentile and longest time to decision, in seconds."""
    ordered = seconds_to_decision(book)
    return {
        "median_s": median(ordered) if ordered else None,
        "p90_s": quantile(ordered, 0.9),
        "max_s": ordered[-1] if ordered else None,
    }


# ---------------------------------------------------------------- by person, by route, over time


@dataclass(frozen=True, slots=True)
class Share:
    """Of how many, how many were approved; `median_s` is the time it took."""

    name: str
    total: int
    approved: int
    median_s: float | None = None
    expired: int = 0


def by_person(book: ReportRows) -> list[Share]:
    """Return each person's counted decisions, whoever decided most first."""
    approved: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for fact in book.facts:
        if fact.person and fact.effected in {"counted", "granted", "denied"}:
            total[fact.person] += 1
            approved[fact.person] += fact.answer == "approve"
    return [Share(name, n, approved[name]) for name, n in sorted(total.items(), key=_most)]


def by_route(book: ReportRows) -> list[Share]:
    """Return each group's closed reviews; one that two groups were asked for counts for both."""
    asked: dict[str, list[Summary]] = {}
    for each in book.closed:
        for group in each.groups:
            asked.setdefault(group, []).append(each)
    return [_route(name, found) for name, found in sorted(asked.items(), key=_largest)]


def _route(name: str, found: Sequence[Summary]) -> Share:
    took = [(e.closed_ms - e.opened_ms) / 1000 for e in found if e.decided_by and e.closed_ms]
    states = Counter(each.state for each in found)
    middle = median(took) if took else None
    return Share(name, len(found), states["granted"], middle, states["expired"])


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _largest(item: tuple[str, list[Summary]]) -> tuple[int, str]:
    return -len(item[1]), item[0]


@dataclass(frozen=True, slots=True)
class Bucket:
    """One column of the plots over time, from `from_ms` on."""

    from_ms: int
    granted: int
    denied: int
    expired: int
    revoked: int
    pending: int
    median_s: float | None
    overdue: int


def buckets(book: ReportRows, width_ms: int, first_ms: int, last_ms: int) -> list[Bucket]:
    """Return the columns from `first_ms` to `last_ms`, empty ones too. Intents by their opening.

    `overdue` counts those that expired, or were pending beyond their deadline at `last_ms`.
    """
    edges = range(first_ms, max(last_ms, first_ms + 1), width_ms)
    columns: list[list[Summary]] = [[] for _ in edges]
    for each in book.opened:
        columns[(each.opened_ms - first_ms) // width_ms].append(each)
    return [_bucket(edge, found, last_ms) for edge, found in zip(edges, columns, strict=True)]


def _bucket(edge: int, found: Sequence[Summary], now_ms: int) -> Bucket:
    states = Counter(each.state for each in found)
    took = [(e.closed_ms - e.opened_ms) / 1000 for e in found if e.decided_by and e.closed_ms]
    late = sum(
        1 for e in found if e.state == "pending" and e.deadline_ms and e.deadline_ms < now_ms
    )
    return Bucket(
        from_ms=edge,
        granted=states["granted"],
        denied=states["denied"],
        expired=states["expired"],
        revoked=states["revoked"],
        pending=states["pending"],
        median_s=median(took) if took else None,
        overdue=states["expired"] + late,
    )
