"""Siblings of what was mended once: another codec, another value, another kind of proof."""

import gzip
import json
import secrets
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cramjam
import pytest
from click.testing import CliRunner

from streams.agent.core import Core
from streams.audit.report import Broken
from streams.auditor.proof.pins import Pins, of_directory
from streams.auditor.proof.signatures import check_signed
from streams.clock import now_ms
from streams.cluster import access, access_command, acls
from streams.cluster.access_plan import AccessState
from streams.control.judge import Authority
from streams.errors import SettingsError
from streams.events import ControlKind, InputRefused, Intent, IntentAdmitted, Requester
from streams.identity.binding import SALT_BYTES, pack, unpack
from streams.identity.jwks import KeySource
from streams.identity.session import Fresh, Login
from streams.sealing import Purpose
from streams.settings import load_settings
from streams.signing import PublicKey, Signer
from streams.worker.faust import packed
from tests.attacks.doors import House, code_of
from tests.attacks.test_packed import GZIP, LZ4, SNAPPY, ZSTD, batch, repacked
from tests.gatehouse import AGENT, OWNER
from tests.identity.provider import AUDIENCE, SUBJECT, Fake
from tests.worker.requests import request

SMALL: dict[int, bytes] = {
    GZIP: gzip.compress(b"", mtime=0),
    LZ4: bytes(cramjam.lz4.compress(b"")),
    ZSTD: bytes(cramjam.zstd.compress(b"")),
    SNAPPY: struct.pack(">i", 1) + bytes(cramjam.snappy.compress_raw(b"")),
}
BATCH_BYTES = 900_000


def seconds(call: Callable[[], object]) -> float:
    """Return how much processor time a call takes."""
    begun = time.process_time()
    call()
    return time.process_time() - begun


