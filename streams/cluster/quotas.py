"""How many bytes a second a user of ours may write, for each broker: Kafka's client quotas.

Readers keep up with far more than this (an order that does not count costs 20 microseconds), so
whoever has an agent's credential cannot put them behind by writing much. librdkafka has no call for
quotas (KIP-546); aiokafka's client sends the two requests here. Where it is not installed, or the
connection is of a kind that it does not know, quotas are left as they are: `left_as_they_are` says
so, and whoever plans, applies or checks access is told.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from streams.errors import BrokerError
from streams.wire import client, credential
from streams.wire.faults import TIMED_OUT, fail

if TYPE_CHECKING:
    from streams.settings import Settings

RATE: Final = "producer_byte_rate"
USER: Final = "user"
TIMEOUT_S: Final = 15.0
ANY_NAME: Final = 2  # match_type: every user that has a quota of its own
KNOWN: Final = frozenset(
    {
        *("security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username"),
        *("sasl.password", "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location"),
        *("ssl.key.location", "ssl.key.password"),
    }
)
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def left_as_they_are(settings: "Settings") -> str:
    """Return in words why no quota is read or set from here, nothing where they are."""
    if not settings.quota_bytes or _options(settings) is not None:
        return ""
    return (
        f"no user's rate is limited from here: set {RATE}={settings.quota_bytes} yourself for"
        " agents, approvers and executors (kafka-configs.sh --entity-type users), or run this where"
        " phigate's worker is installed, with SCRAM, PLAIN or certificates; quota_bytes = 0 says"
        " that nothing is to be limited"
    )


def read(settings: "Settings") -> dict[str, float] | None:
    """Return the users' rates; None where they cannot be asked from here. May raise BrokerError."""
    options = _options(settings)
    if options is None:
        return None
    answer = _ask(options, _describe())
    _check(answer.error_code)
    found: dict[str, float] = {}
    for entity, values in answer.entries or ():
        rates = [value for name, value in values if name == RATE]
        if [kind for kind, _ in entity] == [USER] and rates:
            found[entity[0][1]] = rates[0]
    return found


def apply(settings: "Settings", wanted: Mapping[str, int]) -> None:
    """Set these users' rates; 0 takes one away. May raise BrokerError."""
    options = _options(settings)
    if options is None or not wanted:
        return
    for code, *_ in _ask(options, _alter(wanted)).entries or ():
        _check(code)


def _check(code: int) -> None:
    if code:
        raise BrokerError(
            f"the cluster's quotas cannot be read or set (Kafka's error {code})",
            hint="the admin needs DescribeConfigs and AlterConfigs on the cluster",
        )


def _options(settings: "Settings") -> dict[str, Any] | None:
    """Return what aiokafka is to connect with, where it can say what librdkafka was told."""
    try:
        import aiokafka  # noqa: F401, PLC0415 - a part of the gate, not of the operator's tools
    except ImportError:
        return None
    kafka = {name: value for name, value in credential.kafka(settings).items() if value}
    said = {name for name in kafka if name.startswith(("sasl.", "ssl.", "security.", "enable.s"))}
    protocol = kafka.get("security.protocol", "PLAINTEXT").upper()
    mechanism = kafka.get("sasl.mechanisms") or kafka.get("sasl.mechanism") or "GSSAPI"
    if not said <= KNOWN or (protocol.startswith("SASL") and mechanism not in MECHANISMS):
        return None
    options: dict[str, Any] = {
        "bootstrap_servers": client.bootstrap(settings),
        "security_protocol": protocol,
        "request_timeout_ms": int(TIMEOUT_S * 1000),
    }
    if protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": kafka.get("sasl.username"),
            "sasl_plain_password": kafka.get("sasl.password"),
        }
    if protocol.endswith("SSL"):
        options["ssl_context"] = _tls(kafka)
    return options


def _tls(kafka: Mapping[str, str]) -> ssl.SSLContext:
    place = kafka.get("ssl.ca.location", "")
    context = ssl.create_default_context(
        cafile=None if place in {"", "probe"} else place, cadata=kafka.get("ssl.ca.pem")
    )
    if "ssl.certificate.location" in kafka:
        context.load_cert_chain(
            kafka["ssl.certificate.location"],
            kafka.get("ssl.key.location"),
            kafka.get("ssl.key.password", ""),
        )
    return context


def _ask(options: Mapping[str, Any], request: Any) -> Any:
    """Send one request to one broker; each passes it on to the controller."""
    from aiokafka.client import AIOKafkaClient  # noqa: PLC0415 - see `_options`
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - the same

    async def ask() -> Any:
        asking = AIOKafkaClient(**options)
        try:
            await asking.bootstrap()
            return await asking.send(asking.get_random_node(), request)
        finally:
            await asking.close()

    try:
        return asyncio.run(asyncio.wait_for(ask(), TIMEOUT_S))
    except (KafkaError, OSError) as error:  # TimeoutError and ssl.SSLError are OSErrors
        fail(TIMED_OUT, f"the cluster's quotas cannot be read or set: {type(error).__name__}")


# ---------------------------------------------------------------- the requests


def _describe() -> Any:
    from aiokafka.protocol import admin  # noqa: PLC0415 - see `_options`

    return admin.DescribeClientQuotasRequest([(USER, ANY_NAME, None)], strict=True)


def _alter(wanted: Mapping[str, int]) -> Any:
    """Return AlterClientQuotas, key 49, version 0 (KIP-546), which aiokafka does not have."""
    from aiokafka.protocol import api, types  # noqa: PLC0415 - see `_options`

    text = types.String("utf-8")
    entity = types.Array(("entity_type", text), ("entity_name", text))

    class Answer(api.Response):  # type: ignore[misc]
        API_KEY, API_VERSION = 49, 0
        SCHEMA = types.Schema(
            ("throttle_time_ms", types.Int32),
            (
                "entries",
                types.Array(
                    ("error_code", types.Int16), ("error_message", text), ("entity", entity)
                ),
            ),
        )

    class Struct(api.RequestStruct):  # type: ignore[misc]
        API_KEY, API_VERSION, RESPONSE_TYPE = 49, 0, Answer
        SCHEMA = types.Schema(
            (
                "entries",
                types.Array(
                    ("entity", entity),
                    (
                        "ops",
                        types.Array(
                            ("key", text), ("value", types.Float64), ("remove", types.Boolean)
                        ),
                    ),
                ),
            ),
            ("validate_only", types.Boolean),
        )

    class Alter(api.Request[Struct]):  # type: ignore[misc]
        API_KEY = 49

        def build(self, request_struct_class: Any) -> Any:
            entries = [
                ([(USER, user)], [(RATE, float(rate), not rate)]) for user, rate in wanted.items()
            ]
            return request_struct_class(entries, False)

    return Alter()
