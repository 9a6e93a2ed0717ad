"""The example set says what a hospital needs: action by PHI by environment."""

from collections.abc import Callable
from typing import Any

import pytest

from streams.events import Effect
from streams.facts import Facts
from streams.policy import PolicyRequest, PolicySet
from tests.facts import samples
from tests.facts.samples import (
    BESIDE,
    MANY,
    NO_STATEMENT,
    ONE_CHANGE,
    ONE_PERSON,
    ROWS,
    UNREAD,
    UNTOLD,
    WRITES,
)

Ask = Callable[..., PolicyRequest]
NAMED = {"PERSON": 2, "MRN": 1}
ACTIONS = (
    "data.export",
    "data.read",
    "db.drop",
    "db.query",
    "db.update",
    "iam.grant",
    "infra.change",
    "message.send",
    "phi.reveal",
)
H = 3_600_000
PRIVACY = ("privacy-officers", 1, 4 * H)
STEWARDS = ("data-stewards", 1, 4 * H)
GRANT = (("it-managers", 1, 8 * H), ("security-officers", 1, 8 * H))
BULK = ("communications-officers", 1, 2 * H)

EVERY_ROW = samples.sql(read="no", kinds=("update",), effects=("write",), filter="none")
DROPS = samples.sql(read="no", kinds=("ddl",), effects=("write",))


def to_many(count: int) -> Facts:
    """Return the facts of a message to so many."""
    return samples.NO_STATEMENT.model_copy(update={"recipients": samples.to(count)})


