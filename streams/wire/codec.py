"""Bytes to messages and back: Avro's single-object encoding, read strictly.

A record is C3 01, the writer's schema fingerprint (eight bytes, little-endian), then Avro binary
(Avro 1.12, "Single-object encoding"). Rules:

1. Whatever the bytes, `decode` returns a message or raises `WireError`; nothing else ever leaves.
2. One message has one encoding: what would not be written back byte for byte is refused. That shuts
   out negative lengths, padded or cut numbers and split arrays, which fastavro takes in silence.
3. No error says a value of the data, in its message or in its chain: it may be PHI.

Codes: `not_avro`, `unknown_schema`, `wrong_schema`, `truncated`, `trailing_bytes`, `too_large`,
`bad_value`.
"""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, NoReturn, TypeVar

from fastavro import schemaless_reader, schemaless_writer

from streams.errors import WireError
from streams.events import AuditEntry, CaseEvent, Intent, Message
from streams.wire import schemas

M = TypeVar("M", bound=Message)

MARKER = b"\xc3\x01"
HEAD_BYTES = len(MARKER) + 8

# An input fits Kafka's default of 1 MiB a record. A CaseEvent carries it twice, masked and sealed.
# A Grant carries the masked view as JSON in JSON (at worst twice as long) in base64 (4/3), and the
# sealed body: under 8/3 of a CaseEvent. So what admit could write, fold can always publish.
INPUT_BYTES_MAX = 1 << 20
EVENT_BYTES_MAX = 2 << 20
DERIVED_BYTES_MAX = 6 << 20
CONTROL_BYTES_MAX = 64 << 10  # a name, a page of reason; a person may write ten thousand a day

_BYTES_MAX = {
    "Intent": INPUT_BYTES_MAX,
    "IntentBody": INPUT_BYTES_MAX,
    "Decision": INPUT_BYTES_MAX,
    "Outcome": INPUT_BYTES_MAX,
    "Begun": CONTROL_BYTES_MAX,
    "Control": CONTROL_BYTES_MAX,
    "CaseEvent": EVENT_BYTES_MAX,
}

# The models' discriminator is not on the wire: the branch of the union says it.
_UNSAID: Mapping[str, dict[str, set[str]]] = {
    "CaseEvent": {"body": {"type"}},
    "Case": {"intent": {"type"}},
}

_WHY = {
    "not_avro": "does not begin with C3 01: not Avro's single-object encoding",
    "unknown_schema": "carries a schema fingerprint that no version of phigate has written",
    "wrong_schema": "is another record than the one expected here",
    "truncated": "ends in the middle of a field",
    "trailing_bytes": "goes on after its last field",
    "too_large": "is larger than a record of this kind may be",
    "bad_value": "holds a value that its schema or model does not allow",
}


def bytes_max(name: str) -> int:
    """Return how many bytes an encoded record `name` may have."""
    return _BYTES_MAX.get(name, DERIVED_BYTES_MAX)


def encode(message: Message) -> bytes:
    """Return a message's bytes; WireError `too_large`, `bad_value`, `wrong_schema` for a part."""
    name = type(message).__name__
    if name not in schemas.ROOTS:
        _refuse(name, "wrong_schema")
    values = message.model_dump(exclude=_UNSAID.get(name), warnings=False)
    if isinstance(message, CaseEvent):
        values["body"] = (f"{schemas.NAMESPACE}.{message.body.type}", values["body"])
    binary = _write(values, schemas.current(name))
    if binary is None:
        _refuse(name, "bad_value")
    if HEAD_BYTES + len(binary) > bytes_max(name):
        _refuse(name, "too_large")
    return MARKER + schemas.fingerprint_of(name) + binary


def decode(data: bytes, kind: type[M]) -> M:
    """Return the message of `kind` in these bytes, whatever version wrote them; else WireError."""
    values = unpack(data, kind.__name__)
    with suppress(ValueError):  # its text quotes values: it may not even be our error's context
        return kind.model_validate(values)
    return _refuse(kind.__name__, "bad_value")


