"""FHIR R4 elements: what each holds, by its name, its parent's and the resource it stands in.

`kind` answers None where a FHIR resource says nothing of its own, and the field's plain name decides.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re

from streams.masking.formats import dicom
from streams.masking.formats.piece import KEEP, LINK, TEXT
from streams.masking.tokens import TITLES
from streams.masking.vocabulary.lists import each

_DATE_NAME = re.compile(r"(?:Date|DateTime|Time|Instant|Period)\Z|\A(?:date|start|end|issued|recorded|created|sent|received|timestamp|lastUpdated|authoredOn|instant|birthDate|occurrence|event|served|time)\Z")  # fmt: skip
_DATED = re.compile(r"\A\s*+(?:\d{4}-\d\d|\d{8}|\d{1,2}[/.-]\d{1,2}[/.-])")
_CONCEPTS = each(
    """coding code valueCodeableConcept valueCoding category class type vaccineCode
    medicationCodeableConcept medication reasonCode serviceType interpretation method
    bodySite route site maritalStatus language communication diagnosisCodeableConcept
    productOrService revenue adjudication relationship role specialty qualification priority
    intent dosageInstruction timing repeat doseAndRate severity stage clinicalStatus
    verificationStatus manifestation substance dataAbsentReason physicalType hospitalization
    dischargeDisposition admitSource use focal statusReason performerType outcome
    procedureCodeableConcept locationCodeableConcept bodyStructure component"""
)
_PLACES = each(
    """location organization serviceProvider managingOrganization custodian insurer payor provider
    facility manufacturer sendingFacility payee owner endpoint healthcareService"""
)
_PEOPLE = each(
    """subject patient performer individual practitioner requester asserter recorder author
    participant actor generalPractitioner beneficiary subscriber policyHolder source member
    recipient sender agent who contact verifier enterer attester party provider prescriber
    informationSource informant receiver responsible operator assigner witness collector
    managingEntity referrer insured orderer supervisor link other"""
)
_DEVICES = each(
    """deviceIdentifier distinctIdentifier serialNumber lotNumber carrierHRF carrierAIDC udiCarrier
    batchNumber"""
)
_CLOSED = each(
    """resourceType system unit status use gender profile language rank intent priority version mode
    contentType currency active deceasedBoolean multipleBirthInteger multipleBirthBoolean sequence
    subsetted numberOfSeries numberOfInstances careTeamSequence diagnosisSequence
    procedureSequence informationSequence itemSequence valueBoolean valueCode wasSubstituted code
    comparator state country method versionId valueDecimal"""
)
_LINKS = each(
    """reference url fullUrl ifNoneExist location valueUri valueUrl valueCanonical canonical
    instantiatesUri instantiatesCanonical source uri implicitRules endpoint valueReference"""
)
_OPEN = {"state", "country"}  # a closed list in words: it is read, as any text is
# What a code system's words look like: no blank, no sign of mail, no run of many figures.
_CODE = re.compile(
    r"(?:[A-Za-z%\[{/<>=!&\-+*^'\"(][\w%\[\]{}./\-+*^'\":|,<>=()]{0,60}|\d{1,3}(?:[.\-/:]\d{1,4}){0,3}|\d{1,2}\.\d{1,6})\Z"
)
_DIGITS = re.compile(r"\d{5}")
_UNIT_WORDS = 4
_AUDITED = {"name": "USER", "altId": "USER", "query": "ENCODED"}
_EXTENSIONS = frozenset(["extension", "modifierExtension"])
_CODED = re.compile(r"[A-Za-z0-9][\w.\-/:+]{0,30}\Z")
_URI = re.compile(r"(?:https?://[\w.\-]+(?:/[\w.\-]+){0,8}/?|urn:(?:oid|iso|ietf)[\w:.\-]{0,80})\Z")
_UNIT = re.compile(r"[A-Za-z%][A-Za-z0-9 %/.^\[\]{}()µ*\-]{0,40}\Z")
_TITLES = TITLES | each("""mister missus madame frau herr rev hon capt sgt lt col dds dvm rpn lpn msn bsn dnp pharmd facp esq iv v
    phd mph mba pa-c ph.d m.d lic med mag dipl ing sra srta don dona mlle mme""")
_WORD = re.compile(r"[\w.\-]+")
_DIAGNOSES = frozenset(
    ["reasonCode", "diagnosisCodeableConcept", "condition", "reason", "diagnosis"]
)
_NAMED = {
    "given": "PERSON", "family": "PERSON", "line": "ADDRESS", "city": "LOCATION", "district": "LOCATION", "postalCode": "ZIP",
    "id": "ID", "div": TEXT, "valueString": TEXT, "conclusion": TEXT, "data": "ENCODED",
    "latitude": "LOCATION", "longitude": "LOCATION", "birthDate": "DATE", "author": TEXT, "title": TEXT, "description": TEXT,
    "patientInstruction": TEXT, "subscriberId": "MEMBER_ID", "policyHolder": "PERSON", "dependent": "ID",
}  # fmt: skip


def kind(  # noqa: C901, PLR0911, PLR0912 - rules in their order
    names: tuple[str, ...], resource: str, value: str, extension: str = ""
) -> str | None:
    """Return the kind of an element's value; `extension` is the URL of the extension around it."""
    if resource == dicom.RESOURCE:
        return dicom.kind(names, extension, value)
    name = names[-1]
    parents = names[-4:-1]
    parent = parents[-1] if parents else ""
    if parent == "identifier" or (name == "value" and "identifier" in parents[-2:]):
        part = {"value": "ID", "system": KEEP, "use": KEEP}.get(name, TEXT)
        return _closed(name, parents, value) if part == KEEP else part
    if name == "url" and value and (value == extension or parent in _EXTENSIONS):
        return extension_url(value)
    if name in _LINKS:
        return _link(parents, value)
    if name in {"prefix", "suffix"}:
        return titled(value)
    if name in _DEVICES:
        return "DEVICE"
    if extension and (said := _extended(name, extension)):
        return said
    if _DATE_NAME.search(name) and _DATED.match(value):
        return "DATE"
    if name in {"display", "text", "code"} and (diagnosis := _diagnosis(names, resource)):
        return diagnosis
    if name in {"display", "text"}:
        return _display(name, parent, parents)
    if resource == "AuditEvent" and name in _AUDITED:
        return _AUDITED[name]
    if name == "name" and parent == "class":
        return "FACILITY"  # an employer's plan
    if name == "name":
        return (
            "FACILITY"
            if resource in {"Organization", "Location"} and parents[-1:] != ("contact",)
            else None
        )
    if name == "value" and parent == "telecom":
        return "EMAIL" if "@" in value else "URL" if "://" in value else "PHONE"
    if name in _CLOSED:
        return _closed(name, parents, value)
    return _NAMED.get(name)