# action, PHI, changes, effect, reason, routes, unmask
TABLE: tuple[tuple[str, bool, dict[str, Any], str, str, tuple[Any, ...], bool], ...] = (
    ("data.read", False, {}, "review", "review_required", (PRIVACY,), True),
    ("data.read", True, {"facts": NO_STATEMENT}, "permit", "permitted", (), True),
    ("data.read", True, {"facts": ONE_PERSON}, "permit", "permitted", (), True),
    ("data.read", True, {"facts": ROWS}, "review", "review_required", (PRIVACY,), True),
    ("data.read", True, {"facts": UNREAD}, "review", "review_required", (PRIVACY,), True),
    ("data.read", True, {"facts": WRITES}, "forbid", "not_a_read", (), False),
    (
        "data.read",
        False,
        {"data": "public", "unsure": 1},
        "review",
        "review_required",
        (PRIVACY,),
        True,
    ),
    (
        "data.read",
        False,
        {"data": "public", "facts": MANY},
        "review",
        "review_required",
        (PRIVACY,),
        True,
    ),
    ("data.read", True, {"on_behalf_of": None}, "forbid", "no_person_on_whose_behalf", (), False),
    ("data.read", False, {"on_behalf_of": None}, "review", "review_required", (PRIVACY,), True),
    ("data.read", False, {"data": "deidentified", "facts": ROWS}, "permit", "permitted", (), False),
    ("data.export", False, {}, "review", "review_required", (PRIVACY,), False),
    ("data.export", True, {}, "review", "review_required", (PRIVACY,), True),
    ("data.export", False, {"data": "identified"}, "review", "review_required", (PRIVACY,), False),
    ("data.export", False, {"data": "aggregate"}, "review", "review_required", (PRIVACY,), False),
    ("data.export", False, {"facts": WRITES}, "forbid", "not_a_read", (), False),
    ("db.query", False, {}, "permit", "permitted", (), False),
    ("db.query", False, {"facts": ROWS}, "review", "review_required", (PRIVACY,), False),
    (
        "db.query",
        False,
        {"data": "odd", "facts": ROWS},
        "review",
        "review_required",
        (PRIVACY,),
        False,
    ),
    ("db.query", False, {"data": "public", "facts": ROWS}, "permit", "permitted", (), False),
    ("db.query", False, {"facts": UNTOLD}, "review", "review_required", (PRIVACY,), False),
    (
        "db.query",
        False,
        {"data": "public", "facts": UNREAD},
        "review",
        "review_required",
        (PRIVACY,),
        False,
    ),
    ("db.query", False, {"facts": MANY}, "review", "review_required", (PRIVACY,), False),
    ("db.query", False, {"facts": NO_STATEMENT}, "review", "review_required", (PRIVACY,), False),
    ("db.query", False, {"facts": BESIDE}, "review", "review_required", (PRIVACY,), False),
    ("db.query", False, {"unsure": 1}, "review", "review_required", (PRIVACY,), False),
    ("db.query", False, {"facts": WRITES}, "forbid", "not_a_read", (), False),
    ("db.query", True, {}, "review", "review_required", (PRIVACY,), True),
    ("db.update", False, {}, "review", "review_required", (STEWARDS,), False),
    ("db.update", True, {}, "review", "review_required", (STEWARDS,), True),
    ("db.update", False, {"env": "test", "facts": ONE_CHANGE}, "permit", "permitted", (), False),
    ("db.update", False, {"env": "test"}, "review", "review_required", (STEWARDS,), False),
    (
        "db.update",
        False,
        {"env": "test", "facts": UNTOLD},
        "review",
        "review_required",
        (STEWARDS,),
        False,
    ),
    (
        "db.update",
        False,
        {"env": "test", "facts": EVERY_ROW},
        "review",
        "review_required",
        (STEWARDS,),
        False,
    ),
    (
        "db.update",
        False,
        {"env": "test", "facts": DROPS},
        "review",
        "review_required",
        (STEWARDS,),
        False,
    ),
    (
        "db.update",
        False,
        {"env": "test", "facts": ONE_CHANGE, "unsure": 1},
        "review",
        "review_required",
        (STEWARDS,),
        False,
    ),
    ("db.update", True, {"env": "test"}, "review", "review_required", (STEWARDS,), True),
    ("db.update", False, {"env": ""}, "review", "review_required", (STEWARDS,), False),
    ("db.drop", False, {}, "forbid", "destructive_in_production", (), False),
    ("db.drop", True, {}, "forbid", "destructive_in_production", (), False),
    ("db.drop", False, {"env": ""}, "forbid", "destructive_in_production", (), False),
    ("db.drop", False, {"env": "Test"}, "forbid", "destructive_in_production", (), False),
    (
        "db.drop",
        False,
        {"env": "test"},
        "review",
        "review_required",
        (("data-stewards", 1, 8 * H),),
        False,
    ),
    ("iam.grant", False, {}, "review", "review_required", GRANT, False),
    ("iam.grant", True, {}, "review", "review_required", GRANT, True),
    (
        "infra.change",
        False,
        {},
        "review",
        "review_required",
        (("platform-oncall", 2, 1 * H),),
        False,
    ),
    (
        "infra.change",
        False,
        {"env": "staging"},
        "review",
        "review_required",
        (("platform-oncall", 1, 2 * H),),
        False,
    ),
    (
        "infra.change",
        True,
        {"env": "dev"},
        "review",
        "review_required",
        (("platform-oncall", 1, 2 * H),),
        True,
    ),
    ("phi.reveal", False, {}, "forbid", "not_an_intent", (), False),
    ("message.send", False, {"items": 20}, "permit", "permitted", (), False),
    ("message.send", False, {"facts": to_many(20)}, "permit", "permitted", (), False),
    ("message.send", False, {"facts": to_many(21)}, "review", "review_required", (BULK,), False),
    ("message.send", False, {"facts": to_many(0)}, "review", "review_required", (BULK,), False),
    ("message.send", False, {"facts": UNTOLD}, "review", "review_required", (BULK,), False),
    ("message.send", False, {"unsure": 1}, "review", "review_required", (PRIVACY,), False),
    ("message.send", False, {"items": 21}, "review", "review_required", (BULK,), False),
    ("message.send", True, {"items": 1}, "review", "review_required", (PRIVACY,), True),
    ("message.send", True, {"items": 21}, "review", "review_required", (BULK, PRIVACY), True),
)


