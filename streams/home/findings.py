"""What a directory that loads may still get wrong: each a line for a person. Pure."""

from collections.abc import Iterator

from streams.directory import Directory


def findings(directory: Directory) -> list[str]:
    """Return the warnings, in the order of the file's sections."""
    found = (_people, _officers, _agents, _executors)
    return [line for find in found for line in find(directory)]


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
