"""The two tables' changelogs against the refold: recovery must find exactly what the log gives."""

from collections.abc import Iterable, Iterator

from streams.audit.sequence import Tree
from streams.errors import PhigateError
from streams.events import AuditEntry
from streams.gate.case import Case
from streams.wire import codec
from streams.wire.client import KafkaRecord
from streams.worker.rows import POSITION_KEY, Row, unpack
from tests.chaos.rig.history import History, by_partition
from tests.chaos.rig.refold import Refold

Key = tuple[int, bytes]
TABLES = ("fold-rows", "audit-rows")


def wrong(history: History, folded: Refold) -> set[str]:
    """Return which rows, as recovery would choose them, are not what the log gives."""
    marks = _marks(history)
    return {
        f"{table}/{name}"
        for table in TABLES
        for name in _wrong(table, newest(history.of(table)), folded, marks)
    }


def stale(history: History) -> set[str]:
    """Return which keys have a row last in the changelog that is not their newest."""
    found = set()
    for table in TABLES:
        best = newest(history.of(table))
        found |= {
            f"{table}/{partition}/{key.decode(errors='replace')}"
            for (partition, key), last in _last(history.of(table)).items()
            if last.applied < best[partition, key].applied
        }
    return found


def newest(records: Iterable[KafkaRecord]) -> dict[Key, Row]:
    """Return the row of each key with the highest position: what recovery keeps."""
    found: dict[Key, Row] = {}
    for key, row in _rows(records):
        if key not in found or row.applied >= found[key].applied:
            found[key] = row
    return found


def _last(records: Iterable[KafkaRecord]) -> dict[Key, Row]:
    return dict(_rows(records))


def _rows(records: Iterable[KafkaRecord]) -> Iterator[tuple[Key, Row]]:
    for partition, ordered in by_partition(records).items():
        for record in ordered:
            try:
                yield (partition, record.key or b""), unpack(record.value or b"")
            except PhigateError:
                continue


def _wrong(
    table: str, found: dict[Key, Row], folded: Refold, marks: dict[tuple[int, int], bytes]
) -> Iterator[str]:
    for intent_id, case in folded.cases.items():
        partition, offset = folded.touched[intent_id]
        row = found.get((partition, intent_id.encode()))
        if row is None:
            yield f"{intent_id} missing"
        elif row.applied != offset or _case(row) != case:
            yield intent_id
    for (partition, key), row in found.items():
        if key != POSITION_KEY and key.decode(errors="replace") not in folded.cases:
            yield f"{partition}/{key!r} from nowhere"
        if table == "audit-rows" and marks.get((partition, row.applied)) != row.mark:
            yield f"{partition}/{row.applied} mark"


def _case(row: Row) -> Case | None:
    """Return a row's case, whatever version wrote it."""
    try:
        return codec.decode(row.case, Case)
    except PhigateError:
        return None


def _marks(history: History) -> dict[tuple[int, int], bytes]:
    """Return the tree that each entry's row must hold, grown anew from the entries."""
    marks: dict[tuple[int, int], bytes] = {}
    trees: dict[int, Tree] = {}
    for (shard, index), entry in sorted(_entries(history).items()):
        try:
            trees[shard] = trees.get(shard, Tree.begin(index)).with_entry(entry)
        except PhigateError:
            continue  # one before it is gone: no tree is right from here on
        marks[shard, index] = trees[shard].pack()
    return marks


def _entries(history: History) -> dict[tuple[int, int], AuditEntry]:
    found = {}
    for record in history.of("audit"):
        try:
            entry = codec.decode(record.value or b"", AuditEntry)
            found[entry.shard, entry.index] = entry
        except (PhigateError, ValueError):
            continue
    return found
