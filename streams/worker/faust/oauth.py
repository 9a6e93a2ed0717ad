"""Tokens for Faust's client where a cluster speaks OAUTHBEARER: OAuth's client credentials.

librdkafka fetches its own (`sasl.oauthbearer.method=oidc`); aiokafka wants to be handed them. The
same settings are read here, so that both ask the same endpoint in the same way: RFC 6749 section
4.4, the client named as section 2.3.1 says.
"""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import Mapping
from urllib import request
from urllib.parse import quote, urlencode, urlsplit

from aiokafka.abc import AbstractTokenProvider

from streams.errors import BrokerError, SettingsError
from streams.hosts import is_this_machine

SETTINGS = frozenset({
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.oauthbearer.scope",
    "https.ca.location",
})  # fmt: skip
TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 65_536
FRESH = 0.8  # of a token's time; then the next connection gets a new one, as in librdkafka


class Tokens(AbstractTokenProvider):  # type: ignore[misc]
    """Fetches a token when a connection needs one and the last is no longer fresh."""

    def __init__(self, kafka: Mapping[str, str]) -> None:
        self._url = _url(kafka)
        self._body = {"grant_type": "client_credentials"}
        if scope := kafka.get("sasl.oauthbearer.scope"):
            self._body["scope"] = scope
        name, secret = (_needed(kafka, f"sasl.oauthbearer.client.{x}") for x in ("id", "secret"))
        pair = f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
        self._basic = "Basic " + base64.b64encode(pair).decode()
        self._tls = _tls(kafka)
        self._lock = asyncio.Lock()
        self._token, self._until_s = "", 0.0

    async def token(self) -> str:
        """Return a fresh token. Raises BrokerError, which says nothing of secret or token."""
        async with self._lock:
            if time.monotonic() >= self._until_s:
                self._token, lasts_s = await asyncio.to_thread(self._fetch)
                self._until_s = time.monotonic() + FRESH * lasts_s
            return self._token

    def _fetch(self) -> tuple[str, float]:
        asked = request.Request(  # noqa: S310 - `_url` lets https and this machine through alone
            self._url,
            urlencode(self._body).encode(),
            {"Authorization": self._basic, "Accept": "application/json"},
        )
        try:
            with request.urlopen(asked, timeout=TIMEOUT_S, context=self._tls) as answer:  # noqa: S310 - the same
                found = json.loads(answer.read(ANSWER_BYTES_MAX))
            return str(found["access_token"]), float(found.get("expires_in", 0))
        except (OSError, ValueError, KeyError, TypeError) as error:
            status = getattr(error, "code", type(error).__name__)
            raise BrokerError(
                f"no token came from {urlsplit(self._url).netloc} ({status})",
                code="no_token",
                hint="check sasl.oauthbearer.token.endpoint.url, client.id and client.secret",
            ) from None


def _url(kafka: Mapping[str, str]) -> str:
    if kafka.get("sasl.oauthbearer.method") != "oidc":
        raise SettingsError(
            "sasl.oauthbearer.method: workers know `oidc` alone",
            hint="set it, with client.id, client.secret and token.endpoint.url, under `kafka`",
        )
    url = _needed(kafka, "sasl.oauthbearer.token.endpoint.url")
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname)):
        return url
    raise SettingsError(
        "sasl.oauthbearer.token.endpoint.url must be https: the client's secret goes there",
        hint="http is taken on this machine alone",
    )


def _tls(kafka: Mapping[str, str]) -> ssl.SSLContext:
    place = kafka.get("https.ca.location", "")
    try:
        return ssl.create_default_context(cafile=None if place in {"", "probe"} else place)
    except OSError:
        raise SettingsError("https.ca.location cannot be read", hint="it names PEM files") from None


def _needed(kafka: Mapping[str, str], name: str) -> str:
    if not kafka.get(name):
        raise SettingsError(f"{name} is missing", hint=f"set `{name}` under `kafka`")
    return kafka[name]
