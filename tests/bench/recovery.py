"""`deploy/bench recovery`: how long until the next grant after a fold worker is killed.

The log is filled with pending cases, and the fold's changelog with their rows, past admit and fold.
Two fold workers start, one is killed with `kill -9`, and permitted intents are put to every
partition until each has granted one again.
"""

import argparse
import os
import secrets
import signal
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.pop("PHIGATE_BOOTSTRAP", None)

from confluent_kafka import Message, Producer, TopicPartition

from streams import clock
from streams.cluster import shape
from streams.cluster.embedded.cluster import Cluster
from streams.events import (
    CaseEvent,
    Effect,
    IntentAdmitted,
    PhiCount,
    Position,
    Resource,
    Route,
    Ruling,
    Sealed,
    Source,
    derived_id,
)
from streams.gate.case import deadline_ms
from streams.gate.fold import step
from streams.settings import Settings
from streams.wire import client, codec, topics
from streams.worker.rows import Row
from streams.worker.supervise import Supervisor
from tests.bench import written
from tests.chaos.rig import site

DAY_MS = 86_400_000
PROBE_S = 0.2
WAIT_S = 120.0
QUEUED_MAX = 20_000
CALM_S = 5.0
BODY_BYTES = 1_000  # a sealed body of usual size
# No audit runs here, so the fold must not wait for one.
UNAUDITED = {
    "PHIGATE_AGENT_INTENTS_PER_MINUTE": "0",  # one agent asks for all
    "PHIGATE_AGENT_BYTES_PER_MINUTE": "0",
    "PHIGATE_AUDIT_BEHIND_MAX": "10000000",
    "PHIGATE_AUDIT_BEHIND_MS_MAX": str(DAY_MS),
}

Say = Callable[[str], None]


def arguments() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(
        prog="deploy/bench recovery", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--cases", type=int, default=100_000, help="pending cases")
    parser.add_argument("--times", type=int, default=3, help="how often a worker is killed")
    parser.add_argument("--home", type=Path, default=Path("/tmp/phigate-bench"))  # noqa: S108 - a default to override
    written.asked(parser)
    return parser


def main() -> int:
    """Run the measurement; the last line is JSON."""
    given = arguments().parse_args()
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"bench: [{time.monotonic() - began_s:6.1f} s] {text}", flush=True)

    settings = site.make(given.home.absolute())
    cluster = Cluster(settings.home / "kafka", plain=True)
    environment = {"PHIGATE_HOME": str(settings.home), **UNAUDITED}
    supervisor = Supervisor(settings.home, {"fold": 2}, environment, lambda _: None)
    try:
        cluster.up()
        shape.apply(settings)
        fill(settings, given.cases)
        say(f"{given.cases} pending cases stand in the log and the changelog")
        found = recovery(settings, supervisor, given.times, say)
    finally:
        supervisor.stop()
        cluster.down()
    written.finish("recovery", [("recovery", {"cases": given.cases, **found})], sys.argv[1:])
    return 0


def recovery(settings: Settings, supervisor: Supervisor, times: int, say: Say) -> dict[str, object]:
    """Start, kill, measure."""
    began_s = time.monotonic()
    supervisor.start()
    if not supervisor.wait_ready(WAIT_S):
        raise RuntimeError("the workers did not start")
    _until_granted(settings, supervisor)
    replayed = time.monotonic() - began_s
    say(f"first start, the whole changelog read: grants after {replayed:.1f} s")
    grants_s, whole_s = [], []
    for number in range(times):
        child = supervisor.children[number % 2]
        assert child.process is not None
        child.process.send_signal(signal.SIGKILL)
        waited = sorted(_until_granted(settings, supervisor).values())
        grants_s.append(waited[0])
        whole_s.append(waited[-1])
        say(f"{child.name} killed: every partition grants again after {waited[-1]:.1f} s")
        supervisor.wait_ready(WAIT_S)
        time.sleep(CALM_S)
    return {
        "first_start_s": round(replayed, 1),
        "next_grant_s": {
            "p50": round(statistics.median(whole_s), 1),
            "max": round(max(whole_s), 1),
        },
        "first_partition_s_max": round(max(grants_s), 1),
    }


