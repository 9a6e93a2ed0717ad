"""One outcome: which executor class signed it, for which grant, and that the message is its own."""

from streams import statements
from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import Outcome, OutcomeAdmitted, OutcomeStatement
from streams.masking import Masked
from streams.sealing import Purpose
from streams.signing import PublicKey
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, KnownSender, Opened
from streams.worker.record import Record


def open_outcome(record: Record, context: Context) -> KnownSender:
    """Authenticate an executor's report. Raises InputError."""
    reading.check_size(record, context.settings.input_bytes_max)
    outcome = codec.decode(record.value, Outcome)
    reading.check_key(record, outcome.intent_id)
    classes = _classes(context.directory)
    key, payload = statements.signer(OutcomeStatement, outcome.envelope, classes)
    name = classes[key]
    return KnownSender(outcome.intent_id, name, lambda: _read(outcome, name, payload, context))


def _read(outcome: Outcome, name: str, payload: bytes, context: Context) -> Opened:
    statement = statements.said(OutcomeStatement, payload, context.directory.gate.id)
    if statement.intent_id != outcome.intent_id:
        raise RefusedError("the outcome was signed for another intent", code="intent_mismatch")
    message = reading.unseal_text(
        context.keys.seal, outcome.message, outcome.intent_id, Purpose.OUTCOME
    )
    if not reading.is_salted(statement.message_digest, outcome.salt, message.encode()):
        raise RefusedError("the message is not the signed one", code="message_mismatch")

    def finish(masked: Masked) -> OutcomeAdmitted:
        return OutcomeAdmitted(
            grant_id=statement.grant_id,
            executor=name,
            status=statement.status,
            message=str(masked.document),
            result_digest=statement.result_digest,
            finished_at_ms=statement.finished_at_ms,
            envelope=outcome.envelope,
            message_digest=statement.message_digest,
        )

    return Opened(outcome.intent_id, message, finish, aside=True)


def _classes(directory: Directory) -> dict[PublicKey, str]:
    return {key: name for name, entry in directory.executors.items() for key in entry.keys}
