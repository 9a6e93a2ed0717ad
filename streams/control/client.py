"""Signing an order, sending it, and seeing that it is in force."""

import hashlib
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from streams.control.board import Board
from streams.control.judge import CANCELS, CONTROLS, Order
from streams.control.reader import Orders
from streams.control.scope import Scope
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import BrokerError, RefusedError
from streams.events import Control, ControlKind, ControlStatement, derived_id
from streams.sealing import Purpose
from streams.settings import Settings
from streams.signing import Signer
from streams.statements import signed
from streams.wire import client, codec, topics

REASON_CHARS_MAX: Final = 2_000
TRIES: Final = 3  # of a halt that a newer order stood against


@dataclass(frozen=True)
class SentOrder:
    """An order that the broker has; `event_id` is the one its log event will have.

    `counts` is what the executors make of it: they read the same record by the same rules. Where
    the orders could not be read to their end afterwards nobody knows: `looked` is false.
    """

    subject_id: str
    event_id: str
    counts: bool
    board: Board
    looked: bool = True


@dataclass(frozen=True)
class Desk:
    """Where one officer, or one agent, gives orders."""

    settings: Settings
    directory: Directory
    key: Signer

    def halt(self, scope: Scope, reason: str, now_ms: int) -> SentOrder:
        """Halt all that the scope covers. Raises RefusedError `unknown_scope`, BrokerError.

        It sends before it looks, so that nothing that stands in the topic can hold it up. Where a
        newer order is found on the scope then, as of an officer whose clock is ahead, it sends
        once more, with a later time.
        """
        self._check_scope(scope)
        at_ms = now_ms
        for _ in range(TRIES):
            sent = self._send(ControlKind.HALT, scope.id, scope.text, reason, at_ms)
            newest = sent.board.newest(scope)
            if sent.counts or not sent.looked or newest is None or newest.at_ms < at_ms:
                break
            at_ms = newest.at_ms + 1
        return sent

    def resume(self, scope: Scope, reason: str, now_ms: int) -> SentOrder:
        """Lift the halt on exactly this scope; errors as for `halt`, and `not_halted`."""
        self._check_scope(scope)
        with closing(self._orders(CONTROLS)) as orders:
            newest = orders.catch_up().newest(scope)
        if newest is None or newest.control is not ControlKind.HALT:
            raise RefusedError("there is no halt on exactly this", code="not_halted")
        at_ms = max(now_ms, newest.at_ms + 1)  # the newer of two orders holds, by any clock
        return self._send(ControlKind.RESUME, scope.id, scope.text, reason, at_ms)

    def revoke(self, intent_id: str, reason: str, now_ms: int) -> SentOrder:
        """Revoke one intent, granted or not. Raises BrokerError."""
        return self._send(ControlKind.REVOKE, intent_id, "", reason, now_ms)

    def cancel(self, intent_id: str, reason: str, now_ms: int) -> SentOrder:
        """Cancel an intent of this agent's. Raises BrokerError."""
        return self._send(ControlKind.CANCEL, intent_id, "", reason, now_ms)

    def shred(self, intent_id: str, reason: str, now_ms: int) -> SentOrder:
        """Put it into the log that this intent is shredded, by whom and why. Raises BrokerError."""
        return self._send(ControlKind.SHRED, intent_id, "", reason, now_ms)

    def _check_scope(self, scope: Scope) -> None:
        if not scope.known(self.directory):
            raise RefusedError(
                f"the directory has no such {scope.kind}: write it as it stands there",
                code="unknown_scope",
            )

    def _orders(self, topic: str) -> Orders:
        return Orders.of(self.settings, self.directory, (topic,))

    def _send(
        self, kind: ControlKind, subject_id: str, scope: str, reason: str, at_ms: int
    ) -> SentOrder:
        value = codec.encode(self._signed(kind, subject_id, scope, reason, at_ms))
        short = CANCELS if kind is ControlKind.CANCEL else CONTROLS
        topic = topics.name(self.settings, short)
        producer = client.producer(self.settings)
        place = client.deliver(producer, topic, subject_id.encode(), value)
        event_id = derived_id("event", topic, *(str(number) for number in place))
        with closing(self._orders(short)) as orders:
            try:
                board, looked = orders.catch_up(), True
            except BrokerError:  # the order itself is with the broker
                board, looked = orders.board, False
        counts = looked and board.holds(kind, subject_id, at_ms)
        return SentOrder(subject_id, event_id, counts, board, looked)

    def _signed(
        self, kind: ControlKind, subject_id: str, scope: str, reason: str, at_ms: int
    ) -> Control:
        text = reason[:REASON_CHARS_MAX].encode()
        sealed = self.directory.gate.seal.seal(text, subject_id, Purpose.ORDER)
        said = ControlStatement(
            gate=gate_set(self.settings.pinned_keys, self.directory).id,
            control=kind,
            subject_id=subject_id,
            scope=scope,
            reason_digest=hashlib.sha256(sealed).hexdigest(),
            at_ms=at_ms,
        )
        return Control(subject_id=subject_id, envelope=signed(said, self.key), reason=sealed)


def listed(order: Order) -> dict[str, object]:
    """Return a halt as JSON for people."""
    return {
        "scope": order.scope.text if order.scope else "",
        "by": order.by,
        "at_ms": order.at_ms,
        "id": order.subject_id,
    }
