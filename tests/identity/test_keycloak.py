"""The whole of it against a real Keycloak: logged in by browser and by device, decided, refused."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc import jws
from joserfc.jwk import OctKey

from streams.approver import login_command
from streams.approver.command import approve
from streams.clock import now_ms
from streams.control.board import Board
from streams.directory import Directory, Provider
from streams.events import (
    Assurance,
    AuditEntry,
    CaseEvent,
    Decision,
    DecisionAdmitted,
    InputRefused,
    Kind,
    State,
)
from streams.identity import browser, grants
from streams.identity.binding import SALT_BYTES, Proof, pack
from streams.identity.jwks import AGE_S, KeySource
from streams.identity.session import Fresh, Login, place
from streams.masking import Masked
from streams.policy import PolicySet
from streams.policy.files import read_policies
from streams.sealing import Purpose
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.admission.admission import admit
from streams.worker.admission.context import Context
from streams.worker.keys import AdmitKeys
from streams.worker.record import Place, Record
from tests.gatehouse import GROUPS, Gatehouse, new_id, wait_for
from tests.identity.keycloak import Keycloak, running
from tests.worker.requests import request

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def keycloak() -> Iterator[Keycloak]:
    """Return a provider with one realm; its start is shared by this file."""
    with running() as started:
        yield started


def furnish(house: Gatehouse, keycloak: Keycloak, **changes: Any) -> Gatehouse:
    """Let the directory name the provider, and who of its users is whom."""
    known = {
        "petra": {"issuer": keycloak.issuer, "email": "petra@clinic.example"},
        "sam": {"issuer": keycloak.issuer, "subject": keycloak.user_id("sam")},
        "dora": {"issuer": keycloak.issuer, "email": "mallory@clinic.example"},
    }
    people: dict[str, Any] = {
        name: {"groups": groups, "keys": [house.people[name].public.text]}
        for name, groups in GROUPS.items()
    }
    for name, subject in known.items():
        people[name]["oidc"] = [subject]
    meaning = {"privacy": ["privacy-officers"], "security": ["security-officers"]}
    pinned = {"issuer": keycloak.issuer, "audience": "phigate", "groups": meaning}
    house.write_directory(people=people, oidc=[pinned | changes])
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keycloak: Keycloak) -> Gatehouse:
    """Return a gate that pins the provider."""
    return furnish(Gatehouse.without_broker(tmp_path_factory.mktemp("gate")), keycloak)


@pytest.fixture
def context(house: Gatehouse) -> Context:
    """Return what admission needs, as the worker loads it."""
    return Context(
        house.settings,
        Directory.load(house.settings.directory),
        PolicySet.load(*read_policies(house.settings.policies)),
        AdmitKeys.load(house.settings),
        "mask-1",
        now_ms,
        Board(),
        KeySource(house.settings.home),
    )


# ---------------------------------------------------------------- logging in


def log_in(keycloak: Keycloak, home: Path, name: str, *options: str) -> Result:
    """Run `phigate login`, and do at the browser what the person would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webbrowser.open", lambda url: keycloak.visit_soon(url, name))
        patch.setattr(login_command, "_show_code", lambda url, _: keycloak.visit(url, name))
        return CliRunner().invoke(login_command.login, ["--home", str(home), *options])


@pytest.fixture(scope="module")
def petra(keycloak: Keycloak, house: Gatehouse) -> Login:
    """Return Petra's login by browser."""
    said = log_in(keycloak, house.settings.home, "petra")
    assert 0 == said.exit_code, said.output
    assert "You are petra (privacy-officers) until" in said.output
    return Login.load(place(house.settings.keys, "petra"))


@pytest.fixture(scope="module")
def sam(keycloak: Keycloak, house: Gatehouse) -> Login:
    """Return Sam's login by device: a code that he types in elsewhere."""
    said = log_in(keycloak, house.settings.home, "sam", "--device", "--json")
    assert 0 == said.exit_code, said.output
    assert ("sam", ["security-officers"]) == tuple(
        json.loads(said.stdout)[key] for key in ("person", "groups")
    )
    return Login.load(place(house.settings.keys, "sam"))


def token_of(keycloak: Keycloak, name: str, client: str, nonce: str) -> str:
    """Return an ID token for a client of the realm."""
    other = Provider(issuer=keycloak.issuer, audience=client)
    known = grants.endpoints(keycloak.issuer)
    return browser.login(other, known, nonce, lambda url: keycloak.visit_soon(url, name), 60)


# ---------------------------------------------------------------- deciding


def decision(house: Gatehouse, proof: Proof, key: SigningKey) -> Decision:
    """Return a decision signed by this key that brings this proof."""
    made = house.decision("petra", request(new_id()), signer=key)
    sealed = house.seal(pack(proof), made.intent_id, Purpose.IDENTITY)
    return made.model_copy(update={"identity": sealed})


async def mask(document: object, _: object = None) -> Masked:
    """Leave the text alone."""
    return Masked(document, ())


