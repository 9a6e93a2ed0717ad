"""Four eyes: what the policy lets pass without a person, and whether its people can be found.

Every action is ruled upon for every agent and resource of the catalogue, with and without PHI, for
nobody and on a person's behalf, as admit would: what is found is what the rules do, not what they
look like. It is ruled upon with three sets of facts: none could be told, it reads rows, it reads
figures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from streams.clock import now_ms
from streams.directory import Directory
from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.events import Answer, Effect, Requester, Ruling
from streams.facts import Facts
from streams.facts.fact import NOTHING, RecipientFacts, SqlFacts
from streams.gate.case import Review
from streams.gate.quorum import satisfied
from streams.home.findings import can_decide, groups_of
from streams.policy import PolicyRequest, PolicySet
from streams.policy.files import read_policies
from streams.settings import Settings

CASES_MAX: Final = 20_000  # some four seconds
SHOWN_MAX: Final = 5
_READS: Final = frozenset({"data.read", "data.export", "db.query"})
_NO_PERSON: Final = frozenset({"aggregate", "deidentified", "synthetic", "public"})
_ONE_READ: Final = {"read": "yes", "statements": "one", "kinds": ("select",), "filter": "column"}
_TO_ONE: Final = RecipientFacts(count=1, external=0, shape="known")
_UNTOLD: Final = Facts()
_ROWS: Final = NOTHING.model_copy(
    update={"recipients": _TO_ONE, "sql": SqlFacts(**_ONE_READ, aggregate="no", beside=0)}
)
_FIGURES: Final = NOTHING.model_copy(
    update={"recipients": _TO_ONE, "sql": SqlFacts(**_ONE_READ, aggregate="yes", beside=0)}
)
_PHI: Final[tuple[dict[str, int], ...]] = ({}, {"PERSON": 1})


@dataclass(frozen=True, slots=True)
class Ruled:
    """One ruling, and what it was on."""

    agent: str
    owner: str
    action: str
    resource: str
    behalf: str | None
    phi: bool
    ruling: Ruling
    facts: Facts = _FIGURES
    identified: bool = True


def four_eyes(settings: Settings) -> Iterator[Diagnosis]:
    """Find PHI that is released without a review, and reviews that nobody can give."""
    found = Directory.load(settings.directory)
    policy = PolicySet.load(*read_policies(settings.policies))
    seen = list(rulings(found, policy))
    open_to = [r for r in seen if r.ruling.effect is Effect.PERMIT and r.ruling.unmask]
    free = _few(_what(r) for r in open_to if r.behalf is None)
    asked = _few(_what(r) for r in open_to if r.behalf is not None)
    alone = _few(
        _what(r) for r in seen if r.ruling.effect is Effect.PERMIT and r.phi and not r.ruling.unmask
    )
    at_once = [r for r in seen if r.ruling.effect is Effect.PERMIT and not r.phi]
    rows = [r for r in at_once if r.facts is not _FIGURES and r.identified and r.action in _READS]
    untold = [r for r in at_once if r.facts is _UNTOLD and r not in rows]
    stuck = _few(_whom(r) for r in seen if _stuck(r, found))
    for each in free:
        said = f"PHI is unmasked and nobody reviews it: {each}"
        yield risk("four eyes", said, "give the rule a @route, or take @unmask from it")
    for each in _few(map(_what, rows)):
        said = f"rows of identified patients are given out and nobody reviews it: {each}"
        yield risk("four eyes", said, 'ask for context.facts.sql.aggregate == "yes", or a @route')
    if unread := _few(map(_what, untold)):
        said = f"runs without a review though it could not be read: {'; '.join(unread)}"
        yield warn("four eyes", said, "let the rule ask for facts that are known, else for people")
    for each in stuck:  # it fails closed: what nobody can approve never runs
        said = f"too few people who can sign may review, so it never runs: {each}"
        yield warn("four eyes", said, "add people to the group: nobody may review for themselves")
    for each in asked:
        said = f"PHI is unmasked for whoever an agent names as its person, without a review: {each}"
        yield warn("four eyes", said, "sign intents, or give the rule a @route")
    if alone:
        said = f"runs on masked values without a review: {'; '.join(alone)}"
        yield warn("four eyes", said, "phigate policy test shows the rule that permits it")
    if not free and not stuck and not rows:
        count = len({(r.action, r.resource) for r in seen})
        said = f"{count} pairs of action and resource: no PHI goes unseen, every quorum is in reach"
        yield ok("four eyes", said)


def rulings(found: Directory, policy: PolicySet) -> Iterator[Ruled]:
    """Yield the ruling on every agent, action and resource, up to `CASES_MAX` of them."""
    agents = [(name, each.owner) for name, each in found.agents.items() if each.active]
    people = [name for name, each in found.people.items() if each.active]
    behalves = (None, *people[-1:])
    cases = product(
        agents or [("nobody", "nobody")],
        sorted(policy.actions),
        found.resources,
        behalves,
        _PHI,
        (_UNTOLD, _ROWS, _FIGURES),
    )
    for count, ((agent, owner), action, entry, behalf, phi, facts) in enumerate(cases):
        if count >= CASES_MAX:
            return
        ruling = policy.rule(
            PolicyRequest(
                agent=agent,
                owner=owner,
                on_behalf_of=behalf,
                requester=Requester.ALLOWED if behalf else Requester.NONE,
                action=action,
                resource_type=entry.type,
                resource_id=entry.id,
                attributes=entry.attributes,
                phi=phi,
                whole=True,
                items=0,
                facts=facts,
            )
        )
        resource = f"{entry.type}/{entry.id}"
        identified = entry.attributes.get("data", "") not in _NO_PERSON
        yield Ruled(agent, owner, action, resource, behalf, bool(phi), ruling, facts, identified)


def _stuck(ruled: Ruled, found: Directory) -> bool:
    """Return whether not even everybody together could approve it."""
    if ruled.ruling.effect is not Effect.REVIEW:
        return False
    excluded = {ruled.agent, ruled.owner, ruled.behalf}
    for who in (ruled.owner, ruled.behalf or ""):
        excluded |= set(found.stands_for(who, now_ms()))
    everybody = [
        _yes(name, groups_of(found, name))
        for name, person in found.people.items()
        if person.active and name not in excluded and can_decide(found, name)
    ]
    return not satisfied(ruled.ruling.routes, everybody)


def _yes(person: str, groups: tuple[str, ...]) -> Review:
    return Review(
        person=person,
        groups=groups,
        answer=Answer.APPROVE,
        code="",
        rationale="",
        event_id="",
        at_ms=0,
    )


def _few(found: Iterable[str]) -> list[str]:
    """Return each once, and how many more there are than can be read."""
    names = list(dict.fromkeys(found))
    more = len(names) - SHOWN_MAX
    return [*names[:SHOWN_MAX], f"and {more} more"] if more > 0 else names


def _what(ruled: Ruled) -> str:
    return f"{ruled.action} on {ruled.resource}"


def _whom(ruled: Ruled) -> str:
    groups = ", ".join(f"{route.quorum} of {route.group}" for route in ruled.ruling.routes)
    return f"{groups} for {ruled.action}"
