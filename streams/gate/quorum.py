"""Whether distinct people fill every place of every route.

A route of quorum 2 has two places. A person fills one place in all, whatever groups that person is
in, so two routes need two people. Whoever delegated and whoever acts for them are one person here.
An approval fills places of routes alone whose level of assurance it meets. Whether all places can
be filled is bipartite matching; the augmenting path search below is Kuhn's, small because routes
and reviewers are few.
"""

from collections.abc import Mapping, Sequence

from streams.events import Answer, DecisionAdmitted, Route
from streams.gate.case import Review, names

Place = tuple[int, int]  # route number, place number


def open_to(route: Route, decision: DecisionAdmitted | Review) -> bool:
    """Return whether an approval can fill a place of this route: its group, at its level."""
    return route.group in decision.groups and decision.assurance.meets(route.assurance)


def voices(reviews: Sequence[Review]) -> dict[str, Review]:
    """Return the approvals that are people of their own, by person; the earlier one stands."""
    found: dict[str, Review] = {}
    heard: frozenset[str] = frozenset()
    for review in reviews:
        if review.answer is Answer.APPROVE and names(review).isdisjoint(heard):
            found[review.person] = review
            heard |= names(review)
    return found


def assign(routes: Sequence[Route], reviews: Sequence[Review]) -> tuple[tuple[str, ...], ...]:
    """Return, for each route in order, the people who fill its places; as many as can be."""
    heard = voices(reviews)
    held: dict[Place, str] = {}
    for person in sorted(heard):
        _place(person, routes, heard, held, set())
    return tuple(
        tuple(sorted(held[i, n] for n in range(route.quorum) if (i, n) in held))
        for i, route in enumerate(routes)
    )


def satisfied(routes: Sequence[Route], reviews: Sequence[Review]) -> bool:
    """Return whether every place is filled. No routes are never satisfied: doubt means no."""
    if not routes:
        return False
    filled = assign(routes, reviews)
    return all(len(people) >= route.quorum for route, people in zip(routes, filled, strict=True))


def _place(
    person: str,
    routes: Sequence[Route],
    heard: Mapping[str, Review],
    held: dict[Place, str],
    seen: set[Place],
) -> bool:
    """Give `person` a place, moving others along an augmenting path; False where none is free."""
    places = (
        (i, n)
        for i, route in enumerate(routes)
        if open_to(route, heard[person])
        for n in range(route.quorum)
    )
    for place in places:
        if place in seen:
            continue
        seen.add(place)
        if place not in held or _place(held[place], routes, heard, held, seen):
            held[place] = person
            return True
    return False
