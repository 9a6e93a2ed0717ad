"""The provider's keys: pinned or fetched, never older than said, never asked for too often."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from streams.errors import RefusedError
from streams.identity import jwks
from streams.identity.jwks import AGE_S, PAUSE_S, KeySource
from streams.identity.web import WebError
from tests.identity.provider import Fake, key
from tests.identity.test_token import provider

FETCHED = {"jwks": "", "algorithms": ("RS256", "ES256")}


class Web:
    """A provider's keys as they are fetched, and a clock moved by hand."""

    def __init__(self) -> None:
        self.fake = Fake(keys=[key("ES256", "old")])
        self.asked, self.now_s, self.down = 0, 1_000.0, False

    def fetch(self, _: object) -> dict[str, Any]:
        """Answer, or be down."""
        self.asked += 1
        if self.down:
            raise WebError("down")
        return self.fake.jwks()

    def source(self) -> KeySource:
        """Return a source that fetches here."""
        return KeySource(Path(), self.fetch, lambda: self.now_s)


def test_a_known_key_is_fetched_once() -> None:
    """Until it is old, what was fetched is used; then it is fetched anew."""
    web = Web()
    source, pinned = web.source(), provider(**FETCHED)
    for _ in range(3):
        assert {"old"} == set(source.keys(pinned, "old"))
        web.now_s += AGE_S / 4
    assert 1 == web.asked
    web.now_s += AGE_S
    source.keys(pinned, "old")
    assert 2 == web.asked


def test_an_unknown_key_is_asked_for_within_bounds() -> None:
    """A token that names keys at will makes no more than one request in a pause."""
    web = Web()
    source, pinned = web.source(), provider(**FETCHED)
    for number in range(100):
        source.keys(pinned, f"made-up-{number}")
    assert 1 == web.asked
    web.fake.keys = [key("ES256", "new")]
    web.now_s += PAUSE_S
    assert {"new"} == set(source.keys(pinned, "new"))
    assert 2 == web.asked


def test_a_withdrawn_key_ends_although_nobody_asks_for_another() -> None:
    """A token of a key that is gone counts no longer than a key may be old."""
    web = Web()
    source, pinned = web.source(), provider(**FETCHED)
    assert "old" in source.keys(pinned, "old")
    web.fake.keys = [key("ES256", "new")]
    web.now_s += AGE_S
    assert "old" not in source.keys(pinned, "old")


def test_a_provider_that_is_down() -> None:
    """What is known counts while it is fresh; after that there is no key: doubt means no."""
    web = Web()
    source, pinned = web.source(), provider(**FETCHED)
    source.keys(pinned, "old")
    web.down = True
    web.now_s += PAUSE_S
    assert "old" in source.keys(pinned, "another")
    web.now_s += AGE_S
    for _ in range(3):
        with pytest.raises(RefusedError) as refused:
            source.keys(pinned, "old")
        assert "keys_unavailable" == refused.value.code
    assert 3 == web.asked


def test_pinned_keys_are_read_from_their_file(tmp_path: Path) -> None:
    """Nothing is fetched; a changed file counts at once, one that is none gives nothing."""
    web = Web()
    source = KeySource(tmp_path, web.fetch, lambda: 0.0)
    for text in (None, "{}", "[1]", "no JSON", " " * 300_000):
        if text is not None:
            (tmp_path / "id.jwks").write_text(text)
        with pytest.raises(RefusedError) as refused:
            source.keys(provider(), "old")
        assert "keys_unavailable" == refused.value.code
    (tmp_path / "id.jwks").write_text(json.dumps(web.fake.jwks()))
    assert {"old"} == set(source.keys(provider(), "old"))
    (tmp_path / "id.jwks").write_text(json.dumps(Fake(keys=[key("ES256", "new")]).jwks()))
    assert {"new"} == set(source.keys(provider(), "old"))
    assert 0 == web.asked


def test_what_is_no_public_signature_key_is_passed_over() -> None:
    """Symmetric, private, short, foreign and nameless keys, and ids that stand twice."""
    good = key("ES256", "good")
    sets = [
        OctKey.generate_key(256, {"kid": "oct"}).as_dict(),
        {**key("ES256", "private").as_dict(private=True)},
        RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False),
        {**good.as_dict(private=False), "kid": "enc", "use": "enc"},
        {**good.as_dict(private=False), "kid": ""},
        {**good.as_dict(private=False), "kid": "broken", "x": "!"},
        {"kty": "EC", "kid": "empty"},
        *({**key("ES256", "twice").as_dict(private=False)} for _ in range(2)),
        "no key",
        good.as_dict(private=False),
    ]
    assert {"good"} == set(jwks.read(sets))
    assert {} == jwks.read("no set")
