"""Logging in, by browser and by device, against a provider that the test can twist."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.approver import login_command
from streams.directory import Directory, Provider
from streams.errors import KeyringError, OperatorError, PhigateError, RefusedError, SettingsError
from streams.identity import browser, device, enter, grants, web
from streams.identity.binding import SALT_BYTES, Proof, is_bound, nonce_of, pack, unpack
from streams.identity.session import Fresh, Login, place
from streams.identity.token import When
from streams.signing import SigningKey
from tests.gatehouse import GROUPS, Gatehouse
from tests.identity.provider import AUDIENCE, SUBJECT, Fake, browse, serving

SKEW_MS = 60_000


@pytest.fixture
def fake() -> Iterator[Fake]:
    """Return a provider that is served on this machine."""
    with serving() as provider:
        yield provider


def provider_of(fake: Fake) -> Provider:
    """Return what the directory says of it."""
    return Provider(
        issuer=fake.issuer, audience=AUDIENCE, groups={"privacy": ("privacy-officers",)}
    )


def house_of(fake: Fake, home: Path) -> Gatehouse:
    """Return a gate whose directory pins it, and in which its subject is Petra."""
    house = Gatehouse.without_broker(home)
    people: dict[str, Any] = {
        name: {"groups": groups, "keys": [house.people[name].public.text]}
        for name, groups in GROUPS.items()
    }
    people["petra"]["oidc"] = [{"issuer": fake.issuer, "subject": SUBJECT}]
    meaning = {"privacy": ["privacy-officers"]}
    house.write_directory(
        people=people, oidc=[{"issuer": fake.issuer, "audience": AUDIENCE, "groups": meaning}]
    )
    return house


def log_in(fake: Fake, directory: Directory, obtain: Any) -> Login:
    """Log somebody in at the fake provider's time."""
    now_ms = fake.now_s * 1_000
    when = When(now_ms, now_ms, SKEW_MS)
    return enter.log_in(provider_of(fake), directory, Path(), obtain, lambda: when)


def by_device(fake: Fake, nonce: str, waited: list[float] | None = None) -> str:
    """Log in by device without waiting."""
    known = grants.endpoints(fake.issuer)
    slept = [] if waited is None else waited
    return device.login(provider_of(fake), known, nonce, lambda *_: None, slept.append)


def code_of(act: Callable[[], object]) -> str:
    """Return the code of the error."""
    with pytest.raises(PhigateError) as refused:
        act()
    return refused.value.code


# ---------------------------------------------------------------- the binding


def test_a_nonce_binds_one_key() -> None:
    """Another key, another salt, another nonce: none is bound."""
    fresh, other = (Fresh.draw(os.urandom(SALT_BYTES)) for _ in range(2))
    assert is_bound(fresh.nonce, fresh.key.public, fresh.salt)
    assert not is_bound(fresh.nonce, other.key.public, fresh.salt)
    assert not is_bound(fresh.nonce, fresh.key.public, other.salt)
    assert not is_bound(None, fresh.key.public, fresh.salt)
    assert not is_bound("é", fresh.key.public, fresh.salt)
    assert 43 == len(nonce_of(fresh.key.public, fresh.salt))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"x" * 30_000])
def test_what_is_no_proof(data: bytes) -> None:
    """Anything else than a whole proof is refused."""
    assert "bad_identity" == code_of(lambda: unpack(data))


def test_a_proof_goes_there_and_back() -> None:
    """What is sealed is what is read; a key that is none is found out when it is asked for."""
    proof = Fresh.draw(os.urandom(SALT_BYTES)).proof("a.b.c")
    assert proof == unpack(pack(proof))
    broken = Proof(token="a.b.c", key="login+1+2", salt=proof.salt)
    assert "bad_identity" == code_of(lambda: broken.signer)
    assert "a.b.c" not in repr(proof)


# ---------------------------------------------------------------- a login on disk


