"""Tables written as text: CSV and its kin, Markdown, the output of psql and MySQL, fixed width.

`pieces` cuts a text into the cells of its tables and the texts between them; a cell has its column
as its name, so that it is masked within its own borders and read within them. Python's csv module
finds no places, which masking needs, so that the cells are cut here, by the same rules for quotes.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterator
from typing import NamedTuple

from streams.masking.fields import TEXT, words
from streams.masking.formats.piece import Piece
from streams.masking.labels.climb import label
from streams.masking.labels.proof import headless, kinds
from streams.masking.labels.rows import is_header, told_by_row
from streams.masking.labels.siblings import decisive
from streams.masking.vocabulary.lexicon import Lexicon

_SEPARATORS = ("\t", "|", ";", ",")
_LINE = re.compile(r"[^\r\n]*")
_RULE = frozenset("|+:=─┼│-")  # what a rule between lines is drawn with, and blanks
_GAP = re.compile(r"\s{2,}|\t")
_CHUNK = re.compile(r"\S+(?: \S+)*")
_COPY = re.compile(r"\bcopy\s+[\w.\"]+\s*\((?P<columns>[^()]{1,2000})\)\s+from\s+stdin\b[^\n]*\n", re.IGNORECASE)  # fmt: skip
_END = re.compile(r"\s{0,20}\(\d{1,12} rows?\)|\s{0,20}\d{1,12} rows? in set|\\\.")
_BEFORE = "row"  # the parent of a column's name: it says nothing itself
_LINES_MAX = 20_000
_CELL_LINES_MAX = 40
_ROWS_LOOKED = 200
_ALONE_WORDS_MAX = 5
_ALONE = frozenset(["PERSON", "MRN", "SSN", "ADDRESS", "MEMBER_ID", "PHONE", "EMAIL", "DATE", "ACCOUNT", "ID", "ZIP"])  # fmt: skip
_ENTITIES = frozenset(["patient", "physician", "doctor", "nurse", "provider", "appointment", "author", "guardian", "spouse", "alias", "account", "date", "given", "family", "identifier", "dated", "issued", "document"])  # fmt: skip

Place = tuple[int, int]


class _Line(NamedTuple):
    """One line of a text: its place, and the places of its cells under the separator tried."""

    start: int
    end: int
    cells: tuple[Place, ...]


def pieces(text: str, lexicon: Lexicon) -> list[Piece] | None:
    """Cut a text into the cells of its tables and what stands between; None where it has none."""
    if "\n" not in text and "\r" not in text:
        return None
    lines = [found.span() for found in _LINE.finditer(text)]
    lines = [place for i, place in enumerate(lines) if place[0] != place[1] or i == 0]
    if '"' in text:
        lines = _quoted(text, lines)
    if not 1 < len(lines) <= _LINES_MAX:
        return None
    for separator in _SEPARATORS:
        if separator in text and (found := _separated(text, lines, separator, lexicon)):
            return _between(text, found)
    found = _fixed(text, lines, lexicon) or _one_column(text, lines)
    return _between(text, found) if found else None


def _quoted(text: str, lines: list[Place]) -> list[Place]:
    """Join the lines that a quoted cell goes over; an open quote joins a few lines at most."""
    joined: list[Place] = []
    at = 0
    while at < len(lines):
        start, end = lines[at]
        last = at
        if text.count('"', start, end) % 2:
            for i in range(at + 1, min(at + _CELL_LINES_MAX, len(lines))):
                if text.count('"', *lines[i]) % 2:
                    last = i
                    break
        joined.append((start, lines[last][1]))
        at = last + 1
    return joined


def copied(text: str) -> list[Piece] | None:
    """Cut what PostgreSQL's COPY loads: the statement, and rows under the columns it names."""
    said = _COPY.search(text)
    if said is None:
        return None
    names = [name.strip(' "') for name in said.group("columns").split(",")]
    found: list[tuple[Place, str]] = []
    for line in _LINE.finditer(text, said.end()):
        if line.group().startswith("\\."):
            break
        separator = "\t" if "\t" in line.group() else ","
        cells = _cells(text, *line.span(), separator) or (_trimmed(text, *line.span()),)
        found += zip(cells, names, strict=False)
    return _between(text, found) if found else None


def _separated(
    text: str, lines: list[Place], separator: str, lexicon: Lexicon
) -> list[tuple[Place, str]]:
    """Find the tables whose cells a separator parts: each cell's place and column."""
    found: list[tuple[Place, str]] = []
    for table in _regions(text, lines, separator):
        rows = [[text[a:b] for a, b in line.cells] for line in table[: _ROWS_LOOKED + 1]]
        names, header = _columns(rows, separator, lexicon)
        if names:
            for line in table[:header]:
                found += [(cell, "") for cell in line.cells]
            for line in table[header:]:
                found += zip(line.cells, names, strict=False)
        elif told_by_row(rows):
            for line in table:
                name = decisive(text[slice(*line.cells[0])])
                found += [(cell, name if i else "") for i, cell in enumerate(line.cells)]
    return found


def _columns(rows: list[list[str]], separator: str, lexicon: Lexicon) -> tuple[list[str], int]:
    """Return the names of a table's columns, and how many of its rows are the header."""
    if len(rows) > 1 and is_header(rows[0]) and not told_by_row(rows):
        return kinds(rows[0], rows[1:], lexicon), 1
    loose = separator in ",;" and any(cell.startswith(" ") for row in rows for cell in row[1:])
    if loose or len(rows) < 2 or len(rows[0]) * len(rows) < 6:  # noqa: PLR2004 - too little to prove a column
        return [], 0
    return headless(rows, lexicon), 0


