"""Clients that lose nothing, wait within a bound, and say what to do."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka.partitioner import murmur2 as java_murmur2
from hypothesis import given
from hypothesis import strategies as st

from streams.cluster import shape
from streams.errors import BrokerError, OperatorError, SettingsError
from streams.settings import Settings
from streams.wire import client, connect, topics

NOBODY = "127.0.0.1:1"  # nothing listens there


def failed(call: Callable[[], Any]) -> OperatorError:
    """Return the error that a call raises."""
    with pytest.raises(OperatorError) as caught:
        call()
    return caught.value


# ---------------------------------------------------------------- without a broker


@given(st.binary(max_size=40))
def test_the_hash_is_java_s(key: bytes) -> None:
    """Our murmur2 agrees with another implementation of Kafka's on every key."""
    assert java_murmur2(key) & 0xFFFFFFFF == client.murmur2(key)


def test_the_setting_goes_before_the_embedded_broker(tmp_path: Path) -> None:
    """`bootstrap` as set; else from the embedded broker's file; else an error that says how."""
    settings = Settings(home=tmp_path)
    error = failed(lambda: client.bootstrap(settings))
    assert ("no_broker", True) == (error.code, "phigate kafka up" in error.hint)
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "cluster.json").write_text('{"nodes": [{"port": 7}, {"port": 8}]}')
    assert "127.0.0.1:7,127.0.0.1:8" == client.bootstrap(settings)
    assert NOBODY == client.bootstrap(Settings(home=tmp_path, bootstrap=NOBODY))


@pytest.mark.parametrize("text", ["", "{}", '{"nodes": 1}', '{"nodes": [{"port": "x"}]}', "\x00"])
def test_a_broken_state_file_is_an_error_for_people(tmp_path: Path, text: str) -> None:
    """Whatever is in the file: `bad_state`, and what to do."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "cluster.json").write_text(text)
    assert "bad_state" == failed(lambda: client.bootstrap(Settings(home=tmp_path))).code


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    """Reaching, reading and delivering end in time with `broker_away`; the first two name it."""
    settings = Settings(home=tmp_path, bootstrap=NOBODY)
    calls: list[Callable[[], Any]] = [
        lambda: client.reach(client.admin(settings), settings, 0.5),
        lambda: list(client.records(settings, "t", timeout_s=0.5)),
    ]
    for call in calls:
        error = failed(call)
        assert ("broker_away", True) == (error.code, NOBODY in str(error))
    producer = client.producer(settings)
    error = failed(lambda: client.deliver(producer, "t", b"k", b"v", timeout_s=0.3))
    assert "broker_away" == error.code


def test_librdkafka_writes_nothing_to_stderr(tmp_path: Path) -> None:
    """A broker that is away is our error to tell, once."""
    program = (
        "from streams.settings import Settings; from streams.wire import client\n"
        f"s = Settings(home='{tmp_path}', bootstrap='{NOBODY}')\n"
        "try: client.reach(client.admin(s), s, 0.5)\n"
        "except Exception as error: print(error.code)\n"
        "try: client.deliver(client.producer(s), 't', b'k', b'v', timeout_s=0.5)\n"
        "except Exception as error: print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ("broker_away\nbroker_away\n", "") == (done.stdout, done.stderr)


def test_a_setting_that_librdkafka_refuses_is_named_and_not_quoted(tmp_path: Path) -> None:
    """The name is told, the value is not: it may be a password."""
    for kafka in ({"broker.address.family": "hunter2"}, {"security.protocol": "hunter2"}):
        settings = Settings(home=tmp_path, bootstrap=NOBODY, kafka=kafka)
        for open_ in (client.producer, client.consumer, client.admin):
            with pytest.raises(SettingsError) as caught:
                open_(settings)
            assert next(iter(kafka)) in str(caught.value)
            assert "hunter2" not in str(caught.value)
            assert None is caught.value.__context__


def test_nobody_weakens_a_producer(tmp_path: Path) -> None:
    """What acknowledges early, or puts keys elsewhere, is not taken from the settings."""
    kafka = {"acks": "0", "partitioner": "consistent", "enable.idempotence": "false"}
    seen: dict[str, Any] = {}

    def keep(config: dict[str, Any], **_: Any) -> None:
        seen.update(config)

    settings = Settings(home=tmp_path, bootstrap=NOBODY).model_copy(update={"kafka": kafka})
    connect._open(keep, settings, connect._PRODUCER)
    assert ("all", "murmur2_random", True) == (
        seen["acks"],
        seen["partitioner"],
        seen["enable.idempotence"],
    )


# ---------------------------------------------------------------- with a real broker


@pytest.fixture
def cases(place: Settings) -> str:
    """Create the topics and return the name of `cases`."""
    shape.apply(place)
    return topics.name(place, "cases")


@pytest.mark.kafka
def test_what_was_delivered_is_read(place: Settings, cases: str) -> None:
    """Place, key, value, headers: as they were sent, each partition in order, and then the end."""
    producer = client.producer(place)
    sent = {}
    for number in range(20):
        key, value = f"key-{number}".encode(), bytes([number])
        where = client.deliver(producer, cases, key, value, headers={"h": b"x"})
        assert client.partition_of(key, 2) == where[0]
        sent[where] = (key, value)
    got = list(client.records(place, cases))
    assert sent == {(each.partition, each.offset): (each.key, each.value) for each in got}
    assert {(("h", b"x"),)} == {each.headers for each in got}
    for partition in (0, 1):
        offsets = [each.offset for each in got if each.partition == partition]
        assert sorted(offsets) == offsets
        assert offsets == [each.offset for each in client.records(place, cases, [partition])]


@pytest.mark.kafka
def test_reading_from_a_time(place: Settings, cases: str) -> None:
    """From a record's own time on, it and what came later; from the future on, nothing."""
    producer = client.producer(place)
    for number in range(3):
        client.deliver(producer, cases, None, bytes([number]), partition=0)
    got = list(client.records(place, cases))
    since = got[1].timestamp_ms
    assert [each for each in got if each.timestamp_ms >= since] == list(
        client.records(place, cases, since_ms=since)
    )
    assert [] == list(client.records(place, cases, since_ms=since + 3_600_000))


