"""Reports of what was never granted, or by somebody who was never asked."""

import pytest

from streams.events import Effected, State, Status, derived_id
from streams.signing import SigningKey
from tests.scenarios.house import House

pytestmark = pytest.mark.kafka


def test_a_forged_report_is_refused(house: House) -> None:
    """Signed by a stranger, a person, the gate, or under the executor's name by another key."""
    impostor = SigningKey.new(house.executor.public.name)
    with house.undisturbed() as beside:
        name = beside.request.intent_id
        signers = (house.stranger, house.people["petra"], house.grant_key, impostor)
        for signer in signers:
            outcome = house.outcome_of(name, signer)
            assert (Effected.REFUSED, "unknown_key") == house.told(
                house.send("outcomes", name, outcome)
            )
        moved = house.outcome_of(beside.new_id()).model_copy(update={"intent_id": name})
        assert (Effected.REFUSED, "intent_mismatch") == house.told(
            house.send("outcomes", name, moved)
        )
        forged = house.outcome_of(name)
        other = house.outcome_of(name, status=Status.FAILED)
        bad = forged.envelope.replace(forged.envelope[-90:-10], other.envelope[-90:-10])
        forged = forged.model_copy(update={"envelope": bad})
        assert (Effected.REFUSED, "bad_signature") == house.told(
            house.send("outcomes", name, forged)
        )


def test_a_report_of_what_was_not_granted_is_refused(house: House) -> None:
    """Of an intent that nobody knows, of one that waits, and under a grant's id that is not its."""
    with house.undisturbed() as beside:
        waiting, unknown = beside.request.intent_id, beside.new_id()
        granted = house.granted(beside.partition).intent_id
        for name, of, reason in (
            (unknown, unknown, "unknown_intent"),
            (waiting, waiting, "no_grant"),
            (granted, waiting, "no_grant"),
        ):
            outcome = house.outcome_of(name, grant_id=derived_id("grant", of))
            sent = house.send("outcomes", name, outcome)
            assert (Effected.REFUSED, reason) == house.told(sent)


def test_another_class_cannot_report(house: House) -> None:
    """A key of the directory, but not of the class that holds the grant."""
    with house.undisturbed() as beside:
        granted = house.granted(beside.partition).intent_id
        report = house.outcome_of(granted, house.lab, status=Status.FAILED)
        assert (Effected.REFUSED, "wrong_executor") == house.told(
            house.send("outcomes", granted, report)
        )
    assert Status.OK is house.ended(granted)


def test_the_first_report_stands(house: House) -> None:
    """Its own executor cannot turn a success into a failure afterwards."""
    with house.undisturbed() as beside:
        granted = house.granted(beside.partition).intent_id
        for status in Status:
            sent = house.send("outcomes", granted, house.outcome_of(granted, status=status))
            assert (Effected.REFUSED, "already_reported") == house.told(sent)
    verdict = house.final(granted)
    assert (State.GRANTED, Status.OK) == (verdict.state, house.ended(granted))
