"""Topics of their own on the real broker, with an audit written to them as the gate would."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from confluent_kafka.admin import NewTopic

from streams.auditor.read.source import Stored
from streams.sealing import SealKey
from streams.settings import Settings, load_settings
from streams.signing import SigningKey
from streams.wire import client, topics
from tests.auditor.logs import KEY

PARTITIONS = 3


def cluster(bootstrap: str, home: Path) -> tuple[Settings, dict[str, str]]:
    """Return settings with topics of their own and a directory, and the environment of a user."""
    prefix = f"t{secrets.token_hex(6)}."
    settings = load_settings(bootstrap=bootstrap, home=home, prefix=prefix, partitions=PARTITIONS)
    wanted = {"audit", "checkpoints", "cases"}
    new = [
        NewTopic(each.full_name(prefix), PARTITIONS, 1, config=each.config(1))
        for each in topics.table()
        if each.name in wanted and not each.table
    ]
    admin = client.admin(settings)  # it ends what it has begun where nothing holds it
    for made in admin.create_topics(new).values():
        made.result(30)
    settings.directory.write_text(
        f"gate:\n  id: gate-of-tests\n  seal: {SealKey.new('s').public.text}\n"
        f"  grants: [{SigningKey.new('g').public.text}]\n  audit: [{KEY.public.text}]\n"
    )
    return settings, {
        "PHIGATE_HOME": str(home),
        "PHIGATE_BOOTSTRAP": bootstrap,
        "PHIGATE_PREFIX": prefix,
        "PHIGATE_PARTITIONS": str(PARTITIONS),
    }


def write(settings: Settings, records: Iterable[Stored]) -> None:
    """Write records to their topics, each to the partition of its shard."""
    producer = client.producer(settings)
    for each in records:
        name = topics.name(settings, each.topic)
        producer.produce(name, each.value, each.key, partition=each.partition)
    assert 0 == producer.flush(30)