def taken(context: Context, made: Decision) -> CaseEvent:
    """Return what admit makes of it."""
    record = Record(Place("decisions", 0), 0, made.intent_id.encode(), codec.encode(made))
    return codec.decode(asyncio.run(admit(record, Kind.DECISION, context, mask))[1], CaseEvent)


def why(context: Context, made: Decision) -> str:
    """Return the reason of a refusal, nothing where it is none."""
    body = taken(context, made).body
    return body.reason if isinstance(body, InputRefused) else ""


def test_a_login_decides(house: Gatehouse, context: Context, petra: Login) -> None:
    """The person and the groups are the token's; of the token the log keeps digests alone."""
    event = taken(context, decision(house, petra.proof, petra.key))
    body = event.body
    assert isinstance(body, DecisionAdmitted)
    assert ("petra", ("privacy-officers",)) == (body.person, body.groups)
    assert Assurance.OIDC is body.assurance
    assert body.identity is not None
    assert hashlib.sha256(petra.proof.token.encode()).hexdigest() == body.identity.token_digest
    assert (petra.issuer, "RS256") == (body.identity.issuer, body.identity.algorithm)
    kept = codec.encode(event)
    assert all(part.encode() not in kept for part in petra.proof.token.split("."))


def test_a_login_by_device_decides(house: Gatehouse, context: Context, sam: Login) -> None:
    """Keycloak honours the nonce of a device request, so the key is bound there as well."""
    body = taken(context, decision(house, sam.proof, sam.key)).body
    assert isinstance(body, DecisionAdmitted)
    assert ("sam", Assurance.OIDC) == (body.person, body.assurance)


def test_a_token_for_another_application(
    house: Gatehouse, context: Context, keycloak: Keycloak
) -> None:
    """Same person, same realm, right nonce, another client: refused."""
    fresh = Fresh.draw(secrets.token_bytes(SALT_BYTES))
    proof = fresh.proof(token_of(keycloak, "petra", "other-app", fresh.nonce))
    assert "wrong_audience" == why(context, decision(house, proof, fresh.key))


def test_a_token_whose_time_is_over(house: Gatehouse, context: Context, petra: Login) -> None:
    """By admit's clock, whatever time the decision claims."""
    late = replace(context, now_ms=lambda: now_ms() + HOUR_MS)
    assert "token_expired" == why(late, decision(house, petra.proof, petra.key))


def test_a_nonce_of_another_key(house: Gatehouse, context: Context, petra: Login) -> None:
    """A token that somebody got hold of is worth nothing without the key that it names."""
    thief = Fresh.draw(secrets.token_bytes(SALT_BYTES))
    stolen = thief.proof(petra.proof.token)
    assert "nonce_mismatch" == why(context, decision(house, stolen, thief.key))
    salted = petra.proof.model_copy(update={"salt": thief.salt.hex()})
    assert "nonce_mismatch" == why(context, decision(house, salted, petra.key))


def test_a_token_of_another_person(
    house: Gatehouse, context: Context, petra: Login, sam: Login
) -> None:
    """Neither Sam's key under Petra's token, nor her whole proof beside his signature."""
    mixed = petra.proof.model_copy(update={"key": sam.proof.key, "salt": sam.proof.salt})
    assert "nonce_mismatch" == why(context, decision(house, mixed, sam.key))
    assert "unknown_key" == why(context, decision(house, petra.proof, sam.key))
    assert "unknown_key" == why(context, decision(house, petra.proof, house.people["petra"]))


def test_a_proof_that_was_sealed_for_another_intent(
    house: Gatehouse, context: Context, petra: Login
) -> None:
    """It opens for its own intent alone."""
    made = decision(house, petra.proof, petra.key)
    other = house.seal(pack(petra.proof), new_id(), Purpose.IDENTITY)
    assert why(context, made.model_copy(update={"identity": other}))


def test_an_issuer_that_is_not_pinned(
    tmp_path: Path, keycloak: Keycloak, petra: Login, context: Context
) -> None:
    """The same realm under another name is another issuer."""
    other = Gatehouse.without_broker(tmp_path)
    elsewhere = keycloak.issuer.replace("127.0.0.1", "localhost")
    other.write_directory(oidc=[{"issuer": elsewhere, "audience": "phigate"}])
    there = replace(
        context,
        settings=other.settings,
        directory=other.directory,
        keys=AdmitKeys.load(other.settings),
    )
    assert "wrong_issuer" == why(there, decision(other, petra.proof, petra.key))


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_algorithm_tricks(
    house: Gatehouse, context: Context, keycloak: Keycloak, petra: Login
) -> None:
    """The real claims under `none`, and under a MAC whose secret is the real public key."""
    header, payload, _ = petra.proof.token.split(".")
    said = json.loads(base64.urlsafe_b64decode(header + "=="))
    claims = base64.urlsafe_b64decode(payload + "==")
    (public,) = [k for k in keycloak.jwks()["keys"] if k["kid"] == said["kid"]]
    secret = OctKey.import_key(public["n"])
    mac = jws.serialize_compact({**said, "alg": "HS256"}, claims, secret, ["HS256"])
    for forged in (f"{_part({**said, 'alg': 'none'})}.{payload}.", mac):
        proof = petra.proof.model_copy(update={"token": forged})
        assert "token_algorithm" == why(context, decision(house, proof, petra.key))
    renamed = f"{_part({**said, 'kid': 'made-up'})}.{payload}.{petra.proof.token.split('.')[2]}"
    proof = petra.proof.model_copy(update={"token": renamed})
    assert "unknown_kid" == why(context, decision(house, proof, petra.key))


