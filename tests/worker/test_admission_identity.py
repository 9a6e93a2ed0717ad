"""How admit knows whose decision it is: by key, by login, and for whom else it stands."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.clock import now_ms
from streams.directory import Directory
from streams.events import Assurance, Decision, DecisionAdmitted, Kind
from streams.identity.binding import SALT_BYTES, pack
from streams.identity.jwks import KeySource
from streams.identity.session import Fresh
from streams.sealing import Purpose
from streams.worker.admission.context import Context
from tests.gatehouse import GROUPS, Gatehouse, new_id
from tests.identity.provider import AUDIENCE, SUBJECT, Fake
from tests.worker.requests import request
from tests.worker.test_admission import context, refused, taken

__all__ = ["context"]
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def fake() -> Fake:
    """Return a provider whose tokens are of now."""
    return Fake(now_s=now_ms() // 1_000)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, fake: Fake) -> Gatehouse:
    """Return a gate with a pinned provider; Petra has a key and a login, and delegates to Sam."""
    gate = Gatehouse.without_broker(tmp_path_factory.mktemp("gate"))
    people: dict[str, Any] = {
        name: {"groups": groups, "keys": [gate.people[name].public.text]}
        for name, groups in GROUPS.items()
    }
    people["petra"]["oidc"] = [{"issuer": fake.issuer, "subject": SUBJECT}]
    people["petra"]["delegates"] = [{"to": "sam", "until": "2999-01-01T00:00:00Z"}]
    people["paul"]["delegates"] = [{"to": "sam", "until": "2020-01-01T00:00:00Z"}]
    pinned = {"issuer": fake.issuer, "audience": AUDIENCE, "jwks": "id.jwks",
              "groups": {"privacy": ["privacy-officers", "it-managers"]}}  # fmt: skip
    gate.write_directory(people=people, oidc=[pinned])
    (gate.settings.home / "id.jwks").write_text(json.dumps(fake.jwks()))
    return gate


def by_login(house: Gatehouse, fake: Fake, **claims: Any) -> tuple[Decision, Fresh]:
    """Return a decision after a login."""
    fresh = Fresh.draw(b"s" * SALT_BYTES)
    made = house.decision("petra", request(new_id()), signer=fresh.key)
    proof = fresh.proof(fake.token(fresh.nonce, **claims))
    sealed = house.seal(pack(proof), made.intent_id, Purpose.IDENTITY)
    return made.model_copy(update={"identity": sealed}), fresh


def providing(house: Gatehouse, context: Context) -> Context:
    """Return the context with the provider's keys."""
    return replace(context, providers=KeySource(house.settings.home))


def admitted(context: Context, made: Decision) -> DecisionAdmitted:
    """Return what admit makes of it."""
    body = taken(context, made, Kind.DECISION).body
    assert isinstance(body, DecisionAdmitted)
    return body


def test_key_and_login_are_one_person(house: Gatehouse, context: Context, fake: Fake) -> None:
    """The directory says so: the same name, at two levels, each with its own groups."""
    gate = providing(house, context)
    key = admitted(gate, house.decision("petra", request(new_id())))
    login = admitted(gate, by_login(house, fake)[0])
    assert ("petra", Assurance.KEY, None) == (key.person, key.assurance, key.identity)
    assert ("petra", Assurance.OIDC) == (login.person, login.assurance)
    assert ("privacy-officers",) == key.groups
    assert ("it-managers", "privacy-officers") == login.groups


def test_a_delegate_stands_for_whom_they_act(house: Gatehouse, context: Context) -> None:
    """Sam has Petra's groups, and stands for her; Paul's delegation is over."""
    said = admitted(context, house.decision("sam", request(new_id())))
    assert ("sam", ("petra",)) == (said.person, said.stands_for)
    assert ("privacy-officers", "security-officers") == said.groups
    assert () == admitted(context, house.decision("petra", request(new_id()))).stands_for


