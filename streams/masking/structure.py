"""What structure alone says of a value: its field's name, the fields around it, FHIR's elements.

The answer is a token type, `KEEP`, or `TEXT`; fine print about values (an age up to 89, a bare
year) is settled here too, so that a caller has one answer to act on.
"""

import re

from streams.masking.fields import KEEP, TEXT, words
from streams.masking.formats import fhir
from streams.masking.labels.climb import label
from streams.masking.labels.settle import settle
from streams.masking.labels.siblings import value_like
from streams.masking.vocabulary.lists import each

_MEASURES = each(
    """bytes count counts size total amount limit offset rows row ms seconds minutes days hours
    year years page pages percent pct rate ratio score version threshold max min avg mean
    sum length width height weight timeout retries port ttl priority index quantity qty
    price cost usd dose value quota batch temperature"""
)
_CODE_SYSTEMS = each("loinc rxnorm rxcui snomed sctid cpt hcpcs ndc atc cvx drg")
_CODE = re.compile(r"[A-Z]?\d[\d-]{0,17}[A-Z]{0,2}\d{0,2}")
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
        if known in {TEXT, KEEP} and value_like(names[-1]):
            kind, name = label(names)
            known = settle(kind, value, name=name, number=number) if kind != TEXT else known
        if known is not None:
            return settle(known, value, name=names[-1], number=number)
    kind, name = label(names)
    if kind == TEXT and number and set(words(names[-1])[-1:]) & _MEASURES:
        return KEEP
    if kind == KEEP and set(words(name)) & _CODE_SYSTEMS and _CODE.fullmatch(value.strip()):
        return KEEP
    if kind == KEEP and not number and _SAYS_MORE.search(value):
        return TEXT
    return settle(_plain_id(name, kind, value), value, name=names[-1], number=number)


def _plain_id(name: str, kind: str, value: str) -> str:
    """`id` and `key` alone: an identifier where they hold digits, a word where they do not."""
    if kind == TEXT and words(name) in {("id",), ("key",), ("ref",), ("ids",)} and value:
        return TEXT if _TECHNICAL_ID.match(value) or "/" in value else "ID"
    return kind
