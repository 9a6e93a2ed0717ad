"""A policy set against the house: what the rules name, and who could lift them. Pure, and SARIF."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from streams.directory import Directory
from streams.home.findings import able, groups_of
from streams.policy.annotations import Rule
from streams.policy.suspects import HouseNames, Suspect

NOBODY: Final = "nobody-can-lift"
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def world(directory: Directory, kinds: frozenset[str]) -> HouseNames:
    """Return the names that a policy may use in this house."""
    attributes: dict[str, set[str]] = {"env": set()}
    for entry in directory.resources:
        for name, value in entry.attributes.items():
            attributes.setdefault(name, set()).add(value)
    return HouseNames(
        agents=frozenset(directory.agents),
        people=frozenset(directory.people),
        groups=frozenset(g for name in directory.people for g in groups_of(directory, name)),
        resources=frozenset(f"{entry.type}/{entry.id}" for entry in directory.resources),
        attributes={name: frozenset(values) for name, values in attributes.items()},
        kinds=kinds,
    )


def unlifted(directory: Directory, rules: Iterable[Rule]) -> Iterator[Suspect]:
    """Find rules that ask more people than could ever answer, of anybody or of one agent."""
    for rule in rules:
        if not rule.route:
            continue
        people = able(directory, rule.route)
        if len(people) < rule.quorum:
            reason = f"{rule.quorum} of {rule.route} must agree, and {len(people)} could sign"
            yield Suspect(rule.file, rule.line, NOBODY, rule.id, reason)
            continue
        for agent, entry in directory.agents.items():
            if len(people - {entry.owner}) < rule.quorum:
                reason = (
                    f"{rule.quorum} of {rule.route} must agree, and {entry.owner} may not agree to "
                    f"what the agent {agent} asks, as its owner: too few are left"
                )
                yield Suspect(rule.file, rule.line, NOBODY, rule.id, reason)


def sarif(found: Iterable[Suspect], version: str) -> dict[str, Any]:
    """Return the findings as SARIF 2.1.0 (OASIS), for code hosts and editors."""
    listed = list(found)
    codes = sorted({each.code for each in listed})
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "phigate policy check",
                        "version": version,
                        "rules": [{"id": code} for code in codes],
                    }
                },
                "results": [_result(each) for each in listed],
            }
        ],
    }


def _result(each: Suspect) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": each.file}, "region": {"startLine": each.line}}
    said = f"{each.rule}: {each.reason}" if each.rule else each.reason
    return {
        "ruleId": each.code,
        "level": "error",
        "message": {"text": said},
        "locations": [{"physicalLocation": place}],
    }