def fill(settings: Settings, cases: int) -> None:
    """Put pending cases to the log, and to the fold's changelog the rows that it would write."""
    producer = client.producer(settings, linger_ms=50)
    table = f"{topics.app_id(settings, 'fold')}-cases-changelog"

    def follow(event: CaseEvent) -> Callable[[object, Message], None]:
        def delivered(_: object, message: Message) -> None:
            partition, offset = message.partition() or 0, message.offset() or 0
            case = step(None, event, Position(partition=partition, offset=offset)).case
            assert case is not None
            row = Row(offset, deadline_ms(case) or 0, b"", codec.encode(case)).pack()
            producer.produce(table, key=message.key(), value=row, partition=partition)

        return delivered

    for number in range(cases):
        event = _event(derived_id("bench", secrets.token_hex(16)), Effect.REVIEW)
        _put(producer, settings, event, follow(event))
        if not number % 500:
            producer.poll(0)
            while len(producer) > QUEUED_MAX:
                producer.poll(0.1)
    if producer.flush(WAIT_S) or producer.flush(WAIT_S):
        raise RuntimeError("the log could not be filled")


def _until_granted(settings: Settings, supervisor: Supervisor) -> dict[int, float]:
    """Permit something on every partition until each grants; return the seconds of each."""
    began_s, granted = time.monotonic(), dict[int, float]()
    since: set[str] = set()
    producer = client.producer(settings, linger_ms=1)
    with closing(client.consumer(settings, f"bench-{began_s}", auto_offset_reset="latest")) as ear:
        topic = topics.name(settings, "approved.clinic")
        spans = client.ends(ear, topic, None, 10.0)
        ear.assign([TopicPartition(topic, n, high) for n, (_, high) in spans.items()])
        while len(granted) < settings.partitions and time.monotonic() - began_s < WAIT_S:
            supervisor.tend()
            for number in range(settings.partitions):
                if number not in granted:
                    since.add(_permit(producer, settings, number))
            for message in ear.consume(100, PROBE_S):
                key = (message.key() or b"").decode()
                if key in since:
                    granted.setdefault(message.partition(), time.monotonic() - began_s)
    if len(granted) < settings.partitions:
        raise RuntimeError(f"only partitions {sorted(granted)} grant again")
    return granted


def _permit(producer: Producer, settings: Settings, partition: int) -> str:
    while True:
        intent_id = derived_id("bench", secrets.token_hex(16))
        if client.partition_of(intent_id.encode(), settings.partitions) == partition:
            _put(producer, settings, _event(intent_id, Effect.PERMIT), lambda *_: None)
            producer.flush(WAIT_S)
            return intent_id


def _put(
    producer: Producer,
    settings: Settings,
    event: CaseEvent,
    report: Callable[[object, Message], None],
) -> None:
    cases, key = topics.name(settings, "cases"), event.intent_id.encode()
    producer.produce(cases, key=key, value=codec.encode(event), on_delivery=report)


def _event(intent_id: str, effect: Effect) -> CaseEvent:
    now_ms = clock.now_ms()
    return CaseEvent(
        event_id=intent_id,
        intent_id=intent_id,
        at_ms=now_ms,
        source=Source(topic="bench", partition=0, offset=0),
        body=_intent(effect, now_ms),
    )


def _intent(effect: Effect, now_ms: int) -> IntentAdmitted:
    route = Route(group="privacy-officers", quorum=1, within_ms=DAY_MS, policy="bench")
    return IntentAdmitted(
        agent="ward-agent",
        owner="olga",
        on_behalf_of="rita",
        action="data.export",
        resource=Resource(type="Database", id="clinic"),
        executor="clinic",
        display=b'{"params":{"name":"<PERSON_1>"}}',
        display_digest="0" * 64,
        action_digest="0" * 64,
        content_mac="0" * 64,
        whole=True,
        phi=(PhiCount(kind="PERSON", count=1),),
        sealed=Sealed(
            key_id="bench",
            wrapped_key=bytes(60),
            nonce=bytes(12),
            ciphertext=bytes(BODY_BYTES),
        ),
        release=None,
        ruling=Ruling(
            effect=effect,
            policies=("bench",),
            reason="bench",
            routes=(route,) if effect is Effect.REVIEW else (),
            unmask=False,
            revision="bench",
        ),
        masker_revision="bench",
        requested_at_ms=now_ms,
        expires_at_ms=now_ms + DAY_MS,
        grant_ttl_ms=DAY_MS,
    )


if __name__ == "__main__":
    sys.exit(main())
