"""What is kept, and why: each value in a data position is shown to be harmless, or counted.

A value that is neither masked nor shown to be harmless is unsure: a miss would look just so. The
manifest tells how many there are, where, and of what shape, never what they say.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re

from streams.masking.fields import words
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    POPULAR,
    REGION,
    USUAL,
    Lexicon,
    fold,
)
from streams.masking.vocabulary.lists import each

UNSURE = ""
_SHOWN = re.compile(r"<[A-Z][A-Z_]{1,19}_\d{1,6}>|&lt;[A-Z][A-Z_]{1,19}_\d{1,6}&gt;")
_NOTHING = each("true false null none nil n/a na yes no unknown undefined")
_HOLDER = re.compile(r"\?|\$\d{1,3}|[:@]\w{1,40}|%s|%\(\w+\)s|[#$]?\{\{?[\w. ]{1,60}\}?\}|\*")
_NUMBER = re.compile(
    r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d{1,4}(?:\.\d{1,6})?%?|[-+]?0?\.\d{1,8}"
)
_YEARLIKE = re.compile(r"(?:FY|Q[1-4][- ]?|H[12][- ]?)?(?:19|20)\d\d(?:[- ]?Q[1-4]|[- ]?H[12])?|Q[1-4]|v?\d{1,3}(?:\.\d{1,4}){1,3}|v\d{1,3}", re.IGNORECASE)  # fmt: skip
_MEASURE = re.compile(
    r"[<>]?=?[-+]?\d[\d,]{0,9}(?:\.\d+)?(?:\s?[-/x]\s?\d{1,5}(?:\.\d+)?)?\s?(?P<unit>[A-Za-z%°µ][\w/%°µ^*.]{0,15})(?:\s+[A-Za-z]+){0,2}"
)
_DURATION = re.compile(r"-?P?T?\d{1,5}\s?(?:[smhdwy]|ms|min|mins|hours?|days?|weeks?|months?|years?|H|M|S|D|W|Y|MB|GB|KB|TB|B|Mi|Gi|m|cpu)", re.IGNORECASE)  # fmt: skip
_CODED = re.compile(r"[A-TV-Z]\d[\dA-Z](?:\.[\dA-Z]{1,4})?|\d{1,6}-\d|[A-Z]\d{4}|\d{5,9}|\d{4,5}-\d{3,4}-\d{2}|[A-Z]{1,4}\d{0,2}")  # fmt: skip
_CODE_NAMES = each("code codes loinc snomed rxnorm icd icd9 icd10 cpt hcpcs ndc atc cvx ucum drg msdrg test analyte lab coding concept procedure revenue modifier")  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_KEY_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\x00-\x7f]+")
_TOKEN = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"(?:[A-Za-z]{3,40}|[vVqQ])\d{1,4}|\d{1,3}[a-z]{1,6}|[A-Z]\d")
_SCHEMATIC = re.compile(r"[\w.:/$@#*\[\](){},&=?!+~|^%<>;\"'`\\ -]{1,2000}")
_MIXED = re.compile(r"\b(?=[^\W\d]*+\d)(?=\d*+[^\W\d])\w++|\d{4,}+|[^\s@]{1,64}@\S++")
_UNIT_LIKE = re.compile(r"\d{1,4}(?:\.\d+)?[A-Za-z%]{1,6}\d?|[A-Za-z]{1,6}\d{1,3}|\d{1,3}(?:st|nd|rd|th)|(?:19|20)\d\d", re.IGNORECASE)  # fmt: skip
_PROSE_WORDS = 4
_PARTS_MAX = 60
_CHARS_MAX = 2_000
_DIGITS_MAX = 4
_SHAPE_MAX = 24


def why_kept(  # noqa: PLR0911 - rules in their order
    value: str, names: tuple[str, ...], lexicon: Lexicon
) -> str:
    """Return why a value that was not masked is harmless; empty where nothing shows it."""
    said = _SHOWN.sub("", value).strip().strip("\"'`%^$~*")
    low = said.lower()
    if not any(char.isalnum() for char in said) or low in _NOTHING:
        return "says nothing"
    if _HOLDER.fullmatch(value.strip()):
        return "placeholder"
    if _NUMBER.fullmatch(said) or _YEARLIKE.fullmatch(said):
        return "small number"
    if _DURATION.fullmatch(said) or _measure(said, lexicon):
        return "measure"
    if names and set(words(names[-1])) & _CODE_NAMES and _CODED.fullmatch(said):
        return "code"
    parts = said.split()
    if low in lexicon.sections["units"] or low in lexicon.sections["vetted"]:
        return "vocabulary"
    if len(parts) >= _PROSE_WORDS:
        return "text" if _prose(parts, lexicon) else UNSURE
    if _plain_words(said, lexicon):
        return "vocabulary"
    if len(said) <= _CHARS_MAX and _SCHEMATIC.fullmatch(said) and _schematic(said, lexicon):
        return "name of a schema"
    return UNSURE


def shape(value: str) -> str:
    """Return a value's shape: letters and digits as classes, marks as they are, and its length."""
    said = "".join(
        "9" if char.isdigit() else "A" if char.isupper() else "a" if char.isalpha()
        else char if char in "-_./@:+ " else "?"
        for char in value[:_SHAPE_MAX]
    )  # fmt: skip
    return said if len(value) <= _SHAPE_MAX else f"{said}… ({len(value)})"


