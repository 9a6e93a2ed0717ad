"""One outcome: which executor class signed it, and for which grant."""

from pydantic import ValidationError

from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import Outcome, OutcomeAdmitted, OutcomeStatement
from streams.masking import Masked
from streams.signing import OUTCOME, PublicKey, open_envelope
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, Known, Opened
from streams.worker.record import Record


def open_outcome(record: Record, context: Context) -> Known:
    """Authenticate an executor's report. Raises InputError."""
    reading.check_size(record, context.settings.input_bytes_max)
    outcome = codec.decode(record.value, Outcome)
    reading.check_key(record, outcome.intent_id)
    classes = _classes(context.directory)
    key, payload = open_envelope(outcome.envelope, OUTCOME, classes)
    name = classes[key]
    return Known(outcome.intent_id, name, lambda: _read(outcome, name, payload, context))


def _read(outcome: Outcome, name: str, payload: bytes, context: Context) -> Opened:
    statement = _statement(payload, outcome.intent_id)
    message = reading.unseal_text(context.keys.seal, outcome.message, outcome.intent_id)

    def finish(masked: Masked) -> OutcomeAdmitted:
        return OutcomeAdmitted(
            grant_id=statement.grant_id,
            executor=name,
            status=statement.status,
            message=str(masked.document),
            result_digest=statement.result_digest,
            finished_at_ms=statement.finished_at_ms,
            envelope=outcome.envelope,
        )

    return Opened(outcome.intent_id, message, finish, aside=True)


def _classes(directory: Directory) -> dict[PublicKey, str]:
    return {key: name for name, entry in directory.executors.items() for key in entry.keys}


def _statement(payload: bytes, intent_id: str) -> OutcomeStatement:
    try:
        statement = OutcomeStatement.model_validate_json(payload)
    except ValidationError:
        raise RefusedError("the signed statement is no outcome", code="bad_statement") from None
    if statement.intent_id != intent_id:
        raise RefusedError("the outcome was signed for another intent", code="intent_mismatch")
    return statement