def test_a_suspended_delegator_lends_nothing(house: Gatehouse, context: Context) -> None:
    """Her groups are gone; that he stands for her stays, so nothing is won by it."""
    made = yaml.safe_load(house.settings.directory.read_text())
    made["people"]["petra"]["status"] = "suspended"
    directory = Directory.parse(yaml.safe_dump(made), "d.yaml")
    said = admitted(replace(context, directory=directory), house.decision("sam", request(new_id())))
    assert (("petra",), ("security-officers",)) == (said.stands_for, said.groups)


def test_a_suspended_person_logs_in_for_nothing(
    house: Gatehouse, context: Context, fake: Fake
) -> None:
    """The provider may not know yet; the directory does."""
    made = yaml.safe_load(house.settings.directory.read_text())
    made["people"]["petra"]["status"] = "suspended"
    directory = Directory.parse(yaml.safe_dump(made), "d.yaml")
    gate = replace(providing(house, context), directory=directory)
    assert "unknown_person" == refused(taken(gate, by_login(house, fake)[0], Kind.DECISION))


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "other-app"}, "wrong_audience"),
        ({"iss": "https://evil.example"}, "wrong_issuer"),
        ({"nonce": "another"}, "nonce_mismatch"),
        ({"nonce": None}, "nonce_mismatch"),
        ({"sub": "somebody-else"}, "unknown_person"),
        ({"exp": 1}, "token_expired"),
    ],
)
def test_a_token_that_is_not_right(
    house: Gatehouse, context: Context, fake: Fake, claims: dict[str, Any], code: str
) -> None:
    """Each with a code of its own, and nothing of the token in the log."""
    event = taken(providing(house, context), by_login(house, fake, **claims)[0], Kind.DECISION)
    assert code == refused(event)


def test_a_decision_that_claims_another_time(
    house: Gatehouse, context: Context, fake: Fake
) -> None:
    """A token has to hold when the decision says it was made, and when it is admitted."""
    fresh = Fresh.draw(b"s" * SALT_BYTES)
    proof = fresh.proof(fake.token(fresh.nonce))
    gate = providing(house, context)
    for at_ms, code in ((now_ms() - DAY_MS, "token_not_yet"), (now_ms() + DAY_MS, "token_expired")):
        made = house.decision("petra", request(new_id()), signer=fresh.key, decided_at_ms=at_ms)
        sealed = house.seal(pack(proof), made.intent_id, Purpose.IDENTITY)
        made = made.model_copy(update={"identity": sealed})
        assert code == refused(taken(gate, made, Kind.DECISION))


def test_an_identity_that_cannot_be_read(house: Gatehouse, context: Context, fake: Fake) -> None:
    """Not sealed to the gate, no proof, or no provider at all: each is refused."""
    made, _ = by_login(house, fake)
    gate = providing(house, context)
    open_ = made.model_copy(update={"identity": b"{}"})
    empty = house.seal(b"{}", made.intent_id, Purpose.IDENTITY)
    none = made.model_copy(update={"identity": empty})
    assert "unsealable" == refused(taken(gate, open_, Kind.DECISION))
    assert "bad_identity" == refused(taken(gate, none, Kind.DECISION))
    assert "keys_unavailable" == refused(taken(context, made, Kind.DECISION))


def test_an_enrolled_key_beside_a_token(house: Gatehouse, context: Context, fake: Fake) -> None:
    """A login's decision is signed by the login's key, whoever else could sign."""
    made, _ = by_login(house, fake)
    signed = house.decision("petra", request(made.intent_id))
    mixed = signed.model_copy(update={"identity": made.identity})
    assert "unknown_key" == refused(taken(providing(house, context), mixed, Kind.DECISION))
    bare = made.model_copy(update={"identity": None})
    assert "unknown_key" == refused(taken(context, bare, Kind.DECISION))


def test_pinned_keys_are_in_the_directorys_folder(house: Gatehouse) -> None:
    """So the worker finds them."""
    assert (Path(house.settings.directory).parent / "id.jwks").exists()