def test_somebody_whom_the_directory_does_not_know(keycloak: Keycloak, house: Gatehouse) -> None:
    """An account is not enough; nor is an address that the provider has not verified."""
    for name in ("nobody", "mallory"):
        said = log_in(keycloak, house.settings.home, name)
        assert (1, True) == (said.exit_code, "no such person" in said.output), said.output


def _told(gate: Gatehouse, event_id: str) -> str:
    """Wait for the audit's entry of an event; return its reason."""
    find = lambda: next((e for e in gate.entries() if e.said.event_id == event_id), None)  # noqa: E731 - short
    entry: AuditEntry = wait_for("the audit entry", find)
    return entry.consequence.reason


@pytest.mark.kafka
def test_a_rule_that_demands_a_login(kafka: str, tmp_path: Path, keycloak: Keycloak) -> None:
    """Through Kafka and the workers: a key is too little and is told so, a login is granted."""
    gate = furnish(Gatehouse.up(kafka, tmp_path), keycloak)
    rules = gate.settings.policies / "data.cedar"
    asks = '@route("privacy-officers")'
    rules.write_text(rules.read_text().replace(asks, f'{asks} @assurance("oidc")'))
    place_ = ["--home", str(tmp_path), "--bootstrap", kafka, "--wait", "60"]
    with gate.workers():
        asked = gate.request(gate.propose("data.export", {"table": "visits", "mrn": "MRN 483920"}))
        assert [Assurance.OIDC] == [route.assurance for route in asked.routes]
        low = gate.decide("petra", asked)
        assert "assurance_too_low" == _told(gate, low)
        said = log_in(keycloak, tmp_path, "petra")
        assert 0 == said.exit_code, said.output
        words = [asked.intent_id, "--as", "petra", "--login", "--reason", "Agreed with the ward"]
        done = CliRunner().invoke(
            approve, [*words, *place_], env={"PHIGATE_PREFIX": gate.settings.prefix}
        )
        assert (0, True) == (done.exit_code, done.output.startswith("granted")), done.output
        assert State.GRANTED is gate.verdict(asked.intent_id).state
        heard = gate.requests()[asked.intent_id].reviews
        assert [("petra", Assurance.OIDC)] == [(each.person, each.assurance) for each in heard]
        token = Login.load(place(gate.settings.keys, "petra")).proof.token
        carried = [record.value or b"" for record in gate.records("decisions")]
    assert all(part.encode() not in b"".join(carried) for part in token.split("."))


# ---------------------------------------------------------------- these change the provider


def test_a_group_that_was_taken_away(
    house: Gatehouse, context: Context, keycloak: Keycloak
) -> None:
    """The next login no longer gives the route, and says so at once."""
    keycloak.leave_group("sam", "security")
    said = log_in(keycloak, house.settings.home, "sam")
    assert (1, True) == (said.exit_code, "no group" in said.output), said.output
    login = Login.load(place(house.settings.keys, "sam"))
    body = taken(context, decision(house, login.proof, login.key)).body
    assert isinstance(body, DecisionAdmitted)
    assert () == body.groups  # the fold refuses it: not_a_reviewer


def test_keys_that_were_rotated(
    house: Gatehouse, context: Context, keycloak: Keycloak, petra: Login
) -> None:
    """Once the old key is gone its tokens are too; a new login is signed by the new one."""
    now_s = [0.0]
    source = KeySource(house.settings.home, clock=lambda: now_s[0])
    gate = replace(context, providers=source)
    made = decision(house, petra.proof, petra.key)
    assert not why(gate, made)
    keycloak.rotate_keys()
    now_s[0] += AGE_S
    assert "unknown_kid" == why(gate, made)
    pinned = furnish(house, keycloak, jwks="keycloak.jwks")
    (house.settings.home / "keycloak.jwks").write_text(json.dumps(keycloak.jwks()))
    there = replace(gate, directory=pinned.directory)
    assert "unknown_kid" == why(there, made)
    said = log_in(keycloak, house.settings.home, "petra")
    assert 0 == said.exit_code, said.output
    login = Login.load(place(house.settings.keys, "petra"))
    assert not why(there, decision(house, login.proof, login.key))
