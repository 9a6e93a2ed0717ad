"""Keys that are values: identifiers and names under which records stand.

`{"patients": {"88213": {…}}}`, `{"by_mrn": {"A17B": …}}`, `{"Hill, Grace": {"dob": …}}`: such a key
is masked, and names nothing itself. A word of a schema with digits (`address_line1`) is none, and
neither is a place in a list.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Mapping
from typing import Any

from streams.masking.fields import TEXT, kind_of, words
from streams.masking.labels.climb import neutral
from streams.masking.labels.paths import COLLECTIONS
from streams.masking.vocabulary.lexicon import Lexicon

_SCHEMA = re.compile(r"\A(?:[A-Za-z]{3}[A-Za-z_\-.$]*+\d{0,2}\Z|(?=[A-Za-z]*+[_\-.])[A-Za-z_](?:[A-Za-z_\-.]|(?<!\d)\d{1,2}(?!\d))*+\Z|[a-z]\d{1,2}\Z|\$\w++\Z|@\w++\Z)")  # fmt: skip
_TAG = re.compile(r"[0-9A-Fa-f]{8}\Z|\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)\Z")
_DIGIT = re.compile(r"\d")
_IDENTIFYING = frozenset(["MRN", "SSN", "MEMBER_ID", "ID", "ACCOUNT", "LICENSE", "DEVICE", "PHONE", "EMAIL", "VEHICLE", "BIOMETRIC", "ZIP", "USER", "PERSON"])  # fmt: skip
_OF_PEOPLE = frozenset(["MRN", "SSN", "DATE", "PHONE", "EMAIL", "ADDRESS", "PERSON", "MEMBER_ID", "ZIP"])  # fmt: skip
_LOOKED_MAX = 12
_CHARS_MAX = 80


def kind_of_key(  # noqa: PLR0911 - rules in their order
    key: str, names: tuple[str, ...], inner: Any, around: Mapping[str, Any], lexicon: Lexicon
) -> str:
    """Return the kind of a key that is a value; empty for a name of a schema."""
    if len(key) > _CHARS_MAX or _TAG.match(key) or kind_of(key) != TEXT:
        return ""
    digits = bool(_DIGIT.search(key))
    if digits and (_SCHEMA.match(key) or (key.isdigit() and int(key) < max(len(around), 2))):
        return ""
    above = _entity(names)
    record = isinstance(inner, Mapping) and _record(inner)
    if not above and not record:
        return ""
    if above == "NAME":
        return "PERSON"
    if digits:
        return (above if above != "PERSON" else "ID") or "ID"
    if "@" in key:
        return "EMAIL"
    return "PERSON" if lexicon.reads_as_name(key) and not _plain(key) else ""


def _entity(names: tuple[str, ...]) -> str:
    """Return the kind of the keys under a name: that of the collection that it is."""
    for name in reversed(names):
        if neutral(name):
            continue
        said = words(name)
        kind = COLLECTIONS.get(said[-1], "") if said else ""
        if not kind and said[:1] == ("by",) and said[-1] in {"name", "names"}:
            kind = "NAME"
        if not kind and (named := kind_of(name)) in _IDENTIFYING:
            kind = named
        return kind
    return ""


def _record(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is somebody's record: two of its fields say so."""
    found = 0
    for i, key in enumerate(value):
        if i >= _LOOKED_MAX:
            break
        found += kind_of(str(key)) in _OF_PEOPLE
    return found > 1


def _plain(key: str) -> bool:
    return "_" in key or (key.islower() and key.isalpha())
