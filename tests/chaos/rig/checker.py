"""History in, findings out. Pure: it reads topics and journals, never a worker's memory.

Every finding is a set of names (intent ids, places), so that a run that fails says where to look.
The keys of `ZEROES` must all be empty.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from streams import statements
from streams.auditor.proof.check import check as check_audit
from streams.auditor.proof.check import read as read_audit
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.errors import InputError, PhigateError, WireError
from streams.events import (
    Answer,
    AuditEntry,
    CaseEvent,
    DeadlinePassed,
    DecisionAdmitted,
    Grant,
    GrantStatement,
    Message,
    Request,
    RequestStatement,
    State,
    Verdict,
    derived_id,
)
from streams.gate import view
from streams.gate.case import Case
from streams.gate.projections import project
from streams.signing import GRANT, open_envelope
from streams.wire import codec
from tests.chaos.rig import rows
from tests.chaos.rig.history import INPUTS, History
from tests.chaos.rig.refold import Refold, refold

ZEROES = (
    "acknowledged_lost",
    "double_verdicts",
    "double_grants",
    "double_executions",
    "wrong_grants",
    "unended",
    "audit_gaps",
    "phi_found",
    "forged",
    "log_gaps",
    "projections_wrong",
    "table_wrong",
)

M = TypeVar("M", bound=Message)
Found = set[str]
Findings = Mapping[str, Found]


def check(history: History) -> Findings:
    """Return what is wrong, by kind; every kind of `ZEROES` is there, empty where all is well."""
    folded = refold(history.of("cases"))
    granted = _grants(history)
    return {
        "acknowledged_lost": _lost(history, folded),
        "double_verdicts": _double_verdicts(history),
        "double_grants": {name for name, each in granted.items() if len(set(each)) > 1},
        "double_executions": _double_executions(history.ran),
        "wrong_grants": _wrong_grants(history, folded, granted) | _wrong_runs(history, folded),
        "unended": _unended(history, folded),
        "audit_gaps": _audit_gaps(history, folded),
        "phi_found": _phi(history),
        "forged": _forged(history, folded),
        "log_gaps": {f"{folded.gaps} offsets"} if folded.gaps else set(),
        "projections_wrong": _projections_wrong(history, folded),
        "table_wrong": rows.wrong(history, folded),
    }


# ---------------------------------------------------------------- inputs against the log


def _sources(folded: Refold) -> set[tuple[str, int, int]]:
    return {
        (event.source.topic.rpartition(".")[2], event.source.partition, event.source.offset)
        for event in folded.events.values()
    }


def _lost(history: History, folded: Refold) -> Found:
    """Every record of an input has its event; every acknowledged id and answer is in the log."""
    sources = _sources(folded)
    lost = {
        f"{topic}/{record.partition}/{record.offset}"
        for topic in INPUTS
        for record in history.of(topic)
        if (topic, record.partition, record.offset) not in sources
    }
    known = {event.intent_id for event in folded.events.values()}
    lost |= {each["id"] for each in history.proposed if each["acked"] and each["id"] not in known}
    return lost | {
        f"{each['id']} by {each['person']}"
        for each in history.decided
        if ("decisions", each["partition"], each["offset"]) not in sources
    }


def _forged(history: History, folded: Refold) -> Found:
    """Every event of the log names an input that exists, and bears the id derived from it."""
    inputs = {
        (topic, record.partition, record.offset): record.topic
        for topic in INPUTS
        for record in history.of(topic)
    }
    return {
        f"cases/{partition}/{offset}"
        for (partition, offset), event in folded.events.items()
        if not _genuine(event, inputs)
    }


def _genuine(event: CaseEvent, inputs: Mapping[tuple[str, int, int], str]) -> bool:
    source = event.source
    if isinstance(event.body, DeadlinePassed):
        due = str(event.body.deadline_ms)
        return event.event_id == derived_id("deadline", event.intent_id, due)
    short = source.topic.rpartition(".")[2]
    known = (short, source.partition, source.offset) in inputs
    place = (source.topic, str(source.partition), str(source.offset))
    return known and event.event_id == derived_id("event", *place)


# ---------------------------------------------------------------- verdicts, grants, runs


def _double_verdicts(history: History) -> Found:
    """One intent ends once: in the topic, and for whoever watched."""
    ends: dict[str, set[str]] = defaultdict(set)
    for record in history.of("verdicts"):
        told = _decoded(record.value, Verdict)
        if told is not None:
            ends[told.intent_id].add(end_of(told))
    for each in history.seen:
        ends[each["id"]].add(each["end"])
    return {name for name, each in ends.items() if len(each) > 1}


def end_of(told: Verdict) -> str:
    """Return what of a verdict may never change."""
    return f"{told.state} {told.reason} {','.join(told.decided_by)} {told.at_ms} {told.grant_id}"


def _grants(history: History) -> dict[str, list[bytes]]:
    """Return each intent's grants as their statements' bytes; unreadable ones as they are."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for record in history.of("approved"):
        key = (record.key or b"").decode(errors="replace")
        told = _decoded(record.value, Grant)
        try:
            envelope = told.envelope if told else b""
            _, payload = open_envelope(envelope, GRANT, history.grant_keys)
        except PhigateError:
            payload = b"unreadable " + (record.value or b"")
        found[key].append(payload)
    return found


