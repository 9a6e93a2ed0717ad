"""What was begun, done and reported: SQLite, durable before a handler runs. No payload, no PHI.

    started   written before the handler runs; found again after a crash, it means `unknown`
    done      the outcome is signed and stored; whatever happens, these bytes are the report
    reported  the broker has the outcome

WAL with synchronous=FULL: a commit is on the disk when the statement returns. One process owns a
ledger: two at once would take each other's `started` for a crash.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from streams.errors import OperatorError
from streams.events import Status
from streams.executor import marks
from streams.executor.marks import Mark

REFUSALS_MAX = 100_000  # the newest are kept; some 100 bytes each
_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    grant_id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('started', 'done', 'reported')),
    status TEXT CHECK (status IN ('ok', 'failed', 'unknown')),
    code TEXT NOT NULL DEFAULT '',
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,
    salt BLOB,
    report BLOB,
    CHECK ((state = 'started') = (report IS NULL))
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
);
"""

_COLUMNS = "grant_id, intent_id, action, state, status, code, started_at_ms, finished_at_ms, report"


class LedgerError(OperatorError):
    """The ledger cannot be opened, read or written. Nothing runs without it."""

    code = "ledger"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One grant. `report` holds the encoded outcome once there is one; `code` tells a refusal."""

    grant_id: str
    intent_id: str
    action: str
    state: str
    status: Status | None
    code: str
    started_at_ms: int
    finished_at_ms: int | None
    report: bytes | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not run, and where it stands."""

    code: str
    topic: str
    partition: int
    offset: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Finish:
    """How a grant ended; `salt` is what the result's digest was salted with."""

    status: Status
    code: str
    at_ms: int
    salt: bytes
    report: bytes


