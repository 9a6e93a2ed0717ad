"""Names in paths and file names: `scan_young_rose_1960.pdf`, `/exports/rose-young/`.

A first name beside a surname, tied by a sign and in a path, is a name, though both are everyday words;
a program's own words (`rich_text`, `page_rank`) are not.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator
from itertools import pairwise

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    GIVEN,
    NAMED,
    NEVER,
    POPULAR,
    SURNAME,
    USUAL,
    WORD,
    Lexicon,
    fold,
)
from streams.masking.vocabulary.lists import each

_TOKEN = re.compile(r"[\w./~:\\\-%+@]{5,200}")
_FILE = re.compile(r"[/\\]|\.[A-Za-z][A-Za-z0-9]{1,4}\Z|_")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TIES = frozenset("_-.+ ") | {"%20"}
_PROGRAM = each(
    """text page rank field mark grant short long head tail day may will can case bill art rich good best file data test name
    first last price cost rate key lane case max min dale reed sample chase hunt walker parker baker porter carter butler
    miller cook gray green brown black white blue red stone park house wood banks bank cash king"""
)
_PAIR_MIN = 3
# What is looked for: `grep -ri lindqvist notes/`
_SOUGHT = re.compile(
    r"\b(?:[efz]?grep|rg|ack|ag|findstr|git\slog\s--grep|find\s\S{1,80}\s-i?name)[\s=](?:-{1,2}[\w=\-]{1,20}\s){0,4}[\"']?(?P<v>[A-Za-z*][\w.*\-]{1,40}(?:\s[A-Za-z][\w\-]{1,20}(?=[\"'\s]))?)"
)


class Files:
    """The reading of paths over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield names in paths and file names."""
        for match in _SOUGHT.finditer(text):
            for word in _WORD.finditer(text, *match.span("v")):
                flags = self._lexicon.flags(fold(word.group()))
                if (
                    flags & NAMED
                    and not flags & (WORD | CLINICAL | NEVER)
                    and len(word.group()) > _PAIR_MIN
                ):
                    yield Span(*word.span(), "PERSON", 0.7, "sought")
        if not any(char in text for char in "/\\_."):
            return
        for token in _TOKEN.finditer(text):
            if _FILE.search(token.group()):
                words = list(_WORD.finditer(text, token.start(), token.end()))
                for left, right in pairwise(words):
                    if self._named(text, left, right):
                        yield Span(left.start(), right.end(), "PERSON", 0.75, "file_name")

    def _named(self, text: str, left: re.Match[str], right: re.Match[str]) -> bool:
        """Tell a first name and a surname, in either order."""
        tie = text[left.end() : right.start()]
        if tie not in _TIES and not (
            tie == "" and right.group()[0].isupper() and left.group()[0].isupper()
        ):
            return False
        if min(len(left.group()), len(right.group())) < _PAIR_MIN:
            return False
        a, b = (self._lexicon.flags(fold(word.group())) for word in (left, right))
        low = {left.group().lower(), right.group().lower()}
        return self._pair(a, b, low) or self._pair(b, a, low)

    def _pair(self, given: int, family: int, low: set[str]) -> bool:
        if (
            not given & GIVEN
            or not family & SURNAME
            or (given | family) & CLINICAL
            or family & NEVER & ~given
        ):
            return False
        sure = not given & (WORD | NEVER) or not family & WORD
        if sure and given & NAMED:
            return bool(given & POPULAR or family & USUAL)
        return bool(given & POPULAR and family & USUAL) and len(low & _PROGRAM) < 2  # noqa: PLR2004 - both
