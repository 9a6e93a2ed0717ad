"""What structure alone says of a value: its field's name, the fields around it, FHIR's elements.

The answer is a token type, `KEEP`, or `TEXT`; fine print about values (an age up to 89, a bare
year) is settled here too, so that a caller has one answer to act on.
"""

import re

from streams.masking.fields import KEEP, NAME, TEXT, kind_of, words
from streams.masking.formats import fhir
from streams.masking.vocabulary.lists import each

_YEAR = re.compile(r"\A\s*+(?:1[89]|20|21)\d\d\s*")
_AGE = re.compile(r"\A\s*+(\d{1,3})(?!\d)")
_AGE_MAX = 89  # 45 CFR 164.514(b)(2)(i)(C): ages over 89 are identifiers
_PASSED_ON = frozenset(["PHONE", "FAX", "EMAIL", "ADDRESS", "SSN"])
_HINTED = frozenset(["PERSON", "FACILITY"])
_MEASURES = each(
    """bytes count counts size total amount limit offset rows row ms seconds minutes days hours
    year years page pages percent pct rate ratio score version threshold max min avg mean
    sum length width height weight timeout retries port ttl priority index quantity qty
    price cost usd dose value quota batch temperature"""
)
_TECHNICAL_ID = re.compile(r"\A[A-Za-z][A-Za-z_.\-/]*\d{0,3}\Z")
_SAYS_MORE = re.compile(r"\S\s+\S+\s+\S|\d{4}|@|[A-Z][a-z]+,?\s+[A-Z]")  # no closed word


def judge(
    names: tuple[str, ...],
    value: str,
    *,
    resource: str = "",
    extension: str = "",
    number: bool = False,
) -> str:
    """Return the kind of a value from the names of the fields around it, inmost last."""
    if not names:
        return TEXT
    if resource:
        known = fhir.kind(names, resource, value, extension)
        if known is not None:
            return _settled(known, value, number=number)
    parent = names[-2] if len(names) > 1 else ""
    kind = kind_of(names[-1], parent)
    if kind == TEXT and parent:
        above = kind_of(parent)
        kind = above if above in _PASSED_ON or _part_of_name(names[-1], parent) else kind
        kind = "PERSON" if _part_of_name(names[-1], parent) else kind
    if kind == TEXT and number and set(words(names[-1])[-1:]) & _MEASURES:
        return KEEP
    if kind == KEEP and not number and _SAYS_MORE.search(value):
        return TEXT
    return _settled(_plain_id(names[-1], kind, value), value, number=number)


def _part_of_name(name: str, parent: str) -> bool:
    return name.lower() in {"first", "last", "middle", "f", "l"} and "name" in words(parent)


def _plain_id(name: str, kind: str, value: str) -> str:
    """`id` and `key` alone: an identifier where they hold digits, a word where they do not."""
    if kind == TEXT and words(name) in {("id",), ("key",), ("ref",), ("ids",)} and value:
        return TEXT if _TECHNICAL_ID.match(value) else "ID"
    return kind


def _settled(kind: str, value: str, *, number: bool) -> str:
    if kind == "DATE" and (_YEAR.fullmatch(value) or not any(char.isdigit() for char in value)):
        return TEXT
    if kind == "AGE":
        said = _AGE.match(value)
        return "AGE" if said and int(said.group(1)) > _AGE_MAX else KEEP if said else TEXT
    if kind == NAME and number:
        return TEXT
    return kind
