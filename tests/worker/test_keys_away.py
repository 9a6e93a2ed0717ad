"""While admit's keys are away an input waits: nothing is refused, nothing lost, the order kept."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from streams.errors import InputError, ProviderError
from streams.events import InputRefused, IntentAdmitted, Kind
from streams.sealing import LocalKeyFile, TwoLayers
from streams.sealing import keyset as keys
from streams.settings import load_settings
from streams.wire import codec
from streams.worker import admit as module
from streams.worker.admission.admission import Admitted
from streams.worker.admission.context import Context
from streams.worker.admit import AdmitLoop
from streams.worker.floods import Floods
from streams.worker.keys import FoldKeys
from streams.worker.positions import Positions
from streams.worker.record import Place, Record
from tests.gatehouse import Gatehouse
from tests.worker.test_admission import NAME, context, house, mask, taken

__all__ = ["context", "house"]  # fixtures

HERE = Place("intents", 0)


class Away:
    """A provider around the file that does not answer until it is told to."""

    name = "test"

    def __init__(self) -> None:
        self.away = True

    def wrap(self, blob: bytes, _: str) -> bytes:
        """Wrap nothing."""
        if self.away:
            raise ProviderError("nobody there", hint="wait")
        return blob

    def unwrap(self, blob: bytes, _: str) -> bytes:
        """Unwrap nothing."""
        return blob


class Host:
    """The app of one loop: it notes what was sent, in order, and what was acknowledged."""

    def __init__(self, admit: Any) -> None:
        self.sent: list[str] = []
        self.acked: list[int] = []
        self.kept: dict[Place, int] = {}
        self.pausing = False
        self.positions = Positions()
        self.positions.hold({HERE: 0})
        self.pulse = SimpleNamespace(check=lambda: None)
        self.deliveries = SimpleNamespace(send=self._send)
        floods = Floods(load_settings())
        self.loop = AdmitLoop(self, self, "cases", admit, floods)  # type: ignore[arg-type]

    async def _send(self, _: str, key: bytes, __: bytes) -> int:
        self.sent.append(key.decode())
        return 0

    async def keep(self, positions: dict[Place, int]) -> bool:
        """Note the positions."""
        self.kept |= positions
        return True

    def event(self, offset: int) -> Any:
        """Return an input as Faust gives it."""
        message = SimpleNamespace(
            topic=HERE.topic, partition=0, offset=offset, key=b"", value=b"", timestamp=0
        )
        return SimpleNamespace(message=message, ack=lambda: self.acked.append(offset))

    async def take(self, offset: int) -> None:
        """Give the loop one input."""
        await self.loop._take(self.event(offset), Kind.INTENT)


def test_an_input_waits_until_the_keys_are_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is admitted once they answer; what comes behind it is acknowledged after it."""
    monkeypatch.setattr(module, "AWAY_S", 0.0)
    away = {0}
    asked = 0

    async def admit(record: Record, _: Kind) -> Admitted:
        nonlocal asked
        asked += 1
        if record.offset in away:
            raise ProviderError("nobody there")
        return Admitted(str(record.offset), b"")

    async def play() -> Host:
        host = Host(admit)
        await host.take(0)
        await host.take(1)
        while asked < 5:  # noqa: ASYNC110 - a few turns of this loop
            await asyncio.sleep(0)
        assert (["1"], [], True) == (host.sent, host.acked, host.pausing)
        away.clear()
        while len(host.sent) < 2:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0)
        await host.loop.drain()
        return host

    host = asyncio.run(play())
    assert ["1", "0"] == host.sent
    assert ([0, 1], {HERE: 2}, False) == (host.acked, host.kept, host.pausing)


def test_a_worker_that_stops_meanwhile_keeps_no_position_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The end does not wait for the keys, and the input is admitted after the next start."""
    monkeypatch.setattr(module, "AWAY_S", 0.0)

    async def admit(_: Record, __: Kind) -> Admitted:
        raise ProviderError("nobody there")

    async def play() -> Host:
        host = Host(admit)
        await host.take(0)
        await asyncio.sleep(0)
        await host.loop.drain()
        return host

    host = asyncio.run(play())
    assert ([], [], {}) == (host.sent, host.acked, host.kept)


def test_admission_refuses_nothing_for_a_provider_that_is_away(
    house: Gatehouse, context: Context
) -> None:
    """The error passes through, and once the provider answers the intent is admitted."""
    local = context.keys.provider
    assert isinstance(local, LocalKeyFile)
    outer = Away()
    object.__setattr__(context.keys, "provider", TwoLayers(local, outer))
    try:
        intent = house.intent("data.export", {"n": 1})
        with pytest.raises(ProviderError):
            taken(context, intent, masks=mask)
        outer.away = False
        body = taken(context, intent, masks=mask).body
        assert isinstance(body, IntentAdmitted)
        assert body.sealed.key_id.endswith("@test")
    finally:
        object.__setattr__(context.keys, "provider", local)


def test_a_key_file_that_is_away_refuses_nothing_either(house: Gatehouse, context: Context) -> None:
    """Neither an intent nor garbage, whose digest is keyed: both wait."""
    path = house.settings.keys / "master.key"
    aside = path.rename(path.with_name("aside"))
    try:
        for value in (house.intent("data.export", {"n": 1}), b"garbage"):
            with pytest.raises(ProviderError):
                taken(context, value, key="x", masks=mask)
    finally:
        aside.rename(path)


def test_a_shredded_intent_that_comes_again_is_refused(house: Gatehouse, context: Context) -> None:
    """Its repeat is a recorded refusal with its own code, and opens nothing again."""
    intent = house.intent("data.export", {"n": 1})
    assert isinstance(taken(context, intent).body, IntentAdmitted)
    keys.shred(house.settings.keys / "master.key", "master", intent.intent_id)
    keys.shred(house.settings.keys / "release.key", "release", intent.intent_id)
    body = taken(context, intent).body
    assert isinstance(body, InputRefused)
    assert "shredded" == body.reason
    assert codec.encode(intent)


def test_the_fold_releases_nothing_of_a_shredded_intent(house: Gatehouse, context: Context) -> None:
    """A grant that is published again then has nothing to open; what does not fit still raises."""
    intent = house.intent("data.export", {"name": NAME})
    body = taken(context, intent).body
    assert isinstance(body, IntentAdmitted)
    assert body.release is not None
    fold = FoldKeys.load(house.settings.keys)
    assert fold.release(body.release, intent.intent_id) is not None
    with pytest.raises(InputError):
        fold.release(body.release, "another")
    keys.shred(house.settings.keys / "release.key", "release", intent.intent_id)
    assert fold.release(body.release, intent.intent_id) is None
