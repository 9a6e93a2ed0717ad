"""The kill switch against those it is for: whoever holds an agent's credential, and junk."""

import base64
import json
import logging
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest

from streams import statements
from streams.cluster import roles
from streams.control import board as boards
from streams.control import reader, tail
from streams.control.board import Board
from streams.control.client import Desk
from streams.control.judge import CANCELS, CONTROLS, ORDER_BYTES_MAX, Order, Tally, judge
from streams.control.reader import Orders
from streams.control.scope import Scope
from streams.errors import BrokerError
from streams.events import Control, ControlKind, ControlStatement, InputRefused
from streams.signing import CONTROL, SigningKey, envelope
from streams.wire import client as wire
from streams.wire import codec
from tests.attacks.doors import House, code_of
from tests.gatehouse import new_id

ALL = Scope.parse("all")
BOT = SigningKey.new("bot-key")
JUNK = 150_000


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a gate with an agent that signs."""
    agents = {"bot": {"owner": "olga", "keys": [BOT.public.text]}}
    home = tmp_path_factory.mktemp("kill") / "home"
    return House(home, officers="security-officers", agents=agents)


def forged(gate: House, key_id: str, **parts: Any) -> tuple[bytes, bytes]:
    """Return an order under somebody's key id, with noise for a signature."""
    subject = new_id()
    said = ControlStatement(
        gate=gate.house.directory.gate.id,
        control=ControlKind.REVOKE,
        subject_id=subject,
        scope="",
        reason_digest="0" * 64,
        at_ms=gate.context.now_ms(),
    )
    noise = SigningKey.from_seed("noise", secrets.token_bytes(32))
    whole = json.loads(envelope(said.model_dump_json().encode(), CONTROL, noise))
    whole["signatures"][0]["keyid"] = key_id
    spelled = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    control = Control(subject_id=subject, envelope=spelled.encode(), reason=b"")
    return subject.encode(), codec.encode(control.model_copy(update=parts))


class Message:
    """A record as the broker gives it."""

    def __init__(self, offset: int, key: bytes, value: bytes, stamp_ms: int) -> None:
        self.record = (offset, key, value, stamp_ms)

    def partition(self) -> int:
        """One partition is enough."""
        return 0

    def offset(self) -> int:
        """Its place."""
        return self.record[0]

    def error(self) -> None:
        """None."""

    def key(self) -> bytes:
        """Its key."""
        return self.record[1]

    def value(self) -> bytes:
        """Its value."""
        return self.record[2]

    def timestamp(self) -> tuple[int, int]:
        """Say when the broker took it."""
        return (1, self.record[3])


