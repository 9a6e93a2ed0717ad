"""Rewrites streams/auditor/ocsf-1.6.0.json: of OCSF's released schema, the part that phigate uses.

The schema is the one in the package pydantic-ocsf (Apache-2.0, as OCSF itself is). Names, types,
requirements, constraints and enumerated values are taken; descriptions are not. The package has no
profile files, so what `profiles/security_control.json` of the same release adds stands here.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

VERSION = "1.6.0"
TARGET = Path(__file__).parent.parent / "streams" / "auditor" / "export" / f"ocsf-{VERSION}.json"
CLASS = "api_activity"
OBJECTS = [
    *("metadata", "product", "actor", "user", "group", "api", "service", "request", "response"),
    *("network_endpoint", "resource_details", "policy", "authorization", "object"),
]
SECURITY_CONTROL = {
    "action": "optional",
    "action_id": "recommended",
    "attacks": "optional",
    "authorizations": "optional",
    "confidence": "optional",
    "confidence_id": "recommended",
    "confidence_score": "optional",
    "disposition": "optional",
    "disposition_id": "recommended",
    "firewall_rule": "optional",
    "is_alert": "recommended",
    "malware": "optional",
    "policy": "optional",
    "risk_details": "optional",
    "risk_level": "optional",
    "risk_level_id": "optional",
    "risk_score": "optional",
}
NOT_IN_PROFILE = {"action_id": {"99"}}  # the profile's own list leaves `Other` out


def main() -> None:
    """Read the installed package's schema and write the reduced one."""
    found = importlib.util.find_spec("ocsf")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("pydantic-ocsf is not installed: pip install -e '.[dev]'")
    folder = Path(found.submodule_search_locations[0])
    schema = json.loads((folder / "schemas" / f"v{VERSION.replace('.', '_')}.json").read_text())
    event = _whole(schema, "events", CLASS)
    for name, requirement in SECURITY_CONTROL.items():
        event["attributes"][name] = _attribute(schema, name, {"requirement": requirement})
        for value in NOT_IN_PROFILE.get(name, ()):
            del event["attributes"][name]["enum"][value]
    category = schema["categories_meta"]["attributes"][schema["events"]["application"]["category"]]
    reduced = {
        "about": "reduced from OCSF's released schema by deploy/_reduce_ocsf.py",
        "source": "https://github.com/ocsf/ocsf-schema, by way of pydantic-ocsf on PyPI",
        "licence": "Apache-2.0",
        "version": schema["version"],
        "category_uid": category["uid"],
        "class_uid": category["uid"] * 1000 + schema["events"][CLASS]["uid"],
        "types": _types(schema),
        "event": event,
        "objects": {name: _whole(schema, "objects", name) for name in OBJECTS},
    }
    TARGET.write_text(json.dumps(reduced, indent=1, sort_keys=True) + "\n")
    print(f"{TARGET.name}: {len(event['attributes'])} attributes of {CLASS}")


def _types(schema: dict[str, Any]) -> dict[str, str]:
    """Return each scalar type with the JSON type under it."""
    types = schema["dictionary"]["types"]["attributes"]
    return {name: each.get("type", name).removesuffix("_t") for name, each in types.items()}


def _whole(schema: dict[str, Any], where: str, name: str) -> dict[str, Any]:
    """Return a class or object with all that it inherits."""
    own = schema[where][name]
    base = own.get("extends")
    whole: dict[str, Any] = {"attributes": {}, "constraints": {}}
    if base and base in schema[where]:
        whole = _whole(schema, where, base)
    for attribute, spec in own["attributes"].items():
        if attribute != "$include":
            before = whole["attributes"].get(attribute, {})
            whole["attributes"][attribute] = before | _attribute(schema, attribute, spec, before)
    if "constraints" in own:
        whole["constraints"] = own["constraints"]
    return whole


def _attribute(
    schema: dict[str, Any], name: str, spec: dict[str, Any], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    known = schema["dictionary"]["attributes"].get(name, {})
    enum = {value: each["caption"] for value, each in known.get("enum", {}).items()}
    enum |= {value: each["caption"] for value, each in spec.get("enum", {}).items()}
    enum = (before or {}).get("enum", {}) | enum
    made = {
        "type": spec.get("type") or known.get("type", "string_t"),
        "requirement": spec.get("requirement") or (before or {}).get("requirement") or "optional",
    }
    if known.get("is_array"):
        made["array"] = True
    if enum and name not in {"class_uid", "category_uid", "type_uid"}:
        made["enum"] = enum
    if "sibling" in known:
        made["sibling"] = known["sibling"]
    return made


if __name__ == "__main__":
    main()
