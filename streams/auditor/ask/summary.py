"""One intent in one row: what its audit entries come to. Pure, and in any order of the entries."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from streams.auditor.ask.facts import ERASED, Fact

MOVES: Final = frozenset({"opened", "granted", "denied", "expired", "revoked"})
"""What opens or closes a case; everything else leaves its state alone."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One intent. `closed_*` are of its verdict, `decided_by` the people whose answers made it.

    `assurance` are the levels at which those people were known, joined by commas.
    `deadline_ms` is when it would have expired. `refused` counts the events of it that the gate
    refused, `erased` the entries whose event is gone. An intent that admit refused has no agent.
    """

    intent_id: str
    shard: int
    first: int
    last: int
    entries: int
    opened_ms: int
    state: str | None
    reason: str
    agent: str | None
    owner: str | None
    behalf: str | None
    action: str | None
    resource_type: str | None
    resource_id: str | None
    executor: str | None
    effect: str | None
    policies: str | None
    routes: str | None
    policy_revision: str | None
    masker_revision: str | None
    unmask: int | None
    phi: int | None
    whole: int | None
    deadline_ms: int | None
    closed_ms: int | None
    closed_idx: int | None
    decided_by: str
    grant_id: str | None
    outcome: str | None
    outcome_ms: int | None
    outcome_idx: int | None
    refused: int
    erased: int
    assurance: str = ""

    @property
    def groups(self) -> list[str]:
        """The groups that the policy asked, in its order."""
        return [group for group, _, _ in json.loads(self.routes or "[]")]


def summaries(facts: Iterable[Fact]) -> Iterator[Summary]:
    """Yield a summary for each intent; entries that name none, or a halt, are passed over."""
    ordered = sorted(facts, key=lambda each: (each.intent_id, each.shard, each.idx))
    for intent_id, group in groupby(ordered, key=lambda each: each.intent_id):
        found = list(group)
        if intent_id and any(each.effected != "recorded" for each in found):
            yield summarise(found)


def summarise(facts: Sequence[Fact]) -> Summary:
    """Return the summary of one intent's entries, which are in the log's order."""
    first, last = facts[0], facts[-1]
    opening = next((f for f in facts if f.kind == "intent" and f.effected in MOVES), None)
    closing = next((f for f in facts if f.effected == "revoked"), None)
    closing = closing or next(
        (f for f in facts if f.effected in MOVES and f.state != "pending"), None
    )
    report = next((f for f in reversed(facts) if f.effected == "reported"), None)
    shown = opening or first
    return Summary(
        intent_id=first.intent_id,
        shard=first.shard,
        first=first.idx,
        last=last.idx,
        entries=len(facts),
        opened_ms=shown.when_ms,
        state=next((f.state for f in reversed(facts) if f.state), None),
        reason=_reason(facts, opening, closing),
        agent=shown.agent,
        owner=shown.owner,
        behalf=shown.behalf,
        action=shown.action,
        resource_type=shown.resource_type,
        resource_id=shown.resource_id,
        executor=shown.executor,
        effect=shown.effect,
        policies=shown.policies,
        routes=shown.routes,
        policy_revision=shown.policy_revision,
        masker_revision=shown.masker_revision,
        unmask=shown.unmask,
        phi=shown.phi,
        whole=shown.whole,
        deadline_ms=_deadline(opening),
        closed_ms=closing.when_ms if closing else None,
        closed_idx=closing.idx if closing else None,
        decided_by=",".join(_deciders(facts, closing)),
        grant_id=next((f.grant_id for f in facts if f.grant_id), None),
        outcome=report.reason if report else None,
        outcome_ms=report.when_ms if report else None,
        outcome_idx=report.idx if report else None,
        refused=sum(1 for f in facts if f.effected == "refused"),
        erased=sum(1 for f in facts if f.kind == ERASED),
        assurance=",".join(_levels(facts, closing)),
    )


def _reason(facts: Sequence[Fact], opening: Fact | None, closing: Fact | None) -> str:
    """Return the verdict's reason as the gate's verdict has it; of a pending case, why it waits."""
    if closing is None:
        return opening.reason if opening else facts[0].reason
    if closing.effected == "granted":
        first = next(f for f in facts if f.effected in MOVES)  # its event may be erased by now
        return "permitted" if closing is first else "approved"
    return closing.reason


def _deadline(opening: Fact | None) -> int | None:
    """Return `gate.case.deadline_ms` of the opened case."""
    if opening is None or opening.expires_ms is None:
        return None
    ends: list[int] = [
        opening.when_ms + within for _, _, within in json.loads(opening.routes or "[]")
    ]
    return min([*ends, opening.expires_ms])


def _deciders(facts: Sequence[Fact], closing: Fact | None) -> list[str]:
    """Return who agreed, or who denied; nobody where the policy alone or the clock decided."""
    if closing is None or closing.effected not in {"granted", "denied", "revoked"}:
        return []
    if closing.effected in {"denied", "revoked"}:
        return [closing.person] if closing.person else []
    counted = {"counted", "granted"}
    return sorted({f.person for f in facts if f.person and f.effected in counted})


def _levels(facts: Sequence[Fact], closing: Fact | None) -> list[str]:
    """Return the levels of assurance of those who agreed or denied, each once."""
    deciders = set(_deciders(facts, closing))
    counted = {"counted", "granted", "denied"}
    return sorted(
        {
            f.assurance
            for f in facts
            if f.assurance and f.person in deciders and f.effected in counted
        }
    )
