"""The one door to what somebody signed: a statement of one kind, for one gate.

Whoever reads a statement (admit, executors, doors, auditors) reads it here, so that all of them
come to the same answer about the same bytes.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from pydantic import ValidationError

from streams import signing
from streams.errors import RefusedError
from streams.events import (
    BehalfStatement,
    ControlStatement,
    DecisionStatement,
    GrantStatement,
    IntentStatement,
    OutcomeStatement,
    RequestStatement,
    Statement,
)
from streams.signing import PublicKey, Signer

S = TypeVar("S", bound=Statement)

TYPES: Final[Mapping[type[Statement], str]] = {
    IntentStatement: signing.INTENT,
    BehalfStatement: signing.BEHALF,
    DecisionStatement: signing.DECISION,
    OutcomeStatement: signing.OUTCOME,
    ControlStatement: signing.CONTROL,
    GrantStatement: signing.GRANT,
    RequestStatement: signing.REQUEST,
}


def signed(statement: Statement, key: Signer) -> bytes:
    """Return the DSSE envelope over a statement, under the payload type of its kind."""
    return signing.envelope(statement.model_dump_json().encode(), TYPES[type(statement)], key)


def opened(
    form: type[S], envelope: bytes, keys: Iterable[PublicKey], gate: str
) -> tuple[PublicKey, S]:
    """Return who of `keys` signed, and what they said to the gate of this id.

    Raises as `signer` and `said` do.
    """
    key, payload = signer(form, envelope, keys)
    return key, said(form, payload, gate)


def signer(
    form: type[Statement], envelope: bytes, keys: Iterable[PublicKey]
) -> tuple[PublicKey, bytes]:
    """Return who of `keys` signed, and the bytes that should be such a statement.

    For whoever has to say who signed what is refused. Raises as `signing.open_envelope` does.
    """
    return signing.open_envelope(envelope, TYPES[form], keys)


def said(form: type[S], payload: bytes, gate: str) -> S:
    """Return what was said to the gate of this id; RefusedError `bad_statement`, `other_gate`."""
    statement = _parsed(form, payload)
    check_gate(statement, gate)
    return statement


def read(form: type[S], envelope: bytes, keys: Iterable[PublicKey]) -> tuple[PublicKey, S]:
    """Return who of `keys` signed, and what; the gate is the caller's to compare.

    Raises SignatureError as `signing.open_envelope` does, and RefusedError `bad_statement` where it
    is no statement of this kind.
    """
    key, payload = signer(form, envelope, keys)
    return key, _parsed(form, payload)


def check_gate(statement: Statement, gate: str) -> None:
    """Return if it was said to the gate of this id; RefusedError `other_gate`."""
    if not gate or statement.gate != gate:
        raise RefusedError("it was signed for another gate than this one", code="other_gate")


def _parsed(form: type[S], payload: bytes) -> S:
    """Return the statement; the parser's own error would quote it."""
    try:
        return form.model_validate_json(payload)
    except ValidationError:
        pass
    word = form.model_fields["purpose"].default
    raise RefusedError(f"the signed statement is no known {word}", code="bad_statement")
