"""What is called a plain read in SQLite's dialect changes nothing when SQLite runs it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from streams.facts import read
from tests.facts.generate import statements

COUNT = 4_000
MADE = """
CREATE TABLE patients (name TEXT, ward TEXT, age INT);
INSERT INTO patients VALUES ('a', 'A', 5), ('b', 'B', 60);
CREATE TABLE spare (a INT);
CREATE TABLE log (a INT);
CREATE TRIGGER t AFTER DELETE ON patients BEGIN INSERT INTO log VALUES (1); END;
"""
PRAGMAS = ("user_version", "journal_mode", "writable_schema", "foreign_keys", "database_list")


def state(database: sqlite3.Connection) -> list[object]:
    """Return all that a statement could have changed."""
    temporary = database.execute("SELECT * FROM temp.sqlite_master").fetchall()  # opens `temp`
    told: list[object] = [database.total_changes, database.in_transaction, *database.iterdump()]
    return [*told, temporary, *(database.execute(f"PRAGMA {n}").fetchall() for n in PRAGMAS)]


def called_reads(seed: int) -> Iterator[str]:
    """Yield the generated statements that are called a plain read."""
    for text in statements(seed, COUNT):
        if read({"sql": text}, {"dialect": "sqlite"}).sql.read == "yes":
            yield text


def run_all(database: sqlite3.Connection, text: str) -> None:
    """Run all of a text, as `executescript` does: every statement in it."""
    with suppress(sqlite3.Error, sqlite3.Warning):
        database.execute(text).fetchall()
    with suppress(sqlite3.Error, sqlite3.Warning, ValueError):
        database.executescript(text)


@pytest.mark.parametrize("seed", range(2))
def test_a_plain_read_changes_nothing(seed: int) -> None:
    """Contents, schema, settings, transactions and attached databases stay as they were."""
    ran = 0
    for text in called_reads(seed):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            database.executescript(MADE)
            before = state(database)
            run_all(database, text)
            assert before == state(database), text
            ran += 1
    assert ran > COUNT / 80  # the generator makes enough that is called a read


def test_the_state_shows_a_write() -> None:
    """The comparison itself sees a row, a setting and a transaction."""
    for text in ("DELETE FROM spare; DELETE FROM patients", "PRAGMA user_version = 3", "BEGIN"):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            database.executescript(MADE)
            before = state(database)
            run_all(database, text)
            assert before != state(database)
