"""The fold under a state machine: no history breaks it, and every mutant of it is caught by name.

`PHIGATE_MACHINE_EXAMPLES` makes the search longer (CI: 150 histories of up to 40 events).
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from streams.events import Assurance, ControlKind, Effect, Kind, Status
from streams.gate.fold import TABLE
from streams.testing import bodies, route
from tests.testing.machine import FORGED, GRANT, MINUTE_MS, FoldMachine
from tests.testing.mutants import MUTANTS, Fold, Mutant, built

EXAMPLES = int(os.environ.get("PHIGATE_MACHINE_EXAMPLES", "150"))
STEPS = 40

REASONS = {
    "unknown_intent",
    "case_closed",
    "requester_may_not_review",
    "not_a_reviewer",
    "already_decided",
    "same_person",
    "assurance_too_low",
    "action_mismatch",
    "display_mismatch",
    "view_mismatch",
    "masker_mismatch",
    "policy_mismatch",
    "preview_incomplete",
    "content_conflict",
    "not_due",
    "no_grant",
    "wrong_executor",
    "already_reported",
    "not_its_agent",
    "revoked",
    "unknown_agent",  # admit's own
}


def version(fold: Fold) -> type[FoldMachine]:
    """Return the machine that looks at this fold; what it visits is its own."""

    class Version(FoldMachine):
        """One version of the gate."""

    Version.fold, Version.visited, Version.refusals = fold, set(), set()
    return Version


def search(fold: Fold, examples: int) -> None:
    """Look for a history that breaks this fold; raises AssertionError with the first one found."""
    run_state_machine_as_test(
        version(fold),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_history_breaks_the_fold() -> None:
    """I1, I4, I5, I7 hold after every event."""
    with built(None) as fold:
        search(fold, EXAMPLES)


def test_the_whole_table_and_every_refusal_is_checked() -> None:
    """Every event in every state, through the machine's own rules: nothing is left to luck."""
    with built(None) as fold:
        machine = tour(fold)
    assert set(TABLE) == machine.visited
    assert REASONS == machine.refusals


def tour(fold: Fold) -> type[FoldMachine]:
    """Bring a case into each state, and let each event happen there."""
    machine = version(fold)
    states = (nowhere, to_pending, to_granted, to_denied, to_expired)
    for bring in (*states, to_revoked, to_taken_back, to_forestalled):
        for event in EVENTS:
            here = machine()
            bring(here)
            event(here)
            here.it_ends()
            here.it_signs_what_it_shows()
            here.it_grants_once()
            here.it_folds_the_same_again()
    return machine


def nowhere(_: FoldMachine) -> None:
    """Leave it without a case."""


def to_pending(machine: FoldMachine) -> None:
    """Ask two of privacy."""
    machine.begin((route("privacy", 2),), whole=True)


def to_granted(machine: FoldMachine) -> None:
    """Let both agree."""
    to_pending(machine)
    machine.decide([("petra", None), ("paul", None)], 0)


def to_denied(machine: FoldMachine) -> None:
    """Let one say no."""
    to_pending(machine)
    machine.decide([("petra", "deny")], 0)


def to_expired(machine: FoldMachine) -> None:
    """Let time pass."""
    to_pending(machine)
    machine.pass_deadline(0)


def to_revoked(machine: FoldMachine) -> None:
    """Let an officer revoke what is pending."""
    to_pending(machine)
    machine.order(ControlKind.REVOKE, "")


def to_taken_back(machine: FoldMachine) -> None:
    """Let an officer revoke what was granted."""
    to_granted(machine)
    machine.it_grants_once()
    machine.order(ControlKind.REVOKE, "")


def to_forestalled(machine: FoldMachine) -> None:
    """Let an officer revoke what nobody has seen."""
    machine.order(ControlKind.REVOKE, "")


def deny_unseen(machine: FoldMachine) -> None:
    """Agree to, and deny, what nobody was shown whole."""
    machine.admit(Effect.REVIEW, (route("privacy"),), whole=False, mac="content")
    machine.decide([("petra", None), ("paul", "deny")], 0)


def count_again(machine: FoldMachine) -> None:
    """Let one agree, in an event that comes twice."""
    machine.decide([("petra", None)], 0)
    machine.repeat(len(machine.history) - 1, 1)


