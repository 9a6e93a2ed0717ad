"""Permit, review, forbid: Cedar has the last word, and doubt means no."""

from collections.abc import Callable
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import Assurance, Effect
from streams.policy import PolicyRequest, PolicySet, explain
from streams.policy.files import example
from streams.policy.request import cedar_entities, cedar_request
from tests.facts import samples

Load = Callable[..., PolicySet]
Ask = Callable[..., PolicyRequest]

PERMIT = '@id("p") permit (principal, action, resource);'
FINAL = '@id("final") @reason("never") forbid (principal, action, resource)'


def _route(name: str, group: str, when: str = "true", notes: str = "") -> str:
    return (
        f'@id("{name}") @route("{group}") {notes} forbid (principal, action, resource)\n'
        f'when {{ {when} }} unless {{ context.reviews.contains("{group}") }};'
    )


def test_permit(load: Load, ask: Ask) -> None:
    """What a permit matches and no forbid denies is permitted, naming the permit."""
    ruling = load(PERMIT).rule(ask())

    assert (Effect.PERMIT, ("p",), "permitted", ()) == (
        ruling.effect,
        ruling.policies,
        ruling.reason,
        ruling.routes,
    )


def test_no_match(load: Load, ask: Ask) -> None:
    """What no policy matches is forbidden."""
    policies = load('@id("p") permit (principal, action == Action::"write", resource);')
    ruling = policies.rule(ask())

    assert (Effect.FORBID, "no_matching_policy", ()) == (
        ruling.effect,
        ruling.reason,
        ruling.policies,
    )


@pytest.mark.parametrize("action", ["drop", "", "reading", 'read"', "Read", "read\n", "\ud800"])
def test_unknown_action(load: Load, ask: Ask, action: str) -> None:
    """An action that the schema does not let agents ask for is forbidden, whatever the permits."""
    ruling = load(PERMIT).rule(ask(action=action))

    assert (Effect.FORBID, "unknown_action") == (ruling.effect, ruling.reason)


def test_review(load: Load, ask: Ask) -> None:
    """A forbid with a route turns a permit into a review, by name, with quorum and time."""
    ruling = load(PERMIT, _route("r", "g", notes='@quorum("2") @within("PT5M")')).rule(ask())

    assert (Effect.REVIEW, ("r",), "review_required", False) == (
        ruling.effect,
        ruling.policies,
        ruling.reason,
        ruling.unmask,
    )
    assert [("g", 2, 300_000, "r")] == [
        (route.group, route.quorum, route.within_ms, route.policy) for route in ruling.routes
    ]


def test_review_needs_a_permit(load: Load, ask: Ask) -> None:
    """People can lift a forbid; they cannot permit what no policy permits."""
    ruling = load(_route("r", "g")).rule(ask())

    assert (Effect.FORBID, "no_matching_policy") == (ruling.effect, ruling.reason)


def test_a_final_forbid_outweighs_routes(load: Load, ask: Ask) -> None:
    """Where one determining forbid cannot be lifted, nobody is asked, and its reason is given."""
    ruling = load(PERMIT, _route("a", "g", notes='@reason("asked")'), f"{FINAL};").rule(ask())

    assert (Effect.FORBID, "never", ("a", "final")) == (
        ruling.effect,
        ruling.reason,
        ruling.policies,
    )


def test_reasons_are_sorted(load: Load, ask: Ask) -> None:
    """Of several reasons the first by name is given; the policies are all listed."""
    other = '@id("0") @reason("zzz") forbid (principal, action, resource);'
    ruling = load(PERMIT, other, f"{FINAL};").rule(ask())

    assert ("never", ("0", "final")) == (ruling.reason, ruling.policies)


def test_a_group_is_asked_once(load: Load, ask: Ask) -> None:
    """Two rules that ask one group give one route: highest quorum, shortest time."""
    policies = load(
        PERMIT,
        _route("slow", "g", notes='@quorum("3") @within("PT4H")'),
        _route("fast", "g", notes='@quorum("1") @within("PT1H") @unmask("executor")'),
        _route("other", "a"),
    )
    ruling = policies.rule(ask())

    assert [("a", 1, 86_400_000, "other"), ("g", 3, 3_600_000, "slow")] == [
        (route.group, route.quorum, route.within_ms, route.policy) for route in ruling.routes
    ]
    assert ruling.unmask


