"""An allow-list over sqlglot, for dialects whose own parser is not at hand.

sqlglot reads more than any engine does, drops what it does not understand, and takes a second
statement for an alias. So its tree is believed only where all of this holds: one statement; every
node, function and part of it on a list; no unquoted word anywhere that begins or hides a statement;
and between its tokens nothing but blanks and comments that no engine reads.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import sqlglot
from sqlglot import exp

from streams.facts.sql import words
from streams.facts.sql.judgement import Judgement, settled

sqlglot.logger.disabled = True  # it would print statements in clear

_BETWEEN = re.compile(
    r"(?:\s|--(?![+!])[^\n\r;'\"`$\[\]{}]*(?:\r?\n|$)|\#[^\n\r;'\"`$\[\]{}]*(?:\r?\n|$)|/\*(?![!+M])[^;'\"`$*/\[\]{}]*\*/)*+"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_QUOTED: Final = "'\"`["
_AT = frozenset({"oracle", "snowflake", "bigquery", "postgres", "sqlite"})
_ORACLE_QUOTE = re.compile(r"\bn?q'", re.IGNORECASE)
_DUAL = frozenset({"dummy", "sysdate", "systimestamp", "user", "rownum", "level", "uid"})

_KINDS: Final[dict[str, str]] = {
    **dict.fromkeys(("Select", "Union", "Except", "Intersect", "Subquery", "Values"), "select"),
    **dict.fromkeys(("Create", "Drop", "Alter", "TruncateTable", "Comment", "Refresh"), "ddl"),
    **dict.fromkeys(("Grant", "Revoke"), "grant"),
    **dict.fromkeys(("Copy", "LoadData", "Put", "Get", "Export"), "copy"),
    **dict.fromkeys(("Set", "Use", "Pragma", "Attach", "Detach", "Declare"), "set"),
    **dict.fromkeys(("Transaction", "Commit", "Rollback"), "transaction"),
    **dict.fromkeys(("Execute", "ExecuteSql", "Kill"), "call"),
    **dict.fromkeys(("Insert", "MultitableInserts"), "insert"),
    "Update": "update",
    "Delete": "delete",
    "Merge": "merge",
    "Into": "into",
    "Lock": "lock",
    "Show": "show",
    "Describe": "explain",
    "Summarize": "explain",
}
_ANYWHERE = frozenset({"insert", "update", "delete", "merge", "into", "lock", "ddl"})


def trees(text: str, dialect: str) -> list[exp.Expr] | None:
    """Return sqlglot's reading, one tree a statement; nothing where it reads none.

    No message of the parser is kept: it quotes the statement.
    """
    try:
        found = sqlglot.parse(text, read=dialect)
    except Exception:  # noqa: BLE001 - whatever a parser raises on an agent's text, it is unread
        return None
    made = [tree for tree in found if tree is not None and not isinstance(tree, exp.Semicolon)]
    return made or None


def judge(text: str, dialect: str, found: list[exp.Expr] | None) -> Judgement:
    """Return what the allow-list says of a text and of sqlglot's reading of it, in its dialect."""
    if found is None:
        return Judgement()
    kinds = {kind for tree in found for kind in _kinds(tree)}
    if len(found) > 1:
        return settled("many", kinds, known=False)
    unknown = sum(1 for node in found[0].walk() if _is_unknown_function(node))
    known = _is_known(found[0], dialect) and _are_plain(text, dialect)
    return settled("one", kinds, known=known, functions_unknown=unknown)


def _kinds(tree: exp.Expr) -> Iterator[str]:
    yield _KINDS.get(type(tree).__name__, "other")
    for node in tree.walk():
        kind = _KINDS.get(type(node).__name__, "")
        if kind in _ANYWHERE:
            yield kind


# ---------------------------------------------------------------- the tree


def _is_known(tree: exp.Expr, dialect: str) -> bool:
    if type(tree).__name__ not in {"Select", "Union", "Except", "Intersect", "Subquery"}:
        return False
    return all(_is_known_node(node, dialect) for node in tree.walk()) and _qualified(tree, dialect)


