"""I1, counted again by brute force: whether a history of one intent may end in a grant.

It shares no code with `gate.quorum` or `gate.fold`: every way of giving the routes' places to
distinct people is tried.
"""

import itertools
from collections.abc import Sequence

from streams.events import Answer, CaseEvent, DecisionAdmitted, Effect, IntentAdmitted


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
    places = [r.group for r in asked.ruling.routes for _ in range(r.quorum)]
    for chosen in itertools.permutations(sorted(people), len(places)):
        if all(group in people[person] for group, person in zip(places, chosen, strict=True)):
            return ""
    return f"granted by {sorted(people)} where {places} had to agree"


def _approvers(asked: IntentAdmitted, history: Sequence[CaseEvent]) -> dict[str, tuple[str, ...]]:
    """Return who approved exactly this and may: never who asked, never who said no."""
    signed = (asked.action_digest, asked.display_digest, asked.ruling.revision)
    people: dict[str, tuple[str, ...]] = {}
    for event in history:
        said = event.body
        if not isinstance(said, DecisionAdmitted):
            continue
        mine = said.person in {asked.agent, asked.owner, asked.on_behalf_of}
        same = signed == (said.action_digest, said.display_digest, said.policy_revision)
        if same and not mine and said.answer is Answer.APPROVE:
            people.setdefault(said.person, said.groups)
    return people
