"""Text that somebody else wrote, made harmless and exact for a terminal.

A masked request is still an agent's text. Written to a terminal as it is, it could move the cursor,
recolour the screen, reverse its own words (Unicode UAX 9) or hide some. So nothing here is ever
interpreted: what does not show as itself, or where it stands, is written as an escape, as JSON
would write it. That holds for letters that run from right to left, since a terminal moves the signs
and figures beside them. A backslash of the text's own is doubled: no text looks like an escape.

The JSON of a request is laid out token by token and never parsed and dumped again: a reviewer sees
each number as it was written, and each of two members with one name.
"""

import json
import re
import unicodedata
from typing import Final

_MARKS_MAX: Final = 3  # combining marks in a row; no living script needs more
_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
_TURNED: Final = {"R", "AL", "AN", "RLE", "RLO", "RLI"}  # bidirectional classes
# Unicode's Default_Ignorable_Code_Point, and two blanks beside it: they show as nothing
_IGNORABLE: Final = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK: Final = re.compile(f"[{_IGNORABLE}\u2800\U00016fe4]")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s"\[\]{},:]+')


def visible(text: str) -> str:
    """Return `text` on one line with every character that does not show as itself escaped.

    Its own backslashes are doubled, so what is shown can have come from this text alone.
    """
    return harmless(text.replace("\\", "\\\\"))


def harmless(text: str) -> str:
    """Return the same without marking backslashes: for JSON, which has, and for our own words."""
    shown: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        odd = (category in _HIDDEN and char != " ") or _BLANK.match(char) is not None
        odd = odd or marks > _MARKS_MAX or unicodedata.bidirectional(char) in _TURNED
        shown.append(_escape(char) if odd else char)
    return "".join(shown)


def _escape(char: str) -> str:
    escaped = json.dumps(char)[1:-1]
    return f"\\u{ord(char):04x}" if escaped == char else escaped  # JSON lets DEL stand


def pretty(text: str, indent: int = 2) -> list[str]:
    """Lay valid JSON out on lines, each token as it stands; anything else stays one line."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return [harmless(text)]
    lines = [""]
    depth = 0
    tokens = _TOKEN.findall(text)
    for place, piece in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if piece in "]}" and tokens[place - 1] not in "[{":
            depth -= 1
            lines.append(" " * indent * depth)
        lines[-1] += _token(piece)
        if piece in "[{" and after not in "]}":
            depth += 1
            lines.append(" " * indent * depth)
        elif piece == ",":
            lines.append(" " * indent * depth)
    return lines


def _token(piece: str) -> str:
    if piece.startswith('"'):
        return harmless(json.dumps(json.loads(piece), ensure_ascii=False))
    return {":": ": "}.get(piece, harmless(piece))


def fold(line: str, width: int) -> list[str]:
    """Break `line` to `width` terminal cells, at spaces where it can; the indent stays."""
    from rich.cells import cell_len, chop_cells  # noqa: PLC0415 - `phigate --help` stays quick

    indent = line[: len(line) - len(line.lstrip(" "))][: width // 2]
    rest = line[len(indent) :]
    room = width - len(indent)
    lines: list[str] = []
    while cell_len(rest) > room:
        piece = chop_cells(rest, room)[0]
        at = piece.rfind(" ", room // 2) if rest[len(piece)] != " " else -1
        piece = piece[: at + 1] if at > 0 else piece
        lines.append(indent + piece)
        rest = rest[len(piece) :]
    return [*lines, indent + rest] if rest or not lines else lines
