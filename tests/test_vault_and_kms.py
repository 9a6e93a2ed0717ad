"""Vault and AWS KMS around the file of master keys, against stand-ins held to their APIs."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from streams.errors import InputError, KeyringError, ProviderError, SettingsError
from streams.home.provider import provider_of
from streams.keyring import write_secret
from streams.sealing import LocalKeyFile, keyset, seal_body
from streams.sealing.provider import TwoLayers
from streams.settings import Settings, load_settings

DATA_KEY = bytes(range(32))
INTENT = "0192a7c4-11aa-7000-8000-000000000001"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class StandIn(ThreadingHTTPServer):
    """A provider on this machine: keeps what it was asked, answers as documented, or fails."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[dict[str, Any]] = []
        self.failing: list[tuple[int, bytes]] = []  # answers to give before the true ones
        self.wrapped: dict[str, tuple[str, Any]] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def keep(self, plain: str, bound: Any) -> str:
        """Keep a plain text under a name that stands for its ciphertext."""
        drawn = hashlib.sha256(b"%d" % len(self.wrapped)).digest()
        name = f"vault:v1:{b64encode(drawn).decode()}"
        self.wrapped[name] = (plain, bound)
        return name


class Asked(BaseHTTPRequestHandler):
    """One request, written down and answered."""

    server: StandIn

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = {"path": self.path, "headers": headers, "raw": body, "json": json.loads(body)}
        self.server.asked.append(said)
        if self.server.failing:
            self._answer(*self.server.failing.pop(0))
        elif self.path.startswith("/v1/"):
            self._answer(*self._vault(said["json"]))
        else:
            self._answer(*self._kms(headers["x-amz-target"], said["json"]))

    def _vault(self, said: dict[str, str]) -> tuple[int, bytes]:
        bound = (said["context"], said["associated_data"])
        if "/encrypt/" in self.path:
            found = {"ciphertext": self.server.keep(said["plaintext"], bound), "key_version": 1}
            return 200, json.dumps({"request_id": "r", "data": found}).encode()
        plain, before = self.server.wrapped.get(said["ciphertext"], ("", None))
        if before != bound:
            return 400, b'{"errors":["cipher: message authentication failed"]}'
        return 200, json.dumps({"request_id": "r", "data": {"plaintext": plain}}).encode()

    def _kms(self, target: str, said: dict[str, Any]) -> tuple[int, bytes]:
        if target == "TrentService.Encrypt":
            name = self.server.keep(said["Plaintext"], said["EncryptionContext"])
            blob = b64encode(name.encode()).decode()
            return 200, json.dumps({"CiphertextBlob": blob, "KeyId": said["KeyId"]}).encode()
        name = b64decode(said["CiphertextBlob"]).decode()
        plain, before = self.server.wrapped.get(name, ("", None))
        if before != said["EncryptionContext"]:
            return 400, b'{"__type":"InvalidCiphertextException"}'
        return 200, json.dumps({"Plaintext": plain, "KeyId": said["KeyId"]}).encode()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def away() -> Iterator[StandIn]:
    """Return a provider that runs."""
    server = StandIn()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["vault", "kms"])
