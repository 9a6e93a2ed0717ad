"""How the log's program reads events and cases, writes them, and folds; a simulator has its own."""

from streams.errors import WireError
from streams.events import CaseEvent, Position
from streams.gate.case import Case
from streams.gate.fold import Step, step
from streams.wire import codec
from streams.worker.admission.reading import is_intent_id
from streams.worker.record import Place, Record


class Script:
    """How events and cases are written down, and folded: the product's own."""

    def event(self, record: Record) -> CaseEvent | None:
        """Return what a record says, nothing where it is no event of the intent its key names."""
        try:
            event = codec.decode(record.value, CaseEvent)
        except WireError:
            return None
        named = is_intent_id(event.intent_id) and event.intent_id.encode() == record.key
        return event if named else None

    def case(self, data: bytes) -> Case:
        """Read a case."""
        return codec.decode(data, Case)

    def data(self, case: Case) -> bytes:
        """Write a case down."""
        return codec.encode(case)

    def step(self, case: Case | None, event: CaseEvent, place: Place, offset: int) -> Step:
        """Fold."""
        return step(case, event, Position(partition=place.partition, offset=offset))


SCRIPT = Script()
