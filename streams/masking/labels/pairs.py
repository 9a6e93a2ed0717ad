"""Names beside values inside a text: `mrn=A17B`, `lastName: "Hill"`, `--dob 1960-03-14`.

One pattern reads INI, YAML, environments, query strings, literals of JSON, Python and JavaScript,
arguments of GraphQL and of commands, and filters (`LastName eq 'Hill'`). A name counts only where
it is one of a schema and decides; prose (`Doctor: please call`) is left to those who read text.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from streams.masking.fields import words
from streams.masking.labels.climb import holds_value, label
from streams.masking.labels.settle import settle
from streams.masking.vocabulary.lexicon import Lexicon
from streams.masking.vocabulary.lists import each

_STRING = r"\"(?:[^\"\\\n]|\\.){0,400}\"|'(?:[^'\\\n]|''|\\.){0,400}'|\\\"[^\"\\\n]{0,400}\\\""
_PAIR = re.compile(
    r"(?<![\w@])(?<!\w\.)(?P<flag>--?)?(?P<q>\\?[\"'`]|\[)?(?P<name>[^\W\d_][\w$]{0,60}(?:[.\-][^\W\d][\w$]{0,60}){0,4}(?::[a-z]+)?|_id)(?(q)(?:\\?[\"'`]|\]))"
    r"(?P<sep>\s{0,3}(?:=>|:=|={1,3}|!=|<>|=~|~=|:)\s{0,3}|\s{1,3}(?:eq|ne|neq|like|ilike|contains|startswith|endswith|in|co|sw|ew|is)\s{1,3}|(?(flag)\s{1,2}(?=[\"'\w])|(?!)))"
    rf"(?P<value>(?P<list>[\[(])|{_STRING}|[^\s\"'`,;&|(){{}}\[\]<>\\]{{1,200}})",
    re.IGNORECASE,
)
_CALL = re.compile(
    rf"\b(?:startswith|endswith|contains|substringof|like|ilike|eq|equals|where|filter|ilike|match|startsWith|find|find_by|get_by)\(\s{{0,3}}(?:[\"'](?P<name>\w{{2,60}})[\"']|(?P<bare>\w{{2,60}}))\s{{0,3}},\s{{0,3}}(?P<value>{_STRING}|\d{{1,20}})",
    re.IGNORECASE,
)
_DATE_CALL = re.compile(
    r"(?:datetime\.)?(?:date|datetime|Date|Timestamp)\((?P<inner>[^()\n]{4,60})\)"
)
_DETAIL = re.compile(r"\((?P<names>[\w\", ]{2,200})\)=\((?P<values>[^()\n]{1,400})\)")
_CODE = re.compile(r"\A(?=[A-Z-]*+\d)[A-Z0-9-]++")
_SPOKEN = re.compile(
    r"\b(?P<kind>MRNs?|SSNs?|mrns?|ssns?)\b[ :#]{0,3}(?P<codes>[A-Z0-9-]*\d[A-Z0-9-]*(?:(?:, ?(?:and )?| and | or | ?& ?| ?/ ?|; ?| to | into )[A-Z0-9-]*\d[A-Z0-9-]*){1,20})\b"
)
_LABELLED = re.compile(
    r"\b(?:last|first|middle|given|family|maiden|sur)[ -]?name\s{0,2}(?:[:=]|is)\s{0,2}[\"']?(?P<value>[^\W\d_][^\W\d_'\u2019-]{0,30})(?=[\"']?(?:[,;.)\n]|\Z| and\b| first| last| middle| mrn| dob))",
    re.IGNORECASE,
)
_MAY_NAME = re.compile(r"[=:(]|--?\w| eq |name is |\b(?:MRN|SSN|mrn|ssn)s?\b")
_LISTED = re.compile(rf"{_STRING}|[^\s,\"'\[\]()]{{1,200}}")
_LINE = re.compile(r"\A[ \t]*+(?:-[ \t]+|export[ \t]+|set[ \t]+|env[ \t]+)?[\"']?(?P<name>[A-Za-z_][\w.\-]{0,60})[\"']?[ \t]*(?:=|:)[ \t]+(?P<value>[^\s#{\[|>&*\"'][^\n\r#]{0,200})|\A[ \t]*+(?:export[ \t]+)?(?P<name2>[A-Za-z_][\w.\-]{0,60})[ \t]*=(?P<value2>[^\s\"'][^\n\r&;|]{0,200})")  # fmt: skip
_LIST_CHARS_MAX = 2_000
_QUOTES = "\"'\\`"
_LEFT_TO_TEXT = frozenset(["CONDITION", "URL", "NAME", "KEEP", "TEXT", "FACILITY"])
_WEAK = frozenset(["USER", "DEVICE", "ID", "ACCOUNT", "LICENSE"])
# Words of English that name only in a schema: `patient: denies pain` is prose.
_PROSE = each(
    """patient provider physician doctor nurse author guardian spouse attending surgeon clinician
    practitioner prescriber alias given family maiden appointment date dated issued born account
    address street city town village county phone cell mobile email zip fax tel age allergy
    condition problem certificate license photo picture pin device login user secret
    callback pager residence plate document claim order case visit"""
)
_SAYS = re.compile(r"\d|[A-Z@]")


class Named(NamedTuple):
    """A value that a name beside it labels: its place and kind."""

    start: int
    end: int
    kind: str


def find(text: str, lexicon: Lexicon) -> Iterator[Named]:
    """Yield the values that names beside them label, in no order."""
    if not _MAY_NAME.search(text):
        return
    place = 0
    while (found := _PAIR.search(text, place)) is not None:
        named = list(_pair(text, found, lexicon))
        yield from named
        place = found.end() if named else found.end("name")
    for found in _CALL.finditer(text):
        name = found.group("name") or found.group("bare")
        yield from _value(text, name, *found.span("value"), lexicon, quoted=True)
    for found in _LABELLED.finditer(text):
        yield Named(*found.span("value"), "PERSON")
    for found in _DETAIL.finditer(text):
        yield from _detail(text, found, lexicon)
    for found in _SPOKEN.finditer(text):
        for code in _CODE.finditer(text, found.start("codes"), found.end("codes")):
            yield Named(*code.span(), "MRN" if found.group("kind")[0] in "mM" else "SSN")
    if "\n" in text or "=" in text or ": " in text:
        yield from _lines(text, lexicon)


def _detail(text: str, found: re.Match[str], lexicon: Lexicon) -> Iterator[Named]:
    """Read the detail of PostgreSQL's errors: `Key (last_name, mrn)=(Hill, A17B) already exists`."""
    names = [name.strip(' "') for name in found.group("names").split(",")]
    at = found.start("values")
    for name, said in zip(names, found.group("values").split(","), strict=False):
        lead = len(said) - len(said.lstrip())
        yield from _value(text, name, at + lead, at + len(said), lexicon, quoted=True)
        at += len(said) + 1


