"""Base64, hex and packed bytes inside a text: decoded to a bounded depth, judged by what they say.

A blob whose text holds an identifier is masked whole, and so is one that is long and says nothing
that can be read: nobody can show that it is harmless. Where it opens to more than one bare value,
or does not open, its recognizer's name ends in `MORE`: a token over it hides what nobody has seen.
"""

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Protocol

from streams.masking.budget import current
from streams.masking.results import Span

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/]{2,}={1,2}|[A-Za-z0-9_-]{2,}={1,2}|[A-Za-z0-9+/]{4,}|[A-Za-z0-9_-]{10,})(?![A-Za-z0-9+/_=-])"
)
_SAID = re.compile(r"[\w .,/'@:()+#\-]{4,}")  # chance decodes a word to this once in 1,400
_HEX = re.compile(r"(?<![\w-])(?<!\d\.)(?:0x|\\x)?(?P<v>(?:[0-9a-fA-F]{2}){3,})(?!\w)")
# Letters that nothing makes anybody encode, several of them in a row.
_WRITTEN_OUT = re.compile(
    r"(?:%[2-7][0-9A-Fa-f]){6}|(?:\\x[2-7][0-9A-Fa-f]){6}|(?:\\u00[2-7][0-9A-Fa-f]){6}"
    r"|(?:&#(?:x[2-7][0-9A-Fa-f]|\d{2,3});){6}"
)
_SPEECH_MIN = 16
_WIDE_MIN = 6
_BARE = re.compile(r"[\w.@+-]{1,64}")
MORE = "+"
_OPAQUE_MIN = 24
_FIGURES_MAX = 16  # a number, whatever its figures spell
_CHANCE_MIN = 8  # shorter ones decode to something too often: they count as names and numbers only
_READABLE_MIN = 0.9


class BlobJudge(Protocol):
    """What a decoded text is asked: whether it says an identifier, and whether it is a name."""

    def hides(self, text: str) -> bool:
        """Tell whether a text holds an identifier, or a word that no vocabulary vouches for."""

    def is_name(self, text: str) -> bool:
        """Tell whether a short text is a name, or a number of four digits or more."""

    def is_value(self, text: str) -> bool:
        """Tell whether a text is one bare value and nothing beside it."""


def find(text: str, judge: BlobJudge, bytes_max: int) -> Iterator[Span]:
    """Yield blobs that hold an identifier or cannot be read."""
    for match in _BASE64.finditer(text):
        said = match.group()
        opened = _opened(_debased(said), bytes_max) if _mixed(said) else None
        if opened is not None and _harmful(opened, said, judge):
            more = not opened or not judge.is_value(opened)
            yield Span(*match.span(), "ENCODED", 0.9, "base64" + MORE * more)
    for match in _HEX.finditer(text):
        plain = _readable(bytes.fromhex(match.group("v")))
        short = len(match.group("v")) < _CHANCE_MIN
        if plain and (judge.is_name(plain) if short else judge.hides(plain)):
            figures = match.group("v").isdigit() and len(match.group("v")) <= _FIGURES_MAX
            more = not figures and not judge.is_value(plain)
            yield Span(*match.span(), "ENCODED", 0.9, "hex" + MORE * more)


def hides_more(said: str) -> bool:
    """Tell whether hexadecimal figures, as SQL writes bytes, open to more than a bare word."""
    try:
        plain = _readable(bytes.fromhex(said))
    except ValueError:
        return True
    return plain is None or _BARE.fullmatch(plain) is None


def speaks(text: str) -> bool:
    """Tell whether a text holds an encoded one that says more than one bare word."""
    if _WRITTEN_OUT.search(text):
        return True
    for match in _BASE64.finditer(text):
        said = match.group()
        if len(said) >= _SPEECH_MIN and _mixed(said):
            opened = _opened(_debased(said), current().bytes_left)
            if opened and not _BARE.fullmatch(opened):
                return True
    return any(
        hides_more(match.group("v"))
        for match in _HEX.finditer(text)
        if len(match.group("v")) >= _SPEECH_MIN
        and not match.group("v").isdigit()
        and _readable(bytes.fromhex(match.group("v")))
    )


def _mixed(said: str) -> bool:
    """Tell a blob from a word: it mixes cases or digits, or ends in padding."""
    if said.endswith("="):
        return len(said) % 4 == 0 or len(said) > _OPAQUE_MIN
    upper = any(c.isupper() for c in said)
    digits = any(c.isdigit() for c in said)
    return upper and (digits or (said != said.title() and not said.isupper()))


def _debased(said: str) -> bytes | None:
    plain = said.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _opened(data: bytes | None, bytes_max: int) -> str | None:
    """Return what bytes say, inflated where they were packed; "" where they cannot be read."""
    if data is None:
        return None
    for opening, inflate in _PACKED:
        if data.startswith(opening):
            inflated = inflate(data, bytes_max)
            if inflated is not None:
                return _readable(inflated) or ""
    return _readable(data) or ""


def _harmful(opened: str, said: str, judge: BlobJudge) -> bool:
    if not opened:
        return _opaque(said)
    if len(said) < _CHANCE_MIN:
        return judge.is_name(opened)
    return bool(len(said) < _OPAQUE_MIN and _SAID.fullmatch(opened)) or judge.hides(opened)


def _opaque(said: str) -> bool:
    """Tell whether a blob is too long and too mixed to be a name of code."""
    changes = sum(
        a.isupper() != b.isupper() or a.isdigit() != b.isdigit() for a, b in pairwise(said)
    )
    return len(said) >= _OPAQUE_MIN and changes > len(said) // 4 and any(c.isdigit() for c in said)


def _inflated(data: bytes, bytes_max: int) -> bytes | None:
    """Inflate gzip or zlib data; None where it is neither. Raises MaskingError past a bound."""
    return _unpacked(zlib.decompressobj(wbits=47), data, bytes_max)


def _unpacked(packer: Any, data: bytes, bytes_max: int) -> bytes | None:
    try:
        plain: bytes = packer.decompress(data, bytes_max)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
        return None
    current().inflate(len(plain) if len(plain) < bytes_max else bytes_max + 1)
    return plain


_PACKED: tuple[tuple[bytes, Callable[[bytes, int], bytes | None]], ...] = (
    (b"\x1f\x8b", _inflated),
    (b"x", _inflated),
    (b"BZh", lambda data, most: _unpacked(bz2.BZ2Decompressor(), data, most)),
    (b"\xfd7zXZ", lambda data, most: _unpacked(lzma.LZMADecompressor(), data, most)),
)


def _readable(data: bytes) -> str | None:
    """Return what bytes say in UTF-8, or in UTF-16 where half of them are nothing."""
    wide = 2 * data.count(0) >= len(data) - 2 and len(data) > _WIDE_MIN
    for encoding in ("utf-16-le", "utf-16-be") if wide else ("utf-8",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        good = sum(char.isprintable() or char in "\r\n\t" for char in text)
        if text and good >= _READABLE_MIN * len(text):
            return text
    return None
