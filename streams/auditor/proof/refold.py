"""The gate's fold, asked again: what each event gives, if the log is what it says."""

from streams.audit.entry import is_unreadable
from streams.errors import WireError
from streams.events import AuditEntry, CaseEvent, Consequence, Position
from streams.gate import fold
from streams.gate.case import Case
from streams.wire import codec


class Refold:
    """One shard's cases, rebuilt event by event.

    It holds every case of the shard, without the parts that decide nothing: about 2 KB an intent.
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def __call__(self, entry: AuditEntry) -> Consequence:
        """Fold the entry's event; WireError where it is no event, or one of another intent."""
        if is_unreadable(entry.consequence):
            return fold.unreadable(None).consequence
        event = codec.decode(entry.event, CaseEvent)
        if event.intent_id != entry.intent_id:
            raise WireError("it is of another intent than the entry", code="wrong_intent")
        return self.fold(event, entry.shard, entry.index)

    def fold(self, event: CaseEvent, shard: int, index: int) -> Consequence:
        """Fold an event that stands at this place."""
        case = self._cases.get(event.intent_id)
        step = fold.step(case, event, Position(partition=shard, offset=index))
        if step.case is not None:
            self._cases[event.intent_id] = slim(step.case)
        return step.consequence

    def case(self, intent_id: str) -> Case | None:
        """Return the case as it stands after the last event of its intent."""
        return self._cases.get(intent_id)


def slim(case: Case) -> Case:
    """Return the case without what no step ever looks at: the display and the sealed body."""
    intent = case.intent
    if intent is None or not (intent.display or intent.sealed.ciphertext):
        return case
    sealed = intent.sealed.model_copy(update={"ciphertext": b"", "wrapped_key": b""})
    lean = intent.model_copy(update={"display": b"", "sealed": sealed, "release": None})
    return case.model_copy(update={"intent": lean})
