"""What must be, by the log alone: the fold from its first record, with nothing in between.

It knows no positions, rows, workers or faults; that is its whole point.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.errors import WireError
from streams.events import CaseEvent, Consequence, Effected
from streams.gate.case import Case
from streams.gate.fold import unreadable
from streams.testing.broker import Broker, Entry, at
from streams.testing.form import Form
from streams.testing.hosts import CASES
from streams.worker.record import Place

UNMOVED = frozenset({Effected.REFUSED, Effected.REPEATED})


class OracleWord(NamedTuple):
    """An output that must be there: exactly these bytes, for this entry of the log."""

    topic: str
    key: bytes
    offset: int


@dataclass
class Truth:
    """What the log says. `rows` holds the offset of each case's last event, refused or not."""

    cases: dict[bytes, Case] = field(default_factory=dict)
    rows: dict[bytes, int] = field(default_factory=dict)
    events: dict[bytes, list[CaseEvent]] = field(default_factory=lambda: defaultdict(list))
    offsets: dict[bytes, list[int]] = field(default_factory=lambda: defaultdict(list))
    consequences: dict[Place, list[Consequence]] = field(default_factory=dict)
    outputs: dict[OracleWord, bytes] = field(default_factory=dict)


def truth(broker: Broker, form: Form) -> Truth:
    """Fold every partition of the log."""
    found = Truth()
    for partition in range(broker.partitions):
        place = at(CASES, partition)
        found.consequences[place] = [
            _one(found, place, offset, entry, form)
            for offset, entry in enumerate(broker.logs[place])
        ]
    return found


def _one(found: Truth, place: Place, offset: int, entry: Entry, form: Form) -> Consequence:
    event = read_event(entry, form)
    if event is None:
        return unreadable(None).consequence
    made = form.step(found.cases.get(entry.key), event, place, offset)
    found.events[entry.key].append(event)
    found.offsets[entry.key].append(offset)
    if made.case is not None:
        found.cases[entry.key] = made.case
        found.rows[entry.key] = offset
        if made.consequence.effected not in UNMOVED:
            found.outputs.update(_outputs(entry.key, made.case, form))
    return made.consequence


def _outputs(key: bytes, case: Case, form: Form) -> Iterator[tuple[OracleWord, bytes]]:
    for shown in form.shown(case):
        position = case.applied
        if shown.topic.startswith("approved.") and case.closing is not None:
            position = case.closing.position  # a grant stands for the closing, for ever
        yield OracleWord(shown.topic, key, position.offset), shown.value


def read_event(entry: Entry, form: Form) -> CaseEvent | None:
    """Return the event of a record of the log, where it holds one of its own key."""
    try:
        event = form.read(entry.value, CaseEvent)
    except WireError:
        return None
    return event if event.intent_id.encode() == entry.key else None
