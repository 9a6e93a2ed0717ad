"""Nothing counts as durable before a broker has said where it stands."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.errors import BrokerError
from streams.settings import Settings
from streams.wire import client
from streams.worker.leave import RESTART
from tests.worker.repeats import forgetful_broker

TIMEOUT_S = 240.0
WORKER = """
import asyncio, sys
from streams.settings import Settings
from streams.wire import client
from streams.worker.deliveries import Deliveries

async def work():
    sends = Deliveries(client.producer(Settings(bootstrap=sys.argv[1])))
    print("stands at", await sends.send("cases", b"k", b"v", partition=0), flush=True)
    sends.close()

asyncio.run(work())
"""


@pytest.fixture
def address() -> Iterator[str]:
    """Run a broker that takes the first record for a repeat, and those behind it as they are."""
    with forgetful_broker() as found:
        yield found


def test_a_client_is_told_that_nobody_knows_and_sends_again(address: str, tmp_path: Path) -> None:
    """The broker calls the first sending a repeat, and has it nowhere."""
    producer = client.producer(Settings(bootstrap=address, home=tmp_path))
    with pytest.raises(BrokerError) as caught:
        client.deliver(producer, "cases", b"k", b"v", partition=0)
    assert "where the record stands" in str(caught.value)
    assert (0, 0) == client.deliver(producer, "cases", b"k", b"v", partition=0)


def test_a_worker_leaves_and_the_next_one_sends_again(address: str) -> None:
    """Had it gone on, it would have kept a position behind a record that no broker has."""
    first, second = (_worker(address) for _ in range(2))
    assert RESTART == first.returncode, first.stderr
    assert "cases: no broker says where the record stands" in first.stderr
    assert (0, "stands at 0\n") == (second.returncode, second.stdout), second.stderr


def _worker(address: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WORKER, address],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
