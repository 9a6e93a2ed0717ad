"""What a statement touches and how much: tables, columns, filter, limit, whether it aggregates.

These are read off sqlglot's tree. They describe; only `aggregate` opens a door, so `judge` believes
it where the allow-list knows the whole of the same text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from streams.facts.fact import COUNT_UNKNOWN, NONE, UNKNOWN
from streams.facts.names import COARSE, KEYS
from streams.facts.sql.aggregate import aggregate

ALL: Final = "all"
FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """What the tree shows. `aggregate` speaks of this tree alone."""

    tables: frozenset[str] = frozenset({UNKNOWN})
    columns: frozenset[str] = frozenset({UNKNOWN})
    filter: str = UNKNOWN
    limit: str = UNKNOWN
    rows: int = COUNT_UNKNOWN
    aggregate: str = UNKNOWN


def shape(trees: list[exp.Expr] | None, coarse: frozenset[str]) -> Shape:
    """Return the shape of one statement; of none or many, nothing is known.

    `coarse` are further columns by which the catalogue lets groups be formed.
    """
    if trees is None or len(trees) != 1:
        return Shape()
    tree = trees[0]
    selects = list(_arms(tree))
    filtered = [tree] if isinstance(tree, exp.Update | exp.Delete) else selects
    limit, rows = _limit(tree)
    return Shape(
        tables=frozenset(_tables(tree)),
        columns=frozenset(_columns(tree)),
        filter=_filter(filtered),
        limit=limit,
        rows=rows,
        aggregate=aggregate(tree, selects, COARSE | coarse),
    )


def aliases(trees: list[exp.Expr] | None) -> dict[str, str]:
    """Return the table that each alias stands for, lower case."""
    return {
        table.alias.lower(): table.name.lower()
        for tree in trees or ()
        for table in tree.find_all(exp.Table)
        if table.alias
    }


def _arms(tree: exp.Expr) -> Iterable[exp.Select]:
    """Yield the selects whose rows the statement returns: the arms of a UNION, or itself."""
    waiting: list[exp.Expr | None] = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, exp.Select):
            yield here
        elif isinstance(here, exp.SetOperation):
            waiting += [here.left, here.right]
        elif isinstance(here, exp.Subquery):
            waiting.append(here.this)


def _tables(tree: exp.Expr) -> set[str]:
    """Return the tables; a CTE's name is one only where its own body reads a table so called."""
    made = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    return {
        table.name.lower()
        for table in tree.find_all(exp.Table)
        if table.name.lower() not in made or _is_in_own(table)
    }


def _is_in_own(table: exp.Table) -> bool:
    above = table.find_ancestor(exp.CTE)
    return above is not None and above.alias.lower() == table.name.lower()


def _columns(tree: exp.Expr) -> set[str]:
    tables = {table.alias_or_name.lower() for table in tree.find_all(exp.Table)}
    found = {column.name.lower() for column in tree.find_all(exp.Column)}
    stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    return {ALL} if stars or found & tables else found - {"*"}


# ---------------------------------------------------------------- filter and limit


def _filter(selects: Sequence[exp.Expr]) -> str:
    """Return the weakest filter of the arms: none, constant, column, or key."""
    order = (NONE, "constant", "column", "key")
    found = [_filter_of(select) for select in selects]
    return min(found, key=order.index, default=UNKNOWN)


def _filter_of(select: exp.Expr) -> str:
    """Return `key` where a person's own number or name is asked for, and nobody else's row comes.

    That is a condition of its own (joined by AND) that compares such a column with one value, or a
    few; in a statement of one table and no inner query, through which other rows could come.
    """
    where = select.args.get("where")
    if where is None:
        return NONE
    columns = list(where.find_all(exp.Column))
    if not columns or any(each.left == each.right for each in where.find_all(exp.EQ)):
        return "constant"
    inner = len(list(select.find_all(exp.Select))) > int(isinstance(select, exp.Select))
    parts = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    if inner or select.args.get("joins") or len(list(select.find_all(exp.Table))) != 1:
        return "column"
    return "key" if any(map(_picks, parts)) else "column"


def _picks(condition: exp.Expr) -> bool:
    """Tell whether a condition is `mrn = value`, or `mrn IN` a few values."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.In):
        values = condition.expressions
        return (
            _is_key_column(condition.this)
            and 0 < len(values) <= FEW
            and all(map(_is_value, values))
        )
    if not isinstance(condition, exp.EQ):
        return False
    left, right = condition.left, condition.right
    return (_is_key_column(left) and _is_value(right)) or (
        _is_key_column(right) and _is_value(left)
    )


def _is_key_column(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() in KEYS


def _is_value(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal | exp.Placeholder | exp.Parameter)


def _limit(tree: exp.Expr) -> tuple[str, int]:
    limit = tree.args.get("limit")
    if limit is None:
        return NONE, COUNT_UNKNOWN
    value = limit.args.get("expression") or limit.args.get("count")
    if isinstance(value, exp.Null) or (isinstance(value, exp.Column) and value.name == "ALL"):
        return NONE, COUNT_UNKNOWN
    if limit.args.get("percent") or limit.args.get("with_ties") or limit.args.get("limit_options"):
        return UNKNOWN, COUNT_UNKNOWN
    if isinstance(value, exp.Literal) and value.is_int:
        return "number", min(int(value.name), COUNT_UNKNOWN)
    return UNKNOWN, COUNT_UNKNOWN
