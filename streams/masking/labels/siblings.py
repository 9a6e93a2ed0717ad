"""What an object says of its own values: the sibling that names them.

`{"field": "mrn", "value": "A17B"}`, a row of an EAV table, a JSON patch, a FHIR parameter, an
answer beside its question, a rule of a filter builder.
"""

# ruff: noqa: E501 - tables of names and patterns, one row a line

import re
from collections.abc import Mapping
from typing import Any

from streams.masking.fields import KEEP, NAME, TEXT, kind_of, words
from streams.masking.labels.climb import holds_value, label, neutral
from streams.masking.vocabulary.lists import each

# The keys that name the value beside them, the surest first.
_NAMERS = (
    "field", "fieldname", "column", "columnname", "col", "attribute", "attributename", "attr", "property", "propertyname",
    "path", "linkid", "parameter", "parametername", "param", "variable", "variablename", "var", "header", "element",
    "dataelement", "key", "name", "code", "label", "question", "prompt", "questiontext", "text", "title", "id",
    "fieldid", "left", "lhs", "type", "kind", "system", "what", "item", "tag", "vr", "concept", "display", "accessor",
    "datafield", "fieldlabel", "attributekey", "propertypath", "sourcefield", "k", "fieldtype", "selector", "ref", "n", "fields",
)  # fmt: skip
_WEAK = frozenset(["type", "kind", "system", "id", "text", "display", "title", "ref", "tag", "n", "item", "what"])  # fmt: skip
_VALUE_LIKE = each(
    """value values val v answer answers response responses old new operand operands from to content
    before after previous current right rhs data input args arg result text equals eq min max
    original updated raw string term terms match query contains filter constant literal was query
    is entry score"""
)
_SHORT = {
    "last": "last_name", "first": "first_name", "middle": "middle_name", "pt": "patient_name", "mr": "mrn", "mr#": "mrn",
    "record": "record_id", "chart": "chart_number", "cap": "zip", "cp": "zip", "medicare": "medicare_id",
    "medicaid": "medicaid_id", "policy": "policy_number", "social": "ssn", "pt name": "patient_name", "nm": "full_name",
    "mail": "email", "via": "address", "rue": "address", "member": "member_id", "nok": "next_of_kin", "surname": "last_name",
    "patient": "patient_name", "id#": "patient_id", "acct": "account", "physician": "physician_name", "mother": "mother_name",
    "father": "father_name", "birth": "dob", "born": "dob", "insured": "insured_name", "spouse": "spouse_name",
    "daughter": "relative_name", "son": "relative_name", "guarantor": "guarantor_name", "contact": "contact_name",
}  # fmt: skip
_PLAIN = re.compile(r"[^a-z0-9#]")
_NAME_CHARS_MAX = 120


def names_of(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name that a member of an object gives to the values beside it, and its key."""
    found = {_plain(key): (key, said) for key, said in value.items() if isinstance(key, str)}
    for namer in _NAMERS:
        if namer in found and (said := _said(found[namer][1])):
            name = decisive(said, weak=namer in _WEAK)
            if name:
                return name, found[namer][0]
    return "", ""


def value_like(key: str) -> bool:
    """Tell whether a key is one whose value a sibling may name: `value`, `valueString`, `new`."""
    said = words(key)
    if not said or said[0] in {"value", "answer"} or said[-1] in {"value", "answer", "values"}:
        return bool(said)
    return set(said) <= _VALUE_LIKE


def decisive(said: str, *, weak: bool = False) -> str:
    """Return a name that decides, in the form that the table of fields knows; else nothing."""
    if len(said) > _NAME_CHARS_MAX or holds_value(said):
        return ""
    said = said.strip().lstrip("$@:#")
    short = _SHORT.get(said.lower().strip())
    if short and not weak:
        return short
    kind, _ = label(tuple(_parts(said)))
    if kind in {TEXT, NAME} or (weak and kind == KEEP):
        return ""
    if weak and len(words(said)) == 1 and kind not in {"MRN", "SSN", "EMAIL", "PHONE", "FAX", "ZIP", "ADDRESS", "DATE", "PERSON", "LOCATION", "IP"}:  # fmt: skip
        return ""
    return said


def _parts(said: str) -> list[str]:
    if " " in said:  # a label or a question
        return [said]
    return [part for part in re.split(r"[./|]", said) if part] or [said]


def _plain(key: str) -> str:
    return _PLAIN.sub("", key.lower())


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        for key in ("text", "display", "name", "column", "field", "var", "path", "label", "code", "key", "id"):  # fmt: skip
            inner = value.get(key)
            if isinstance(inner, str) and decisive(inner):
                return inner
        coding = value.get("coding")
        if isinstance(coding, list) and coding:
            return _said(coding[0])
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value[:8]):
        kinds = {label((part,))[0] for part in value[:8]}
        return ".".join(value[:8]) if len(kinds) == 1 else ""
    return ""


__all__ = ["KEEP", "decisive", "kind_of", "names_of", "neutral", "value_like"]
