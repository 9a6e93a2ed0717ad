"""More of a gate in one process: orders, its keys, an approver's machine."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from streams.approver.client import Approver, SentDecision
from streams.control.client import Desk
from streams.control.judge import Authority
from streams.control.scope import Scope
from streams.errors import InputError
from streams.events import (
    CaseEvent,
    Control,
    ControlKind,
    Effected,
    Grant,
    InputRefused,
    Kind,
    Message,
    Request,
    Verdict,
)
from streams.signing import SigningKey
from streams.wire import client, codec
from streams.wire.client import KafkaRecord as Stored
from streams.worker.admission.admission import admit
from streams.worker.record import Place, Record
from tests.attacks.door import Gate


def code_of(call: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Return the code with which this is refused."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **named)
    return caught.value.code


class House(Gate):
    """A gate with its officers' orders."""

    def asked(self, **parts: Any) -> Request:
        """Return the request of a new export."""
        intent_id, told = self.propose("data.export", {"sql": "SELECT 1"}, **parts)
        assert Effected.OPENED is told.effected
        return self.request(intent_id)

    def granted(self) -> Grant:
        """Return the grant of a new export that was approved."""
        intent_id = self.asked().intent_id
        self.decide("petra", intent_id)
        found = self.grant(intent_id)
        assert found
        return found

    def ended(self, intent_id: str) -> Verdict:
        """Return the verdict."""
        found = self.verdict(intent_id)
        assert found
        return found

    def refusal(self, kind: Kind, intent_id: str, sent: Message) -> str:
        """Send what must be refused, and return why it is."""
        told = self.feed(kind, intent_id, sent)
        assert Effected.REFUSED is told.effected
        return told.reason

    def ordered(self, kind: ControlKind, at_ms: int) -> tuple[bytes, bytes]:
        """Return the record of sam's order on everything, as his machine signs it here."""
        desk = Desk(self.house.settings, self.house.directory, self.house.people["sam"])
        scope = Scope.parse("all")
        return scope.id.encode(), codec.encode(desk._signed(kind, scope.id, scope.text, "x", at_ms))

    def signed_order(
        self, kind: ControlKind, intent_id: str, key: SigningKey, reason: str
    ) -> Control:
        """Return an order on an intent, or on everything, as this key's machine signs it."""
        desk = Desk(self.house.settings, self.house.directory, key)
        scope = Scope.parse("all")
        subject, text = (intent_id, "") if intent_id else (scope.id, scope.text)
        return desk._signed(kind, subject, text, reason, self.context.now_ms())

    def admitted(
        self, key: bytes, value: bytes, stamp_ms: int, topic: str = "controls"
    ) -> CaseEvent:
        """Return the event that admission makes of an order with the broker's stamp."""
        record = Record(Place(topic, 0), 0, key, value, stamp_ms)
        _, event = asyncio.run(admit(record, Kind.CONTROL, self.context, self.mask))
        return codec.decode(event, CaseEvent)

    def turned_away(self, key: bytes, value: bytes, stamp_ms: int, topic: str = "controls") -> str:
        """Return the reason with which admission refuses an order; empty where it does not."""
        body = self.admitted(key, value, stamp_ms, topic).body
        return body.reason if isinstance(body, InputRefused) else ""

    @property
    def authority(self) -> Authority:
        """Who may order at this gate."""
        return Authority.known(self.house.settings, self.house.directory)

    def key(self, name: str) -> SigningKey:
        """Return one of the gate's own keys: `grant`, `audit`."""
        return SigningKey.load(self.house.settings.keys / f"{name}.key")


class Door(Approver):
    """Petra's machine; what it reads is given, what it sends is kept."""

    def __init__(self, gate: House, monkeypatch: pytest.MonkeyPatch, *found: Request) -> None:
        house = gate.house
        super().__init__(house.settings, house.directory, house.people["petra"])
        self.sent: list[Any] = []
        records = [
            Stored("requests", 0, at, 0, each.intent_id.encode(), codec.encode(each), ())
            for at, each in enumerate(found)
        ]
        monkeypatch.setattr(client, "records", lambda *_, **__: iter(records))

    def send(self, decision: Any) -> SentDecision:
        """Keep it."""
        self.sent.append(decision)
        return SentDecision("e", decision.intent_id, 0, 0, {})
