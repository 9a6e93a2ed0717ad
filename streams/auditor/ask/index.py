"""An index of the audit in SQLite: built from the topic or an export, and never a second truth.

It holds facts (ids, codes, counts), can be thrown away and built again at any time, and says of
itself how far it is verified: of each shard, through which entry a walk of the whole audit
(`check`) vouched for what stands here. Whatever came later, stands behind a break, or was read
without a key, is not verified, and whoever asks is told so.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

from streams.audit.checkpoint import ALL
from streams.audit.report import Unreadable
from streams.auditor.ask.facts import ERASED, Fact, fact_of
from streams.auditor.ask.summary import Summary, summaries
from streams.auditor.proof.check import LogReport, read
from streams.auditor.read.source import Stored
from streams.errors import OperatorError

VERSION: Final = 2  # of the tables below: another version is thrown away and built again
TOPIC: Final = "audit"
BATCH: Final = 5_000  # records a transaction
Values = Sequence[Any] | Mapping[str, Any]
_FACT: Final = tuple(each.name for each in fields(Fact))
_SUMMARY: Final = tuple(each.name for each in fields(Summary))
_SCHEMA: Final = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE positions (part INTEGER PRIMARY KEY, next INTEGER, digest TEXT);
CREATE TABLE shards (shard INTEGER PRIMARY KEY, through INTEGER, head TEXT, broken INTEGER,
                     kind TEXT);
CREATE TABLE facts ({", ".join(_FACT)}, PRIMARY KEY (shard, idx)) WITHOUT ROWID;
CREATE INDEX facts_intent ON facts (intent_id);
CREATE TABLE intents ({", ".join(_SUMMARY)}, PRIMARY KEY (intent_id)) WITHOUT ROWID;
CREATE INDEX intents_opened ON intents (opened_ms);
"""


@dataclass(frozen=True)
class Belief:
    """How far one shard is verified: through entry `through`; `broken` is where it first broke.

    `head` identifies what was verified: pin it, or compare it with somebody else's.
    """

    shard: int
    entries: int
    through: int | None
    head: str | None
    broken: int | None
    kind: str | None


