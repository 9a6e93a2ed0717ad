"""The transition table, move by move, and what holds after any history."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Answer, ControlKind, Effect, Effected, Kind, Position, State, Status
from streams.gate.case import deadline_ms
from streams.gate.fold import TABLE, grant_id, step, unreadable
from tests.builders import (
    HOUR_MS,
    INTENT_ID,
    OPENED_MS,
    control,
    deadline,
    decision,
    event,
    fold,
    intent,
    outcome,
    refused,
    route,
    ruling,
    seeing,
)

BODIES = (intent(), decision(), deadline(), outcome(), refused(), control())


def last(*bodies: Any) -> tuple[State | None, Effected, str]:
    """Return the state after the bodies, and the last one's effect and reason."""
    made = fold(*bodies)[-1]
    state = made.case.state if made.case else None
    return state, made.consequence.effected, made.consequence.reason


def test_the_table_has_a_move_for_every_state_and_event() -> None:
    """No pair is left to chance."""
    states = (None, *State)
    assert {(state, type(body)) for state in states for body in BODIES} == set(TABLE)


def test_a_permitted_intent_is_granted_at_once() -> None:
    """Permit: nobody is asked."""
    permitted = intent(ruling=ruling(Effect.PERMIT))
    assert (State.GRANTED, Effected.GRANTED, "") == last(permitted)


def test_a_forbidden_intent_is_denied_with_the_rules_reason() -> None:
    """Forbid: the reason is the policy's."""
    forbidden = intent(ruling=ruling(Effect.FORBID, reason="destructive_in_production"))
    assert (State.DENIED, Effected.DENIED, "destructive_in_production") == last(forbidden)


def test_a_review_without_routes_is_denied() -> None:
    """A quorum that cannot be asked for means no, not a case that waits for ever."""
    nobody = ruling(Effect.REVIEW).model_copy(update={"routes": ()})
    assert State.DENIED == last(intent(ruling=nobody))[0]


def test_one_eligible_approval_grants() -> None:
    """The quorum of one route of one."""
    assert (State.GRANTED, Effected.GRANTED, "") == last(intent(), decision())


def test_two_groups_need_two_people() -> None:
    """One person of both groups leaves the case pending."""
    asked = intent(ruling=ruling(Effect.REVIEW, route("security"), route("it")))
    both = decision("anna", "security", "it")
    assert (State.PENDING, Effected.COUNTED, "") == last(asked, both)
    assert State.GRANTED == last(asked, both, decision("ian", "it"))[0]


def test_one_eligible_denial_ends_it() -> None:
    """A denial wins over approvals that do not yet suffice."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(quorum=2)))
    no = decision("paul", answer=Answer.DENY, code="too_broad")
    assert (State.DENIED, Effected.DENIED, "too_broad") == last(asked, decision(), no)


def test_a_change_of_mind_to_no_counts() -> None:
    """Whoever approved may still deny while the case is pending: the safe direction."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(quorum=2)))
    no = decision(answer=Answer.DENY, code="mistake")
    assert (State.DENIED, Effected.DENIED, "mistake") == last(asked, decision(), no)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (decision("bot"), "requester_may_not_review"),
        (decision("olga"), "requester_may_not_review"),
        (decision("rita"), "requester_may_not_review"),
        (decision("gwen"), "requester_may_not_review"),
        (decision("dora", stands_for=("gwen",)), "requester_may_not_review"),
        (decision("petra", "billing"), "not_a_reviewer"),
        (decision(action_digest="other"), "action_mismatch"),
        (decision(display_digest="other"), "display_mismatch"),
        (decision(policy_revision="other"), "policy_mismatch"),
        (deadline(OPENED_MS + HOUR_MS - 1), "not_due"),
        (outcome(), "no_grant"),
        (intent(content_mac="other"), "content_conflict"),
        (refused(reason="too_large"), "too_large"),
        (refused(Kind.DECISION, reason="bad_signature"), "bad_signature"),
    ],
)
def test_what_a_pending_case_refuses(body: Any, reason: str) -> None:
    """A refused event says why, and leaves the case as it was."""
    before, after = fold(intent(delegators=("gwen",)), body)
    assert Effected.REFUSED == after.consequence.effected
    assert reason == after.consequence.reason
    assert before.case == after.case


