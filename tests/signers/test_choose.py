"""Who signs an order: an officer by a key of their own, never by a login."""

import os
from pathlib import Path

import pytest

from streams.clock import now_ms
from streams.errors import KeyringError, RefusedError
from streams.identity.binding import SALT_BYTES
from streams.identity.session import Fresh, Login, place
from streams.signers import choose
from streams.signers.choose import Means, SignerName
from tests.gatehouse import Gatehouse


@pytest.fixture
def house(tmp_path: Path) -> Gatehouse:
    """Return a gate without a broker whose officer is Petra."""
    made = Gatehouse.without_broker(tmp_path)
    people = {
        name: {"groups": groups, "keys": [made.people[name].public.text]}
        for name, groups in {"petra": ["security"], "olga": ["ward"]}.items()
    }
    made.write_directory(people=people, officers="security")
    return made


def key_file(house: Gatehouse, name: str) -> Path:
    """Put a person's key where it is looked for."""
    path = house.settings.keys / "people" / f"{name}.key"
    house.people[name].save(path)
    return path


def log_in(house: Gatehouse, name: str) -> None:
    """Leave a login there."""
    fresh = Fresh.draw(os.urandom(SALT_BYTES))
    proof = fresh.proof("a.b.c")
    end_ms = now_ms() + 60_000
    login = Login(name, "https://id.example", frozenset({"security"}), end_ms, proof, fresh.key)
    login.save(place(house.settings.keys, name))


def officer(house: Gatehouse, who: SignerName) -> str:
    """Return the key id that would sign, or the code of the refusal."""
    try:
        return choose.officer(house.settings, house.directory, who).public.key_id
    except (KeyringError, RefusedError) as error:
        return error.code


@pytest.mark.parametrize("means", [None, Means.LOGIN])
def test_a_login_signs_no_order(house: Gatehouse, means: Means | None) -> None:
    """Executors could not judge it, so nothing is sent that would not stop them."""
    log_in(house, "petra")
    with pytest.raises(KeyringError, match="a login signs no order") as refused:
        choose.officer(house.settings, house.directory, SignerName("petra", means=means))
    assert "phigate key new" in refused.value.hint


def test_an_officers_key_beside_a_login(house: Gatehouse) -> None:
    """The key file signs where nothing is asked for."""
    log_in(house, "petra")
    key_file(house, "petra")
    assert house.people["petra"].public.key_id == officer(house, SignerName("petra"))


def test_who_is_no_officer(house: Gatehouse) -> None:
    """Told by code, before anything is sent: no officer, nobody's key, another's, no name."""
    stranger = house.settings.keys / "stranger.key"
    house.stranger.save(stranger)
    key_file(house, "olga")
    petras = key_file(house, "petra")
    assert "not_an_officer" == officer(house, SignerName("olga"))
    assert "unknown_key" == officer(house, SignerName(file=stranger))
    assert house.people["petra"].public.key_id == officer(house, SignerName(file=petras))
    assert "no_key" == officer(house, SignerName())
    with pytest.raises(KeyringError, match="gives this key to petra"):
        choose.officer(house.settings, house.directory, SignerName("olga", petras))
