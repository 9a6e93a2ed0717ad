"""Where a literal, a comment and a quoted name end in SQL: each dialect by its own rules.

The dialect is an attribute of the resource in the catalogue. Where nobody says which it is, a text
is scanned by the rules of all; what they take apart differently, one database would run as code and
another one keep as a value, so nobody can be shown what runs.
"""

# ruff: noqa: E501 - a table, one row a line

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

STRING, QUOTED, COMMENT, NUMBER, WORD, MARK = (
    "string",
    "quoted",
    "comment",
    "number",
    "word",
    "mark",
)
_BOUNDED = frozenset({STRING, QUOTED, COMMENT})


class Lexeme(NamedTuple):
    """One token of a statement: `start` to `end` without quotes, from `outer` to `after` with."""

    kind: str
    start: int
    end: int
    outer: int
    after: int
    prefix: str = ""
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """The rules in which dialects differ over what is code."""

    backslash: bool = False  # `\\'` does not end a literal
    escape_prefix: bool = False  # but in E'...' only
    hash_comment: bool = False
    slash_comment: bool = False
    dash_blank: bool = False  # `--` opens a comment only before a blank
    nested: bool = False  # comments within comments
    run_comment: bool = False  # `/*! ... */` is run
    dollar: bool = False
    brackets: bool = False
    ticks: bool = False
    triple: bool = False  # and r'...' is raw
    q_quote: bool = False


DIALECTS = {
    "postgres": Dialect(escape_prefix=True, nested=True, dollar=True),
    "mysql": Dialect(backslash=True, hash_comment=True, dash_blank=True, run_comment=True, ticks=True),
    "sqlite": Dialect(brackets=True, ticks=True),
    "tsql": Dialect(nested=True, brackets=True),
    "oracle": Dialect(q_quote=True),
    "snowflake": Dialect(backslash=True, slash_comment=True, dollar=True),
    "bigquery": Dialect(backslash=True, hash_comment=True, ticks=True, triple=True),
}  # fmt: skip
_ALSO = {
    "postgresql": "postgres", "redshift": "postgres", "cockroachdb": "postgres", "greenplum": "postgres",
    "mariadb": "mysql", "tidb": "mysql", "mssql": "tsql", "sqlserver": "tsql", "sql server": "tsql",
    "sqlite3": "sqlite",
}  # fmt: skip
# What dialects may take apart differently; a text without it is scanned once.
_DIFFERS = re.compile(
    r"\\|#|//|\$\w{0,30}\$|--(?!\s|\Z)|/\*[^*/]{0,200}/\*|/\*[!M]|`|[qQ]'|'''|\"\"\"|\["
)
_LIST = re.compile(r"\[\s{0,9}'[^'\\\];]*+'(?:\s{0,9},\s{0,9}'[^'\\\];]*+')*+\s{0,9}\]")
_NEST = re.compile(r"/\*|\*/")
_CLOSERS = {"[": "]", "(": ")", "{": "}", "<": ">"}


def plausible(name: str) -> tuple[Dialect, ...]:
    """Return the dialect of that name; all of them where there is none."""
    low = name.strip().lower()
    known = DIALECTS.get(_ALSO.get(low, low))
    return (known,) if known is not None else tuple(DIALECTS.values())


def scans(text: str, name: str) -> list[list[Lexeme]]:
    """Return the different readings of a statement: one, where dialects agree on it."""
    dialects = plausible(name)
    if len(dialects) > 1 and not _DIFFERS.search(text):
        dialects = dialects[:1]
    # A list of plain literals in brackets is a list, or a strange name: neither hides code.
    lists = [each.span() for each in _LIST.finditer(text)] if len(dialects) > 1 else []
    readings: list[list[Lexeme]] = []
    seen: list[list[tuple[int, int]]] = []
    for dialect in dialects:
        lexemes = list(scan(text, dialect))
        edges = [
            (each.start, each.end)
            for each in lexemes
            if _bounds(each, text)
            and not any(a <= each.outer and each.after <= b for a, b in lists)
        ]
        if edges not in seen:
            seen.append(edges)
            readings.append(lexemes)
    return readings


def _bounds(lexeme: Lexeme, text: str) -> bool:
    """Tell whether a lexeme hides code from a scan; plain names and list brackets hide none."""
    if lexeme.kind not in _BOUNDED:
        return False
    opens = text[lexeme.outer]
    return opens not in "[`" or any(mark in text[lexeme.start : lexeme.end] for mark in ";-/#\n")


def scan(text: str, dialect: Dialect) -> Iterator[Lexeme]:
    """Yield the tokens of a statement as one dialect reads it."""
    pattern = _pattern(dialect)
    at = 0
    while (match := pattern.search(text, at)) is not None:
        lexeme = _lexeme(text, match)
        yield lexeme
        at = max(lexeme.after, at + 1)


