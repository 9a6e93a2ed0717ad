"""PostgreSQL's own parser (pgparse, libpg_query): the tree that the server itself would make.

Its tree is walked with a list of the nodes that a read is made of. What is written down inline has
no node of its own (INTO and FOR UPDATE of a SELECT), so these are looked for by their keys.
"""

from collections.abc import Iterator
from typing import Any, Final

import pgparse

from streams.facts.names import words
from streams.facts.sql.functions import POSTGRES
from streams.facts.sql.judgement import Judgement, settled

_READ: Final = words(
    "SelectStmt ResTarget ColumnRef String Integer Float Boolean BitString A_Star RangeVar"
    " A_Expr A_Const FuncCall JoinExpr SubLink RangeSubselect RangeFunction CaseExpr CaseWhen"
    " BoolExpr NullTest BooleanTest TypeCast TypeName SortBy CommonTableExpr A_ArrayExpr"
    " CoalesceExpr MinMaxExpr WindowDef List ParamRef GroupingSet GroupingFunc RowExpr"
    " A_Indirection A_Indices CollateClause SQLValueFunction NamedArgExpr"
)
_KINDS: Final[dict[str, str]] = {
    "SelectStmt": "select",
    "ExplainStmt": "explain",
    "VariableShowStmt": "show",
    "InsertStmt": "insert",
    "UpdateStmt": "update",
    "DeleteStmt": "delete",
    "MergeStmt": "merge",
    "CopyStmt": "copy",
    "CallStmt": "call",
    "DoStmt": "call",
    "ExecuteStmt": "call",
    "PrepareStmt": "call",
    "TransactionStmt": "transaction",
    "GrantStmt": "grant",
    "GrantRoleStmt": "grant",
    "LockStmt": "lock",
    "VariableSetStmt": "set",
    "AlterDefaultPrivilegesStmt": "grant",
    "NotifyStmt": "call",
    "AlterRoleStmt": "grant",
    "CreateRoleStmt": "grant",
    "DropRoleStmt": "grant",
}
_DDL = ("Create", "Drop", "Alter", "Truncate", "Rename", "Index", "View", "Comment", "Define")
_INLINE: Final = {"intoClause": "into", "lockingClause": "lock"}


def judge(text: str) -> Judgement:
    """Return what PostgreSQL's parser makes of a text. No message of it is kept."""
    try:
        parsed = pgparse.parse(text)
    except Exception:  # noqa: BLE001 - whatever a parser raises on an agent's text, it is unread
        return Judgement()
    if not parsed:
        return Judgement()
    roots = [next(iter(each.get("stmt", {"": None}))) for each in parsed]
    kinds = {_kind(root) for root in roots}
    nodes, inline = _walk(parsed)
    kinds |= {_KINDS[name] for name in nodes if _KINDS.get(name) not in {None, "select"}} | inline
    if len(parsed) > 1:
        return settled("many", kinds, known=False)
    calls = list(_calls(parsed))
    unknown = sum(1 for call in calls if not _is_known_call(call))
    known = roots[0] == "SelectStmt" and nodes <= _READ and _are_plain_names(parsed)
    return settled("one", kinds, known=known, functions_unknown=unknown)


def _kind(root: str) -> str:
    if root in _KINDS:
        return _KINDS[root]
    return "ddl" if root.startswith(_DDL) else "other"


def _every(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each key of the tree with its value."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from here.items()
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _walk(parsed: Any) -> tuple[set[str], set[str]]:
    """Return the names of nodes, and the kinds of what stands inline."""
    keys = {key for key, _ in _every(parsed)}
    nodes = {key for key in keys if key[:1].isupper()}
    return nodes, {kind for key, kind in _INLINE.items() if key in keys}


def _calls(parsed: Any) -> Iterator[list[str]]:
    for key, value in _every(parsed):
        if key == "FuncCall":
            yield _strings(value.get("funcname", []))


def _is_known_call(names: list[str]) -> bool:
    if len(names) == 2 and names[0] == "pg_catalog":  # noqa: PLR2004 - schema and name
        names = names[1:]
    return len(names) == 1 and names[0] in POSTGRES


def _are_plain_names(parsed: Any) -> bool:
    """Tell whether types and operators are built-in ones: a schema's own may run any code."""
    for key, value in _every(parsed):
        if key in {"TypeName", "typeName"}:
            names = _strings(value.get("names", []))
            if len(names) != 1 and names[:1] != ["pg_catalog"]:
                return False
        elif key in {"A_Expr", "SubLink"}:
            field = "name" if key == "A_Expr" else "operName"
            if len(_strings(value.get(field, []))) > 1:
                return False
        elif key == "A_Indirection" and any("String" in each for each in value["indirection"]):
            return False  # `(p).f` calls a function f(p) where the row has no such column
        elif key == "useOp" or (key == "SortBy" and value.get("useOp")):
            return False
    return True


def _strings(nodes: Any) -> list[str]:
    return [node.get("String", {}).get("sval", "") for node in nodes if isinstance(node, dict)]
