"""One stretch of a message, and what its format's definition says of it."""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re
from collections.abc import Iterable
from typing import NamedTuple

TEXT = "TEXT"
KEEP = "KEEP"
UNKNOWN = "FIELD"  # the token type for what no definition covers
OVER = "OVER"  # to be read over what its format puts between (see `over`)
LINK = "LINK"  # a FHIR reference, a URL, a search


class Piece(NamedTuple):
    """A half-open stretch, its kind, and the whole value where a name is spread over fields.

    `names` are the field names around it, for formats that nest; `bare` says that a token put here
    must be quoted (a number in JSON), `escaped` that its marks must be written as XML's entities;
    `extension` is the URL of the FHIR extension that the value stands in; `coding` says how the
    stretch is written, where it must be read over something (see `over`).
    """

    start: int
    end: int
    kind: str
    value: str = ""
    names: tuple[str, ...] = ()
    bare: bool = False
    resource: str = ""
    extension: str = ""
    escaped: bool = False
    coding: str = ""


_LONG_NUMBER = re.compile(r"\d{4}")
_WORDED = re.compile(r"@|[^\W\d_]{2}[ ,]{1,8}[^\W\d_]{2}|[A-Z][a-z]{2}")
_PARTS = {
    "given": 0, "first": 0, "firstname": 0, "first_name": 0, "givenname": 0, "given_name": 0, "fname": 0,
    "middle": 1, "middlename": 1, "middle_name": 1, "mname": 1, "family": 2, "last": 2, "lastname": 2,
    "last_name": 2, "familyname": 2, "family_name": 2, "surname": 2, "lname": 2,
}  # fmt: skip


def doubted(said: str, kind: str) -> str:
    """Read a kept element as text where it holds four digits in a row: a table may be misused."""
    return worded(TEXT if kind == KEEP and _LONG_NUMBER.search(said) else kind, said)


def worded(kind: str, said: str) -> str:
    """Read a kept element as text where it holds words, and no code of its system."""
    return TEXT if kind == KEEP and _WORDED.search(said) else kind


def part_of_name(name: str) -> int | None:
    """Return where a field stands in a person's name (given, middle, family), or None."""
    low = name.lower()
    for prefix in ("patient_", "patient", "member_", "subscriber_"):
        low = low.removeprefix(prefix) if low.removeprefix(prefix) in _PARTS else low
    return _PARTS.get(low)


def whole_names(parts: Iterable[tuple[int, tuple[str, ...], str]]) -> dict[int, str]:
    """Join the parts of names that stand side by side under one parent: index -> whole name.

    Takes (index, names, value) of the parts in document order.
    """
    wholes: dict[int, str] = {}
    group: list[tuple[int, int, str]] = []
    around: tuple[str, ...] | None = None

    def close() -> None:
        if len({order for _, order, _ in group}) > 1:
            whole = " ".join(value for _, _, value in sorted(group, key=lambda part: part[1]))
            wholes.update((index, whole) for index, _, _ in group)

    for index, names, value in parts:
        order = part_of_name(names[-1]) if names else None
        if order is None:
            continue
        again = bool(group) and group[-1][1] != order and order in {o for _, o, _ in group}
        if names[:-1] != around or again:
            close()
            group = []
        around = names[:-1]
        group.append((index, order, value))
    close()
    return wholes
