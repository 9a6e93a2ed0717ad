"""Who a process is to Kafka: the credential of its role, one file each, readable by its owner.

    credentials/agent.properties
        sasl.mechanism=SCRAM-SHA-512
        sasl.username=phigate-agent
        sasl.password=...

A file holds who; how to connect (TLS, addresses) stands in the settings, or in the state of the
embedded broker. Where `settings.kafka` names an identity itself (a user, OAUTHBEARER) or is without
SASL (SSL with a client's certificate, PLAINTEXT), that counts and no file is looked at.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streams.errors import SettingsError
from streams.files import replacing
from streams.wire.local import local

if TYPE_CHECKING:
    from streams.settings import Settings

MECHANISM: Final = "SCRAM-SHA-512"
ADMIN: Final = "admin"
PASSWORD_BYTES: Final = 32
_BYTES_MAX = 65_536
_MECHANISM = ("sasl.mechanism", "sasl.mechanisms")


@dataclass(frozen=True, slots=True)
class KafkaLogin:
    """A user of Kafka and the password."""

    name: str
    password: str = field(repr=False)


def as_role(settings: "Settings", role: str) -> "Settings":
    """Return the settings of a process that acts in this role."""
    return settings.model_copy(update={"role": role})


def kafka(settings: "Settings") -> dict[str, str]:
    """Return librdkafka's settings for this process: how to connect, and as whom.

    SettingsError where the embedded broker asks who it is and there is no credential, or where the
    file of it cannot be used. Without SASL in the settings a credential goes over TLS alone.
    """
    place = local(settings)
    given = {**(place.connection if place else {}), **settings.kafka}
    if _says_who(settings):
        return given
    login = read(settings.credentials, settings.role) if settings.role else None
    if login is not None:
        how = {name: value for name, value in given.items() if name not in _MECHANISM}
        return {
            "security.protocol": "SASL_SSL",
            **how,
            "sasl.mechanism": MECHANISM,
            "sasl.username": login.name,
            "sasl.password": login.password,
        }
    if place is not None and place.guarded:
        raise SettingsError(
            f"there is no credential for {settings.role or 'this process'}:"
            f" {path(settings.credentials, settings.role or ADMIN)} is not there",
            code="no_credential",
            hint="`phigate access apply` makes one for each role; PHIGATE_ROLE names another role",
        )
    return given


def _says_who(settings: "Settings") -> bool:
    protocol = settings.kafka.get("security.protocol", "SASL").upper()
    named = {k: v for k, v in settings.kafka.items() if k.startswith(("sasl.", "enable.sasl."))}
    mechanisms = {named.pop(name, MECHANISM) for name in _MECHANISM}
    return not protocol.startswith("SASL") or bool(named) or mechanisms != {MECHANISM}


# ---------------------------------------------------------------- the files


def path(folder: Path, role: str) -> Path:
    """Return the file of a role's credential."""
    return folder / f"{role}.properties"


def read(folder: Path, role: str) -> KafkaLogin | None:
    """Return a role's credential, None if there is no file.

    SettingsError where others may read it, or where it holds no user and password.
    """
    file = path(folder, role)
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode & 0o777
            text = opened.read(_BYTES_MAX).decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{file} cannot be read", code="bad_credential", hint=_HINT) from None
    if mode & 0o077:
        raise SettingsError(
            f"{file} can be read by others (mode {mode:o})",
            code="open_credential",
            hint=f"chmod 600 {file}; if somebody did: `phigate access apply --rotate {role}`",
        )
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    name, password = found.get("sasl.username", ""), found.get("sasl.password", "")
    if not name or not password or found.get("sasl.mechanism") != MECHANISM:
        raise SettingsError(f"{file} holds no credential", code="bad_credential", hint=_HINT)
    return KafkaLogin(name, password)


_HINT = "it has three lines, as `phigate access apply` writes them; `--rotate ROLE` draws anew"


def write(folder: Path, role: str, login: KafkaLogin) -> None:
    """Write a role's credential in one step. SettingsError where that cannot be done."""
    file = path(folder, role)
    text = (
        f"sasl.mechanism={MECHANISM}\nsasl.username={login.name}\nsasl.password={login.password}\n"
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(file) as part:
            part.write_text(text)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}") from None
