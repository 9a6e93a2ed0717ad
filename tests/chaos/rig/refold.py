"""The log folded once more, by `streams.gate.step` alone: what every other topic should say."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.errors import WireError
from streams.events import CaseEvent, Consequence, Position
from streams.gate.case import Case
from streams.gate.fold import step, unreadable
from streams.wire import codec
from streams.wire.client import KafkaRecord
from tests.chaos.rig.history import by_partition

Place = tuple[int, int]


@dataclass
class Refold:
    """What the log means. Places are (partition, offset) in `cases`."""

    cases: dict[str, Case] = field(default_factory=dict)
    changed: dict[Place, Case] = field(default_factory=dict)  # each case as it stood from there on
    consequences: dict[Place, Consequence] = field(default_factory=dict)
    values: dict[Place, bytes] = field(default_factory=dict)
    events: dict[Place, CaseEvent] = field(default_factory=dict)
    touched: dict[str, Place] = field(default_factory=dict)  # the last event of each case's key
    gaps: int = 0


def refold(records: Iterable[KafkaRecord]) -> Refold:
    """Fold every partition of the log in its order; `gaps` counts offsets that are not there."""
    folded = Refold()
    for partition, ordered in by_partition(records).items():
        expected = ordered[0].offset
        for record in ordered:
            folded.gaps += record.offset - expected
            expected = record.offset + 1
            _take(folded, partition, record)
    return folded


def _take(folded: Refold, partition: int, record: KafkaRecord) -> None:
    place, value = (partition, record.offset), record.value or b""
    folded.values[place] = value
    event = _read(record, value)
    if event is None:
        folded.consequences[place] = unreadable(None).consequence
        return
    made = step(
        folded.cases.get(event.intent_id),
        event,
        Position(partition=partition, offset=record.offset),
    )
    folded.events[place] = event
    folded.consequences[place] = made.consequence
    if made.case is not None:
        folded.cases[event.intent_id] = made.case
        folded.touched[event.intent_id] = place
        folded.changed[made.case.applied.partition, made.case.applied.offset] = made.case


def _read(record: KafkaRecord, value: bytes) -> CaseEvent | None:
    try:
        event = codec.decode(value, CaseEvent)
    except WireError:
        return None
    return event if event.intent_id.encode() == (record.key or b"") else None
