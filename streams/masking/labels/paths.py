"""Values in paths and addresses: `Patient/zk-88213/_history/2`, `/mrn/A17B`, `?family=hill`.

A segment behind one that names a collection is an identifier, unless it is a word of an interface
(`/patients/search`). Parameters of a query are read by `pairs`; those of FHIR's search here.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from streams.masking.fields import KEEP, NAME, TEXT
from streams.masking.labels.climb import label
from streams.masking.labels.pairs import Named
from streams.masking.labels.settle import settle
from streams.masking.vocabulary.lexicon import NAMED, NEVER, POPULAR, Lexicon, fold

COLLECTIONS = {
    "patient": "ID", "patients": "ID", "pt": "ID", "person": "ID", "persons": "ID", "people": "ID", "member": "MEMBER_ID",
    "members": "MEMBER_ID", "mrn": "MRN", "mrns": "MRN", "chart": "MRN", "charts": "MRN", "subscriber": "MEMBER_ID",
    "subscribers": "MEMBER_ID", "practitioner": "ID", "practitioners": "ID", "relatedperson": "ID", "encounter": "ID",
    "encounters": "ID", "visit": "ID", "visits": "ID", "claim": "ID", "claims": "ID", "account": "ACCOUNT",
    "accounts": "ACCOUNT", "coverage": "ID", "observation": "ID", "condition": "ID", "medicationrequest": "ID",
    "documentreference": "ID", "diagnosticreport": "ID", "appointment": "ID", "appointments": "ID", "order": "ID",
    "orders": "ID", "specimen": "ID", "accession": "ID", "accessions": "ID", "study": "ID", "studies": "ID", "series": "ID",
    "subject": "ID", "subjects": "ID", "participant": "ID", "participants": "ID", "device": "DEVICE", "devices": "DEVICE",
    "record": "ID", "records": "ID", "user": "USER", "users": "USER", "provider": "ID", "providers": "ID", "group": "ID",
    "allergyintolerance": "ID", "procedure": "ID", "immunization": "ID", "careplan": "ID", "careteam": "ID",
    "servicerequest": "ID", "consent": "ID", "communication": "ID", "composition": "ID", "binary": "ID", "media": "ID",
    "imagingstudy": "ID", "explanationofbenefit": "ID", "episodeofcare": "ID", "client": "ID", "clients": "ID",
    "beneficiary": "MEMBER_ID", "beneficiaries": "MEMBER_ID", "case": "ID", "cases": "ID", "ssn": "SSN", "dicom": "ID",
    "referral": "ID", "referrals": "ID", "ticket": "ID", "tickets": "ID", "employee": "ID", "employees": "ID", "household": "ID",
    "plate": "VEHICLE", "plates": "VEHICLE", "vin": "VEHICLE", "dob": "DATE", "prescription": "ID", "prescriptions": "ID",
    "biometric": "BIOMETRIC", "biometrics": "BIOMETRIC", "fingerprint": "BIOMETRIC", "face": "BIOMETRIC",
    "donor": "ID", "donors": "ID", "resident": "ID", "residents": "ID", "inmate": "ID", "admission": "ID", "admissions": "ID",
}  # fmt: skip
_STEP = re.compile(r"(?<![^\W_])(?P<name>[A-Za-z][A-Za-z_-]{1,40})(?:/|%2F)(?P<value>[^/\s?&#\"'|,;()<>\[\]{}=\\]{1,120})", re.IGNORECASE)  # fmt: skip
_REST = re.compile(r"[^\s?#\"'|,;()<>{}\\]{0,200}")
_BELOW = re.compile(
    r"/(?P<code>(?=[\w-]*\d[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Z0-9-]{3,40}|\d{4,20})(?=[/.]|\Z|[\s?#\"'|,;()])"
)
_KEYED = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z]{2,20})[:.#](?P<value>(?=[\w-]*\d)[A-Za-z0-9-]{1,40})(?![\w/]|\.\d)"
)
_SEARCH = re.compile(r"(?<=[?&])(?P<name>[\w.\-]{2,60})(?::(?P<modifier>[A-Za-z]+))?(?:\.(?P<chained>[\w-]+))?=(?P<value>[^&\s\"'#]{1,200})")  # fmt: skip
_SEARCHED = {
    "identifier": "ID", "_id": "ID", "patient": "ID", "subject": "ID", "family": "PERSON", "given": "PERSON", "name": "PERSON",
    "phonetic": "PERSON", "birthdate": "DATE", "death-date": "DATE", "address": "ADDRESS", "address-city": "LOCATION",
    "address-postalcode": "ZIP", "telecom": "PHONE", "phone": "PHONE", "email": "EMAIL", "practitioner": "ID", "encounter": "ID",
    "beneficiary": "ID", "subscriber": "ID", "general-practitioner": "ID", "performer": "ID", "q": NAME, "query": NAME, "search": NAME,
}  # fmt: skip
_PREFIX = re.compile(r"(?:eq|ne|gt|lt|ge|le|sa|eb|ap)(?=\d{4})|[A-Za-z]{3,40}/|[^|]{0,60}\||https?%3A%2F%2F[^|%]{0,80}(?:%(?!7C)[^|%]{0,80}){0,8}%7C", re.IGNORECASE)  # fmt: skip
_DIGIT = re.compile(r"\d")
_VERSION = re.compile(r"v\d{1,2}\Z|\d\Z")
_WORD = re.compile(r"[^\W\d_]+")
_TEMPLATE = re.compile(r"[:{$<%*]")


def find(text: str, lexicon: Lexicon) -> Iterator[Named]:
    """Yield the values in a text's paths and queries."""
    if "/" in text or "%2F" in text:
        for found in _STEP.finditer(text):
            yield from _step(text, found, lexicon)
            inner = _STEP.match(text, found.start("value"))
            if inner is not None:
                yield from _step(text, inner, lexicon)
            step = inner or found
            if step.group("name").lower() in COLLECTIONS:
                for below in _BELOW.finditer(text, step.end(), _end(text, step.end())):
                    yield Named(*below.span("code"), "ID")
    for found in _KEYED.finditer(text):
        kind = COLLECTIONS.get(found.group("name").lower())
        if kind is not None:
            yield Named(*found.span("value"), kind)
    if "=" in text:
        for found in _SEARCH.finditer(text):
            yield from _searched(found, lexicon)


