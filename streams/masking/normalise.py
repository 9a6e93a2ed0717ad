"""A copy of a text for detection, with the way back to the original's characters.

Evasions and encodings live in the difference between what a person reads and what bytes say:
zero-width and bidi controls, full-width and foreign digits, look-alike letters, Unicode dashes and
spaces, percent and HTML encoding. The copy has them undone; each of its characters knows which
characters of the original it stands for, so that a span found in the copy is cut from the original.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

from streams.masking.results import Span

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_ESCAPED = re.compile(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}")
_ROUNDS_MAX = 3

# Letters of other scripts that read as Latin ones (Unicode TR39, the common part).
_CONFUSABLE = str.maketrans(
    "АВЕЗКМНОРСТУХЅІЈԚԜаеорсухѕіјԛԝһԁɡɑıΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοινυρκϲ",
    "ABE3KMHOPCTYXSIJQWaeopcyxsijqwhdgaiABEZHIKMNOPTYXaoivupkc",
)
_LATIN_LETTER = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class NormalView:
    """A normalised text; character `i` stands for `[starts[i], ends[i])` of the original."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def back(self, span: Span) -> Span:
        """Carry a span of the copy over to the original."""
        if self.starts is None or self.ends is None or span.end <= span.start:
            return span
        return span._replace(start=self.starts[span.start], end=self.ends[span.end - 1])


def view(text: str) -> NormalView:
    """Undo evasions and encodings; a plain ASCII text without encodings is its own copy."""
    result = NormalView(text)
    for _ in range(_ROUNDS_MAX):
        if not ("%" in result.text or "&" in result.text or "\\" in result.text):
            break
        decoded = _decode(result)
        if decoded is result:
            break
        result = decoded
    return result if result.text.isascii() else _fold(result)


def _decode(source: NormalView) -> NormalView:
    """Undo one layer of percent, HTML and backslash encoding."""
    pieces = [*_ENCODED.finditer(source.text), *_ESCAPED.finditer(source.text)]
    if not pieces:
        return source
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    changed = False
    for piece in sorted(pieces, key=lambda m: m.start()):
        _copy(source, at, piece.start(), chars, starts, ends)
        decoded = _decoded(piece.group())
        if decoded is None:
            _copy(source, piece.start(), piece.end(), chars, starts, ends)
        else:
            changed = True
            begin, end = _place(source, piece.start(), piece.end())
            exact = len(piece.group()) == 3 * len(decoded)
            for i, char in enumerate(decoded):
                chars.append(char)
                starts.append(_place(source, piece.start() + 3 * i, 0)[0] if exact else begin)
                last = piece.start() + 3 * i + 3
                ends.append(_place(source, 0, last)[1] if exact else end)
        at = piece.end()
    _copy(source, at, len(source.text), chars, starts, ends)
    return NormalView("".join(chars), starts, ends) if changed else source


def _decoded(piece: str) -> str | None:
    """Return what an encoded piece says, or None where it says nothing."""
    if piece.startswith("%"):
        try:
            return bytes.fromhex(piece.replace("%", "")).decode()
        except UnicodeDecodeError:
            return None
    if piece.startswith("\\"):
        code = int(piece[2:], 16)  # noqa: FURB166 - the prefix is a backslash
        return None if 0xD800 <= code <= 0xDFFF else chr(code)  # noqa: PLR2004 - a length
    said = html.unescape(piece)
    return said if said != piece else None


def _place(source: NormalView, start: int, end: int) -> tuple[int, int]:
    """Return where a stretch of a view lies in the original."""
    if source.starts is None or source.ends is None:
        return start, end
    begin = source.starts[start] if start < len(source.starts) else 0
    return begin, source.ends[end - 1] if end else 0


def _copy(  # noqa: PLR0913, PLR0917 - the state of one step
    source: NormalView, begin: int, end: int, chars: list[str], starts: list[int], ends: list[int]
) -> None:
    chars.extend(source.text[begin:end])
    if source.starts is None or source.ends is None:
        starts.extend(range(begin, end))
        ends.extend(range(begin + 1, end + 1))
    else:
        starts.extend(source.starts[begin:end])
        ends.extend(source.ends[begin:end])


def _fold(source: NormalView) -> NormalView:
    """Undo the evasions of Unicode: one cluster (a letter and its marks) at a time."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    text = source.text
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        begin, stop = _place(source, at, end)
        for char in _plain(text[at:end]):
            chars.append(char)
            starts.append(begin)
            ends.append(stop)
        at = end
    return NormalView(_latin("".join(chars)), starts, ends)


def _plain(cluster: str) -> str:  # noqa: PLR0911 - one rule a category
    """Return the plain form of one cluster: empty for controls, ASCII for dashes and digits."""
    if cluster.isascii():
        return cluster
    category = unicodedata.category(cluster[0])
    if category in {"Cf", "Mn", "Me", "Cc"} or cluster[0] in "\u034f\u115f\u3164\uffa0":
        return ""
    if category == "Pd" or cluster[0] in "\u2212\u2043\u00ad":
        return "-"
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(cluster[0]))
    if cluster[0] in "\u2018\u2019\u02bc\u2032\u00b4`":
        return "'"
    if cluster[0] in "\u201c\u201d\u2033":
        return '"'
    if cluster[0] in "\u00b7\u2027\u2219\u22c5\u30fb\u2022":
        return "."
    composed = unicodedata.normalize("NFKC", cluster)
    return "".join(char for char in composed if not unicodedata.combining(char))


def _latin(text: str) -> str:
    """Turn look-alike letters Latin in each word that also holds a Latin letter."""
    if not _LATIN_LETTER.search(text):
        return text
    return _WORD.sub(_latin_word, text)


def _latin_word(word: re.Match[str]) -> str:
    said = word.group()
    if said.isascii():
        return said
    latin = said.translate(_CONFUSABLE)
    return (
        latin
        if len(latin) == len(said) and (latin.isascii() or _LATIN_LETTER.search(said))
        else said
    )
