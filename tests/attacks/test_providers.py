"""Identity providers that are slow, down, or send the gate where it has no business."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streams.errors import OperatorError, RefusedError
from streams.events import CaseEvent, InputRefused, Kind
from streams.identity import grants, line, web
from streams.identity.binding import SALT_BYTES, pack
from streams.identity.jwks import WAITING_MAX, AwaitedError, KeySource
from streams.identity.session import Fresh
from streams.sealing import Purpose
from streams.wire import codec
from streams.worker.admission.admission import admit
from streams.worker.record import Place, Record
from tests.attacks.doors import House
from tests.gatehouse import new_id
from tests.identity.provider import AUDIENCE, SUBJECT, Fake, key
from tests.identity.test_token import provider
from tests.worker.requests import request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n{"
DRIPS = {"silent": (b"", b""), "head": (b"HTTP/1.1 200 OK\r\nX: ", b"y"), "body": (HEAD, b" ")}


@contextlib.contextmanager
def dripping(first: bytes, then: bytes) -> Iterator[tuple[str, list[bool]]]:
    """Serve a provider that gives a byte now and then; tell its address, and who hung up."""
    ended: list[bool] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                made, _ = server.accept()
                threading.Thread(target=drip, args=(made,), daemon=True).start()

    def drip(made: socket.socket) -> None:
        with made, contextlib.suppress(OSError):
            made.recv(4096)
            made.sendall(first)
            made.settimeout(0.2)
            while True:
                with contextlib.suppress(TimeoutError):
                    if not made.recv(1):
                        break
                made.sendall(then)
        ended.append(True)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", ended
    server.close()


@pytest.mark.parametrize("how", DRIPS)
def test_a_request_ends_by_one_deadline(how: str) -> None:
    """Whatever comes now and then; its connection and its thread end too."""
    with dripping(*DRIPS[how]) as (address, ended):
        begun = time.monotonic()
        with pytest.raises(OperatorError):
            grants.keys(address, 0.8)
        assert time.monotonic() - begun < 60.0  # it would drip for ever
        while not ended:  # the test's time is bounded
            time.sleep(0.05)
    until = time.monotonic() + 60.0
    while any(each.name == "provider" for each in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.05)


def decision(house: House, fake: Fake, **header: Any) -> tuple[str, bytes]:
    """Return a decision after a login, the token under any header."""
    fresh = Fresh.draw(b"s" * SALT_BYTES)
    made = house.house.decision("petra", request(new_id()), signer=fresh.key)
    proof = fresh.proof(fake.signed(fake.claims(fresh.nonce), **header))
    sealed = house.house.seal(pack(proof), made.intent_id, Purpose.IDENTITY)
    return made.intent_id, codec.encode(made.model_copy(update={"identity": sealed}))


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a gate with a provider whose keys are fetched."""
    fake = Fake()
    pinned = {"issuer": fake.issuer, "audience": AUDIENCE, "groups": {"privacy": ["privacy"]}}
    people = {"olga": {}, "petra": {"oidc": [{"issuer": fake.issuer, "subject": SUBJECT}]}}
    return House(tmp_path / "home", people=people, oidc=[pinned])


def admitted(house: House, source: KeySource, *sent: tuple[str, bytes]) -> tuple[list[str], float]:
    """Return what comes of decisions taken at once, and how long the loop stood still."""
    context = replace(house.context, providers=source)

    async def one(intent_id: str, value: bytes) -> str:
        record = Record(Place("decisions", 0), 0, intent_id.encode(), value)
        _, data = await admit(record, Kind.DECISION, context, house.mask)
        body = codec.decode(data, CaseEvent).body
        return body.reason if isinstance(body, InputRefused) else "admitted"

    async def run() -> tuple[list[str], float]:
        worst, tasks = 0.0, [asyncio.create_task(one(*each)) for each in sent]
        while not all(each.done() for each in tasks):
            before = time.monotonic()
            await asyncio.sleep(0.02)
            worst = max(worst, time.monotonic() - before)
        return [await each for each in tasks], worst

    return asyncio.run(run())


def slow(seconds: float, answer: Callable[[], dict[str, Any]]) -> tuple[KeySource, list[float]]:
    """Return a source that takes this long for a fetch, and when each began."""
    asked: list[float] = []

    def fetch(_: object) -> dict[str, Any]:
        asked.append(time.monotonic())
        time.sleep(seconds)
        return answer()

    return KeySource(Path(), fetch, beside=True), asked


