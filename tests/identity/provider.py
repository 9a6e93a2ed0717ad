"""An identity provider in the test's hands: it signs whatever a test wants to have signed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, build_opener

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from streams.clock import now_ms
from streams.identity.token import Key

NOW_S = 1_790_000_000
AUDIENCE = "phigate"
SUBJECT = "5d1c9f7e"


def key(kind: str = "RS256", key_id: str = "k1") -> Key:
    """Draw a provider's key."""
    options: Any = {"kid": key_id, "use": "sig", "alg": kind}
    if kind == "ES256":
        return ECKey.generate_key("P-256", options)
    if kind == "EdDSA":
        return OKPKey.generate_key("Ed25519", options)
    return RSAKey.generate_key(2048, options)


@dataclass
class Fake:
    """Endpoints of a provider; `seen` are the forms that came to the token endpoint.

    `twist` changes the claims of every token, `answer` the redirect's parameters.
    """

    issuer: str = "https://id.example"
    keys: list[Key] = field(default_factory=lambda: [key()])
    now_s: int = NOW_S
    twist: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    pending: int = 0
    asked: dict[str, str] = field(default_factory=dict)

    def claims(self, nonce: str, /, **changes: Any) -> dict[str, Any]:
        """Return what an honest token says; a change to None takes a claim away."""
        whole: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": SUBJECT,
            "iat": self.now_s,
            "exp": self.now_s + 600,
            "nonce": nonce,
            "groups": ["privacy"],
        }
        whole |= self.twist | changes
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, nonce: str, /, **changes: Any) -> str:
        """Return a signed token."""
        return self.signed(self.claims(nonce, **changes))

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """Sign any claims with the first key, under any header."""
        first = self.keys[0]
        algorithm = str(first.get("alg"))
        whole = {"alg": algorithm, "kid": first.kid, **header}
        whole = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(whole, claims, first, algorithms=[whole["alg"]])

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return {"keys": [each.as_dict(private=False) for each in self.keys]}


class _Handler(BaseHTTPRequestHandler):
    """Discovery, keys, authorization, device and token endpoints, as little as a login needs."""

    fake: Fake

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        fake = self.fake
        if parts.path.endswith("/.well-known/openid-configuration"):
            return self._say(200, _metadata(fake.issuer))
        if parts.path == "/jwks":
            return self._say(200, fake.jwks())
        if parts.path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"{fake.issuer}/jwks")
            self.end_headers()
            return None
        if parts.path == "/large":
            return self._say(200, {"a": "x" * 300_000})
        fake.asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
        told = {"code": "c0de", "state": fake.asked["state"], "iss": fake.issuer, **fake.answer}
        self.send_response(302)
        self.send_header("Location", f"{fake.asked['redirect_uri']}?{urlencode(told)}")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: value[0] for name, value in parse_qs(body).items()}
        fake = self.fake
        if self.path == "/device":
            fake.asked = form
            told = {"device_code": "d", "user_code": "AB-CD", "interval": 1, "expires_in": 60}
            return self._say(200, {**told, "verification_uri": f"{fake.issuer}/type"})
        fake.seen.append(form)
        if fake.pending:
            fake.pending -= 1
            return self._say(400, {"error": "authorization_pending"})
        return self._say(200, {"id_token": fake.token(fake.asked.get("nonce", ""))})

    def _say(self, status: int, found: dict[str, Any]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


def _metadata(issuer: str) -> dict[str, str]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "device_authorization_endpoint": f"{issuer}/device",
        "jwks_uri": f"{issuer}/jwks",
    }


@contextmanager
def serving() -> Iterator[Fake]:
    """Serve one on this machine until the block ends; its tokens are of now."""
    fake = Fake(now_s=now_ms() // 1000)
    handler = type("Handler", (_Handler,), {"fake": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        fake.issuer = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield fake
        finally:
            server.shutdown()


def browse(address: str) -> bool:
    """Open an address beside the test, as a browser does, and follow where it leads."""
    opener = build_opener(ProxyHandler({}))
    Thread(target=lambda: opener.open(address, timeout=30).read(), daemon=True).start()
    return True
