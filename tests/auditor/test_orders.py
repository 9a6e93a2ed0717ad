"""Orders in the evidence: told, found, exported, and their signatures held against the log."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from streams.audit.entry import erased
from streams.audit.report import Flaw
from streams.auditor.ask.facts import Fact, fact_of
from streams.auditor.ask.index import Index
from streams.auditor.ask.search import Query, search
from streams.auditor.ask.story import headline, lines, tell
from streams.auditor.export.ocsf import event_of
from streams.auditor.proof.check import check
from streams.control.scope import Scope
from streams.events import (
    ControlAdmitted,
    ControlKind,
    ControlStatement,
    Effect,
    IntentAdmitted,
    IntentStatement,
    marked,
)
from streams.signing import SigningKey
from streams.statements import signed
from tests.auditor.logs import GATE, PEOPLE, PINS, T0, Gate, intent, log

HALT, RESUME, REVOKE, CANCEL, _ = ControlKind
AGENT, OTHER = SigningKey.new("planner-key"), SigningKey.new("other-key")
AGENTS = {key.public.key_id: (n, key.public) for n, key in (("planner", AGENT), ("other", OTHER))}
WATCHED = replace(PINS, agents=AGENTS)
ALL = Scope.parse("all").id
REVIEWED, PERMITTED = (str(UUID(int=marked(UUID(int=n << 100).int, "planner"))) for n in (1, 2))

UNMARKED = str(UUID(int=marked(UUID(int=3 << 100).int, "other")))


def ordered(kind: ControlKind, subject: str, key: SigningKey, **said: object) -> ControlAdmitted:
    """Return an admitted order; `said` is admitted otherwise than it was signed."""
    scope = "all" if kind in {HALT, RESUME} else ""
    statement = ControlStatement(
        gate=GATE, control=kind, subject_id=subject, scope=scope, reason_digest="rr", at_ms=T0
    )
    by = "planner" if kind is CANCEL else next(n for n, k in PEOPLE.items() if k == key)
    whole = {"control": kind, "by": by, "scope": scope, "reason": "a leak", "said_at_ms": T0}
    return ControlAdmitted(**{**whole, **said}, envelope=signed(statement, key))


def signed_intent(key: SigningKey, **said: object) -> IntentAdmitted:
    """Return an intent that `key` signed; `said` is signed otherwise than admitted."""
    body = intent(Effect.PERMIT)
    whole = {
        "gate": GATE,
        "intent_id": PERMITTED,
        "agent": body.agent,
        "on_behalf_of": body.on_behalf_of,
        "action": body.action,
        "resource": body.resource,
        "sealing": "hpke",
        "body_digest": "dd",
        "requested_at_ms": body.requested_at_ms,
        "ttl_ms": 1,
    }
    statement = IntentStatement(**{**whole, **said})
    return body.model_copy(update={"envelope": signed(statement, key)})


def played() -> Gate:
    """Return a log with one order of each kind."""
    gate = Gate()
    gate.write(REVIEWED, intent())
    gate.write(PERMITTED, signed_intent(AGENT))
    gate.write(ALL, ordered(HALT, ALL, PEOPLE["dana"]))
    gate.write(REVIEWED, ordered(REVOKE, REVIEWED, PEOPLE["dana"]))
    gate.write(PERMITTED, ordered(CANCEL, PERMITTED, AGENT))
    gate.write(ALL, ordered(RESUME, ALL, PEOPLE["erin"]))
    return gate.rest()


def test_all_of_it_verifies() -> None:
    """Refolded, and every signature held, those of agents where their keys are pinned."""
    assert None is check(log(played()), WATCHED).broken
    assert None is check(log(played()), PINS).broken


FORGED: dict[str, tuple[Callable[[Gate], object], Flaw]] = {
    "another officer": (
        lambda g: g.write(ALL, ordered(HALT, ALL, PEOPLE["dana"], by="erin")),
        Flaw.WRONG_ORDER,
    ),
    "another order": (
        lambda g: g.write(ALL, ordered(RESUME, ALL, PEOPLE["dana"], control=HALT)),
        Flaw.WRONG_ORDER,
    ),
    "another intent": (
        lambda g: g.write(REVIEWED, ordered(REVOKE, PERMITTED, PEOPLE["dana"])),
        Flaw.WRONG_ORDER,
    ),
    "a stranger's order": (
        lambda g: g.write(ALL, ordered(HALT, ALL, PEOPLE["dana"]).model_copy(
            update={"envelope": ordered(CANCEL, ALL, OTHER).envelope}
        )),
        Flaw.UNKNOWN_OFFICER,
    ),
    "another agent's cancel": (
        lambda g: g.write(REVIEWED, ordered(CANCEL, REVIEWED, OTHER)),
        Flaw.WRONG_ORDER,
    ),
    "an id of another agent's": (
        lambda g: g.write(UNMARKED, intent(Effect.PERMIT)),
        Flaw.WRONG_INTENT,
    ),
    "another agent's intent": (
        lambda g: g.write(PERMITTED, signed_intent(OTHER)),
        Flaw.WRONG_INTENT,
    ),
    "another action": (
        lambda g: g.write(PERMITTED, signed_intent(AGENT, action="db.drop")),
        Flaw.WRONG_INTENT,
    ),
    "a stranger's intent": (
        lambda g: g.write(PERMITTED, signed_intent(SigningKey.new("x"))),
        Flaw.UNKNOWN_AGENT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_its_signer_did_not_sign_is_a_break(name: str) -> None:
    """Whoever holds the audit's own key cannot put an order into an officer's mouth."""
    forge, kind = FORGED[name]
    gate = Gate()
    gate.write(REVIEWED, intent())
    forge(gate)
    broken = check(log(gate.rest()), WATCHED).broken
    assert broken is not None
    assert kind is broken.kind


def test_a_story_tells_who_halted_and_who_revoked() -> None:
    """Of the scope, and of the intent; erased, what the leaf still says."""
    entries = played().entries
    halted = [each for each in entries if each.intent_id == ALL]
    assert "RESUMED" == headline(tell(halted))
    assert "HALTED" == headline(tell(halted[:1]))
    told = "\n".join(lines(ALL, tell(halted)))
    assert "officer dana halts all" in told
    assert "a leak" in told
    revoked = tell([each for each in entries if each.intent_id == REVIEWED])
    assert "REVOKED by dana after 3 min" == headline(revoked)
    cancelled = tell([each for each in entries if each.intent_id == PERMITTED])
    assert "REVOKED by planner after 3 min" == headline(cancelled)
    gone = "\n".join(lines(ALL, tell([erased(each) for each in halted])))
    assert "by dana" in gone
    assert "a leak" not in gone


def _facts() -> list[Fact]:
    gate = played()
    return [fact_of(r, e) for r, e in zip(gate.records, gate.entries, strict=True)]


def test_orders_are_found_and_halts_are_no_intents() -> None:
    """By verdict, by the officer, by the reason; the scope's id is not listed."""
    with Index() as index:
        index.add(log(played()))
        everything = search(index, Query())
        assert {REVIEWED, PERMITTED} == {each.intent_id for each in everything.intents}
        assert 2 == search(index, Query(verdict="revoked")).total
        (mine,) = search(index, Query(person="dana", reason="revoked")).intents
        assert (REVIEWED, "revoked", "dana") == (mine.intent_id, mine.reason, mine.decided_by)
        assert "cancelled" == search(index, Query(reason="cancelled")).intents[0].reason


def test_orders_are_valid_ocsf_events_that_alert() -> None:
    """Somebody pulled the brake: whoever watches wants to know."""
    for fact in _facts():
        event = event_of(fact)
        if fact.kind == "control":
            assert event["is_alert"]
            assert event["actor"]["user"]["name"] in {"dana", "erin", "planner"}