class Ledger:
    """The ledger of one executor class. Raises LedgerError, whatever SQLite says."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, for this process alone; LedgerError where another has it."""
        self._path = path
        with self._told():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = path.with_name(path.name + ".lock")
            for file in (path, lock):  # made before SQLite makes them for all to read
                os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            self._lock = self._alone(lock)
            self._db = sqlite3.connect(path, isolation_level=None)  # each statement commits
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._check_version()
            self._db.executescript(_SCHEMA + marks.SCHEMA)
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
            self._generation = marks.Generation(self._db)

    def mark(self, grant_id: str) -> Mark:
        """Count a run that is about to begin, durably; return the mark to leave."""
        with self._told():
            return self._generation.mark(grant_id)

    def knows(self, mark: Mark) -> bool:
        """Tell whether this ledger left the mark and has forgotten nothing since."""
        with self._told():
            return self._generation.knows(mark)

    def is_own(self, mark: Mark) -> bool:
        """Tell whether the mark is in this ledger's name, whether it knows it or not."""
        return mark.ledger == self._generation.ledger

    def find(self, grant_id: str) -> LedgerRow | None:
        """Return what is known of a grant."""
        rows = self._rows("WHERE grant_id = ?", grant_id)
        return rows[0] if rows else None

    def unreported(self) -> list[LedgerRow]:
        """Return what is done and not known to have reached the broker."""
        return self._rows("WHERE state = 'done' ORDER BY finished_at_ms, grant_id")

    def start(self, grant_id: str, intent_id: str, action: str, at_ms: int) -> bool:
        """Write durably that a grant is about to run; return False where it is known already."""
        with self._told():
            cursor = self._db.execute(
                "INSERT OR IGNORE INTO grants (grant_id, intent_id, action, state, started_at_ms)"
                " VALUES (?, ?, ?, 'started', ?)",
                (grant_id, intent_id, action, at_ms),
            )
        return cursor.rowcount == 1

    def finish(self, grant_id: str, finish: Finish) -> None:
        """Write durably how a started grant ended. A finished one never changes."""
        with self._told():
            self._db.execute(
                "UPDATE grants SET state = 'done', status = ?, code = ?, finished_at_ms = ?,"
                " salt = ?, report = ? WHERE grant_id = ? AND state = 'started'",
                (*self._values(finish), grant_id),
            )

    def settle(self, grant_id: str, finish: Finish) -> bool:
        """Put a person's finding in the place of an `unknown`; return whether there was one."""
        with self._told():
            cursor = self._db.execute(
                "UPDATE grants SET state = 'done', status = ?, code = ?, finished_at_ms = ?,"
                " salt = ?, report = ? WHERE grant_id = ? AND status = 'unknown'",
                (*self._values(finish), grant_id),
            )
        return cursor.rowcount == 1

    def reported(self, grant_id: str) -> None:
        """Write that the broker has the outcome."""
        with self._told():
            self._db.execute(
                "UPDATE grants SET state = 'reported' WHERE grant_id = ? AND state = 'done'",
                (grant_id,),
            )

    def refuse(self, refused: Refused) -> None:
        """Write down a record that was refused; a repeat of the same record replaces the first."""
        where = (refused.topic, refused.partition, refused.offset)
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "DELETE FROM refusals WHERE topic = ? AND partition = ? AND offset = ?", where
            )
            self._db.execute(
                "INSERT INTO refusals (code, topic, partition, offset, at_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                (refused.code, *where, refused.at_ms),
            )
            self._db.execute(
                "DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - ?",
                (REFUSALS_MAX,),
            )
            self._db.execute("COMMIT")

    def admit(self, topic: str, partition: int, offset: int) -> None:
        """Take back that a record was refused: what it waited for is known now."""
        with self._told():
            self._db.execute(
                "DELETE FROM refusals WHERE topic = ? AND partition = ? AND offset = ?",
                (topic, partition, offset),
            )

    def close(self) -> None:
        """Close the file and give up the lock."""
        self._db.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------ parts

    def _rows(self, where: str, *values: str) -> list[LedgerRow]:
        with self._told():
            return read_grants(self._db, where, *values)

    def _values(self, finish: Finish) -> tuple[str, str, int, bytes, bytes]:
        return (finish.status.value, finish.code, finish.at_ms, finish.salt, finish.report)

    def _check_version(self) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _VERSION:
            raise LedgerError(f"{self._path} was written by a newer phigate")

    def _alone(self, path: Path) -> sqlite3.Connection:
        """Take a lock that the operating system gives back when this process ends, however."""
        lock = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
        else:
            return lock
        raise LedgerError(
            f"another process has the ledger {self._path} open",
            code="ledger_busy",
            hint="one executor process to a ledger: stop the other one first",
        )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        with _told(self._path):
            yield


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into a LedgerError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(
            f"the ledger {path} fails: {type(error).__name__}: {error}",
            hint="check the disk and the file's owner. Never delete a ledger: grants could run "
            "again",
        ) from error


def read_grants(db: sqlite3.Connection, where: str = "", *values: str) -> list[LedgerRow]:
    """Return rows; `where` is SQL of ours."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM grants {where}", values)  # noqa: S608 - constants
    return [_row(*row) for row in rows.fetchall()]


def _row(
    grant_id: str,
    intent_id: str,
    action: str,
    state: str,
    status: str | None,
    *rest: Any,
) -> LedgerRow:
    return LedgerRow(grant_id, intent_id, action, state, Status(status) if status else None, *rest)


def inspect(path: Path) -> tuple[list[LedgerRow], list[Refused]]:
    """Return all grants and refusals, read beside a running executor. Raises LedgerError."""
    if not path.exists():
        raise LedgerError(f"there is no ledger at {path}", hint="name it: --ledger PATH")
    with _told(path), contextlib.closing(sqlite3.connect(path)) as db:
        grants = read_grants(db, "ORDER BY started_at_ms, grant_id")
        rows = db.execute(
            "SELECT code, topic, partition, offset, at_ms FROM refusals ORDER BY id"
        ).fetchall()
    return grants, [Refused(*row) for row in rows]
