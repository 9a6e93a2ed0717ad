"""TLS and OAUTHBEARER on a real broker, by both of our clients: librdkafka and Faust's aiokafka."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from streams.cluster.embedded import config
from streams.cluster.embedded.guard import Tls
from streams.errors import BrokerError, SettingsError
from streams.settings import Settings
from streams.wire import client, credential, topics
from streams.wire.credential import as_role
from streams.worker.faust.credentials import credentials
from streams.worker.faust.oauth import Tokens
from tests.cluster import guarded
from tests.cluster.embedded.papers import Authority

SECRET = "hush"
ISSUER = "https://login.example"
OAUTH = """\
sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER
listener.name.clients.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.clients.oauthbearer.sasl.server.callback.handler.class=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
sasl.oauthbearer.jwks.endpoint.url={keys}
sasl.oauthbearer.expected.audience=kafka
sasl.oauthbearer.expected.issuer={issuer}
"""


def faust_reads(settings: Settings, topic: str) -> int:
    """Return the end of a topic as Faust's client sees it, with what Faust hands to it."""

    async def ask() -> int:
        told = credentials_to_aiokafka_auth(credentials(credential.kafka(settings)))
        reader = AIOKafkaConsumer(
            bootstrap_servers=client.bootstrap(settings), request_timeout_ms=5_000, **told
        )
        try:
            await reader.start()
            place = TopicPartition(topics.name(settings, topic), 0)
            reader.assign([place])
            await reader.seek_to_beginning(place)
            await asyncio.wait_for(reader.getmany(timeout_ms=2_000), 60)
            return int((await reader.end_offsets([place]))[place])
        finally:
            await reader.stop()

    return asyncio.run(ask())


def sent(settings: Settings, topic: str) -> int:
    """Produce one record with librdkafka and return its offset."""
    producer = client.producer(settings)
    return client.deliver(producer, topics.name(settings, topic), b"k", b"v", timeout_s=10)[1]


# ---------------------------------------------------------------- TLS


@pytest.mark.kafka
def test_tls_by_setting(tmp_path: Path) -> None:
    """Both clients speak it, roles hold over it, and a false certificate is refused on each side.

    The broker asks for the clients' certificates as well; who a client is, SCRAM says.
    """
    us, them = Authority(tmp_path), Authority(tmp_path, "others")
    certificate, key = us.sign("broker")
    mine = _client_files(us, *us.sign("client"))
    settings = guarded.make(tmp_path / "home", "clinic", kafka=mine)
    _extra(settings.home, "listener.name.clients.ssl.client.auth=required\n")
    with guarded.running(settings, tls=Tls(certificate, key, us.ca)):
        assert "SASL_SSL" == credential.kafka(settings)["security.protocol"]
        assert 0 == sent(as_role(settings, "agent"), "intents")
        assert 1 == faust_reads(as_role(settings, "admit"), "intents")
        with pytest.raises(BrokerError, match="AUTHORIZATION"):
            sent(as_role(settings, "agent"), "decisions")
        for wrong in (
            {**mine, "ssl.ca.location": str(them.ca)},  # a broker that we do not know
            _client_files(us, *them.sign("thief")),  # a client that the broker does not know
            {**mine, "security.protocol": "SASL_PLAINTEXT"},
        ):
            refused = as_role(settings.model_copy(update={"kafka": wrong}), "admit")
            with pytest.raises(BrokerError):
                client.reach(client.admin(refused), refused, 3)
            with pytest.raises(KafkaConnectionError):
                faust_reads(refused, "intents")


def _client_files(authority: Authority, certificate: Path, key: Path) -> dict[str, str]:
    return {
        "ssl.ca.location": str(authority.ca),
        "ssl.certificate.location": str(certificate),
        "ssl.key.location": str(key),
    }


def _extra(home: Path, text: str) -> None:
    folder = home / "kafka" / "node-1"
    folder.mkdir(parents=True)
    (folder / "extra.properties").write_text(text)


# ---------------------------------------------------------------- OAUTHBEARER


