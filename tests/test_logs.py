"""The one useful line does not drown in what libraries repeat."""

import logging
from pathlib import Path

import streams
from streams.logs import Repeats


def record(name: str, said: str, *given: object, level: int = logging.ERROR) -> logging.LogRecord:
    """Return a record."""
    return logging.LogRecord(name, level, "f", 1, said, given, None)


def test_what_a_library_repeats_passes_once_in_a_span() -> None:
    """Lines that differ in figures and addresses alone are of one kind; the next says how many."""
    now = [0.0]
    passes = Repeats(60.0, lambda: now[0])
    said = [
        record("phigate.kafka", "FAIL [thrd:%s:%d]: refused (after 52ms)", "127.0.0.1", 9000 + at)
        for at in range(40)
    ]
    assert [True, *[False] * 39] == [passes.filter(each) for each in said]
    assert passes.filter(record("aiokafka.conn", "Unable to connect: %s", "x"))
    now[0] = 61.0
    again = record("phigate.kafka", "FAIL [thrd:%s:%d]: refused (after 1ms)", "10.0.0.1", 1)
    assert passes.filter(again)
    assert "39 times more" in again.getMessage()


def test_our_own_lines_always_pass() -> None:
    """So does what is critical, whoever says it."""
    passes = Repeats()
    for name, level in (("streams.worker", logging.WARNING), ("phigate.kafka", logging.CRITICAL)):
        assert [True] * 3 == [passes.filter(record(name, "x", level=level)) for _ in range(3)]


def test_whoever_stays_logs_through_the_filter() -> None:
    """An executor waits for its broker as a worker does: no process sets up a log of its own."""
    root = Path(streams.__file__).parent
    found = {path.name for path in root.rglob("*.py") if "basicConfig(" in path.read_text()}
    assert {"logs.py"} == found
