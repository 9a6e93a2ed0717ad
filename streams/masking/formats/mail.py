"""Mail, read as its reader sees it: encoded words, quoted-printable, base64 parts (RFC 2045, 2047).

The `email` package decodes a message as a whole; nothing in it says which characters of the source a
character of the text came from, and a fragment without headers is no message to it.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import base64
import binascii
import re

from streams.masking.formats.writing import Writing
from streams.masking.normalise import NormalView

_WORD = re.compile(
    r"=\?(?P<set>[\w.\-]{2,24})(?:\*[\w\-]{0,12})?\?(?P<how>[bBqQ])\?(?P<v>[^?\s]{0,400})\?="
)
_FOLD = re.compile(r"\?=[ \t]*\r?\n?[ \t]+=\?")
_SOFT = re.compile(r"=[ \t]{0,4}\r?\n")
_HEX = re.compile(r"(?:=[0-9A-Fa-f]{2})+")
_QUOTED = re.compile(r"content-transfer-encoding:[ \t]*quoted-printable", re.IGNORECASE)
_ENDED = re.compile(r"[^\s=]=\r?\n\S")
_UTF = re.compile(
    r"=C[2-9A-F]=[89AB][0-9A-F]|=E[0-9A-F]=[89AB][0-9A-F]=[89AB][0-9A-F]|=(?:20|3D|0D|0A)(?:\r?\n|\Z)"
)
_CODED = re.compile(
    r"content-transfer-encoding:[ \t]*base64[^\n]*\n(?:[!-9;-~]+:[^\n]*\n|[ \t][^\n]*\n){0,20}\r?\n(?P<v>[A-Za-z0-9+/=\r\n]{4,})",
    re.IGNORECASE,
)
_PART_MAX = 400_000


def view(text: str) -> NormalView | None:
    """Return a text of mail as it is read; None where it has no encoding of mail."""
    if "=" not in text:
        return None
    quoted = bool(_QUOTED.search(text) or _ENDED.search(text) or _UTF.search(text))
    marks = [*_WORD.finditer(text), *_CODED.finditer(text)]
    if quoted:
        marks += [*_SOFT.finditer(text), *_HEX.finditer(text)]
    if not marks:
        return None
    made = Writing(text)
    at = 0
    for mark in sorted(marks, key=lambda m: (m.start(), -m.end())):
        if mark.start() < at:
            continue
        start, end = mark.span("v") if mark.re is _CODED else mark.span()
        if mark.re is _CODED:
            end -= len(text[start:end]) - len(text[start:end].rstrip())
        made.copy(at, start)
        at = _decode(made, mark, start, end)
    made.copy(at, len(text))
    return made.view()


def _decode(made: Writing, mark: re.Match[str], start: int, end: int) -> int:
    """Write down what one encoded stretch says, and return where reading goes on."""
    if mark.re is _SOFT:
        return end
    if mark.re is _HEX:
        _bytes(made, bytes.fromhex(mark.group().replace("=", "")), start)
        return end
    if mark.re is _WORD and mark.group("how") in "qQ":
        _spelled(made, mark)
        fold = _FOLD.match(mark.string, end - 2)
        return fold.end() - 2 if fold else end
    said = _debased(mark.group("v")) if mark.re is _CODED else _word(mark)
    if said is None:
        made.copy(start, end)
    else:
        made.put(said, start, end)
    fold = _FOLD.match(mark.string, end - 2) if mark.re is _WORD else None
    return fold.end() - 2 if fold else end


def _spelled(made: Writing, mark: re.Match[str]) -> None:
    """Write down a word that spells most of its letters out: each where it stands."""
    at, end = mark.span("v")
    utf = mark.group("set").lower() in {"utf-8", "utf8", "us-ascii"}
    for coded in _HEX.finditer(mark.string, at, end):
        _plain(made, at, coded.start())
        data = bytes.fromhex(coded.group().replace("=", ""))
        if utf:
            _bytes(made, data, coded.start())
        else:
            for i, char in enumerate(data.decode("latin-1")):
                made.put(char, coded.start() + 3 * i, coded.start() + 3 * i + 3)
        at = coded.end()
    _plain(made, at, end)


def _plain(made: Writing, start: int, end: int) -> None:
    """Take letters over; an underscore is a blank there."""
    for place in range(start, end):
        char = made.text[place]
        made.put(" " if char == "_" else char, place, place + 1)


def _bytes(made: Writing, data: bytes, start: int) -> None:
    """Write down quoted bytes: three characters a byte, several bytes a letter."""
    at = 0
    for char in data.decode("utf-8", "replace"):
        size = len(char.encode()) if char != "\ufffd" else 1
        made.put(char, start + 3 * at, start + 3 * (at + size))
        at += size


def _debased(said: str) -> str | None:
    if len(said) > _PART_MAX:
        return None
    try:
        return base64.b64decode("".join(said.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _word(mark: re.Match[str]) -> str | None:
    """Return what an encoded word says."""
    said = mark.group("v")
    try:
        data = base64.b64decode(said + "=" * (-len(said) % 4))
        return data.decode(mark.group("set"), "replace")
    except (binascii.Error, ValueError, LookupError):
        return None