@pytest.mark.parametrize("person", ["rita", "olga", "bot", "gwen", "petra"])
def test_a_no_counts_whoever_of_the_reviewers_says_it(person: str) -> None:
    """To be named as the one who asks takes away the yes, never the no: an agent could do it."""
    asked = intent(delegators=("gwen",))
    no = decision(person, answer=Answer.DENY, code="no")
    assert (State.DENIED, Effected.DENIED, "no") == last(asked, no)


def test_a_no_of_nobody_s_is_none() -> None:
    """Who reviews for none of the groups that are asked cannot deny either."""
    no = decision("petra", "billing", answer=Answer.DENY, code="no")
    assert (State.PENDING, Effected.REFUSED, "not_a_reviewer") == last(intent(), no)


def test_a_case_knows_whose_it_is() -> None:
    """The verdict says whom it answers and what, of a refused intent as of an admitted one."""
    (opened,) = fold(intent(content="c1"))
    (denied,) = fold(refused(who="bot", content="c2"))
    assert opened.case
    assert denied.case
    assert ("bot", "c1") == (opened.case.agent, opened.case.content)
    assert ("bot", "c2") == (denied.case.agent, denied.case.content)


def test_an_approval_of_an_incomplete_preview_is_refused_and_a_denial_is_not() -> None:
    """Nobody can approve what they were not shown whole."""
    partial = intent(whole=False)
    assert "preview_incomplete" == last(partial, decision())[2]
    assert State.DENIED == last(partial, decision(answer=Answer.DENY, code="unclear_purpose"))[0]


def test_the_same_person_cannot_approve_twice() -> None:
    """A second approval is refused."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(quorum=2)))
    assert (State.PENDING, Effected.REFUSED, "already_decided") == last(
        asked, decision(), decision()
    )


def test_the_very_same_decision_again_is_a_repeat() -> None:
    """Admit may run twice on one input; the first in the log wins, the second changes nothing."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(quorum=2)))
    counted = fold(asked, decision())[-1].case
    again = step(counted, event(decision(), 1), Position(partition=0, offset=2))
    assert Effected.REPEATED == again.consequence.effected
    assert counted == again.case


def test_the_same_intent_again_is_a_repeat() -> None:
    """Same id, same content: no second case, whatever its state."""
    assert (State.GRANTED, Effected.REPEATED, "") == last(intent(), decision(), intent())


def test_a_deadline_expires_a_pending_case_and_only_that() -> None:
    """The default end is no."""
    assert (State.EXPIRED, Effected.EXPIRED, "deadline_passed") == last(intent(), deadline())
    assert (State.GRANTED, Effected.REFUSED, "case_closed") == last(
        intent(), decision(), deadline()
    )


def test_whichever_stands_earlier_in_the_log_wins() -> None:
    """A decision after its deadline still counts while no deadline event stands before it."""
    pending = fold(intent())[-1].case
    late = event(seeing(decision(), pending), 1, at_ms=OPENED_MS + 48 * HOUR_MS)
    granted = step(pending, late, Position(partition=0, offset=1))
    assert Effected.GRANTED == granted.consequence.effected
    assert (State.EXPIRED, Effected.REFUSED, "case_closed") == last(
        intent(), deadline(), decision()
    )


def test_the_first_deadline_of_all_routes_is_the_cases() -> None:
    """All routes must be met, so the first that cannot be met any more ends the case."""
    asked = intent(ruling=ruling(Effect.REVIEW, route(), route("it", within_ms=60_000)))
    case = fold(asked)[-1].case
    assert case is not None
    assert OPENED_MS + 60_000 == deadline_ms(case)


def test_an_intent_that_expires_before_its_routes_ends_the_case() -> None:
    """The agent's own time limit counts too."""
    case = fold(intent(expires_at_ms=OPENED_MS + 5))[-1].case
    assert case is not None
    assert OPENED_MS + 5 == deadline_ms(case)


@pytest.mark.parametrize("body", [decision(), deadline(), outcome()])
def test_events_of_an_unknown_intent_are_refused(body: Any) -> None:
    """No case comes out of thin air."""
    assert (None, Effected.REFUSED, "unknown_intent") == last(body)


def test_a_refused_intent_is_answered_with_a_verdict() -> None:
    """Its agent may be waiting: I5."""
    assert (State.DENIED, Effected.DENIED, "ttl_out_of_range") == last(refused())