def test_a_login_is_kept_like_a_key(tmp_path: Path) -> None:
    """It comes back as it was, signs the same, and nobody else may read its file."""
    fresh = Fresh.draw(os.urandom(SALT_BYTES))
    login = Login("petra", "https://id.example", frozenset({"a"}), 5, fresh.proof("t"), fresh.key)
    path = place(tmp_path, "petra")
    login.save(path)
    assert 0o600 == path.stat().st_mode & 0o777
    again = Login.load(path)
    assert (login.proof, login.groups, login.expires_at_ms) == (
        again.proof,
        again.groups,
        again.expires_at_ms,
    )
    assert login.sign(b"x") == again.sign(b"x")
    again.public.verify(b"x", again.sign(b"x"))
    path.chmod(0o644)
    assert "key_exposed" == code_of(lambda: Login.load(path))


def test_a_login_that_is_none(tmp_path: Path) -> None:
    """Where there is none, or another file, the error says what to do."""
    path = place(tmp_path, "../petra")
    assert tmp_path / "logins" / "petra.login" == path
    assert "no_login" == code_of(lambda: Login.load(path))
    SigningKey.new("petra").save(path)
    with pytest.raises(KeyringError, match="is no login"):
        Login.load(path)


# ---------------------------------------------------------------- by browser


def test_a_login_by_browser(fake: Fake, tmp_path: Path) -> None:
    """PKCE, state and nonce go out; the verifier fits the challenge; the token binds the key."""
    house = house_of(fake, tmp_path)
    login = log_in(fake, house.directory, enter.by_browser(browse))
    assert ("petra", ["privacy-officers"]) == (login.person, sorted(login.groups))
    sent, asked = fake.seen[0], fake.asked
    assert browser.Pkce(sent["code_verifier"]).challenge == asked["code_challenge"]
    assert ("S256", "code", AUDIENCE) == (
        asked["code_challenge_method"],
        asked["response_type"],
        asked["client_id"],
    )
    assert asked["redirect_uri"] == sent["redirect_uri"]
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["nonce"] == nonce_of(login.public, bytes.fromhex(login.proof.salt))


def test_the_example_of_rfc_7636() -> None:
    """Appendix B."""
    pkce = browser.Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == pkce.challenge


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"state": "another"}, "login_refused"),
        ({"iss": "https://evil.example"}, "login_refused"),
        ({"code": "", "error": "access_denied"}, "login_refused"),
    ],
)
def test_an_answer_that_is_not_to_this_login(fake: Fake, answer: dict[str, str], code: str) -> None:
    """Another's state, another's issuer, an error: no code is ever exchanged."""
    fake.answer = answer
    known = grants.endpoints(fake.issuer)
    assert code == code_of(lambda: browser.login(provider_of(fake), known, "n", browse))
    assert not fake.seen


def test_nobody_at_the_browser(fake: Fake) -> None:
    """It ends by itself."""
    known = grants.endpoints(fake.issuer)
    act = lambda: browser.login(provider_of(fake), known, "n", lambda _: None, 0.0)  # noqa: E731 - a stand-in of one line
    assert "login_timeout" == code_of(act)


# ---------------------------------------------------------------- by device


def test_a_login_by_device(fake: Fake, tmp_path: Path) -> None:
    """It asks as often as the provider says, until there is a token."""
    house, waited = house_of(fake, tmp_path), list[float]()
    fake.pending = 2
    login = log_in(fake, house.directory, lambda _, __, nonce: by_device(fake, nonce, waited))
    assert ("petra", [1.0, 1.0, 1.0]) == (login.person, waited)
    assert {device.GRANT} == {form["grant_type"] for form in fake.seen}


def test_a_provider_without_nonce_by_device(fake: Fake, tmp_path: Path) -> None:
    """RFC 8628 knows no nonce: where the token lacks it, the login is refused."""
    fake.twist = {"nonce": None}
    house = house_of(fake, tmp_path)
    obtain = lambda _, __, nonce: by_device(fake, nonce)  # noqa: E731 - a stand-in of one line
    assert "nonce_mismatch" == code_of(lambda: log_in(fake, house.directory, obtain))