def _regions(text: str, lines: list[Place], separator: str) -> Iterator[list[_Line]]:
    """Yield stretches of two lines or more with the same number of cells, without rules."""
    table: list[_Line] = []
    for start, end in lines:
        if _is_rule(text, start, end) and separator == "|":
            continue
        cells = _cells(text, start, end, separator)
        if len(cells) < 2 or (table and len(table[0].cells) != len(cells)):  # noqa: PLR2004 - a table has columns
            if len(table) > 1:
                yield table
            table = []
        if len(cells) > 1:
            table.append(_Line(start, end, cells))
    if len(table) > 1:
        yield table


def _cells(text: str, start: int, end: int, separator: str) -> tuple[Place, ...]:
    """Cut one line at a separator, but not within quotes; blanks and quotes are no part of a cell."""
    if separator not in text[start:end]:
        return ()
    cells = []
    at = start
    while at <= end:
        close = -1
        lead = at
        while lead < end and text[lead] == " ":
            lead += 1
        if lead < end and text[lead] == '"':
            close = text.find('"', lead + 1, end)
            while close >= 0 and text[close + 1 : close + 2] == '"':
                close = text.find('"', close + 2, end)
        stop = text.find(separator, max(at, close), end)
        stop = end if stop < 0 else stop
        cells.append(_trimmed(text, at, stop))
        at = stop + 1
    if separator == "|":
        cells = [
            cell for i, cell in enumerate(cells) if 0 < i < len(cells) - 1 or cell[0] < cell[1]
        ]
    return tuple(cells)


def _trimmed(text: str, start: int, end: int) -> Place:
    while start < end and text[start] in " \t\"'`*":
        start += 1
    while end > start and text[end - 1] in " \t\"'`*":
        end -= 1
    return start, end


def _fixed(text: str, lines: list[Place], lexicon: Lexicon) -> list[tuple[Place, str]]:
    """Find a table of fixed width: a header whose words are parted by two blanks or more."""
    for i, (start, end) in enumerate(lines[:-1]):
        if not _GAP.search(text, start, end) or not text[start:end].strip():
            continue
        heads = [found.span() for found in _CHUNK.finditer(text, start, end)]
        header = [text[a:b] for a, b in heads]
        if len(heads) < 2 or not is_header(header):  # noqa: PLR2004 - a table has columns
            continue
        starts = [a - start for a, _ in heads]
        rows = list(_fixed_rows(text, lines[i + 1 :], starts))
        if not rows:
            continue
        said = [[text[a:b] for a, b in row] for row in rows[:_ROWS_LOOKED]]
        names = kinds(header, said, lexicon)
        found: list[tuple[Place, str]] = [(head, "") for head in heads]
        for row in rows:
            found += zip(row, names, strict=True)
        return [(place, name) for place, name in found if place[0] < place[1]]
    return []


def _fixed_rows(text: str, lines: list[Place], starts: list[int]) -> Iterator[list[Place]]:
    """Yield the cells of the lines below a header, each put under the column where it begins."""
    for start, end in lines:
        if _END.match(text, start, end):
            return
        if _is_rule(text, start, end):
            continue
        row: list[Place] = [(start, start)] * len(starts)
        for chunk in _CHUNK.finditer(text, start, end):
            a, b = chunk.span()
            place = max((k for k, at in enumerate(starts) if at <= a - start + 1), default=0)
            row[place] = (row[place][0], b) if row[place][0] < row[place][1] else (a, b)
        if sum(a < b for a, b in row) < 2:  # noqa: PLR2004 - a row has columns
            return
        yield row


def _one_column(text: str, lines: list[Place]) -> list[tuple[Place, str]]:
    """Find a list under one name: `last_name`, and a value a line."""
    said = [text[a:b].strip() for a, b in lines]
    name = decisive(said[0]) if len(said[0]) <= 40 else ""  # noqa: PLR2004 - a name
    if not name or "_".join(words(said[0])) in _ENTITIES or ":" in said[0] or said[0].endswith("."):
        return []
    if label((name,))[0] not in _ALONE:
        return []
    if any(
        len(line.split()) > _ALONE_WORDS_MAX or line.endswith((".", "?", "!")) for line in said[1:]
    ):
        return []
    return [(_trimmed(text, a, b), name if i else "") for i, (a, b) in enumerate(lines)]


def _between(text: str, cells: list[tuple[Place, str]]) -> list[Piece]:
    """Return the cells as pieces, with the texts between them where they say anything."""
    found: list[Piece] = []
    at = 0
    for (start, end), name in sorted(cells):
        if start >= end or start < at:
            continue
        if any(char.isalnum() for char in text[at:start]):
            found.append(Piece(at, start, TEXT))
        found.append(Piece(start, end, TEXT, names=(_BEFORE, name) if name else ()))
        at = end
    if any(char.isalnum() for char in text[at:]):
        found.append(Piece(at, len(text), TEXT))
    return found


def _is_rule(text: str, start: int, end: int) -> bool:
    """Tell whether a line is drawn and holds nothing."""
    return start < end and all(text[i] in _RULE or text[i].isspace() for i in range(start, end))
