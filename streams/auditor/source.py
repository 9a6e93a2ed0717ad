"""Where audit records come from: Kafka, or a file that `phigate audit export` wrote.

The file is JSON lines: first a line that says what it is, then one record a line, key and value in
base64 exactly as they lie in Kafka, so that what is verified from a file is what was in the topic.
"""

import base64
import binascii
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streams.errors import OperatorError
from streams.wire import client, topics
from streams.wire.topic import RECORD_BYTES_MAX

if TYPE_CHECKING:
    from streams.settings import Settings

HEADER: Final = {"phigate": "audit-export", "version": 1}
LINE_BYTES_MAX: Final = 2 * RECORD_BYTES_MAX  # base64 takes 4/3; key and names the rest


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it was stored. `timestamp_ms` is the broker's clock."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


def from_kafka(settings: "Settings") -> Iterator[Stored]:
    """Yield the records of `audit` up to its present end. Raises BrokerError."""
    for record in client.records(settings, topics.name(settings, "audit")):
        yield Stored(record.partition, record.offset, record.timestamp_ms, record.key, record.value)


def ends(settings: "Settings", topic: str) -> dict[int, tuple[int, int]]:
    """Return the first and the next offset of each partition of a topic. Raises BrokerError."""
    with closing(client.consumer(settings)) as reader:
        client.reach(reader, settings)
        name = topics.name(settings, topic)
        return client.ends(reader, name, None, client.REACH_TIMEOUT_S)


def from_file(path: Path) -> Iterator[Stored]:
    """Yield the records of an exported file. Raises OperatorError with the line that is wrong."""
    try:
        with path.open("rb") as file:
            if _json(path, 1, file.readline(LINE_BYTES_MAX)) != HEADER:
                raise _wrong(path, 1, "this is no audit export of a version known here")
            number = 1
            while line := file.readline(LINE_BYTES_MAX):
                number += 1
                yield _stored(path, number, line)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}", code="no_file") from None


def to_file(path: Path, records: Iterable[Stored], *, force: bool = False) -> int:
    """Write records to a file, whole or not at all, and return how many.

    Raises OperatorError where the file is there already (unless `force`) or cannot be written.
    """
    if path.exists() and not force:
        raise OperatorError(
            f"{path} is there already", code="file_exists", hint="name another, or give --force"
        )
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="ascii") as file:
            file.write(json.dumps(HEADER) + "\n")
            count = 0
            for record in records:
                file.write(json.dumps(_line(record)) + "\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", code="no_file") from None
    finally:
        beside.unlink(missing_ok=True)
    return count


def _line(record: Stored) -> dict[str, Any]:
    return {
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "key": _coded(record.key),
        "value": _coded(record.value),
    }


def _coded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _stored(path: Path, number: int, line: bytes) -> Stored:
    found = _json(path, number, line)
    try:
        return Stored(
            int(found["partition"]),
            int(found["offset"]),
            int(found["timestamp_ms"]),
            _decoded(found["key"]),
            _decoded(found["value"]),
        )
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise _wrong(path, number, "it is no record of an export") from None


def _decoded(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def _json(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise _wrong(path, number, "it is no JSON: is the file cut off?") from None


def _wrong(path: Path, number: int, why: str) -> OperatorError:
    return OperatorError(f"{path}, line {number}: {why}", code="bad_export")
