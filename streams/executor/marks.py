"""What a ledger knows of its own marks: which it has left, and whether it is older than they are.

Each opening of a ledger is a generation, drawn at random and written down; each run that is about
to begin counts one further in it, durably, before anybody hears of the mark. So of a mark that it
left the ledger knows generation and number, and if it then has no row of that grant, the grant was
not started. A ledger that was put back from a copy lacks the later numbers, or the generation: what
such a mark names may have been done. A copy is to be made while its executor stands still.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any, Self

GENERATIONS_MAX = 1_000  # the newest are kept; a mark of a forgotten one counts as a stranger's
_PARTS = 4

SCHEMA = """
CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);
INSERT INTO identity SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM identity);
CREATE TABLE IF NOT EXISTS generations (
    at INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
    number INTEGER NOT NULL DEFAULT 0
);
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """One run that is about to begin: the grant, and who begins it."""

    grant_id: str
    ledger: str
    generation: str
    number: int

    def __str__(self) -> str:
        """Return it as it stands beside a group's position."""
        return f"{self.grant_id} {self.ledger} {self.generation} {self.number}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read it again; None where it is no mark."""
        parts = text.split(" ")
        if len(parts) != _PARTS or not (parts[3].isascii() and parts[3].isdigit()):
            return None
        return cls(parts[0], parts[1], parts[2], int(parts[3]))


class Generation:
    """This opening of a ledger. Its methods raise what SQLite raises."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Draw a generation, and forget the oldest."""
        self._db = db
        self.ledger: str = self._one("SELECT id FROM identity")
        at = db.execute("INSERT INTO generations DEFAULT VALUES").lastrowid
        self.id: str = self._one("SELECT id FROM generations WHERE at = ?", at)
        db.execute(
            "DELETE FROM generations WHERE at <= (SELECT max(at) FROM generations) - ?",
            (GENERATIONS_MAX,),
        )

    def mark(self, grant_id: str) -> Mark:
        """Count one further, durably; return the mark to leave."""
        self._db.execute("UPDATE generations SET number = number + 1 WHERE id = ?", (self.id,))
        number = self._one("SELECT number FROM generations WHERE id = ?", self.id)
        return Mark(grant_id, self.ledger, self.id, number)

    def knows(self, mark: Mark) -> bool:
        """Tell whether this ledger left the mark, and has forgotten nothing since."""
        if mark.ledger != self.ledger:
            return False
        number = self._one("SELECT max(number) FROM generations WHERE id = ?", mark.generation)
        return number is not None and mark.number <= number

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()[0]
