"""Login by browser: an authorization code with PKCE, sent back to this machine.

1. RFC 8252: the redirect goes to a port of 127.0.0.1 that is drawn each time, the client is public.
2. RFC 7636, S256: a code that is stolen on the way is worth nothing without the verifier.
3. `state` tells our answer from another's; `iss`, where it comes, must be the issuer (RFC 9207).
4. The nonce is the key's: what comes back is bound to it.

One request is taken, bounded in size and time; what is not the answer gets a 404 and no more.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from streams.directory import Provider
from streams.identity import grants
from streams.identity.grants import Endpoints
from streams.identity.web import WebError

PATH: Final = "/phigate"
TIMEOUT_S: Final = 300.0
_READ_TIMEOUT_S: Final = 5.0
_LINE_MAX: Final = 8_192

_DONE: Final = b"<!doctype html><title>phigate</title><p>You can close this page.</p>"


@dataclass(frozen=True)
class Pkce:
    """A verifier, which is secret until the end, and its challenge (RFC 7636 section 4)."""

    verifier: str

    @classmethod
    def draw(cls) -> "Pkce":
        """Draw a verifier of 32 bytes (section 7.1)."""
        return cls(secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        """S256: base64url(SHA-256(verifier)), without padding."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def login(
    provider: Provider,
    known: Endpoints,
    nonce: str,
    show: Callable[[str], object],
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Return the ID token; `show` is given the address that the person has to open. WebError."""
    if not known.authorization or not known.token:
        raise WebError("the provider offers no login by browser", code="login_refused")
    pkce, state = Pkce.draw(), secrets.token_urlsafe(32)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.timeout = 1.0
        redirect = f"http://127.0.0.1:{server.server_port}{PATH}"
        asked = {
            **grants.client(provider.audience),
            "response_type": "code",
            "redirect_uri": redirect,
            "scope": " ".join(provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": pkce.challenge,
            "code_challenge_method": "S256",
        }
        asked.pop("client_secret", None)  # it has no place in an address
        joint = "&" if urlsplit(known.authorization).query else "?"
        show(f"{known.authorization}{joint}{urlencode(asked)}")
        code = _code(_answer(server, timeout_s), state, provider.issuer)
    form = {
        **grants.client(provider.audience),
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": pkce.verifier,
    }
    return grants.exchange(known, form)


def _answer(server: "_Server", timeout_s: float) -> dict[str, str]:
    end = time.monotonic() + timeout_s
    while server.answer is None:
        if time.monotonic() >= end:
            raise WebError("nobody logged in in time", code="login_timeout", hint="phigate login")
        server.handle_request()
    return server.answer


def _code(answer: dict[str, str], state: str, issuer: str) -> str:
    """Return the code of an answer that is ours."""
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise WebError("the answer is to another login", code="login_refused")
    if answer.get("iss", issuer) != issuer:
        raise WebError("the answer is another provider's", code="login_refused")
    if not answer.get("code"):
        raise WebError(
            f"the provider refused the login ({grants.error_of(answer)})", code="login_refused"
        )
    return answer["code"]


class _Server(HTTPServer):
    answer: dict[str, str] | None = None


class _Handler(BaseHTTPRequestHandler):
    timeout = _READ_TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        """Take the answer: the parameters that stand once each."""
        parts = urlsplit(self.path)
        if parts.path != PATH or len(self.path) > _LINE_MAX:
            self.send_error(404)
            return
        found = parse_qs(parts.query, max_num_fields=20)
        self.server.answer = {name: value[0] for name, value in found.items() if len(value) == 1}
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(_DONE)

    def log_message(self, *_: Any) -> None:
        """Log nothing: the address holds the code."""
