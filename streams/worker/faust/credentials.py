"""`settings.kafka` is written for librdkafka; Faust's own client (aiokafka) is told the same here.

What cannot be said to it is refused, never left out: a connection must not be weaker than its
configuration says. SASLCredentials means SASL_SSL only when given an `ssl_context`, and
SSLCredentials needs one too (rule 19).
"""

import ssl
from collections.abc import Mapping
from typing import Any

import faust

from streams.errors import SettingsError
from streams.worker.faust import oauth

OAUTH = "OAUTHBEARER"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_TLS = frozenset({
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.endpoint.identification.algorithm",
    "enable.ssl.certificate.verification",
})  # fmt: skip
_SASL = frozenset({"sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password"})


def credentials(kafka: Mapping[str, str]) -> Any:
    """Return Faust's credentials for librdkafka's settings, nothing for PLAINTEXT.

    SettingsError names the setting that the workers cannot keep.
    """
    protocol = kafka.get("security.protocol", "plaintext").upper()
    for name in kafka:
        said = name.startswith(("ssl.", "sasl.", "enable.ssl", "enable.sasl", "https."))
        if said and name not in _known(kafka):
            raise _unknown(name)
    if protocol == "PLAINTEXT":
        return None
    if protocol == "SSL":
        return faust.SSLCredentials(context=tls(kafka))
    if protocol in {"SASL_PLAINTEXT", "SASL_SSL"} and _asked(kafka) == OAUTH:
        context = tls(kafka) if protocol == "SASL_SSL" else None
        return faust.OAuthCredentials(oauth_cb=oauth.Tokens(kafka), ssl_context=context)
    if protocol in {"SASL_PLAINTEXT", "SASL_SSL"}:
        return faust.SASLCredentials(
            username=_needed(kafka, "sasl.username"),
            password=_needed(kafka, "sasl.password"),
            mechanism=_mechanism(kafka),
            ssl_context=tls(kafka) if protocol == "SASL_SSL" else None,
        )
    raise _unknown("security.protocol")


def tls(kafka: Mapping[str, str]) -> ssl.SSLContext:
    """Return the TLS context of these settings; SettingsError where a file of theirs is no good."""
    place = kafka.get("ssl.ca.location", "")
    try:
        context = ssl.create_default_context(
            ssl.Purpose.SERVER_AUTH,
            cafile=None if place in {"", "probe"} else place,
            cadata=kafka.get("ssl.ca.pem"),
        )
        if "ssl.certificate.location" in kafka:
            context.load_cert_chain(
                kafka["ssl.certificate.location"],
                kafka.get("ssl.key.location"),
                kafka.get("ssl.key.password", ""),
            )
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise SettingsError(
            "a certificate or key of the Kafka settings cannot be read",
            hint="check ssl.ca.location, ssl.certificate.location, ssl.key.location, its password",
        ) from None
    if kafka.get("ssl.endpoint.identification.algorithm", "https") == "none":
        context.check_hostname = False
    if kafka.get("enable.ssl.certificate.verification", "true") == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _known(kafka: Mapping[str, str]) -> frozenset[str]:
    if _asked(kafka) == OAUTH:
        return _TLS | oauth.SETTINGS | {"sasl.mechanism", "sasl.mechanisms"}
    return _TLS | _SASL


def _asked(kafka: Mapping[str, str]) -> str:
    return kafka.get("sasl.mechanisms") or kafka.get("sasl.mechanism") or "GSSAPI"


def _mechanism(kafka: Mapping[str, str]) -> str:
    mechanism = _asked(kafka)
    if mechanism not in MECHANISMS:
        raise SettingsError(
            "sasl.mechanism: workers know " + ", ".join((*MECHANISMS, OAUTH)),
            hint="set `sasl.mechanism` under `kafka` in phigate.toml",
        )
    return mechanism


def _needed(kafka: Mapping[str, str], name: str) -> str:
    if not kafka.get(name):
        raise SettingsError(f"{name} is missing", hint=f"set `{name}` under `kafka`")
    return kafka[name]


def _unknown(name: str) -> SettingsError:
    return SettingsError(
        f"workers cannot keep the Kafka setting {name}, so they do not connect",
        hint="security.protocol, ssl.* files, sasl.* user and password, and OIDC are known",
    )
