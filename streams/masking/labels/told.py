"""What a list or an object tells of the values in it, as names for the stack above them.

`told` looks at one list or object; its answer says, for each member, which name to push and what
to tell the member in turn.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from streams.masking.fields import TEXT
from streams.masking.labels import bound, rows, siblings
from streams.masking.labels.bound import Bound
from streams.masking.labels.climb import label, neutral
from streams.masking.vocabulary.lexicon import Lexicon
from streams.masking.vocabulary.lists import each

_BINDS = each(
    """params param parameters parameter bind binds binding bindings bindvars bindvariables variables
    vars values args arguments inputs input rows data batch batches parametervalues queryparams
    sqlparams sqlparameters bindparams bindvalues paramvalues replacements substitutions kwargs
    named namedparameters expressionattributevalues options parametersets paramset argv operands seq executemany records"""
)
_OPERATORS = each(
    """= == === != <> < > <= >= eq ne neq gt lt gte lte in nin not_in notin like ilike contains
    startswith starts_with endswith ends_with regex matches is isnot between equals =? =like =ilike
    array-contains array_contains text"""
)
_OPERATOR_KEYS = each(
    "eq ne gt lt gte lte in nin cmp regexmatch == === != in > < >= <= if startswith"
)
_CELL = re.compile(r"[A-Z]{1,3}\d{1,6}\Z")
_TRIPLE = 3
_PAIR = 2


class ToldColumns(NamedTuple):
    """What one list or object says: names by place or key, and what its members are told."""

    columns: tuple[str, ...] = ()
    header: int = 0
    deep: bool = False  # the columns are those of rows below, not of this list's own members
    offset: int = 0  # members before the first bound value
    by_row: bool = False  # the first cell of each row names the others
    bound: Bound | None = None
    members: Mapping[str, "ToldColumns"] | None = None
    name: str = ""  # the name that a sibling gives
    namer: str = ""  # that sibling's key
    named: Mapping[str, str] | None = None  # names by key

    def before(self, key: str) -> str:
        """Return the name to push before a member's own key."""
        if not self.name or key == self.namer:
            return ""
        return self.name if siblings.value_like(key) else ""

    def behind(self, key: str | int, value: Any) -> str:
        """Return the name to push behind a member's key or place."""
        if isinstance(key, int):
            if self.bound is not None and not isinstance(value, list):
                return self.bound.at(key - self.offset) if key >= self.offset else ""
            if self.deep or key >= len(self.columns):
                return ""
            return self.columns[key]
        if self.bound is not None:
            return self.bound.of(key)
        return (self.named or {}).get(key, "")

    def member(self, key: str | int, value: Any) -> "ToldColumns | None":
        """Return what a member is told by what stands around it."""
        if isinstance(key, str):
            return (self.members or {}).get(key)
        if self.bound is not None:
            return self._bound(key, value)
        if self.named:
            return None
        if self.deep and key >= self.header:
            return self._row(value)
        return NOTHING if self.deep else None

    def _bound(self, place: int, value: Any) -> "ToldColumns | None":
        """Tell a batch of bound rows from one bound value that is a list."""
        if isinstance(value, Mapping):
            return ToldColumns(bound=self.bound)
        if not isinstance(value, list):
            return None
        said = self.bound
        if self.offset:
            return ToldColumns(bound=said)
        if said is None or (len(value) == said.count and not _nested(value)):
            return self
        column = said.at(place)
        return ToldColumns(tuple([column] * len(value))) if column else self

    def _row(self, value: Any) -> "ToldColumns | None":
        if isinstance(value, list):
            if self.by_row and value and isinstance(value[0], str):
                name = siblings.decisive(value[0])
                return ToldColumns(("", *([name] * (len(value) - 1))))
            return ToldColumns(self.columns)
        if isinstance(value, Mapping):
            inner = {
                key: ToldColumns(self.columns)
                for key, cells in value.items()
                if isinstance(cells, list)
            }
            return ToldColumns(members=inner) if len(inner) == 1 else None
        return None


NOTHING = ToldColumns()


def of_object(value: Mapping[str, Any], lexicon: Lexicon) -> ToldColumns:
    """Return what an object says of its members: a sibling's name, columns, bound values."""
    if len(value) < _PAIR:
        return _of_operator(value)
    if (sheet := _of_sheet(value)) is not None:
        return sheet
    members: dict[str, ToldColumns] = {}
    named: dict[str, str] = {}
    for key, names in rows.columns_of(value, lexicon).items():
        flat = rows.cells(value[key], len(names)) is not None and not _nested(value[key])
        members[key] = ToldColumns(tuple(names), deep=not flat)
    if (said := bound.columns_of(value)) is not None:
        for key, inner in value.items():
            if key not in members and isinstance(inner, list | Mapping) and _binds(key):
                members[key] = ToldColumns(bound=said)
            elif said.count == 1 and isinstance(inner, str | int) and _plain(key) in _BINDS:
                named[key] = said.at(0)
    name, namer = siblings.names_of(value)
    return ToldColumns(members=members or None, name=name, namer=namer, named=named or None)


