"""The stack of names above a value, read from the inside out until one of them decides.

A name decides (its kind is the label), is neutral (`value`, `old`, `$eq`, `0`: the name above it
counts), or is foreign (`status_note`: nothing above it counts). A name with dots or slashes is a
stack of its own: `last_name.keyword`, `/patient/mrn`. A key that holds a value names nothing.
"""

import re

from streams.masking.fields import KEEP, NAME, TEXT, is_person, kind_of, words
from streams.masking.vocabulary.lists import each

_NEUTRAL = each(
    """value values val vals v old new from to before after previous prev current original updated
    eq ne neq in nin gt gte lt lte not all any some or and regex regexp regexpr like ilike rlike
    contains contain starts ends with exact iexact icontains equals equal is match matches prefix
    query term terms wildcard fuzzy phrase search between min max low high lower upper begin
    answer answers response responses reply item items list array element elements
    result results string str integer int number decimal float double boolean bool long object
    oid uuid quantity raw exact keyword text display content data literal constant operand operands
    arg args right rhs set push each input output formatted display n s ss ns l m
    t f w options option case insensitive param params"""
)
# Under one word that names somebody (`patient`), only these hand the name down.
_PLAINLY = each(
    """value values val old new from to before after previous current eq ne in nin is equals
    like ilike contains regex match exact string keyword"""
)
_OF_VALUE = each(
    """field attribute attr column col property prop param parameter variable var key item element
    question form cell observation custom"""
)
_PARTS_OF_DATE = each("y m d year month day yyyy mm dd hour minute")
_ENTITIES = each(
    """patient patients physician doctor nurse attending surgeon clinician practitioner prescriber
    pcp spouse guardian author facility hospital clinic practice organization organisation employer
    school pharmacy institution user users account accounts device certificate license condition
    conditions problem problems diagnosis appointment credential credentials pid document"""
)
_SEGMENT = re.compile(r"[./\[\]]+|(?<=\w)->>?'?|::")
_HOLDS = re.compile(r"\d{3}|\S@\S|=|:\s*\d|\d[-/.]\d\d?[-/.]\d|<[A-Z_]+_\d")
_PASSED_ON = frozenset(["PHONE", "FAX", "EMAIL", "ADDRESS", "SSN"])
_NAME_PARTS = each("first last middle f l given family fn ln mi second")
_NAMES_MAX = 24


def holds_value(name: str) -> bool:
    """Tell whether a key is a value rather than a name of a schema: `drug:41`, `555-12-9988`."""
    return bool(_HOLDS.search(name))


def segments(name: str) -> list[str]:
    """Cut a path into its names, without places in lists: `/name/0/family`."""
    if not _SEGMENT.search(name):
        return [name]
    parts = [part for part in _SEGMENT.split(name) if part and not part.isdigit()]
    if len(parts) > 1 and all(len(part) == 1 for part in parts):
        return ["".join(parts)]  # `M.R.N.`
    return parts or [name]


def neutral(name: str) -> bool:
    """Tell whether a name says nothing itself, so that the name above it counts."""
    said = words(name)
    if len(said) > 1 and said[-1] in {"value", "values", "answer"} and said[0] in _OF_VALUE:
        return True
    return all(word in _NEUTRAL or word.isdigit() for word in said)


def label(names: tuple[str, ...]) -> tuple[str, str]:
    """Return the kind that a stack of names gives, inmost last, and the name that decided."""
    stack = [part for name in names[-_NAMES_MAX:] for part in segments(name)][-_NAMES_MAX:]
    if not stack:
        return TEXT, ""
    own = _own(stack)
    if not _climbs(stack, len(stack) - 1):
        return own, stack[-1]
    plainly = True
    for i in range(len(stack) - 1, -1, -1):
        if _climbs(stack, i):
            plainly = plainly and set(words(stack[i])) <= _PLAINLY
            continue
        kind = TEXT if holds_value(stack[i]) else kind_of(stack[i], stack[i - 1] if i else "")
        if kind == TEXT or (not plainly and _entity(stack[i])):
            break
        return kind, stack[i]
    return own, stack[-1]


def _own(stack: list[str]) -> str:
    """Return what the inmost name says by itself, or as a part of what stands right above it."""
    name, above = stack[-1], [part for part in stack[:-1] if not neutral(part)]
    if holds_value(name):
        return TEXT
    parent = stack[-2] if len(stack) > 1 else ""
    kind = kind_of(name, parent)
    if kind != TEXT or not above:
        return kind
    if name.lower() in _NAME_PARTS and ("name" in words(above[-1]) or is_person(above[-1])):
        return "PERSON"
    passed = kind_of(above[-1])
    return passed if passed in _PASSED_ON else TEXT


def _climbs(stack: list[str], i: int) -> bool:
    """Tell whether the name above counts: this one is neutral, or one part of a date."""
    if neutral(stack[i]):
        return True
    return i > 0 and stack[i].lower() in _PARTS_OF_DATE and kind_of(stack[i - 1]) == "DATE"


def _entity(name: str) -> bool:
    return "_".join(words(name)) in _ENTITIES


__all__ = ["KEEP", "NAME", "TEXT", "holds_value", "label", "neutral", "segments"]
