"""What was written down while the cluster was broken: the checker's only input."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from streams.signing import PublicKey
from streams.wire.client import KafkaRecord

INPUTS = ("intents", "decisions", "outcomes")


@dataclass(frozen=True)
class History:
    """Records by topic (names without prefix; all executor classes under `approved`), journals.

    `proposed`: id, action, params (their SHA-256), acked. `decided`: id, person, answer, partition,
    offset. `ran`: grant_id, intent_id, idempotent, unmasked, params. `seen`: id, end. `planted`
    must be found nowhere; `texts` (logs) are looked through too.
    """

    topics: Mapping[str, tuple[KafkaRecord, ...]]
    grant_keys: tuple[PublicKey, ...]
    audit_keys: tuple[PublicKey, ...]
    proposed: tuple[Mapping[str, Any], ...] = ()
    decided: tuple[Mapping[str, Any], ...] = ()
    ran: tuple[Mapping[str, Any], ...] = ()
    seen: tuple[Mapping[str, Any], ...] = ()
    planted: tuple[str, ...] = ()
    texts: Mapping[str, bytes] = field(default_factory=dict)

    def of(self, topic: str) -> tuple[KafkaRecord, ...]:
        """Return a topic's records, each partition in its order."""
        return self.topics.get(topic, ())


class Journal:
    """A client's own notes: JSON lines, on the disk when `write` returns. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = Lock()

    def write(self, **what: object) -> None:
        """Append one line and wait for the disk."""
        self.write_all([what])

    def write_all(self, notes: Iterable[Mapping[str, object]]) -> None:
        """Append a line for each and wait for the disk."""
        with self._lock:
            self._file.write(b"".join(json.dumps(each).encode() + b"\n" for each in notes))
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a journal's lines; one that a kill cut short was never acknowledged."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def by_partition(records: Iterable[KafkaRecord]) -> dict[int, list[KafkaRecord]]:
    """Return the records of each partition, in the order of their offsets."""
    found: dict[int, list[KafkaRecord]] = {}
    for record in records:
        found.setdefault(record.partition, []).append(record)
    return {number: sorted(each, key=lambda r: r.offset) for number, each in found.items()}
