"""FHIR references, URLs and searches: what in them names somebody.

`Patient/zk-88213/_history/2`, with or without a server before it, is a type, an identifier and a
version; `Patient?family=young` is a search whose parameters are names of fields. Anything else of a
path is read as text. `urllib.parse` gives the parts without their places.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re

from streams.masking.fields import KEEP as FIELD_KEEP
from streams.masking.fields import kind_of
from streams.masking.formats.piece import KEEP, TEXT, Piece
from streams.masking.tokens import TOKEN
from streams.masking.vocabulary.lists import each

_HEAD = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]{1,20}:(?://[^/?#\s]*)?)?")
_PART = re.compile(r"(?P<mark>[/?#&;|]?)(?P<said>[^/?#&;|]*)")
_URN = re.compile(r"urn:(?:uuid|oid):(?P<v>[\w.\-]+)", re.IGNORECASE)
_TYPE = re.compile(r"[A-Z][A-Za-z]{2,40}\Z")
_SPEC = re.compile(
    r"https?://(?:hl7\.org|www\.hl7\.org|terminology\.hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|www\.nlm\.nih\.gov)(?:/[\w.\-/]*)?\Z"
    r"|https?://[\w.\-]+(?:/[\w.\-]+){0,6}/(?:StructureDefinition|ValueSet|CodeSystem|NamingSystem|SearchParameter|OperationDefinition|CapabilityStatement|ImplementationGuide|Questionnaire)/[A-Za-z][\w.\-]{0,80}(?:\|[\d.]+)?\Z"
)
_SEARCHED = {
    "identifier": "ID", "_id": "ID", "patient": "ID", "subject": "ID", "name": "PERSON", "family": "PERSON", "given": "PERSON",
    "birthdate": "DATE", "phonetic": "PERSON", "address": "ADDRESS", "address-city": "LOCATION", "address-postalcode": "ZIP",
    "telecom": "PHONE", "email": "EMAIL", "phone": "PHONE", "encounter": "ID", "performer": "ID", "practitioner": "ID",
    "death-date": "DATE", "recipient": "ID", "author": "ID", "owner": "ID",
}  # fmt: skip
_OPERATIONS = each(
    "_history metadata _search $everything $validate $match $expand $lookup fhir r4 api v1 v2"
)
_VERSION = re.compile(r"(?:\d{1,4}|v\d{1,3})\Z")


def pieces(said: str) -> list[Piece]:
    """Cut a reference, a URL or a search into what stays, what is an identifier, and what is text."""
    said = TOKEN.sub(lambda token: "0" * len(token.group()), said)  # its marks part nothing
    if said.startswith("#") or _SPEC.match(said):
        return [Piece(0, len(said), KEEP)]
    urn = _URN.match(said)
    if urn:
        return [Piece(*urn.span("v"), "ID"), Piece(urn.end(), len(said), TEXT)]
    if any(char.isspace() for char in said.strip()) or said.startswith(
        ("mailto:", "tel:", "sms:", "data:")
    ):
        return [Piece(0, len(said), TEXT)]
    head = _HEAD.match(said)
    at = head.end() if head else 0
    found = [Piece(0, at, TEXT)] if at else []
    before, searched = "", False
    for part in _PART.finditer(said, at):
        start, end = part.span("said")
        searched = (
            searched or part.group("mark") == "?" or (not before and "=" in part.group("said"))
        )
        if end > start:
            found.append(_searched(part) if searched else _segment(part, before))
            before = part.group("said")
    return found


def _segment(part: re.Match[str], before: str) -> Piece:
    """Judge one segment of a path by what stands before it."""
    start, end = part.span("said")
    said = part.group("said")
    if before == "_history" and _VERSION.match(said):
        return Piece(start, end, KEEP)
    if said in _OPERATIONS or said.startswith("$"):
        return Piece(start, end, KEEP)
    if _TYPE.match(before):
        return Piece(start, end, "ID")
    return Piece(start, end, KEEP if _TYPE.match(said) else TEXT)


def _searched(part: re.Match[str]) -> Piece:
    """Judge one parameter of a search by its name."""
    start, end = part.span("said")
    name, sign, _ = part.group("said").partition("=")
    if not sign:
        return Piece(start, end, TEXT)
    plain = name.split(":")[0].rsplit(".", 1)[-1]
    kind = _SEARCHED.get(plain.lower()) or kind_of(plain)
    kind = TEXT if kind in {FIELD_KEEP, "NAME", "CONDITION"} else kind
    lead = start + len(name) + 1
    if kind == "DATE" and part.group("said")[len(name) + 1 : len(name) + 3].isalpha():
        lead += 2  # a comparison: `ge2024-01-01`
    return Piece(lead, end, kind if end > lead else KEEP)