def test_agreement_can_bring_another_route(load: Load, ask: Ask) -> None:
    """A forbid that only shows once others agreed is lifted in its turn, and all are asked."""
    chain = [
        _route(f"r{9 - i}", f"g{i}", f'context.reviews.contains("g{i - 1}")' if i else "true")
        for i in range(4)
    ]
    ruling = load(PERMIT, *chain).rule(ask())

    assert Effect.REVIEW is ruling.effect
    assert ("r6", "r7", "r8", "r9") == ruling.policies
    assert ["g0", "g1", "g2", "g3"] == [route.group for route in ruling.routes]


def test_agreement_can_bring_a_final_forbid(load: Load, ask: Ask) -> None:
    """If the forbid that shows at last cannot be lifted, nobody is asked."""
    final = f'{FINAL} when {{ context.reviews.contains("g") }};'
    ruling = load(PERMIT, _route("r", "g"), final).rule(ask())

    assert (Effect.FORBID, "never", ()) == (ruling.effect, ruling.reason, ruling.routes)


def test_a_review_that_would_not_suffice(load: Load, ask: Ask) -> None:
    """A forbid that stands even with its group's agreement is a refusal, not an endless review."""
    stubborn = (
        '@id("r") @route("g") forbid (principal, action, resource)\n'
        'unless { context.reviews.contains("g") && context.items > 5 };'
    )
    policies = load(PERMIT, stubborn)

    assert (Effect.FORBID, "review_does_not_lift") == (
        policies.rule(ask(items=5)).effect,
        policies.rule(ask(items=5)).reason,
    )
    assert Effect.REVIEW is policies.rule(ask(items=6)).effect


def test_unmask_of_a_permit(load: Load, ask: Ask) -> None:
    """A permit unmasks if any permit that determined it says so, and only then."""
    unmasking = (
        '@id("u") @unmask("executor") permit (principal, action, resource) '
        "when { context.items > 5 };"
    )
    policies = load(PERMIT, unmasking)

    assert [False, True] == [policies.rule(ask(items=items)).unmask for items in (5, 6)]


OVERFLOW = "context.items + 9223372036854775807 > 3"


@pytest.mark.parametrize(
    "texts",
    [
        (PERMIT, f"{FINAL} when {{ {OVERFLOW} }};"),
        (PERMIT, _route("final", "g", OVERFLOW)),
        (PERMIT, f'@id("final") permit (principal, action, resource) when {{ {OVERFLOW} }};'),
        (
            PERMIT,
            _route("r", "g"),
            f'{FINAL} when {{ context.reviews.contains("g") && {OVERFLOW} }};',
        ),
    ],
    ids=["forbid", "route", "permit", "after-lifting"],
)
def test_an_error_in_cedar_means_no(load: Load, ask: Ask, texts: tuple[str, ...]) -> None:
    """Cedar skips a rule that fails; here its failing forbids, and names the rule."""
    ruling = load(*texts).rule(ask(items=1))

    assert (Effect.FORBID, "policy_error", ("final",)) == (
        ruling.effect,
        ruling.reason,
        ruling.policies,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"items": 2**63},
        {"agent": "\ud800"},
        {"owner": "\ud800"},
        {"attributes": {"env": "\ud800"}},
        {"resource_id": "\udfff"},
        {"phi": {"PERSON": 2**63 - 1, "MRN": 1}},
    ],
    ids=["items", "agent", "owner", "env", "resource", "phi"],
)
def test_a_request_that_cedar_cannot_read_means_no(
    load: Load, ask: Ask, changes: dict[str, Any]
) -> None:
    """What does not fit Cedar's numbers or texts is forbidden, never raised."""
    ruling = load(PERMIT).rule(ask(**changes))

    assert (Effect.FORBID, "policy_error") == (ruling.effect, ruling.reason)


def test_what_cedar_sees(load: Load, ask: Ask) -> None:
    """Every fact of a request reaches the rules under its documented name."""
    facts = (
        'principal == Agent::"reporter"',
        'principal.owner == "mira"',
        'principal.on_behalf_of == "jon"',
        'resource == Resource::"table/patients"',
        'resource.type == "table" && resource.id == "patients" && resource.env == "prod"',
        'resource.hasTag("tier") && resource.getTag("tier") == "gold"',
        'resource.hasTag("env") && !resource.hasTag("other")',
        'context.phi.present && context.phi.kinds == ["MRN", "PERSON"] && context.phi.count == 3',
        'context.whole && context.items == 7 && context.on_behalf_of == "jon"',
        "context.reviews.isEmpty()",
        'context.phi.unsure == 2 && context.facts.sql.read == "yes"',
        'context.facts.sql.kinds == ["select"] && context.facts.recipients.count == 1',
    )
    condition = " && ".join(f"({fact})" for fact in facts)
    scope = '(principal, action in Action::"reading", resource)'
    policies = load(f'@id("p") permit {scope} when {{ {condition} }};')
    request = ask(
        attributes={"env": "prod", "tier": "gold"},
        phi={"PERSON": 2, "MRN": 1, "SSN": 0},
        items=7,
        unsure=2,
    )

    assert Effect.PERMIT is policies.rule(request).effect
    others: list[dict[str, Any]] = [
        {"items": 8},
        {"unsure": 1},
        {"facts": samples.UNTOLD},
        {"on_behalf_of": None},
        {"owner": "x"},
    ]
    for change in (*others, {"attributes": {}}):
        assert Effect.FORBID is policies.rule(request.model_copy(update=change)).effect