def _request(ask: Ask, action: str, *, phi: bool, changes: dict[str, Any]) -> PolicyRequest:
    attributes = {"env": "prod"} | {k: v for k, v in changes.items() if k in {"env", "data"}}
    rest = {k: v for k, v in changes.items() if k not in {"env", "data"}}
    return ask(action=action, phi=NAMED if phi else {}, attributes=attributes, **rest)


@pytest.mark.parametrize(
    ("action", "phi", "changes", "effect", "reason", "routes", "unmask"), TABLE
)
def test_table(  # noqa: PLR0913, PLR0917 - one argument a column
    hospital: PolicySet,
    ask: Ask,
    action: str,
    phi: bool,
    changes: dict[str, Any],
    effect: str,
    reason: str,
    routes: tuple[Any, ...],
    unmask: bool,
) -> None:
    """Each row of the table is ruled as written."""
    ruling = hospital.rule(_request(ask, action, phi=phi, changes=changes))

    found = tuple((route.group, route.quorum, route.within_ms) for route in ruling.routes)
    assert (effect, reason, routes, unmask) == (
        ruling.effect.value,
        ruling.reason,
        found,
        ruling.unmask,
    )


def test_table_is_whole(hospital: PolicySet) -> None:
    """Every action of the schema stands in the table."""
    assert set(ACTIONS) == hospital.actions == {row[0] for row in TABLE}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("phi", [False, True])
def test_incomplete_preview(hospital: PolicySet, ask: Ask, action: str, phi: bool) -> None:
    """Whatever the action, what masking could not see whole is refused, not reviewed."""
    request = ask(action=action, phi=NAMED if phi else {}, whole=False, attributes={"env": "dev"})
    ruling = hospital.rule(request)

    assert Effect.FORBID is ruling.effect
    assert "whole-preview-or-nothing" in ruling.policies


def test_incomplete_preview_reason(hospital: PolicySet, ask: Ask) -> None:
    """The reason code of an incomplete preview is the one agents are told of."""
    assert "preview_incomplete" == hospital.rule(ask(action="db.query", whole=False)).reason


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("env", ["", "prod", "dev"])
@pytest.mark.parametrize("person", [None, "jon"])
def test_no_tokens_are_executed(
    hospital: PolicySet, ask: Ask, action: str, env: str, person: str | None
) -> None:
    """An intent with PHI is refused or unmasked: no executor ever acts on `<PERSON_1>`."""
    request = ask(action=action, phi=NAMED, attributes={"env": env}, on_behalf_of=person)
    ruling = hospital.rule(request)

    assert ruling.effect is Effect.FORBID or ruling.unmask


def test_counts_of_zero_are_no_phi(hospital: PolicySet, ask: Ask) -> None:
    """A kind that was looked for and not found does not make an intent one with PHI."""
    assert Effect.PERMIT is hospital.rule(ask(action="db.query", phi={"PERSON": 0})).effect


def test_route_names_the_strictest_rule(hospital: PolicySet, ask: Ask) -> None:
    """Of several rules that ask one group, the route names the one with the highest quorum."""
    ruling = hospital.rule(ask(action="infra.change", phi=NAMED))

    assert "prod-infra-needs-two" == ruling.routes[0].policy
    assert ("infra-needs-oncall", "phi-infra-unmasks", "prod-infra-needs-two") == ruling.policies


@pytest.mark.parametrize(
    ("person", "effect", "reason", "routes"),
    [
        ("jon", "review", "review_required", (("privacy-officers", 1, H),)),
        (None, "forbid", "no_person_on_whose_behalf", ()),
    ],
)
def test_a_reveal_needs_two_people(  # noqa: PLR0913, PLR0917 - one argument a column
    hospital: PolicySet, ask: Ask, person: str | None, effect: str, reason: str, routes: Any
) -> None:
    """Somebody to show it to, and a privacy officer who agrees within the hour; no unmasking."""
    ruling = hospital.rule(
        ask(action="phi.reveal", resource_type="Intent", resource_id="i", on_behalf_of=person)
    )
    found = tuple((route.group, route.quorum, route.within_ms) for route in ruling.routes)
    assert (effect, reason, routes, False) == (
        ruling.effect.value,
        ruling.reason,
        found,
        ruling.unmask,
    )
