r"""Escapes, read as what they stand for: HL7's (`\F\`, `\.br\`, `\X0D\`), and those of a string (`\n`, `\"`).

The `hl7` package unescapes a field as a whole and json a whole string; neither says where a
character came from.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Callable

from streams.masking.formats import jsontext
from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView

# HL7 v2.5.1, chapter 2.7: separators, highlighting, hexadecimal, formatting, character sets.
_HL7 = re.compile(
    r"\\(?:(?P<sign>[FSTREHN])|[XZ](?P<hex>(?:[0-9A-Fa-f]{2}){1,40})|[CM][0-9A-Fa-f]{4,6}|\.(?P<order>br|sp|in|ti|fi|nf|ce|sk)[ ]?[+\-]?\d{0,3})\\"
)
_SIGNS = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", "H": "", "N": ""}
_LINES = frozenset(["br", "sp", "ce", "fi", "nf"])
_STRING = re.compile(
    r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<sign>[nrtbf\"'/\\`]))"
)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": "\n"}
# A folder's name may begin with such a letter: `C:\notes\rose`.
_FOLDER = re.compile(r"(?:\b[A-Za-z]:|\\)\\\w|\w\\[\w.\-]+\\\w")
_BREAK = re.compile(r"\\[rnt](?![a-z])|\\[rn]\\[rn]|[.:;,)\d]\\[rnt]|\\\"")
_RUN = re.compile(r"\\[rnt]")
_Said = Callable[[re.Match[str]], tuple[str, bool]]


def hl7(text: str) -> NormalView | None:
    """Return a field of an HL7 message without its escapes; None where it has none."""
    return _read(text, _HL7, _said_hl7) if _HL7.search(text) else None


def string(text: str) -> NormalView | None:
    """Return what a string in quotes says; None where it has no escapes."""
    return _read(text, _STRING, _said_string) if "\\" in text and _STRING.search(text) else None


def written(text: str) -> NormalView | None:
    r"""Return a text with the breaks that somebody wrote as `\n`, and quotes that he escaped."""
    if "\\" not in text:
        return None
    if _HL7.search(text):
        return hl7(text)
    if jsontext.opens(text) or not _BREAK.search(text) or _FOLDER.search(_RUN.sub(" ", text)):
        return None
    return string(text)


def _read(text: str, pattern: re.Pattern[str], say: _Said) -> NormalView:
    made = Writing(text)
    at = 0
    for mark in pattern.finditer(text):
        made.copy(at, mark.start())
        said, part = say(mark)
        if said:
            made.put(said, *mark.span())
        elif part:
            before = text[mark.start() - 1 : mark.start()]
            made.part(" " if before.isalnum() or before in " ," else "\n", mark.start())
        at = mark.end()
    made.copy(at, len(text))
    return made.view()


def _said_hl7(mark: re.Match[str]) -> tuple[str, bool]:
    if mark.group("hex") and mark.group()[1] == "X":
        data = bytes.fromhex(mark.group("hex"))
        return data.decode("utf-8", "replace"), False
    return _SIGNS.get(mark.group("sign") or "", ""), mark.group("order") in _LINES


def _said_string(mark: re.Match[str]) -> tuple[str, bool]:
    code = mark.group("code") or mark.group("byte")
    if code:
        point = int(code, 16)
        return ("?" if 0xD800 <= point <= 0xDFFF else chr(point)), False  # noqa: PLR2004 - surrogates
    return _PLAIN.get(mark.group("sign"), mark.group("sign")), False