def _wrong_grants(history: History, folded: Refold, granted: Mapping[str, list[bytes]]) -> Found:
    """Find grants that say other than the log gives, or that somebody did not approve."""
    wrong = set()
    yes = {(d["id"], d["person"]) for d in history.decided if d["answer"] == Answer.APPROVE}
    actions = {each["id"]: each["action"] for each in history.proposed}
    for intent_id, payloads in granted.items():
        expected = _expected_statement(folded.cases.get(intent_id))
        if any(payload != expected for payload in payloads) or expected is None:
            wrong.add(intent_id)
            continue
        statement = GrantStatement.model_validate_json(expected)
        people = [approval.person for approval in statement.approvals]
        if history.decided and not all((intent_id, person) in yes for person in people):
            wrong.add(intent_id)
        if len(set(people)) < len(people) or statement.on_behalf_of in people:
            wrong.add(intent_id)
        if actions.get(intent_id) == "db.drop":
            wrong.add(intent_id)
    return wrong


class _Bare:
    """Stands for the fold's keys: leaves a statement as it is."""

    def sign_grant(self, statement: bytes) -> bytes:
        return statement

    def sign_request(self, statement: bytes) -> bytes:
        return statement

    def release(self, locked: bytes, intent_id: str) -> bytes:  # noqa: ARG002 - the protocol's
        return locked


def _expected_statement(case: Case | None) -> bytes | None:
    if case is None or case.state is not State.GRANTED:
        return None
    made = [output.message for output in project(case, _Bare())]
    return next((each.envelope for each in made if isinstance(each, Grant)), None)


def _double_executions(ran: Iterable[Mapping[str, Any]]) -> Found:
    """Find actions that are not idempotent and were run more than once."""
    count = Counter(each["grant_id"] for each in ran if not each["idempotent"])
    return {name for name, times in count.items() if times > 1}


def _wrong_runs(history: History, folded: Refold) -> Found:
    """Only what the log granted was run, with exactly the params that were asked for."""
    asked = {each["id"]: each["params"] for each in history.proposed}
    wrong = set()
    for each in history.ran:
        case = folded.cases.get(each["intent_id"])
        granted = case is not None and case.state is State.GRANTED
        changed = each["unmasked"] and asked.get(each["intent_id"]) != each["params"]
        if not granted or changed:
            wrong.add(each["intent_id"])
    return wrong


def _unended(history: History, folded: Refold) -> Found:
    """Find what was acknowledged and has no verdict, what was granted and has no outcome."""
    told = {v.intent_id for r in history.of("verdicts") if (v := _decoded(r.value, Verdict))}
    silent = {each["id"] for each in history.proposed if each["acked"] and each["id"] not in told}
    open_cases = {
        name
        for name, case in folded.cases.items()
        if case.state is State.PENDING or (case.state is State.GRANTED and case.outcome is None)
    }
    return silent | open_cases


# ---------------------------------------------------------------- projections, audit, PHI


