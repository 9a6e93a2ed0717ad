"""Login on another device (RFC 8628): a code to type in where there is a browser.

The standard has no nonce in its request, and a token that does not bind the key is refused. Some
providers take one all the same and put it into the token, Keycloak among them (a test holds it to
that); where a provider does not, the login ends with `nonce_mismatch` and the browser is the way.
PKCE is sent too, for providers that demand it of public clients.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from streams.directory import Provider
from streams.identity import grants, web
from streams.identity.browser import Pkce
from streams.identity.grants import Endpoints
from streams.identity.web import WebError

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL_S: Final = 5.0  # section 3.2, where the provider says nothing
LIFE_S_MAX: Final = 900.0
_SLOWER_S: Final = 5.0  # section 3.5


def login(
    provider: Provider,
    known: Endpoints,
    nonce: str,
    show: Callable[[str, str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Return the ID token; `show` is given the address to open and the code to type. WebError."""
    if not known.device or not known.token:
        raise WebError("the provider offers no login by device", code="login_refused")
    pkce = Pkce.draw()
    asked = {
        **grants.client(provider.audience),
        "scope": " ".join(provider.scopes),
        "nonce": nonce,
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    }
    told = web.post(known.device, asked, issuer=known.issuer)
    code, where = told.get("device_code"), told.get("verification_uri")
    if not isinstance(code, str) or not isinstance(where, str):
        raise WebError(
            f"the provider refused the login ({grants.error_of(told)})", code="login_refused"
        )
    where = web.checked(str(told.get("verification_uri_complete") or where), known.issuer)
    show(where, str(told.get("user_code", "")))
    form = {
        **grants.client(provider.audience),
        "grant_type": GRANT,
        "device_code": code,
        "code_verifier": pkce.verifier,
    }
    return _poll(known, form, told, sleep)


def _poll(
    known: Endpoints, form: dict[str, str], told: dict[str, Any], sleep: Callable[[float], None]
) -> str:
    """Ask until there is a token, no slower and no faster than the provider says (section 3.5)."""
    pause_s = _seconds(told.get("interval"), INTERVAL_S)
    left_s = min(_seconds(told.get("expires_in"), LIFE_S_MAX), LIFE_S_MAX)
    while left_s > 0:
        sleep(pause_s)
        left_s -= pause_s
        answer = web.post(known.token, form, issuer=known.issuer)
        if isinstance(answer.get("id_token"), str):
            return str(answer["id_token"])
        error = grants.error_of(answer)
        if error == "slow_down":
            pause_s += _SLOWER_S
        elif error != "authorization_pending":
            raise WebError(f"the provider gave no ID token ({error})", code="login_refused")
    raise WebError("nobody logged in in time", code="login_timeout", hint="phigate login --device")


def _seconds(found: object, default: float) -> float:
    whole = isinstance(found, int | float) and not isinstance(found, bool)
    return max(1.0, float(found)) if whole and isinstance(found, int | float) else default