def settings(
    request: pytest.FixtureRequest,
    away: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    """Return the settings of each provider."""
    keys = tmp_path / "keys"
    LocalKeyFile.create(keys / "master.key")
    write_secret(tmp_path / "vault-token", b"hvs.first\n")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    return load_settings(
        home=tmp_path,
        key_provider=request.param,
        vault_url=away.url,
        vault_namespace="clinic",
        kms_key="alias/phigate",
        kms_region="eu-central-1",
        kms_endpoint=away.url,
        key_timeout_ms=5_000,
    )


VAULT = pytest.mark.parametrize("settings", ["vault"], indirect=True)
KMS = pytest.mark.parametrize("settings", ["kms"], indirect=True)


# ---------------------------------------------------------------- both


def test_round_trip_and_what_is_sent(settings: Settings, away: StandIn) -> None:
    """A data key comes back, and the provider never sees it: what it wraps is wrapped already."""
    provider = provider_of(settings)
    key_id, wrapped = provider.wrap(DATA_KEY, INTENT)
    assert DATA_KEY == provider_of(settings).unwrap(key_id, wrapped, INTENT)
    sent = b"".join(each["raw"] for each in away.asked)
    assert b64encode(DATA_KEY) not in sent
    assert key_id.partition("@")[2].startswith(settings.key_provider)


def test_it_opens_for_its_intent_alone(settings: Settings) -> None:
    """The provider is told the intent, and binds what it wraps to it."""
    provider = provider_of(settings)
    key_id, wrapped = provider.wrap(DATA_KEY, INTENT)
    with pytest.raises(InputError) as caught:
        provider.unwrap(key_id, wrapped, "another")
    assert "unsealable" == caught.value.code


def test_a_shredded_intent_opens_no_more_whatever_the_provider_says(settings: Settings) -> None:
    """The file's layer is inside: with its share destroyed the provider's answer opens nothing."""
    provider = provider_of(settings)
    key_id, wrapped = provider.wrap(DATA_KEY, INTENT)
    keyset.shred(settings.keys / "master.key", "master", INTENT)
    with pytest.raises(InputError) as caught:
        provider.unwrap(key_id, wrapped, INTENT)
    assert "shredded" == caught.value.code


def test_what_the_file_wrapped_alone_still_opens(settings: Settings) -> None:
    """A provider can be put around the file while intents that were sealed before are open."""
    key_id, wrapped = LocalKeyFile.load(settings.keys / "master.key").wrap(DATA_KEY, INTENT)
    assert DATA_KEY == provider_of(settings).unwrap(key_id, wrapped, INTENT)


def test_another_providers_key_is_the_operators_to_mend(settings: Settings) -> None:
    """A key id names its provider: one that is not configured now is told as such."""
    provider = provider_of(settings)
    with pytest.raises(KeyringError) as caught:
        provider.unwrap("00@vault:other/key", b"x", INTENT)
    assert "no_key" == caught.value.code


def test_the_mac_asks_nobody(settings: Settings, away: StandIn) -> None:
    """A repeat is told, and a refusal digested, while the provider is away."""
    assert 64 == len(provider_of(settings).mac(b"x"))
    assert [] == away.asked


def test_a_provider_that_fails_for_a_while_is_asked_again(
    settings: Settings, away: StandIn
) -> None:
    """Two answers of 503 and then a good one: the key is wrapped, in three requests."""
    away.failing = [(503, b"{}")] * 2
    assert provider_of(settings).wrap(DATA_KEY, INTENT)
    assert 3 == len(away.asked)


def test_a_provider_that_stays_away_is_given_up_in_time(settings: Settings, away: StandIn) -> None:
    """After the tries of the settings it is ProviderError, which refuses nothing."""
    away.failing = [(503, b"{}")] * 9
    with pytest.raises(ProviderError) as caught:
        provider_of(settings).wrap(DATA_KEY, INTENT)
    assert (3, "provider_away") == (len(away.asked), caught.value.code)


def test_nobody_there_is_told_as_away(settings: Settings, away: StandIn) -> None:
    """A port on which nobody listens is ProviderError too, with what to look at."""
    away.shutdown()
    away.server_close()
    changed = settings.model_copy(update={"key_tries": 1})
    with pytest.raises(ProviderError) as caught:
        provider_of(changed).wrap(DATA_KEY, INTENT)
    assert caught.value.hint


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"data":{"ciphertext":7}}'])
def test_an_answer_of_another_form_is_told_as_away(
    settings: Settings, away: StandIn, body: bytes
) -> None:
    """Whatever comes with 200 and is not what is documented wraps nothing."""
    away.failing = [(200, body)]
    with pytest.raises(ProviderError):
        provider_of(settings).wrap(DATA_KEY, INTENT)


def test_a_refusal_is_told_without_asking_again(settings: Settings, away: StandIn) -> None:
    """No right to the key: asking again does not help, and the error holds no secret."""
    away.failing = [(403, b'{"errors":["permission denied"]}')]
    if settings.key_provider == "kms":
        away.failing = [(400, b'{"__type":"AccessDeniedException","message":"no"}')]
    with pytest.raises(ProviderError) as caught:
        provider_of(settings).wrap(DATA_KEY, INTENT)
    assert 1 == len(away.asked)
    assert "hvs.first" not in f"{caught.value!r}{caught.value.hint}"


def test_a_missing_setting_is_named(settings: Settings) -> None:
    """Vault without its address, KMS without its key: SettingsError names it."""
    empty = settings.model_copy(update={"vault_url": "", "kms_key": ""})
    with pytest.raises(SettingsError, match=r"vault_url|kms_key"):
        provider_of(empty)


