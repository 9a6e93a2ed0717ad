"""Compares a settled gate with the oracle; findings bear the invariants' names.

    I1  no grant without a ruling or distinct, eligible people      I3  evidence before the act
    I4  one verdict, one grant an intent                            I5  each case ends; nothing lost
    I7  the same log, the same bytes: outputs, tables, audit        once  a grant runs at most once

The names are those of ARCHITECTURE.md. `once` is the executors' promise; `order` too: nothing is
begun against an order that stood before the last look.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streams.control.judge import Order
from streams.events import ControlKind, Grant, GrantStatement, InputRefused, Message, State
from streams.gate.case import Case
from streams.gate.fold import grant_id
from streams.testing.auditcheck import audit_findings
from streams.testing.evidence import why_not
from streams.testing.executor import statement_of
from streams.testing.finding import BrokenInvariant, Violation
from streams.testing.hosts import CASES, INPUTS
from streams.testing.oracle import OracleWord, Truth, truth
from streams.testing.orders import TOPICS, order_of
from streams.testing.table import Disk, Table
from streams.testing.views import kind_of
from streams.worker.record import Place
from streams.worker.rows import POSITION_KEY, unpack

if TYPE_CHECKING:
    from streams.testing.gate import Gate

GRANTED_ONCE = frozenset({State.GRANTED, State.REVOKED})


def check(gate: "Gate") -> None:
    """Raise `Broken` with everything that was found."""
    found = findings(gate)
    if found:
        raise BrokenInvariant(found)


def findings(gate: "Gate") -> list[Violation]:
    """Return everything that must not be."""
    oracle = truth(gate.broker, gate.world.form)
    return [
        *_inputs(gate, oracle),
        *_granted(oracle),
        *_ended(oracle),
        *_outputs(gate, oracle),
        *_tables(gate, oracle),
        *audit_findings(gate, oracle),
        *_executions(gate, oracle),
    ]


def _inputs(gate: "Gate", oracle: Truth) -> Iterator[Violation]:
    """I5: what was acknowledged to its sender is in the log, or counted there if it was junk."""
    seen: set[tuple[str, int, int]] = set()
    counted: defaultdict[Place, int] = defaultdict(int)
    for event in (event for events in oracle.events.values() for event in events):
        source = event.source
        seen.add((source.topic, source.partition, source.offset))
        if isinstance(event.body, InputRefused):
            counted[Place(source.topic, source.partition)] += event.body.more
    for topic in INPUTS:
        for partition in range(gate.broker.partitions):
            place = Place(topic, partition)
            for offset, entry in enumerate(gate.broker.logs[place]):
                if (topic, partition, offset) in seen:
                    continue
                counted[place] -= is_junk(gate.world.inputs.kept(entry.value))
                if counted[place] < 0 or not is_junk(gate.world.inputs.kept(entry.value)):
                    yield Violation("I5", f"{topic}/{partition}/{offset} never came to the log")


def is_junk(body: object) -> bool:
    """Tell whether nobody knows who sent it: such inputs may be counted together."""
    return isinstance(body, InputRefused) and not body.answerable


def _granted(oracle: Truth) -> Iterator[Violation]:
    """I1, by brute force over the events that stand before the grant."""
    for key, case in oracle.cases.items():
        if case.state not in GRANTED_ONCE or case.closing is None:
            continue
        end = case.closing.position.offset
        events = zip(oracle.offsets[key], oracle.events[key], strict=True)
        if reason := why_not([event for offset, event in events if offset <= end]):
            yield Violation("I1", f"{key.decode()} was {reason}")


def _ended(oracle: Truth) -> Iterator[Violation]:
    """I5: no case is open, no grant without an outcome."""
    for key, case in oracle.cases.items():
        if case.state is State.PENDING:
            yield Violation("I5", f"{key.decode()} never ended")
        elif case.state in GRANTED_ONCE and case.closing and case.outcome is None:
            yield Violation("I5", f"{key.decode()} was granted and nobody ever reported")


def _outputs(gate: "Gate", oracle: Truth) -> Iterator[Violation]:
    """I3, I4, I5, I7: exactly what the log says was published, after what it stands on."""
    seen: set[OracleWord] = set()
    words: defaultdict[bytes, set[Any]] = defaultdict(set)
    for place in sorted(gate.broker.logs):
        if place.topic in {"requests", "verdicts"} or place.topic.startswith("approved."):
            yield from _topic(gate, oracle, place, seen, words)
    for key, said in words.items():
        revoked = {each for each in said if each[0] is State.REVOKED}  # the one end after an end
        for each in (revoked, said - revoked):
            if len(each) > 1:
                yield Violation("I4", f"{key.decode()} was told {len(each)} different endings")
    for told in oracle.outputs.keys() - seen:
        yield Violation("I5", f"{told.topic} never got {told.key.decode()} at {told.offset}")


def _topic(
    gate: "Gate",
    oracle: Truth,
    place: Place,
    seen: set[OracleWord],
    words: defaultdict[bytes, set[Any]],
) -> Iterator[Violation]:
    kind, form = kind_of(place.topic), gate.world.form
    log = gate.broker.logs[Place(CASES, place.partition)]
    for entry in gate.broker.logs[place]:
        message: Any = form.read(entry.value, kind)
        told = OracleWord(place.topic, entry.key, message.position.offset)
        expected = oracle.outputs.get(told)
        if place.topic == "verdicts":
            said = (message.state, message.reason, message.decided_by, message.grant_id)
            words[entry.key].add(said)
        if expected is None or not _same(gate, expected, entry.value, kind):
            yield Violation("I7", f"{told.topic}: {told.key.decode()} at {told.offset} is not so")
        elif log[told.offset].at > entry.at:
            yield Violation("I3", f"{told.topic}: {told.key.decode()} stands before its event")
        seen.add(told)


def _same(gate: "Gate", expected: bytes, found: bytes, kind: type[Message]) -> bool:
    if expected == found:
        return True
    form = gate.world.form
    return not gate.world.exact and form.read(expected, kind) == form.read(found, kind)


def _tables(gate: "Gate", oracle: Truth) -> Iterator[Violation]:
    """I7: every machine's disk, and an empty one, recovers to the oracle's cases."""
    for role, machines in gate.disks.items():
        for partition in range(gate.broker.partitions):
            place = Place(f"{role}-changelog", partition)
            disks = [disks[partition] for disks in machines if partition in disks]
            looked_at: list[dict[bytes, bytes]] = []
            for disk in (Disk(), *disks):
                rows = _recovered(gate, place, disk)
                if rows not in looked_at:
                    looked_at.append(rows)
                    yield from _rows(gate, oracle, place, rows)


def _recovered(gate: "Gate", place: Place, disk: Disk) -> dict[bytes, bytes]:
    """Return the rows that a copy of this disk recovers to."""
    table = Table(gate.broker, place, Disk(dict(disk.rows), disk.taken))
    table.recover()
    return dict(table.items())


def _rows(
    gate: "Gate", oracle: Truth, place: Place, found: dict[bytes, bytes]
) -> Iterator[Violation]:
    rows = {key: unpack(row) for key, row in found.items() if key != POSITION_KEY}
    mine = {k for k in oracle.rows if gate.broker.partition_of(k) == place.partition}
    for key in mine | rows.keys():
        row, case = rows.get(key), oracle.cases.get(key)
        if row is None or case is None:
            yield Violation("I7", f"{place}: {key.decode()} is only in one of table and log")
        elif (oracle.rows[key], case) != (row.applied, gate.world.form.read(row.case, Case)):
            yield Violation("I7", f"{place}: {key.decode()} is another case than the log's")


def _executions(gate: "Gate", oracle: Truth) -> Iterator[Violation]:
    """once: what ran was granted, in time, and ran once."""
    granted = {
        grant_id(case.intent_id): case
        for case in oracle.cases.values()
        if case.state in GRANTED_ONCE and case.closing is not None
    }
    orders = _orders(gate)
    for name, count in gate.effected.runs.items():
        case = granted.get(name)
        if count > 1:
            yield Violation("once", f"a grant ran {count} times")
        if case is None:
            yield Violation("I1", "a handler ran without a grant")
        elif gate.effected.at_ms[name] >= _statement(gate, oracle, case).expires_at_ms:
            yield Violation("once", f"{case.intent_id} ran after its grant had expired")
        elif _against(orders, _statement(gate, oracle, case), gate.effected.looked.get(name, 0)):
            yield Violation("order", f"{case.intent_id} was begun against an order")


def _orders(gate: "Gate") -> list[tuple[int, Order]]:
    """Return all orders, in the sequence in which they became durable."""
    numbers = range(gate.broker.partitions)
    places = [Place(topic, number) for topic in TOPICS for number in numbers]
    entries = sorted((e for p in places for e in gate.broker.logs[p]), key=lambda e: e.at)
    return [(e.at, order_of(e.key, gate.world.inputs.kept(e.value))) for e in entries]


def _against(orders: Sequence[tuple[int, Order]], grant: GrantStatement, looked: int) -> bool:
    """Tell, by going through all of them, whether an order stood against a grant at that moment."""
    holding: dict[str, Order] = {}
    for at, order in orders:
        if at >= looked:
            break
        known = holding.get(order.subject_id)
        mine = order.control is not ControlKind.CANCEL or order.by == grant.agent
        if order.scope is None and order.subject_id == grant.intent_id and mine:
            return True
        if order.scope is not None and order.scope.covers(
            grant.agent, grant.action, grant.resource
        ):
            since = order.control is ControlKind.HALT and grant.issued_at_ms <= order.stamp_ms
            if since:
                return True
            newer = known is None or order.at_ms > known.at_ms
            halts = known is not None and order.at_ms == known.at_ms
            if newer or (halts and order.control is ControlKind.HALT):
                holding[order.subject_id] = order
    return any(each.control is ControlKind.HALT for each in holding.values())


def _statement(gate: "Gate", oracle: Truth, case: Case) -> GrantStatement:
    key, form = case.intent_id.encode(), gate.world.form
    assert case.intent is not None  # noqa: S101 - it was granted
    assert case.closing is not None  # noqa: S101 - narrows a type
    told = OracleWord(f"approved.{case.intent.executor}", key, case.closing.position.offset)
    return statement_of(form.read(oracle.outputs[told], Grant), form)