def test_a_refusal_without_a_readable_id_opens_no_case() -> None:
    """Nobody waits for it; it is recorded."""
    assert (None, Effected.REFUSED, "undecodable") == last(
        refused(reason="undecodable", answerable=False)
    )
    assert (None, Effected.REFUSED, "bad_signature") == last(
        refused(Kind.DECISION, reason="bad_signature")
    )


def test_a_refused_input_does_not_touch_an_open_case() -> None:
    """Garbage under somebody's intent id closes nothing."""
    before, after = fold(intent(), refused())
    assert before.case == after.case


def test_an_outcome_is_reported_once_and_unknown_can_be_settled() -> None:
    """The first report wins, but a person may find out what an unknown one was."""
    told = fold(intent(), decision(), outcome(status=Status.UNKNOWN), outcome(), outcome())
    assert ["unknown", "ok", "already_reported"] == [s.consequence.reason for s in told[2:]]
    final = told[-1].case
    assert final is not None
    assert final.outcome is not None
    assert Status.OK == final.outcome.status


@pytest.mark.parametrize(
    ("body", "reason"),
    [(outcome(grant_id="other"), "no_grant"), (outcome(executor="other"), "wrong_executor")],
)
def test_foreign_outcomes_are_refused(body: Any, reason: str) -> None:
    """Only the class that was granted reports, and only on its grant."""
    assert (State.GRANTED, Effected.REFUSED, reason) == last(intent(), decision(), body)


def test_an_unreadable_record_moves_nothing() -> None:
    """Whatever stands in the log, the fold goes on."""
    made = unreadable(fold(intent())[-1].case)
    assert ("unreadable_event", Effected.REFUSED) == (
        made.consequence.reason,
        made.consequence.effected,
    )


def test_the_grant_id_is_the_intents_alone() -> None:
    """One intent, one grant id, for ever (I4)."""
    granted = fold(intent(), decision())[-1]
    assert grant_id(INTENT_ID) == granted.consequence.grant_id


# ---------------------------------------------------------------- any history

PEOPLE = ("bot", "olga", "rita", "petra", "paul", "sam", "ian")
ASKED = (route("privacy", 2), route("security"))

decisions = st.builds(
    decision,
    st.sampled_from(PEOPLE),
    st.sampled_from(("privacy", "security", "billing")),
    answer=st.sampled_from([*Answer, Answer.APPROVE, Answer.APPROVE]),
    action_digest=st.sampled_from(("a1", "a1", "a1", "other")),
)
histories = st.lists(
    st.one_of(
        decisions,
        decisions,
        decisions,
        st.just(intent(ruling=ruling(Effect.REVIEW, *ASKED))),
        st.builds(deadline, st.sampled_from((OPENED_MS, OPENED_MS + HOUR_MS))),
        st.builds(outcome, status=st.sampled_from([*Status])),
        st.builds(refused, st.sampled_from([*Kind])),
    ),
    max_size=12,
)


@given(histories)
def test_after_any_history_the_invariants_hold(bodies: list[Any]) -> None:
    """I1, I4: a grant has its quorum of others; a closed case never moves, nor does a refusal."""
    case = None
    for made in fold(intent(ruling=ruling(Effect.REVIEW, *ASKED)), *bodies):
        if made.consequence.effected in {Effected.REFUSED, Effected.REPEATED}:
            assert case == made.case
        if case is not None and case.state is not State.PENDING:
            assert made.case is not None
            assert (case.state, case.closing) == (made.case.state, made.case.closing)
        case = made.case
    assert case is not None
    if case.state is State.GRANTED:
        people = {r.person for r in case.reviews if r.answer is Answer.APPROVE}
        assert len(people) >= sum(r.quorum for r in ASKED)
        assert people.isdisjoint({"bot", "olga", "rita"})


@given(histories)
def test_the_same_log_gives_the_same_cases(bodies: list[Any]) -> None:
    """I7: two folds of one log agree in every step."""
    assert fold(*bodies) == fold(*bodies)


# ---------------------------------------------------------------- orders

PERMITTED = intent(ruling=ruling(Effect.PERMIT))
CANCEL = control(ControlKind.CANCEL)


