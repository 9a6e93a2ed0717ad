"""A rule in Cedar's JSON policy format: what it compares with what."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_COMPARED: Final = ("==", "!=", "contains", "containsAny", "containsAll")


def nodes(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every node of a rule's conditions."""
    pending: list[Any] = list(form.get("conditions", ()))
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            yield node
            pending.extend(node.values())


def compared(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each path of the request and each text that a rule compares it with."""
    for node in nodes(form):
        for operator, parts in node.items():
            if operator in _COMPARED:
                yield from _sides(parts["left"], parts["right"])
                yield from _sides(parts["right"], parts["left"])
            elif operator == "like" and (path := path_of(parts["left"])):
                pieces = parts["pattern"]
                yield path, "".join("*" if p == "Wildcard" else str(p["Literal"]) for p in pieces)


def _sides(path: Mapping[str, Any], literal: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if said := path_of(path):
        for text in literals(literal):
            yield said, text


def literals(node: Mapping[str, Any]) -> list[str]:
    """Return the texts of a literal, or of a set of them."""
    values = [node, *node.get("Set", ())]
    return [each["Value"] for each in values if isinstance(each.get("Value"), str)]


def path_of(node: Mapping[str, Any]) -> str:
    """Return `context.phi.kinds` or `resource.tag:env` of a node; empty for anything else."""
    if "Var" in node:
        return str(node["Var"])
    if "." in node and (left := path_of(node["."]["left"])):
        return f"{left}.{node['.']['attr']}"
    if "getTag" in node and (left := path_of(node["getTag"]["left"])):
        return f"{left}.tag:{node['getTag']['right'].get('Value', '')}"
    return ""


def tags(form: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of tags that a rule asks for."""
    for node in nodes(form):
        for operator in ("hasTag", "getTag"):
            if operator in node and path_of(node[operator]["left"]) == "resource":
                yield from literals(node[operator]["right"])
