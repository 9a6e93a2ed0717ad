"""librdkafka's settings, told to Faust; never a weaker connection than was asked for."""

import ssl
import subprocess
from pathlib import Path

import faust
import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from streams.errors import SettingsError
from streams.worker.faust.credentials import credentials, tls

LOGIN = {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "gate", "sasl.password": "hush"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return a self-signed certificate and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kafka",
         "-out", made[0], "-keyout", made[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


def test_nothing_said_is_plaintext() -> None:
    """Without a protocol there are no credentials, as librdkafka has it."""
    assert credentials({"client.id": "x", "socket.keepalive.enable": "true"}) is None


def test_sasl_over_tls_is_sasl_over_tls() -> None:
    """Faust makes SASL_PLAINTEXT of credentials without a context: the password would be open."""
    told = credentials_to_aiokafka_auth(credentials({"security.protocol": "sasl_ssl", **LOGIN}))
    context = told["ssl_context"]
    assert "SASL_SSL" == told["security_protocol"]
    assert ("gate", "hush") == (told["sasl_plain_username"], told["sasl_plain_password"])
    assert "SCRAM-SHA-512" == told["sasl_mechanism"]
    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)


def test_sasl_in_the_open_only_where_asked() -> None:
    """SASL_PLAINTEXT has no context."""
    told = credentials_to_aiokafka_auth(
        credentials({"security.protocol": "SASL_PLAINTEXT", **LOGIN})
    )
    assert ("SASL_PLAINTEXT", None) == (told["security_protocol"], told["ssl_context"])


def test_tls_with_a_client_certificate(pair: tuple[str, str]) -> None:
    """SSL loads the authority and the client's own pair."""
    made = credentials({
        "security.protocol": "SSL",
        "ssl.ca.location": pair[0],
        "ssl.certificate.location": pair[0],
        "ssl.key.location": pair[1],
    })  # fmt: skip
    assert isinstance(made, faust.SSLCredentials)
    assert 1 == len(made.context.get_ca_certs())
    assert "SSL" == credentials_to_aiokafka_auth(made)["security_protocol"]


def test_checks_are_dropped_only_where_said(pair: tuple[str, str]) -> None:
    """Host names and certificates are checked unless the settings say otherwise, each by itself."""
    ca = {"ssl.ca.location": pair[0]}
    unnamed = tls({**ca, "ssl.endpoint.identification.algorithm": "none"})
    unchecked = tls({**ca, "enable.ssl.certificate.verification": "false"})
    assert (False, ssl.CERT_REQUIRED) == (unnamed.check_hostname, unnamed.verify_mode)
    assert (False, ssl.CERT_NONE) == (unchecked.check_hostname, unchecked.verify_mode)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"security.protocol": "SSL", "ssl.cipher.suites": "x"}, "ssl.cipher.suites"),
        ({"security.protocol": "SSL", "ssl.crl.location": "x"}, "ssl.crl.location"),
        ({"security.protocol": "TLS"}, "security.protocol"),
        ({"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}, "sasl.username"),
        ({"security.protocol": "SASL_SSL", **LOGIN, "sasl.mechanism": "GSSAPI"}, "sasl.mechanism"),
        ({"security.protocol": "SASL_SSL", **LOGIN, "sasl.oauthbearer.config": "x"}, "oauthbearer"),
        ({"security.protocol": "SSL", "ssl.ca.location": "/nowhere"}, "certificate"),
    ],
)
def test_what_cannot_be_kept_is_refused(settings: dict[str, str], named: str) -> None:
    """A setting that Faust cannot be told is named and refused, and its value is not shown."""
    with pytest.raises(SettingsError) as refused:
        credentials(settings)
    assert named in str(refused.value)
    assert "hush" not in str(refused.value) + refused.value.hint


def test_a_wrong_key_password_says_no_password(pair: tuple[str, str], tmp_path: Path) -> None:
    """A key that does not open is an error of the operator: no prompt, and no secret told."""
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "rsa", "-aes128", "-passout", "pass:right", "-in", pair[1], "-out", locked],
        check=True, capture_output=True,
    )  # fmt: skip
    files = {"ssl.certificate.location": pair[0], "ssl.key.location": str(locked)}
    for password in ({}, {"ssl.key.password": "wrong"}):
        with pytest.raises(SettingsError) as refused:
            credentials({"security.protocol": "SSL", **files, **password})
        assert "wrong" not in str(refused.value)


def test_a_locked_key_never_asks(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a password OpenSSL would ask on the terminal, and a worker would wait for ever."""
    given: list[object] = []
    monkeypatch.setattr(
        ssl.SSLContext, "load_cert_chain", lambda _, __, ___, password: given.append(password)
    )
    tls({"ssl.certificate.location": pair[0], "ssl.key.location": pair[1]})
    assert [""] == given