@pytest.mark.kafka
def test_following_sees_what_comes_later(place: Settings, cases: str) -> None:
    """With `follow`, the end is not the end."""
    producer = client.producer(place)
    client.deliver(producer, cases, b"k", b"1")
    following = client.records(place, cases, follow=True)
    assert b"1" == next(following).value
    client.deliver(producer, cases, b"k", b"2")
    assert b"2" == next(following).value
    following.close()


@pytest.mark.kafka
def test_what_is_not_there_is_said(place: Settings, cases: str) -> None:
    """No such topic, no such partition: `no_topic`, and which command creates it."""
    error = failed(lambda: list(client.records(place, "nobody-made-this")))
    assert ("no_topic", True) == (error.code, "phigate topics apply" in error.hint)
    assert "no_topic" == failed(lambda: list(client.records(place, cases, [7]))).code


@pytest.mark.kafka
def test_a_record_that_is_too_large(place: Settings, cases: str) -> None:
    """Refused as `too_large` by us or the broker; a gapless producer then ends, and says so."""
    producer = client.producer(place)
    larger = bytes(7 << 20)
    assert "too_large" == failed(lambda: client.deliver(producer, cases, b"k", larger)).code
    client.deliver(producer, cases, b"k", b"still alive")
    refused = bytes(3 << 20)
    assert "too_large" == failed(lambda: client.deliver(producer, cases, b"k", refused)).code
    error = failed(lambda: client.deliver(producer, cases, b"k", b"v"))
    assert ("producer_ended", True) == (error.code, isinstance(error, BrokerError))
