"""What belongs to a telephone number and is no figure of it: extensions, words that are dialled.

`patterns` finds the numbers; here stand the ways in which they go on or are written out.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

# `+49 4333 633333 ext. 543`, `(562) 777-1609#12`, `tel:+1-507-555-0142;ext=12`, `... Durchwahl 4`
_NUMBER = r"(?:\+?\d{1,3}[\s.-]{0,2})?(?:\(\d{2,5}\)|\d{2,5})(?:[\s./-]{0,3}\d{2,6}){1,4}"
_EXTENDED = re.compile(
    rf"(?<![\w.,/$-])(?P<v>{_NUMBER}(?:\s?\#\s?\d{{1,6}}|\s?[;,]?\s?(?:ext(?:ension|n)?|x|xt|anexo|poste|durchwahl)\.?\s?[=:#]?\s?\d{{1,6}}))(?![\w%])",
    re.IGNORECASE,
)
_RFC = re.compile(r";(?:ext|isub|postd|phone-context)=(?P<v>[+\d.\-]{1,16})", re.IGNORECASE)
# Toll-free numbers whose last seven are spelt: `1-800-ROSE-YNG`, `888.FLOWERS`
_SPELT = re.compile(
    r"(?<![\w.-])(?:\+?1[-. ]?)?\(?8(?:00|33|44|55|66|77|88)\)?[-. ](?=[A-Z0-9\-]{5,12}(?![\w]))(?=[A-Z0-9\-]*[A-Z]{2})[A-Z0-9]{2,8}(?:-[A-Z0-9]{2,7}){0,2}(?![\w])"
)
_SPELT_LABEL = re.compile(
    r"\b(?:phone|tel|call|dial|cell|text)\b\W{1,3}(?P<v>(?:1[-. ])?\d{3}[-. ][A-Z]{3,4}-?[A-Z]{3,4})(?!\w)"
)
_DIGITS_MIN = 7


def find(text: str) -> Iterator[Span]:
    """Yield numbers with their extensions, and numbers with words in them."""
    if not any(char.isdigit() for char in text):
        return
    for match in _EXTENDED.finditer(text):
        if sum(char.isdigit() for char in match.group("v")) > _DIGITS_MIN:
            yield Span(*match.span("v"), "PHONE", 0.9, "phone_extension")
    for match in _RFC.finditer(text):
        yield Span(*match.span("v"), "PHONE", 0.85, "phone_extension")
    for pattern in (_SPELT, _SPELT_LABEL):
        for match in pattern.finditer(text):
            yield Span(
                *match.span("v" if pattern is _SPELT_LABEL else 0), "PHONE", 0.8, "phone_spelt"
            )