def _lines(text: str, lexicon: Lexicon) -> Iterator[Named]:
    """Yield the values of lines that are a name and a value: INI, YAML, environments."""
    lines = []
    at = 0
    for line in text.splitlines(keepends=True):
        if (found := _LINE.match(line)) is not None and found.end() >= len(line.rstrip()):
            group = "value" if found.group("value") is not None else "value2"
            name = found.group("name") or found.group("name2")
            if _schema(name):
                lines.append((name, at + found.start(group), at + found.end(group)))
        at += len(line)
    sure = sum(label((name,))[0] not in _LEFT_TO_TEXT for name, _, _ in lines) > 1
    for name, start, end in lines:
        yield from _value(text, name, start, end, lexicon, quoted=False, sure=sure)


def _pair(text: str, found: re.Match[str], lexicon: Lexicon) -> Iterator[Named]:
    name, separator = found.group("name"), found.group("sep")
    start, end = found.span("value")
    quoted = text[start] in _QUOTES
    if not _takes(found):
        return
    if found.group("list"):
        yield from _listed(text, name, start, lexicon)
        return
    call = _DATE_CALL.match(text, start)
    if call is not None:
        start, end = call.span("inner")
        quoted = True
    sure = quoted or (separator.strip() not in {":", ""} and not separator.strip().isalpha())
    yield from _value(text, name, start, end, lexicon, quoted=quoted, sure=sure)


