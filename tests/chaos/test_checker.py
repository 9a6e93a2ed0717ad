"""The checker finds each flaw that is planted in a history, and none in a whole one."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from streams.events import CaseEvent, Grant, GrantStatement, State, Verdict
from streams.signing import GRANT, SigningKey, envelope, open_envelope
from streams.wire import codec
from streams.wire.client import KafkaRecord
from tests.chaos import whole
from tests.chaos.rig import checker, rows
from tests.chaos.rig.history import History
from tests.chaos.whole import APPROVED, DENIED, EXPIRED, GRANTS, PERMITTED, changed

Flaw = Callable[[History], History]
WHOLE = whole.whole()


def without(topic: str, at: int) -> Flaw:
    """Drop one record."""
    return lambda h: changed(h, topic, tuple(r for r in h.of(topic) if r is not h.of(topic)[at]))


def renumbered(records: tuple[KafkaRecord, ...]) -> tuple[KafkaRecord, ...]:
    """Give records the offsets of their places."""
    return tuple(dataclasses.replace(each, offset=at) for at, each in enumerate(records))


def cut_out(topic: str, at: int) -> Flaw:
    """Drop one record and close the gap, as if it had never been there."""
    return lambda h: changed(h, topic, renumbered(without(topic, at)(h).of(topic)))


def swapped(topic: str, one: int, two: int) -> Flaw:
    """Let two records change places."""

    def swap(history: History) -> History:
        records = list(history.of(topic))
        records[one], records[two] = records[two], records[one]
        return changed(history, topic, renumbered(tuple(records)))

    return swap


def rewritten(topic: str, at: int, rewrite: Callable[[bytes], bytes]) -> Flaw:
    """Change one record's value."""

    def change(history: History) -> History:
        records = list(history.of(topic))
        value = rewrite(records[at].value or b"")
        records[at] = dataclasses.replace(records[at], value=value)
        return changed(history, topic, tuple(records))

    return change


def another(topic: str, at: int, rewrite: Callable[[bytes], bytes]) -> Flaw:
    """Append a changed copy of a record."""

    def add(history: History) -> History:
        records = history.of(topic)
        value = rewrite(records[at].value or b"")
        copy = dataclasses.replace(records[at], offset=len(records), value=value)
        return changed(history, topic, (*records, copy))

    return add


def regranted(key: SigningKey, **changes: object) -> Callable[[bytes], bytes]:
    """Return what makes another grant of one, signed by `key`."""

    def rewrite(value: bytes) -> bytes:
        told = codec.decode(value, Grant)
        _, payload = open_envelope(told.envelope, GRANT, [GRANTS.public])
        statement = GrantStatement.model_validate_json(payload).model_copy(update=changes)
        signed = envelope(statement.model_dump_json().encode(), GRANT, key)
        return codec.encode(told.model_copy(update={"envelope": signed}))

    return rewrite


def other_verdict(value: bytes) -> bytes:
    """Return a verdict that says the opposite."""
    told = codec.decode(value, Verdict)
    return codec.encode(told.model_copy(update={"state": State.DENIED, "reason": "forged"}))


def other_event(**changes: object) -> Callable[[bytes], bytes]:
    """Return what changes an event of the log."""
    return lambda value: codec.encode(codec.decode(value, CaseEvent).model_copy(update=changes))


def journal(name: str, *records: dict[str, object]) -> Flaw:
    """Add lines to a client's journal."""

    def add(history: History) -> History:
        changes: dict[str, Any] = {name: (*getattr(history, name), *records)}
        return dataclasses.replace(history, **changes)

    return add


def planted(topic: str) -> Flaw:
    """Put PHI behind a record's value."""
    return another(topic, 0, lambda value: value + b"078-05-1120")


