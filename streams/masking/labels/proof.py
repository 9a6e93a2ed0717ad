"""Columns by their cells: the kind that most cells of a column prove, and names that lie.

A table without a header still has columns. A column takes a kind where most of its cells have that
kind's shape; the kind then masks all of its cells. And a weak name (`name`, `site`, `id`) is none
where most cells are words of medicine, because such a column holds analytes or drugs.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterable, Sequence

from streams.masking.fields import KEEP, NAME, TEXT, words
from streams.masking.labels.climb import label
from streams.masking.labels.siblings import decisive
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    GIVEN,
    NAMED,
    NEVER,
    ORDINARY,
    PLACE,
    POPULAR,
    SURNAME,
    USUAL,
    WORD,
    Lexicon,
    fold,
)

_SHAPES = (
    ("email", re.compile(r"\A[^\s@]{1,64}@\S++")),
    ("ssn", re.compile(r"\d{3}[- ]\d\d[- ]\d{4}")),
    ("dob", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{2,4}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")),
    ("phone", re.compile(r"\+?1?[ .-]?\(?\d{3}\)?[ .\-]\d{3}[ .\-]\d{4}|\+\d[\d ()\-]{7,18}")),
    ("ip", re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")),
    ("zip", re.compile(r"\d{5}-\d{4}")),
    ("address", re.compile(r"\d{1,5}\s+[A-Z][\w.]+(?:\s+[\w.]+){0,3}")),
    ("record_id", re.compile(r"[A-Z]{1,4}-?\d{2,12}[A-Z]?|\d{1,4}-\d{2,8}|(?=[A-Z0-9]{0,13}[A-Z])(?=[A-Z]{0,13}\d[A-Z]{0,13}\d)[A-Z0-9]{4,14}|\d{6,12}")),
)  # fmt: skip
_FIVE = re.compile(r"\d{5}")
_PART = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MOST = 0.6
_CELLS_MAX = 50
_PARTS_MAX = 3
_ROWS_MIN = 2
_WEAK = frozenset(["FACILITY", NAME, "USER", "ID", "LICENSE", "DEVICE", "ACCOUNT"])
_BESIDE = frozenset(["MRN", "SSN", "DATE", "PHONE", "PERSON", "MEMBER_ID", "EMAIL", "ADDRESS"])
_UNPROVEN = frozenset(["zip", "record_id", "address", "dob", "city"])  # beside another kind only


def kinds(header: Sequence[str], rows: Sequence[Sequence[str]], lexicon: Lexicon) -> list[str]:
    """Return the names of a table's columns as the stack takes them, from header and cells."""
    said = [decisive(name) or name for name in header]
    known = [label((name,))[0] for name in said]
    for i, (name, kind) in enumerate(zip(said, known, strict=True)):
        cells = [row[i] for row in rows[:_CELLS_MAX] if i < len(row)]
        weak = kind in _WEAK or (kind == "PERSON" and len(words(name)) == 1)
        if weak and clinical(cells, lexicon):
            said[i], known[i] = "finding", TEXT
        elif kind == NAME and _BESIDE & (set(known) - {"DATE"} | ({"DATE"} & set(known))):
            said[i] = "full_name"
        elif kind == TEXT and not name.strip():
            said[i] = proved(cells, lexicon, beside=True)
    return said


def headless(rows: Sequence[Sequence[str]], lexicon: Lexicon) -> list[str]:
    """Return names for the columns of a table that has no header; empty where nothing is proved."""
    if len(rows) < _ROWS_MIN:
        return []
    columns = [list(column) for column in zip(*rows[:_CELLS_MAX], strict=False)]
    names = [proved(column, lexicon) for column in columns]
    for _ in range(2 if any(names) else 0):  # a column of names proves that another may be one
        people = "full_name" in names or sum(bool(name) for name in names) > 1
        names = [
            name or proved(columns[i], lexicon, beside=True, people=people)
            for i, name in enumerate(names)
        ]
    if not any(name and name not in _UNPROVEN for name in names):
        weak = {name for name in names if name}
        if len(weak) < 2:  # noqa: PLR2004 - two weak proofs hold each other
            return []
    return names


