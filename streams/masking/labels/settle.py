"""How a label masks: one rule for each kind and value, wherever the label came from.

Not masked as a whole, whatever the name says: what holds no letter or digit, a word for nothing,
a placeholder, a word of a schema (`string`, `asc`), a bare year, an age up to 89, a sentence under
a name of numbers. Such a value is read as text, or kept where it can say nothing.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re

from streams.masking.fields import KEEP, NAME, TEXT, kind_of, words
from streams.masking.vocabulary.lists import each

_YEAR = re.compile(r"\A\s*+(?:1[89]|20|21)\d\d\s*")
_AGE = re.compile(r"\A\s*+0{0,2}(\d{1,3})(?!\d)")
_AGE_MAX = 89  # 45 CFR 164.514(b)(2)(i)(C): ages over 89 are identifiers
_NOTHING = each(
    """none null nil n/a na unknown undefined true false nan anonymous redacted masked
    hidden yes no any all empty missing"""
)
_SCHEMA = each(
    """string str text varchar char nvarchar integer int bigint number numeric decimal float double
    boolean bool date datetime timestamp timestamptz uuid object array json jsonb keyword long asc
    desc ascending descending required optional unique primary identity email phone"""
)
_PLACEHOLDER = re.compile(r"(?:\?|[:$](?:\d{1,2}|[a-z_]{1,40})|@[a-z_]{1,20}\d?|%\(?[a-z_]*\)?s|\$?\{\{?[\w.\s]{0,40}\}?\})\Z")  # fmt: skip
_SENTENCE = re.compile(r"\A\s*+(?:\S++\s++){5}\S")
_NUMBERED = frozenset(["MRN", "SSN", "MEMBER_ID", "ACCOUNT", "LICENSE", "DEVICE", "ID", "ZIP"])
_DIGIT_KINDS = frozenset(["PHONE", "FAX", "ZIP", "SSN", "IP"])
_MONTH_PARTS = frozenset(["month", "mm", "mon"])
_NUMBER = re.compile(r"(?=\S{0,40}\d\S{0,40}\d)[a-z]{0,4}[\d\-][a-z\d\-]{2,40}")
_TYPED = re.compile(r"\A([a-z]++)\s?(\(\d+(?:,\s?\d+)?\))?\Z")
_COLUMN = re.compile(r"\A(?:[a-z]++(?:_[a-z]++)++\Z|[a-z]++(?:[A-Z][a-z]++)++\Z|mrn\Z|ssn\Z|dob\Z)")
_FLAG = re.compile(r"-?[01]\Z")  # MongoDB's projections and orders: `{"last_name": 1}`


def settle(  # noqa: C901, PLR0911 - rules in their order
    kind: str, value: str, *, name: str = "", number: bool = False
) -> str:
    """Return how a value under a label is masked: a token's type, KEEP, or TEXT to be read."""
    if kind in {TEXT, KEEP}:
        return kind
    if kind == NAME:
        return TEXT if number else kind
    low = value.strip().lower()
    if _PLACEHOLDER.match(low) and kind != "USER":
        return TEXT
    if _says_nothing(kind, low) or low == name.lower() or (number and _FLAG.match(low)):
        return KEEP
    if _COLUMN.match(value) and kind_of(value) == kind:
        return KEEP  # a column's name, not its value
    if kind == "DATE":
        return _date(low, name)
    if kind == "AGE":
        said = _AGE.match(value)
        return "AGE" if said and int(said.group(1)) > _AGE_MAX else KEEP if said else TEXT
    if kind == "PERSON" and (not any(char.isalpha() for char in low) or _NUMBER.fullmatch(low)):
        return "ID"
    if _SENTENCE.search(value) and kind in _NUMBERED | {"PHONE", "FAX", "EMAIL", "IP", "USER"}:
        return TEXT
    if kind in _DIGIT_KINDS and low.isalpha() and low.isascii() and len(low) > 2:  # noqa: PLR2004 - a length
        return TEXT
    if kind == "EMAIL" and "@" not in value and " " in value.strip():
        return TEXT
    return kind


def _says_nothing(kind: str, low: str) -> bool:
    if not any(char.isalnum() for char in low):
        return True
    if low in _NOTHING or low in {"asc", "desc"}:
        return True
    typed = _TYPED.match(low)
    return bool(typed and typed.group(1) in _SCHEMA and (typed.group(2) or kind != "PERSON"))


def _date(low: str, name: str) -> str:
    if _YEAR.fullmatch(low):
        return TEXT
    if not any(char.isdigit() for char in low):
        return "DATE" if low.isalpha() and set(words(name)) & _MONTH_PARTS else TEXT
    return "DATE"