def _projections_wrong(history: History, folded: Refold) -> Found:
    """Each published view is what the log gives at its position; each newest view is published."""
    wrong = set()
    published: dict[str, set[tuple[str, bytes]]] = {"requests": set(), "verdicts": set()}
    expected = {
        (output.topic, case.intent_id, _said(output.message))
        for case in folded.changed.values()
        for output in project(case, _Bare())
        if not isinstance(output.message, Grant)
    }
    for topic, found in published.items():
        for record in history.of(topic):
            name, value = (record.key or b"").decode(errors="replace"), record.value or b""
            value = _unsigned(value, history) if topic == "requests" else value
            found.add((name, value))
            if (topic, name, value) not in expected:
                wrong.add(f"{topic}/{name}")
    granted = {(record.key or b"").decode(errors="replace") for record in history.of("approved")}
    for name, case in folded.cases.items():
        for output in project(case, _Bare()):
            if isinstance(output.message, Grant):
                missing = name not in granted
            else:
                missing = (name, _said(output.message)) not in published[output.topic]
            if missing:
                wrong.add(f"{output.topic}/{name} missing")
    return wrong


def _said(message: Message) -> bytes:
    """Return what a view says; a request without the signature, which only the gate can make."""
    unsigned = {"envelope": b""} if isinstance(message, Request) else {}
    return codec.encode(message.model_copy(update=unsigned))


def _unsigned(value: bytes, history: History) -> bytes:
    """Return a request without its signature, if it is signed as it must be; else as it is."""
    try:
        request = codec.decode(value, Request)
        _, said = statements.read(RequestStatement, request.envelope, history.grant_keys)
    except InputError:
        return value
    return _said(request) if said == view.statement(request) else value


def _audit_gaps(history: History, folded: Refold) -> Found:
    """Find breaks of the evidence, events without entry, entries that say other than the refold."""
    stored = _stored(history, "audit")
    report = check_audit([*_stored(history, "checkpoints"), *stored], Pins(history.audit_keys))
    gaps = {f"{b.shard}/{b.index}: {b.kind}" for s in report.shards if (b := s.broken)}
    if report.broken:
        gaps.add(f"{report.broken.shard}/{report.broken.index}: {report.broken.kind}")
    entries: dict[tuple[int, int], AuditEntry] = {}
    for each in stored:
        _, item = read_audit(each)
        if isinstance(item, AuditEntry):
            entries[item.shard, item.index] = item
    for place, told in folded.consequences.items():
        entry = entries.get(place)
        if entry is None:
            gaps.add(f"{place[0]}/{place[1]}: no entry")
        elif entry.consequence != told:
            gaps.add(f"{place[0]}/{place[1]}: another consequence")
        elif entry.event and entry.event != folded.values[place]:
            gaps.add(f"{place[0]}/{place[1]}: another event")
    return gaps | {f"{p}/{o}: no event" for p, o in entries.keys() - folded.consequences.keys()}


def _stored(history: History, topic: str) -> list[Stored]:
    return [
        Stored(each.partition, each.offset, each.timestamp_ms, each.key, each.value, topic)
        for each in history.of(topic)
    ]


def _phi(history: History) -> Found:
    """No planted value stands in any topic, in a signed statement, or in a log."""
    planted = {text.encode() for text in history.planted}
    shapes = _shapes(planted)
    found: Found = set()

    def look(where: str, data: bytes) -> None:
        seen = {each for shape in shapes for each in shape.findall(data)}
        found.update(f"{where}: {each.decode()}" for each in seen & planted)

    for topic, records in history.topics.items():
        for record in records:
            look(topic, record.value or b"")
    for payloads in _grants(history).values():
        look("a grant's statement", b"\n".join(payloads))
    for event in refold(history.of("cases")).events.values():
        if isinstance(event.body, DecisionAdmitted):
            look("a decision", event.body.rationale.encode())
    for name, text in history.texts.items():
        look(name, text)
    return found


def _shapes(planted: Iterable[bytes]) -> list[re.Pattern[bytes]]:
    """Return what texts look like but for their digits: few patterns find any of thousands."""
    shapes = {re.sub(rb"\d", rb"\\d", re.escape(each)) for each in planted}
    return [re.compile(rb"(?=(" + shape + rb"))") for shape in sorted(shapes)]


def _decoded(value: bytes | None, kind: type[M]) -> M | None:
    try:
        return codec.decode(value or b"", kind)
    except WireError:
        return None