def _lexeme(text: str, match: re.Match[str]) -> Lexeme:
    start, end = match.span()
    kind = match.lastgroup or MARK
    if kind == "nest":
        end = _nested(text, start)
        return Lexeme(COMMENT, start, end, start, end)
    if kind == "q":
        return _q_quoted(text, start, end)
    if kind == "dollar":
        close = text.find(match.group(), end)
        inner, after = (len(text), len(text)) if close < 0 else (close, close + len(match.group()))
        return Lexeme(STRING, end, inner, start, after, "$", closed=close >= 0)
    if kind in {"string", "escaped", "raw", "triple", "sextet"}:
        return _quoted(match, kind, STRING)
    if kind in {"double", "tick", "bracket"}:
        return _quoted(match, kind, QUOTED)
    return Lexeme(kind, start, end, start, end)


def _quoted(match: re.Match[str], group: str, kind: str) -> Lexeme:
    start, end = match.span(f"{group}_in")
    prefix = match.group()[: start - match.start()].rstrip("'\"`[")
    return Lexeme(kind, start, end, *match.span(), prefix.lower(), closed=match.end() > end)


def _nested(text: str, start: int) -> int:
    """Return where a comment ends that may hold others."""
    depth = 0
    for mark in _NEST.finditer(text, start):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def _q_quoted(text: str, start: int, end: int) -> Lexeme:
    closer = _CLOSERS.get(text[end - 1], text[end - 1]) + "'"
    close = text.find(closer, end)
    if close < 0:
        return Lexeme(STRING, end, len(text), start, len(text), "q", closed=False)
    return Lexeme(STRING, end, close, start, close + len(closer), "q")


@cache
def _pattern(dialect: Dialect) -> re.Pattern[str]:
    """Compile one dialect's tokens; nothing in them is tried twice, so that scanning is linear."""
    plain = r"(?:[^']|'')*+"
    escaped = r"(?:[^'\\]|''|\\.)*+"
    comments = [r"--(?=\s|\Z)[^\n]*+" if dialect.dash_blank else r"--[^\n]*+"]
    comments += [r"\#[^\n]*+"] if dialect.hash_comment else []
    comments += [r"//[^\n]*+"] if dialect.slash_comment else []
    block = r"/\*(?![!M])" if dialect.run_comment else r"/\*"
    if not dialect.nested:
        comments.append(block + r"(?:[^*]|\*(?!/))*+(?:\*/)?")
    parts = [f"(?P<comment>{'|'.join(comments)})"]
    parts += [rf"(?P<nest>{block})"] if dialect.nested else []
    parts += [r"(?P<dollar>(?<![\w$])\$\w{0,30}\$)"] if dialect.dollar else []
    parts += [r"(?P<q>(?<!\w)[nN]?[qQ]'[^\s'])"] if dialect.q_quote else []
    if dialect.triple:
        parts += [
            r"(?P<triple>'''(?P<triple_in>(?:[^'\\]|\\.|'(?!''))*+)(?:''')?)",
            r"(?P<sextet>\"\"\"(?P<sextet_in>(?:[^\"\\]|\\.|\"(?!\"\"))*+)(?:\"\"\")?)",
            r"(?P<raw>(?<!\w)(?:[rR][bB]?|[bB][rR])'(?P<raw_in>[^'\n]*+)'?)",
        ]
    elif dialect.escape_prefix:
        parts.append(rf"(?P<escaped>(?<!\w)[eE]'(?P<escaped_in>{escaped})'?)")
    inside = escaped if dialect.backslash else plain
    parts.append(rf"(?P<string>(?:(?<!\w)(?:[nNbBxXuU]|[uU]&))?'(?P<string_in>{inside})'?)")
    double = r"(?:[^\"\\]|\"\"|\\.)*+" if dialect.backslash else r"(?:[^\"]|\"\")*+"
    parts.append(rf"(?P<double>\"(?P<double_in>{double})\"?)")
    parts += [r"(?P<tick>`(?P<tick_in>[^`]*+)`?)"] if dialect.ticks else []
    parts += [r"(?P<bracket>\[(?P<bracket_in>(?:[^\]]|\]\])*+)\]?)"] if dialect.brackets else []
    sharp = "" if dialect.hash_comment else r"\#"
    parts += [
        r"(?P<number>(?<![\w.])(?:0[xX][0-9A-Fa-f]++|\d++(?:\.\d++)?)(?!\w))",
        rf"(?P<word>[A-Za-z_@:{sharp}$][\w$@{sharp}]*+)",
        r"(?P<mark><>|!=|<=|>=|\|\||::|[=<>(),;.*+\-/%])",
    ]  # fmt: skip
    return re.compile("|".join(parts), re.DOTALL)
