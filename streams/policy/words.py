"""The policy set, and one ruling, in plain words."""

from typing import Any

from streams.events import Assurance, Effect, Ruling
from streams.policy.annotations import Rule
from streams.policy.policyset import PolicySet
from streams.times import as_iso_span


def rows(policies: PolicySet) -> list[dict[str, Any]]:
    """Return one JSON-ready row a rule, by file and line; what a rule does not say is null."""
    return [_row(rule) for rule in sorted(policies.rules, key=lambda rule: (rule.file, rule.line))]


def explain(ruling: Ruling) -> str:
    """Return the ruling as lines for a person."""
    lines = [f"{ruling.effect.value}: {ruling.reason}"]
    lines += [
        f"  {route.quorum} of {route.group}{_level(route.assurance)}"
        f" within {as_iso_span(route.within_ms)} ({route.policy})"
        for route in ruling.routes
    ]
    if ruling.effect is not Effect.FORBID:
        how = "unmasked" if ruling.unmask else "masked"
        lines.append(f"  the executor gets the parameters {how}")
    lines.append(f"  policies: {', '.join(ruling.policies) or 'none matched'}")
    lines.append(f"  revision: {ruling.revision}")
    return "\n".join(lines)


def _level(assurance: Assurance) -> str:
    return " after a login" if assurance is Assurance.OIDC else ""


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "effect": rule.effect,
        "actions": list(rule.actions) or None,
        "route": rule.route or None,
        "quorum": rule.quorum if rule.route else None,
        "within": as_iso_span(rule.within_ms) if rule.route else None,
        "assurance": rule.assurance.value if rule.route else None,
        "unmask": rule.unmask,
        "reason": rule.reason or None,
        "file": rule.file,
        "line": rule.line,
    }
