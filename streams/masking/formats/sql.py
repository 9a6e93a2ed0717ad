"""SQL by its tokens, in the common dialects: literals, comments, numbers and quoted identifiers.

A literal is masked whole where the column that it is compared with, or inserted into, says PHI;
else it is read as text. What does not tokenize (an open quote) is masked to its end. Where literals
and comments end is the dialect's to say (`dialects`).
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re

from streams.masking.closed import measured
from streams.masking.fields import KEEP as FIELD_KEEP
from streams.masking.fields import NAME, kind_of
from streams.masking.fields import TEXT as FIELD_TEXT
from streams.masking.formats import dialects
from streams.masking.formats.dialects import Lexeme
from streams.masking.formats.piece import KEEP, TEXT, UNKNOWN, Piece
from streams.masking.vocabulary.lists import each

_LEAD = r"\A\s*+(?:--[^\n]*+\n\s*+|#[^\n]*+\n\s*+|/\*(?:[^*]|\*(?!/))*+\*/\s*+|[(;]\s*+)*+"
_HEAD = re.compile(
    _LEAD
    + r"(?:(?:select|with|insert|update|delete|merge|replace|upsert|create|alter|drop|truncate|grant|revoke|copy|call|exec(?:ute)?|explain|declare|begin|set|use|show|describe|vacuum|analyze|comment)\b)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:from|into|set|table|values|where|database|schema|view|index|column|on|procedure|function|user|role|join|exec)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[=;*()'\"]|\bfrom\b\s+[\w.\"`\[]+|\btable\b|\binto\b", re.IGNORECASE)
_SHOUTED = re.compile(_LEAD + r"[A-Z]{3,12}\s")  # GRANT ALL ON t TO public has no sign
# A request in English may begin as a statement does: `Show the weights of baby Jo from birth on`.
_PROSE = re.compile(
    r"\b(?:the|her|his|their|hers|him|she|he|they|my|our|your|you|them|please|pls|plz|this|that|these|those"
    r"|was|were|are|been|has|had|have|did|does|what|who|why|how|mr|mrs|ms|dr|about|of|if|so|but|because|since|until|pt|patient's"
    r"|for(?!\s+(?:update|share|each|no\s+key|select|insert|delete|all|system_time|values|role|user|xml|json)\b))\b(?!\s*[.=(])",
    re.IGNORECASE,
)
_GRAMMAR = re.compile(
    r"\A(?:select\b.*?(?:\bfrom\b|\binto\b)|with\s+(?:recursive\s+)?\S{1,80}(?:\s*\([^)]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\("
    r"|(?:insert|replace|upsert|merge)\s+(?:ignore\s+|overwrite\s+)?into\b|update\s.{1,200}?\bset\b[^=]*+=|delete\s+from\b|merge\s+\S+.{0,80}?\busing\b"
    r"|(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:\w+\s+){0,2}(?:table|view|index|database|schema|procedure|function|user|role|trigger|type|sequence|policy)\s"
    r"|truncate\s|(?:grant|revoke)\s.{1,120}?\bon\s.{1,120}?\b(?:to|from)\s|copy\s+\S+\s*(?:\([^)]*\)\s*)?(?:from|to)\s+(?:std|program|'|\")"
    r"|call\s+[\w.\"`]+\(|exec(?:ute)?\s|explain\s+(?:analyze\s+|\(.*?\)\s*)?(?:select|with|insert|update|delete)\b|declare\s+@?\w+|begin\s*(?:;|\n|tran|work|select|insert|update|delete)"
    r"|set\s+(?:session\s+|local\s+|global\s+)?[@\w.]+\s*=|comment\s+on\s+(?:table|column|view|database|schema|function|index)\b)",
    re.IGNORECASE | re.DOTALL,
)
_OPERATED = re.compile(r"\w[\"`\]]?\s*(?:=|<>|!=|\|\||::)\s*['\"\w:@$?(]|;\s*\Z|\*")
_LITERALS = re.compile(
    r"--[^\n]*+|(?<=\s)#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|\$(\w{0,30})\$(?s:.*?)(?:\$\1\$|\Z)"
    r"|(?<![A-Za-z])'(?:[^'\\]|''|\\.)*+(?:'(?![A-Za-z]))?|(?<=\b[eEnNbBxXrRuUq])'(?:[^'\\]|''|\\.)*+'?"
    r"|\"[^\"]*+\"?|`[^`]*+`?|\[[^\]\n]{0,120}\]"
)
_OPENING = re.compile(_LEAD)
_VALUES = frozenset({dialects.STRING, dialects.QUOTED, dialects.COMMENT, dialects.NUMBER})
_COUNTING = each("limit offset top fetch")
_COMPARING = each(
    """= <> != < > <= >= like ilike in between and regexp rlike similar to not is :: || any as ( ,
    values"""
)
_CLAUSES = each(
    """select where set having on and or when then else case insert into update from values by
    order group limit offset join returning using as like ilike in between not is null
    regexp rlike similar to any all exists distinct union desc asc default cast convert
    coalesce upper lower trim"""
)


class SqlText(list[Piece]):
    """The pieces of a statement; `values` has, for each reading, the stretches that are no code."""

    values: tuple[tuple[tuple[int, int], ...], ...] = ()
    amounts: tuple[tuple[int, int], ...] = ()
    closed: bool = True


def split(text: str, dialect: str = "") -> SqlText | None:
    """Cut SQL into literals, numbers, comments and identifiers, as its dialect reads it.

    Where the dialect is not known, and dialects disagree, there are the pieces of all readings.
    """
    if not _HEAD.match(text) or not _BODY.search(text):
        return None
    if not (_SIGNS.search(text) or _SHOUTED.match(text)) or not _stated(text):
        return None
    readings = dialects.scans(text, dialect)
    found = SqlText()
    amounts: list[tuple[int, int]] = []
    for lexemes in readings:
        scan = _Scan(text)
        for lexeme in lexemes:
            scan.take(lexeme)
        found += [piece for piece in scan.found if piece not in found] if found else scan.found
        amounts += scan.amounts
        found.closed = found.closed and all(lexeme.closed for lexeme in lexemes)
    found.values = tuple(
        tuple((each.start, each.end) for each in lexemes if each.kind in _VALUES)
        for lexemes in readings
    )
    found.amounts = tuple(amounts)
    return found


def _stated(text: str) -> bool:
    """Tell a statement from a request in English that begins as one."""
    bare = _LITERALS.sub("''", text)
    if _PROSE.search(bare):
        return False
    lead = _OPENING.match(text)
    return bool(_GRAMMAR.match(text[lead.end() :] if lead else text) or _OPERATED.search(bare))


class _Scan:
    """The columns met so far: the one being compared, and those of an INSERT's list."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Piece] = []
        self.amounts: list[tuple[int, int]] = []
        self.counting = False
        self.column = ""
        self.inserting = False
        self.columns: list[str] = []
        self.place: int | None = None
        self.depth = 0

    def take(self, token: Lexeme) -> None:
        said = self.text[token.start : token.end]
        if token.kind == dialects.COMMENT or token.prefix == "$":
            self.found.append(Piece(token.start, token.end, TEXT))
        elif token.kind == dialects.STRING:
            self._literal(token)
        elif token.kind == dialects.NUMBER:
            self._number(token)
        elif token.kind == dialects.MARK:
            self._mark(said)
        else:
            self._word(token, said)

    def _word(self, token: Lexeme, said: str) -> None:
        low = said.lower()
        if token.kind == dialects.WORD and low in _CLAUSES | _COUNTING:
            self.counting = low in _COUNTING
            if low == "into":
                self.inserting, self.columns = True, []
            elif low == "values":
                self.place = 0 if self.columns else None
            elif low not in _COMPARING:
                self.column = ""
            return
        double = token.kind == dialects.QUOTED and self.text[token.outer] == '"'
        if double and self.column and _kind(said) is None and " " in said:
            kind = _kind(self.column) or TEXT  # MySQL's strings
            self.found.append(Piece(token.start, token.end, kind))
            return
        self.counting = False
        self.column = said
        if self.inserting and self.depth:
            self.columns.append(said)
        self.found.append(Piece(token.start, token.end, "KEY"))

    def _mark(self, mark: str) -> None:
        if mark == "(":
            self.depth += 1
            if self.place is not None:
                self.place = 0
        elif mark == ")":
            self.depth -= 1
            if self.depth <= 0:
                self.inserting = False
        elif mark == "," and self.place is not None and self.depth == 1:
            self.place += 1
        elif mark == ";":
            self.column, self.columns, self.place, self.depth = "", [], None, 0

    def _said_column(self) -> str:
        if self.place is not None and self.place < len(self.columns):
            return self.columns[self.place]
        return self.column

    def _literal(self, token: Lexeme) -> None:
        start, end = token.start, token.end
        if end > start:
            kind = _kind(self._said_column()) if token.closed else UNKNOWN
            if token.prefix == "x":
                kind = "ENCODED"
            self.found.append(Piece(start, end, kind or TEXT, names=("sql", self._said_column())))

    def _number(self, token: Lexeme) -> None:
        kind = _kind(self._said_column())
        amount = self.counting or measured(self._said_column())
        if amount:
            self.amounts.append((token.start, token.end))
        if kind in {None, "AGE"} or amount:
            long = token.end - token.start > 6  # noqa: PLR2004 - a length
            kind = TEXT if long and not amount else KEEP
        self.found.append(Piece(token.start, token.end, kind))


def _kind(column: str) -> str | None:
    kind = kind_of(column) if column else FIELD_TEXT
    return None if kind in {FIELD_TEXT, FIELD_KEEP, NAME} else kind
