"""Writing in another script than the Latin one: a name or an address until shown otherwise.

A reviewer's text is in Latin letters; what stands in it in Han, Kana, Hangul, Arabic, Hebrew, Cyrillic
and the like is nearly always somebody's name as they write it. Greek letters of clinical use (`μg`,
`β-blocker`, `αβ`) stay; a Greek word goes.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

LETTER = (
    r"\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u0700-\u08ff\u0900-\u0dff\u0e00-\u0eff"
    r"\u0f00-\u0fff\u1000-\u10ff\u1100-\u13ff\u1780-\u18af\u1c80-\u1cbf\u2d00-\u2d2f\u2de0-\u2dff"
    r"\u3005-\u3007\u3040-\u30ff\u3105-\u318f\u31a0-\u31bf\u3400-\u9fff\ua000-\ua4cf\ua640-\ua69f"
    r"\ua8e0-\ua8ff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc"
    r"\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_RUN = re.compile(
    rf"[{LETTER}][{LETTER}\u200c\u200d]*(?:[\s\d.,'’·・\-]{{1,3}}[{LETTER}\d][{LETTER}\u200c\u200d\d]*)*"
)
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3,}(?:\s[\u0370-\u03ff\u1f00-\u1fff]{3,}){0,4}")
_FOREIGN = re.compile(rf"[{LETTER}]")


def find(text: str) -> Iterator[Span]:
    """Yield each run of a script that is not Latin, with the digits inside it."""
    if text.isascii():
        return
    for match in _RUN.finditer(text):
        said = match.group()
        last = max(i for i, char in enumerate(said) if _FOREIGN.match(char))
        end = match.start() + last + 1
        tail = re.match(r"\d{1,6}(?!\w)", text[end:])
        yield Span(match.start(), end + (tail.end() if tail else 0), "PERSON", 0.7, "script")
    for match in _GREEK.finditer(text):
        yield Span(*match.span(), "PERSON", 0.6, "script")
