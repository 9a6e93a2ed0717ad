"""Whether an event is one of OCSF 1.6.0's API Activity (6003), by the reduced schema beside this.

Checked: no unknown attribute, none required missing, types, enumerated values and the names that go
with them, arrays, "at least one of", and that the class, category and type numbers agree. Objects
that phigate does not write are not in the reduced schema; an event that has one is refused.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

VERSION: Final = "1.6.0"
OTHER: Final = 99
_PYTHON: Final[Mapping[str, type | tuple[type, ...]]] = {
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "string": str,
    "json": (dict, list, str, int, float, bool),
}


@cache
def schema() -> Mapping[str, Any]:
    """Return the reduced schema; its head says where it is from."""
    text = resources.files("streams.auditor.export").joinpath(f"ocsf-{VERSION}.json").read_text()
    found: dict[str, Any] = json.loads(text)
    for spec in (found["event"], *found["objects"].values()):
        named = spec["attributes"].items()
        spec["required"] = [name for name, each in named if each["requirement"] == "required"]
    return found


def caption(attribute: str, value: int) -> str:
    """Return the name that goes with an enumerated value of the event."""
    name: str = schema()["event"]["attributes"][attribute]["enum"][str(value)]
    return name


def faults(event: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an event, by attribute; nothing where it is valid."""
    whole = schema()
    found = list(_object(event, whole["event"], ""))
    if not found:
        found.extend(_numbers(event, whole))
    return found


def _numbers(event: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    expected = {
        "class_uid": whole["class_uid"],
        "category_uid": whole["category_uid"],
        "type_uid": whole["class_uid"] * 100 + event["activity_id"],
    }
    for name, value in expected.items():
        if event[name] != value:
            yield f"{name}: it is {event[name]}, must be {value}"
    if event["metadata"]["version"] != whole["version"]:
        yield "metadata.version: it is of another version"


def _object(found: Mapping[str, Any], spec: Mapping[str, Any], path: str) -> Iterator[str]:
    attributes = spec["attributes"]
    for name, value in found.items():
        if name in attributes:
            yield from _attribute(value, attributes[name], f"{path}{name}")
            yield from _sibling(found, name, attributes[name], path)
        elif attributes:  # a bare `object` takes anything
            yield f"{path}{name}: there is no such attribute"
    for name in spec["required"]:
        if name not in found:
            yield f"{path}{name}: it is required"
    one_of = spec["constraints"].get("at_least_one", ())
    if one_of and not any(name in found for name in one_of):
        yield f"{path or 'event'}: at least one of {', '.join(one_of)} is required"


def _attribute(value: Any, attribute: Mapping[str, Any], path: str) -> Iterator[str]:
    if not attribute.get("array"):
        yield from _value(value, attribute, path)
    elif not isinstance(value, list):
        yield f"{path}: it is no array"
    else:
        for number, each in enumerate(value):
            yield from _value(each, attribute, f"{path}[{number}]")


def _value(value: Any, attribute: Mapping[str, Any], path: str) -> Iterator[str]:
    kind = attribute["type"]
    scalar = schema()["types"].get(kind)
    if scalar is None:
        yield from _nested(value, kind, path)
        return
    right = isinstance(value, _PYTHON[scalar])
    if not right or (isinstance(value, bool) and scalar not in {"boolean", "json"}):
        yield f"{path}: it is no {kind}"
    elif "enum" in attribute and str(value) not in attribute["enum"]:
        yield f"{path}: {value} is no value of it"


def _nested(value: Any, kind: str, path: str) -> Iterator[str]:
    spec = schema()["objects"].get(kind)
    if spec is None:
        yield f"{path}: {kind} is not in the reduced schema"
    elif not isinstance(value, Mapping):
        yield f"{path}: it is no {kind}"
    else:
        yield from _object(value, spec, f"{path}.")


def _sibling(
    found: Mapping[str, Any], name: str, attribute: Mapping[str, Any], path: str
) -> Iterator[str]:
    """Check that an enumerated number and the name beside it agree; `Other` names itself."""
    text = found.get(attribute.get("sibling", ""))
    if text is None or "enum" not in attribute or found[name] == OTHER:
        return
    if text != attribute["enum"].get(str(found[name])):
        yield f"{path}{attribute['sibling']}: it does not name {name} {found[name]}"
