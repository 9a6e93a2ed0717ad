"""What the name of a field says of its value, in any casing style and most wordings.

A name is split into lower-case words (`patientName`, `PATIENT_NAME`, `patient-name` are one), and
looked up by its whole, then by its endings, longest first. A verdict is a token type, `KEEP` for
a field whose vocabulary is closed (a status, a unit), or `TEXT` for anything else.
"""

# ruff: noqa: E501 - tables of names

import re
import unicodedata

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
# Words of one label that name its answer by themselves.
_ALONE = each(
    "mrn ssn dob surname birthdate birthday phone telephone email zip postcode fax mbi npi vin"
)
_STATE_TECHNICAL = each(
    """table column schema database db bucket queue topic file template model dataset view index"""
)


# What stands before or behind a name and says nothing: `last_name_old`, `mrn_1`, `p_last_name`.
_TAILS = each(
    """keyword exact raw text txt str string value values val vals array list search match term query
    filter like eq ne gt lt gte lte old new prev previous current orig original updated corrected
    before after from to input output param params arg norm normalized normalised lower upper clean
    cleaned std standardized formatted display full enc encrypted plain in is not contains startswith
    prefix suffix primary secondary home main alt alternate other confirm confirmation entered
    provided given by number nbr n s c pc"""
)
_HEADS = each(
    """old new prev previous current orig original updated corrected p v in src source dest target tgt
    my the your our his her their a an this input my_new enter please confirm existing first second
    primary secondary main req request param arg x raw"""
)
_MANY = each("cells links")  # of a table, of a page
_PHRASE = re.compile(r"\s|[?:]\Z")


def words(name: str) -> tuple[str, ...]:
    """Split a field's name into lower-case words, whatever its casing style; accents are dropped."""
    name = name[:256]
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name.replace("\u00df", "ss"))
        name = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(word.lower() for word in _SPLIT.findall(name))[:_WORDS_MAX]


def kind_of(name: str, parent: str = "") -> str:
    """Return what a field's name, under its parent's name, says of the value."""
    kind = _SEEN.get((name, parent))
    if kind is None:
        kind = _kind_of(name, parent)
        if len(_SEEN) < _SEEN_MAX and _schema_word(name) and _schema_word(parent):
            _SEEN[name, parent] = kind
    return kind


def is_person(name: str) -> bool:
    """Tell whether a name is that of one person: `patient`, `guarantor`."""
    return name.lower() in _PEOPLE


def _schema_word(name: str) -> bool:
    """Tell whether a key is made of this table's own words, so that keeping it keeps no PHI."""
    return all(word in _VOCABULARY for word in words(name))


def _kind_of(name: str, parent: str) -> str:
    said = words(name)
    if not said:
        return TEXT
    if said[-1] in _MANY:
        return TEXT
    kind = _whole(said)
    if kind is not None and kind != NAME:
        return kind
    if kind == NAME or said[-1] == "name":
        return _whose(said, words(parent))
    for bare in _bare(said):
        if (kind := _ENDINGS.get("_".join(bare)) or _ending(bare)) != TEXT:
            return kind
    kind = _ending(said)
    return _phrase(said) if kind == TEXT and _PHRASE.search(name) else kind


def _whole(said: tuple[str, ...]) -> str | None:
    """Look a name up as a whole: `last_name`, `lastname`, `last_names`."""
    joined, plain = "_".join(said), "".join(said)
    return _BY_NAME.get(joined) or _BY_NAME.get(plain) or _BY_NAME.get(joined.removesuffix("s"))


def _bare(said: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Drop numbers and words that say nothing from the end, then from the start as well."""
    start, end = 0, len(said)
    shorter = []
    while end > 1 and (said[end - 1] in _TAILS or said[end - 1].isdigit()):
        end -= 1
        shorter.append(said[:end])
    while end - start > 1 and (said[start] in _HEADS or said[start].isdigit()):
        start += 1
    return [*shorter, said[start:end]] if start else shorter


def _phrase(said: tuple[str, ...]) -> str:
    """Find a name within the words of a question or label: `What is your date of birth?`."""
    for length in range(min(4, len(said) - 1), 0, -1):
        for i in range(len(said) - length + 1):
            kind = _ENDINGS.get("_".join(said[i : i + length]))
            if kind is not None and (length > 1 or said[i] in _ALONE):
                return kind
    return TEXT


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


def _whose(said: tuple[str, ...], above: tuple[str, ...]) -> str:
    """Decide what `name` means from the words before it and around it."""
    context = said[:-1] + above
    if any(word in _STATE_TECHNICAL for word in said):
        return TEXT
    if len(said) > 1 and (kind := _ending(said)) != TEXT:
        return kind
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
