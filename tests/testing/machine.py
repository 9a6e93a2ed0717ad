"""A Hypothesis state machine that looks for a history which breaks an invariant of the fold.

What must come of each event is said here a second time, in other words: people are counted by
trying every way to seat them (`streams.testing.evidence`), not by matching. Messages of failed
checks begin with the name of what is broken: an invariant of ARCHITECTURE.md, `refusal` (a refused
event moves nothing), `quorum` (places that can be filled are), `log` (only the log's order counts).
"""

import hashlib
import json
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streams.events import (
    Answer,
    Assurance,
    CaseEvent,
    ControlAdmitted,
    ControlKind,
    DeadlinePassed,
    DecisionAdmitted,
    Effect,
    Effected,
    Grant,
    GrantStatement,
    InputRefused,
    IntentAdmitted,
    Kind,
    OutcomeAdmitted,
    Position,
    Request,
    RequestStatement,
    Source,
    State,
    Status,
    Verdict,
    derived_id,
)
from streams.testing import bodies, route
from streams.testing.evidence import shown, why_not
from tests.testing.mutants import Fold

INTENT = "intent-1"
GRANT = derived_id("grant", INTENT)
START_MS = 1_000_000
MINUTE_MS = 60_000

ROUTES = (
    (route("privacy", 1, MINUTE_MS),),
    (route("privacy", 2, MINUTE_MS),),
    (route("privacy", 1, MINUTE_MS), route("it", 1, 2 * MINUTE_MS)),
    (route("it", 1, MINUTE_MS), route("privacy", 1, MINUTE_MS)),
    (route("privacy", 2, MINUTE_MS), route("it", 1, MINUTE_MS)),
    (route("privacy", 1, MINUTE_MS, Assurance.OIDC), route("it", 1, MINUTE_MS)),
    (),
)
PEOPLE = {
    "anna": ("it", "privacy"),
    "petra": ("privacy",),
    "paul": ("privacy",),
    "ian": ("it",),
    "eve": ("billing",),
    "rita": ("privacy",),  # on whose behalf
    "olga": ("privacy", "it"),  # the owner
    "bot": ("privacy",),  # a person named like the agent
    "dave": ("privacy", "it"),  # acts for Petra
    "rudi": ("privacy",),  # acts for Rita, who asked
    "gwen": ("privacy", "it"),  # has delegated to the owner
}
STANDS_FOR = {"dave": ("petra",), "rudi": ("rita",)}
FORGED = (
    *("action_digest", "display_digest", "view_digest"),
    *("policy_revision", "masker_revision"),
)
ANSWERS = st.tuples(
    st.sampled_from((*sorted(PEOPLE), "petra", "paul", "ian", "anna")),
    st.sampled_from((*(None,) * 8, *("oidc",) * 4, *FORGED, "deny")),
)


class PlainSeal:
    """Signs by handing back: what is checked here are statements."""

    def sign_grant(self, statement: bytes) -> bytes:
        """Return the statement."""
        return statement

    def sign_request(self, statement: bytes) -> bytes:
        """Return the statement."""
        return statement

    def release(self, locked: bytes, _: str) -> bytes:
        """Return what was locked."""
        return locked


def whole_digest(request: Request) -> str:
    """Return the digest of all of a request but its envelope, said again here."""
    parts = json.loads(request.model_dump_json())
    parts["display"] = hashlib.sha256(request.display).hexdigest()
    del parts["envelope"]
    spelled = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


