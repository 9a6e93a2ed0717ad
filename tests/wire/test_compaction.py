"""What compaction takes from `audit` on the real broker: exact repeats, and nothing else."""

import secrets
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from streams.audit.entry import entry_key
from streams.settings import Settings, load_settings
from streams.wire import client, topics

WAIT_S = 240.0
ENTRIES = 40
EAGER = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.001", "max.compaction.lag.ms": "100"}


def write(settings: Settings, topic: str, indexes: range) -> None:
    """Write entries, each with the value that its index always has."""
    producer = client.producer(settings)
    for index in indexes:
        key = entry_key(0, index).encode()
        client.deliver(producer, topic, key, b"entry %d" % index, partition=0)


def read(settings: Settings, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Return what is there."""
    return [(each.key, each.value) for each in client.records(settings, topic)]


@pytest.mark.kafka
def test_an_exact_repeat_vanishes_and_nothing_else(kafka: str, tmp_path: Path) -> None:
    """Entries written twice stay once, each with its value; no other entry goes."""
    prefix = f"t{secrets.token_hex(6)}."
    settings = load_settings(bootstrap=kafka, home=tmp_path, prefix=prefix)
    audit = next(each for each in topics.table() if each.name == "audit")
    topic = audit.full_name(prefix)
    new = NewTopic(topic, 1, 1, config={**audit.config(1), **EAGER})
    admin = client.admin(settings)
    admin.create_topics([new])[topic].result(30)

    write(settings, topic, range(ENTRIES))
    write(settings, topic, range(10, 25))  # a worker started again writes some of them again
    assert ENTRIES + 15 == len(read(settings, topic))

    end = time.monotonic() + WAIT_S
    later = ENTRIES
    while len(found := read(settings, topic)) - (later - ENTRIES) > ENTRIES:
        assert time.monotonic() < end, "the broker has not compacted"
        time.sleep(1.0)
        write(settings, topic, range(later, later + 1))  # closes the segment before it
        later += 1
    expected = {entry_key(0, n).encode(): b"entry %d" % n for n in range(later)}
    assert expected == dict(found)
    assert len(expected) == len(found)

    undo = [
        ConfigEntry(name, None, incremental_operation=AlterConfigOpType.DELETE) for name in EAGER
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=undo)
    admin.incremental_alter_configs([resource])[resource].result(30)
