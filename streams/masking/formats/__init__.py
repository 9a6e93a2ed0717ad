"""Formats recognised inside strings: each cuts a text into pieces by its own field definitions.

A piece is masked whole (its kind is a token type), kept (`KEEP`, a closed vocabulary), or read as
text (`TEXT`). `pieces` finds the format; a text of no known format is one piece to be read. Each
format's module has one function, `split(text) -> list[Piece] | None`; none raises on damaged input.
"""

import json
from typing import Any

from streams.masking.formats import dicom, hl7, jsontext, ncpdp, sql, x12, xmltext, yamltext
from streams.masking.formats.piece import Piece

__all__ = ["Piece", "pieces", "value"]

_SPLITTERS = (
    dicom.split,
    hl7.split,
    x12.split,
    ncpdp.split,
    jsontext.split,
    xmltext.split,
    yamltext.split,
)


def value(text: str) -> Any:
    """Return what a text writes down as a record of any language; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        found = jsontext.value(text)
        return yamltext.value(text) if found is None else found


def pieces(text: str, dialect: str = "") -> list[Piece] | None:
    """Return a text's pieces by the first format that knows it, or None; SQL by its dialect."""
    for split in _SPLITTERS:
        found = split(text)
        if found is not None:
            return found
    return sql.split(text, dialect)
