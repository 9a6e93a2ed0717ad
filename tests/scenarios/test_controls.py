"""The kill switch on a running gate: what officers and agents order, and what others try."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from streams.auditor.ask.story import headline, tell
from streams.auditor.read import source
from streams.clock import now_ms
from streams.control.client import Desk
from streams.control.command import revoke
from streams.control.scope import Scope
from streams.events import ControlKind, Effected, State, Status
from tests.control.orders import order
from tests.gatehouse import AGENT
from tests.scenarios.house import SIGNING_AGENT, House, Sent

pytestmark = pytest.mark.kafka
HALT, RESUME, REVOKE, CANCEL, _ = ControlKind


def desk(house: House, key: str = "sam") -> Desk:
    """Return an officer's desk."""
    return Desk(house.settings, house.directory, house.people[key])


@contextmanager
def halted(house: House, text: str) -> Iterator[Scope]:
    """Halt a scope while the block lasts."""
    scope = Scope.parse(text)
    assert desk(house).halt(scope, "John Smith called", now_ms()).counts
    yield scope
    assert desk(house).resume(scope, "mended", now_ms()).counts


def test_what_is_halted_is_denied_and_what_was_granted_does_not_run(house: House) -> None:
    """The agent is told; after the resume it asks again and is heard."""
    waiting = house.under_review()
    with halted(house, f"agent:{AGENT}"):
        asked = house.aggregate()
        while (Effected.DENIED, "halted") != house.told(house.ask(asked)):
            asked = house.aggregate()  # admit follows within a moment; executors wait for it
        assert "halted" == house.final(asked.intent_id).reason
        approved = house.answer(house.decision("petra", waiting))
        assert Effected.GRANTED is house.recorded(approved).effected
        assert Status.FAILED is house.ended(waiting.intent_id)
    assert waiting.intent_id not in {row.intent_id for row in house.ledger()[0] if row.code == ""}
    later = house.aggregate()
    while Effected.GRANTED is not house.recorded(house.ask(later)).effected:
        later = house.aggregate()
    assert Status.OK is house.ended(later.intent_id)


def test_the_audit_says_who_halted_what(house: House) -> None:
    """Both orders stand under the id of the scope, their reasons masked."""
    with halted(house, "action:db.drop") as scope:
        pass
    house.wait_records("cases", scope.id, 2)
    found: list[str] = []
    while len(found) < 2:
        entries = [e for e in house.entries() if e.intent_id == scope.id]
        chapters = tell(entries)
        found = [each.title for each in chapters]
    assert [
        "officer sam halts action:db.drop",
        "officer sam resumes action:db.drop",
    ] == found
    assert "RESUMED" == headline(chapters)
    assert not any("John Smith" in line for each in chapters for line in each.details)


def test_an_officer_revokes_what_waits_and_an_agent_cancels_its_own(house: House) -> None:
    """Revoked and cancelled, by whom; a decision that comes later changes nothing."""
    for by_officer in (True, False):
        request = house.under_review()
        name = request.intent_id
        if by_officer:
            desk(house).revoke(name, "wrong patient", now_ms())
        else:
            asked = house.export(agent=SIGNING_AGENT)
            request_id = asked.intent_id
            house.ask(house.signed(asked))
            request = house.seen(request_id)
            name = request_id
            Desk(house.settings, house.directory, house.agent_key).cancel(name, "no", now_ms())
        verdict = house.final(name)
        by, reason = (("sam",), "revoked") if by_officer else ((SIGNING_AGENT,), "cancelled")
        assert (State.REVOKED, reason, by) == (verdict.state, verdict.reason, verdict.decided_by)
        late = house.answer(house.decision("petra", request))
        assert (Effected.REFUSED, "case_closed") == house.told(late)


def test_a_revocation_says_whether_it_came_in_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Revoked where it waits; too late where it has run: exit code 1, and why."""
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    key = house.settings.keys / "people" / "sam.key"
    if not key.exists():
        house.people["sam"].save(key)
    words = ("--as", "sam", "--reason", "wrong patient", "--wait", "60")
    waiting = house.under_review().intent_id
    in_time = CliRunner().invoke(revoke, [waiting, *words])
    assert (0, f"revoked: {waiting}\n") == (in_time.exit_code, in_time.output)
    ran = house.granted().intent_id
    late = CliRunner().invoke(revoke, [ran, *words])
    assert 1 == late.exit_code
    assert "too late: already_reported" in late.output


def test_bad_orders_disturb_nothing(house: House) -> None:
    """Each is recorded, with its reason; the intent beside them is approved and runs."""
    with house.undisturbed() as beside:
        name = beside.request.intent_id

        def send(
            kind: ControlKind, what: str = name, topic: str = "controls", **parts: object
        ) -> Sent:
            whole = {"at_ms": now_ms(), "gate": house.directory.gate.id, **parts}
            made = order(_Hand(house), kind, what, **whole)  # type: ignore[arg-type]
            return house.send(topic, made.subject_id, made)

        scope = "all"
        petra, stranger = house.people["petra"], house.stranger
        hour = 3_600_000
        for sent, reason in (
            (send(HALT, scope, key=petra), "not_an_officer"),
            (send(HALT, scope, key=stranger), "unknown_key"),
            (send(HALT, scope, at_ms=now_ms() - hour), "control_too_old"),
            (send(HALT, scope, at_ms=now_ms() + hour), "clock_skew"),
            (send(REVOKE, key=petra), "not_an_officer"),
            (send(CANCEL, key=house.people["sam"]), "wrong_topic"),
            (send(CANCEL, key=house.agent_key), "wrong_topic"),
            (send(HALT, scope, "cancels"), "wrong_topic"),
            (send(CANCEL, topic="cancels", key=house.agent_key), "not_its_agent"),
        ):
            assert (Effected.REFUSED, reason) == house.told(sent)
        garbage = house.send("controls", name, b"\x00")
        assert Effected.REFUSED is house.recorded(garbage).effected


def test_an_unsigned_intent_of_an_agent_with_a_key_is_refused(house: House) -> None:
    """Its name alone proposes nothing; its key does, and only what its list allows."""
    with house.undisturbed():
        bare = house.aggregate(agent=SIGNING_AGENT)
        assert (Effected.REFUSED, "unsigned") == house.told(house.ask(bare))
        drop = house.signed(house.intent("db.update", agent=SIGNING_AGENT))
        assert (Effected.DENIED, "action_not_allowed") == house.told(house.ask(drop))
        good = house.signed(house.aggregate(agent=SIGNING_AGENT))
        assert Effected.GRANTED is house.recorded(house.ask(good)).effected
    assert list(source.evidence(house.settings))


class _Hand:
    """The house's keys as `tests.control.orders` asks for them."""

    def __init__(self, house: House) -> None:
        self.officer, self.agent = house.people["sam"], house.agent_key
        self.gate_seal = type("Seal", (), {"public": house.directory.gate.seal})