def test_nobody_is_an_empty_string(load: Load, ask: Ask) -> None:
    """An agent that acts for nobody, and a resource without `env`, say "" to the rules."""
    policies = load(
        '@id("p") permit (principal, action, resource) when { principal.on_behalf_of == "" '
        '&& context.on_behalf_of == "" && resource.env == "" };'
    )

    assert Effect.PERMIT is policies.rule(ask(on_behalf_of=None, attributes={})).effect


_NAMES = st.text(max_size=12) | st.sampled_from(["", "prod", "dev", "jon", "identified"])
_REQUESTS = st.builds(
    PolicyRequest,
    agent=_NAMES,
    owner=_NAMES,
    on_behalf_of=st.none() | _NAMES,
    action=st.sampled_from(sorted(PolicySet.load(*example()).actions)) | _NAMES,
    resource_type=_NAMES,
    resource_id=_NAMES,
    attributes=st.dictionaries(st.sampled_from(["env", "data", "x"]) | _NAMES, _NAMES, max_size=3),
    phi=st.dictionaries(st.sampled_from(["PERSON", "MRN"]), st.integers(0, 2**64), max_size=2),
    whole=st.booleans(),
    items=st.integers(0, 2**64) | st.integers(0, 40),
    unsure=st.integers(0, 2**64) | st.just(0),
    facts=st.sampled_from(
        [samples.UNTOLD, samples.FIGURES, samples.ROWS, samples.WRITES, samples.NO_STATEMENT]
    ),
)


def _cedar_allows(request: PolicyRequest, groups: list[str]) -> bool:
    """Ask Cedar itself, by the texts, past everything that loading prepared."""
    texts, schema = example()
    try:
        result = cedarpy.is_authorized(
            cedar_request(request, groups),
            "\n".join(texts[name] for name in sorted(texts)),
            cedar_entities(request),
            schema,
        )
    except ValueError:
        return False
    return bool(result.allowed) and not result.diagnostics.errors


@settings(deadline=None)
@given(request=_REQUESTS)
def test_cedar_has_the_last_word(request: PolicyRequest) -> None:
    """Permit exactly where Cedar allows; review only where it allows with all routes agreed."""
    ruling = HOSPITAL.rule(request)

    assert _cedar_allows(request, []) == (ruling.effect is Effect.PERMIT)
    assert (ruling.effect is Effect.REVIEW) == bool(ruling.routes)
    if ruling.routes:
        groups = [route.group for route in ruling.routes]
        assert sorted(set(groups)) == groups
        assert _cedar_allows(request, groups)
    if ruling.effect is Effect.FORBID:
        assert not ruling.unmask
    assert explain(ruling).startswith(f"{ruling.effect.value}: {ruling.reason}\n")


@settings(deadline=None)
@given(request=_REQUESTS)
def test_deterministic(request: PolicyRequest) -> None:
    """The same set and request give the same bytes, whichever copy of the set rules."""
    assert HOSPITAL.rule(request).model_dump_json() == AGAIN.rule(request).model_dump_json()


HOSPITAL = PolicySet.load(*example())
AGAIN = PolicySet.load(dict(reversed(example()[0].items())), example()[1])


def test_the_highest_level_of_a_groups_rules(load: Load, ask: Ask) -> None:
    """A rule may demand a login of its group; of two rules on one group the stricter one counts."""
    text = (
        _route("low", "g", notes='@assurance("key")'),
        _route("high", "g", notes='@assurance("oidc")'),
        _route("none", "other"),
    )
    policies = load(PERMIT, *text)
    ruling = policies.rule(ask())
    levels = {route.group: route.assurance for route in ruling.routes}
    assert {"g": Assurance.OIDC, "other": Assurance.KEY} == levels
    assert "1 of g after a login within" in explain(ruling)
