"""Intents under load, and what must hold of them afterwards, read from the topics alone."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streams.events import CaseEvent, Position, State, Verdict
from streams.gate.fold import step
from streams.wire import codec
from streams.worker.supervise import Supervisor
from tests.gatehouse import EXECUTOR, Gatehouse, wait_for

GRANTED, DENIED = "db.query", "db.drop"


def write(house: Gatehouse, count: int) -> dict[str, str]:
    """Write intents, each fourth one forbidden, and return what each should end as."""
    wanted: dict[str, str] = {}
    for number in range(count):
        action = DENIED if number % 4 == 3 else GRANTED
        made = house.intent(action, {"number": number})
        wanted[made.intent_id] = State.DENIED if action == DENIED else State.GRANTED
        house.put_soon("intents", made.intent_id, made)
    house.flush()
    return wanted


@contextmanager
def steadily(house: Gatehouse, a_second: int) -> Iterator[dict[str, str]]:
    """Write intents all the while, a few each tenth of a second."""
    wanted: dict[str, str] = {}
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(0.1):
            wanted.update(write(house, a_second // 10))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield wanted
    finally:
        stop.set()
        thread.join()


def tend(supervisor: Supervisor, seconds: float) -> None:
    """Let time pass; what has left is started again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        supervisor.tend()
        time.sleep(0.05)


def settle(
    house: Gatehouse, supervisor: Supervisor, wanted: dict[str, str], timeout_s: float = 300.0
) -> None:
    """Wait until every intent has its verdict; fails with how many have none."""

    def none_missing() -> bool:
        supervisor.tend()
        return not missing(house, wanted)

    try:
        wait_for("every verdict", none_missing, timeout_s)
    except AssertionError:
        gone = missing(house, wanted)
        seen = {event.intent_id for event in house.cases()}
        logs = "\n".join(f"-- {c.name}\n{supervisor.last_lines(c, 6)}" for c in supervisor.children)
        raise AssertionError(
            f"{len(gone)} of {len(wanted)} have no verdict, {len(gone - seen)} of them no event\n"
            f"{logs}"
        ) from None


def missing(house: Gatehouse, wanted: dict[str, str]) -> set[str]:
    """Return the intents without a verdict."""
    return set(wanted) - set(house.verdicts())


def check(house: Gatehouse, wanted: dict[str, str]) -> None:
    """Each intent ended once, as it should; each grant is one; the audit says the same."""
    states: dict[str, set[tuple[str, str | None]]] = defaultdict(set)
    for verdict in house.messages("verdicts", Verdict):
        states[verdict.intent_id].add((verdict.state, verdict.grant_id))
    grants: dict[str, set[bytes]] = defaultdict(set)
    for record in house.records(f"approved.{EXECUTOR}"):
        grants[(record.key or b"").decode()].add(record.value or b"")
    granted = {name for name, state in wanted.items() if state is State.GRANTED}
    assert {name: {state} for name, state in wanted.items()} == {
        name: {state for state, _ in states[name]} for name in wanted
    }
    assert dict.fromkeys(granted, 1) == {
        name: len(found) for name, found in grants.items() if name in wanted
    }
    report = house.audited()
    assert report.broken is None
    assert refolded(house) == {name: verdict.state for name, verdict in house.verdicts().items()}


def refolded(house: Gatehouse) -> dict[str, str]:
    """Fold the whole log here, and return how each case ended."""
    cases: dict[str, Any] = {}
    for record in house.records("cases"):
        event = codec.decode(record.value or b"", CaseEvent)
        position = Position(partition=record.partition, offset=record.offset)
        made = step(cases.get(event.intent_id), event, position).case
        if made is not None:
            cases[event.intent_id] = made
    return {name: case.state for name, case in cases.items() if case.closing}
