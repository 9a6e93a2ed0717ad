"""Tables as JSON: columns beside rows, a first row that is a header, rows without one.

`{"columns": […], "rows": [[…]]}` in its many spellings, `[["last_name", "mrn"], ["Hill", "A17"]]`,
and lists of lists of equal length. Each column's name is put on the stack of its cells.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Mapping
from typing import Any

from streams.masking.fields import KEEP, TEXT, words
from streams.masking.labels.climb import holds_value, label
from streams.masking.labels.proof import headless, kinds
from streams.masking.labels.siblings import decisive
from streams.masking.vocabulary.lexicon import Lexicon

_COLUMNS = frozenset(["columns", "column", "header", "headers", "fields", "cols", "columnnames", "fieldnames", "schema", "names", "keys", "attributes", "labels", "head", "columnlist", "fieldlist", "thead"])  # fmt: skip
_ROWS = frozenset(["rows", "row", "data", "values", "records", "record", "cells", "tuples", "body", "results", "items", "valuerows", "batch", "dataarray", "tbody", "entries", "table", "matrix", "lines", "value", "params", "vals", "val", "answers"])  # fmt: skip
_SCHEMA = re.compile(r"[^\W\d_][\w .#/'?:()-]{0,40}\Z")
_CODE_NAME = re.compile(r"[a-z_]{1,40}\Z|[A-Z_]{1,40}\Z")
_SURE = frozenset(["mrn", "ssn", "dob", "npi", "mbi"])
_PLAIN = re.compile(r"[^a-z]")
_COLUMNS_MAX = 400
_HALF = 2


def columns_of(value: Mapping[str, Any], lexicon: Lexicon) -> dict[str, list[str]]:
    """Return, for each member of an object that holds rows, the names of their columns."""
    header: list[str] = []
    for key, inner in value.items():
        if _PLAIN.sub("", key.lower()) in _COLUMNS and (header := _header(inner)):
            break
    if not header:
        return {}
    found = {}
    for key, inner in value.items():
        if _PLAIN.sub("", key.lower()) in _ROWS and isinstance(inner, list):
            rows = [said for row in inner[:200] if (said := cells(row, len(header))) is not None]
            one = cells(inner, len(header))
            if rows or one is not None:
                found[key] = kinds(header, [_texts(row) for row in (rows or [one or []])], lexicon)
    return found


def columns_of_list(value: list[Any], lexicon: Lexicon) -> tuple[list[str], int]:
    """Return the column names of a list of lists, and how many rows at its head are the header."""
    if len(value) < 2 or not all(isinstance(row, list) for row in value[:50]):  # noqa: PLR2004 - a table
        return [], 0
    length = len(value[0])
    if not 0 < length <= _COLUMNS_MAX or any(len(row) != length for row in value[1:50]):
        return [], 0
    rows = [_texts(row) for row in value[:200]]
    if told_by_row(rows):
        return [], 0
    if is_header(rows[0]) and all(isinstance(cell, str) for cell in value[0]):
        return kinds(rows[0], rows[1:], lexicon), 1
    return headless(rows, lexicon), 0


def told_by_row(rows: list[list[str]]) -> bool:
    """Tell a table whose first column names its rows: `last_name | Hill`."""
    if len(rows[0]) < _HALF:
        return False
    named = sum(bool(decisive(row[0])) for row in rows if row)
    others = any(decisive(cell) for cell in rows[0][1:])
    return not others and named * _HALF >= len(rows) and (named > 1 or len(rows) == 1)


def is_header(row: list[str]) -> bool:
    """Tell a header from a row of values: words of a schema, at least half of them identifying."""
    said = [cell.strip().strip("\"'") for cell in row]
    if not all(_SCHEMA.match(cell) and not holds_value(cell) for cell in said if cell):
        return False
    known = [label((decisive(cell) or cell,))[0] for cell in said if cell]
    sure = sum(kind not in {TEXT, KEEP} for kind in known)
    marked = sum("_" in cell or len(words(cell)) > 1 for cell in said)
    some = sum(kind != TEXT for kind in known)
    if not known or not sure:
        return False
    code = all(_CODE_NAME.match(cell) for cell in said) and any(
        decisive(cell) and ("_" in cell or cell.lower() in _SURE) for cell in said
    )
    return code or some * _HALF >= len(known) or marked * _HALF >= len(known)


def cells(row: Any, length: int) -> list[Any] | None:
    """Return the cells of one row, however it holds them; None where it is no row."""
    if isinstance(row, Mapping) and len(row) <= 2:  # noqa: PLR2004 - BigQuery's {"f": […]}
        row = next((inner for inner in row.values() if isinstance(inner, list)), None)
    if not isinstance(row, list) or len(row) != length:
        return None
    if any(isinstance(cell, list) for cell in row):
        return None
    return row


def _texts(row: list[Any]) -> list[str]:
    texts = []
    for cell in row:
        if isinstance(cell, Mapping):
            cell = next(iter(cell.values()), None)  # noqa: PLW2901 - {"v": value}
        texts.append("" if cell is None or isinstance(cell, dict | list) else str(cell))
    return texts


def _head(one: Mapping[str, Any]) -> str:
    """Return the member of a column's description that decides, if one does."""
    for key in ("name", "field", "column", "label", "title", "headerName", "id", "key"):
        if isinstance(said := one.get(key), str) and decisive(said):
            return said
    return ""


def _header(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = value.get("fields") or value.get("columns")
    if not isinstance(value, list) or not 0 < len(value) <= _COLUMNS_MAX:
        return []
    names = []
    for one in value:
        said = one
        if isinstance(one, Mapping):
            said = _head(one) or next(
                (one[key] for key in ("name", "field", "column", "id", "label", "key", "title", "headerName", "accessor", "dataField") if isinstance(one.get(key), str)), None,
            )  # fmt: skip
        if isinstance(said, list) and said and isinstance(said[0], str):
            said = said[0]  # Python's DB-API: cursor.description
        if not isinstance(said, str):
            return []
        names.append(said)
    return names