def _takes(found: re.Match[str]) -> bool:
    """Tell whether what stands behind a name may be its value: prose has colons and words, too."""
    separator, value = found.group("sep").strip(), found.group("value")
    if not separator:  # `--mrn A17B`
        return bool(found.group("flag"))
    if value[0] in _QUOTES or found.group("list"):
        return True
    if separator == ":":
        return bool(found.group("q")) or value[0].isdigit() or _strong(found.group("name"))
    return not separator.isalpha() or any(char.isdigit() for char in value)


def _listed(text: str, name: str, start: int, lexicon: Lexicon) -> Iterator[Named]:
    """Yield the members of a list behind a name: `mrn in ('A17', 'C22')`."""
    kind, _ = label((name,))
    if kind in _LEFT_TO_TEXT:
        return
    close = "]" if text[start] == "[" else ")"
    end = text.find(close, start, start + _LIST_CHARS_MAX)
    if end < 0 or any(mark in text[start:end] for mark in "{:="):
        return
    for member in _LISTED.finditer(text, start + 1, end):
        yield from _value(text, name, *member.span(), lexicon, quoted=member.group()[0] in _QUOTES)


def _value(  # noqa: PLR0913 - the state of one step
    text: str,
    name: str,
    start: int,
    end: int,
    lexicon: Lexicon,
    *,
    quoted: bool,
    sure: bool = False,
) -> Iterator[Named]:
    if holds_value(name):
        return
    kind, decided = label(tuple(part for part in name.split(":")[:1]))
    if kind in _LEFT_TO_TEXT:
        return
    while start < end and text[start] in _QUOTES:
        start += 1
    while end > start and (text[end - 1] in _QUOTES or (not quoted and text[end - 1] in ".,; \t")):
        end -= 1
    if not quoted and kind not in {"DATE", "ADDRESS"} and "/" in text[start:end]:
        end = text.index("/", start)
    said = text[start:end]
    if "%" in said or "+" in said:
        said = unquote_plus(said)
    if not _fits(kind, decided, said, lexicon, sure=sure or quoted):
        return
    kind = settle(kind, said, name=name)
    if kind not in _LEFT_TO_TEXT and start < end:
        yield Named(start, end, kind)


def _fits(kind: str, name: str, said: str, lexicon: Lexicon, *, sure: bool) -> bool:
    """Tell whether a value is one that its name may hold: prose has names with colons, too.

    `sure` says that the value is quoted or assigned, which prose does not do.
    """
    digits = any(char.isdigit() for char in said)
    if kind in _WEAK:
        return digits and " " not in said.strip()
    if "_".join(words(name)) in _PROSE:
        if kind == "PERSON":
            return sure and (lexicon.reads_as_name(said) or (digits and " " not in said.strip()))
        return sure or digits
    if kind == "PERSON":
        return len(said.split()) <= 5 and not any(char in said for char in "/\\=<>")  # noqa: PLR2004 - words of a name
    return bool(said.strip())


def _strong(name: str) -> bool:
    """Tell whether a name is one of a schema: `last_name`, `lastName`, `mrn`."""
    return _schema(name) and "_".join(words(name)) not in _PROSE


def _schema(name: str) -> bool:
    """Tell a name of a schema from a word of prose with a capital."""
    said = words(name)
    return name.islower() or len(said) > 1 or (name.isupper() and said[0] not in _PROSE)
