"""Fuzz the facts against a real PostgreSQL or MariaDB.

Run by hand:

    python -m tests.facts.fuzz_engines postgres --seconds 60 --seed 1

Statements are generated; those that are called a plain read are run, and whatever a statement could
have changed is compared: answers, contents, catalogue, settings, locks, sequences, files. The last
line counts what was generated, called a read, and wrong.
"""

# ruff: noqa: T201 - it prints what it finds

import argparse
import sys
import tempfile
import time
from pathlib import Path

from streams.facts import read
from tests.facts.engines import Maria, Postgres
from tests.facts.generate import statements

BATCH = 500
PG_MADE = """
CREATE TABLE patients (name text, ward text, age int);
INSERT INTO patients VALUES ('a','A',5),('b','B',60);
CREATE TABLE spare (a int); CREATE SEQUENCE s;
CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM patients RETURNING 1';
"""
PG_STATE = """
SELECT pg_current_wal_insert_lsn(), pg_current_xact_id_if_assigned(),
 (SELECT md5(string_agg(p::text, ';')) FROM patients p), (SELECT last_value FROM s),
 (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_largeobject_metadata),
 (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_cursors),
 (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_listening_channels()),
 (SELECT md5(string_agg(name || setting, ';')) FROM pg_settings WHERE source = 'session')
"""
MY_MADE = """
CREATE DATABASE IF NOT EXISTS h; USE h;
CREATE TABLE patients (name text, ward text, age int) ENGINE=InnoDB;
INSERT INTO patients VALUES ('a','A',5),('b','B',60);
CREATE TABLE spare (a int); CREATE SEQUENCE s;
CREATE FUNCTION wipe() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM patients; RETURN 1; END
"""
MY_STATE = """
SELECT CONCAT_WS('|', (SELECT GROUP_CONCAT(name, ward, age) FROM h.patients), @a, @x,
 IS_USED_LOCK('a'), (SELECT next_not_cached_value FROM h.s), @@autocommit, @@in_transaction,
 (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'h'), @@sql_mode,
 LAST_INSERT_ID())
"""


class OnPostgres:
    """What PostgreSQL does with one text."""

    dialect = "postgres"

    def __init__(self, folder: Path) -> None:
        self._engine = Postgres(folder)
        self._engine.query(PG_MADE)
        self.begin()

    def begin(self) -> None:
        """Take a new session."""
        self._engine.again()
        self._engine.query("SELECT * FROM patients, spare")  # hint bits are set once

    def wrong(self, text: str) -> str:
        """Run the text and say what was not a plain read of it, or nothing."""
        before = self._engine.query(PG_STATE)
        tags, _, _ = self._engine.query(text)
        after = self._engine.query(PG_STATE)
        if before != after:
            return f"changed {before[1]} to {after[1]}"
        strange = [tag for tag in tags if not tag.startswith(("SELECT", "SHOW", "EXPLAIN"))]
        return f"ran {tags}" if strange or len(tags) > 1 else ""

    def close(self) -> None:
        """End it."""
        self._engine.close()


class OnMaria:
    """What MariaDB does with one text."""

    dialect = "mysql"

    def __init__(self, folder: Path) -> None:
        self._engine = Maria(folder)
        self._files = folder
        assert not self._engine.query(MY_MADE)[2]
        self.begin()

    def begin(self) -> None:
        """Take a new session."""
        self._engine.again()
        self._engine.query("USE h")

    def wrong(self, text: str) -> str:
        """Run the text and say what was not a plain read of it, or nothing."""
        out = Path("/tmp/phigate-fuzz")  # noqa: S108 - the generator's own name
        before = (self._engine.query(MY_STATE), out.exists())
        results, _, _ = self._engine.query(text)
        after = (self._engine.query(MY_STATE), out.exists())
        if before != after:
            return f"changed {before} to {after}"
        return f"ran {results}" if len(results) > 1 or "done" in results else ""

    def close(self) -> None:
        """End it."""
        self._engine.close()


def main() -> int:
    """Fuzz; 1 where something that is called a plain read was none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["postgres", "mariadb"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        kind = OnPostgres if given.engine == "postgres" else OnMaria
        engine = kind(Path(folder) / "server")
        try:
            return _fuzz(engine, given.seconds, given.seed)
        finally:
            engine.close()


def _fuzz(engine: OnPostgres | OnMaria, seconds: float, seed: int) -> int:
    end = time.monotonic() + seconds
    made = ran = wrong = 0
    while time.monotonic() < end:
        engine.begin()
        for text in statements(seed, BATCH):
            made += 1
            if read({"sql": text}, {"dialect": engine.dialect}).sql.read != "yes":
                continue
            ran += 1
            if why := engine.wrong(text):
                wrong += 1
                print(f"WRONG {text!r}: {why}", flush=True)
                engine.begin()
        seed += 1
    print(f"{made} generated, {ran} called a plain read and run, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