def seat_both(machine: FoldMachine) -> None:
    """Ask two groups; Anna is in both, and has to make room for Petra."""
    machine.clear()
    machine.begin((route("it"), route("privacy")), whole=True)
    machine.decide([("anna", None), ("petra", None), ("ian", None)], 0)


def demand_a_login(machine: FoldMachine) -> None:
    """Ask for a login: an enrolled key is too little, except to say no."""
    machine.clear()
    machine.begin((route("privacy", 1, MINUTE_MS, Assurance.OIDC),), whole=True)
    machine.decide([("paul", None), ("petra", "oidc")], 0)
    machine.clear()
    machine.begin((route("privacy", 1, MINUTE_MS, Assurance.OIDC),), whole=True)
    machine.decide([("paul", "deny")], 0)
    machine.clear()
    machine.begin((route("privacy", 1, MINUTE_MS, Assurance.OIDC), route("it")), whole=True)
    machine.decide([("anna", None), ("ian", None), ("petra", "oidc")], 0)


def act_for_others(machine: FoldMachine) -> None:
    """Let Dave act for Petra: together they are one; Rudi acts for Rita, who asked."""
    for first, second in (("petra", "dave"), ("dave", "petra")):
        machine.clear()
        machine.begin((route("privacy", 2), route("it")), whole=True)
        machine.decide([(first, None), (second, None), ("rudi", None), ("paul", None)], 0)
        machine.decide([("rudi", "deny"), (second, "deny")], 0)


EVENTS: tuple[Callable[[FoldMachine], None], ...] = (
    lambda m: m.admit(Effect.REVIEW, (route("privacy"),), whole=True, mac="content"),
    lambda m: m.admit(Effect.REVIEW, (route("privacy"),), whole=True, mac="other"),
    lambda m: m.decide([("petra", None), ("petra", None)], 0),
    lambda m: m.decide([("rita", None), ("olga", None), ("gwen", None), ("eve", "deny")], 0),
    lambda m: m.decide([("bot", "deny")], 0),
    lambda m: m.decide([("paul", forged) for forged in FORGED], 0),
    lambda m: m.pass_deadline(-1),
    lambda m: m.pass_deadline(0),
    lambda m: m.report(Status.OK, GRANT, "another"),
    lambda m: m.report(Status.OK, "another", bodies.EXECUTOR),
    lambda m: (
        m.report(Status.OK, GRANT, bodies.EXECUTOR),
        m.report(Status.OK, GRANT, bodies.EXECUTOR),
    )[0],
    lambda m: m.refuse(Kind.INTENT, answerable=True),
    lambda m: m.refuse(Kind.DECISION, answerable=False),
    lambda m: m.refuse(Kind.INTENT, answerable=False),
    lambda m: m.garble(),
    lambda m: m.admit(Effect.PERMIT, (), whole=True, mac="content"),
    lambda m: m.admit(Effect.FORBID, (), whole=True, mac="content"),
    lambda m: m.admit(Effect.REVIEW, (), whole=True, mac="content"),
    lambda m: m.decide([("petra", None)], 10 * MINUTE_MS),
    lambda m: m.repeat(0, 1) if m.history else None,
    lambda m: m.order(ControlKind.REVOKE, ""),
    lambda m: m.order(ControlKind.CANCEL, "bot"),
    lambda m: m.order(ControlKind.CANCEL, "other-bot"),
    lambda m: m.order(ControlKind.HALT, ""),
    lambda m: m.order(ControlKind.RESUME, ""),
    lambda m: m.repeat(len(m.history) - 1, 1) if m.history else None,
    lambda m: (m.report(Status.UNKNOWN, GRANT, bodies.EXECUTOR), m.order(ControlKind.REVOKE, ""))[
        1
    ],
    deny_unseen,
    count_again,
    seat_both,
    demand_a_login,
    act_for_others,
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_fold_is_caught(mutant: Mutant) -> None:
    """What is wrong with it is found, and called by its name."""
    with built(mutant) as fold, pytest.raises(AssertionError) as caught:  # noqa: PT012 - either
        tour(fold)  # finds most, and at once
        search(fold, 3 * EXAMPLES)
    assert str(caught.value).partition(":")[0] in mutant.caught