class FoldMachine(RuleBasedStateMachine):
    """One intent's history. `fold` is the version of the gate that is looked at."""

    fold: ClassVar[Fold]
    visited: ClassVar[set[tuple[State | None, type]]] = set()
    refusals: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Look at another intent."""
        self.case: Any = None
        self.now_ms = START_MS
        self.history: list[tuple[CaseEvent, Any]] = []  # each event and its step
        self.asked: IntentAdmitted | None = None
        self.ended: Any = None  # what the case said when it ended
        self.grants: set[Grant] = set()

    # ------------------------------------------------------------ what may happen

    @initialize(routes=st.sampled_from(ROUTES), whole=st.sampled_from((True, True, False)))
    def begin(self, routes: Any, *, whole: bool) -> None:
        """Most of what can go wrong goes wrong while a case is open."""
        if routes:
            self.admit(Effect.REVIEW, routes, whole=whole, mac="content")

    @precondition(lambda self: self.case is not None and self.case.closing is not None)
    @rule(routes=st.sampled_from(ROUTES), whole=st.sampled_from((True, True, False)))
    def another(self, routes: Any, *, whole: bool) -> None:
        """Look at another intent."""
        self.clear()
        self.begin(routes, whole=whole)

    @rule(
        effect=st.sampled_from((*(Effect.REVIEW,) * 6, Effect.PERMIT, Effect.FORBID)),
        routes=st.sampled_from(ROUTES),
        whole=st.sampled_from((*(True,) * 5, False)),
        mac=st.sampled_from(("content", "content", "other")),
    )
    def admit(self, effect: Effect, routes: Any, *, whole: bool, mac: str) -> None:
        """Admit an intent, or the same again."""
        changes = {"whole": whole, "content_mac": mac, "expires_at_ms": START_MS + 3 * MINUTE_MS}
        changes["delegators"] = ("gwen",)
        asks = routes if effect is Effect.REVIEW else ()
        self.take(bodies.intent(effect, asks, START_MS, {**changes, "grant_ttl_ms": 10**9}))

    @precondition(lambda self: self.case is not None or not self.history)
    @rule(
        answers=st.lists(ANSWERS, min_size=1, max_size=6),
        after_ms=st.sampled_from((0, 1, 10 * MINUTE_MS)),
    )
    def decide(self, answers: list[tuple[str, str | None]], after_ms: int) -> None:
        """People answer, perhaps late by the clock; sometimes for something else than was shown."""
        self.now_ms += after_ms
        right = self.right()
        for person, twist in answers:
            changes: dict[str, Any] = {**right, twist: "forged"} if twist in FORGED else dict(right)
            changes["stands_for"] = STANDS_FOR.get(person, ())
            changes["assurance"] = Assurance.OIDC if twist == "oidc" else Assurance.KEY
            answer = Answer.DENY if twist == "deny" else Answer.APPROVE
            self.take(bodies.decision(person, PEOPLE[person], answer, changes, self.now_ms))

    @precondition(lambda self: self.case is not None or not self.history)
    @rule(from_due_ms=st.sampled_from((-1, -1, -1, 0, 1)))
    def pass_deadline(self, from_due_ms: int) -> None:
        """Let a deadline pass: the case's own, or one that is not due."""
        due_ms = self.due_ms() or START_MS + MINUTE_MS
        self.take(DeadlinePassed(deadline_ms=due_ms + from_due_ms))

    @precondition(lambda self: self.case is not None or not self.history)
    @rule(
        status=st.sampled_from((Status.UNKNOWN, *Status)),
        grant=st.sampled_from((GRANT, GRANT, GRANT, "another")),
        executor=st.sampled_from((bodies.EXECUTOR,) * 3 + ("another",)),
    )
    def report(self, status: Status, grant: str, executor: str) -> None:
        """Let an executor report."""
        self.take(
            OutcomeAdmitted(
                grant_id=grant,
                executor=executor,
                status=status,
                message="",
                result_digest="",
                finished_at_ms=self.now_ms,
                envelope=b"",
            )
        )

    @precondition(lambda self: len(self.history) % 3 == 0)
    @rule(
        kind=st.sampled_from((ControlKind.REVOKE, *ControlKind)),
        agent=st.sampled_from(("bot", "bot", "other-bot")),
    )
    def order(self, kind: ControlKind, agent: str) -> None:
        """Let an officer order, or an agent cancel."""
        by = agent if kind is ControlKind.CANCEL else "sam"
        scope = "all" if kind in {ControlKind.HALT, ControlKind.RESUME} else ""
        self.take(bodies.control(kind, by, scope, self.now_ms))

    @precondition(lambda self: self.case is not None or not self.history)
    @rule(kind=st.sampled_from(Kind), answerable=st.booleans())
    def refuse(self, kind: Kind, *, answerable: bool) -> None:
        """Admit refused an input."""
        self.take(bodies.refused({"kind": kind, "answerable": answerable}))

    @precondition(lambda self: self.history)
    @rule(which=st.integers(0, 1_000_000), later_ms=st.integers(0, MINUTE_MS))
    def repeat(self, which: int, later_ms: int) -> None:
        """Admit ran twice on one input: the same event id again, at another time."""
        event, _ = self.history[which % len(self.history)]
        self.take(event.body, event_id=event.event_id, at_ms=self.now_ms + later_ms)

    @precondition(lambda self: len(self.history) % 5 == 0)
    @rule()
    def garble(self) -> None:
        """Meet a record of the log that cannot be read."""
        made = self.fold.unreadable(self.case)
        assert made.case is self.case, "refusal: an unreadable record moved the case"

    # ------------------------------------------------------------ one event

    def take(self, body: Any, **changes: Any) -> None:
        """Fold one event, and hold what came of it against what must."""
        offset = len(self.history)
        event = CaseEvent(
            **{
                "event_id": f"event-{offset}",
                "intent_id": INTENT,
                "at_ms": self.now_ms,
                "source": Source(topic="t", partition=0, offset=offset),
                "body": body,
                **changes,
            }
        )
        before = self.case
        self.visited.add((before.state if before else None, type(body)))
        expected, due_ms = self.expected(event), self.due_ms()
        made = self.fold.step(before, event, Position(partition=0, offset=offset))
        self.history.append((event, made))
        self.case = made.case
        if self.asked is None and before is None and isinstance(body, IntentAdmitted):
            self.asked = body
        self.compare(event, before, made, expected, due_ms)

    def compare(
        self, event: CaseEvent, before: Any, made: Any, expected: Any, due_ms: int | None
    ) -> None:
        """Name what is wrong with one step."""
        state = made.case.state if made.case else None
        told = made.consequence
        if before is not None and before.closing is not None:
            assert made.case is not None, "I4: a case that had ended is gone"
            assert before.closing == made.case.closing, "I4: a second end"
            revoked = state is State.REVOKED and isinstance(event.body, ControlAdmitted)
            assert revoked or before.state is state, "I4: a second end"
        self.stays_revoked(before, made.case)
        if state is State.GRANTED:
            reason = why_not([past for past, _ in self.history])
            assert not reason, f"I1: {reason}"
        if told.effected is Effected.REFUSED:
            assert before == made.case, "refusal: a refused event moved the case"
            self.refusals.add(told.reason)
        elif told.effected is Effected.REPEATED:
            assert before == made.case, "I7: a repeated event moved the case"
        if expected == "refused":
            assert told.effected is Effected.REFUSED, f"refusal: {event.body.type} was not refused"
        elif expected == "recorded":
            assert (told.effected, made.case) == (Effected.RECORDED, before), "refusal: it moved"
        elif expected == "repeated":
            assert told.effected is Effected.REPEATED, "I7: an event counts again"
        if isinstance(event.body, DeadlinePassed) and due_ms and event.body.deadline_ms >= due_ms:
            assert state is State.EXPIRED, "I5: its deadline has passed, and it goes on"
        if isinstance(expected, State):
            filled = expected is State.GRANTED and isinstance(event.body, DecisionAdmitted)
            name = "quorum" if filled else "log"
            assert expected is state, f"{name}: {expected} was due, it is {state}"

    @staticmethod
    def stays_revoked(before: Any, after: Any) -> None:
        """I4: a revocation is for ever."""
        if before is not None and before.state is State.REVOKED:
            assert after is not None, "I4: a revoked case is gone"
            said = (after.state, after.revocation)
            assert (State.REVOKED, before.revocation) == said, "I4: it was revoked, and goes on"

    def expected(self, event: CaseEvent) -> Any:  # noqa: PLR0911 - one line for each thing said
        """Return the state after the event, or `refused` or `repeated`; by other means."""
        state = self.case.state if self.case else None
        body = event.body
        match state, body:
            case None, IntentAdmitted():
                if body.ruling.effect is Effect.PERMIT:
                    return State.GRANTED
                return State.PENDING if body.ruling.routes else State.DENIED
            case None, InputRefused():
                answered = body.kind is Kind.INTENT and body.answerable
                return State.DENIED if answered else "refused"
            case State.PENDING, DecisionAdmitted():
                return self.decided(event, body)
            case State.PENDING, DeadlinePassed():
                return State.EXPIRED if body.deadline_ms >= (self.due_ms() or 0) else state
            case State.GRANTED | State.REVOKED, OutcomeAdmitted():
                return self.reported(event, body)
            case _, ControlAdmitted():
                return self.ordered(event, body)
            case _, IntentAdmitted():
                asked = self.asked
                same = asked is not None and asked.content_mac == body.content_mac
                return "repeated" if same else "refused"
            case _, DecisionAdmitted():
                return "repeated" if self.counted(event) else "refused"
        return "refused"

    def decided(self, event: CaseEvent, said: DecisionAdmitted) -> Any:  # noqa: PLR0911 - the same
        """Return what a decision on a pending case must do."""
        asked = self.asked
        assert asked is not None
        if self.counted(event):
            return "repeated"
        if any(getattr(said, name) != value for name, value in self.right().items()):
            return "refused"
        asks = {r.group for r in asked.ruling.routes}
        if not asks & set(said.groups):
            return "refused"
        if said.answer is Answer.DENY:
            return State.DENIED
        if said.person in {"bot", "olga", "rita", "rudi", "gwen"}:
            return "refused"
        one = {"petra", "dave"}  # are one person, as long as he acts for her
        alike = one if said.person in one else {said.person}
        if not asked.whole or alike & {p for p, _ in self.approvals()}:
            return "refused"
        levels = {r.assurance for r in asked.ruling.routes if r.group in said.groups}
        if said.assurance is Assurance.KEY and levels == {Assurance.OIDC}:
            return "refused"
        return (
            State.PENDING
            if why_not([*(past for past, _ in self.history), event])
            else State.GRANTED
        )

    def right(self) -> dict[str, str]:
        """Return what a decision must have seen."""
        opening = next((past for past, _ in self.history if past.body is self.asked), None)
        return {
            "action_digest": "drawn",
            "display_digest": "shown",
            "view_digest": shown(opening) if opening else "",
            "policy_revision": bodies.REVISION,
            "masker_revision": bodies.MASKER,
        }

    def reported(self, event: CaseEvent, said: OutcomeAdmitted) -> Any:
        """Return what a report on a granted case must do."""
        taken = [
            past for past, made in self.history if made.consequence.effected is Effected.REPORTED
        ]
        if taken and taken[-1].event_id == event.event_id:
            return "repeated"
        if (said.grant_id, said.executor) != (GRANT, bodies.EXECUTOR):
            return "refused"
        if not any(made.consequence.effected is Effected.GRANTED for _, made in self.history):
            return "refused"
        reports = [past.body for past in taken if isinstance(past.body, OutcomeAdmitted)]
        settled = [report for report in reports if report.status is not Status.UNKNOWN]
        return "refused" if settled else self.case.state

    def ordered(self, event: CaseEvent, said: ControlAdmitted) -> Any:
        """Return what an order must do."""
        if said.control not in {ControlKind.REVOKE, ControlKind.CANCEL}:
            return "recorded"
        state = self.case.state if self.case else None
        if state is None:
            return State.REVOKED if said.control is ControlKind.REVOKE else "refused"
        ids = [e.event_id for e, m in self.history if m.consequence.effected is Effected.REVOKED]
        if state is State.REVOKED:
            return "repeated" if event.event_id in ids else "refused"
        told = any(made.consequence.effected is Effected.REPORTED for _, made in self.history)
        foreign = said.control is ControlKind.CANCEL and said.by != "bot"
        if foreign or told or state not in {State.PENDING, State.GRANTED}:
            return "refused"
        return State.REVOKED

    def approvals(self) -> list[tuple[str, str]]:
        """Return who was counted, in which event."""
        moved = {Effected.COUNTED, Effected.GRANTED, Effected.DENIED}
        return [
            (past.body.person, past.event_id)
            for past, made in self.history
            if isinstance(past.body, DecisionAdmitted) and made.consequence.effected in moved
        ]

    def counted(self, event: CaseEvent) -> bool:
        """Return whether this very event was counted before."""
        return event.event_id in {event_id for _, event_id in self.approvals()}

    def due_ms(self) -> int | None:
        """Return when the pending case must be over: the first of all its limits."""
        if self.case is None or self.case.state is not State.PENDING or self.asked is None:
            return None
        routes = self.asked.ruling.routes
        ends: list[int] = [self.case.opened_at_ms + each.within_ms for each in routes]
        return min([*ends, self.asked.expires_at_ms])

    # ------------------------------------------------------------ after every event

    @invariant()
    def it_ends(self) -> None:
        """I5: a pending case has an end that ends it; an ended one says so."""
        if self.case is None:
            return
        outputs = self.fold.project(self.case, PlainSeal())
        verdicts = [o.message for o in outputs if isinstance(o.message, Verdict)]
        if self.case.state is not State.PENDING:
            assert [self.case.state] == [v.state for v in verdicts], "I5: ended, and nobody is told"
            return
        assert not verdicts, "I4: a verdict before the end"
        due_ms = self.fold.deadline_ms(self.case)
        assert self.due_ms() == due_ms, "I5: its deadline is not the first of its limits"

    @invariant()
    def it_signs_what_it_shows(self) -> None:
        """Sign each request in all its parts, and keep the digest of all that is shown."""
        if self.case is None:
            return
        if self.case.state is State.PENDING:
            due = self.right()["view_digest"]
            assert due == self.case.view_digest, "shown: another view than the whole"
        for output in self.fold.project(self.case, PlainSeal()):
            if isinstance(output.message, Request):
                assert output.message.envelope, "signed: nothing"
                said = RequestStatement.model_validate_json(output.message.envelope)
                digest = whole_digest(output.message)
                assert digest == said.request_digest, "signed: another request"
                assert (bodies.GATE, INTENT) == (said.gate, said.intent_id), "signed: of another"

    @invariant()
    def it_grants_once(self) -> None:
        """I4: one grant, whose bytes never change; I1: exactly of what was agreed to."""
        if self.case is None:
            return
        outputs = self.fold.project(self.case, PlainSeal())
        self.grants |= {o.message for o in outputs if isinstance(o.message, Grant)}
        assert len(self.grants) <= 1, "I4: two grants"
        if not self.grants:
            assert self.case.state is not State.GRANTED, "I5: granted, and no grant"
            return
        statement = GrantStatement.model_validate_json(next(iter(self.grants)).envelope)
        assert self.asked is not None, "I1: a grant of nothing"
        assert statement.grant_id == GRANT, "I7: the grant's id is not derived"
        assert statement.expires_at_ms <= self.asked.expires_at_ms, "I1: granted for too long"
        said = {(each.person, each.event_id) for each in statement.approvals}
        assert said <= set(self.approvals()), "I1: the grant names who was not counted"

    @invariant()
    def it_folds_the_same_again(self) -> None:
        """I7: the same events once more give the same steps and the same bytes."""
        case: Any = None
        for offset, (event, made) in enumerate(self.history):
            again = self.fold.step(case, event, Position(partition=0, offset=offset))
            assert made == again, "I7: another fold of the same log"
            case = again.case
        if case is not None:
            seal = PlainSeal()
            assert self.fold.project(self.case, seal) == self.fold.project(case, seal), "I7: bytes"
