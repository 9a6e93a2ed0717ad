"""What a directory that loads may still get wrong: each a line for a person. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.directory import Directory

RULES_SHOWN = 3


def findings(directory: Directory) -> list[str]:
    """Return the warnings, in the order of the file's sections."""
    found = (_people, _officers, _agents, _executors)
    return [line for find in found for line in find(directory)]


def unfilled(directory: Directory, rules: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each group of which rules ask more people than could ever answer.

    `rules` are the rows of a policy set. What such a rule asks for waits until its time is over.
    """
    asked: dict[tuple[str, int], list[str]] = {}
    for rule in rules:
        if rule["route"] is not None:
            asked.setdefault((rule["route"], rule["quorum"]), []).append(rule["id"])
    lines = []
    for (group, quorum), names in asked.items():
        count = len(able(directory, group))
        if count < quorum:
            lines.append(
                f"{quorum} of {group} must agree, and {count} who could sign are of this group: "
                f"nothing is ever granted that {_named(names)} asks"
            )
    return lines


def _named(rules: list[str]) -> str:
    more = f" or {len(rules) - RULES_SHOWN} more" if len(rules) > RULES_SHOWN else ""
    return f"{' or '.join(rules[:RULES_SHOWN])}{more}"


def able(directory: Directory, group: str) -> frozenset[str]:
    """Return who of a group could sign a decision."""
    return frozenset(
        name
        for name, person in directory.people.items()
        if person.active and can_decide(directory, name) and group in groups_of(directory, name)
    )


def can_decide(directory: Directory, name: str) -> bool:
    """Return whether this person can sign a decision: with an enrolled key, or after a login."""
    person = directory.people[name]
    return bool(person.keys or person.oidc)


def groups_of(directory: Directory, name: str) -> tuple[str, ...]:
    """Return the groups that this person may bring: of the directory, and of a provider's tokens.

    Which of its groups a provider gives to whom is told by a token alone, so all of them count.
    """
    person = directory.people[name]
    issuers = {each.issuer for each in person.oidc}
    given = [each.groups.values() for each in directory.oidc if each.issuer in issuers]
    brought = (group for groups in given for several in groups for group in several)
    return tuple(dict.fromkeys((*person.groups, *brought)))


def counts(directory: Directory) -> dict[str, int]:
    """Return how many of each there are."""
    return {
        "people": len(directory.people),
        "groups": len(directory.groups),
        "agents": len(directory.agents),
        "executors": len(directory.executors),
        "resources": len(directory.resources),
    }


def _people(directory: Directory) -> Iterator[str]:
    for name, person in directory.people.items():
        if person.active and not person.keys and not person.oidc:
            yield f"people.{name}: has no key, so cannot decide: `phigate key new {name}`"
        elif person.active and not groups_of(directory, name):
            yield (
                f"people.{name}: is in no group, so no request waits for them; `phigate policy "
                f"check` names those that rules ask, and {directory.officers} are the officers"
            )
    for group, names in directory.groups.items():
        if not names:
            yield f"group {group}: everybody in it is suspended, so nobody can review for it"
        elif not any(directory.people[name].keys or directory.people[name].oidc for name in names):
            yield f"group {group}: nobody in it has a key, so nobody can review for it"


def _officers(directory: Directory) -> Iterator[str]:
    people = [p for name, p in directory.people.items() if directory.is_officer(name)]
    if directory.people and not any(person.active and person.keys for person in people):
        yield "officers: nobody with a key is of this group, so nobody can halt or revoke"


def _agents(directory: Directory) -> Iterator[str]:
    for name, agent in directory.agents.items():
        if agent.active and not directory.people[agent.owner].active:
            yield f"agents.{name}: its owner {agent.owner} is suspended"
        if name in directory.people:
            yield f"agents.{name}: a person has the same name, and may not review what it proposes"


def _executors(directory: Directory) -> Iterator[str]:
    used = {entry.executor for entry in directory.resources}
    for name in directory.executors:
        if name not in used:
            yield f"executors.{name}: looks after no resource"
    for entry in directory.resources:
        if entry.executor not in directory.executors:
            yield f"resource {entry.type} {entry.id}: there is no executor class {entry.executor}"
