"""The tokens of a statement in any dialect: words, literals, placeholders, marks, each with its place.

One pattern, one pass, no grammar: what does not tokenize is skipped. Quotes and comments are
respected, so that a `?` in a string is no placeholder.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterator
from typing import NamedTuple

WORD, STRING, QUOTED, NUMBER, HOLDER, MARK = "word", "string", "quoted", "number", "holder", "mark"

_TOKEN = re.compile(
    r"""(?P<skip>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|\#(?![\w{>])[^\n]*)
    |(?P<dollar>\$(?P<tag>[A-Za-z_]\w{0,30})?\$)
    |(?:(?<!\w)(?:[eEnNbBxXrR]|U&))?'(?P<string>(?:[^'\\]|''|\\.)*)(?:'|\Z)
    |"(?P<double>(?:[^"]|"")*)(?:"|\Z)|`(?P<tick>[^`]*)(?:`|\Z)|\[(?P<bracket>[A-Za-z_][^\]\n\[]{0,120})\]
    |(?P<holder>\?\d*(?![|&?])|\$\d+|\$[A-Za-z_]\w*(?!\$)|:{1}(?<!::)\w+|@\w+|%\(\w{1,60}\)s|%s|[#$]?\{\{?\s?[A-Za-z_][\w.]{0,60}\s?\}?\})
    |(?P<cast>::\s*\w+(?:\s*\(\d+(?:,\s*\d+)?\))?)
    |(?P<number>(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]))
    |(?P<word>[^\W\d][\w$\#]*)
    |(?P<mark>->>|->|\#>>|\#>|<=>|@>|<@|=>|:=|<>|!=|<=|>=|==|!~~\*|!~~|~~\*|~~|!~\*|!~|~\*|\|\||[=<>~(),;.*+\-/%])""",
    re.VERBOSE | re.DOTALL,
)  # fmt: skip


class Token(NamedTuple):
    """One token: its class, its text without quotes, and the place of that text."""

    kind: str
    said: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a statement, without comments and casts."""
    at = 0
    while (found := _TOKEN.search(text, at)) is not None:
        at = max(found.end(), at + 1)
        group = found.lastgroup
        if found.group("dollar") is not None:
            close = text.find(found.group("dollar"), found.end())
            close = close if close >= 0 else len(text)
            yield Token(STRING, text[found.end() : close], found.end(), close)
            at = min(close + len(found.group("dollar")), len(text)) or at
        elif group == "string":
            yield Token(STRING, found.group("string"), *found.span("string"))
        elif group in {"double", "tick", "bracket"}:
            kind = QUOTED if group == "double" else WORD
            yield Token(kind, found.group(group), *found.span(group))
        elif group not in {"skip", "cast"}:
            yield Token(str(group), found.group(), *found.span())
