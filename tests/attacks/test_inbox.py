"""An inbox that an agent fills: nobody is kept from reading, agreeing or saying no."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import pytest

from streams.approver import box
from streams.approver.box import Box, Inbox
from streams.errors import RefusedError
from streams.events import Answer, Position, Request, State
from streams.wire import client, codec
from streams.wire.client import KafkaRecord
from tests.attacks.doors import Door, House, code_of

NOW_MS = 1_800_000_000_000
PARTITIONS = 6


def record(request: Request, partition: int = 0) -> KafkaRecord:
    """Return a request as it lies in Kafka."""
    key, value = request.intent_id.encode(), codec.encode(request)
    return KafkaRecord("requests", partition, 0, 0, key, value, ())


def many(real: Request, count: int, **changes: Any) -> Iterator[Request]:
    """Yield requests under other ids."""
    for number in range(count):
        name = str(UUID(int=(number << 96) | (1 << 64) | number))
        yield real.model_copy(update={"intent_id": name, **changes})


class Topic:
    """`requests`, by partition; what was read of it is counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, records: list[KafkaRecord]) -> None:
        self.records = records
        self.read: list[tuple[int, ...]] = []
        monkeypatch.setattr(client, "records", self.give)

    def give(
        self, _: object, __: str, partitions: Collection[int] | None = None
    ) -> Iterator[KafkaRecord]:
        """Yield those of some partitions."""
        wanted = range(PARTITIONS) if partitions is None else partitions
        self.read.append(tuple(wanted))
        return (each for each in self.records if each.partition in wanted)


def test_one_more_than_a_hundred_thousand(gate: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is found by its id, and answered, whatever stands beside it."""
    real = gate.asked()
    door = Door(gate, monkeypatch)
    junk = record(next(many(real, 1)))
    value = junk.value
    home = client.partition_of(real.intent_id.encode(), door._settings.partitions)
    named = (str(UUID(int=number + 1)).encode() for number in range(100_001))
    beside = [KafkaRecord("requests", home, 0, 0, name, value, ()) for name in named]
    topic = Topic(monkeypatch, [*beside, record(real, home)])
    assert real == door.request(real.intent_id)
    assert [(home,)] == topic.read
    for answer, code in ((Answer.DENY, "too_broad"), (Answer.APPROVE, "approved")):
        door.decide(door.request(real.intent_id), answer, code, "Checked", now_ms=NOW_MS)
    assert 2 == len(door.sent)


def test_an_id_is_found_wherever_its_sender_put_it(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by its beginning; an id that is nowhere is none."""
    real = gate.asked()
    door = Door(gate, monkeypatch)
    home = client.partition_of(real.intent_id.encode(), door._settings.partitions)
    topic = Topic(monkeypatch, [record(real, (home + 1) % PARTITIONS)])
    for name in (real.intent_id, real.intent_id[:9], real.intent_id.upper()):
        assert real == door.request(name)
    whole = tuple(range(PARTITIONS))
    assert [(home,), whole, whole, (home,), whole] == topic.read
    for name in (str(UUID(int=7)), "zzz", "\udcff", "a" * 36):
        assert "no_request" == code_of(door.request, name)


def filled(real: Request, requests: list[Request], **limits: Any) -> Inbox:
    """Return the inbox that is made of these."""
    made = Box(lambda _: None, **limits)
    for each in requests:
        made.take(record(each))
    assert made._total == sum(made._sizes.values())
    return made.inbox()


def test_what_is_kept_has_a_size(gate: House) -> None:
    """The soonest deadlines are kept, and how many more there are is told; none are refused."""
    real = gate.asked()
    asked = [
        each.model_copy(update={"deadline_ms": NOW_MS + at})
        for at, each in enumerate(many(real, 500))
    ]
    found = filled(real, list(reversed(asked)), kept_max=100)
    assert 500 == len(found.requests) + found.left_out
    assert 75 <= len(found.requests) <= 100
    assert asked[: len(found.requests)] == list(found.requests)
    size = len(codec.encode(asked[0]))
    small = filled(real, asked, bytes_max=50 * size)
    assert 37 <= len(small.requests) <= 50
    assert 500 == len(small.requests) + small.left_out


def test_closed_requests_take_no_open_ones_place(gate: House) -> None:
    """They are dropped while reading, or go first; what was closed comes back by nothing older."""
    real = gate.asked()
    later = Position(partition=0, offset=real.position.offset + 1)
    asked = list(many(real, 300))
    shut = [each.model_copy(update={"state": State.DENIED, "position": later}) for each in asked]
    found = filled(real, [*asked, *shut, *asked, real], kept_max=10, closed=False)
    assert ((real,), 0) == (found.requests, found.left_out)
    both = filled(real, [real, *asked, *shut], kept_max=10)
    assert real in both.requests
    assert 0 == both.left_out


def test_an_ambiguous_beginning_is_told_and_no_more(gate: House) -> None:
    """However many ids begin so."""
    real = gate.asked()
    asked = list(many(real, 300))
    with pytest.raises(RefusedError) as refused:
        filled(real, asked, prefix="0000", kept_max=10).find("0000")
    assert "ambiguous" == refused.value.code
    assert asked[7] == filled(real, asked, prefix=asked[7].intent_id, kept_max=10).find("00000007")
    assert box.KEPT_BYTES_MAX < 1 << 30