class Provider(ThreadingHTTPServer):
    """An OAuth server on this machine: tokens for those who know the secret, and its keys."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = rsa.generate_private_key(65537, 2048)
        self.signing = self.key
        self.lasts_s = 300
        self.given = 0
        self.audience = "kafka"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def jwks(self) -> dict[str, Any]:
        """Return its public keys, RFC 7517."""
        numbers = self.key.public_key().public_numbers()
        public = {"n": _b64(_bytes(numbers.n)), "e": _b64(_bytes(numbers.e))}
        return {"keys": [{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", **public}]}

    def token(self, subject: str) -> str:
        """Return a signed token, RFC 7519."""
        now = int(time.time())  # noqa: TID251 - a token is of its minute
        self.given += 1
        head = {"alg": "RS256", "kid": "1", "typ": "JWT"}
        body = {"sub": subject, "iss": ISSUER, "aud": self.audience, "scope": "kafka",
                "iat": now, "exp": now + self.lasts_s}  # fmt: skip
        text = ".".join(_b64(json.dumps(part).encode()) for part in (head, body))
        proof = self.signing.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{_b64(proof)}"


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._say(200, self.server.jwks())

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        name, _, secret = base64.b64decode(given).decode().partition(":")
        if secret != SECRET or asked.get("grant_type") != ["client_credentials"]:
            self._say(401, {"error": "invalid_client"})
            return
        token = self.server.token(name)
        made = {"access_token": token, "token_type": "Bearer", "expires_in": self.server.lasts_s}
        self._say(200, made)

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@contextmanager
def provider() -> Iterator[Provider]:
    """Run an OAuth server."""
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def oidc(server: Provider, name: str, secret: str = SECRET) -> dict[str, str]:
    """Return librdkafka's settings for a client of it."""
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": name,
        "sasl.oauthbearer.client.secret": secret,
        "sasl.oauthbearer.token.endpoint.url": f"{server.url}/token",
        "sasl.oauthbearer.scope": "kafka",
    }


@pytest.mark.kafka
def test_oauthbearer_by_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients fetch tokens, which the broker checks against the provider's keys.

    The rights of the table hold for the tokens' subjects; a token signed by another key, for
    another audience, or a false secret opens nothing.
    """
    plain = config.java_options
    names = {"agent": "svc-agents", "admit": "svc-admit"}
    with provider() as server:
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={server.url}/keys"
        monkeypatch.setattr(config, "java_options", lambda *of: [*plain(*of), allowed])
        settings = guarded.make(tmp_path / "home", "clinic", principals=names)
        _extra(settings.home, OAUTH.format(keys=f"{server.url}/keys", issuer=ISSUER))
        with guarded.running(settings):
            assert not credential.path(settings.credentials, "agent").exists()
            agent = settings.model_copy(update={"kafka": oidc(server, "svc-agents")})
            admit = settings.model_copy(update={"kafka": oidc(server, "svc-admit")})
            assert 0 == sent(agent, "intents")
            with pytest.raises(BrokerError, match="AUTHORIZATION"):
                sent(agent, "decisions")
            assert 1 == faust_reads(admit, "intents")
            with pytest.raises(BrokerError, match="AUTHORIZATION"):
                sent(admit, "intents")

            server.audience = "others"
            _refused(admit)
            server.audience = "kafka"
            server.signing = rsa.generate_private_key(65537, 2048)
            _refused(admit)
            server.signing = server.key
            false = settings.model_copy(update={"kafka": oidc(server, "svc-admit", "guess")})
            with pytest.raises((BrokerError, KafkaError)):
                faust_reads(false, "intents")


def _refused(settings: Settings) -> None:
    with pytest.raises(BrokerError):
        client.reach(client.admin(settings), settings, 3)
    with pytest.raises(KafkaError):  # aiokafka takes it for an answer that does not come
        faust_reads(settings, "intents")


def test_a_token_is_fetched_when_the_last_is_no_longer_fresh() -> None:
    """Connections share one; one that is over is not handed out."""
    with provider() as server:

        async def twice() -> list[str]:
            tokens = Tokens(oidc(server, "svc"))
            return [await tokens.token(), await tokens.token()]

        first, again = asyncio.run(twice())
        assert first == again
        assert 1 == server.given
        server.lasts_s = 0
        asyncio.run(twice())
        assert 3 == server.given


def test_a_false_secret_is_refused_and_not_told() -> None:
    """The error names the endpoint and the status, nothing else."""
    with provider() as server:
        with pytest.raises(BrokerError) as refused:
            asyncio.run(Tokens(oidc(server, "svc", "s3cret")).token())
        assert "401" in str(refused.value)
        assert "s3cret" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sasl.oauthbearer.token.endpoint.url": "http://login.example/token"}, "https"),
        ({"sasl.oauthbearer.token.endpoint.url": "file:///etc/passwd"}, "https"),
        ({"sasl.oauthbearer.method": "default"}, "oidc"),
        ({"sasl.oauthbearer.client.secret": ""}, "client.secret"),
        ({"sasl.oauthbearer.extensions": "x=y"}, "sasl.oauthbearer.extensions"),
        ({"https.ca.location": "/nowhere"}, "https.ca.location"),
    ],
)
def test_what_the_workers_cannot_do_is_refused(change: dict[str, str], named: str) -> None:
    """A setting that would be left out, or a secret in the open, is an error before connecting."""
    kafka = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "svc",
        "sasl.oauthbearer.client.secret": "hush",
        "sasl.oauthbearer.token.endpoint.url": "https://login.example/token",
    }
    with pytest.raises(SettingsError, match=named):
        credentials(kafka | change)
