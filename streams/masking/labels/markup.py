"""Tables of HTML: each cell's column, from the table's head.

XML's own reader cuts the texts between tags; this gives those that stand in a cell the name of
their column, or of the head of their row.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re

from streams.masking.fields import NAME, TEXT, kind_of
from streams.masking.formats.piece import Piece
from streams.masking.labels.proof import headless, kinds
from streams.masking.labels.rows import is_header
from streams.masking.labels.siblings import decisive
from streams.masking.vocabulary.lexicon import Lexicon

_MARK = re.compile(r"(?:<|&lt;)(?P<close>/)?(?P<tag>table|tr|th|td|dt|dd)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(?:>|&gt;)", re.IGNORECASE)  # fmt: skip
_TAG = re.compile(r"<[^<>]*>|&nbsp;|&#160;")
_ROWS_MAX = 20_000

Cell = tuple[int, int, str]


def named(text: str, parts: list[Piece], lexicon: Lexicon) -> list[Piece]:
    """Return the pieces of a text, those in the cells of a table with their column's name."""
    if not re.search(r"<t[dh]\b|<dt\b", text, re.IGNORECASE):
        return parts
    cells = [cell for table in _tables(text) for cell in _labelled(text, table, lexicon)]
    cells.sort()
    found = []
    at = 0
    for part in parts:
        while at < len(cells) and cells[at][1] <= part.start:
            at += 1
        inside = at < len(cells) and cells[at][0] <= part.start and part.end <= cells[at][1]
        if inside and cells[at][2] and part.kind == TEXT and not part.names:
            found.append(part._replace(names=("row", cells[at][2])))
        else:
            found.append(part)
    return found


def _tables(text: str) -> list[list[list[Cell]]]:
    """Return the tables of a text as rows of cells: start, end, tag."""
    tables: list[list[list[Cell]]] = [[[]]]
    opened: tuple[int, str] | None = None
    for mark in _MARK.finditer(text):
        tag = mark.group("tag").lower()
        if opened is not None:
            tables[-1][-1].append((opened[0], mark.start(), opened[1]))
            opened = None
        if tag == "table" and not mark.group("close"):
            tables.append([[]])
        elif tag in {"tr", "dt"} and not mark.group("close"):
            tables[-1].append([])
        if tag in {"td", "th", "dt", "dd"} and not mark.group("close"):
            opened = (mark.end(), {"dt": "th", "dd": "td"}.get(tag, tag))
    if opened is not None:
        tables[-1][-1].append((opened[0], len(text), opened[1]))
    return [[row for row in table if row][:_ROWS_MAX] for table in tables if any(table)]


def _labelled(text: str, table: list[list[Cell]], lexicon: Lexicon) -> list[Cell]:
    """Return the cells of a table with their columns' names in place of their tags."""
    said = [[_TAG.sub("", text[start:end]).strip() for start, end, _ in row] for row in table]
    if len(table) > 1 and len(said[0]) > 1 and is_header(said[0]):
        names = kinds(said[0], said[1:], lexicon)
        return [cell for row in table[1:] for cell in _with_names(row, names)]
    found = []
    for row, texts in zip(table, said, strict=True):
        head = texts[0].rstrip(": ")
        named = decisive(head) or (head if row[0][2] == "th" and kind_of(head) == NAME else "")
        name = named if len(row) > 1 else ""
        found += [(start, end, name if i else "") for i, (start, end, _) in enumerate(row)]
    if not any(name for _, _, name in found) and len({len(row) for row in table}) == 1:
        names = headless(said, lexicon)
        return [cell for row in table for cell in _with_names(row, names)] if names else found
    return found


def _with_names(row: list[Cell], names: list[str]) -> list[Cell]:
    return [
        (start, end, names[i] if i < len(names) else "") for i, (start, end, _) in enumerate(row)
    ]