def _end(text: str, start: int) -> int:
    """Return where a path ends that goes on at a place; what it may be long is bounded."""
    found = _REST.match(text, start)
    return found.end() if found else start


def _step(text: str, found: re.Match[str], lexicon: Lexicon) -> Iterator[Named]:
    name, said = found.group("name"), found.group("value")
    kind = COLLECTIONS.get(name.lower().replace("_", "").replace("-", ""))
    if kind is None:
        kind = label((name,))[0] if "_" in name or name != name.lower() else TEXT
    if kind in {TEXT, KEEP, NAME, "CONDITION", "URL", "FACILITY"} or _TEMPLATE.match(said):
        return
    if kind == "PERSON":
        kind = "ID" if _DIGIT.search(said) else kind
    start, end = found.span("value")
    while end > start and text[end - 1] in ".:":
        end -= 1
    stem = said
    dot = text.rfind(".", start, end)
    if dot > start and text[dot + 1 : end].isalpha():
        end, stem = dot, text[start:dot]
    if kind == "PERSON" or identifies(stem, lexicon):
        settled = settle(kind, unquote_plus(stem))
        if settled not in {TEXT, KEEP}:
            yield Named(start, end, settled)


def identifies(said: str, lexicon: Lexicon) -> bool:
    """Tell an identifier from a word of an interface: it holds a digit, or somebody's name."""
    if _VERSION.match(said) and said[0] == "v":
        return False
    if _DIGIT.search(said):
        return True
    flags = [lexicon.flags(fold(part)) for part in _WORD.findall(unquote_plus(said))]
    if not flags or said[0] in "_$":
        return False
    unknown = all(not flag for flag in flags) and len(said) > 3  # noqa: PLR2004 - shorter is a code
    return unknown or (
        any(flag & POPULAR and not flag & NEVER for flag in flags)
        or (len(flags) > 1 and all(flag & NAMED and not flag & NEVER for flag in flags))
    )


def _searched(found: re.Match[str], lexicon: Lexicon) -> Iterator[Named]:
    name = (found.group("chained") or found.group("name")).lower()
    last = name.rsplit(".", 1)[-1]
    kind = _SEARCHED.get(last) or label((last,))[0]
    start, end = found.span("value")
    for part in re.finditer(r"[^,]+", found.group("value")):
        a, b = start + part.start(), start + part.end()
        lead = _PREFIX.match(found.string, a, b)
        a = lead.end() if lead and lead.end() < b else a
        said = unquote_plus(found.string[a:b])
        if kind == NAME and not lexicon.reads_as_name(said):
            continue
        chosen = settle("PERSON" if kind == NAME else kind, said)
        if kind == "ID" and not identifies(said, lexicon):
            continue
        if chosen not in {TEXT, KEEP, NAME, "CONDITION", "URL", "FACILITY", "USER"}:
            yield Named(a, b, chosen)
    del end
