"""FHIR R4 elements: what each holds, by its name, its parent's and the resource it stands in.

`kind` answers None where a FHIR resource says nothing of its own, and the field's plain name decides.
"""

# ruff: noqa: E501 - a table of the format or of names, one row a line

import re

from streams.masking.formats.piece import KEEP, TEXT
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
    """resourceType system unit status use gender url profile language comparator rank intent
    priority version mode contentType currency active deceasedBoolean multipleBirthInteger
    multipleBirthBoolean prefix suffix state country sequence subsetted numberOfSeries
    numberOfInstances careTeamSequence diagnosisSequence procedureSequence
    informationSequence itemSequence valueBoolean valueCode wasSubstituted code"""
)
_DIAGNOSES = frozenset(
    ["reasonCode", "diagnosisCodeableConcept", "condition", "reason", "diagnosis"]
)
_NAMED = {
    "given": "PERSON", "family": "PERSON", "line": "ADDRESS", "city": "LOCATION", "district": "LOCATION", "postalCode": "ZIP",
    "fullUrl": "URL", "id": "ID", "versionId": KEEP, "div": TEXT, "valueString": TEXT, "conclusion": TEXT, "data": "ENCODED",
    "latitude": "LOCATION", "longitude": "LOCATION", "birthDate": "DATE", "author": TEXT, "title": TEXT, "description": TEXT,
    "valueDecimal": KEEP, "patientInstruction": TEXT, "subscriberId": "MEMBER_ID", "policyHolder": "PERSON", "dependent": "ID",
}  # fmt: skip


def kind(  # noqa: C901, PLR0911 - rules in their order
    names: tuple[str, ...], resource: str, value: str, extension: str = ""
) -> str | None:
    """Return the kind of an element's value; `extension` is the URL of the extension around it."""
    name = names[-1]
    parents = names[-4:-1]
    parent = parents[-1] if parents else ""
    if name == "reference":
        return "REFERENCE" if value[:1] != "#" else KEEP
    if parent == "identifier" or (name == "value" and "identifier" in parents[-2:]):
        return {"value": "ID", "system": KEEP, "use": KEEP}.get(name, TEXT)
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
    if name == "name":
        return (
            "FACILITY"
            if resource in {"Organization", "Location"} and parents[-1:] != ("contact",)
            else None
        )
    if name == "value" and parent == "telecom":
        return "EMAIL" if "@" in value else "URL" if "://" in value else "PHONE"
    if name in _CLOSED:
        return KEEP
    return _NAMED.get(name)


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
    if name == "url":
        return KEEP
    tail = extension.rsplit("/", 1)[-1].lower()
    if "maiden" in tail:
        return "PERSON"
    if tail in {"latitude", "longitude", "geolocation"}:
        return "LOCATION"
    return KEEP if name in {"url", "valueCode", "valueDecimal"} else None
