"""An ID token against what the directory pins; pure, the clock and the keys are given.

OpenID Connect Core 1.0, section 3.1.3.7, stricter where it leaves a choice: a key id is needed, the
algorithm is one of the provider's list *and* the key's own kind, so that neither `none` nor a MAC
under the public key is ever looked at (RFC 8725 section 3.1), no key that the token names itself is
used, and a token without the bound nonce is refused. Each refusal has a code; none quotes a token.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from streams.directory import Provider
from streams.errors import RefusedError
from streams.identity.binding import TOKEN_CHARS_MAX

Key = RSAKey | ECKey | OKPKey
Keys = Mapping[str, Key]  # by key id

_KINDS: Final[Mapping[str, tuple[type[Key], str]]] = {
    "RS256": (RSAKey, ""),
    "ES256": (ECKey, "P-256"),
    "EdDSA": (OKPKey, "Ed25519"),
}
_HEADERS: Final = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256", "cty"})
_SUBJECT_CHARS_MAX: Final = 255  # OpenID Connect Core, section 2
_GROUPS_MAX: Final = 2_000
_GROUP_CHARS_MAX: Final = 200
_TIME_MAX: Final = 100_000_000_000  # seconds: the year 5138
SECOND_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says. `email` is there only where the provider has verified it."""

    issuer: str
    subject: str
    email: str | None
    groups: tuple[str, ...]
    nonce: object
    key_id: str
    algorithm: str
    issued_at_ms: int
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a token claims before anything is checked; good for choosing a key alone."""

    issuer: str
    key_id: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class When:
    """Two times at which a token must hold: now, and when the decision says it was made.

    Milliseconds; clocks may be `skew_ms` apart.
    """

    now_ms: int
    at_ms: int
    skew_ms: int


def peek(token: str) -> Header:
    """Return what an unchecked token claims; RefusedError `bad_token`, `token_algorithm`."""
    if len(token) > TOKEN_CHARS_MAX:
        raise RefusedError("the ID token is too long", code="bad_token")
    try:
        parts = jws.extract_compact(token.encode("ascii"))
        header = dict(parts.headers())
        said = json.loads(parts.payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise RefusedError("this is no signed ID token", code="bad_token") from None
    if not isinstance(said, dict) or not set(header) <= _HEADERS:
        raise RefusedError("the ID token has a header of another kind", code="bad_token")
    if str(header.get("typ", "JWT")).upper() not in {"JWT", "APPLICATION/JWT"}:
        raise RefusedError("this is a token of another kind", code="bad_token")
    if header.get("alg") not in _KINDS:
        raise RefusedError("no such signature algorithm is accepted", code="token_algorithm")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise RefusedError("the ID token names no key", code="unknown_kid")
    return Header(str(said.get("iss", "")), header["kid"], header["alg"])


def check_algorithm(head: Header, provider: Provider) -> None:
    """Refuse (`token_algorithm`) what the directory does not allow, before a key is looked for."""
    if head.algorithm not in provider.algorithms:
        raise RefusedError("the directory allows other algorithms", code="token_algorithm")


def check(token: str, provider: Provider, keys: Keys, when: When) -> Claims:
    """Return what the token says, if it holds at both times; RefusedError by code.

    `bad_token`, `wrong_issuer`, `token_algorithm`, `unknown_kid`, `token_signature`,
    `wrong_audience`, `token_not_yet`, `token_expired`. The nonce is the caller's to compare.
    """
    head = peek(token)
    if head.issuer != provider.issuer:
        raise RefusedError("another issuer made the ID token", code="wrong_issuer")
    check_algorithm(head, provider)
    said = _verified(token, head, keys)
    _check_audience(said, provider.audience)
    issued_ms, expires_ms = _times(said, when)
    return Claims(
        issuer=head.issuer,
        subject=_subject(said),
        email=_email(said),
        groups=_groups(said.get(provider.groups_claim)),
        nonce=said.get("nonce"),
        key_id=head.key_id,
        algorithm=head.algorithm,
        issued_at_ms=issued_ms,
        expires_at_ms=expires_ms,
    )


def _verified(token: str, head: Header, keys: Keys) -> dict[str, Any]:
    key = keys.get(head.key_id)
    if key is None:
        raise RefusedError("the provider has no such key now", code="unknown_kid")
    kind, curve = _KINDS[head.algorithm]
    fits = isinstance(key, kind) and (not curve or key.get("crv") == curve)
    if not fits or key.get("alg", head.algorithm) != head.algorithm:
        raise RefusedError("the key is of another algorithm", code="token_algorithm")
    try:
        return dict(jwt.decode(token, key, algorithms=[head.algorithm]).claims)
    except BadSignatureError:
        raise RefusedError("the provider did not sign this token", code="token_signature") from None
    except (JoseError, ValueError, RecursionError):
        raise RefusedError("this is no signed ID token", code="bad_token") from None


def _check_audience(said: Mapping[str, Any], audience: str) -> None:
    """Section 3.1.3.7, steps 3 to 5: ours is among them, and the token was made for us."""
    found = said.get("aud")
    several = found if isinstance(found, list) else [found]
    party = said.get("azp", audience if len(several) == 1 else None)
    if audience not in several or party != audience:
        raise RefusedError("the ID token is for another application", code="wrong_audience")


def _times(said: Mapping[str, Any], when: When) -> tuple[int, int]:
    issued, expires = _time(said, "iat"), _time(said, "exp")
    begins = max(issued, _time(said, "nbf") if "nbf" in said else issued)
    if min(when.now_ms, when.at_ms) + when.skew_ms < begins:
        raise RefusedError("the ID token is from the future", code="token_not_yet")
    if max(when.now_ms, when.at_ms) - when.skew_ms >= expires:
        raise RefusedError("the login is over", code="token_expired")
    return issued, expires


def _time(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _TIME_MAX:
        return int(value * SECOND_MS)
    raise RefusedError(f"the ID token has no {name}", code="bad_token")


def _subject(said: Mapping[str, Any]) -> str:
    found = said.get("sub")
    if not isinstance(found, str) or not 0 < len(found) <= _SUBJECT_CHARS_MAX:
        raise RefusedError("the ID token names nobody", code="bad_token")
    return found


def _email(said: Mapping[str, Any]) -> str | None:
    found = said.get("email")
    return found if isinstance(found, str) and said.get("email_verified") is True else None


def _groups(found: object) -> tuple[str, ...]:
    """Return the groups; where the claim is no list of texts there are none: doubt means no."""
    if not isinstance(found, list) or len(found) > _GROUPS_MAX:
        return ()
    return tuple(g for g in found if isinstance(g, str) and len(g) <= _GROUP_CHARS_MAX)
