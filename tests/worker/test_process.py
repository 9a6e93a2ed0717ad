"""A worker that is told to stop ends within seconds, whatever its broker does."""

import signal
import threading
from typing import Any

import faust
import pytest

from streams.worker.faust import process
from streams.worker.faust.consumer import Consumer
from streams.worker.leave import type_and_place


def test_told_to_stop_it_leaves_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stopping in order hangs, on a broker that is away say, the process leaves."""
    left = threading.Event()
    why: list[str] = []

    def leave(reason: str) -> None:
        why.append(reason)
        left.set()

    def stops(_: Any, __: Any) -> None:
        """Begin what never ends."""

    monkeypatch.setattr(process, "leave", leave)
    monkeypatch.setattr(faust.Worker, "_schedule_shutdown", stops)
    made = process.Process.__new__(process.Process)
    made.stop_s = 0.05
    made._schedule_shutdown(signal.SIGTERM)
    assert left.wait(60)
    assert "told to stop" in why[0]


def test_a_quiet_partition_is_no_bug_to_report(caplog: pytest.LogCaptureFixture) -> None:
    """Faust's alarm on what has not committed is not raised: the host looks for itself."""
    Consumer.verify_event_path(Consumer.__new__(Consumer), 1e9, object())
    assert [] == caplog.records


def test_a_full_disk_is_named() -> None:
    """Of an error the type and the place are told, and of the system's own its words."""
    assert "(No space left on device)" in type_and_place(OSError(28, "No space left on device"))
