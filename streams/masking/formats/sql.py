"""SQL by its tokens, in the common dialects: literals, comments, numbers and quoted identifiers.

A literal is masked whole where the column that it is compared with, or inserted into, says PHI;
else it is read as text. What does not tokenize (an open quote) is masked to its end.
"""

import re

from streams.masking.fields import KEEP as FIELD_KEEP
from streams.masking.fields import NAME, kind_of
from streams.masking.fields import TEXT as FIELD_TEXT
from streams.masking.formats.piece import KEEP, TEXT, UNKNOWN, Piece
from streams.masking.vocabulary.lists import each

_HEAD = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(?:(?:select|with|insert|update|delete|merge|replace|upsert|create|alter|drop|truncate|grant|revoke|copy|call|exec(?:ute)?|explain|declare|begin|set|use|show|describe|vacuum|analyze|comment)\b)",
    re.IGNORECASE | re.DOTALL,
)
_BODY = re.compile(
    r"\b(?:from|into|set|table|values|where|database|schema|view|index|column|on|procedure|function|user|role|join|exec)\b",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[=;*()'\"]|\bfrom\b\s+[\w.\"`\[]+|\btable\b|\binto\b", re.IGNORECASE)
# A request in English may begin as a statement does: `Show the weights of baby Jo from birth on`.
_PROSE = re.compile(
    r"\b(?:the|her|his|their|hers|him|she|he|they|my|our|your|you|them|please|pls|plz|this|that|these|those"
    r"|was|were|are|been|has|had|have|did|does|what|who|why|how|mr|mrs|ms|dr|about|of|if|so|but|because|since|until|pt|patient's"
    r"|for(?!\s+(?:update|share|each|no\s+key|select|insert|delete|all|system_time|values|role|user|xml|json)\b))\b(?!\s*[.=(])",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w{0,30})\$.*?(?:\$\1\$|\Z)|(?<![A-Za-z])'(?:[^'\\]|''|\\.)*(?:'(?![A-Za-z])|\Z)"
    r"|(?:(?<=\b[eEnNbBxXrRuUq])'(?:[^'\\]|''|\\.)*')|\"[^\"]*\"|`[^`]*`|\[[^\]\n]{0,120}\]",
    re.DOTALL,
)
_GRAMMAR = re.compile(
    r"select\b.*?(?:\bfrom\b|\binto\b)|with\s+(?:recursive\s+)?\S{1,80}(?:\s*\([^)]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\("
    r"|(?:insert|replace|upsert|merge)\s+(?:ignore\s+|overwrite\s+)?into\b|update\s.{1,200}?\bset\b.*?=|delete\s+from\b|merge\s+\S+.{0,80}?\busing\b"
    r"|(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:\w+\s+){0,2}(?:table|view|index|database|schema|procedure|function|user|role|trigger|type|sequence|policy)\s"
    r"|truncate\s|(?:grant|revoke)\s.{1,120}?\bon\s.{1,120}?\b(?:to|from)\s|copy\s+\S+\s*(?:\([^)]*\)\s*)?(?:from|to)\s+(?:std|program|'|\")"
    r"|call\s+[\w.\"`]+\(|exec(?:ute)?\s|explain\s+(?:analyze\s+|\(.*?\)\s*)?(?:select|with|insert|update|delete)\b|declare\s+@?\w+|begin\s*(?:;|\n|tran|work|select|insert|update|delete)"
    r"|set\s+(?:session\s+|local\s+|global\s+)?[@\w.]+\s*=|comment\s+on\s+(?:table|column|view|database|schema|function|index)\b",
    re.IGNORECASE | re.DOTALL,
)
_OPERATED = re.compile(r"\w[\"`\]]?\s*(?:=|<>|!=|\|\||::)\s*['\"\w:@$?(]|;\s*\Z|\*")
_LEAD = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<dollar>\$(?P<tag>\w{0,30})\$.*?(?:\$(?P=tag)\$|\Z))
    |(?P<prefix>(?<![\w])(?:[eEnNbBxXrRuU]|U&|q))?'(?P<string>(?:[^'\\]|''|\\.)*)(?P<closed>'?)
    |"(?P<quoted>(?:[^"]|"")*)"? | `(?P<tick>[^`]*)`? | \[(?P<bracket>[A-Za-z_][^\]\n]{0,120})\]
    |(?P<number>(?<![\w.])\d+(?:\.\d+)?(?![\w]))
    |(?P<word>[A-Za-z_@:\#$][\w$@\#]*)
    |(?P<mark><>|!=|<=|>=|\|\||::|[=<>(),;.*+\-/%])""",
    re.VERBOSE | re.DOTALL,
)
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


def split(text: str) -> list[Piece] | None:
    """Cut SQL into literals, numbers, comments and identifiers."""
    if not _HEAD.match(text) or not _BODY.search(text) or not _SIGNS.search(text):
        return None
    if not _stated(text):
        return None
    scan = _Scan()
    for token in _TOKEN.finditer(text):
        scan.take(token)
    return scan.found


def _stated(text: str) -> bool:
    """Tell a statement from a request in English that begins as one."""
    bare = _QUOTED.sub("''", text)
    if _PROSE.search(bare):
        return False
    lead = _LEAD.match(text)
    return bool(_GRAMMAR.match(text, lead.end() if lead else 0) or _OPERATED.search(bare))


class _Scan:
    """The columns met so far: the one being compared, and those of an INSERT's list."""

    def __init__(self) -> None:
        self.found: list[Piece] = []
        self.column = ""
        self.inserting = False
        self.columns: list[str] = []
        self.place: int | None = None
        self.depth = 0

    def take(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "comment" or token.group("dollar") is not None:
            self.found.append(Piece(*token.span(), TEXT))
        elif token.group("string") is not None:
            self._literal(token)
        elif token.group("number") is not None:
            self._number(token)
        elif token.group("mark") is not None:
            self._mark(token.group("mark"))
        else:
            self._word(token)

    def _word(self, token: re.Match[str]) -> None:
        for group in ("word", "quoted", "tick", "bracket"):
            if token.group(group) is not None:
                break
        said = token.group(group)
        low = said.lower()
        if group == "word" and low in _CLAUSES:
            if low == "into":
                self.inserting, self.columns = True, []
            elif low == "values":
                self.place = 0 if self.columns else None
            elif low not in _COMPARING:
                self.column = ""
            return
        if group == "quoted" and self.column and _kind(said) is None and " " in said:
            self.found.append(
                Piece(*token.span(group), _kind(self.column) or TEXT)
            )  # MySQL's strings
            return
        self.column = said
        if self.inserting and self.depth:
            self.columns.append(said)
        if group != "word":
            self.found.append(Piece(*token.span(group), "KEY"))
        else:
            self.found.append(Piece(*token.span(group), "KEY"))

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

    def _literal(self, token: re.Match[str]) -> None:
        start, end = token.span("string")
        if end > start:
            closed = token.group("closed") or end - start < 2  # noqa: PLR2004 - a length
            kind = _kind(self._said_column()) if closed else UNKNOWN
            if (token.group("prefix") or "").lower() == "x":
                kind = "ENCODED"
            self.found.append(Piece(start, end, kind or TEXT, names=("sql", self._said_column())))

    def _number(self, token: re.Match[str]) -> None:
        kind = _kind(self._said_column())
        if kind in {None, "AGE"}:
            kind = TEXT if len(token.group()) > 6 else KEEP  # noqa: PLR2004 - a length
        self.found.append(Piece(*token.span(), kind))


def _kind(column: str) -> str | None:
    kind = kind_of(column) if column else FIELD_TEXT
    return None if kind in {FIELD_TEXT, FIELD_KEEP, NAME} else kind
