"""The gate's fold, asked again: what each event gives, if the log is what it says."""

from streams.audit.entry import is_unreadable
from streams.errors import WireError
from streams.events import AuditEntry, CaseEvent, Consequence, Position
from streams.gate import fold
from streams.gate.case import Case
from streams.wire import codec


class Refold:
    """One shard's cases, rebuilt event by event; an `audit.verify.Replay`.

    It holds every case of the shard, without the parts that decide nothing: about 2 KB an intent.
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def __call__(self, entry: AuditEntry) -> Consequence:
        """Fold the entry's event; WireError where it is no event, or one of another intent."""
        case = self._cases.get(entry.intent_id)
        if is_unreadable(entry.consequence):
            return fold.unreadable(case).consequence
        event = codec.decode(entry.event, CaseEvent)
        if event.intent_id != entry.intent_id:
            raise WireError("it is of another intent than the entry", code="wrong_intent")
        step = fold.step(case, event, Position(partition=entry.shard, offset=entry.index))
        if step.case is not None:
            self._cases[entry.intent_id] = slim(step.case)
        return step.consequence


def slim(case: Case) -> Case:
    """Return the case without what no step ever looks at: the display and the sealed body."""
    intent = case.intent
    if intent is None or not (intent.display or intent.sealed.ciphertext):
        return case
    sealed = intent.sealed.model_copy(update={"ciphertext": b"", "wrapped_key": b""})
    lean = intent.model_copy(update={"display": b"", "sealed": sealed, "release": None})
    return case.model_copy(update={"intent": lean})