def test_a_device_that_nobody_types_on(fake: Fake) -> None:
    """It ends when the code does."""
    fake.pending = 1_000
    assert "login_timeout" == code_of(lambda: by_device(fake, "n"))


# ---------------------------------------------------------------- who may log in


@pytest.mark.parametrize(
    ("twist", "code"),
    [
        ({"sub": "somebody-else"}, "unknown_person"),
        ({"aud": "other-app"}, "wrong_audience"),
        ({"iss": "https://evil.example"}, "wrong_issuer"),
    ],
)
def test_a_token_that_the_gate_would_refuse(
    fake: Fake, tmp_path: Path, twist: dict[str, Any], code: str
) -> None:
    """The same check as admit's is made at once, so that nobody learns it from a lost decision."""
    house = house_of(fake, tmp_path)
    fake.twist = twist
    with pytest.raises(RefusedError) as refused:
        log_in(fake, house.directory, lambda _, __, nonce: by_device(fake, nonce))
    assert code == refused.value.code


def test_which_provider(fake: Fake, tmp_path: Path) -> None:
    """None, or an unknown one, is an error that names those there are."""
    house = house_of(fake, tmp_path)
    assert fake.issuer == enter.choose(house.directory, "").issuer
    with pytest.raises(SettingsError, match="which identity provider"):
        enter.choose(house.directory, "https://other.example")
    house.write_directory(people={"olga": {}}, oidc=[])
    with pytest.raises(SettingsError, match="names no identity provider"):
        enter.choose(house.directory, "")


# ---------------------------------------------------------------- the web


def test_only_https_or_this_machine() -> None:
    """Plain http to another machine is never asked, nor any other scheme."""
    for url in ("http://id.example/x", "file:///etc/passwd", "ftp://127.0.0.1/x"):
        with pytest.raises(OperatorError, match="only https"):
            web.get(url)


def test_bounds_of_the_web(fake: Fake) -> None:
    """No redirect is followed, nothing large is read, a provider that is away is said so."""
    with pytest.raises(OperatorError):
        web.get(f"{fake.issuer}/moved")
    with pytest.raises(OperatorError, match="no JSON object"):
        web.get(f"{fake.issuer}/large")
    assert "provider_unreachable" == code_of(lambda: web.get("http://127.0.0.1:9/x"))


def test_a_provider_by_another_name(fake: Fake) -> None:
    """The metadata must name the issuer that was asked (OpenID Connect Discovery, 4.3)."""
    with pytest.raises(OperatorError, match="another issuer"):
        grants.endpoints(f"{fake.issuer}/realms/other")


# ---------------------------------------------------------------- the command


def test_the_command(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It logs in, says as whom, keeps the login, and removes it again."""
    house = house_of(fake, tmp_path)
    monkeypatch.setattr("webbrowser.open", browse)
    home = ["--home", str(house.settings.home)]
    done = CliRunner().invoke(login_command.login, [*home, "--json"])
    assert 0 == done.exit_code, done.output
    told = json.loads(done.stdout)
    assert ("petra", fake.issuer, ["privacy-officers"]) == (
        told["person"],
        told["issuer"],
        told["groups"],
    )
    path = place(house.settings.keys, "petra")
    assert path.exists()
    assert 0 == CliRunner().invoke(login_command.login, [*home, "--end", "petra"]).exit_code
    assert not path.exists()


def test_the_command_says_no(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 where the answer is no, 2 where somebody must act; never the token."""
    house = house_of(fake, tmp_path)
    monkeypatch.setattr("webbrowser.open", browse)
    home = ["--home", str(house.settings.home)]
    fake.twist = {"sub": "somebody-else"}
    done = CliRunner().invoke(login_command.login, home)
    assert (1, True) == (done.exit_code, "no such person" in done.output)
    fake.twist = {"groups": []}
    assert 1 == CliRunner().invoke(login_command.login, home).exit_code
    other = CliRunner().invoke(login_command.login, [*home, "--issuer", "https://other.example"])
    assert (2, True) == (other.exit_code, fake.issuer in other.output)
