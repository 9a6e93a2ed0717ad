"""What keeps a masked view from showing what a reviewer must see, by code.

odd_value          a token stands for something that its kind does not hold
masked_code        a token stands where a statement has code
dialects_disagree  what is a value to one database is code to another one
unread_literal     a literal, a comment or a name of a statement has no end
encoded_code       an encoded text opens to more than one value, or does not open
grantee_hidden     it gives somebody a right, and who gets it is hidden
word_or_name       a token stands for a whole value that may be a word of an enumeration
"""

import re
from collections.abc import Iterator

from streams.masking.cells import Cell
from streams.masking.encoded import MORE, hides_more, speaks
from streams.masking.fields import words
from streams.masking.formats.piece import Piece
from streams.masking.formats.sql import Statement
from streams.masking.grammar import fits
from streams.masking.results import About, Span
from streams.masking.vocabulary.lists import each
from streams.masking.walk import Leaf

_ACCOUNT = re.compile(r"[A-Za-z](?:[A-Za-z_.\-\\]|\d{1,3}(?!\d)){0,63}")
_PARAMS = "params"
_RIGHTS = each("""
    role roles permission permissions privilege privileges grant grants entitlement entitlements
    admin superuser sudo
""")
_HOLDERS = each("""
    account user username login member grantee principal email subject assignee handle userid
""")
_GIVES = re.compile(
    r"\A\W{0,40}(?:insert|update|merge|create|alter|grant)\b(?s:.{1,4000}?)"
    r"\b(?:roles?|privileges?|permissions?|superuser|is_admin)\b",
    re.IGNORECASE,
)
_GIVEN_TO = frozenset({"USER", "ACCOUNT", "PERSON", "EMAIL"})
# Commands beside a statement; a name in them such as `visits2024` or `pt_visits` is code.
_COMMAND = re.compile(
    r"\b(?:drop|delete|truncate|alter|insert|update|rm|curl|wget|psql|mysql|mongo|sh|bash|python)\b",
    re.IGNORECASE,
)
_NAME_OF_CODE = re.compile(r"(?=\w{0,60}(?:_|\d))[A-Za-z_]{4}\w{0,60}")


def shown(leaf: Leaf, text: str, about: About) -> bool:
    """Tell whether a value is the name of an account that gains a right, and must be seen."""
    if not about.grants or leaf.names[:1] != (_PARAMS,):
        return False
    return text in about.public or _ACCOUNT.fullmatch(text) is not None


def hidden_grantees(cells: list[Cell]) -> set[str]:
    """Tell whether some object names a right, and hides the account beside it."""
    rights = {
        cell.leaf.names[:-1]
        for cell in cells
        if cell.leaf.names and _RIGHTS & set(words(cell.leaf.names[-1]))
    }
    for cell in cells:
        names = cell.leaf.names
        if names and names[:-1] in rights and cell.spans and _HOLDERS & set(words(names[-1])):
            return {"grantee_hidden"}
    return set()


def code_of(parts: list[Piece], start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches of a cut text that are no values: keys, and all between the pieces."""
    found: list[tuple[int, int]] = []
    at = 0
    for piece in sorted(parts, key=lambda part: part.start):
        if piece.kind == "KEY":
            continue
        if piece.start > at:
            found.append((start + at, start + piece.start))
        at = max(at, piece.end)
    return [*found, (start + at, end)] if start + at < end else found


def outside(cell: Cell, start: int, end: int) -> str:
    """Return a stretch of a cell without what was found in it."""
    made, at = [], start
    for span in sorted(s for s in cell.spans if start <= s.start and s.end <= end):
        made.append(cell.text[at : max(at, span.start)])
        at = max(at, span.end)
    return " ".join([*made, cell.text[at:end]])


def doubts_of(cell: Cell, about: About) -> set[str]:
    """Return why one cell does not show what it must; its spans are settled."""
    found = {"encoded_code"} if speaks(cell.text) else set()
    found |= {doubt for span in cell.spans for doubt in _of_span(cell, span)}
    for start, end, statement in cell.statements:
        found |= set(_of_statement(cell, start, end, statement))
    granting = about.grants and cell.leaf.names[:1] == (_PARAMS,)
    if granting and cell.spans:
        found.add("grantee_hidden")
    return found


def _is_word(cell: Cell, span: Span, start: int, end: int) -> bool:
    """Tell whether a whole value is an everyday word in capitals, as enumerations are written."""
    whole = (span.start, span.end) == (start, end)
    return whole and span.recognizer == "known_word" and cell.text[start:end].isupper()


def _of_span(cell: Cell, span: Span) -> Iterator[str]:
    said = cell.read.get(span.start) or cell.text[span.start : span.end]
    if span.recognizer.endswith(MORE) or (
        span.type == "ENCODED" and span.recognizer == "field" and hides_more(said)
    ):
        yield "encoded_code"
    named = span.recognizer != "field" and _NAME_OF_CODE.fullmatch(said)
    if named and _COMMAND.search(cell.text):
        yield "masked_code"
    if _is_word(cell, span, 0, len(cell.text)):
        yield "word_or_name"
    if not fits(span.type, said):
        yield "odd_value"


def _of_statement(cell: Cell, start: int, end: int, statement: Statement) -> Iterator[str]:
    if not statement.closed:
        yield "unread_literal"
    if len(statement.values) > 1:
        yield "dialects_disagree"
    spans = [s for s in cell.spans if start <= s.start and s.end <= end]
    given = any(span.type in _GIVEN_TO for span in spans)
    if given and _GIVES.match(cell.text[start:end]):
        yield "grantee_hidden"
    for values in statement.values:
        at = 0
        for span in spans:
            while at < len(values) and start + values[at][1] < span.end:
                at += 1
            if at == len(values) or start + values[at][0] > span.start:
                yield "masked_code"
                return
            if _is_word(cell, span, start + values[at][0], start + values[at][1]):
                yield "word_or_name"
