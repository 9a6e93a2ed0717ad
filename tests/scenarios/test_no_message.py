"""Bytes that are no message of ours arrive on topics that they should not be on.

Each is recorded as refused, with the reason that fits. The case whose key the garbage bears is left
as it was, and where there is none yet none is opened.
"""

import itertools

import pytest

from streams.agent import Agent
from streams.approver import Approver
from streams.clock import now_ms
from streams.events import Answer, Effected, State, derived_id
from streams.wire import client, codec
from tests.scenarios.house import IDENTIFIED, PARTITIONS, WAIT_S, House, new_id

pytestmark = pytest.mark.kafka

FOREIGN = {"intents": "decisions", "decisions": "outcomes", "outcomes": "intents"}


def whole(house: House, topic: str) -> bytes:
    """Return a good message of this topic; nobody awaits it."""
    intent = house.aggregate()
    if topic == "intents":
        return codec.encode(intent)
    if topic == "decisions":
        return codec.encode(house.decision("petra", house.under_review()))
    return codec.encode(house.outcome_of(intent.intent_id))


def defects(house: House, topic: str) -> dict[str, tuple[bytes | None, str]]:
    """Return each defect's bytes and the reason it must be refused for."""
    good = whole(house, topic)
    return {
        "text": (b"DROP TABLE patients", "not_avro"),
        "nothing": (b"", "not_avro"),
        "a tombstone": (None, "not_avro"),
        "a marker alone": (b"\xc3\x01", "truncated"),
        "cut in its head": (good[:7], "truncated"),
        "cut in half": (good[: len(good) // 2], "truncated"),
        "longer than itself": (good + b"\x00", "trailing_bytes"),
        "another fingerprint": (good[:2] + b"\x00" * 8 + good[10:], "unknown_schema"),
        "another message": (whole(house, FOREIGN[topic]), "wrong_schema"),
    }


@pytest.mark.parametrize("topic", FOREIGN)
def test_bytes_that_are_no_message_are_refused(house: House, topic: str) -> None:
    """Under the key of a case that waits, nothing of it counts, and the case goes on."""
    bad = defects(house, topic)
    with house.undisturbed() as beside:
        key = beside.request.intent_id
        sent = {what: house.send(topic, key, value) for what, (value, _) in bad.items()}
        found = {what: house.recorded(each) for what, each in sent.items()}
    assert {what: reason for what, (_, reason) in bad.items()} == {
        what: told.reason for what, told in found.items()
    }
    assert {(Effected.REFUSED, State.PENDING)} == {
        (told.effected, told.state) for told in found.values()
    }


def test_garbage_under_a_free_id_takes_it_from_nobody(house: House) -> None:
    """Anybody may have sent it: it opens no case, and the agent whose id it is gets its own."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id())
        sent = house.send("intents", intent.intent_id, b"\xc3\x01 garbage")
        assert (Effected.REFUSED, "unknown_schema") == house.told(sent)
        assert Effected.GRANTED is house.recorded(house.ask(intent)).effected
        assert State.GRANTED is house.final(intent.intent_id).state


@pytest.mark.parametrize("key", [None, b"", b"junk", b"\xff\xfe\x00", b"K" * 10_000])
def test_garbage_without_an_id_stands_under_a_derived_one(house: House, key: bytes | None) -> None:
    """The refusal's id is made of the record's place, never of the sender's bytes."""
    with house.undisturbed() as beside:
        sent = house.send("intents", key, b"junk", partition=beside.partition)
        entry = house.entry(sent)
    place = (sent.topic, str(sent.partition), str(sent.offset))
    assert derived_id("unreadable", *place) == entry.intent_id
    assert (Effected.REFUSED, "not_avro") == house.told(sent)


def test_a_record_s_key_must_be_its_intent_s_id(house: House) -> None:
    """Under a foreign key it would be folded in another order, or into another case."""
    with house.undisturbed() as beside:
        stray = house.aggregate(intent_id=beside.new_id())
        into_a_case = house.send("intents", beside.request.intent_id, stray)
        alone = new_id(beside.partition)
        under_another = house.send("intents", alone, stray)
        under_none = house.send("intents", b"not an id", stray, partition=beside.partition)
        assert (Effected.REFUSED, "key_mismatch") == house.told(into_a_case)
        assert (Effected.REFUSED, "key_mismatch") == house.told(under_another)
        assert (Effected.REFUSED, "key_mismatch") == house.told(under_none)


@pytest.mark.parametrize("name", ["42", "not-a-uuid", "{upper}", "\u202e"])
def test_an_intent_id_is_a_canonical_uuid(house: House, name: str) -> None:
    """Ids stand in logs, keys and topics: one form, in one spelling, is taken."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=name.format(upper=new_id().upper()))
        sent = house.send("intents", intent.intent_id, intent, partition=beside.partition)
        assert (Effected.REFUSED, "bad_intent_id") == house.told(sent)


def test_garbage_straight_into_the_log_is_an_entry_and_no_more(house: House) -> None:
    """Only the gate may write to `cases`; if another did, the audit would tell and go on."""
    with house.undisturbed() as beside:
        key = beside.request.intent_id
        foreign = house.entry(house.ask(house.aggregate())).event
        bad = [
            house.send("cases", key, b"garbage"),
            house.send("cases", key, b""),
            house.send("cases", key, None),
            house.send("cases", None, b"\xc3\x01", partition=beside.partition),
            house.send("cases", b"\xff\xfe", b"\x00" * 100_000, partition=beside.partition),
            house.send("cases", b"\x00position", b"", partition=beside.partition),
            house.send("cases", key, house.aggregate()),
            house.send("cases", key, foreign),
        ]
        entries = [house.unreadable(each) for each in bad]
    assert {(Effected.REFUSED, "unreadable_event", b"")} == {
        (each.consequence.effected, each.consequence.reason, each.event) for each in entries
    }


def test_garbage_among_what_the_gate_publishes_misleads_no_reader(house: House) -> None:
    """An agent and an approver pass over what they cannot read, and find what they look for."""
    petra = Approver(house.settings, house.directory, house.people["petra"])
    with house.undisturbed(), Agent("bot", house.settings) as agent:
        intent_id = agent.propose("data.export", "Database/clinic", IDENTIFIED, "Recall", ttl=600)
        house.seen(intent_id)
        number = client.partition_of(intent_id.encode(), PARTITIONS)
        for topic, value in itertools.product(("requests", "verdicts"), (b"garbage", None)):
            house.send(topic, intent_id, value)
            house.send(topic, b"junk", value, partition=number)
        petra.decide(
            petra.request(intent_id), Answer.APPROVE, "approved", "Checked", now_ms=now_ms()
        )
        assert State.GRANTED is agent.wait(intent_id, WAIT_S).state