FLAWS: dict[str, tuple[Flaw, str]] = {
    "an intent without an event": (cut_out("cases", 0), "acknowledged_lost"),
    "an event dropped from the log": (without("cases", 4), "acknowledged_lost"),
    "a hole in the log": (without("cases", 4), "log_gaps"),
    "an input dropped by the broker": (
        journal("proposed", {"id": "x", "action": "a", "params": "", "acked": True}),
        "acknowledged_lost",
    ),
    "an answer that vanished": (
        journal(
            "decided",
            {"id": DENIED, "person": "petra", "answer": "deny", "partition": 0, "offset": 99},
        ),
        "acknowledged_lost",
    ),
    "two verdicts": (another("verdicts", 0, other_verdict), "double_verdicts"),
    "a verdict that was seen and is not there": (
        journal("seen", {"id": PERMITTED, "end": "denied"}),
        "double_verdicts",
    ),
    "two grants": (another("approved", 0, regranted(GRANTS, grant_id="g2")), "double_grants"),
    "a grant of a denied intent": (
        lambda h: changed(
            h,
            "approved",
            (*h.of("approved"), dataclasses.replace(h.of("approved")[0], key=DENIED.encode())),
        ),
        "wrong_grants",
    ),
    "a grant that says more": (
        rewritten("approved", 0, regranted(GRANTS, masked="{}")),
        "wrong_grants",
    ),
    "a grant by another key": (
        rewritten("approved", 0, regranted(SigningKey.new("gate-grant"))),
        "wrong_grants",
    ),
    "an approval nobody gave": (
        lambda h: dataclasses.replace(h, decided=h.decided[1:]),
        "wrong_grants",
    ),
    "a grant that never came": (without("approved", 1), "projections_wrong"),
    "run twice": (lambda h: journal("ran", dict(h.ran[0]))(h), "double_executions"),
    "run without a grant": (
        lambda h: journal("ran", {**h.ran[0], "intent_id": EXPIRED, "grant_id": "g"})(h),
        "wrong_grants",
    ),
    "other params run": (
        lambda h: dataclasses.replace(h, ran=({**h.ran[0], "params": "other"}, h.ran[1])),
        "wrong_grants",
    ),
    "a case left open": (cut_out("cases", 6), "unended"),
    "a grant without an outcome": (cut_out("cases", 8), "unended"),
    "a verdict that never came": (
        lambda h: changed(
            h, "verdicts", tuple(r for r in h.of("verdicts") if r.key != EXPIRED.encode())
        ),
        "unended",
    ),
    "an audit entry dropped": (without("audit", 3), "audit_gaps"),
    "the last audit entry dropped": (without("audit", 8), "audit_gaps"),
    "an audit entry forged": (
        rewritten("audit", 2, lambda v: v[:-1] + bytes([v[-1] ^ 1])),
        "audit_gaps",
    ),
    "a note dropped": (without("checkpoints", 0), "audit_gaps"),
    "no note over all shards": (without("checkpoints", -1), "audit_gaps"),
    "an event forged": (rewritten("cases", 4, other_event(event_id=PERMITTED)), "forged"),
    "an event from nowhere": (without("outcomes", 1), "forged"),
    "events in another order": (swapped("cases", 1, 4), "projections_wrong"),
    "events in another order, in the table": (swapped("cases", 1, 4), "table_wrong"),
    "events in another order, in the audit": (swapped("cases", 1, 4), "audit_gaps"),
    "a request of another view": (rewritten("requests", 0, lambda v: v[:-1]), "projections_wrong"),
    "a row lost": (without("fold-rows", 8), "table_wrong"),
    "an audit row lost": (without("audit-rows", 8), "table_wrong"),
    "PHI in a request": (planted("requests"), "phi_found"),
    "PHI in the log": (planted("cases"), "phi_found"),
    "PHI in a worker's log": (
        lambda h: dataclasses.replace(h, texts={"log": b"error: 078-05-1120"}),
        "phi_found",
    ),
}


def test_a_whole_history_has_no_flaw() -> None:
    """Nothing is found where nothing is wrong, and every kind is reported."""
    found = checker.check(WHOLE)
    assert {name: set() for name in checker.ZEROES} == dict(found)


@pytest.mark.parametrize("name", FLAWS)
def test_each_planted_flaw_is_found(name: str) -> None:
    """The kind of finding that the flaw belongs to is not empty."""
    flaw, kind = FLAWS[name]
    assert checker.check(flaw(WHOLE))[kind]


def test_every_kind_of_finding_has_a_flaw() -> None:
    """No kind of finding is without a flaw that shows it."""
    assert set(checker.ZEROES) == {kind for _, kind in FLAWS.values()}


def test_an_exact_repeat_is_no_flaw() -> None:
    """What at-least-once delivery writes twice in every derived topic changes nothing."""
    history = WHOLE
    for topic in ("requests", "verdicts", "approved", "checkpoints", "audit", "fold-rows"):
        history = another(topic, -1, lambda value: value)(history)
    assert {name: set() for name in checker.ZEROES} == dict(checker.check(history))


def test_a_stale_row_is_told_and_harmless() -> None:
    """An older row behind the newest is reported; recovery would still choose the newest."""
    history = another("fold-rows", 1, lambda value: value)(WHOLE)
    assert {f"fold-rows/0/{APPROVED}"} == rows.stale(history)
    assert set() == checker.check(history)["table_wrong"]
