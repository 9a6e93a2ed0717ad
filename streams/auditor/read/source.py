"""Where audit records come from: Kafka, or a file that `phigate audit export` wrote.

The file is JSON lines: first a line that says what it is, then one record a line, key and value in
base64 exactly as they lie in Kafka, so that what is verified from a file is what was in the topics:
the notes of `checkpoints` first, then the entries of `audit`.

Both are written while they are read. So the end of the notes is looked at first, then that of the
entries: what the notes before theirs sign is there. Later notes are marked `late`: they may sign
what is not.
"""

import base64
import binascii
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streams.errors import OperatorError
from streams.files import beside, may_write
from streams.wire import client, topics
from streams.wire.topic import RECORD_BYTES_MAX

if TYPE_CHECKING:
    from streams.settings import Settings

HEADER: Final = {"phigate": "audit-export", "version": 2}
FIRST_NOTE_S: Final = 4.0  # a tree at rest is signed within a second, all of them within two
LINE_BYTES_MAX: Final = 2 * RECORD_BYTES_MAX  # base64 takes 4/3; key and names the rest


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it was stored, of `audit` or `checkpoints`. `timestamp_ms` is the broker's."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    topic: str = "audit"
    late: bool = False


def evidence(settings: "Settings") -> Iterator[Stored]:
    """Yield the notes, then the entries up to the end as it is now. Raises BrokerError."""
    until = time.monotonic() + FIRST_NOTE_S
    while True:
        firm = {number: high for number, (_, high) in ends(settings, "checkpoints").items()}
        spans = ends(settings, "audit")
        notes = list(_notes(settings, firm))
        if _signed(notes, spans) or time.monotonic() > until:
            break
        time.sleep(0.2)
    yield from notes
    for record in from_kafka(settings):
        if record.offset < spans.get(record.partition, (0, 0))[1]:
            yield record


def _notes(settings: "Settings", firm: dict[int, int]) -> Iterator[Stored]:
    for each in client.records(settings, topics.name(settings, "checkpoints")):
        late = each.offset >= firm.get(each.partition, 0)
        place = (each.partition, each.offset, each.timestamp_ms)
        yield Stored(*place, each.key, each.value, "checkpoints", late=late)


def _signed(notes: list[Stored], spans: dict[int, tuple[int, int]]) -> bool:
    """Return whether each shard that has entries has a note, and all of them have one together."""
    wanted = {number for number, (low, high) in spans.items() if low < high}
    keys = {each.key or b"" for each in notes if not each.late}
    whole = {int(key[:5]) for key in keys if key[:5].isdigit()}
    return not wanted or (wanted <= whole and any(key.startswith(b"all/") for key in keys))


def from_kafka(settings: "Settings", starts: Mapping[int, int] | None = None) -> Iterator[Stored]:
    """Yield the records of `audit` up to its present end. Raises BrokerError.

    `starts` are offsets to begin at, by partition; a partition that is not in it is read whole.
    """
    for record in client.records(settings, topics.name(settings, "audit"), starts=starts):
        yield Stored(record.partition, record.offset, record.timestamp_ms, record.key, record.value)


def of_shard(settings: "Settings", shard: int) -> Iterator[Stored]:
    """Yield the records of one shard up to its present end. Raises BrokerError."""
    for record in client.records(settings, topics.name(settings, "audit"), [shard]):
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
    may_write(path, force=force)
    with beside(path) as part, part.open("w", encoding="ascii") as file:
        file.write(json.dumps(HEADER) + "\n")
        count = 0
        for record in records:
            file.write(json.dumps(_line(record)) + "\n")
            count += 1
    return count


def _line(record: Stored) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "late": record.late,
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
            _topic(found["topic"]),
            late=found["late"] is True,
        )
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise _wrong(path, number, "it is no record of an export") from None


def _topic(text: str) -> str:
    if text not in {"audit", "checkpoints"}:
        raise ValueError
    return text


def _decoded(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def _json(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise _wrong(path, number, "it is no JSON: is the file cut off?") from None


def _wrong(path: Path, number: int, why: str) -> OperatorError:
    return OperatorError(f"{path}, line {number}: {why}", code="bad_export")
