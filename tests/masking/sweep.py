"""The sweep: looks for planted values in everything that masking gives out, whole and in pieces."""

import re

from streams.masking.vocabulary.lists import each

TOKEN = re.compile(r"<[A-Z][A-Z_]+_\d+(?:\?\d+)?>")
_PIECE = re.compile(r"[^\W\d_]{3,}|\d{4,}")
_SMALL = each(
    """van der al de ext name years old day street st ave avenue road rd lane drive court way place
    blvd boulevard dr"""
)


def squash(text: str) -> str:
    """Return a text's letters and digits in lower case."""
    return re.sub(r"[\W_]+", "", text).lower()


def survivors(output: str, planted: list[str]) -> list[int]:
    """Return the numbers of planted values that survive: verbatim, as digits, or in pieces."""
    rest = TOKEN.sub("<>", output)
    low, plain = rest.lower(), squash(rest)
    found = []
    for number, value in enumerate(planted):
        pieces = [piece for piece in _PIECE.findall(value) if piece.lower() not in _SMALL]
        whole = squash(value)
        alone = any(
            re.search(rf"(?<![^\W_]){re.escape(piece.lower())}(?![^\W_])", low) for piece in pieces
        )
        if (len(whole) > 3 and whole in plain) or alone:
            found.append(number)
    return found
