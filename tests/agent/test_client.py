"""The blocking client on a real broker."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from streams.agent import Agent, WaitTimeout, core
from streams.agent.ids import intent_id
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError, InputError
from streams.events import Status, bears_mark
from streams.settings import load_settings
from streams.wire import client
from tests.agent.makers import request, verdict
from tests.agent.rig import PARTITIONS, Keys, Rig

pytestmark = pytest.mark.kafka


def _propose(agent: Agent, **changes: Any) -> str:
    said: dict[str, Any] = {
        "action": "data.export",
        "resource": "Dataset/cohort",
        "params": b'{"b": 1.50, "a": "Maria"}',
        "justification": "Recall letters",
        "ttl": 60,
    }
    return agent.propose(**{**said, **changes})


def test_an_intent_on_the_topic_reads_back_and_only_the_gate_opens_it(rig: Rig) -> None:
    """What is proposed stands sealed on its key's partition, and unseals to the exact params."""
    with Agent("bot", rig.settings, directory=rig.directory, on_behalf_of="ann") as agent:
        name = _propose(agent, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    (record,) = rig.records("intents")
    (intent,) = rig.intents()
    body = rig.unsealed(intent)
    assert (name, "bot", "ann", "hpke", 60_000) == (
        intent.intent_id,
        intent.agent,
        intent.on_behalf_of,
        intent.sealing,
        intent.ttl_ms,
    )
    assert (b'{"b": 1.50, "a": "Maria"}', "Recall letters") == (body.params, body.justification)
    assert (name.encode(), client.partition_of(name.encode(), PARTITIONS)) == (
        record.key,
        record.partition,
    )
    assert b"Maria" not in (record.value or b"") + repr(record.headers).encode()
    assert {
        "ce_specversion": b"1.0",
        "ce_id": name.encode(),
        "ce_source": b"/phigate/agents/bot",
        "ce_type": b"phigate.intent",
        "content-type": b"application/avro",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01".encode(),
    } == dict(record.headers)


def test_it_is_plain_only_where_asked(rig: Rig) -> None:
    """`seal=False` and nothing else publishes a body in clear, and needs no directory."""
    with Agent("bot", rig.settings) as agent:
        _propose(agent, seal=False)
    (intent,) = rig.intents()
    assert ("plain", True) == (intent.sealing, b"Maria" in intent.body)


def test_the_same_key_is_the_same_intent(rig: Rig) -> None:
    """A key proposed twice, by two processes, is one id with one content, sealed anew."""
    names = []
    for _ in range(2):
        with Agent("bot", rig.settings, directory=rig.directory) as agent:
            names.append(_propose(agent, key="job-1"))
    one, other = rig.intents()
    assert names[0] == names[1]
    assert bears_mark(names[0], "bot")
    assert rig.unsealed(one) == rig.unsealed(other)
    assert one.body != other.body


def test_fifty_megabytes_are_refused_before_anything_is_sent(rig: Rig) -> None:
    """Too much is an InputError at once; the topic stays empty and the client goes on."""
    with Agent("bot", rig.settings, directory=rig.directory) as agent:
        for params in ("x" * 50_000_000, b'"' + b"x" * 50_000_000 + b'"'):
            with pytest.raises(InputError) as caught:
                _propose(agent, params=params)
            assert "too_large" == caught.value.code
        with pytest.raises(InputError) as caught:
            _propose(agent, justification="x" * 950_000)
        assert "too_large" == caught.value.code
        assert [] == rig.records("intents")
        _propose(agent)
    assert 1 == len(rig.records("intents"))


def test_wait_hears_of_a_verdict_that_is_there_already(rig: Rig) -> None:
    """A verdict published before the wait is found: by the id's time, or from the beginning."""
    with Agent("bot", rig.settings, directory=rig.directory) as agent:
        for name in (_propose(agent), _propose(agent, key="k")):
            rig.put("verdicts", name, verdict(name))
            assert verdict(name) == agent.wait(name, 240)


def test_wait_takes_the_newest_verdict_and_minds_no_rubbish(rig: Rig) -> None:
    """The highest position wins over a later, older record; unreadable or foreign ones are none."""
    with Agent("bot", rig.settings, directory=rig.directory) as agent:
        name = _propose(agent)
        rig.put("verdicts", name, b"rubbish")
        rig.put("verdicts", name, verdict("another", offset=9, outcome="ok"))
        rig.put("verdicts", name, verdict(name, offset=3))
        rig.put(
            "verdicts", name, verdict(name, offset=1, outcome="failed")
        )  # of a worker that slept
        rig.put("verdicts", name, verdict(name, offset=4, outcome="ok"))
        found = agent.wait(name, 240, outcome=True)
    assert found.outcome is not None
    assert (4, Status.OK) == (found.position.offset, found.outcome.status)


def test_a_verdict_after_the_wait_began_ends_it_and_requests_are_shown(rig: Rig) -> None:
    """Who waits sees the requests on the way, then the verdict."""
    shown: list[int] = []
    seen = threading.Event()

    def progress(request_: Any) -> None:
        shown.append(request_.position.offset)
        seen.set()

    with Agent("bot", rig.settings, directory=rig.directory) as agent, ThreadPoolExecutor() as pool:
        name = _propose(agent)
        waiting = pool.submit(agent.wait, name, 240, progress=progress)
        rig.put("requests", name, request(name, offset=1))
        assert seen.wait(240)
        rig.put("verdicts", name, verdict(name, offset=2))
        assert verdict(name, offset=2) == waiting.result(240)
    assert [1] == shown


def test_no_sign_from_the_gate_sends_the_same_bytes_again(rig: Rig) -> None:
    """Without request or verdict the kept bytes go out again, three times at most."""
    with Agent("bot", rig.settings, directory=rig.directory, resend_s=0.1) as agent:
        name = _propose(agent)
        with pytest.raises(WaitTimeout) as caught:
            agent.wait(name, 6)
    records = rig.records("intents")
    assert not caught.value.seen
    assert 4 == len(records)
    assert 1 == len({(record.key, record.value, record.headers) for record in records})


def test_a_timeout_tells_that_the_gate_has_it(rig: Rig) -> None:
    """A request on the topic is a sign of the gate, and the timeout says so."""
    with Agent("bot", rig.settings, directory=rig.directory) as agent:
        name = _propose(agent)
        rig.put("requests", name, request(name))
        with pytest.raises(WaitTimeout) as caught:
            agent.wait(name, 5)
    assert caught.value.seen


def test_a_hundred_waits_share_one_consumer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads wait, one consumer reads for all, and each hears its own verdict."""
    made: list[str] = []
    real = client.consumer

    def counted(*args: Any, **over: Any) -> Any:
        made.append(threading.current_thread().name)
        return real(*args, **over)

    monkeypatch.setattr("streams.agent.watcher.client.consumer", counted)
    with (
        Agent("bot", rig.settings, directory=rig.directory) as agent,
        ThreadPoolExecutor(100) as pool,
    ):
        names = [_propose(agent) for _ in range(100)]
        waits = [pool.submit(agent.wait, name, 240) for name in names]
        for name in names:
            rig.put("verdicts", name, verdict(name))
        assert names == [wait.result(240).intent_id for wait in waits]
    assert 1 == made.count("phigate-verdicts")


def test_a_broker_that_is_away_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proposing and waiting without a broker end in BrokerError within a bound."""
    monkeypatch.setattr(core, "DELIVERY_S", 1.0)
    monkeypatch.setattr("streams.agent.watcher.METADATA_S", 1.0)
    settings = load_settings(bootstrap="127.0.0.1:1", home=tmp_path)
    settings.directory.write_text(Keys().directory_text())
    with Agent("bot", settings) as agent:
        for _ in range(2):
            with pytest.raises(BrokerError) as caught:
                _propose(agent)
            assert "broker_away" == caught.value.code
        with pytest.raises(BrokerError) as caught:
            agent.wait(intent_id("bot", None, 1), 30)
        assert "broker_away" == caught.value.code


def test_a_broker_that_is_lost_and_back_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proposing fails clearly while it is away; a wait goes on; afterwards both are as before."""
    with Cluster(tmp_path / "kafka", plain=True) as cluster, ThreadPoolExecutor() as pool:
        rig = Rig.up(cluster.bootstrap, tmp_path)
        seen = threading.Event()
        with Agent("bot", rig.settings, directory=rig.directory) as agent:
            first = _propose(agent)
            waiting = pool.submit(agent.wait, first, 240, progress=lambda _: seen.set())
            rig.put("requests", first, request(first, offset=0))
            assert seen.wait(240)
            cluster.kill(1)
            with monkeypatch.context() as patch:
                patch.setattr(core, "DELIVERY_S", 1.0)
                with pytest.raises(BrokerError):
                    _propose(agent)
            cluster.up()
            second = _propose(agent)
            rig.put("verdicts", first, verdict(first))
            rig.put("verdicts", second, verdict(second))
            assert [first, second] == [
                waiting.result(240).intent_id,
                agent.wait(second, 240).intent_id,
            ]


def test_a_producer_that_ended_is_replaced(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """After librdkafka's fatal error the client goes on with a new producer, not never again."""
    with Agent("bot", rig.settings, directory=rig.directory) as agent:
        _propose(agent)
        ended = agent._core._producer

        def end(*_: object, **__: object) -> None:
            raise BrokerError("it ended", code="producer_ended")

        with monkeypatch.context() as patch:
            patch.setattr(client, "deliver", end)
            with pytest.raises(BrokerError):
                _propose(agent)
        _propose(agent)
        assert ended is not agent._core._producer
    assert 2 == len(rig.records("intents"))


def test_missing_topics_are_a_clear_error(kafka: str, tmp_path: Path) -> None:
    """Waiting on a cluster without our topics says which is missing."""
    settings = load_settings(bootstrap=kafka, home=tmp_path, prefix="nobody.")
    with Agent("bot", settings) as agent, pytest.raises(BrokerError, match=r"nobody\.verdicts"):
        agent.wait(intent_id("bot", None, 1), 30)