def test_no_secret_in_a_repr(settings: Settings) -> None:
    """The provider's repr shows addresses and names."""
    provider = provider_of(settings)
    assert isinstance(provider, TwoLayers)
    seal_body(b"x", INTENT, provider)
    assert "hvs.first" not in repr(provider)
    assert SECRET not in repr(provider)


# ---------------------------------------------------------------- the forms on the wire


@VAULT
def test_vaults_requests_are_as_documented(settings: Settings, away: StandIn) -> None:
    """Paths, token, namespace; plaintext, context and associated data in base64."""
    provider = provider_of(settings)
    key_id, wrapped = provider.wrap(DATA_KEY, INTENT)
    provider.unwrap(key_id, wrapped, INTENT)
    encrypt, decrypt = away.asked
    bound = b64encode(INTENT.encode()).decode()
    assert "/v1/transit/encrypt/phigate" == encrypt["path"]
    assert "/v1/transit/decrypt/phigate" == decrypt["path"]
    assert ("hvs.first", "clinic") == (
        encrypt["headers"]["x-vault-token"],
        encrypt["headers"]["x-vault-namespace"],
    )
    assert {"plaintext", "context", "associated_data"} == encrypt["json"].keys()
    assert {"ciphertext", "context", "associated_data"} == decrypt["json"].keys()
    assert [bound] * 2 == [encrypt["json"]["context"], encrypt["json"]["associated_data"]]
    assert wrapped.decode() == decrypt["json"]["ciphertext"]
    assert wrapped.startswith(b"vault:v1:")


@VAULT
def test_a_renewed_token_is_taken_up(settings: Settings, away: StandIn) -> None:
    """The file is read for each request; readable by others, it is not used."""
    provider = provider_of(settings)
    provider.wrap(DATA_KEY, INTENT)
    write_secret(settings.vault_token_file, b"hvs.second", force=True)
    provider.wrap(DATA_KEY, INTENT)
    tokens = [each["headers"]["x-vault-token"] for each in away.asked]
    assert ["hvs.first", "hvs.second"] == tokens
    settings.vault_token_file.chmod(0o644)
    with pytest.raises(ProviderError, match="read by others"):
        provider.wrap(DATA_KEY, INTENT)


@KMS
def test_kms_requests_are_as_documented(settings: Settings, away: StandIn) -> None:
    """Target, JSON 1.1, key id, the intent as the encryption context and nothing else in plain."""
    provider = provider_of(settings)
    key_id, wrapped = provider.wrap(DATA_KEY, INTENT)
    provider.unwrap(key_id, wrapped, INTENT)
    encrypt, decrypt = away.asked
    assert ["TrentService.Encrypt", "TrentService.Decrypt"] == [
        each["headers"]["x-amz-target"] for each in away.asked
    ]
    assert "application/x-amz-json-1.1" == encrypt["headers"]["content-type"]
    assert {"KeyId", "Plaintext", "EncryptionContext"} == encrypt["json"].keys()
    assert {"KeyId", "CiphertextBlob", "EncryptionContext"} == decrypt["json"].keys()
    assert {"phigate-intent": INTENT} == encrypt["json"]["EncryptionContext"]
    assert "alias/phigate" == decrypt["json"]["KeyId"]


@KMS
def test_kms_requests_are_signed(settings: Settings, away: StandIn) -> None:
    """The signature is that of SigV4 (AWS General Reference), computed here a second time."""
    provider_of(settings).wrap(DATA_KEY, INTENT)
    (asked,) = away.asked
    algorithm, _, rest = asked["headers"]["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, *scope = parts["Credential"].split("/")
    assert ("AWS4-HMAC-SHA256", "AKIDEXAMPLE") == (algorithm, access)
    assert ["eu-central-1", "kms", "aws4_request"] == scope[1:]
    names = parts["SignedHeaders"].split(";")
    assert {"host", "x-amz-date", "x-amz-target"} <= set(names)
    headers = "".join(f"{name}:{asked['headers'][name].strip()}\n" for name in names)
    body = hashlib.sha256(asked["raw"]).hexdigest()
    canonical = f"POST\n/\n\n{headers}\n{parts['SignedHeaders']}\n{body}"
    when = asked["headers"]["x-amz-date"]
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{when}\n{'/'.join(scope)}\n{digest}"
    key = f"AWS4{SECRET}".encode()
    for piece in scope:
        key = hmac.digest(key, piece.encode(), "sha256")
    assert hmac.digest(key, text.encode(), "sha256").hex() == parts["Signature"]
