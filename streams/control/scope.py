"""What a halt or resume speaks of, in one spelling, and whether it covers an action.

    all        agent:NAME        action:NAME        resource:TYPE/ID

A resource is one of the directory's catalogue, as it stands there: an ID that ends in `*` covers
every id that begins so. It reaches whatever could be read as what it names: an executor may take
`PROD` or `a/../prod` for `prod`. So a halt stops more than it need, which is the safe direction.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from streams.directory.alike import normal
from streams.errors import RefusedError
from streams.events import Resource, derived_id

if TYPE_CHECKING:
    from streams.directory import Directory

ALL: Final = "all"
KINDS: Final = (ALL, "agent", "action", "resource")
TEXT_CHARS_MAX: Final = 1_024
# an action's name in a policy; there is no list of them where executors run
_ACTION: Final = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope; `name` is empty for `all`."""

    kind: str
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scope's spelling; RefusedError `bad_scope`."""
        kind, colon, name = text.partition(":")
        scope = cls(kind, name)
        if kind not in KINDS or len(text) > TEXT_CHARS_MAX or scope.text != text:
            raise _bad()
        if (kind == ALL) != (not name) or bool(colon) != bool(name) or not name.isprintable():
            raise _bad()
        if kind == "resource" and not all(name.partition("/")):
            raise _bad()
        return scope

    @property
    def text(self) -> str:
        """Its one spelling."""
        return self.kind if self.kind == ALL else f"{self.kind}:{self.name}"

    @property
    def id(self) -> str:
        """The id under which its orders stand, in `controls`, the log and the audit."""
        return derived_id("scope", self.text)

    def covers(self, agent: str, action: str, resource: Resource) -> bool:
        """Tell whether an agent's action on a resource is within it."""
        if self.kind == "agent":
            return self.name == agent
        if self.kind == "action":
            return self.name == action
        if self.kind == "resource":
            kind, _, name = self.name.partition("/")
            return kind == resource.type and _reaches(name, resource.id)
        return self.kind == ALL

    def known(self, directory: "Directory") -> bool:
        """Tell whether it is made of the directory's names: nobody's own text, so no PHI."""
        if self.kind == "agent":
            return directory.agent(self.name) is not None
        if self.kind == "action":
            return bool(_ACTION.fullmatch(self.name))
        if self.kind == "resource":
            return any(f"{each.type}/{each.id}" == self.name for each in directory.resources)
        return True


def _reaches(name: str, found: str) -> bool:
    """Tell whether an id is, or could be read as, the one that is named; `*` ends a pattern."""
    if not name.endswith("*"):
        return found == name or normal(found) == normal(name)
    stem = name[:-1]
    if found.startswith(stem):
        return True
    begun = normal(stem)
    whole = normal(found)
    return whole == begun or whole.startswith(
        f"{begun}/" if stem.endswith("/") and begun else begun
    )


def _bad() -> RefusedError:
    return RefusedError("the scope is none: all, agent:, action: or resource:", code="bad_scope")
