"""What loads and cannot be meant: rules that never apply, that lift backwards, that name nothing.

Pure. `HouseNames` is what the house's directory and the masker know; without one only the rules
themselves are looked at. Each finding names its rule, file and line, and says what to do.

| code | what |
|---|---|
| `unknown-agent`, `unknown-person`, `unknown-group` | a name that the directory does not have |
| `unknown-resource`, `unknown-type`, `unknown-attribute`, `unknown-value` | not in the catalogue |
| `unknown-kind`, `unknown-word` | no kind of PHI of the masker's, no word that this fact can be |
| `nobody-asked` | a review that is read and that no rule's `@route` asks for |
| `lifts-backwards` | the rule forbids once the group has agreed, not until it has |
| `never-applies` | a condition that is always false |
| `shadowed` | another rule forbids all of its actions to everybody, and nobody can lift that |
| `repeated` | the same rule stands there twice, under two names |
| `nothing-permits` | an action that no rule permits: each intent is refused |
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

import cedarpy

from streams.policy.annotations import Rule, read_rule
from streams.policy.form import compared, literals, path_of, tags
from streams.policy.schema import SCHEMA_FILE, line_naming, load_schema
from streams.policy.source import PolicyStatement, statements

WORDS: Final[Mapping[str, frozenset[str]]] = {
    f"context.facts.{path}": frozenset(words.split())
    for path, words in {
        "sql.read": "yes no unknown",
        "sql.statements": "none one many unknown",
        "sql.aggregate": "yes no unknown",
        "sql.filter": "none constant column key unknown",
        "sql.limit": "none number unknown",
        "sql.effects": "write locks session file code",
        "recipients.shape": "known unknown none",
        "http.calls": "none one many unknown",
        "http.writes": "yes no unknown",
        "files.outside": "yes no unknown",
        "shell.commands": "none one many unknown",
        "shell.chained": "yes no unknown",
        "fhir.writes": "yes no unknown",
    }.items()
} | {"context.requester": frozenset(("none", "allowed", "proven"))}
"""What a fact can be; a test holds it against the schema's comments."""

_PEOPLE: Final = ("principal.owner", "principal.on_behalf_of", "context.on_behalf_of")
_REVIEWS: Final = "context.reviews"


@dataclass(frozen=True, slots=True)
class HouseNames:
    """Names of the house: the directory's, its catalogue's ids (`Type/id`, a `*` at the end)."""

    agents: frozenset[str]
    people: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    attributes: Mapping[str, frozenset[str]]
    kinds: frozenset[str]

    @property
    def types(self) -> frozenset[str]:
        """The types of the catalogue."""
        return frozenset(name.partition("/")[0] for name in self.resources)


@dataclass(frozen=True, slots=True, order=True)
class Suspect:
    """One finding. `rule` is empty for an action of the schema."""

    file: str
    line: int
    code: str
    rule: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule or 'schema'}: {self.code}: {self.reason}"


@dataclass(frozen=True, slots=True)
class _Stood:
    """A rule, where it stands, and its form in Cedar's JSON."""

    rule: Rule
    piece: PolicyStatement
    form: Mapping[str, Any]

    def line_of(self, literal: str) -> int:
        """Return the line of a literal, or the rule's."""
        found = self.piece.text.find(f'"{literal}"')
        return (
            self.piece.start_line + self.piece.text.count("\n", 0, found)
            if found >= 0
            else (self.rule.line)
        )

    def suspect(self, code: str, reason: str, literal: str = "") -> Suspect:
        line = self.line_of(literal) if literal else self.rule.line
        return Suspect(self.rule.file, line, code, self.rule.id, reason)


def suspects(
    files: Mapping[str, str], schema: str, world: HouseNames | None = None
) -> tuple[Suspect, ...]:
    """Return all findings in a set that loads (`PolicySet.load`), by file and line."""
    stood = [each for name in sorted(files) for each in _stood(name, files[name])]
    actions = load_schema(schema)[1]
    found = [*_idle(actions, schema, stood), *_shadowed(stood, actions), *_repeated(stood)]
    routes = {each.rule.route for each in stood if each.rule.route}
    for each in stood:
        found += _constant(each)
        found += _backwards(each, routes)
        found += _words(each)
        found += _names(each, world) if world else []
    return tuple(sorted(set(found)))


def _stood(name: str, text: str) -> Iterator[_Stood]:
    for piece in statements(name, text):
        parsed = json.loads(cedarpy.policies_to_json_str(piece.text))["staticPolicies"]
        for form in parsed.values():
            yield _Stood(read_rule(piece, form)[0], piece, form)


# ---------------------------------------------------------------- the set as a whole


def _idle(actions: frozenset[str], schema: str, stood: list[_Stood]) -> Iterator[Suspect]:
    """Find actions that no rule permits."""
    permits = [each.rule for each in stood if each.rule.effect == "permit"]
    for action in sorted(actions):
        if not any(not rule.actions or action in rule.actions for rule in permits):
            line = line_naming(schema, f'"{action}"')
            reason = f"no rule permits {action}, so each intent is refused: add a permit for it"
            yield Suspect(SCHEMA_FILE, line, "nothing-permits", "", reason)


def _shadowed(stood: list[_Stood], actions: frozenset[str]) -> Iterator[Suspect]:
    """Find rules all of whose actions another rule forbids to everybody, for good."""
    final = [each for each in stood if _forbids_all(each)]
    for each in stood:
        mine = frozenset(each.rule.actions) or actions
        for other in final:
            if other is not each and mine <= (frozenset(other.rule.actions) or actions):
                reason = f"the rule {other.rule.id} forbids all of this to everybody: remove one"
                yield each.suspect("shadowed", reason)


