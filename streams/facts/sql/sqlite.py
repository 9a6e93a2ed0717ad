"""SQLite's own compiler, asked through its authorizer; nothing is ever run.

The authorizer denies everything before anything is allowed: some PRAGMAs act while they are
compiled, and `sqlite3_stmt_readonly` is true of statements that change how the next ones work. The
resource's schema is not here, so tables and columns are made up in memory as the compiler misses
them; double-quoted strings are off, or a misspelt column would pass for a text.
"""

import re
from typing import Any, Final

import apsw

from streams.facts.sql.functions import SQLITE
from streams.facts.sql.judgement import Judgement, settled

_TRIES_MAX: Final = 120
_UNBOUND: Final[Any] = apsw._null_bindings  # type: ignore[attr-defined] # noqa: SLF001 - for placeholders, as apsw.ext asks
_TABLE = re.compile(r"no such table: (?:main\.)?(.+)", re.DOTALL)
_COLUMN = re.compile(
    r"no such column: \"?(?:([^\"]+)\.)?([^.\"]+)\"?(?: - should this.*)?", re.DOTALL
)
_SYSTEM = (
    "sqlite_",
    "pragma_",
    "dbstat",
    "bytecode",
    "tables_used",
    "fts",
    "rtree",
    "json_",
    "gen",
)
_MASTER = frozenset({"sqlite_master", "sqlite_schema"})

_DENIED_KINDS: Final[dict[int, str]] = {
    apsw.SQLITE_INSERT: "insert",
    apsw.SQLITE_UPDATE: "update",
    apsw.SQLITE_DELETE: "delete",
    apsw.SQLITE_TRANSACTION: "transaction",
    apsw.SQLITE_SAVEPOINT: "transaction",
    apsw.SQLITE_ATTACH: "set",
    apsw.SQLITE_DETACH: "set",
    apsw.SQLITE_PRAGMA: "set",
}
_ALLOWED = frozenset({apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE})


class _Authorizer:
    """Says no to everything but reading, and remembers to what it said no."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.functions_unknown = 0
        self.strange = False
        self.selects = False

    def __call__(
        self, code: int, third: str | None, fourth: str | None, _db: str | None, _by: str | None
    ) -> int:
        if code in _ALLOWED:
            self.selects |= code == apsw.SQLITE_SELECT
            return apsw.SQLITE_OK
        if code == apsw.SQLITE_READ and _is_ordinary(third or ""):
            return apsw.SQLITE_OK
        if code == apsw.SQLITE_FUNCTION and (fourth or "").lower() in SQLITE:
            return apsw.SQLITE_OK
        if code == apsw.SQLITE_FUNCTION:
            self.functions_unknown += 1
        elif code == apsw.SQLITE_READ:
            self.strange = True
        else:
            self.kinds.add(_DENIED_KINDS.get(code, "ddl"))
        return apsw.SQLITE_DENY


def _is_ordinary(table: str) -> bool:
    word = table.lower()
    return word in _MASTER or not word.startswith(_SYSTEM)


def judge(text: str, aliases: dict[str, str]) -> Judgement:
    """Return what SQLite's compiler makes of a text; `aliases` names the table of each alias."""
    database = apsw.Connection(":memory:")
    try:
        database.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        database.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
        database.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        return _judged(database, text, aliases)
    except Exception:  # noqa: BLE001 - whatever a compiler raises on an agent's text, it is unread
        return Judgement()
    finally:
        database.close()


def _judged(database: apsw.Connection, text: str, aliases: dict[str, str]) -> Judgement:
    made: dict[str, set[str]] = {}
    for _ in range(_TRIES_MAX):
        ask = _Authorizer()
        try:
            first = _first_statement(database, text, ask)
        except apsw.AuthError:
            return settled(_count(text), ask.kinds or {"select"}, known=False,
                           functions_unknown=ask.functions_unknown)  # fmt: skip
        except apsw.SQLError as error:
            if not _mended(database, str(error), made, aliases):
                return Judgement(kinds=frozenset(ask.kinds))
            continue
        if first is None or not text.startswith(first):
            return Judgement()
        if _is_blank(text[len(first) :]):
            kinds = {"explain"} if first.lstrip()[:7].lower() == "explain" else {"select"}
            return settled("one", kinds | ask.kinds, known=ask.selects and not ask.strange)
        return settled("many", {"select"} | ask.kinds, known=False)
    return Judgement()


def _first_statement(database: apsw.Connection, text: str, ask: _Authorizer) -> str | None:
    """Compile the first statement and return its text. It is stopped before its first step."""
    told: list[str] = []

    def stop(_cursor: apsw.Cursor, statement: str, _bindings: object) -> bool:
        told.append(statement)
        return False

    cursor = database.cursor()
    cursor.exec_trace = stop
    database.authorizer = ask
    try:
        cursor.execute(text, _UNBOUND, can_cache=False)
    except apsw.ExecTraceAbort:
        pass
    finally:
        database.authorizer = None
        cursor.close()
    return told[0] if told else None


def _mended(
    database: apsw.Connection, why: str, made: dict[str, set[str]], aliases: dict[str, str]
) -> bool:
    """Make the table or column that the compiler missed; tell whether it is worth another try."""
    if missed := _TABLE.fullmatch(why):
        name = missed[1]
        if name.lower() in made or "." in name or not _is_ordinary(name):
            return False
        database.execute(f'CREATE TABLE {_quoted(name)} ("_" )')
        made[name.lower()] = {"_"}
        return True
    missed = _COLUMN.fullmatch(why)
    if missed is None or not made:
        return False
    column, of = missed[2], (missed[1] or "").lower()
    table = aliases.get(of, of) if of else next(iter(made))
    if table not in made:
        if len(made) != 1:
            return False
        table = next(iter(made))
    if column.lower() in made[table]:
        return False
    database.execute(f"ALTER TABLE {_quoted(table)} ADD COLUMN {_quoted(column)}")
    made[table].add(column.lower())
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(text: str) -> str:
    """Say how many statements a text that is no read has: by its end, where that is plain."""
    return "one" if ";" not in text.rstrip().rstrip(";") else "unknown"


def _is_blank(rest: str) -> bool:
    return not re.sub(r"--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*+\*/|[\s;]", "", rest)
