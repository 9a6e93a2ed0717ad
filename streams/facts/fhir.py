"""FHIR interactions (R4, section 3.1.0): which, on which resource types, whether one writes."""

import re
from collections.abc import Iterable
from typing import Any, Final

from streams.facts import names
from streams.facts.fact import NO, UNKNOWN, YES, FhirFacts, bounded
from streams.facts.leaves import ParamLeaf, leaves
from streams.facts.names import words

_TYPES: Final = words(
    "Account AdverseEvent AllergyIntolerance Appointment AuditEvent Basic Binary Bundle"
    " CarePlan CareTeam Claim ClaimResponse Communication Composition Condition Consent Coverage"
    " Device DiagnosticReport DocumentReference Encounter EpisodeOfCare ExplanationOfBenefit"
    " FamilyMemberHistory Flag Goal Group ImagingStudy Immunization List Location Media"
    " Medication MedicationAdministration MedicationDispense MedicationRequest"
    " MedicationStatement Observation Organization Patient Person Practitioner PractitionerRole"
    " Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson ResearchStudy"
    " ResearchSubject Schedule ServiceRequest Slot Specimen Subscription Substance Task ValueSet"
)
_INTERACTIONS: Final = words(
    "read vread search create update patch delete history capabilities batch transaction operation"
)
_READS: Final = frozenset({"read", "vread", "search", "history", "capabilities"})
_PATH = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64})?(?:/_history[^?]*)?(?:\?.*)?$"
)
_OF_METHOD: Final = {
    "get": "read",
    "head": "read",
    "post": "create",
    "put": "update",
    "patch": "patch",
    "delete": "delete",
}


def fhir_facts(params: Any) -> FhirFacts:
    """Return the interactions: named, or told by method and path; a body without either is one."""
    types: set[str] = set()
    interactions: set[str] = set()
    methods: set[str] = set()
    paths = False
    for leaf in leaves(params):
        if not isinstance(leaf.value, str) or leaf.is_key:
            continue
        name = leaf.names[-1] if leaf.names else ""
        if name in {"resourcetype", "fhirtype"}:
            types.add(leaf.value if leaf.value in _TYPES else names.OTHER)
        elif name in {"interaction", "fhirinteraction"}:
            interactions.add(leaf.value if leaf.value in _INTERACTIONS else names.OTHER)
        elif name in names.METHOD:
            methods.add(_OF_METHOD.get(leaf.value.strip().lower(), names.OTHER))
        elif (found := _type_of(leaf)) is not None:
            types.add(found)
            paths = True
    if paths or types:
        interactions |= methods
    if "$" in "".join(_urls(params)) and types:
        interactions.add("operation")
    if types and not interactions:
        interactions.add(UNKNOWN)
    return FhirFacts(
        interactions=bounded(interactions), types=bounded(types), writes=_writes(interactions)
    )


def _type_of(leaf: ParamLeaf) -> str | None:
    if leaf.names[-1:] and leaf.names[-1] not in names.URL | names.PATH | {"reference"}:
        return None
    found = _PATH.search(leaf.value.split("?", maxsplit=1)[0])
    return found[1] if found and found[1] in _TYPES else None


def _urls(params: Any) -> Iterable[str]:
    for leaf in leaves(params):
        if isinstance(leaf.value, str) and leaf.names and leaf.names[-1] in names.URL:
            yield leaf.value


def _writes(interactions: set[str]) -> str:
    if not interactions:
        return NO
    if interactions <= _READS:
        return NO
    told = interactions & (_INTERACTIONS - _READS - {"operation", "batch", "transaction"})
    return YES if told else UNKNOWN
