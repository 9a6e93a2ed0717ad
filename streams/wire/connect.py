"""Clients of a cluster, set up once, so that they lose nothing.

A customer's `settings.kafka` may add to the configuration, but may not weaken what `_PRODUCER` and
`_CONSUMER` insist on. librdkafka's own lines go to the logger `phigate.kafka`, never to stderr.
"""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError, SettingsError
from streams.wire import credential
from streams.wire.faults import fail
from streams.wire.local import local
from streams.wire.topic import READER, RECORD_BYTES_MAX

if TYPE_CHECKING:
    from streams.settings import Settings

REACH_TIMEOUT_S = 10.0
DELIVER_TIMEOUT_S = 30.0

_LOG = logging.getLogger("phigate.kafka")
_LOG.addHandler(logging.NullHandler())  # else Python prints what nobody asked to see

_PRODUCER = {
    "acks": "all",
    "enable.idempotence": True,
    "partitioner": "murmur2_random",  # as Java's and Faust's; librdkafka's own is another
    "message.max.bytes": RECORD_BYTES_MAX,
}
_PRODUCER_DEFAULTS = {
    "enable.gapless.guarantee": True,  # after a record that failed nothing else goes out: see below
    "message.timeout.ms": int(DELIVER_TIMEOUT_S * 1000),
    "linger.ms": 5,
}
_CONSUMER = {
    "enable.auto.commit": False,  # whoever reads says when it is done
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_uncommitted",  # what the workers see
    "message.max.bytes": RECORD_BYTES_MAX,
    "fetch.message.max.bytes": RECORD_BYTES_MAX,
    "queued.max.messages.kbytes": 16_384,
    "session.timeout.ms": 10_000,
}


def bootstrap(settings: "Settings") -> str:
    """Return the brokers' addresses: the setting, else those of the embedded broker's state file.

    BrokerError `no_broker` where there is neither, `bad_state` where the file cannot be read.
    """
    if settings.bootstrap:
        return settings.bootstrap
    found = local(settings)
    if found is not None:
        return found.bootstrap
    raise BrokerError(
        "no broker is configured and none was started here",
        code="no_broker",
        hint="start one with `phigate kafka up`, or set PHIGATE_BOOTSTRAP=host:port",
    )


def producer(settings: "Settings", **over: object) -> Producer:
    """Return an idempotent producer; `over` adds librdkafka settings, dots written as underscores.

    It connects in the background: `reach` waits for that. A record that the broker itself refuses
    (too large for the topic) ends a gapless producer: every later `deliver` raises BrokerError
    `producer_ended`. SettingsError where librdkafka does not take `settings.kafka`.
    """
    config = {**_PRODUCER_DEFAULTS, **_dotted(over), **_PRODUCER}
    return _open(Producer, settings, config)


def consumer(settings: "Settings", group: str | None = None, **over: object) -> Consumer:
    """Return a consumer that commits nothing by itself; without a group it is for `assign` only.

    `over` and SettingsError as for `producer`.
    """
    config = {**_CONSUMER, **_dotted(over), "group.id": group or READER}
    return _open(Consumer, settings, config)


def admin(settings: "Settings") -> AdminClient:
    """Return an admin client; it connects in the background. SettingsError as for `producer`."""
    return _open(AdminClient, settings, {})


def _open(kind: Any, settings: "Settings", config: Mapping[str, object]) -> Any:
    shared = {
        "client.id": "phigate",
        "log_level": 3,  # errors
        **credential.kafka(settings),
        "bootstrap.servers": bootstrap(settings),
    }
    try:
        return kind({**shared, **config}, logger=_LOG)
    except KafkaException as error:
        named = re.search(r'property:? "([\w.]+)"', error.args[0].str())  # never its value
    raise SettingsError(
        f"librdkafka refuses the Kafka setting {named[1] if named else 'given'}",
        code="bad_kafka_setting",
        hint="see PHIGATE_KAFKA or `kafka` in phigate.toml, and librdkafka's CONFIGURATION.md",
    )


def reach(
    client: Producer | Consumer | AdminClient,
    settings: "Settings",
    timeout_s: float = REACH_TIMEOUT_S,
) -> None:
    """Return once a broker answers; BrokerError `broker_away` with the address after the time."""
    try:
        client.list_topics(timeout=timeout_s)
    except KafkaException as error:
        address = bootstrap(settings)
        fail(error.args[0], f"the broker at {address} did not answer within {timeout_s:g} s")


def _dotted(over: Mapping[str, object]) -> dict[str, object]:
    return {  # callbacks (`error_cb`) are spelt with an underscore
        name if name.endswith("_cb") else name.replace("_", "."): value
        for name, value in over.items()
    }
