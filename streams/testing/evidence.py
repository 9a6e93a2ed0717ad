"""I1, counted again by brute force: whether a history of one intent may end in a grant.

It shares no code with `gate.quorum` or `gate.fold`: every way of giving the routes' places to
distinct people is tried.
"""

import itertools
from collections.abc import Sequence

from streams.events import Answer, CaseEvent, DecisionAdmitted, Effect, IntentAdmitted, Route


def why_not(history: Sequence[CaseEvent]) -> str:
    """Return why events up to and with a closing one do not allow a grant, or nothing."""
    intents = [event.body for event in history if isinstance(event.body, IntentAdmitted)]
    if not intents:
        return "granted without an intent"
    asked = intents[0]  # the first in the log wins
    if asked.ruling.effect is Effect.PERMIT:
        return ""
    if asked.ruling.effect is Effect.FORBID or not asked.ruling.routes:
        return "granted against the ruling"
    if not asked.whole:
        return "granted although nobody was shown the whole"
    first = next(n for n, event in enumerate(history) if event.body is asked)
    people = _approvers(asked, history[first + 1 :])
    places = [r for r in asked.ruling.routes for _ in range(r.quorum)]
    for chosen in itertools.permutations(people, len(places)):
        if _distinct(chosen) and all(_may(*pair) for pair in zip(places, chosen, strict=True)):
            return ""
    who, where = sorted({said.person for said in people}), [route.group for route in places]
    return f"granted by {who} where {where} had to agree"


def _distinct(chosen: Sequence[DecisionAdmitted]) -> bool:
    """Return whether nobody is among these twice, in person or by somebody who acts for them."""
    everybody = [name for said in chosen for name in {said.person, *said.stands_for}]
    return len(everybody) == len(set(everybody))


def _may(route: Route, said: DecisionAdmitted) -> bool:
    known_well = route.assurance.value != "oidc" or said.assurance.value == "oidc"
    return route.group in said.groups and known_well


def _approvers(asked: IntentAdmitted, history: Sequence[CaseEvent]) -> list[DecisionAdmitted]:
    """Return who approved exactly this and may: never who asked, never who said no."""
    signed = (asked.action_digest, asked.display_digest, asked.ruling.revision)
    found: dict[tuple[object, ...], DecisionAdmitted] = {}  # alike ones once: fewer to try
    for event in history:
        said = event.body
        if not isinstance(said, DecisionAdmitted):
            continue
        names = {said.person, *said.stands_for}
        mine = bool(names & {asked.agent, asked.owner, asked.on_behalf_of, *asked.delegators})
        same = signed == (said.action_digest, said.display_digest, said.policy_revision)
        if same and not mine and said.answer is Answer.APPROVE:
            found[said.person, said.groups, said.stands_for, said.assurance] = said
    return list(found.values())
