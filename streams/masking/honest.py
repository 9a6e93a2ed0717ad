"""What keeps a masked view from showing what a reviewer must see, by code.

odd_value          a token stands for something that its kind does not hold
masked_code        a token stands where a statement has code
dialects_disagree  what is a value to one database is code to another one
unread_literal     a literal, a comment or a name of a statement has no end
encoded_code       an encoded text opens to more than one value, or does not open
grantee_hidden     it gives somebody a right, and who gets it is hidden
word_or_name       a token stands for a whole value that may be a word of an enumeration, or amount
"""

import re
from collections.abc import Iterator

from streams.masking.cells import Cell
from streams.masking.encoded import MORE, hides_more, speaks
from streams.masking.fields import words
from streams.masking.formats.piece import Piece
from streams.masking.formats.sql import SqlText
from streams.masking.grammar import fits
from streams.masking.results import About, Span
from streams.masking.vocabulary.lists import each
from streams.masking.walk import Leaf

_ACCOUNT = re.compile(r"[A-Za-z](?:[A-Za-z_.\-\\]|\d{1,3}(?!\d)){0,63}")
# where something runs or goes: an image, a host, a network, an address of a service; no query, no
# account before the host, no run of figures that could be a number of somebody's
_MACHINE = re.compile(
    r"\A(?!.*\d{6})(?:[a-z][a-z0-9+.\-]{1,15}://)?[A-Za-z0-9][A-Za-z0-9.\-]{0,120}(?::\d{1,5})?"
    r"(?:/[A-Za-z0-9._~\-]{1,80}){0,12}/?(?::[A-Za-z0-9._\-]{1,60})?"
)
_LEADS = each("""
    image images webhook webhooks url urls uri endpoint endpoints host hosts hostname proxy registry
    allow deny cidr cidrs ip ips source destination target server upstream repo repository domain
    domains dns callback gateway egress ingress whitelist allowlist
""")  # fields that say where something runs or goes
_MAY_BE_SEEN = frozenset(["USER", "ACCOUNT", "URL", "IP", "TEXT", "KEEP", "NAME", "ID", "DEVICE"])
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


# Fields that hold code, whether or not it is cut as a statement.
_CODED = each("""
    sql statement statements stmt cmd command commands script shell exec bash sh powershell argv run
    ddl dml plsql tsql entrypoint
""")
# Fields that say where something runs or as what; a value of code in them is no patient's.
_MACHINES = each("""
    env environment cluster host hostname node server region zone namespace service database schema
    role tenant tier
""")
_QUOTES = "'\""
_BEFORE_TABLE = re.compile(
    r"(?:\b(?:from|into|table|join|update|schema|database|view|to|user|role|index|truncate|exists)\s*|\.)\"\Z",
    re.IGNORECASE,
)


def shown(leaf: Leaf, text: str, kind: str, about: About) -> bool:
    """Tell whether a value names who gains a right, or where it runs or goes: that must be seen.

    `kind` is what the fields around it say. A patient's number or name is neither.
    """
    if not about.grants or leaf.names[:1] != (_PARAMS,):
        return False
    if text in about.public:
        return True
    return kind in _MAY_BE_SEEN and (
        _ACCOUNT.fullmatch(text) is not None
        or (
            not _LEADS.isdisjoint(name.lower() for name in leaf.names[1:])
            and any(sign in text for sign in "./:")
            and _MACHINE.fullmatch(text) is not None
        )
    )


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
    if _hides_code(cell):
        found.add("masked_code")
    granting = about.grants and cell.leaf.names[:1] == (_PARAMS,)
    if granting and cell.spans:
        found.add("grantee_hidden")
    return found


def _hides_code(cell: Cell) -> bool:
    """Tell whether a token stands in a command, or in a statement that could not be cut.

    There a quoted text and a number are values; a bare word may be what the command is done to.
    """
    last = cell.leaf.names[-1] if cell.leaf.names else ""
    if last.lower() not in _CODED or cell.statements or " " not in cell.text.strip():
        return False
    return any(
        not _is_quoted(cell.text, span) and any(map(str.isalpha, cell.text[span.start : span.end]))
        for span in cell.spans
    ) or any(_names_table(cell.text, span) for span in cell.spans)


def _is_quoted(text: str, span: Span) -> bool:
    """Tell whether a value stands between quotes, alone or with others."""
    return any(text.count(quote, 0, span.start) % 2 == 1 for quote in _QUOTES)


def _names_table(text: str, span: Span) -> bool:
    """Tell whether a value is a quoted name where a statement names a table or an account."""
    opened = text.rfind('"', 0, span.start) + 1
    return opened > 0 and _BEFORE_TABLE.search(text, max(0, opened - 40), opened) is not None


def _hides_machine(cell: Cell, span: Span) -> bool:
    """Tell whether a value of another field is known again where it says where something runs."""
    last = cell.leaf.names[-1] if cell.leaf.names else ""
    whole = (span.start, span.end) == (0, len(cell.text))
    return whole and span.recognizer.startswith("known") and bool(_MACHINES & set(words(last)))


def _is_word(cell: Cell, span: Span, start: int, end: int) -> bool:
    """Tell whether a whole value is an everyday word in capitals, as enumerations are written."""
    whole = (span.start, span.end) == (start, end)
    return whole and span.recognizer == "known_word" and cell.text[start:end].isupper()


def _is_number(cell: Cell, span: Span) -> bool:
    """Tell whether a value of another field is known again in a number of JSON: an amount, most."""
    whole = (span.start, span.end) == (0, len(cell.text))
    return whole and span.recognizer.startswith("known") and not isinstance(cell.leaf.value, str)


def _of_span(cell: Cell, span: Span) -> Iterator[str]:
    said = cell.read.get(span.start) or cell.text[span.start : span.end]
    if span.recognizer.endswith(MORE) or (
        span.type == "ENCODED" and span.recognizer == "field" and hides_more(said)
    ):
        yield "encoded_code"
    named = span.recognizer != "field" and _NAME_OF_CODE.fullmatch(said)
    if named and _COMMAND.search(cell.text):
        yield "masked_code"
    hides = _is_number(cell, span) or _hides_machine(cell, span)
    if hides or _is_word(cell, span, 0, len(cell.text)):
        yield "word_or_name"
    if not fits(span.type, said):
        yield "odd_value"


def _of_statement(cell: Cell, start: int, end: int, statement: SqlText) -> Iterator[str]:
    if not statement.closed:
        yield "unread_literal"
    if len(statement.values) > 1:
        yield "dialects_disagree"
    spans = [s for s in cell.spans if start <= s.start and s.end <= end]
    given = any(span.type in _GIVEN_TO for span in spans)
    if given and _GIVES.match(cell.text[start:end]):
        yield "grantee_hidden"
    if any(_names_table(cell.text, span) for span in spans):
        yield "masked_code"
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
