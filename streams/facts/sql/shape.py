"""What a statement touches and how much: tables, columns, filter, limit, whether it aggregates.

These are read off sqlglot's tree. They describe; only `aggregate` opens a door, so `judge` believes
it where the allow-list knows the whole of the same text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from streams.facts.fact import COUNT_UNKNOWN, NO, NONE, UNKNOWN, YES
from streams.facts.names import COARSE, KEYS, is_identifying, words

ALL: Final = "all"
FEW: Final = 5
_FIGURES: Final = words(
    "Count Sum Avg Stddev StddevPop StddevSamp Variance VariancePop CountIf ApproxDistinct"
)
_DRESS: Final = (exp.Alias, exp.Paren, exp.Round, exp.Cast)


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
        aggregate=_aggregate(tree, selects, COARSE | coarse),
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


# ---------------------------------------------------------------- aggregates


def _aggregate(tree: exp.Expr, selects: list[exp.Select], coarse: frozenset[str]) -> str:
    """Tell whether what comes back are figures of groups, and no group is one person.

    Each column of each arm is a count, a sum or an average, a constant, or a coarse group. A column
    that picks out a person stands in a plain count or joins two tables, for a condition on one asks
    about one. No window, because its figures stand beside rows; no inner query and no list of
    column names, because either can give a column a harmless name. What reads no table is one.
    """
    if not list(tree.find_all(exp.Table, exp.Column)):
        return YES
    columns = list(tree.find_all(exp.Column))
    stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    renamed = any(each.args.get("columns") for each in tree.find_all(exp.TableAlias))
    inner = len(list(tree.find_all(exp.Select))) != len(selects)
    if stars or renamed or inner or tree.find(exp.Window):
        return NO
    if any(is_identifying(each.name) and not _is_harmless(each) for each in columns):
        return NO
    figures = all(_is_figure(each, coarse) for one in selects for each in one.selects)
    return YES if selects and figures and all(_is_grouped(one, coarse) for one in selects) else NO


def _is_figure(node: exp.Expr, coarse: frozenset[str]) -> bool:
    while isinstance(node, _DRESS):
        others = [value for name, value in node.args.items() if name != "this"]
        if any(isinstance(each, exp.Expr) and each.find(exp.Column) for each in others):
            return False
        node = node.this
    if isinstance(node, exp.Literal | exp.Null | exp.Boolean):
        return True
    if isinstance(node, exp.Column):
        return node.name.lower() in coarse
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        return _is_figure(node.left, coarse) and _is_figure(node.right, coarse)
    return type(node).__name__ in _FIGURES


def _is_grouped(select: exp.Select, coarse: frozenset[str]) -> bool:
    """Tell whether it groups by coarse columns alone; without a figure or group, rows come back."""
    group = select.args.get("group")
    has_figure = any(each.find(exp.AggFunc) for each in select.selects)
    if group is None:
        columns = [c for each in select.selects for c in each.find_all(exp.Column)]
        return has_figure and all(c.find_ancestor(exp.AggFunc) for c in columns)
    if select.args.get("from_") is None and select.args.get("from") is None:
        return False
    return has_figure and all(_is_key(each, select, coarse) for each in group.expressions)


def _is_key(node: exp.Expr, select: exp.Select, coarse: frozenset[str]) -> bool:
    if isinstance(node, exp.Column):
        return node.name.lower() in coarse
    if isinstance(node, exp.Literal) and node.is_int:
        place = int(node.name)
        return 1 <= place <= len(select.selects) and _is_figure(select.selects[place - 1], coarse)
    return False


def _is_harmless(column: exp.Column) -> bool:
    """Tell whether a column is only counted (`COUNT(DISTINCT ssn)`), or only joins two tables."""
    above = column.parent
    if isinstance(above, exp.EQ) and above.find_ancestor(exp.Join):
        return isinstance(above.left, exp.Column) and isinstance(above.right, exp.Column)
    if isinstance(above, exp.Distinct):
        above = above.parent
    return isinstance(above, exp.Count)