def _forbids_all(each: _Stood) -> bool:
    rule, form = each.rule, each.form
    everybody = "All" == form["principal"]["op"] == form["resource"]["op"]
    return rule.effect == "forbid" and not rule.route and everybody and not form["conditions"]


def _repeated(stood: list[_Stood]) -> Iterator[Suspect]:
    seen: dict[str, Rule] = {}
    for each in stood:
        notes = {**each.form["annotations"], "id": ""}
        form = json.dumps({**each.form, "annotations": notes}, sort_keys=True)
        first = seen.setdefault(form, each.rule)
        if first is not each.rule:
            yield each.suspect("repeated", f"it says what {first.id} says: remove one")


# ---------------------------------------------------------------- one rule by itself


def _constant(each: _Stood) -> Iterator[Suspect]:
    for condition in each.form["conditions"]:
        never = {"when": False, "unless": True}[condition["kind"]]
        if condition["body"].get("Value") is never:
            said = f"{condition['kind']} {{ {str(never).lower()} }}"
            yield each.suspect("never-applies", f"`{said}` never holds: mend or remove the rule")


def _backwards(each: _Stood, routes: set[str]) -> Iterator[Suspect]:
    """Find reviews that are read the wrong way round, and such as nobody is asked for."""
    for positive, group in _reviews(each.form["conditions"]):
        if group not in routes:
            reason = f"no rule asks {group}, so it never agrees: name a group of some @route"
            yield each.suspect("nobody-asked", reason, group)
        if positive and each.rule.effect == "forbid":
            reason = f"it forbids once {group} has agreed: read the review in `unless`, or with `!`"
            yield each.suspect("lifts-backwards", reason, group)
        if not positive and each.rule.effect == "permit":
            reason = f"it permits until {group} has agreed: permits need no review"
            yield each.suspect("lifts-backwards", reason, group)


def _reviews(conditions: list[Mapping[str, Any]]) -> Iterator[tuple[bool, str]]:
    """Yield each group whose review is read, and whether the rule applies where it has agreed."""
    pending = [(each["kind"] == "when", each["body"]) for each in conditions]
    while pending:
        positive, node = pending.pop()
        if "!" in node:
            pending.append((not positive, node["!"]["arg"]))
            continue
        for operator, parts in node.items():
            if (
                operator in {"contains", "containsAny", "containsAll"}
                and path_of(parts["left"]) == _REVIEWS
            ):
                for group in literals(parts["right"]):
                    yield positive, group
            elif operator == "if-then-else":
                pending += [(positive, parts["then"]), (positive, parts["else"])]
            elif isinstance(parts, dict):
                pending += [(positive, part) for part in parts.values() if isinstance(part, dict)]


def _words(each: _Stood) -> Iterator[Suspect]:
    """Find what a fact is compared with and can never be."""
    for path, literal in compared(each.form):
        known = WORDS.get(path)
        if known and not any(fnmatchcase(word, literal) for word in known):
            reason = f"{path} is never {literal!r}; it is one of {', '.join(sorted(known))}"
            yield each.suspect("unknown-word", reason, literal)


# ---------------------------------------------------------------- against the house


def _names(each: _Stood, world: HouseNames) -> Iterator[Suspect]:
    if each.rule.route and each.rule.route not in world.groups:
        reason = f"nobody in the directory is of the group {each.rule.route}"
        yield each.suspect("unknown-group", reason, each.rule.route)
    yield from _scope(each, world)
    for path, literal in compared(each.form):
        code, known, what = _known(path, world)
        if code and literal and not any(_is_met(literal, name) for name in known):
            yield each.suspect(code, f"{what} {literal!r} is none of the house's", literal)
    for name in tags(each.form):
        if name not in world.attributes:
            reason = f"no resource of the catalogue has the attribute {name!r}"
            yield each.suspect("unknown-attribute", reason, name)


def _scope(each: _Stood, world: HouseNames) -> Iterator[Suspect]:
    agent = each.form["principal"].get("entity", {})
    if agent.get("type") == "Agent" and agent["id"] not in world.agents:
        yield each.suspect("unknown-agent", "the directory has no such agent", agent["id"])
    entity = each.form["resource"].get("entity", {})
    if entity.get("type") == "Resource" and not any(
        _is_met(entity["id"], name) for name in world.resources
    ):
        yield each.suspect("unknown-resource", "the catalogue has no such id", entity["id"])


def _known(path: str, world: HouseNames) -> tuple[str, frozenset[str], str]:
    """Return the code, the names that hold there, and what they are; no code where any may."""
    if path in _PEOPLE:
        return "unknown-person", world.people, "the person"
    if path == "resource.type":
        return "unknown-type", world.types | {"Intent"}, "the type"
    if path == "resource.id":
        ids = frozenset(name.partition("/")[2] for name in world.resources)
        return "unknown-resource", ids, "the resource"
    if path == "context.phi.kinds":
        return "unknown-kind", world.kinds, "the kind of PHI"
    name = "env" if path == "resource.env" else path.removeprefix("resource.tag:")
    if name in world.attributes and path.startswith("resource."):
        return "unknown-value", world.attributes[name], f"the value of {name}"
    return "", frozenset(), ""


def _is_met(literal: str, name: str) -> bool:
    """Tell whether a literal, or a pattern of `like`, can be this name, or one of its pattern."""
    if name.endswith("*"):
        stem = literal.partition("*")[0]
        return stem.startswith(name[:-1]) or name[:-1].startswith(stem)
    return fnmatchcase(name, literal) if "*" in literal else name == literal
