"""I1, counted again by brute force: whether a history of one intent may end in a grant.

It shares no code with `gate.quorum`, `gate.view` or `gate.fold`: every way of giving the routes'
places to distinct people is tried, and the document that reviewers are shown is written anew.
"""

import hashlib
import itertools
import json
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
    people = _approvers(history[first], asked, history[first + 1 :])
    places = [r for r in asked.ruling.routes for _ in range(r.quorum)]
    for chosen in itertools.permutations(people, len(places)):
        if _distinct(chosen) and all(_may(*pair) for pair in zip(places, chosen, strict=True)):
            return ""
    who, where = sorted({said.person for said in people}), [route.group for route in places]
    return f"granted by {who} where {where} had to agree"


def shown(event: CaseEvent) -> str:
    """Return the digest of the document that reviewers of this intent are shown."""
    asked = event.body
    if not isinstance(asked, IntentAdmitted):
        return ""
    ends = {route: event.at_ms + route.within_ms for route in asked.ruling.routes}
    whole = {
        "format": "phigate/view/v1",
        "gate": asked.gate,
        "intent_id": event.intent_id,
        "agent": asked.agent,
        "owner": asked.owner,
        "on_behalf_of": asked.on_behalf_of,
        "requester": asked.requester.value,
        "excluded": sorted(_asking(asked)),
        "action": asked.action,
        "resource": {"type": asked.resource.type, "id": asked.resource.id},
        "action_digest": asked.action_digest,
        "masked": asked.display.decode(),
        "masked_digest": hashlib.sha256(asked.display).hexdigest(),
        "whole": asked.whole,
        "facts": list(asked.facts),
        "phi": [{"kind": each.kind, "count": each.count} for each in asked.phi],
        "unsure": asked.unsure,
        "unmask": asked.ruling.unmask,
        "policies": list(asked.ruling.policies),
        "reason": asked.ruling.reason,
        "routes": [
            {
                "group": route.group,
                "quorum": route.quorum,
                "deadline_ms": end,
                "assurance": route.assurance.value,
            }
            for route, end in ends.items()
        ],
        "opened_at_ms": event.at_ms,
        "deadline_ms": min([*ends.values(), asked.expires_at_ms]),
        "policy_revision": asked.ruling.revision,
        "masker_revision": asked.masker_revision,
    }
    spelled = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _asking(asked: IntentAdmitted) -> set[str]:
    """Return who asks, in one way or another."""
    return {asked.agent, asked.owner, asked.on_behalf_of or "", *asked.delegators} - {""}


def _distinct(chosen: Sequence[DecisionAdmitted]) -> bool:
    """Return whether nobody is among these twice, in person or by somebody who acts for them."""
    everybody = [name for said in chosen for name in {said.person, *said.stands_for}]
    return len(everybody) == len(set(everybody))


def _may(route: Route, said: DecisionAdmitted) -> bool:
    known_well = route.assurance.value != "oidc" or said.assurance.value == "oidc"
    return route.group in said.groups and known_well


def _approvers(
    opening: CaseEvent, asked: IntentAdmitted, history: Sequence[CaseEvent]
) -> list[DecisionAdmitted]:
    """Return who approved exactly this and may: never who asked, never who said no."""
    revisions = (asked.ruling.revision, asked.masker_revision)
    signed = (asked.action_digest, asked.display_digest, shown(opening), *revisions)
    found: dict[tuple[object, ...], DecisionAdmitted] = {}  # alike ones once: fewer to try
    for event in history:
        said = event.body
        if not isinstance(said, DecisionAdmitted):
            continue
        names = {said.person, *said.stands_for}
        mine = bool(names & _asking(asked))
        revisions = (said.policy_revision, said.masker_revision)
        same = signed == (said.action_digest, said.display_digest, said.view_digest, *revisions)
        if same and not mine and said.answer is Answer.APPROVE:
            found[said.person, said.groups, said.stands_for, said.assurance] = said
    return list(found.values())
