"""What the gate said of one event is no word on another, and what counts can be verified.

Each test is an attack of somebody who can write to the cluster, or to a file that was carried away,
and has no key but one of their own.
"""

import json

import pytest

from streams import signing
from streams.approver.client import Approver, SentDecision
from streams.audit.entry import entry_of, erased
from streams.control.seen import Audit
from streams.events import (
    AuditEntry,
    Effected,
    Kind,
)
from streams.wire import codec
from tests.attacks.doors import House

NOW_MS = 1_800_000_000_000


def test_a_receipt_is_no_answer_to_another_event(gate: House) -> None:
    """A genuine entry with another event beside it, or under another id, tells nobody anything."""
    real, key = gate.asked(), gate.key("audit")
    told = gate.decide("petra", real.intent_id)
    event = gate.last
    entry = entry_of(0, 1, real.intent_id, codec.encode(event), event, told, key)
    house = gate.house
    door = Approver(house.settings, house.directory, house.people["paul"])
    audit = Audit(house.settings, house.directory, {})
    mine = SentDecision(event.event_id, real.intent_id, 0, 0, {})
    held_back = SentDecision("another-event", real.intent_id, 0, 9, {})

    def answers(sent: SentDecision, found: AuditEntry) -> bool:
        value = codec.encode(found)
        told = audit._of(value, sent.event_id, sent.intent_id)
        assert (door._entry_of(sent, value) is not None) == (told is not None)
        return told is not None

    assert answers(mine, entry)
    assert answers(mine, erased(entry))
    swapped = codec.encode(event.model_copy(update={"event_id": held_back.event_id}))
    forged = entry.model_copy(update={"event": swapped})
    for sent in (held_back, mine):
        assert not answers(sent, forged)
    assert not answers(SentDecision(event.event_id, "another-intent", 0, 0, {}), entry)
    assert not answers(held_back, entry)
    leaf = entry.leaf.replace(event.event_id.encode(), held_back.event_id.encode())
    for changed in ({"leaf": leaf}, {"leaf": b"{}"}, {"signature": b""}, {"event": b"x"}):
        for sent in (held_back, mine):
            assert not answers(sent, entry.model_copy(update=changed))


def test_a_stranger_gives_no_receipt(gate: House) -> None:
    """The leaf may say what it likes."""
    real = gate.asked()
    told = gate.decide("petra", real.intent_id)
    event, house = gate.last, gate.house
    entry = entry_of(0, 1, real.intent_id, codec.encode(event), event, told, house.stranger)
    audit = Audit(house.settings, house.directory, {})
    assert audit._of(codec.encode(entry), event.event_id, real.intent_id) is None


# ---------------------------------------------------------------- times


@pytest.mark.parametrize("at_ms", [0, 1, 10**12, 10**15, 10**18, -1, 253_402_300_799_999])
def test_a_decision_of_another_time_does_not_count(gate: House, at_ms: int) -> None:
    """With an enrolled key as with a login."""
    real = gate.asked()
    made = gate.house.decision("petra", real)
    payload = json.loads(signing._parse(made.envelope)[0]) | {"decided_at_ms": at_ms}
    key = gate.house.people["petra"]
    envelope = signing.envelope(json.dumps(payload).encode(), signing.DECISION, key)
    told = gate.feed(Kind.DECISION, real.intent_id, made.model_copy(update={"envelope": envelope}))
    assert Effected.REFUSED is told.effected
    assert told.reason in {"clock_skew", "decision_too_old", "bad_statement"}


def test_a_foreign_masker_is_refused_at_the_door(gate: House) -> None:
    """What the audit demands, the gate does: an honest client of another build is told so."""
    real = gate.asked()
    told = gate.decide("petra", real.intent_id, masker_revision="anything")
    assert (Effected.REFUSED, "masker_mismatch") == (told.effected, told.reason)
