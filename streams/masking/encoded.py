"""Base64, hex and gzip inside a text: decoded to a bounded depth, judged by what they say.

A blob whose text holds an identifier is masked whole, and so is one that is long and says nothing
that can be read: nobody can show that it is harmless.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

from streams.masking.results import Span

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/]{2,}={1,2}|[A-Za-z0-9_-]{2,}={1,2}|[A-Za-z0-9+/]{8,}|[A-Za-z0-9_-]{10,})(?![A-Za-z0-9+/_=-])"
)
_SAID = re.compile(r"[A-Za-z0-9 .,/'@:()+#\-]{4,}")  # chance decodes a word to this once in 3,000
_HEX = re.compile(r"(?<![\w-])(?:0x|\\x)?(?P<v>(?:[0-9a-fA-F]{2}){4,})(?!\w)")
_OPAQUE_MIN = 24
_READABLE_MIN = 0.9


def find(text: str, hides: Callable[[str], bool], bytes_max: int) -> Iterator[Span]:
    """Yield blobs that hold an identifier or cannot be read; `hides` judges a decoded text."""
    for match in _BASE64.finditer(text):
        said = match.group()
        if _mixed(said) and _harmful(_debased(said), said, hides, bytes_max):
            yield Span(*match.span(), "ENCODED", 0.9, "base64")
    for match in _HEX.finditer(text):
        decoded = bytes.fromhex(match.group("v"))
        plain = _readable(decoded)
        if plain and hides(plain):
            yield Span(*match.span(), "ENCODED", 0.9, "hex")


def _mixed(said: str) -> bool:
    """Tell a blob from a word: it mixes cases or digits, or ends in padding."""
    if said.endswith("="):
        return len(said) % 4 == 0 or len(said) > _OPAQUE_MIN
    inner = said[1:]
    return any(c.isupper() for c in inner) and any(c.islower() for c in said)


def _debased(said: str) -> bytes | None:
    plain = said.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _harmful(data: bytes | None, said: str, hides: Callable[[str], bool], bytes_max: int) -> bool:
    if data is None:
        return False
    if data[:2] == b"\x1f\x8b" or data[:1] == b"x":
        inflated = _inflated(data, bytes_max)
        if inflated is not None:
            plain = _readable(inflated)
            return plain is None or hides(plain)
    plain = _readable(data)
    if plain is not None:
        return bool(len(said) < _OPAQUE_MIN and _SAID.fullmatch(plain)) or hides(plain)
    return _opaque(said)


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
