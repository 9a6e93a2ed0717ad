"""`PolicySet`: texts in, every problem at once or a set that rules."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy

from streams.errors import InvariantError, PolicyError
from streams.events import Ruling
from streams.policy.annotations import Rule, read_rule
from streams.policy.engine import Engine
from streams.policy.request import PolicyRequest
from streams.policy.revision import revision_of
from streams.policy.ruling import UNKNOWN_ACTION, Judge, forbidden
from streams.policy.schema import SCHEMA_FILE, granting, load_schema
from streams.policy.source import (
    NESTING_MAX,
    PolicyStatement,
    Problem,
    error_line,
    nesting,
    statements,
)

# Room for every rule of a hospital group: some 1,000 rules of 1,000 characters.
POLICIES_MAX = 1_000
TOTAL_CHARS_MAX = 1_000_000
# Past some 2,000 operators in one rule the engine's own validation is no longer complete.
STATEMENT_CHARS_MAX = 10_000

_HINT = "Mend the lines named, then run `phigate policy check DIR` again."


@dataclass(frozen=True, slots=True)
class PolicySet:
    """A validated policy set. `revision` is a SHA-256 over the names and texts of all its files.

    `granting` are the actions that give somebody a right: those that the schema annotates with
    `@grants`. Who gets it must be visible to whoever agrees.
    """

    revision: str
    rules: tuple[Rule, ...]
    actions: frozenset[str]
    _judge: Judge
    granting: frozenset[str] = frozenset()

    @classmethod
    def load(cls, files: Mapping[str, str], schema: str) -> "PolicySet":
        """Parse and validate the texts, by file name, and the schema's text. No I/O.

        Raises PolicyError with every problem found, each a line `file:line: reason`.
        """
        _refuse(_oversize(files, schema))
        handle, actions, problems = load_schema(schema)
        pieces = [piece for name in sorted(files) for piece in statements(name, files[name])]
        read = [_read(piece) for piece in pieces]
        problems += [problem for _, found in read for problem in found]
        sound = [(piece, rule) for piece, (rule, _) in zip(pieces, read, strict=True) if rule]
        rules = tuple(rule for _, rule in sound)
        text = "\n".join(piece.text for piece, _ in sound)
        problems += _repeated(rules)
        problems += _invalid(text, handle, rules) if handle else []
        problems += [] if pieces else [Problem("*.cedar", 1, _EMPTY)]
        _refuse(problems)
        revision = revision_of(files, schema)
        _check_positions(text, rules)
        engine = Engine(cedarpy.PolicySet.from_str(text), handle)
        judge = Judge(engine, {f"policy{i}": rule for i, rule in enumerate(rules)}, revision)
        return cls(revision, rules, actions, judge, granting(handle))

    def rule(self, request: PolicyRequest) -> Ruling:
        """Say permit, review or forbid. Raises nothing: doubt, and any error of Cedar's, means no.

        The reason of a ruling is `permitted`, `review_required` or a rule's `@reason`; or
        `unknown_action`, `no_matching_policy`, `policy_error`, `review_does_not_lift`.
        """
        if request.action not in self.actions:
            return forbidden(UNKNOWN_ACTION, self.revision)
        return self._judge.rule(request)


_EMPTY = "the policy set is empty, so everything would be refused: add a permit"


def _refuse(problems: list[Problem]) -> None:
    if problems:
        lines = [str(problem) for problem in sorted(set(problems))]
        raise PolicyError("\n".join(lines), hint=_HINT)


def _oversize(files: Mapping[str, str], schema: str) -> list[Problem]:
    texts = {**files, SCHEMA_FILE: schema}
    total = sum(map(len, texts.values()))
    longest = max(texts, key=lambda name: len(texts[name]))
    reason = f"{total} characters in all files, over the limit of {TOTAL_CHARS_MAX}"
    return [Problem(longest, 1, reason)] if total > TOTAL_CHARS_MAX else []


def _read(piece: PolicyStatement) -> tuple[Rule | None, list[Problem]]:
    """Read one statement: its rule unless Cedar cannot parse it, and its problems."""
    if len(piece.text) > STATEMENT_CHARS_MAX:
        return None, [_at(piece, f"a rule over {STATEMENT_CHARS_MAX} characters: split it")]
    if nesting(piece.bare) > NESTING_MAX:
        return None, [_at(piece, f"a rule nested over {NESTING_MAX} deep: simplify it")]
    if complaint := _complaint(piece.text):
        line = piece.start_line + error_line(piece.text, _complaint)
        return None, [Problem(piece.file, max(line, piece.line), complaint)]
    parsed = json.loads(cedarpy.policies_to_json_str(piece.text))
    policies = list(parsed["staticPolicies"].values())
    if parsed["templates"]:
        return None, [_at(piece, "templates (?principal, ?resource) are not supported")]
    if len(policies) != 1:
        return None, [_at(piece, "one rule expected up to the ';'")]
    return read_rule(piece, policies[0])


def _at(piece: PolicyStatement, reason: str) -> Problem:
    return Problem(piece.file, piece.line, reason)


def _complaint(text: str) -> str:
    try:
        cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        return str(error)
    return ""


def _repeated(rules: tuple[Rule, ...]) -> list[Problem]:
    problems = []
    first: dict[str, Rule] = {}
    for rule in rules:
        if rule.id and rule.id in first:
            other = first[rule.id]
            reason = f'duplicate @id("{rule.id}"): it already stands at {other.file}:{other.line}'
            problems.append(Problem(rule.file, rule.line, reason))
        first.setdefault(rule.id, rule)
    if len(rules) > POLICIES_MAX:
        over = rules[POLICIES_MAX]
        problems.append(Problem(over.file, over.line, f"more than {POLICIES_MAX} rules in the set"))
    return problems


def _invalid(text: str, schema: Any, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Yield what Cedar's validator says against the schema, at the line of the rule it blames."""
    by_position = {f"policy{i}": rule for i, rule in enumerate(rules)}
    for error in cedarpy.validate_policies(text, schema).errors:
        rule = by_position[error.policy_id]
        reason = error.error.removeprefix(f"for policy `{error.policy_id}`, ")
        yield Problem(rule.file, rule.line, f"{rule.id}: {reason}")


def _check_positions(text: str, rules: tuple[Rule, ...]) -> None:
    """Rulings name rules by position in the text: make sure that Cedar counts as we do."""
    parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    theirs = {position: policy["annotations"]["id"] for position, policy in parsed.items()}
    if theirs != {f"policy{i}": rule.id for i, rule in enumerate(rules)}:
        raise InvariantError("Cedar and phigate cut the policy texts differently; nothing loads")