def _vouched(word: str, lexicon: Lexicon) -> bool:
    """Tell whether a vocabulary holds a word, and no list of usual names does."""
    flags = lexicon.flags(fold(word))
    if fold(word) in lexicon.sections["units"] or len(word) == 1:
        return True
    if flags & (POPULAR | USUAL) and not flags & (NEVER | CLINICAL):
        return False
    if len(word) < 3:  # noqa: PLR2004 - an abbreviation
        return True
    if flags & (ORDINARY | NEVER | REGION | MONTH | EPONYM):
        return True
    low = fold(word)
    return low in lexicon.sections["vetted"] or low in _TERMS


def _plain_words(said: str, lexicon: Lexicon) -> bool:
    """Tell whether a value is words of a vocabulary, and counts that stand alone."""
    if _long_number(said) or not all(
        part.isalpha() or part.isdigit() for part in _TOKEN.findall(said)
    ):
        return False
    return all(_vouched(part, lexicon) for part in _WORD.findall(said))


def _measure(said: str, lexicon: Lexicon) -> bool:
    """Tell a quantity with its unit: `72 g/dL`, `10 mg daily`, `BP 142/88` is a text."""
    found = _MEASURE.fullmatch(said)
    if found is None:
        return False
    units = lexicon.sections["units"]
    return all(
        part in units or len(part) < 3 or _vouched(part, lexicon)  # noqa: PLR2004 - short units
        for part in re.split(r"[^a-zµ]+", found.group("unit").lower())
    )


def _prose(parts: list[str], lexicon: Lexicon) -> bool:
    """Tell whether a text that was read holds no code and few words that no list has."""
    looked = parts[:_PARTS_MAX]
    for part in looked:
        for code in _MIXED.findall(part):
            if not _UNIT_LIKE.fullmatch(code) and fold(code) not in lexicon.sections["units"]:
                return False
    found = [word for part in looked for word in _WORD.findall(part)]
    known = sum(bool(lexicon.flags(fold(word))) or len(word) < 4 for word in found)  # noqa: PLR2004 - abbreviations
    return known * 10 >= len(found) * 7


def _schematic(said: str, lexicon: Lexicon) -> bool:
    """Tell whether a value is made of words as names of a schema are: `lab_results.v2`."""
    parts = _TOKEN.findall(said)
    if not parts or len(parts) > _PARTS_MAX or _long_number(said):
        return False
    return all(_named_so(part, lexicon) for part in parts)


def _named_so(part: str, lexicon: Lexicon) -> bool:
    """Tell whether one part of a name is a word, a number, or a word with a number behind it."""
    if part.isdigit() or fold(part) in lexicon.sections["units"]:
        return True
    if not part.isalpha() and not _NUMBERED.fullmatch(part):
        return False
    return all(_vouched(word, lexicon) for word in _KEY_PART.findall(part) if not word.isdigit())


def _long_number(said: str) -> bool:
    """Tell whether a run of digits is too long for a count or a year."""
    return any(
        len(run) > _DIGITS_MAX or (len(run) == _DIGITS_MAX and run[:2] not in {"19", "20"})
        for run in re.findall(r"\d+", said)
    )


# Words of systems, that no list of English has.
_TERMS = each(
    """prod dev stg qa uat env db sql api url uri http https html csv json xml pdf txt tsv parquet yaml
    yml config cfg ini init tmp var usr etc bin lib src repo git svc sys admin auth oauth jwt sso
    iam aws gcp azure lambda kafka redis postgres mysql sqlite mongo elastic kube kubectl docker
    helm nginx cron async sync batch etl elt dag dbt schema enum bool int str float varchar uuid
    ehr emr fhir hie pacs dicom ris lis adt oru orm siu mdm hl7 cda ccd ccda ncpdp x12 edi icd cpt
    loinc snomed rxnorm icu nicu picu ed er cbc cmp bmp tsh ekg ecg mri ct cxr a1c hba1c inr
    readmission readmissions los outpatient inpatient telehealth dashboard dataset datasets backup
    backups cohort cohorts namespace changelog readme charset unicode utf png jpg jpeg gif mp4 zip
    tar gz localhost www com org net io gov edu example internal healthz metrics stdin stdout stderr
    webhook webhooks endpoint endpoints timestamp timestamps hostname username userid param params
    args argv kwargs regex asc desc utc gmt est pst cst mst iso rw ro readonly readwrite crud ddl dml
    todo wip hotfix rollback failover datalake datastore warehouse analytics formulary cardiology
    radiology oncology neurology nephrology urology pediatrics orthopedics pathology dermatology
    hematology rheumatology gastroenterology endocrinology pulmonology ophthalmology psychiatry
    anesthesiology obstetrics gynecology geriatrics subscriber"""
)

__all__ = ["NAMED", "UNSURE", "shape", "why_kept"]