def proved(
    cells: Iterable[str], lexicon: Lexicon, *, beside: bool = False, people: bool = False
) -> str:
    """Return the name that most cells of one column prove; empty where they prove none.

    `beside` says that another column is proved, `people` that it holds names.
    """
    said = [cell.strip() for cell in cells if any(char.isalnum() for char in cell)]
    if len(said) < _ROWS_MIN:
        return ""
    for name, shape in _SHAPES:
        if name == "record_id" and len(set(said)) < len(said) * _MOST:
            continue
        if sum(bool(shape.fullmatch(cell)) for cell in said) > _MOST * len(said):
            return name
    if clinical(said, lexicon):
        return ""
    persons = [_person(cell, lexicon) for cell in said]
    if sum(persons) >= _MOST * len(said) and len(set(said)) > 1:
        return "full_name"
    if beside and sum(bool(_FIVE.fullmatch(cell)) for cell in said) > _MOST * len(said):
        return "zip"
    return "full_name" if beside and _named(said, lexicon, people=people) else ""


def _named(cells: list[str], lexicon: Lexicon, *, people: bool) -> bool:
    """Tell whether words beside identifiers are names: written as names, most of them some name."""
    parts = [_PART.findall(cell) for cell in cells]
    if any(char.isdigit() for char in "".join(cells)):
        return False
    if any(not 0 < len(said) <= _PARTS_MAX for said in parts):
        return False
    flags = [lexicon.flags(fold(said[0])) for said in parts]
    written = sum(cell[0].isupper() for cell in cells)
    named = sum(bool(flag & NAMED) and (people or not flag & NEVER) for flag in flags)
    sure = sum(bool(flag & (POPULAR | USUAL)) or not flag & ORDINARY for flag in flags)
    return (
        len(set(cells)) * 2 > len(cells)
        and named + sum(not flag for flag in flags) >= _MOST * len(cells)
        and (
            (people and written > _MOST * len(cells))
            or sure > (0 if written > _MOST * len(cells) else len(cells) // 2)
        )
    )


def clinical(cells: Iterable[str], lexicon: Lexicon) -> bool:
    """Tell whether most cells of a column are words of medicine or of everyday language."""
    judged = [_vouched(cell, lexicon) for cell in cells if any(char.isalpha() for char in cell)]
    return bool(judged) and sum(judged) > _MOST * len(judged)


def _vouched(cell: str, lexicon: Lexicon) -> bool:
    parts = [lexicon.flags(fold(part)) for part in _PART.findall(cell)]
    return (
        bool(parts)
        and all(flags & CLINICAL or (flags & NEVER and not flags & NAMED) for flags in parts)
        and not any(flags & (POPULAR | USUAL) for flags in parts)
    )


def _person(cell: str, lexicon: Lexicon) -> bool:
    """Tell whether a cell reads as a person's name: `Young, Rose`, `hill grace`, `Okonjo`."""
    parts = _PART.findall(cell)
    if not 0 < len(parts) <= 4 or any(char.isdigit() for char in cell):  # noqa: PLR2004 - parts of a name
        return False
    flags = [lexicon.flags(fold(part)) for part in parts if len(part) > 1]
    if not flags or any(said & NEVER and not said & POPULAR for said in flags):
        return False
    named = sum(bool(said & NAMED) for said in flags)
    strong = any(
        said & POPULAR or (said & GIVEN and said & SURNAME and not said & ORDINARY)
        for said in flags
    )
    plain = all(said & WORD for said in flags)
    if len(flags) == 1:
        return bool(flags[0] & NAMED) and (strong or not plain) and not flags[0] & PLACE
    return named == len(flags) and strong


__all__ = ["KEEP", "clinical", "headless", "kinds", "proved"]
