"""An ID token is what the directory pins, or it is refused with a code of its own."""

import base64
import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from streams.directory import Provider
from streams.errors import RefusedError
from streams.identity import jwks, token
from streams.identity.token import When
from tests.identity.provider import AUDIENCE, NOW_S, SUBJECT, Fake, key

NOW_MS = NOW_S * 1_000
MINUTE_MS = 60_000


def provider(**changes: Any) -> Provider:
    """Return what the directory says of the provider."""
    whole = {
        "issuer": "https://id.example",
        "audience": AUDIENCE,
        "jwks": "id.jwks",
        "algorithms": ("RS256", "ES256", "EdDSA"),
        "groups": {"privacy": ("privacy-officers",)},
    }
    return Provider.model_validate(whole | changes)


@pytest.fixture(scope="module")
def fake() -> Fake:
    """Return a provider; its key is drawn once."""
    return Fake()


def checked(fake: Fake, text: str, *, now_ms: int = NOW_MS, at_ms: int = NOW_MS) -> token.Claims:
    """Check a token against what the fake provider publishes."""
    when = When(now_ms, at_ms, MINUTE_MS)
    return token.check(text, provider(), jwks.read(fake.jwks()["keys"]), when)


def why(fake: Fake, text: str, **times: int) -> str:
    """Return the code of the refusal."""
    with pytest.raises(RefusedError) as refused:
        checked(fake, text, **times)
    assert text not in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("kind", ["RS256", "ES256", "EdDSA"])
def test_a_whole_token_says_who(kind: str) -> None:
    """Each kept algorithm is taken; who, groups and times come out, an address if verified."""
    fake = Fake(keys=[key(kind)])
    said = checked(fake, fake.token("n", email="p@clinic.example"))
    assert (SUBJECT, ("privacy",), None, "n") == (said.subject, said.groups, said.email, said.nonce)
    assert (NOW_MS, NOW_MS + 600_000) == (said.issued_at_ms, said.expires_at_ms)
    assert ("k1", kind) == (said.key_id, said.algorithm)
    verified = checked(fake, fake.token("n", email="p@clinic.example", email_verified=True))
    assert "p@clinic.example" == verified.email


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "other-app"}, "wrong_audience"),
        ({"aud": [AUDIENCE, "other-app"]}, "wrong_audience"),
        ({"aud": [AUDIENCE, "other-app"], "azp": "other-app"}, "wrong_audience"),
        ({"azp": "other-app"}, "wrong_audience"),
        ({"aud": None}, "wrong_audience"),
        ({"iss": "https://id.example/"}, "wrong_issuer"),
        ({"iss": None}, "wrong_issuer"),
        ({"exp": NOW_S - 61}, "token_expired"),
        ({"iat": NOW_S + 61, "exp": NOW_S + 99}, "token_not_yet"),
        ({"nbf": NOW_S + 61}, "token_not_yet"),
        ({"exp": None}, "bad_token"),
        ({"exp": True}, "bad_token"),
        ({"exp": "soon"}, "bad_token"),
        ({"exp": 1e300}, "bad_token"),
        ({"iat": None}, "bad_token"),
        ({"sub": None}, "bad_token"),
        ({"sub": "x" * 256}, "bad_token"),
    ],
)
def test_a_claim_that_is_not_as_pinned(fake: Fake, changes: dict[str, Any], code: str) -> None:
    """Audience, issuer, times and subject are held against the directory and the clock."""
    assert code == why(fake, fake.token("n", **changes))


def test_several_audiences_need_the_party(fake: Fake) -> None:
    """With more than one audience the token says that it was made for us."""
    assert checked(fake, fake.token("n", aud=[AUDIENCE, "other-app"], azp=AUDIENCE))


def test_clocks_may_differ_by_the_skew(fake: Fake) -> None:
    """A minute is allowed here, on both sides, at both times."""
    whole = fake.token("n")
    end_ms = NOW_MS + 600_000
    assert checked(fake, whole, now_ms=end_ms + MINUTE_MS - 1, at_ms=NOW_MS - MINUTE_MS)
    assert "token_expired" == why(fake, whole, now_ms=end_ms + MINUTE_MS)
    assert "token_expired" == why(fake, whole, at_ms=end_ms + MINUTE_MS)
    assert "token_not_yet" == why(fake, whole, at_ms=NOW_MS - MINUTE_MS - 1)


