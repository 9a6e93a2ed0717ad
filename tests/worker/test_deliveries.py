"""Nothing counts as durable before a broker has said where it stands."""

import asyncio
from typing import Any

import pytest

from streams.errors import BrokerError
from streams.wire import client
from streams.worker.deliveries import Deliveries
from tests.worker.left import Left, catch

NOWHERE = -1001  # what librdkafka tells where the broker gave no offset


class Message:
    """A delivery report's message."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self) -> int:
        """Return where it stands."""
        return self._offset

    def partition(self) -> int:
        """Return its partition."""
        return 0


class Producer:
    """Reports each record as delivered at once, at `offset`."""

    def __init__(self, offset: int) -> None:
        self._message = Message(offset)

    def produce(self, _: str, *, on_delivery: Any, **__: Any) -> None:
        """Take a record."""
        on_delivery(None, self._message)

    def poll(self, _: float) -> None:
        """Do nothing."""

    def flush(self, _: float) -> int:
        """Have nothing left."""
        return 0


async def _sent(offset: int) -> int:
    made = Deliveries(Producer(offset))
    try:
        return await made.send("cases", b"k", b"v")
    finally:
        made.close()


def test_a_delivery_without_an_offset_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker leaves, a client is told that nobody knows; both send it again."""
    catch(monkeypatch)
    assert 7 == asyncio.run(_sent(7))
    with pytest.raises(Left):
        asyncio.run(_sent(NOWHERE))
    assert (0, 7) == client.deliver(Producer(7), "t", None, b"v")
    with pytest.raises(BrokerError) as caught:
        client.deliver(Producer(NOWHERE), "t", None, b"v")
    assert "where the record stands" in str(caught.value)
