"""What holds before an approver's key signs anything."""

import hashlib

import pytest

from streams.approver import judge
from streams.errors import RefusedError
from streams.events import Answer, Assurance, DecisionStatement, Request, Resource, Said, State
from streams.gate.view import view_digest
from tests.approver.cases import HOUR_MS, NOW_MS, display_of, request

SALT = b"s" * 16
OFFICERS = frozenset({"privacy-officers"})


def sign(asked: Request, code: str = "approved", rationale: str = "agreed") -> DecisionStatement:
    """Return the statement over a request."""
    return judge.statement(
        asked, answer=Answer.APPROVE, code=code, rationale=rationale, salt=SALT, now_ms=NOW_MS
    )


def test_statement_binds_what_was_shown() -> None:
    """The statement holds the request's digests and revisions, and the reason by its digest."""
    asked = request()
    assert DecisionStatement(
        gate=asked.gate,
        intent_id=asked.intent_id,
        answer=Answer.APPROVE,
        code="approved",
        action_digest=asked.action_digest,
        display_digest=asked.display_digest,
        view_digest=view_digest(asked),
        policy_revision=asked.policy_revision,
        masker_revision=asked.masker_revision,
        rationale_digest=hashlib.sha256(SALT + b"agreed").hexdigest(),
        decided_at_ms=NOW_MS,
    ) == sign(asked)


LIES = {
    "digest of another text": request(display_digest="00" * 32),
    "one byte changed": request(
        display=request().display.replace(b"20", b"99"), display_digest=request().display_digest
    ),
    "text names another action": request(
        display=display_of("data.read", Resource(type="table", id="patients"))
    ),
    "text names another resource": request(
        display=display_of("data.export", Resource(type="table", id="lunch_menu"))
    ),
    "text is no JSON": request(display=b"{"),
    "text is a list": request(display=b"[]"),
    "text is not UTF-8": request(display=b"\xff"),
    "text is too deep": request(display=b"[" * 200_000),
}


@pytest.mark.parametrize("name", LIES)
def test_nothing_is_signed_that_does_not_hold_together(name: str) -> None:
    """A view that its digest or its request belies is never signed."""
    with pytest.raises(RefusedError) as caught:
        sign(LIES[name])
    assert caught.value.code == "display_mismatch"


@pytest.mark.parametrize("code", ["", "a", "Too Broad", "too-broad", "_x", "1st", "x" * 49, "é_é"])
def test_code_is_snake_case(code: str) -> None:
    """A reason code is a short word for machines."""
    with pytest.raises(RefusedError) as caught:
        sign(request(), code=code)
    assert caught.value.code == "bad_code"


@pytest.mark.parametrize("code", [*judge.DENY_CODES, "no_consent_on_file"])
def test_usual_and_free_codes_are_taken(code: str) -> None:
    """The usual codes are only a help: any other in snake case is as good."""
    assert sign(request(), code=code).code == code


@pytest.mark.parametrize("rationale", ["", "  \n", "x" * 4_001])
def test_a_reason_is_said_and_short(rationale: str) -> None:
    """Nobody decides without a reason, and a reason is no essay."""
    with pytest.raises(RefusedError) as caught:
        sign(request(), rationale=rationale)
    assert caught.value.code == "bad_rationale"


@pytest.mark.parametrize(
    ("asked", "answer", "now_ms", "expected"),
    [
        (request(), Answer.APPROVE, NOW_MS, ""),
        (request(), Answer.APPROVE, NOW_MS + 4 * HOUR_MS, "clock_or_workers"),
        (request(state=State.DENIED), Answer.DENY, NOW_MS, "case_closed"),
        (request(whole=False), Answer.APPROVE, NOW_MS, "preview_incomplete"),
        (request(whole=False), Answer.DENY, NOW_MS, ""),
    ],
)
def test_obstacles(asked: Request, answer: Answer, now_ms: int, expected: str) -> None:
    """A closed request takes no answer, and one that cannot be seen whole no approval."""
    assert expected == judge.obstacle(asked, answer, now_ms)


@pytest.mark.parametrize(
    ("person", "groups", "answer", "expected"),
    [
        ("dana", OFFICERS, Answer.APPROVE, ""),
        ("dana", frozenset(), Answer.APPROVE, "not_a_reviewer"),
        ("bob", OFFICERS, Answer.APPROVE, "requester_may_not_review"),
        ("carol", OFFICERS, Answer.APPROVE, "requester_may_not_review"),
        ("carol", OFFICERS, Answer.DENY, ""),
        ("carol", frozenset(), Answer.DENY, "not_a_reviewer"),
        ("erin", OFFICERS, Answer.APPROVE, "already_decided"),
        ("erin", OFFICERS, Answer.DENY, ""),
    ],
)
def test_doubts(person: str, groups: frozenset[str], answer: Answer, expected: str) -> None:
    """Who asked, who is not asked and who has agreed is told so before the gate says it."""
    assert expected == judge.doubt(request(), judge.Reviewer(person, groups), answer)


def test_doubts_about_delegates_and_levels() -> None:
    """A delegate is whom they stand for; a key is too little where a login is demanded."""
    by_key = {"answer": Answer.APPROVE, "assurance": Assurance.KEY, "at_ms": 1}
    said = Said.model_validate({**by_key, "person": "erin", "stands_for": ("gina",)})
    route = request().routes[0].model_copy(update={"assurance": Assurance.OIDC, "approved_by": ()})
    asked = request(routes=(route,), reviews=(said,))
    for stands_for, level, expected in (
        (("carol",), Assurance.OIDC, "requester_may_not_review"),
        (("erin",), Assurance.OIDC, "same_person"),
        (("gina",), Assurance.OIDC, "same_person"),
        ((), Assurance.KEY, "assurance_too_low"),
        ((), Assurance.OIDC, ""),
        ((), None, ""),
    ):
        who = judge.Reviewer("dana", OFFICERS, stands_for, level)
        assert expected == judge.doubt(asked, who, Answer.APPROVE)
    low = judge.Reviewer("dana", OFFICERS, (), Assurance.KEY)
    assert not judge.doubt(asked, low, Answer.DENY)
