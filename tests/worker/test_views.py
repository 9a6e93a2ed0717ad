"""A stale view does not stay the last of its key: compaction would keep it, and nothing else."""

import asyncio
from pathlib import Path

import pytest

from streams.events import Position, derived_id
from streams.gate.case import Case
from streams.gate.fold import step
from streams.gate.projections import project
from streams.wire import client, codec, topics
from streams.worker import views as module
from streams.worker.deliveries import Deliveries
from streams.worker.faust.app import GateApp
from streams.worker.logprogram import Product
from streams.worker.record import Place
from streams.worker.roles import views
from streams.worker.views import Views
from tests import builders
from tests.gatehouse import Gatehouse

pytestmark = pytest.mark.kafka
INTENT = derived_id("views", "one")


class Keys:
    """Stands for the fold's keys."""

    def sign_grant(self, statement: bytes) -> bytes:
        """Leave a statement as it is."""
        return statement

    def sign_request(self, statement: bytes) -> bytes:
        """Leave a statement as it is."""
        return statement

    def release(self, locked: bytes, intent_id: str) -> bytes:  # noqa: ARG002 - the protocol's
        """Leave it locked."""
        return locked


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Gatehouse:
    """Return a gate of this test's own."""
    return Gatehouse.up(kafka, tmp_path / "home", partitions=1)


def cases() -> list[Case]:
    """Return a case as it was opened at offset 0, and as a person answered it at offset 1."""
    found: list[Case] = []
    for offset, body in enumerate((builders.intent(), builders.decision())):
        case = found[-1] if found else None
        event = builders.event(builders.seeing(body, case), offset, intent_id=INTENT)
        made = step(case, event, Position(partition=0, offset=offset))
        assert made.case
        found.append(made.case)
    return found


def products(house: Gatehouse, case: Case) -> list[Product]:
    """Return what a case publishes."""
    return [
        Product(house.settings.prefix + each.topic, INTENT.encode(), codec.encode(each.message))
        for each in project(case, Keys())
        if each.topic in {"requests", "verdicts"}
    ]


def put(house: Gatehouse, case: Case) -> None:
    """Publish a case's views, as any worker can."""
    producer = client.producer(house.settings)
    for each in products(house, case):
        client.deliver(producer, each.topic, each.key, each.value)


def last(house: Gatehouse) -> dict[str, int]:
    """Return the position of what stands last in each topic."""
    found = {}
    for topic, kind in views(house.settings).items():
        *_, record = client.records(house.settings, topic)
        found[topic] = codec.decode(record.value or b"", kind).position.offset
    return found


def count(house: Gatehouse) -> int:
    """Return how many views were written."""
    return sum(len(list(client.records(house.settings, name))) for name in views(house.settings))


def looker(house: Gatehouse, folder: Path, case: Case) -> Views:
    """Return what mends partition 0, with this case in its table."""
    app = GateApp(house.settings, "fold", folder)
    app.positions.hold({Place(topics.name(house.settings.prefix, "cases"), 0): 2})

    def shown(partition: int, key: bytes, at: int) -> list[Product]:
        known = (partition, key) == (0, INTENT.encode()) and at < case.applied.offset
        return products(house, case) if known else []

    return Views(app, views(house.settings), shown)


def look(house: Gatehouse, mender: Views) -> None:
    """Look once, and deliver what is said again."""

    async def once() -> None:
        mender._app.deliveries = Deliveries(client.producer(house.settings, linger_ms=1))
        await mender.look()
        await asyncio.to_thread(mender._app.deliveries.close)

    asyncio.run(once())


def test_a_stale_view_is_said_over_once(house: Gatehouse, tmp_path: Path) -> None:
    """Found at the first look and at a later one; what is in order is left alone."""
    old, new = cases()
    for case in (old, new, old):  # the last by a zombie
        put(house, case)
    mender = looker(house, tmp_path / "data", new)
    look(house, mender)
    assert {1} == set(last(house).values())
    written = count(house)
    look(house, mender)
    assert written == count(house)
    put(house, old)
    look(house, mender)
    assert {1} == set(last(house).values())


def test_what_is_newer_than_the_table_is_left_alone(house: Gatehouse, tmp_path: Path) -> None:
    """A view stands before its row; and a successor's view is none of this worker's business."""
    old, new = cases()
    put(house, new)
    written = count(house)
    look(house, looker(house, tmp_path / "data", old))
    assert written == count(house)


def test_rubbish_under_a_case_s_key_is_said_over(house: Gatehouse, tmp_path: Path) -> None:
    """What nobody can read would be all that compaction leaves."""
    _, new = cases()
    put(house, new)
    producer = client.producer(house.settings)
    for topic in views(house.settings):
        client.deliver(producer, topic, INTENT.encode(), b"rubbish")
    look(house, looker(house, tmp_path / "data", new))
    assert {1} == set(last(house).values())


def test_without_looking_compaction_would_keep_the_stale_view(
    house: Gatehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same topic ends with the stale view where nobody mends: the test sees loss."""
    old, new = cases()
    for case in (old, new, old):
        put(house, case)
    monkeypatch.setattr(module.Views, "_say", lambda *_: asyncio.sleep(0))
    look(house, looker(house, tmp_path / "data", new))
    assert 0 in last(house).values()
