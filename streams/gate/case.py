"""The case: all that the gate remembers of one intent, as one frozen row of the keyed table."""

from streams.events import (
    Answer,
    Assurance,
    DecisionAdmitted,
    IntentAdmitted,
    Message,
    OutcomeReport,
    Position,
    State,
)


class Review(Message):
    """One counted decision; `groups` are the person's at admission, `event_id` the event's.

    `stands_for` are those who had delegated to the person.
    """

    person: str
    groups: tuple[str, ...]
    answer: Answer
    code: str
    rationale: str
    event_id: str
    at_ms: int
    assurance: Assurance = Assurance.KEY
    stands_for: tuple[str, ...] = ()


class Closing(Message):
    """How the case ended, by the rules or by a revocation. Each is written once (I4)."""

    reason: str
    rationale: str
    decided_by: tuple[str, ...]
    position: Position
    at_ms: int


class Case(Message):
    """One intent's case. `intent` is absent where admit refused it; `applied` is its last change.

    `agent` and `content` are whose intent it is, and the commitment to what was asked; they are
    known of a refused one too.

    `event_id` names the event that opened the case. `revocation` is how it was revoked, if it was;
    `closing` then stays what it was: that of the grant, where there is one. `view_digest` is that
    of the document which reviewers are shown and sign, empty where nobody is asked.
    """

    intent_id: str
    state: State
    event_id: str
    intent: IntentAdmitted | None
    opened_at_ms: int
    reviews: tuple[Review, ...]
    closing: Closing | None
    outcome: OutcomeReport | None
    outcome_event_id: str | None
    applied: Position
    revocation: Closing | None = None
    revocation_event_id: str | None = None
    agent: str = ""
    content: str = ""
    view_digest: str = ""


def deadline_ms(case: Case) -> int | None:
    """Return when a pending case must be over: the first deadline of its routes or its own end."""
    if case.state is not State.PENDING or case.intent is None:
        return None
    return end_ms(case.intent, case.opened_at_ms)


def end_ms(intent: IntentAdmitted, opened_at_ms: int) -> int:
    """Return when a case opened then must be over, whether or not it is by now."""
    ends = [opened_at_ms + route.within_ms for route in intent.ruling.routes]
    return min([*ends, intent.expires_at_ms])


def excluded(intent: IntentAdmitted) -> tuple[str, ...]:
    """Return who may never agree to it: the agent, its owner, the person on whose behalf it acts.

    And whoever had delegated to one of these: they would agree to what is asked in their place.
    """
    people = (intent.agent, intent.owner, intent.on_behalf_of, *intent.delegators)
    return tuple(sorted({person for person in people if person}))


def names(decision: DecisionAdmitted | Review) -> frozenset[str]:
    """Return whom a decision comes from: the person, and those who delegated to the person."""
    return frozenset((decision.person, *decision.stands_for))