def _closed(name: str, parents: tuple[str, ...], value: str) -> str:
    """Keep a coded value that looks like its code system; any other is text."""
    if name in _OPEN or not value.strip():
        return TEXT
    if name in {"system", "profile", "version"}:
        return KEEP if _URI.match(value) and not _DIGITS.search(value.rsplit("/", 1)[-1]) else LINK
    if name == "code" and ({"coding", "valueCoding"} & set(parents[-1:]) or "coding" in parents):
        return (KEEP if _DIGITS.search(value) else "KEY") if _CODED.match(value) else TEXT
    if name == "unit":
        return KEEP if _UNIT.match(value) and len(value.split()) <= _UNIT_WORDS else TEXT
    return KEEP if _CODE.match(value) and not _DIGITS.search(value) else TEXT


def extension_url(value: str) -> str:
    """Keep the name of an extension: a URL of a definition, or one word; any other is a link."""
    return (
        KEEP
        if (_URI.match(value) and not _DIGITS.search(value)) or _WORD.fullmatch(value)
        else LINK
    )


def _link(parents: tuple[str, ...], value: str) -> str:
    """Judge a URL: the address of somebody's picture or paper is an identifier as a whole."""
    if {"photo", "attachment", "valueAttachment"} & set(parents) and "://" in value:
        return "URL"
    return LINK


def titled(value: str) -> str:
    """Keep titles and degrees; any other word before or behind a name is part of it."""
    words = [word.strip(".").lower() for word in _WORD.findall(value)]
    return KEEP if all(word in _TITLES for word in words) else "PERSON"


def _display(name: str, parent: str, parents: tuple[str, ...]) -> str:
    if parent == "name":
        return "PERSON"
    if parent == "address":
        return "ADDRESS"
    if parent in _CONCEPTS or name == "text" or "coding" in parents:
        return TEXT
    return "FACILITY" if parent in _PLACES else "PERSON" if parent in _PEOPLE else TEXT


def _diagnosis(names: tuple[str, ...], resource: str) -> str | None:
    """Return CONDITION for the concept of a Condition, and for reasons that name one."""
    around = set(names[:-1])
    if resource == "Condition" and "code" in around:
        return "CONDITION"
    return "CONDITION" if around & _DIAGNOSES and resource else None


def _extended(name: str, extension: str) -> str | None:
    tail = extension.rsplit("/", 1)[-1].lower()
    if "maiden" in tail:
        return "PERSON"
    if tail in {"latitude", "longitude", "geolocation"}:
        return "LOCATION"
    return KEEP if name == "valueDecimal" else None
