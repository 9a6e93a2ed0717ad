"""What the name of a field says of its value, in any casing style and most wordings.

A name is split into lower-case words (`patientName`, `PATIENT_NAME`, `patient-name` are one), and
looked up by its whole, then by its endings, longest first. A verdict is a token type, `KEEP` for
a field whose vocabulary is closed (a status, a unit), or `TEXT` for anything else.
"""

import re

from streams.masking.field_names import KEEP, NAME, TABLE, TEXT
from streams.masking.vocabulary.lists import each

__all__ = ["KEEP", "NAME", "TEXT", "kind_of", "words"]

_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_WORDS_MAX = 12

_BY_NAME = {name: kind for kind, names in TABLE.items() for name in names.split()}

_PEOPLE = each(
    """patient member subscriber insured guarantor person contact kin spouse mother father guardian
    parent child relative provider physician doctor nurse attending surgeon clinician
    practitioner prescriber pcp employee caregiver proxy beneficiary policyholder dependent
    cardholder customer client author witness donor recipient user demographics humanname
    performer participant requester owner holder claimant applicant tenant resident veteran
    student consultant referring ordering"""
)
_SITES = each(
    """facility hospital clinic practice organization organisation employer school pharmacy
    institution site location payer payor insurer"""
)
_PLACES = frozenset(["address", "addr", "telecom", "contact_info"])

# The end of a compound name that decides alone: `preferredContactPhone`, `billing_zip`.
_ENDINGS = {
    name: kind
    for name, kind in _BY_NAME.items()
    if kind not in {KEEP, NAME, "CONDITION", "FACILITY", "USER", "AGE"}
    and name
    not in {
        "date",
        "account",
        "pin",
        "line1",
        "line2",
        "lot",
        "to",
        "for",
        "link",
        "given",
        "family",
        "ids",
        "lat",
        "lon",
        "lng",
        "handle",
        "born",
        "sn",
        "fin",
        "epi",
        "sin",
        "tin",
        "identifier",
        "patient",
        "picture",
        "certificate",
        "district",
        "license",
        "licence",
        "tag_number",
        "appointment",
        "credential",
        "credentials",
        "author",
        "issued",
        "address",
        "plate",
        "session_token",
        "serial",
        "ein",
        "nin",
    }
}
_STATE_TECHNICAL = each(
    """table column schema database db bucket queue topic file template model dataset view index"""
)


def words(name: str) -> tuple[str, ...]:
    """Split a field's name into lower-case words, whatever its casing style."""
    return tuple(word.lower() for word in _SPLIT.findall(name[:256]))[:_WORDS_MAX]


def kind_of(name: str, parent: str = "") -> str:
    """Return what a field's name, under its parent's name, says of the value."""
    kind = _SEEN.get((name, parent))
    if kind is None:
        kind = _kind_of(name, parent)
        if len(_SEEN) < _SEEN_MAX and _schema_word(name) and _schema_word(parent):
            _SEEN[name, parent] = kind
    return kind


def _schema_word(name: str) -> bool:
    """Tell whether a key is made of this table's own words, so that keeping it keeps no PHI."""
    return all(word in _VOCABULARY for word in words(name))


def _kind_of(name: str, parent: str) -> str:
    said = words(name)
    if not said:
        return TEXT
    joined = "_".join(said)
    plain = "".join(said)
    kind = _BY_NAME.get(joined) or _BY_NAME.get(plain) or _BY_NAME.get(joined.removesuffix("s"))
    if kind == NAME or (kind is None and said[-1] == "name"):
        return _whose(said[:-1] + words(parent))
    if kind is not None:
        return kind
    return _ending(said)


def _ending(said: tuple[str, ...]) -> str:
    for i in range(1, len(said)):
        kind = _ENDINGS.get("_".join(said[i:]))
        if kind is not None:
            return kind
    if said[-1] == "date" or said[-1] == "datetime":
        return "DATE"
    if said[-1] in {"number", "id", "identifier", "no", "num"} and said[0] in _PEOPLE:
        return "ID"
    if said[-1] in {"diagnosis", "diagnoses", "condition", "icd10"}:
        return "CONDITION"
    return TEXT


def _whose(context: tuple[str, ...]) -> str:
    """Decide what `name` alone means from the words around it."""
    if any(word in _STATE_TECHNICAL for word in context):
        return TEXT
    if any(word in _PEOPLE or word.rstrip("s") in _PEOPLE for word in context):
        return "PERSON"
    if any(word in _SITES or word.rstrip("s") in _SITES for word in context):
        return "FACILITY"
    return NAME


_VOCABULARY = (
    frozenset(word for name in _BY_NAME for word in name.split("_"))
    | _PEOPLE
    | _SITES
    | each(
        """params resource action id type table database env value values text note notes query sql
        file path body data item items list entry key justification limit count reason
        message code display system coding fields rows"""
    )
)
_SEEN: dict[tuple[str, str], str] = {}
_SEEN_MAX = 4096