@pytest.mark.parametrize("asked", [intent(), PERMITTED], ids=["pending", "granted"])
def test_an_officer_revokes_what_is_pending_or_granted(asked: Any) -> None:
    """The verdict is revoked, by whom and why, and nothing that comes later changes it."""
    assert (State.REVOKED, Effected.REVOKED, "revoked") == last(asked, control())
    case = fold(asked, control())[-1].case
    assert case
    assert case.revocation
    assert (("sam",), "wrong patient") == (case.revocation.decided_by, case.revocation.rationale)
    for later in (decision(), deadline(), asked, CANCEL, control(reason="again")):
        assert case == fold(later, case=case, first=9)[-1].case


def test_a_revocation_keeps_the_grant_as_it_was() -> None:
    """The closing under which it was granted stays, so that a late report can be told."""
    granted, revoked = (step.case for step in fold(PERMITTED, control()))
    assert granted
    assert revoked
    assert granted.closing == revoked.closing


def test_what_had_run_before_the_revocation_is_told() -> None:
    """A run that had begun cannot be taken back: its outcome stands with the revoked case."""
    made = fold(PERMITTED, control(), outcome())
    case = made[-1].case
    assert case
    assert case.outcome
    assert (State.REVOKED, Effected.REPORTED) == (case.state, made[-1].consequence.effected)
    assert (State.REVOKED, Effected.REFUSED, "no_grant") == last(intent(), control(), outcome())


def test_what_is_reported_cannot_be_revoked() -> None:
    """An outcome stands; so does one that nobody knows."""
    for status in Status:
        done = (PERMITTED, outcome(status=status), control())
        assert (State.GRANTED, Effected.REFUSED, "already_reported") == last(*done)


def test_an_agent_cancels_its_own_intents_alone() -> None:
    """Another agent's order, signed or not, moves nothing."""
    assert (State.REVOKED, Effected.REVOKED, "cancelled") == last(intent(), CANCEL)
    foreign = control(ControlKind.CANCEL, by="other-bot")
    assert (State.PENDING, Effected.REFUSED, "not_its_agent") == last(intent(), foreign)
    assert (None, Effected.REFUSED, "unknown_intent") == last(CANCEL)


def test_an_intent_can_be_revoked_before_it_comes() -> None:
    """The order came first in the log: what comes later under the id is refused."""
    assert (State.REVOKED, Effected.REVOKED, "revoked") == last(control())
    assert (State.REVOKED, Effected.REFUSED, "revoked") == last(control(), PERMITTED)


@pytest.mark.parametrize("kind", [ControlKind.HALT, ControlKind.RESUME])
def test_a_halt_is_recorded_and_moves_no_case(kind: ControlKind) -> None:
    """It stands under the id of its scope, and whatever else stands there: executors obey it."""
    assert (None, Effected.RECORDED, kind.value) == last(control(kind))
    assert (State.PENDING, Effected.RECORDED, kind.value) == last(intent(), control(kind))
    assert (State.REVOKED, Effected.RECORDED, kind.value) == last(control(), control(kind))


def test_an_order_that_was_admitted_twice_counts_once() -> None:
    """The same event again is a repeat."""
    case = fold(intent(), control())[-1].case
    again = step(case, event(control(), 1), Position(partition=0, offset=7))
    assert (case, Effected.REPEATED) == (again.case, again.consequence.effected)


@pytest.mark.parametrize("state", ["denied", "expired"])
def test_what_has_ended_otherwise_is_not_revoked(state: str) -> None:
    """No is no already."""
    ended = {"denied": intent(ruling=ruling(Effect.FORBID)), "expired": intent()}[state]
    passed = () if state == "denied" else (deadline(),)
    assert (State(state), Effected.REFUSED, "case_closed") == last(ended, *passed, control())


@pytest.mark.parametrize(
    "before",
    [
        (),
        (intent(),),
        (intent(), decision()),
        (intent(), decision(), outcome()),
        (intent(), decision(answer=Answer.DENY)),
        (intent(), deadline()),
        (intent(), control(ControlKind.REVOKE)),
    ],
)
def test_a_shred_is_recorded_and_moves_no_case(before: tuple[Any, ...]) -> None:
    """In whatever state a case is, the log tells that it was shredded, and the case stays."""
    steps = fold(*before, control(ControlKind.SHRED))
    was = steps[-2].case if before else None
    told = steps[-1].consequence
    assert was == steps[-1].case
    assert (Effected.RECORDED, "shred") == (told.effected, told.reason)
    assert (was.state if was else None) == told.state