class Index:
    """The index; a context manager. `path` None keeps it in memory."""

    def __init__(self, path: Path | None = None, source: str = "") -> None:
        self._db = _open(path, source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @property
    def db(self) -> sqlite3.Connection:
        """The database, for reading."""
        return self._db

    # ------------------------------------------------------------ building

    def starts(self) -> dict[int, int]:
        """Return from which offset of each partition to read on.

        It is the last record that was read, once more: `fits` tells whether it is the same topic.
        """
        return {part: n - 1 for part, n in self._db.execute("SELECT part, next FROM positions")}

    def fits(self, ends: Mapping[int, tuple[int, int]]) -> bool:
        """Tell whether a topic with these ends can be the one that this index was made of."""
        return all(part in ends and ends[part][1] > at for part, at in self.starts().items())

    def add(self, records: Iterable[Stored]) -> int:
        """Read on and return how many entries were new; errors as for `passing`."""
        before = self.size()
        for _ in self.passing(records):
            pass
        return self.size() - before

    def passing(self, records: Iterable[Stored]) -> Iterator[Stored]:
        """Yield the records as they come, and keep what they say on the way.

        Raises OperatorError `index_stale` where a record is not the one that stood there before:
        the topic was made anew, and so must be the index.
        """
        rest = iter(records)
        while batch := list(islice(rest, BATCH)):
            with self._db:
                self._batch(batch)
            yield from batch

    def _batch(self, batch: Sequence[Stored]) -> None:
        known = {p: (n, d) for p, n, d in self._db.execute("SELECT * FROM positions")}
        rows: list[Fact] = []
        for record in batch:
            if record.topic != TOPIC:
                continue
            following, digest = known.get(record.partition, (0, ""))
            if record.offset < following:
                _same(record, following, digest)
                continue
            known[record.partition] = (record.offset + 1, _digest(record))
            _, item = read(record)
            if not isinstance(item, Unreadable):
                rows.append(fact_of(record, item))
        kept = [each for each in rows if each.kind != ERASED]
        _insert(self._db, "INSERT OR IGNORE INTO facts", _FACT, kept)
        gone = [each for each in rows if each.kind == ERASED]  # it takes the place of its event
        _insert(self._db, "INSERT OR REPLACE INTO facts", _FACT, gone)
        positions = [(part, n, digest) for part, (n, digest) in known.items()]
        self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", positions)
        self._resummarise({each.intent_id for each in rows if each.intent_id})

    def _resummarise(self, intents: set[str]) -> None:
        for intent_id in intents:
            found = self.facts("intent_id = ?", (intent_id,))
            _insert(self._db, "INSERT OR REPLACE INTO intents", _SUMMARY, list(summaries(found)))

    def vouch(self, report: LogReport) -> None:
        """Note what a walk of the whole audit found: how far each shard can be believed."""
        rows = []
        for each in report.shards:
            broken, head = each.broken or report.broken, each.head
            if broken and broken.shard not in {each.shard, ALL}:
                broken = None
            through = head.first + head.size - 1 - each.unsigned if head else -1
            if broken and (broken.shard == ALL or broken.index <= through):
                head = None  # what was walked is contested: nothing of it is claimed
            claimed = (through, head.root.hex()) if head and through >= head.first else (None, None)
            where = (broken.index, broken.kind.value) if broken else (None, None)
            rows.append((each.shard, *claimed, *where))
        with self._db:
            self._db.execute("DELETE FROM shards")
            self._db.executemany("INSERT INTO shards VALUES (?, ?, ?, ?, ?)", rows)

    # ------------------------------------------------------------ reading

    def size(self) -> int:
        """Return how many entries it holds."""
        return int(self._db.execute("SELECT count(*) FROM facts").fetchone()[0])

    def facts(self, where: str = "1", values: Values = ()) -> Iterator[Fact]:
        """Yield facts in the log's order; `where` is SQL of this package, never of a person."""
        order = "ORDER BY shard, idx"
        names = ", ".join(_FACT)
        query = f"SELECT {names} FROM facts WHERE {where} {order}"  # noqa: S608 - see docstring
        return (Fact(*row) for row in self._db.execute(query, values))

    def intents(self, where: str = "1", values: Values = ()) -> Iterator[Summary]:
        """Yield summaries, the newest first; `where` as for `facts`."""
        order = "ORDER BY opened_ms DESC, intent_id"
        names = ", ".join(_SUMMARY)
        query = f"SELECT {names} FROM intents WHERE {where} {order}"  # noqa: S608 - see `facts`
        return (Summary(*row) for row in self._db.execute(query, values))

    def beliefs(self) -> list[Belief]:
        """Return how far each shard is verified."""
        counts = dict(self._db.execute("SELECT shard, count(*) FROM facts GROUP BY shard"))
        known = {row[0]: row[1:] for row in self._db.execute("SELECT * FROM shards")}
        nothing = (None,) * 4
        return [
            Belief(shard, counts.get(shard, 0), *known.get(shard, nothing))
            for shard in sorted({*counts, *known})
        ]

    def verified(self, shard: int, index: int) -> bool:
        """Tell whether an entry was verified when it was read."""
        row = self._db.execute(
            "SELECT through, broken FROM shards WHERE shard = ?", (shard,)
        ).fetchone()
        return bool(row) and row[0] is not None and index <= row[0]


def _open(path: Path | None, source: str) -> sqlite3.Connection:
    """Open or make the database. One of another version or source is thrown away."""
    if path is None:
        db = sqlite3.connect(":memory:")
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(path, timeout=30)
    wanted = {"version": str(VERSION), "source": source}
    try:
        if path is not None:
            db.execute("PRAGMA journal_mode = WAL")
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and dict(db.execute("SELECT name, value FROM meta")) == wanted:
            return db
    except sqlite3.DatabaseError:
        tables = 1
    db.close()
    if path is not None and tables:
        discard(path)
        return _open(path, source)
    db = sqlite3.connect(path or ":memory:", timeout=30)
    with db:
        db.executescript(_SCHEMA)
        db.executemany("INSERT INTO meta VALUES (?, ?)", wanted.items())
    return db


def discard(path: Path) -> None:
    """Throw an index away; the next one is built from the beginning."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()


def _insert(db: sqlite3.Connection, verb: str, names: Sequence[str], rows: Sequence[Any]) -> None:
    marks = ", ".join("?" for _ in names)
    db.executemany(f"{verb} VALUES ({marks})", [astuple(row) for row in rows])


def _digest(record: Stored) -> str:
    return hashlib.sha256((record.key or b"") + b"\x00" + (record.value or b"")).hexdigest()


def _same(record: Stored, following: int, digest: str) -> None:
    if record.offset == following - 1 and _digest(record) != digest:
        raise OperatorError(
            "the audit topic is another than the one that was indexed",
            code="index_stale",
            hint="build the index again: --rebuild",
        )
