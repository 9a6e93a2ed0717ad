"""Where a provider's endpoints are, and an ID token in exchange for what a person agreed to.

The metadata (OpenID Connect Discovery 1.0, RFC 8414) must name the very issuer that was asked.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from streams.identity import web
from streams.identity.web import TIMEOUT_S, WebError

SECRET: Final = "PHIGATE_OIDC_CLIENT_SECRET"  # noqa: S105 - the name of a variable, not its value
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a login needs; empty where the provider does not offer it."""

    authorization: str
    token: str
    device: str
    jwks: str
    issuer: str = ""


def endpoints(issuer: str, timeout_s: float = TIMEOUT_S) -> Endpoints:
    """Read the provider's metadata; WebError."""
    found = web.get(issuer.rstrip("/") + _WELL_KNOWN, timeout_s)
    if found.get("issuer") != issuer:
        raise WebError(
            "the provider calls itself by another issuer than the directory does",
            hint=f"the directory says {issuer}; the two must be the same letter by letter",
        )
    names = ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint")
    login, token, device, jwks = (str(found.get(name) or "") for name in (*names, "jwks_uri"))
    for each in filter(None, (login, token, device, jwks)):
        web.checked(each, issuer)
    return Endpoints(login, token, device, jwks, issuer)


def keys(issuer: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """Return the provider's key set; WebError. `timeout_s` is for both questions together."""
    ends_s = time.monotonic() + timeout_s
    where = endpoints(issuer, timeout_s).jwks
    return web.get(where, max(0.0, ends_s - time.monotonic()), issuer)


def client(audience: str) -> dict[str, str]:
    """Return how phigate says who it is.

    It is a public client (RFC 8252 section 8.4). Some providers hand one a `secret` all the same
    and insist on it; it is taken from the environment, and protects nothing.
    """
    secret = os.environ.get(SECRET)
    return {"client_id": audience} | ({"client_secret": secret} if secret else {})


def exchange(known: Endpoints, form: Mapping[str, str]) -> str:
    """Return the ID token for a grant; WebError says the provider's error code."""
    answer = web.post(known.token, form, issuer=known.issuer)
    token = answer.get("id_token")
    if not isinstance(token, str) or not token:
        raise WebError(f"the provider gave no ID token ({error_of(answer)})", code="login_refused")
    return token


def error_of(answer: Mapping[str, Any]) -> str:
    """Return the OAuth error code (RFC 6749 section 5.2), which is a word, or `no id_token`."""
    found = answer.get("error")
    known = isinstance(found, str) and found.isascii() and found.replace("_", "").isalnum()
    return found[:64] if known and isinstance(found, str) else "no id_token"
