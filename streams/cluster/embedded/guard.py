"""Who may speak to an embedded broker: passwords drawn here, SASL/SCRAM, TLS, Kafka's own ACLs.

Two users stand in every guarded cluster from its first moment, both beyond any ACL: `broker`, which
the brokers are to one another, and `admin`, which makes topics, users and ACLs. All others are made
by `phigate access apply`. The controllers' port takes PLAIN: Kafka keeps SCRAM users in the
metadata that the controllers are only about to load. It is open on the loopback interface alone.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.errors import BrokerError
from streams.files import replacing
from streams.wire import credential
from streams.wire.credential import KafkaLogin

BROKER, CONTROLLER, ADMIN = "broker", "controller", credential.ADMIN
LISTENER = "CLIENTS"
FOLDER = "credentials"
AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
_MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class Tls:
    """Files in PEM: the brokers' certificate (for 127.0.0.1) and its key, and who signed it."""

    certificate: Path
    key: Path
    ca: Path


@dataclass(frozen=True)
class Guard:
    """The two users of a fresh cluster, and TLS where it is wanted."""

    broker: KafkaLogin
    admin: KafkaLogin
    controller: str = field(repr=False)
    tls: Tls | None = None


def load(own: Path, shared: Path, tls: Tls | None, *, fresh: bool) -> Guard:
    """Return the guard: the brokers' passwords in `own`, the admin's in `shared`.

    For a `fresh` cluster they are drawn where there are none; else BrokerError `no_credential`:
    Kafka knows them, and nobody else. SettingsError where a file of them cannot be used.
    """
    controller = _login(own, CONTROLLER, fresh=fresh).password
    broker, admin = _login(own, BROKER, fresh=fresh), _login(shared, ADMIN, fresh=fresh)
    return Guard(broker, admin, controller, tls)


def _login(folder: Path, name: str, *, fresh: bool) -> KafkaLogin:
    found = credential.read(folder, name)
    if found is None and not fresh:
        raise BrokerError(
            f"{credential.path(folder, name)} is gone: nobody else knows the password of {name}",
            code="no_credential",
            hint="put it back; without it only `phigate kafka reset` helps, which deletes the data",
        )
    if found is None:
        found = KafkaLogin(name, secrets.token_urlsafe(credential.PASSWORD_BYTES))
        credential.write(folder, name, found)
    return found


def properties(guard: Guard | None) -> dict[str, str]:
    """Return the broker's settings about who may speak to it; without a guard, everybody."""
    if guard is None:
        return {
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
        }
    protocol = "SASL_SSL" if guard.tls else "SASL_PLAINTEXT"
    mechanism = credential.MECHANISM
    clients = f"listener.name.{LISTENER.lower()}.{mechanism.lower()}.sasl.jaas.config"
    return {
        "listener.security.protocol.map": f"{LISTENER}:{protocol},CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": LISTENER,
        "sasl.enabled.mechanisms": mechanism,
        "sasl.mechanism.inter.broker.protocol": mechanism,
        clients: _jaas("scram.ScramLoginModule", guard.broker),
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": _jaas(
            "plain.PlainLoginModule",
            KafkaLogin(BROKER, guard.controller),
            f' user_{BROKER}="{guard.controller}"',
        ),
        "authorizer.class.name": AUTHORIZER,
        "super.users": f"User:{guard.broker.name};User:{guard.admin.name}",
        "allow.everyone.if.no.acl.found": "false",
        **(_tls() if guard.tls else {}),
    }


def format_arguments(guard: Guard | None) -> Iterator[str]:
    """Yield what Kafka's format tool is told of the first users."""
    for login in (guard.broker, guard.admin) if guard else ():
        yield "--add-scram"
        yield f"{credential.MECHANISM}=[name={login.name},password={login.password}]"


def write_tls(tls: Tls, folder: Path) -> None:
    """Put the certificate, with its key, and the authority's into a node's folder."""
    try:
        pair = tls.key.read_bytes() + b"\n" + tls.certificate.read_bytes()
        authority = tls.ca.read_bytes()
    except OSError as error:
        raise BrokerError(
            f"{error.filename}: {error.strerror}",
            code="bad_tls",
            hint="--tls-certificate, --tls-key and --tls-ca name files in PEM",
        ) from None
    for name, content in (("server.pem", pair), ("ca.pem", authority)):
        private(folder / name, content)


def private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, also where it was there with other permissions."""
    with replacing(path) as part:
        part.write_bytes(content)


def _tls() -> Mapping[str, str]:
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": "server.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "ca.pem",
    }


def _jaas(module: str, login: KafkaLogin, more: str = "") -> str:
    return (
        f'{_MODULES}.{module} required username="{login.name}" password="{login.password}"{more};'
    )
