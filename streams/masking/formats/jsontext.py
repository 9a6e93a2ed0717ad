"""Records written as literals: JSON, Python, JavaScript, Ruby, PHP, wherever in a text they stand.

They are read token by token, so that a damaged or cut one is masked too, and one amid words is
found: `json` and `ast` refuse such a text as a whole, and give no places of values.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from typing import Any

from streams.masking.formats.literal import Scan
from streams.masking.formats.piece import TEXT, Piece

_KEY = r"(?:\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'|:?[A-Za-z_$][\w$.\-]{0,60}|\d{1,20})"
_JSON = re.compile(r"\A\s*+(?:\{\s*(?:\"|\}|\Z)|\[\s*(?:[{\[\"\]]|-?\d[\d.eE+\-]*\s*[,\]]))")
_OPEN = re.compile(
    rf"\{{\s{{0,40}}(?:\"[^\"\n]{{0,80}}\"\s?(?::|=>)|'[^'\n]{{0,80}}'\s?(?::|=>)|:[A-Za-z_]\w{{0,60}}\s?=>|[A-Za-z_$][\w$]{{0,60}}\s?:(?=\s?(?:[\"'\[{{\d-]|true|false|null|None|[A-Za-z][\w.\- ]{{0,60}}\s?[,}}\n])))"
    rf"|\[\s{{0,40}}(?:\{{\s{{0,40}}{_KEY}\s?(?::|=>)|{_KEY}\s?=>|\(\s{{0,40}}[\"']\w{{1,60}}[\"']\s?,)"
    r"|(?<![\w\])])\[\s{0,40}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}')\s{0,40}[,\]]"
)


def split(text: str) -> list[Piece] | None:
    """Cut a literal into keys and values, each with the names around it.

    Where a text holds literals amid words, each is one piece, to be cut in its turn.
    """
    if not ("{" in text or "[" in text):
        return None
    found: list[Piece] = []
    at = 0
    whole = _JSON.match(text)
    opened = (
        whole if whole is not None and not ('"' not in text and "<" in text) else _OPEN.search(text)
    )
    while opened is not None:
        start = opened.end() - len(opened.group().lstrip()) if opened is whole else opened.start()
        scan = Scan(text, start)
        end = scan.run()
        if not text[:start].strip() and not text[end:].strip():
            return scan.found
        if text[at:start].strip():
            found.append(Piece(at, start, TEXT))
        found.append(Piece(start, end, TEXT))
        at = end
        opened = _OPEN.search(text, at)
    if not found and not at:
        return None
    if text[at:].strip():
        found.append(Piece(at, len(text), TEXT))
    return found


def opens(text: str) -> bool:
    """Tell whether a text holds a literal, so that its escapes are those of its strings."""
    return bool(("{" in text or "[" in text) and (_JSON.match(text) or _OPEN.search(text)))


def value(text: str) -> Any:
    """Return the value that a text writes down as a literal; None where it is more than that."""
    opened = _JSON.match(text) or _OPEN.match(text.lstrip())
    if opened is None:
        return None
    scan = Scan(text, len(text) - len(text.lstrip()))
    end = scan.run()
    return scan.tree.root if scan.tree.sound and not text[end:].strip() else None
