"""Where a batch of the audit ends: a note never goes out beside the entries that it covers."""

import pytest

from streams.events import Kind, Position
from streams.gate import fold
from streams.wire import codec
from streams.worker.logprogram import Folded
from streams.worker.record import Place, Record
from tests.auditor.busy import refusal
from tests.auditor.logs import T0, Gate

NOBODY = "0198c1a2-7d3e-7c55-9f3a-3f1d2b8a9c10"
EVENTS = 1_100


@pytest.mark.parametrize(("step_ms", "least"), [(0, 3), (900, 90), (60_000, EVENTS - 1)])
def test_the_batch_ends_exactly_where_a_note_is_due(step_ms: int, least: int) -> None:
    """`waits` is true of a mark if, and only if, the next event brings the note on that tree."""
    gate = Gate()
    effects, mark, due = gate.effects, b"", 0
    assert not effects.waits(None)
    for index in range(EVENTS):
        body = refusal(Kind.INTENT, "unknown_action", answerable=False)
        event = gate.event(NOBODY, body, T0 + index * step_ms)
        record = Record(Place("cases", 0), index, NOBODY.encode(), codec.encode(event))
        made = fold.step(None, event, Position(partition=0, offset=index))
        waits = effects.waits(mark or None)
        products, mark = effects.publish(Folded(record, event, made), mark or None)
        assert waits is any("checkpoints" == each.topic for each in products)
        due += waits
    assert due >= least
