"""Permit, review or forbid, as an algorithm over Cedar's answers.

1. Ask Cedar with no reviews. Allowed: *permit*.
2. Denied: if each determining policy is a forbid with a `@route`, take these groups as agreed and
   ask again. Agreement may bring other forbids to light, so repeat while it adds groups; each turn
   adds one or more, so there are at most as many turns as routes.
3. Allowed at the end: *review* by all these groups. Anything else: *forbid*.

So Cedar has the last word: a review is only ever asked for where Cedar says that it would suffice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.events import Assurance, Effect, Route, Ruling
from streams.policy.annotations import Rule
from streams.policy.engine import Engine, Evaluation
from streams.policy.request import PolicyRequest

PERMITTED = "permitted"
REVIEW_REQUIRED = "review_required"
UNKNOWN_ACTION = "unknown_action"
NO_MATCHING_POLICY = "no_matching_policy"
POLICY_ERROR = "policy_error"
NOT_LIFTED = "review_does_not_lift"


@dataclass(frozen=True, slots=True)
class Judge:
    """Rules by position in the set (as Cedar names them), and the engine to ask."""

    engine: Engine
    rules: Mapping[str, Rule]
    revision: str

    def rule(self, request: PolicyRequest) -> Ruling:
        """Rule on a request whose action the schema declares. Raises nothing; doubt means no."""
        lifted: dict[str, Rule] = {}
        for _ in range(len(self.rules) + 1):
            groups = {rule.route for rule in lifted.values()}
            answer = self.engine.ask(request, groups)
            rules = self._named(answer)
            if answer.failed:
                return forbidden(POLICY_ERROR, self.revision, rules)
            if answer.allowed:
                return self._allowed(rules, tuple(lifted.values()))
            if not rules:
                return forbidden(NO_MATCHING_POLICY, self.revision)
            asked = {rule.route for rule in rules}
            if "" in asked or asked <= groups:
                return forbidden(_refusal(rules), self.revision, rules)
            lifted |= {rule.id: rule for rule in rules}
        return forbidden(NOT_LIFTED, self.revision, lifted.values())

    def _named(self, answer: Evaluation) -> tuple[Rule, ...]:
        rules = (self.rules[position] for position in answer.policies)
        return tuple(sorted(rules, key=lambda rule: rule.id))

    def _allowed(self, permits: tuple[Rule, ...], lifted: tuple[Rule, ...]) -> Ruling:
        determining = lifted or permits
        reasons = sorted(rule.reason for rule in lifted if rule.reason)
        return Ruling(
            effect=Effect.REVIEW if lifted else Effect.PERMIT,
            policies=_ids(determining),
            reason=([*reasons, REVIEW_REQUIRED] if lifted else [PERMITTED])[0],
            routes=_routes(lifted),
            unmask=any(rule.unmask for rule in determining),
            revision=self.revision,
        )


def forbidden(reason: str, revision: str, rules: Iterable[Rule] = ()) -> Ruling:
    """Return the ruling that says no."""
    return Ruling(
        effect=Effect.FORBID,
        policies=_ids(rules),
        reason=reason,
        routes=(),
        unmask=False,
        revision=revision,
    )


def _refusal(rules: tuple[Rule, ...]) -> str:
    """Return the first reason by name: of the rules nobody can lift, else of any, else our own."""
    final = sorted(rule.reason for rule in rules if not rule.route)
    liftable = sorted(rule.reason for rule in rules if rule.route and rule.reason)
    return [*final, *liftable, NOT_LIFTED][0]


def _ids(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(sorted(rule.id for rule in rules))


def _routes(lifted: Iterable[Rule]) -> tuple[Route, ...]:
    """Each group once, by name: highest quorum, shortest time and highest level, of its rules.

    `policy` is the id of the rule with the highest quorum.
    """
    groups: dict[str, list[Rule]] = {}
    for rule in lifted:
        groups.setdefault(rule.route, []).append(rule)
    return tuple(
        Route(
            group=group,
            quorum=max(rule.quorum for rule in rules),
            within_ms=min(rule.within_ms for rule in rules),
            assurance=_strictest(rules),
            policy=min(rules, key=lambda rule: (-rule.quorum, rule.within_ms, rule.id)).id,
        )
        for group, rules in sorted(groups.items())
    )


def _strictest(rules: Iterable[Rule]) -> Assurance:
    demanded = {rule.assurance for rule in rules}
    return Assurance.OIDC if Assurance.OIDC in demanded else Assurance.KEY