def unpack(data: bytes, name: str) -> dict[str, Any]:
    """Return the fields of record `name` as the current schema has them; WireError as in rule 1."""
    if len(data) > bytes_max(name):
        _refuse(name, "too_large")
    writer = _writer(data, name)
    values, code = _read(data, writer)
    current = schemas.current(name)
    if not code and data[len(MARKER) : HEAD_BYTES] != schemas.fingerprint_of(name):
        values, code = _read(data, writer, current)
    if code:
        _refuse(name, code)
    if isinstance(values.get("body"), tuple):
        branch, body = values["body"]
        values["body"] = {"type": branch.rpartition(".")[2], **body}
    return values


def _writer(data: bytes, name: str) -> schemas.Schema:
    if not data.startswith(MARKER):
        _refuse(name, "not_avro")
    if len(data) < HEAD_BYTES:
        _refuse(name, "truncated")
    version = schemas.Fingerprint(data[len(MARKER) : HEAD_BYTES])
    known = schemas.archive_index().get(version)
    if known is None:
        _refuse(name, "unknown_schema")
    if known != name:
        _refuse(name, "wrong_schema")
    return schemas.archived(name, version)


def _read(
    data: bytes, writer: schemas.Schema, reader: schemas.Schema | None = None
) -> tuple[dict[str, Any], str]:
    stream = BytesIO(data)
    stream.seek(HEAD_BYTES)
    try:
        values = schemaless_reader(
            stream, writer, reader, return_record_name=True, return_record_name_override=True
        )
    except EOFError:
        return {}, "truncated"
    except Exception:  # noqa: BLE001 - the reader fails in many ways, and all are the sender's
        return {}, "bad_value"
    if stream.tell() != len(data):
        return {}, "trailing_bytes"
    if reader is None and _write(values, writer) != data[HEAD_BYTES:]:
        return {}, "bad_value"
    return values, ""


def _write(values: dict[str, Any], schema: schemas.Schema) -> bytes | None:
    stream = BytesIO()
    try:
        schemaless_writer(stream, schema, values, strict=True)
    except Exception:  # noqa: BLE001 - the writer fails in many ways, and quotes the value
        return None
    return stream.getvalue()


def _refuse(name: str, code: str) -> NoReturn:
    raise WireError(f"this {name} {_WHY[code]}", code=code)


# ---------------------------------------------------------------- for people


def to_json(message: Message) -> dict[str, Any]:
    """Return a message as JSON values for people.

    Bytes that are UTF-8 JSON become text, others `{"base64": …}`. The event inside an AuditEntry is
    decoded. An unsealed Intent's body may hold PHI, so only its size is shown.
    """
    shown: dict[str, Any] = _shown(message.model_dump())
    if isinstance(message, Intent) and message.sealing == "plain":
        shown["body"] = {"withheld_bytes": len(message.body)}
    if isinstance(message, AuditEntry) and message.event:
        shown["event"] = show(message.event, CaseEvent)
    return shown


def show(data: bytes, kind: type[Message]) -> dict[str, Any]:
    """Return bytes as JSON values for people, or why they are no message; never raises."""
    try:
        return to_json(decode(data, kind))
    except WireError as error:
        return {"undecodable": error.code, "bytes": len(data)}


def show_fields(data: bytes, name: str) -> dict[str, Any]:
    """Return the fields of a record whose model lives in a room above this one; never raises."""
    try:
        shown: dict[str, Any] = _shown(unpack(data, name))
    except WireError as error:
        return {"undecodable": error.code, "bytes": len(data)}
    return shown


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    if isinstance(value, bytes):
        return _text(value)
    return value


def _text(value: bytes) -> str | dict[str, str]:
    try:
        json.loads(value.decode())
    except (ValueError, RecursionError):
        return {"base64": base64.b64encode(value).decode()}
    return value.decode()