class Cluster:
    """Topics in memory, under the readers of orders and the desk."""

    def __init__(self, gate: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.logs: dict[str, list[tuple[bytes, bytes]]] = {CONTROLS: [], CANCELS: []}
        self.now_ms = gate.context.now_ms
        cluster = self

        class Consumer:
            def __init__(self, name: str) -> None:
                self.name, self.at = name, 0

            def consume(self, count: int, _: float) -> list[Message]:
                found = cluster.logs[self.name][self.at : self.at + count]
                made = [
                    Message(self.at + n, *pair, cluster.now_ms()) for n, pair in enumerate(found)
                ]
                self.at += len(found)
                return made

            def close(self) -> None:
                """Nothing is open."""

        def open_(self: tail.Tail) -> None:
            name = self.topic.rpartition(".")[2]
            self._next, self._consumer = {0: 0}, Consumer(name)

        def ends(self: tail.Tail) -> dict[int, int]:
            return {0: len(cluster.logs[self.topic.rpartition(".")[2]])}

        def deliver(_: object, topic: str, key: bytes, value: bytes) -> tuple[int, int]:
            log = cluster.logs[topic.rpartition(".")[2]]
            log.append((key, value))
            return 0, len(log) - 1

        monkeypatch.setattr(tail.Tail, "open", open_)
        monkeypatch.setattr(tail.Tail, "_ends", ends)
        monkeypatch.setattr(wire, "producer", lambda _: None)
        monkeypatch.setattr(wire, "deliver", deliver)


@pytest.fixture
def cluster(gate: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Return the topics; what is passed over is not told here."""
    logging.disable(logging.WARNING)
    yield Cluster(gate, monkeypatch)
    logging.disable(logging.NOTSET)


def desk(gate: House, key: SigningKey | None = None) -> Desk:
    """Return sam's desk, or that of another key."""
    return Desk(gate.house.settings, gate.house.directory, key or gate.house.people["sam"])


def test_an_agents_credential_reaches_no_topic_of_officers() -> None:
    """Nobody but an officer writes `controls`."""
    assert ["officer"] == [each.name for each in roles.TABLE if CONTROLS in each.writes]
    assert ["agent"] == [each.name for each in roles.TABLE if CANCELS in each.writes]
    readers = {each.name for each in roles.TABLE if CONTROLS in each.reads}
    assert {"admit", "officer", "executor-<class>"} == readers


@pytest.mark.parametrize("whose", ["sam", "bot", "stranger", "oversized", "misplaced"])
def test_junk_of_agents_keeps_no_halt_from_being_seen(
    gate: House, cluster: Cluster, whose: str
) -> None:
    """However much stands in `cancels`: the halt is sent, an executor reads it, soon."""
    house = gate.house
    signers = {**house.people, "stranger": house.stranger}
    key_id = signers.get(whose, BOT).public.key_id
    key, value = forged(gate, key_id)
    if whose == "oversized":
        key, value = forged(gate, key_id, reason=b"x" * ORDER_BYTES_MAX)
    if whose == "misplaced":
        key = new_id().encode()
    cluster.logs[CANCELS] = [(key, value)] * (JUNK if whose == "sam" else JUNK // 5)
    begun = time.monotonic()
    assert desk(gate).halt(ALL, "stop", gate.context.now_ms()).counts
    board = Orders.of(house.settings, house.directory).catch_up(120.0)
    assert [ALL] == [each.scope for each in board.halts()]
    assert time.monotonic() - begun < 120.0
    Orders.of(house.settings, house.directory, (CANCELS,)).catch_up(120.0)


def test_a_halt_is_sent_before_anything_is_read(
    gate: House, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where `controls` cannot be read to its end; then nobody says that it is in force."""
    cluster.logs[CONTROLS] = [forged(gate, gate.house.people["sam"].public.key_id)] * 2_000

    def away(*_: object) -> None:
        assert 2_001 == len(cluster.logs[CONTROLS])
        raise BrokerError("controls cannot be read to its end")

    monkeypatch.setattr(tail.Tail, "catch_up", away)
    sent = desk(gate).halt(ALL, "stop", gate.context.now_ms())
    assert (False, False) == (sent.looked, sent.counts)
    monkeypatch.undo()
    key, value = cluster.logs[CONTROLS][-1]
    assert ControlKind.HALT is judge(key, value, sent_ms(gate), gate.authority).order.control


def sent_ms(gate: House) -> int:
    """Return the broker's stamp on what was sent just now."""
    return gate.context.now_ms()


@pytest.mark.parametrize("ahead_ms", [0, 1, 60_000, 200_000])
def test_a_halt_holds_against_a_resume_by_a_clock_that_is_ahead(
    gate: House, cluster: Cluster, ahead_ms: int
) -> None:
    """It is sent again, dated after what stands against it."""
    now_ms = gate.context.now_ms()
    assert desk(gate).halt(ALL, "stop", now_ms).counts
    desk(gate).resume(ALL, "go on", now_ms + ahead_ms)
    sent = desk(gate).halt(ALL, "stop again", now_ms)
    assert sent.counts
    assert [ALL] == [each.scope for each in sent.board.halts()]
    assert 3 <= len(cluster.logs[CONTROLS])


def test_junk_in_the_officers_topic_is_passed_in_time(gate: House, cluster: Cluster) -> None:
    """Under an officer's own key id each costs a signature: still thousands a second."""
    count = 5_000
    cluster.logs[CONTROLS] = [forged(gate, gate.house.people["sam"].public.key_id)] * count
    begun = time.monotonic()
    assert desk(gate).halt(ALL, "stop", gate.context.now_ms()).counts
    assert time.monotonic() - begun < 120.0


def test_how_many_signatures_are_checked_for_one_agent_is_bounded(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond that its cancels are refused until the next minute; an officer's orders never are."""
    checked: list[bytes] = []
    real = statements.signer

    def counted(*said: Any) -> Any:
        checked.append(b"")
        return real(*said)

    monkeypatch.setattr(statements, "signer", counted)
    tally, now_ms = Tally(most=5), gate.context.now_ms()
    who = gate.authority
    whose = (who, CANCELS, tally)
    codes = [code_of(judge, *forged(gate, BOT.public.key_id), now_ms, *whose) for _ in range(9)]
    assert ["bad_signature"] * 5 + ["too_many_cancels"] * 4 == codes
    assert 5 == len(checked)
    later = now_ms + 60_000
    assert "bad_signature" == code_of(judge, *forged(gate, BOT.public.key_id), later, *whose)
    for _ in range(9):
        halt = gate.ordered(ControlKind.HALT, now_ms)
        assert ControlKind.HALT is judge(*halt, now_ms, who, CONTROLS, tally).order.control


def test_cancels_of_one_agent_fill_no_board() -> None:
    """Genuine ones of made-up ids, without end: the newest are kept, other orders all."""
    board, most = Board(keep_ms=10**12), boards.CANCELS_MAX
    board.take(Order(ControlKind.REVOKE, "first", None, "sam", 1, 1))
    board.take(Order(ControlKind.CANCEL, "theirs", None, "other", 1, 1))
    for number in range(3 * most):
        board.take(Order(ControlKind.CANCEL, str(number), None, "bot", 2, 2))
    assert most + 2 == len(board._stopped)
    assert board.holds(ControlKind.REVOKE, "first", 1)
    assert board.holds(ControlKind.CANCEL, "theirs", 1)
    assert board.holds(ControlKind.CANCEL, str(3 * most - 1), 2)


# ---------------------------------------------------------------- one judge, everywhere


def variants(gate: House) -> Iterator[tuple[str, str, Control, bytes | None]]:
    """Yield orders that nobody may obey: why, in which topic, the order, its key."""
    sam, intent = gate.house.people["sam"], new_id()
    halt = gate.signed_order(ControlKind.HALT, "", sam, "x")
    yield "wrong_topic", CANCELS, halt, None
    yield "wrong_topic", CANCELS, gate.signed_order(ControlKind.REVOKE, intent, sam, "x"), None
    yield "wrong_topic", CONTROLS, gate.signed_order(ControlKind.CANCEL, intent, BOT, "x"), None
    yield "wrong_topic", CONTROLS, gate.signed_order(ControlKind.CANCEL, intent, sam, "x"), None
    yield "wrong_topic", CANCELS, gate.signed_order(ControlKind.REVOKE, intent, BOT, "x"), None
    yield "wrong_topic", CONTROLS, gate.signed_order(ControlKind.HALT, "", BOT, "x"), None
    yield "bad_intent_id", CANCELS, gate.signed_order(ControlKind.CANCEL, "anna", BOT, "x"), None
    upper = intent.upper()
    yield "bad_intent_id", CONTROLS, gate.signed_order(ControlKind.REVOKE, upper, sam, "x"), None
    yield "key_mismatch", CONTROLS, halt, intent.encode()
    yield "reason_mismatch", CONTROLS, halt.model_copy(update={"reason": b""}), None
    yield "too_large", CONTROLS, halt.model_copy(update={"reason": b"x" * ORDER_BYTES_MAX}), None
    said = json.loads(base64.b64decode(json.loads(halt.envelope)["payload"]))
    for text in ("agent:anna-smith", "resource:Database/anna", "action:anna smith"):
        named = ControlStatement(**{**said, "scope": text, "subject_id": Scope.parse(text).id})
        control = Control(
            subject_id=named.subject_id,
            envelope=statements.signed(named, sam),
            reason=halt.reason,
        )
        yield "unknown_scope", CONTROLS, control, None


def test_admit_and_executors_refuse_the_same_by_the_same_code(gate: House) -> None:
    """And where the signature is genuine the log says whose order it was."""
    now_ms = gate.context.now_ms()
    unproved = {"too_large", "key_mismatch", "bad_intent_id"}
    for code, topic, control, place in variants(gate):
        key = control.subject_id.encode() if place is None else place
        value = codec.encode(control)
        assert code == code_of(judge, key, value, now_ms, gate.authority, topic)
        body = gate.admitted(key, value, now_ms, topic).body
        assert isinstance(body, InputRefused)
        assert code == body.reason
        if code not in unproved | {"wrong_topic"}:
            assert "sam" == body.who


def test_a_cancel_and_a_halt_count_where_they_belong(gate: House, cluster: Cluster) -> None:
    """Both reach an executor's board, from two topics."""
    intent = new_id()
    now_ms = gate.context.now_ms()
    assert desk(gate, BOT).cancel(intent, "not needed", now_ms).counts
    assert desk(gate).halt(ALL, "stop", now_ms).counts
    board = Orders.of(gate.house.settings, gate.house.directory).catch_up()
    assert (intent, "bot") in board._stopped
    assert [ALL] == [each.scope for each in board.halts()]
    assert [1, 1] == [len(cluster.logs[name]) for name in (CONTROLS, CANCELS)]


def test_cancels_that_cannot_be_read_hold_up_no_officer_and_no_run(
    gate: House, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read for a bounded time, and read on at the next look."""
    monkeypatch.setattr(reader, "CANCELS_S", 0.0)
    cluster.logs[CANCELS] = [forged(gate, BOT.public.key_id)] * 5_000
    orders = Orders.of(gate.house.settings, gate.house.directory)
    desk(gate).halt(ALL, "stop", gate.context.now_ms())
    assert [ALL] == [each.scope for each in orders.catch_up().halts()]
