"""Some weeks of a clinic's gate, made by arithmetic: the same each time, every kind of event in it.

Planted texts stand where people's and agents' words stand (`SECRETS`): none may get out.
"""

from dataclasses import dataclass

from streams.auditor.read.source import Stored
from streams.events import (
    Answer,
    AuditEntry,
    Body,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    InputRefused,
    IntentAdmitted,
    Kind,
    Resource,
    Route,
    Status,
    derived_id,
)
from tests.auditor.logs import T0, Gate, decision, intent, log, outcome

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SECRETS = ("Ottilie Quellbrunn", "555-0134", "MRN-8812345", "because Mr Farnsworth said so")
AGENTS = ("planner", "recall-agent", "research-agent", "billing-agent")
GROUPS = {
    "privacy-officers": ("dana", "erin", "petra"),
    "data-stewards": ("sam", "tess"),
    "security-officers": ("una",),
}
ACTIONS = ("data.export", "db.query", "message.send", "record.update")


@dataclass
class Clinic(Gate):
    """A gate whose clock is moved by hand."""

    now_ms: int = T0

    def write(self, intent_id: str, body: Body | None, at_ms: int | None = None) -> AuditEntry:
        """Append the entry of one event, at the hand-moved time."""
        self.now_ms += 1
        return super().write(intent_id, body, at_ms or self.now_ms)


def asked(number: int, group: str, effect: Effect) -> IntentAdmitted:
    """Return an intent with planted texts wherever a text may stand."""
    base = intent(effect, "rita" if number % 3 else None)
    route = Route(group=group, quorum=1 + (number % 7 == 0), within_ms=4 * HOUR_MS, policy=group)
    ruling = base.ruling.model_copy(
        update={
            "routes": (route,) if effect is Effect.REVIEW else (),
            "policies": (group,),
            "reason": "destructive_in_production" if effect is Effect.FORBID else "phi_export",
            "unmask": number % 5 == 0,
        }
    )
    changes = {
        "agent": AGENTS[number % 4],
        "owner": "olga",
        "action": ACTIONS[number % 4],
        "resource": Resource(type="Database", id=SECRETS[2] if number % 9 == 0 else "clinic"),
        "display": f'{{"params": "{SECRETS[0]}"}}'.encode(),
        "ruling": ruling,
        "whole": number % 11 != 0,
        "content_mac": str(number),
    }
    return base.model_copy(update=changes)


def answered(person: str, group: str, answer: Answer) -> DecisionAdmitted:
    """Return a decision whose rationale and code hold planted texts."""
    changes = {"groups": (group,), "rationale": SECRETS[1]}
    if answer is Answer.DENY:
        changes |= {"code": "not_needed" if person != "sam" else SECRETS[3]}
    return decision(person, answer).model_copy(update=changes)


def entries_of(records: list[Stored]) -> list[Stored]:
    """Return the entries without the notes."""
    return [each for each in records if each.topic == "audit"]


def clinic(days: int = 21, each: int = 9, shards: int = 2) -> list[Stored]:
    """Return the audit of so many days with so many intents a day: notes, then entries."""
    gates = [Clinic(shard) for shard in range(shards)]
    for number in range(days * each):
        day, slot = divmod(number, each)
        if day % 7 in {5, 6} and slot > 1:
            continue  # fewer at weekends
        gate = gates[number % shards]
        gate.now_ms = max(gate.now_ms, T0 + day * DAY_MS + (7 * HOUR_MS) + slot * HOUR_MS)
        one(gate, number)
    return log(*(gate.rest() for gate in gates))


def one(gate: Clinic, number: int) -> None:
    """Play one intent to its end."""
    intent_id = derived_id("busy", str(number))
    group = list(GROUPS)[number % 5 % 3]
    effect = {0: Effect.PERMIT, 1: Effect.FORBID}.get(number % 8, Effect.REVIEW)
    if number % 17 == 3:
        gate.write(intent_id, refusal(Kind.INTENT, "unknown_action", answerable=True))
        return
    gate.write(intent_id, asked(number, group, effect))
    if effect is Effect.REVIEW:
        _review(gate, intent_id, group, number)
    if gate.cases[intent_id].state == "granted":
        _execute(gate, intent_id, number)


def _review(gate: Clinic, intent_id: str, group: str, number: int) -> None:
    people = GROUPS[group]
    gate.now_ms += (number * 7919 % 97) * 60_000
    if number % 13 == 5:
        gate.write(intent_id, answered("olga", group, Answer.APPROVE))  # the owner: refused
    if number % 19 == 4:
        gate.write(intent_id, answered("mallory", "interns", Answer.APPROVE))
    if number % 10 == 7:
        gate.now_ms += 4 * HOUR_MS
        gate.write(intent_id, DeadlinePassed(deadline_ms=gate.now_ms))
        gate.write(intent_id, answered(people[0], group, Answer.APPROVE))  # late: refused
        return
    for person in people[: 1 + (number % 7 == 0)]:
        no = number % 6 == 5 or (group == "data-stewards" and number % 4 == 1)
        gate.write(intent_id, answered(person, group, Answer.DENY if no else Answer.APPROVE))
        if no:
            return


def _execute(gate: Clinic, intent_id: str, number: int) -> None:
    gate.now_ms += 20_000
    status = {3: Status.FAILED, 6: Status.UNKNOWN}.get(number % 23, Status.OK)
    report = outcome(intent_id).model_copy(update={"status": status, "message": SECRETS[0]})
    gate.write(intent_id, report)
    if number % 31 == 8:
        gate.write(intent_id, refusal(Kind.OUTCOME, "bad_signature", answerable=False))


def refusal(kind: Kind, reason: str, *, answerable: bool) -> InputRefused:
    """Return an input refused at the door, with a planted detail."""
    return InputRefused(
        kind=kind,
        reason=reason,
        detail=SECRETS[0],
        who=None,
        answerable=answerable,
        digest="00",
        bytes_total=9,
    )
