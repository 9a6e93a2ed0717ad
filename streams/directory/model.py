"""The directory's frozen models, their cross-checks, and the questions they answer."""

import difflib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import yaml
from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from streams.directory.alike import skeleton
from streams.directory.catalogue import ClassName, ResourceEntry, is_odd, nearest
from streams.directory.identity import Delegation, Provider, ProviderSubject
from streams.directory.part import DirectoryPart as _Part
from streams.directory.part import Line, Name
from streams.directory.part import filled as _filled
from streams.directory.text import Loc, line_of, read_yaml
from streams.errors import KeyringError, SettingsError
from streams.events import agent_mark
from streams.sealing import SealPublicKey
from streams.signing import PublicKey

_Key = TypeVar("_Key", PublicKey, SealPublicKey)


def _parsed(kind: type[_Key]) -> Callable[[Any], _Key]:
    def validate(value: Any) -> _Key:
        if isinstance(value, kind):
            return value
        try:
            return kind.parse(str(value).strip())
        except KeyringError as error:
            raise PydanticCustomError("key", "{why}", {"why": str(error)}) from None

    return validate


_text_of = PlainSerializer(lambda key: key.text, return_type=str)
GateId = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$", min_length=8, max_length=64)
]
SignKey = Annotated[PublicKey, PlainValidator(_parsed(PublicKey)), _text_of]
SealTo = Annotated[SealPublicKey, PlainValidator(_parsed(SealPublicKey)), _text_of]
Standing = Literal["active", "suspended"]


class GateKeys(_Part):
    """The gate's public keys: inputs are sealed to `seal`; `grants` and `audit` sign.

    `id` names the gate in everything that is signed for it. It is drawn once, and stays when keys
    change; no two gates have the same.
    Old `grants` and `audit` keys stay, so that what they signed still verifies; `ends` says from
    when on they sign nothing any more, by key id.
    """

    id: GateId
    seal: SealTo
    grants: tuple[SignKey, ...] = Field(min_length=1)
    audit: tuple[SignKey, ...] = Field(min_length=1)
    ends: Annotated[dict[str, AwareDatetime], _filled(dict)] = Field(default_factory=dict)

    @property
    def ends_ms(self) -> dict[str, int]:
        """Return when each retired key ends, milliseconds since 1970 UTC."""
        return {name: round(end.timestamp() * 1000) for name, end in self.ends.items()}


class Person(_Part):
    """Somebody who may review for `groups`, and signs with one of `keys` or after a login.

    `oidc` says who the person is to identity providers; `delegates` who may act for them. What is
    revealed to this person is sealed to `seal`.
    """

    title: Line = ""
    groups: Annotated[tuple[Name, ...], _filled(tuple)] = ()
    keys: Annotated[tuple[SignKey, ...], _filled(tuple)] = ()
    oidc: Annotated[tuple[ProviderSubject, ...], _filled(tuple)] = ()
    delegates: Annotated[tuple[Delegation, ...], _filled(tuple)] = ()
    seal: SealTo | None = None
    status: Standing = "active"

    @property
    def active(self) -> bool:
        """Whether this person may act now."""
        return self.status == "active"


class AgentEntry(_Part):
    """A program that proposes; `owner` is the person who answers for it.

    One with `keys` must sign what it proposes. `actions` are those it may ask for; without the
    field the policy alone says. `acts_for` are the people, or the groups of people, on whose behalf
    it may ask by its own word; for anybody else that person has to sign the request.
    """

    owner: Name
    keys: Annotated[tuple[SignKey, ...], _filled(tuple)] = ()
    actions: Annotated[tuple[Name, ...], _filled(tuple)] | None = None
    acts_for: Annotated[tuple[Name, ...], _filled(tuple)] = ()
    status: Standing = "active"

    @property
    def active(self) -> bool:
        """Whether this agent may propose now."""
        return self.status == "active"

    def may_act_for(self, name: str, person: Person) -> bool:
        """Whether its word is enough that it acts for this person."""
        return name in self.acts_for or not set(self.acts_for).isdisjoint(person.groups)


class ExecutorEntry(_Part):
    """A class of executors: outcomes are signed with `keys`, data keys are sealed to `seal`."""

    keys: tuple[SignKey, ...] = Field(min_length=1)
    seal: SealTo


