"""Refusals before any parser: what parsers disagree on, drop silently, or die of."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

STATEMENT_BYTES_MAX: Final = 32_000  # PostgreSQL's parser overruns its stack from 48 kB of `1+1+…`
COMMENTS_MAX: Final = 100  # and is quadratic in comment openers
DEPTH_MAX: Final = 100

_ODD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_USUAL = frozenset(" \t\n\r")
_ACTIVE = re.compile(r"/\*\s*(?:!|M!|\+)|--\+", re.IGNORECASE)
_NESTED = re.compile(r"/\*(?:[^*/]|\*(?!/)|/(?!\*))*+/\*")
_PLACEHOLDERS = re.compile(r"\{\{|\}\}|\$\{|<%|%>|\{%")


@dataclass(frozen=True, slots=True)
class LexicalMarks:
    """What a text has that no reading of it can be trusted with."""

    active_comment: bool
    odd_characters: bool
    backslash: bool
    too_large: bool

    def settings_dependent(self, dialects: tuple[str, ...]) -> bool:
        """Whether a setting of the server decides where a literal ends.

        A backslash ends one or does not (PostgreSQL's standard_conforming_strings, MySQL's
        NO_BACKSLASH_ESCAPES); only in SQLite it is a letter.
        """
        return self.backslash and dialects != ("sqlite",)

    def refused(self, dialects: tuple[str, ...]) -> bool:
        """Whether nothing can be told of the text, read in these dialects."""
        return (
            self.active_comment
            or self.odd_characters
            or self.settings_dependent(dialects)
            or self.too_large
        )


def marks(text: str) -> LexicalMarks:
    """Return what stands in the way of reading this text.

    A comment may be run (MySQL's and MariaDB's `/*!`), be a hint, or nest in one engine and not in
    the next. Of what is too large nothing else is looked at.
    """
    if _is_too_large(text):
        return LexicalMarks(
            active_comment=False, odd_characters=False, backslash=False, too_large=True
        )
    return LexicalMarks(
        active_comment=bool(_ACTIVE.search(text) or _NESTED.search(text)),
        odd_characters=any(map(_is_odd, text)) or bool(_PLACEHOLDERS.search(text)),
        backslash="\\" in text,
        too_large=False,
    )


def _is_odd(letter: str) -> bool:
    return letter not in _USUAL and unicodedata.category(letter) in _ODD and letter != " "


def _is_too_large(text: str) -> bool:
    if len(text.encode("utf-8", "surrogatepass")) > STATEMENT_BYTES_MAX:
        return True
    return text.count("/*") > COMMENTS_MAX or _depth(text) > DEPTH_MAX


def _depth(text: str) -> int:
    """Return how deep brackets nest, whatever they stand in; CASE and NOT nest too."""
    depth = deepest = 0
    for mark in re.findall(r"[(\[{]|[)\]}]", text):
        depth += 1 if mark in "([{" else -1
        deepest = max(deepest, depth)
    words = re.findall(r"\bcase\b|\bnot\b", text, re.IGNORECASE)
    return max(deepest, len(words))
