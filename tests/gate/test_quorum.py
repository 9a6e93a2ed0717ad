"""The quorum counts distinct people, one place each."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from streams.events import Answer, Assurance, Route
from streams.gate.case import Review
from streams.gate.quorum import assign, satisfied
from tests.builders import route

GROUPS = ("privacy", "security", "it")


def review(person: str, *groups: str, answer: Answer = Answer.APPROVE) -> Review:
    """Return one person's review."""
    return Review(
        person=person,
        groups=groups,
        answer=answer,
        code="",
        rationale="",
        event_id=person,
        at_ms=0,
    )


def brute_force(routes: list[Route], reviews: list[Review]) -> bool:
    """Try every order of people over every place: slow, and plainly right."""
    places = [r.group for r in routes for _ in range(r.quorum)]
    people = {r.person: set(r.groups) for r in reviews if r.answer is Answer.APPROVE}
    return bool(places) and any(
        all(group in people[person] for group, person in zip(places, order, strict=True))
        for order in permutations(people, len(places))
    )


def test_no_routes_are_never_satisfied() -> None:
    """An empty quorum means no."""
    assert not satisfied([], [review("petra", "privacy")])


def test_one_person_fills_one_place_whatever_their_groups() -> None:
    """Two routes need two people."""
    routes = [route("privacy"), route("security")]
    both = review("petra", "privacy", "security")
    assert not satisfied(routes, [both])
    assert satisfied(routes, [both, review("sam", "security")])
    assert satisfied(routes, [both, review("paul", "privacy")])


def test_the_same_person_twice_counts_once() -> None:
    """A quorum of two is two people."""
    assert not satisfied(
        [route(quorum=2)], [review("petra", "privacy"), review("petra", "privacy")]
    )


def test_a_denial_fills_no_place() -> None:
    """Only approvals count."""
    assert not satisfied([route()], [review("petra", "privacy", answer=Answer.DENY)])


def test_more_than_enough_is_enough() -> None:
    """A quorum that is passed is not stranded: `>=`, never `==`."""
    assert satisfied([route()], [review("petra", "privacy"), review("paul", "privacy")])


def test_assign_names_who_fills_each_route() -> None:
    """Whoever can stand in two routes stands where they are needed."""
    routes = [route("privacy"), route("security")]
    people = [review("anna", "privacy", "security"), review("paul", "privacy")]
    assert (("paul",), ("anna",)) == assign(routes, people)


@given(
    st.lists(
        st.tuples(st.sampled_from(GROUPS), st.integers(1, 2)), max_size=3, unique_by=lambda r: r[0]
    ),
    st.dictionaries(
        st.sampled_from("abcde"), st.sets(st.sampled_from(GROUPS), min_size=1), max_size=5
    ),
)
def test_satisfied_agrees_with_trying_everything(
    routes: list[tuple[str, int]], people: dict[str, set[str]]
) -> None:
    """The augmenting path search finds a full assignment exactly when there is one."""
    asked = [route(group, quorum) for group, quorum in routes]
    reviews = [review(person, *sorted(groups)) for person, groups in people.items()]
    assert brute_force(asked, reviews) == satisfied(asked, reviews)


def test_whoever_acts_for_another_is_that_person() -> None:
    """Delegate and delegator fill one place together, two delegates of one person as well."""
    routes = [route(quorum=2)]
    petra, paul = review("petra", "privacy"), review("paul", "privacy")
    dave = review("dave", "privacy").model_copy(update={"stands_for": ("petra",)})
    dora = review("dora", "privacy").model_copy(update={"stands_for": ("petra", "rita")})
    for pair in ((petra, dave), (dave, petra), (dave, dora)):
        assert not satisfied(routes, pair)
        assert satisfied(routes, [*pair, paul])


def test_a_level_that_is_too_low_fills_no_place() -> None:
    """A key fills places of routes that demand no login; a login fills both."""
    routes = [route(assurance=Assurance.OIDC), route("it")]
    by_key = review("petra", "privacy", "it")
    by_login = review("paul", "privacy").model_copy(update={"assurance": Assurance.OIDC})
    assert not satisfied(routes, [by_key, review("ian", "it")])
    assert satisfied(routes, [by_key, by_login])
    assert (("paul",), ("petra",)) == assign(routes, [by_key, by_login])
