"""What is acted on: entries of the catalogue, and which of them speaks of an id."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from streams.directory.alike import folded, is_plain, normal, skeleton
from streams.directory.part import DirectoryPart, Line, Name, filled

# An executor class is part of a topic's name (Kafka: letters, digits, dot, underscore, dash).
ClassName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)
]


class ResourceEntry(DirectoryPart):
    """What an executor class looks after; an `id` that ends in `*` stands for all that begin so.

    What stands for the `*` is the agent's text: `Directory.is_odd` says what it may not be.
    """

    type: Name
    id: str = Field(min_length=1, max_length=512, pattern=r"^[^*]*\*?$")
    executor: ClassName
    attributes: Annotated[dict[Name, Line], filled(dict)] = Field(default_factory=dict)

    def matches(self, kind: str, name: str) -> bool:
        """Tell whether this entry speaks of the resource."""
        if self.type != kind:
            return False
        return name.startswith(self.stem) if self.is_pattern else name == self.id

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for all that begin so."""
        return self.id.endswith("*")

    @property
    def stem(self) -> str:
        """What ids of a pattern begin with; of others the id."""
        return self.id[:-1] if self.is_pattern else self.id

    def may_be_meant(self, kind: str, name: str) -> bool:
        """Tell whether a reader could take this name for the entry's id, or one of its pattern."""
        if self.type != kind:
            return False
        if not self.is_pattern:
            return any(way(name) == way(self.id) for way in (folded, skeleton, normal))
        return any(way(name).startswith(way(self.stem)) for way in (folded, skeleton))


def nearest(entries: Iterable[ResourceEntry], kind: str, name: str) -> ResourceEntry | None:
    """Return the entry that says most of a resource: the exact one, else the longest pattern."""
    found = [entry for entry in entries if entry.matches(kind, name)]
    return max(found, key=lambda entry: (not entry.is_pattern, len(entry.id)), default=None)


def is_odd(entries: Iterable[ResourceEntry], entry: ResourceEntry, name: str) -> bool:
    """Tell whether an id of a pattern is not in its one spelling, or could mean another entry.

    Such an entry is one that says more than the pattern: exact, or a longer pattern.
    """
    if not entry.is_pattern:
        return False
    if not is_plain(name.removeprefix(entry.stem), entry.stem):
        return True
    return any(
        other.may_be_meant(entry.type, name)
        for other in entries
        if not other.is_pattern or len(other.stem) > len(entry.stem)
    )