def of_list(  # noqa: PLR0911 - rules in their order
    value: list[Any], lexicon: Lexicon
) -> ToldColumns:
    """Return what a list says of its members: a header, proven columns, a filter's column."""
    if not value:
        return NOTHING
    if isinstance(value[0], str) and (said := bound.columns_of({"sql": value[0]})) is not None:
        return ToldColumns(bound=said, offset=1)
    if all(isinstance(part, str) for part in value):
        flags = _of_flags(value)
        if flags is not None:
            return flags
    if isinstance(value[0], Mapping):
        return _of_parts(value)
    if isinstance(value[0], list):
        return _of_rows(value, lexicon)
    if len(value) in {_PAIR, _TRIPLE} and isinstance(value[0], str):
        return _of_triple(value)
    return NOTHING


def _of_rows(value: list[Any], lexicon: Lexicon) -> ToldColumns:
    if _named_rows(value):
        return ToldColumns(("",), deep=True, by_row=True)
    names, header = rows.columns_of_list(value, lexicon)
    return ToldColumns(tuple(names), header, deep=True) if names else NOTHING


def _of_triple(value: list[Any]) -> ToldColumns:
    """Read `["mrn", "=", "A17B"]`, and `["$mrn", "A17B"]` of MongoDB's expressions."""
    said = value[0]
    operator = value[1] if len(value) == _TRIPLE else "="
    if not isinstance(operator, str) or operator.strip().lower() not in _OPERATORS:
        return NOTHING
    if len(value) == _PAIR and not said.startswith("$"):
        return NOTHING
    name = siblings.decisive(said)
    return ToldColumns((*([""] * (len(value) - 1)), name)) if name else NOTHING


def _named_rows(value: list[Any]) -> bool:
    """Tell `[["last_name", "Hill"], ["mrn", "A17"]]`: rows whose first cell names the others."""
    rows_ = [row for row in value[:50] if isinstance(row, list) and len(row) == _PAIR]
    if len(rows_) != len(value[:50]) or not all(isinstance(row[0], str) for row in rows_):
        return False
    return rows.told_by_row([[row[0], str(row[1])] for row in rows_])


def _of_flags(value: list[str]) -> ToldColumns | None:
    """Read `["--mrn", "A17B"]`: an argument names the one behind it."""
    names = [""] * len(value)
    for i, said in enumerate(value[:-1]):
        if said.startswith("-") and not value[i + 1].startswith("-"):
            names[i + 1] = siblings.decisive(said.lstrip("-"))
    return ToldColumns(tuple(names)) if any(names) else None


def _of_parts(value: list[Any]) -> ToldColumns:
    """Read the parts of one operation: `[{"name": "path", …}, {"name": "value", …}]`."""
    said: dict[str, Any] = {}
    for part in value[:20]:
        if not isinstance(part, Mapping) or not isinstance(part.get("name"), str):
            return NOTHING
        others = [inner for key, inner in part.items() if key != "name"]
        said[part["name"]] = others[0] if others else None
    if "value" not in said:
        return NOTHING
    name, namer = siblings.names_of(said)
    if not name:
        return NOTHING
    names = (
        name if part["name"] != namer and siblings.value_like(part["name"]) else ""
        for part in value[:20]
    )
    return ToldColumns(tuple(names))


def _of_sheet(value: Mapping[str, Any]) -> ToldColumns | None:
    """Read the cells of a spreadsheet by their places: `{"A1": "mrn", "A2": "A17B"}`."""
    if len(value) < _PAIR or not all(_CELL.match(str(key)) for key in list(value)[:200]):
        return None
    first = {
        key.rstrip("0123456789"): str(said)
        for key, said in value.items()
        if key.endswith("1") and key[-2:-1].isalpha()
    }
    if not first or not rows.is_header(list(first.values())):
        return None
    names = {key: siblings.decisive(first.get(key.rstrip("0123456789"), "")) for key in value}
    heads = {key for key in value if key[-1:] == "1" and key[-2:-1].isalpha()}
    return ToldColumns(
        named={key: name for key, name in names.items() if name and key not in heads}
    )


def _of_operator(value: Mapping[str, Any]) -> ToldColumns:
    """Read `{"==": [{"var": "mrn"}, "A17B"]}` and its like."""
    for key, inner in value.items():
        plain = key.lower().lstrip("$_")
        if plain in _OPERATOR_KEYS and isinstance(inner, list) and 1 < len(inner) <= 4:  # noqa: PLR2004 - operands
            name = next((said for part in inner if (said := _operand(part))), "")
            if name:
                return ToldColumns(members={key: ToldColumns(tuple([name] * len(inner)))})
    return NOTHING


def _operand(value: Any) -> str:
    if isinstance(value, str) and value.startswith("$"):
        return siblings.decisive(value)
    if isinstance(value, Mapping) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if isinstance(inner, str) and key.lower() in {"var", "field", "column", "col", "ref", "path", "property", "attribute", "name", "identifier"}:  # fmt: skip
            return siblings.decisive(inner)
    return ""


def _binds(key: str) -> bool:
    return _plain(key) in _BINDS or neutral(key)


def _plain(key: str) -> str:
    return "".join(char for char in key.lower() if char.isalpha())


def _nested(value: list[Any]) -> bool:
    return any(isinstance(part, list | Mapping) for part in value)


__all__ = ["NOTHING", "TEXT", "ToldColumns", "label", "of_list", "of_object"]
