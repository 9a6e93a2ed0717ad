"""Any record of any topic of ours as one JSON object, for people. It never raises, and never PHI.

What senders outside the gate wrote is shown only as far as it is a message: bytes that are none,
and keys that are no ids, may be anything, and only their size is said.
"""

import re
from typing import TYPE_CHECKING, Any

from streams import events
from streams.wire import codec, schemas
from streams.wire.client import KafkaRecord
from streams.wire.topic import Topic

if TYPE_CHECKING:
    from streams.events import Message

_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def shown(record: KafkaRecord, topic: Topic) -> dict[str, Any]:
    """Return a record as JSON values: where it lies, when the broker took it, key and value."""
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "key": _key(record.key, topic),
        "value": _value(record.value, topic),
    }


def _key(key: bytes | None, topic: Topic) -> Any:
    if key is None:
        return None
    if topic.foreign and not _ID.fullmatch(key):
        return {"withheld_bytes": len(key)}
    return key.decode(errors="backslashreplace")


def _value(value: bytes | None, topic: Topic) -> Any:
    if value is None:
        return None
    if topic.table:
        return _row(value, topic.record)
    kind: type[Message] = getattr(events, topic.record)
    return codec.show(value, kind)


def _row(value: bytes, name: str) -> dict[str, Any]:
    """Show a table's row: the worker's own head, then a case, or none in a row of positions."""
    heads = (
        codec.MARKER + version for version, of in schemas.archive_index().items() if of == name
    )
    starts = [at for at in (value.find(head) for head in heads) if at >= 0]
    if not starts:
        return {"head": value.hex(), "case": None}
    at = min(starts)
    return {"head": value[:at].hex(), "case": codec.show_fields(value[at:], name)}
