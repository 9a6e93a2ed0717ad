"""Whether what comes back are figures of groups, and no group is one person."""

from typing import Final

from sqlglot import exp

from streams.facts.fact import NO, YES
from streams.facts.names import is_identifying, words

_FIGURES: Final = words(
    "Count Sum Avg Stddev StddevPop StddevSamp Variance VariancePop CountIf ApproxDistinct"
)
_PERIODS: Final = frozenset({"YEAR", "QUARTER", "MONTH", "%Y", "%m", "%Y-%m"})
_DRESS: Final = (exp.Alias, exp.Paren, exp.Round, exp.Cast)


def aggregate(tree: exp.Expr, selects: list[exp.Select], coarse: frozenset[str]) -> str:
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
    if _is_period(node):
        return True
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
    if any(value for name, value in group.args.items() if name != "expressions"):
        return False
    return has_figure and all(_is_key(each, select, coarse) for each in group.expressions)


def _is_period(node: exp.Expr) -> bool:
    """Tell whether it is the year, quarter or month of a column."""
    unit, inner = "YEAR", node.this
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
        unit = node.text("unit").upper()
    elif isinstance(node, exp.Extract):
        unit, inner = node.name.upper(), node.expression
    elif isinstance(node, exp.TimeToStr):
        unit = node.text("format")
    elif not isinstance(node, exp.Year | exp.Quarter | exp.Month):
        return False
    while isinstance(inner, exp.TsOrDsToDate | exp.TsOrDsToTimestamp | exp.Cast):
        inner = inner.this
    return unit in _PERIODS and isinstance(inner, exp.Column)


def _is_key(node: exp.Expr, select: exp.Select, coarse: frozenset[str]) -> bool:
    if _is_period(node):
        return True
    if isinstance(node, exp.Column):
        named = [each for each in select.selects if each.alias.lower() == node.name.lower()]
        return node.name.lower() in coarse or (
            not node.table and len(named) == 1 and _is_period(named[0].unalias())
        )
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