def part(value: dict[str, Any]) -> str:
    """Return JSON as a part of a compact token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_alg_none_is_no_signature(fake: Fake) -> None:
    """A token without signature is refused before a key is looked for, however it is spelled."""
    for name in ("none", "None", "NONE", ""):
        text = f"{part({'alg': name, 'kid': 'k1'})}.{part(fake.claims('n'))}."
        assert why(fake, text) in {"token_algorithm", "bad_token"}


def test_a_mac_under_the_public_key(fake: Fake) -> None:
    """HS256 with the provider's public key as the secret: the oldest trick (RFC 8725, 2.1)."""
    public = fake.keys[0].as_pem(private=False)
    secret = OctKey.import_key(public.replace(b"PUBLIC", b"public"))  # else the library refuses
    header = {"alg": "HS256", "kid": "k1"}
    claims = json.dumps(fake.claims("n"))
    assert "token_algorithm" == why(fake, jws.serialize_compact(header, claims, secret, ["HS256"]))


def test_an_algorithm_that_the_directory_does_not_allow(fake: Fake) -> None:
    """The provider's list is pinned: RS256 alone may mean RS256 alone."""
    keys = jwks.read(fake.jwks()["keys"])
    when = When(NOW_MS, NOW_MS, 0)
    with pytest.raises(RefusedError) as refused:
        token.check(fake.token("n"), provider(algorithms=["ES256"]), keys, when)
    assert "token_algorithm" == refused.value.code


def test_an_algorithm_that_is_not_the_keys(fake: Fake) -> None:
    """A header that names another algorithm than the key's kind gets no chance to confuse."""
    text = fake.token("n")
    rest = text.partition(".")[2]
    assert "token_algorithm" == why(fake, f"{part({'alg': 'ES256', 'kid': 'k1'})}.{rest}")
    assert "token_algorithm" == why(fake, f"{part({'alg': 'RS512', 'kid': 'k1'})}.{rest}")


def test_rotated_and_unknown_keys(fake: Fake) -> None:
    """What a withdrawn key signed counts no more, and a token has to name its key."""
    assert "unknown_kid" == why(Fake(keys=[key("ES256", "k2")]), fake.token("n"))
    assert "unknown_kid" == why(fake, fake.signed(fake.claims("n"), kid=None))


def test_another_key_of_the_same_id(fake: Fake) -> None:
    """The id chooses a key, and proves nothing."""
    assert "token_signature" == why(Fake(keys=[key()]), fake.token("n"))


def test_keys_that_a_token_brings_along(fake: Fake) -> None:
    """jwk, jku and x5u are never looked at: such a token is refused."""
    mine = key()
    for header in ({"jwk": mine.as_dict(private=False)}, {"jku": "https://evil.example/jwks"}):
        text = Fake(keys=[mine]).signed(fake.claims("n"), **header)
        assert "bad_token" == why(fake, text)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "é.b.c", "....", "x" * 20_000])
def test_what_is_no_token(fake: Fake, text: str) -> None:
    """Anything else is refused, and quoted nowhere."""
    with pytest.raises(RefusedError) as refused:
        checked(fake, text)
    assert "bad_token" == refused.value.code


def test_a_token_of_another_kind(fake: Fake) -> None:
    """An access token (RFC 9068) is no ID token, whoever signed it."""
    assert "bad_token" == why(fake, fake.signed(fake.claims("n"), typ="at+jwt"))


@pytest.mark.parametrize("groups", [None, "privacy", {"privacy": 1}, [1, None], ["x"] * 2_001])
def test_groups_that_are_none(fake: Fake, groups: object) -> None:
    """A claim that is no list of texts gives no group."""
    assert () == checked(fake, fake.token("n", groups=groups)).groups