def _is_known_node(node: exp.Expr, dialect: str) -> bool:
    name = type(node).__name__
    if name not in words.NODES and name not in words.FUNCTIONS:
        return False
    if isinstance(node, exp.Select):
        return _has_only(node, words.SELECT_PARTS)
    if isinstance(node, exp.Table):
        return _has_only(node, words.TABLE_PARTS) and isinstance(node.this, exp.Identifier)
    if isinstance(node, exp.Column):
        return not node.args.get("db") and isinstance(node.this, exp.Identifier | exp.Star)
    if isinstance(node, exp.Parameter):
        return dialect == "tsql" and _is_compared(node)
    return not isinstance(node, exp.Bracket) or dialect in {"bigquery", "snowflake", "postgres"}


def _has_only(node: exp.Expr, parts: frozenset[str]) -> bool:
    return all(name in parts for name, value in node.args.items() if value)


def _is_compared(node: exp.Expr) -> bool:
    """Tell whether a variable stands in a condition: in a list of columns it may be set."""
    above = node.parent
    while above is not None and not isinstance(above, exp.Select):
        if isinstance(above, exp.Where | exp.Having | exp.Join | exp.Limit | exp.Fetch):
            return True
        above = above.parent
    return False


def _is_unknown_function(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower() not in words.ANONYMOUS
    is_operator = isinstance(node, exp.Connector | exp.Binary | exp.Condition) and (
        type(node).__name__ in words.NODES
    )
    return (
        isinstance(node, exp.Func)
        and not is_operator
        and (type(node).__name__ not in words.FUNCTIONS)
    )


def _qualified(tree: exp.Expr, dialect: str) -> bool:
    """Tell whether each `a.b` has for `a` a table or an alias: else it may be a package's function.

    In Oracle a function without arguments needs no brackets, so of `dual` only its own column and
    the usual pseudo-columns are read.
    """
    tables = {table.name.lower() for table in tree.find_all(exp.Table)}
    named = tables | {alias.name.lower() for alias in tree.find_all(exp.TableAlias) if alias.name}
    columns = list(tree.find_all(exp.Column))
    if any(column.table and column.table.lower() not in named for column in columns):
        return False
    if dialect == "oracle" and (not tables or "dual" in tables):
        return all(column.name.lower() in _DUAL for column in columns)
    return True


# ---------------------------------------------------------------- the text


def _are_plain(text: str, dialect: str) -> bool:
    """Tell whether every token is accounted for, and no unquoted word begins a statement."""
    if "|>" in text or ("->>" in text and dialect == "snowflake"):
        return False
    if dialect == "oracle" and _ORACLE_QUOTE.search(text):
        return False
    try:
        tokens = list(sqlglot.tokenize(text, read=dialect))
    except Exception:  # noqa: BLE001 - as in `trees`
        return False
    raw = [text[token.start : token.end + 1] for token in tokens]
    return _are_joined(text, tokens) and _are_harmless(raw, dialect)


def _are_joined(text: str, tokens: list[Any]) -> bool:
    end = 0
    for token in tokens:
        if token.start < end or not _BETWEEN.fullmatch(text, end, token.start):
            return False
        end = token.end + 1
    rest = text[end:]
    if text[:end].endswith(";"):  # a comment behind it is a second statement to some: an empty one
        return not rest.strip()
    return bool(_BETWEEN.fullmatch(rest))


def _are_harmless(raw: list[str], dialect: str) -> bool:
    plain = [piece.upper() if piece[:1] not in _QUOTED else "" for piece in raw]
    if not plain or plain[0] not in {"SELECT", "WITH", "("}:
        return False
    ends = plain.count("END")
    if ends != plain.count("CASE") or any(";" in piece for piece in plain[:-1]):
        return False
    for place, word in enumerate(plain):
        following = plain[place + 1] if place + 1 < len(plain) else ""
        if not word.isascii() or ("@" in word and dialect in _AT) or ":=" in word:
            return False
        if any(_hides(each, following) for each in _NAME.findall(word)):
            return False
    return True


def _hides(word: str, following: str) -> bool:
    if word not in words.STATEMENT_WORDS or word == "END":
        return False
    if word == "FETCH":
        return following not in {"FIRST", "NEXT"}
    return not (word in words.FUNCTIONS_AS_WORDS and following == "(")
