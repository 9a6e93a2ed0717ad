"""One decision: who signed it, and that the rationale is the one that was signed."""

import hashlib

from pydantic import ValidationError

from streams.errors import RefusedError
from streams.events import Decision, DecisionAdmitted, DecisionStatement
from streams.masking import Masked
from streams.signing import DECISION, open_envelope
from streams.wire import codec
from streams.worker.admission import reading
from streams.worker.admission.context import Context, Opened
from streams.worker.record import Record


def open_decision(record: Record, context: Context) -> Opened:
    """Read and authenticate a decision. Raises InputError.

    The person is whose key signed; their groups are the directory's, as it stands now.
    """
    reading.check_size(record, context.settings.input_bytes_max)
    decision = codec.decode(record.value, Decision)
    reading.check_key(record, decision.intent_id)
    directory = context.directory
    key, payload = open_envelope(decision.envelope, DECISION, directory.approver_keys())
    statement = _statement(payload, decision.intent_id)
    found = directory.person_of_key(key.key_id)
    if found is None or not found[1].active:
        raise RefusedError("the directory has no such person now", code="unknown_person")
    person, groups = found[0], tuple(sorted(found[1].groups))
    rationale = reading.unseal_text(context.keys.seal, decision.rationale, decision.intent_id)
    digest = hashlib.sha256(decision.salt + rationale.encode()).hexdigest()
    if digest != statement.rationale_digest:
        raise RefusedError("the rationale is not the signed one", code="rationale_mismatch")

    def finish(masked: Masked) -> DecisionAdmitted:
        return DecisionAdmitted(
            person=person,
            groups=groups,
            answer=statement.answer,
            code=statement.code,
            rationale=str(masked.document),
            action_digest=statement.action_digest,
            display_digest=statement.display_digest,
            policy_revision=statement.policy_revision,
            decided_at_ms=statement.decided_at_ms,
            envelope=decision.envelope,
        )

    return Opened(decision.intent_id, rationale, finish)


def _statement(payload: bytes, intent_id: str) -> DecisionStatement:
    try:
        statement = DecisionStatement.model_validate_json(payload)
    except ValidationError:
        raise RefusedError("the signed statement is no decision", code="bad_statement") from None
    if statement.intent_id != intent_id:
        raise RefusedError("the decision was signed for another intent", code="intent_mismatch")
    reading.check_code(statement.code)
    return statement