class Directory(_Part):
    """All of it. What is asked for and not there is None, which every caller must take for no.

    `officers` is the group whose people may halt, resume and revoke; without it nobody may.
    """

    gate: GateKeys
    officers: Name | None = None
    people: Annotated[dict[Name, Person], _filled(dict)] = Field(default_factory=dict)
    agents: Annotated[dict[Name, AgentEntry], _filled(dict)] = Field(default_factory=dict)
    executors: Annotated[dict[ClassName, ExecutorEntry], _filled(dict)] = Field(
        default_factory=dict
    )
    resources: Annotated[tuple[ResourceEntry, ...], _filled(tuple)] = ()
    oidc: Annotated[tuple[Provider, ...], _filled(tuple)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for loc, why in self._conflicts():
            raise PydanticCustomError("conflict", "{why}", {"why": why, "loc": loc})
        return self

    def _conflicts(self) -> Iterator[tuple[Loc, str]]:
        known = {key.key_id for key in (*self.gate.grants, *self.gate.audit)}
        for name in self.gate.ends.keys() - known:
            yield ("gate", "ends", name), f"the gate lists no key {name}"
        for name, agent in self.agents.items():
            if agent.owner not in self.people:
                yield (
                    ("agents", name, "owner"),
                    f"the owner `{agent.owner}` of agent `{name}` is not among the people",
                )
        yield from self._acts_for_conflicts()
        yield from self._alike()
        yield from self._identity_conflicts()
        owners: dict[str | bytes, str] = {}
        for loc, owner, key in self._all_keys():
            for mark in (key.raw, key.key_id):
                if owners.setdefault(mark, owner) != owner:
                    yield loc, f"the key {key.key_id} is {owners[mark]}'s already"
        seen: set[tuple[str, str]] = set()
        for index, entry in enumerate(self.resources):
            if (entry.type, entry.id) in seen:
                yield ("resources", index), f"{entry.type} `{entry.id}` stands here a second time"
            seen.add((entry.type, entry.id))

    def _acts_for_conflicts(self) -> Iterator[tuple[Loc, str]]:
        groups = {group for person in self.people.values() for group in person.groups}
        marks: dict[int, str] = {}
        for name, agent in self.agents.items():
            if marks.setdefault(agent_mark(name), name) != name:
                yield ("agents", name), f"ids of `{name}` and `{marks[agent_mark(name)]}` are alike"
            for index, whom in enumerate(agent.acts_for):
                loc: Loc = ("agents", name, "acts_for", index)
                if whom not in self.people and whom not in groups:
                    yield loc, f"`{whom}` is none of the people and no group of theirs"
                if whom in self.people and whom in groups:
                    yield loc, f"`{whom}` is a person and a group: which is meant?"

    def _identity_conflicts(self) -> Iterator[tuple[Loc, str]]:
        issuers = [each.issuer for each in self.oidc]
        for index, issuer in enumerate(issuers):
            if issuer in issuers[:index]:
                yield ("oidc", index, "issuer"), f"the issuer {issuer} stands here a second time"
        seen: dict[tuple[str, str, str], str] = {}
        for name, person in self.people.items():
            for index, subject in enumerate(person.oidc):
                loc: Loc = ("people", name, "oidc", index)
                if subject.issuer not in issuers:
                    yield loc, f"the issuer {subject.issuer} is none of those under `oidc`"
                if seen.setdefault(subject.mark, name) != name:
                    yield loc, f"this subject is {seen[subject.mark]}'s already"
            for index, delegation in enumerate(person.delegates):
                if delegation.to not in self.people or delegation.to == name:
                    yield (
                        ("people", name, "delegates", index, "to"),
                        f"`{delegation.to}` is not another one of the people",
                    )

    def _alike(self) -> Iterator[tuple[Loc, str]]:
        """Two people, agents or executor classes of whom a reader takes one for the other."""
        for section in ("people", "agents", "executors"):
            seen: dict[str, str] = {}
            for name in getattr(self, section):
                first = seen.setdefault(skeleton(name), name)
                if first != name:
                    yield (section, name), f"`{name}` cannot be told from `{first}` when it is read"

    def _all_keys(self) -> Iterator[tuple[Loc, str, PublicKey | SealPublicKey]]:
        yield ("gate", "seal"), "the gate (seal)", self.gate.seal
        for use in ("grants", "audit"):
            for index, key in enumerate(getattr(self.gate, use)):
                yield ("gate", use, index), f"the gate ({use})", key
        for name, person in self.people.items():
            for index, key in enumerate(person.keys):
                yield ("people", name, "keys", index), f"person {name}", key
            if person.seal is not None:
                yield ("people", name, "seal"), f"person {name}", person.seal
        for name, agent in self.agents.items():
            for index, key in enumerate(agent.keys):
                yield ("agents", name, "keys", index), f"agent {name}", key
        for name, executor in self.executors.items():
            for index, key in enumerate(executor.keys):
                yield ("executors", name, "keys", index), f"executor {name}", key
            yield ("executors", name, "seal"), f"executor {name}", executor.seal

    # -- questions

    def agent(self, name: str) -> AgentEntry | None:
        """Return the agent of that name."""
        return self.agents.get(name)

    def person(self, name: str) -> Person | None:
        """Return the person of that name."""
        return self.people.get(name)

    def is_officer(self, name: str) -> bool:
        """Tell whether this person is of the officers' group, suspended or not."""
        person = self.people.get(name)
        return person is not None and self.officers is not None and self.officers in person.groups

    def executor(self, name: str) -> ExecutorEntry | None:
        """Return the executor class of that name."""
        return self.executors.get(name)

    def person_of_key(self, key_id: str) -> tuple[str, Person] | None:
        """Return who signs with this key, suspended people too: look at `Person.active`."""
        return self._by_key.get(key_id)

    def provider(self, issuer: str) -> Provider | None:
        """Return the identity provider whose tokens bear this issuer, letter by letter."""
        return next((each for each in self.oidc if each.issuer == issuer), None)

    def people_of_subject(self, issuer: str, subject: str, email: str | None) -> set[str]:
        """Return who this subject is; `email` is one that the provider says it has verified."""
        return {
            name
            for name, person in self.people.items()
            if any(each.fits(issuer, subject, email) for each in person.oidc)
        }

    def stands_for(self, name: str, now_ms: int) -> tuple[str, ...]:
        """Return for whom this person stands now, by name: who delegated, and who to those.

        What a delegator may do is not passed on twice, but the rules on who may agree, and how many
        agree, take a chain of people for one.
        """
        found: set[str] = set()
        waiting = [name]
        while waiting:
            new = set(self.delegators(waiting.pop(), now_ms)) - found
            found |= new
            waiting.extend(new)
        return tuple(sorted(found - {name}))

    def delegators(self, name: str, now_ms: int) -> tuple[str, ...]:
        """Return who has delegated to this person for now, by name."""
        return tuple(
            sorted(
                other
                for other, person in self.people.items()
                if any(d.to == name and now_ms < d.until_ms for d in person.delegates)
            )
        )

    def groups_of(self, name: str, now_ms: int) -> frozenset[str]:
        """Return for which groups a person may review now: their own and their delegators'.

        Nothing is passed on twice; who is suspended has none to give.
        """
        return self.own_groups(name).union(*map(self.own_groups, self.delegators(name, now_ms)))

    def own_groups(self, name: str) -> frozenset[str]:
        """Return the groups that the directory gives to a person, if they may act now."""
        person = self.people.get(name)
        return frozenset(person.groups) if person and person.active else frozenset()

    def resource(self, kind: str, name: str) -> ResourceEntry | None:
        """Return the entry that says most of this resource: the exact one, else the longest.

        None where the catalogue has none, and where `is_odd`.
        """
        entry = nearest(self.resources, kind, name)
        return None if entry is None or is_odd(self.resources, entry, name) else entry

    def is_odd(self, kind: str, name: str) -> bool:
        """Tell whether an id of a pattern is not in its one spelling, or could mean another entry.

        Such an entry is one that says more than the pattern: exact, or a longer pattern.
        """
        entry = nearest(self.resources, kind, name)
        return entry is not None and is_odd(self.resources, entry, name)

    def approver_keys(self, *, suspended: bool = False) -> list[PublicKey]:
        """Return the keys of active people; with `suspended` of all, to verify what is past."""
        people = [person for person in self.people.values() if person.active or suspended]
        return [key for person in people for key in person.keys]

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return each group with the names of its active people, in the directory's order."""
        found: dict[str, tuple[str, ...]] = {}
        for name, person in self.people.items():
            for group in person.groups:
                found[group] = found.get(group, ()) + ((name,) if person.active else ())
        return found

    @cached_property
    def public_names(self) -> frozenset[str]:
        """Return the names that this file itself gives: they are shown, and name no patient."""
        emails = {each.email for person in self.people.values() for each in person.oidc}
        ids = {entry.id for entry in self.resources if not entry.id.endswith("*")}
        names = {*self.people, *self.agents, *self.executors, *self.groups, *ids, *emails}
        return frozenset(name for name in names if name)

    @cached_property
    def _by_key(self) -> dict[str, tuple[str, Person]]:
        return {
            key.key_id: (name, person)
            for name, person in self.people.items()
            for key in person.keys
        }

    # -- reading

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """Read a directory from YAML; SettingsError says file (`name`), line and field."""
        content, node = read_yaml(text, name)
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
        raise _told(problems, name, node)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a directory file; SettingsError if it is not there, or as `parse`."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SettingsError(
                f"there is no directory at {path}",
                code="no_directory",
                hint="`phigate init` makes one; a setting `directory` can name another file",
            ) from None
        except UnicodeDecodeError:
            raise SettingsError(f"{path} is not UTF-8 text") from None
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from None
        return cls.parse(text, str(path))


_WORDS: Final = {
    "string_pattern_mismatch": "write a name, of letters, figures and signs, without blanks; "
    "a resource's id may end in `/*`",
    "model_type": "here stands a map of names and values, as `phigate init` writes it",
    "dict_type": "here stands a map of names and values",
}


def _told(problems: list[ErrorDetails], file: str, node: yaml.Node | None) -> SettingsError:
    """Return the first problem as file, line, field and reason."""
    first = problems[0]
    loc = first.get("ctx", {}).get("loc", first["loc"])
    field = ".".join(str(part) for part in loc) or "the directory"
    why, hint = _WORDS.get(first["type"], first["msg"]), ""
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), _FIELDS, n=1)
        why, hint = "there is no such field here", f"did you mean `{near[0]}`?" if near else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return SettingsError(f"{file}:{line_of(node, loc)}: {field}: {why}{more}", hint=hint)


_MODELS: tuple[type[BaseModel], ...] = (
    GateKeys,
    Person,
    ProviderSubject,
    Delegation,
    Provider,
    AgentEntry,
    ExecutorEntry,
    ResourceEntry,
    Directory,
)
_FIELDS = [field for model in _MODELS for field in model.model_fields]
