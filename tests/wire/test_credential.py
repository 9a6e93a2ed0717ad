"""Who a process is to Kafka: from the settings, from its role's file, or not at all."""

import json
import stat
from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.settings import Settings
from streams.wire import client, credential
from streams.wire.credential import KafkaLogin, as_role, kafka

LOGIN = KafkaLogin("phigate-agent", "hush=hush")
ASKED = {
    "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.username": "phigate-agent",
    "sasl.password": "hush=hush",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with the agents' credential."""
    credential.write(tmp_path / "credentials", "agent", LOGIN)
    return tmp_path


def embedded(home: Path, **more: object) -> None:
    """Write an embedded broker's state."""
    (home / "kafka").mkdir()
    state = {"nodes": [{"port": 7}, {"port": 8}], "guarded": True, **more}
    (home / "kafka" / "cluster.json").write_text(json.dumps(state))


def test_a_credential_is_its_owners_alone_and_comes_back(home: Path) -> None:
    """Written 0600 in a folder 0700; read as it was, an equals sign in the password too."""
    file = credential.path(home / "credentials", "agent")
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert 0o700 == stat.S_IMODE(file.parent.stat().st_mode)
    assert LOGIN == credential.read(file.parent, "agent")
    assert [file] == list(file.parent.iterdir())


def test_each_role_takes_its_own_file(home: Path) -> None:
    """Without one, and without a role, a process says nothing of who it is."""
    settings = Settings(home=home, bootstrap="kafka:9092")
    assert ASKED.items() <= kafka(as_role(settings, "agent")).items()
    assert {} == kafka(as_role(settings, "approver"))
    assert {} == kafka(settings)


def test_a_credential_goes_over_tls_unless_said_otherwise(home: Path) -> None:
    """SASL_SSL is the default; the settings may say SASL_PLAINTEXT."""
    settings = as_role(Settings(home=home, bootstrap="kafka:9092"), "agent")
    assert "SASL_SSL" == kafka(settings)["security.protocol"]
    said = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "SCRAM-SHA-512"}
    told = kafka(settings.model_copy(update={"kafka": said}))
    assert {"security.protocol": "SASL_PLAINTEXT", **ASKED} == told


@pytest.mark.parametrize(
    "said",
    [
        {"sasl.username": "me", "sasl.password": "x", "sasl.mechanism": "PLAIN"},
        {"sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc"},
        {"security.protocol": "SSL", "ssl.certificate.location": "me.crt"},
        {"security.protocol": "PLAINTEXT"},
    ],
)
def test_an_identity_in_the_settings_counts(home: Path, said: dict[str, str]) -> None:
    """The role's file is not looked at then, and nothing of it is mixed in."""
    assert said == kafka(as_role(Settings(home=home, bootstrap="k:1", kafka=said), "agent"))


def test_certificates_go_along_with_the_roles_file(home: Path) -> None:
    """With SASL, TLS files say how to connect; who it is stays with the credential."""
    files = {"ssl.ca.location": "ca.pem", "ssl.certificate.location": "me.crt"}
    told = kafka(as_role(Settings(home=home, bootstrap="k:1", kafka=files), "agent"))
    assert {"security.protocol": "SASL_SSL", **files, **ASKED} == told


def test_the_embedded_broker_says_how_to_connect(home: Path) -> None:
    """By its state file, also where its address is given; another cluster is another matter."""
    embedded(home)
    for bootstrap in ("", "127.0.0.1:7", "127.0.0.1:8,127.0.0.1:7"):
        settings = as_role(Settings(home=home, bootstrap=bootstrap), "agent")
        assert "SASL_PLAINTEXT" == kafka(settings)["security.protocol"]
    other = as_role(Settings(home=home, bootstrap="kafka:9092"), "agent")
    assert "SASL_SSL" == kafka(other)["security.protocol"]
    assert "127.0.0.1:7,127.0.0.1:8" == client.bootstrap(Settings(home=home))


def test_the_embedded_brokers_tls_is_known(home: Path) -> None:
    """Its authority's certificate is trusted, and no other."""
    embedded(home, tls={"certificate": "b.crt", "key": "b.key", "ca": "/ca.pem"})
    told = kafka(as_role(Settings(home=home), "agent"))
    assert ("SASL_SSL", "/ca.pem") == (told["security.protocol"], told["ssl.ca.location"])


def test_without_a_credential_the_guarded_broker_is_not_even_asked(home: Path) -> None:
    """The error names the file, and the command that makes it."""
    embedded(home)
    with pytest.raises(SettingsError, match="approver") as refused:
        kafka(as_role(Settings(home=home), "approver"))
    assert "no_credential" == refused.value.code
    assert "phigate access apply" in refused.value.hint
    assert {} == kafka(Settings(home=home, bootstrap="kafka:9092"))


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("sasl.mechanism=SCRAM-SHA-512\nsasl.username=a\nsasl.password=hush\n", 0o640,
         "open_credential"),
        ("sasl.mechanism=SCRAM-SHA-512\nsasl.username=a\n", 0o600, "bad_credential"),
        ("sasl.mechanism=PLAIN\nsasl.username=a\nsasl.password=hush\n", 0o600, "bad_credential"),
        ("hush", 0o600, "bad_credential"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused(home: Path, text: str, mode: int, code: str) -> None:
    """Readable by others, half, or of another kind; what is in it is not told."""
    file = credential.path(home / "credentials", "agent")
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(SettingsError) as refused:
        credential.read(file.parent, "agent")
    assert code == refused.value.code
    assert "hush" not in str(refused.value) + refused.value.hint