@pytest.mark.parametrize("codec_", SMALL)
def test_a_batch_of_empty_parts_stops_no_worker(codec_: int) -> None:
    """Members, frames or blocks of nothing: their number costs no space for each."""
    head = packed.XERIAL + bytes(8) if codec_ == SNAPPY else b""
    part = SMALL[codec_]
    made = repacked(batch(0, b"x"), codec_, head + part * (BATCH_BYTES // len(part)))
    spent = seconds(lambda: packed.unpacked(made, packed.BATCH_BYTES_MIN))
    assert spent < 2.0  # twelve, where each block has a space of its own


# ---------------------------------------------------------------- settings that reach a shell

COMMANDS = ("; id", "$(id)", "`id`", "| id", "&& id", "\nid", "'x'", '"x"', " -X", "%{sasl}",
            "\\", ">f", "*", "~", "{a,b}", "!", "-k")  # fmt: skip


@pytest.mark.parametrize("name", ["principal", "keytab", "service.name"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_setting_of_kerberos_holds_a_command(name: str, command: str) -> None:
    """A librdkafka with Kerberos puts them into its own `kinit`, and gives that to a shell."""
    value = command if command.startswith("-") else f"kafka/host{command}"
    with pytest.raises(SettingsError) as refused:
        load_settings(kafka={f"sasl.kerberos.{name}": value})
    assert "a shell" in str(refused.value)


@pytest.mark.parametrize("value", ["kafka", "svc/host.example@EXAMPLE.ORG", "/etc/krb5.keytab"])
def test_kerberos_names_are_taken(value: str) -> None:
    """As they are written where Kerberos is in use."""
    name = "sasl.kerberos.principal"
    assert value == load_settings(kafka={name: value}).kafka[name]


# ---------------------------------------------------------------- limits that are not there


@pytest.mark.parametrize(
    "how", ["GSSAPI", "OAUTHBEARER", "no client", "none wanted", "SCRAM-SHA-512"]
)
def test_whoever_sets_rights_hears_that_no_rate_is_limited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    """Where this machine cannot set the quotas, plan and apply say it, and check finds it."""
    kafka = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "admin",
             "sasl.password": "x"}  # fmt: skip
    if how == "no client":
        monkeypatch.setitem(sys.modules, "aiokafka", None)
    elif how != "none wanted":
        kafka["sasl.mechanism"] = how
    rate = 0 if how == "none wanted" else 5
    settings = load_settings(home=tmp_path, bootstrap="x:1", kafka=kafka, quota_bytes=rate)
    told = "no user's rate is limited" in access.unlimited(settings)
    assert (how in {"GSSAPI", "OAUTHBEARER", "no client"}) is told
    state = AccessState(frozenset(), frozenset())
    monkeypatch.setattr(acls, "read", lambda *_: state)
    monkeypatch.setattr(access, "plan", lambda *_, **__: [])
    assert told is any("rate is limited" in line for line in access.check(settings))
    ran = CliRunner()
    monkeypatch.setattr(access_command, "admin_settings", lambda *_: settings)
    for command in ("plan", "apply"):
        monkeypatch.setattr(access, "changes", lambda *_, **__: [])
        monkeypatch.setattr(access, "apply", lambda *_, **__: [])
        said = ran.invoke(access_command.access, [command, "--json"])
        assert told is ("rate is limited" in said.stderr)
        assert {"changes": []} == json.loads(said.stdout)


def test_an_order_has_no_file_read(gate: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may order is read once, by admission as by executors: orders come in thousands."""
    gate.context = replace(gate.context)  # nothing is read yet
    read = Counter[str]()
    known = Authority.known

    def counted(*given: Any) -> Authority:
        read["known"] += 1
        return known(*given)

    monkeypatch.setattr(Authority, "known", counted)
    at_ms = gate.context.now_ms()
    for n in range(5):
        assert not gate.turned_away(*gate.ordered(ControlKind.HALT, at_ms + n), at_ms)
    assert {"known": 1} == dict(read)


# ---------------------------------------------------------------- a person's login as their word


@dataclass(frozen=True)
class Clinic:
    """A gate that knows petra by a login alone, and what signs for her after one."""

    house: House
    fake: Fake
    source: KeySource

    def login(self, **claims: Any) -> Login:
        """Log petra in, or whom these claims say."""
        fresh = Fresh.draw(secrets.token_bytes(SALT_BYTES))
        token = self.fake.token(fresh.nonce, **claims)
        return Login("petra", self.fake.issuer, frozenset(), 0, fresh.proof(token), fresh.key)

    def asked(self, login: Login, by: Signer | None = None, **parts: Any) -> Intent:
        """Return an intent for petra, signed by the login's key, or by another's."""
        made = self.house.house.intent("data.read", {"mrn": "1"}, on_behalf_of="petra", **parts)
        signed = self.house.signed(made, person=by or login)
        return signed.model_copy(update={"identity": self.sealed(login, made.intent_id)})

    def sealed(self, login: Login, intent_id: str, purpose: Purpose = Purpose.IDENTITY) -> bytes:
        """Return the login as it goes to the gate."""
        return self.house.house.seal(pack(login.proof), intent_id, purpose)

    def told(self, intent: Intent) -> str:
        """Return why it is refused, nothing where it is admitted."""
        self.house.ask(intent)
        body = self.house.last.body
        return body.reason if isinstance(body, InputRefused) else ""


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """Return a gate whose provider's keys are known."""
    fake = Fake(now_s=now_ms() // 1000)
    pinned = {"issuer": fake.issuer, "audience": AUDIENCE, "algorithms": ["RS256"]}
    people = {
        "olga": {},
        "petra": {"oidc": [{"issuer": fake.issuer, "subject": SUBJECT}]},
        "paul": {"oidc": [{"issuer": fake.issuer, "subject": "other"}]},
    }
    agents = {AGENT: {"owner": OWNER, "acts_for": []}}
    house = House(tmp_path / "home", phi=True, people=people, oidc=[pinned], agents=agents)
    source = KeySource(tmp_path, lambda _: fake.jwks(), beside=True)
    source._refresh(house.context.directory.oidc[0])
    house.context = replace(house.context, providers=source)
    return Clinic(house, fake, source)


def test_a_login_is_a_persons_word(clinic: Clinic) -> None:
    """What its key signed counts as what an enrolled one did; the audit can check it."""
    assert not clinic.told(clinic.asked(clinic.login()))
    body = clinic.house.last.body
    assert isinstance(body, IntentAdmitted)
    assert (Requester.PROVEN, True) == (body.requester, body.ruling.unmask)
    assert body.identity
    case, pins = clinic.house.cases[clinic.house.last.intent_id], pins_of(clinic)
    check_signed(clinic.house.last, "granted", case, pins, 0)
    stranger = Fresh.draw(b"s" * SALT_BYTES).key.public.text
    for changes in (
        {"identity": None},
        {"identity": body.identity.model_copy(update={"issuer": "https://evil.example"})},
        {"identity": body.identity.model_copy(update={"signer": stranger})},
        {"identity": body.identity.model_copy(update={"signer": "x"})},
        {"requester": Requester.ALLOWED},
        {"proof": b""},
    ):
        forged = clinic.house.last.model_copy(update={"body": body.model_copy(update=changes)})
        with pytest.raises(Broken):
            check_signed(forged, "granted", case, pins, 0)


def pins_of(clinic: Clinic) -> Pins:
    """Return what an auditor pins."""
    return replace(of_directory(clinic.house.context.directory), people=some_people(clinic))


def some_people(clinic: Clinic) -> dict[str, tuple[str, PublicKey]]:
    """Return a key of somebody's, so that people are pinned at all."""
    public = clinic.house.house.people["sam"].public
    return {public.key_id: ("sam", public)}


def borrowed(clinic: Clinic) -> Iterator[tuple[str, Intent, str]]:
    """Yield logins that are no word of petra's for this intent: what, the intent, the reason."""
    login, house = clinic.login(), clinic.house.house
    good = clinic.asked(login)
    bare = good.model_copy(update={"proof": None})
    yield "a token and nothing signed", bare, "proof_mismatch"
    nobody = good.model_copy(update={"on_behalf_of": None, "proof": None})
    yield "for nobody", nobody, "proof_mismatch"
    yield "signed by another key", clinic.asked(login, by=house.people["petra"]), "unknown_key"
    other = clinic.asked(clinic.login())
    moved = good.model_copy(update={"proof": other.proof, "salt": other.salt})
    yield "another login's signature", moved, "unknown_key"
    elsewhere = good.model_copy(update={"identity": other.identity})
    yield "sealed for another intent", elsewhere, "unsealable"
    wrong = clinic.sealed(login, good.intent_id, Purpose.RATIONALE)
    yield "sealed for another purpose", good.model_copy(update={"identity": wrong}), "unsealable"
    garbage = house.seal(b"{}", good.intent_id, Purpose.IDENTITY)
    yield "garbage", good.model_copy(update={"identity": garbage}), "bad_identity"
    for what, claims, due in (
        ("somebody else's", {"sub": "other"}, "proof_mismatch"),
        ("nobody's", {"sub": "nobody"}, "unknown_person"),
        ("over", {"exp": now_ms() // 1000 - 7200}, "token_expired"),
        ("of the future", {"iat": now_ms() // 1000 + 7200}, "token_not_yet"),
        ("for another application", {"aud": "mail"}, "wrong_audience"),
        ("of another issuer", {"iss": "https://evil.example"}, "wrong_issuer"),
        ("bound to another key", {"nonce": "x"}, "nonce_mismatch"),
    ):
        yield what, clinic.asked(clinic.login(**claims)), due
    forger = replace(clinic, fake=Fake(now_s=clinic.fake.now_s))
    yield "of a forger", forger.asked(forger.login()), "token_signature"
    changed = good.model_copy(update={"action": "data.export"})
    yield "another action", changed, "content_mismatch"
    decided = house.decision("petra", request(good.intent_id), signer=login.key)
    as_answer = good.model_copy(update={"proof": decided.envelope})
    yield "what was signed as a decision", as_answer, "wrong_payload_type"


def test_a_login_speaks_for_its_person_and_one_intent(clinic: Clinic) -> None:
    """An agent that holds a token has no word of anybody's."""
    for what, intent, due in borrowed(clinic):
        assert (what, due) == (what, clinic.told(intent))


def test_an_agents_intent_has_no_provider_asked(clinic: Clinic) -> None:
    """It is decided by the keys as they are known: no agent takes a decision's place in the wait.

    The provider's keys were read too long ago here, or never.
    """
    asked: list[object] = []

    def fetch(_: object) -> dict[str, Any]:
        asked.append(1)
        return clinic.fake.jwks()

    for source in (None, KeySource(Path(), fetch, beside=True)):
        clinic.house.context = replace(clinic.house.context, providers=source)
        assert "keys_unavailable" == clinic.told(clinic.asked(clinic.login()))
    assert not asked


def test_the_sdk_carries_a_login(clinic: Clinic) -> None:
    """What it sends for a person who is logged in is admitted; for another nothing is sent."""
    made = Core(AGENT, clinic.house.house.settings, clinic.house.context.directory, None)
    login, name = clinic.login(), clinic.house.house.intent().intent_id
    sealed = made._login_of(login, "petra", name)
    assert sealed
    opened = clinic.house.context.keys.seal.open(sealed, name, Purpose.IDENTITY)
    assert login.proof == unpack(opened)
    assert "proof_mismatch" == code_of(made._login_of, login, "paul", name)
