"""Whether distinct people fill every place of every route.

A route of quorum 2 has two places. A person fills one place in all, whatever groups that person is
in, so two routes need two people. Whether all places can be filled is bipartite matching; the
augmenting path search below is Kuhn's, small because routes and reviewers are few.
"""

from collections.abc import Mapping, Sequence

from streams.events import Answer, Route
from streams.gate.case import Review

Place = tuple[int, int]  # route number, place number


def assign(routes: Sequence[Route], reviews: Sequence[Review]) -> tuple[tuple[str, ...], ...]:
    """Return, for each route in order, the people who fill its places; as many as can be."""
    groups = {r.person: frozenset(r.groups) for r in reviews if r.answer is Answer.APPROVE}
    held: dict[Place, str] = {}
    for person in sorted(groups):
        _place(person, routes, groups, held, set())
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
    groups: Mapping[str, frozenset[str]],
    held: dict[Place, str],
    seen: set[Place],
) -> bool:
    """Give `person` a place, moving others along an augmenting path; False where none is free."""
    places = (
        (i, n)
        for i, route in enumerate(routes)
        if route.group in groups[person]
        for n in range(route.quorum)
    )
    for place in places:
        if place in seen:
            continue
        seen.add(place)
        if place not in held or _place(held[place], routes, groups, held, seen):
            held[place] = person
            return True
    return False