def test_no_provider_stops_the_loop(house: House) -> None:
    """Keys that nobody knows are fetched once, beside; all that wait for them are decided then."""
    fake = Fake(keys=[key("RS256", "k1")])
    source, asked = slow(2.0, fake.jwks)
    sent = [decision(house, fake, kid=f"made-up-{n}") for n in range(5)]
    codes, stood_s = admitted(house, source, *sent)
    assert {"unknown_kid"} == set(codes)
    assert 1 == len(asked)
    assert stood_s < 1.9  # a fetch in the loop would take two


def test_those_who_wait_are_bounded(house: House) -> None:
    """Beyond them it is decided at once, by what is known: doubt means no."""
    fake = Fake()
    source, _ = slow(0.8, fake.jwks)
    made = decision(house, fake, kid="made-up")
    codes, _ = admitted(house, source, *[made] * (WAITING_MAX + 9))
    assert 9 == codes.count("keys_unavailable")


def test_keys_that_come_too_late_are_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision is refused; what is fetched counts for the next."""
    monkeypatch.setattr("streams.identity.jwks.WAIT_S", 0.2)
    source, _ = slow(1.0, Fake().jwks)
    codes, _ = admitted(house, source, decision(house, Fake()))
    assert ["keys_unavailable"] == codes


def test_nothing_is_fetched_for_a_token_that_is_none(house: House) -> None:
    """Its form and its algorithm are looked at first."""
    fake = Fake(keys=[key("EdDSA", "k1")])
    source, asked = slow(0.0, fake.jwks)
    codes, _ = admitted(house, source, decision(house, fake))
    assert (["token_algorithm"], []) == (codes, asked)


def test_keys_are_fetched_before_anybody_waits() -> None:
    """A worker follows its providers; those whose keys are pinned are never asked."""
    fake = Fake(keys=[key("ES256", "old")])
    source, asked = slow(0.0, fake.jwks)
    fetched = provider(jwks="", algorithms=("ES256",))
    with pytest.raises(AwaitedError):
        source.keys(fetched, "old")

    async def run() -> None:
        following = asyncio.create_task(source.follow([fetched, provider()]))
        await asyncio.sleep(0.5)
        assert {"old"} == set(source.keys(fetched, "old"))
        following.cancel()

    asyncio.run(run())
    assert 1 == len(asked)


# ---------------------------------------------------------------- where it may lead

ISSUER = "https://id.example"
INSIDE = ("127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "::1", "fd00::1",
          "::ffff:10.0.0.5", "0.0.0.0", "100.64.0.1", "fe80::1", "2002:a00:5::")  # fmt: skip  # noqa: S104 - nothing is bound


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "smb://host/share", "ftp://id.example/x", "javascript:alert(1)",
     "http://id.example/x", "http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x",
     "https://[::1]/x", "//id.example/x", "https:///x", "https://user@id.example/x", "x"],
)  # fmt: skip
@pytest.mark.parametrize(
    "name",
    ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri"],
)
def test_a_document_names_no_other_kind_of_address(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    """Neither for this machine to ask, nor for a person's browser to open."""
    monkeypatch.setattr(web, "get", lambda *_, **__: {"issuer": ISSUER, name: url})
    with pytest.raises(OperatorError) as refused:
        grants.endpoints(ISSUER)
    assert "provider_unreachable" == refused.value.code


@pytest.mark.parametrize("inside", INSIDE)
def test_a_document_leads_to_no_machine_inside(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    """Whatever name it has there; the issuer's own host may be inside, the directory pins it."""
    made: list[object] = []
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET

    def found(*_: object, **__: object) -> list[Any]:
        return [(family, socket.SOCK_STREAM, 6, "", (inside, 443))]

    def connect(*address: object, **_: object) -> None:
        made.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(line, "proxied", lambda _: False)
    monkeypatch.setattr(web, "proxied", lambda _: False)
    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket, "create_connection", connect)
    for url in (
        "https://keys.example/jwks",
        f"https://{f'[{inside}]' if ':' in inside else inside}/x",
    ):
        with pytest.raises(OperatorError):
            web.get(url, 2.0, ISSUER)
    assert [] == made
    with pytest.raises(OperatorError):
        web.get("https://id.example/jwks", 2.0, ISSUER)
    assert 1 == len(made)


def test_an_issuer_on_this_machine_may_name_this_machine() -> None:
    """As where one tries it out."""
    assert "http://127.0.0.1:8/jwks" == web.checked("http://127.0.0.1:8/jwks", "http://127.0.0.1:9")


def test_a_source_that_is_no_workers_fetches_where_it_is() -> None:
    """A login's own check waits, and says that there are none."""

    def fetch(_: object) -> dict[str, Any]:
        raise web.WebError("down")

    with pytest.raises(RefusedError):
        KeySource(Path(), fetch).keys(provider(jwks="", algorithms=("RS256",)), "k")
