"""Base64, hex and gzip inside a text: decoded to a bounded depth, judged by what they say.

A blob whose text holds an identifier is masked whole, and so is one that is long and says nothing
that can be read: nobody can show that it is harmless.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

from streams.masking.results import Span

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/]{2,}={1,2}|[A-Za-z0-9_-]{2,}={1,2}|[A-Za-z0-9+/]{4,}|[A-Za-z0-9_-]{10,})(?![A-Za-z0-9+/_=-])"
)
_SAID = re.compile(r"[\w .,/'@:()+#\-]{4,}")  # chance decodes a word to this once in 1,400
_HEX = re.compile(r"(?<![\w-])(?<!\d\.)(?:0x|\\x)?(?P<v>(?:[0-9a-fA-F]{2}){3,})(?!\w)")
_OPAQUE_MIN = 24
_CHANCE_MIN = 8  # shorter ones decode to something too often: they count as names and numbers only
_READABLE_MIN = 0.9


class Judge(Protocol):
    """What a decoded text is asked: whether it says an identifier, and whether it is a name."""

    def hides(self, text: str) -> bool:
        """Tell whether a text holds an identifier, or a word that no vocabulary vouches for."""

    def is_name(self, text: str) -> bool:
        """Tell whether a short text is a name, or a number of four digits or more."""


def find(text: str, judge: Judge, bytes_max: int) -> Iterator[Span]:
    """Yield blobs that hold an identifier or cannot be read."""
    for match in _BASE64.finditer(text):
        said = match.group()
        if _mixed(said) and _harmful(_debased(said), said, judge, bytes_max):
            yield Span(*match.span(), "ENCODED", 0.9, "base64")
    for match in _HEX.finditer(text):
        plain = _readable(bytes.fromhex(match.group("v")))
        short = len(match.group("v")) < _CHANCE_MIN
        if plain and (judge.is_name(plain) if short else judge.hides(plain)):
            yield Span(*match.span(), "ENCODED", 0.9, "hex")


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


def _harmful(data: bytes | None, said: str, judge: Judge, bytes_max: int) -> bool:
    if data is None:
        return False
    if data[:2] == b"\x1f\x8b" or data[:1] == b"x":
        inflated = _inflated(data, bytes_max)
        if inflated is not None:
            plain = _readable(inflated)
            return plain is None or judge.hides(plain)
    plain = _readable(data)
    if plain is None:
        return _opaque(said)
    if len(said) < _CHANCE_MIN:
        return judge.is_name(plain)
    return bool(len(said) < _OPAQUE_MIN and _SAID.fullmatch(plain)) or judge.hides(plain)


def _opaque(said: str) -> bool:
    """Tell whether a blob is too long and too mixed to be a name of code."""
    changes = sum(
        a.isupper() != b.isupper() or a.isdigit() != b.isdigit() for a, b in pairwise(said)
    )
    return len(said) >= _OPAQUE_MIN and changes > len(said) // 4 and any(c.isdigit() for c in said)


def _inflated(data: bytes, bytes_max: int) -> bytes | None:
    """Inflate gzip or zlib data up to a bound; None where it is neither."""
    try:
        return zlib.decompressobj(wbits=47).decompress(data, bytes_max)
    except zlib.error:
        return None


def _readable(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    good = sum(char.isprintable() or char in "\r\n\t" for char in text)
    return text if text and good >= _READABLE_MIN * len(text) else None
