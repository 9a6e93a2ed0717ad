"""How many events one worker of each role takes, a second and a CPU-second.

    deploy/bench throughput [--events N]

Plain intents are put to the topic; then one worker runs at a time, over all that waits: admit over
the intents, fold over the log, audit over the log. The clock runs from the first record that comes
out to the last, so starting is not part of it. One embedded broker shares the machine.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.pop("PHIGATE_BOOTSTRAP", None)

from confluent_kafka import Consumer

from streams.cluster import shape
from streams.cluster.embedded.cluster import Cluster
from streams.settings import Settings
from streams.wire import client, topics
from streams.worker.supervise import Supervisor
from tests.bench import written
from tests.chaos.rig import site
from tests.chaos.rig.crew import cpu_s
from tests.chaos.rig.history import Journal
from tests.chaos.rig.traffic import Traffic

BATCH = 500
LOOK_S = 0.2
STILL_S = 120.0  # without any progress for so long, a measurement has failed
TTL_S = 3_600.0
UNAUDITED = {  # no audit runs beside the fold here, so the fold must not wait for one
    "PHIGATE_AGENT_INTENTS_PER_MINUTE": "0",  # one agent asks for all
    "PHIGATE_AGENT_BYTES_PER_MINUTE": "0",
    "PHIGATE_AUDIT_BEHIND_MAX": "10000000",
    "PHIGATE_AUDIT_BEHIND_MS_MAX": "86400000",
}
Say = Callable[[str], None]


def arguments() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(prog="deploy/bench throughput")
    parser.add_argument("--events", type=int, default=5_000, help="intents")
    parser.add_argument("--home", type=Path, default=Path("/tmp/phigate-bench"))  # noqa: S108 - a default to override
    written.asked(parser)
    return parser


def main() -> int:
    """Measure each role; the last line is JSON."""
    given = arguments().parse_args()
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"bench: [{time.monotonic() - began_s:6.1f} s] {text}", flush=True)

    settings = site.make(given.home.absolute())
    cluster = Cluster(settings.home / "kafka", plain=True)
    rows = f"{topics.app_id(settings, 'fold')}-cases-changelog"
    try:
        cluster.up()
        shape.apply(settings)
        traffic = Traffic(settings, Journal(settings.home / "proposed.jsonl"), 1.0, 1, TTL_S)
        while traffic.acked < given.events:
            traffic.burst(min(BATCH, given.events - traffic.acked))
        say(f"{traffic.acked} intents wait")
        found = {
            role: measure(settings, role, topic, given.events, say)
            for role, topic in (
                ("admit", topics.name(settings, "cases")),
                ("fold", rows),
                ("audit", topics.name(settings, "audit")),
            )
        }
    finally:
        cluster.down()
    said = [("throughput", {"events": given.events, **found})]
    written.finish("throughput", said, sys.argv[1:])
    return 0


def measure(settings: Settings, role: str, topic: str, count: int, say: Say) -> dict[str, int]:
    """Run one worker until so many records stand in the topic that it writes."""
    environment = {"PHIGATE_HOME": str(settings.home), **UNAUDITED}
    supervisor = Supervisor(settings.home, {role: 1}, environment, say)
    supervisor.start()
    child = supervisor.children[0]
    try:
        with closing(client.consumer(settings)) as reader:
            first = _wait(topic, reader, 1, supervisor)
            began_s, began_cpu_s = time.monotonic(), cpu_s(_pid(child))
            last = _wait(topic, reader, count, supervisor)
            took_s, took_cpu_s = time.monotonic() - began_s, cpu_s(_pid(child)) - began_cpu_s
    finally:
        supervisor.stop()
    found = {
        "per_s": round((last - first) / took_s),
        "per_cpu_s": round((last - first) / max(took_cpu_s, 0.01)),
    }
    say(f"{role}: {found}")
    return found


def _pid(child: object) -> int:
    process = getattr(child, "process", None)
    if process is None:
        raise RuntimeError("the worker has left: see its log")
    return int(process.pid)


def _wait(topic: str, reader: Consumer, count: int, supervisor: Supervisor) -> int:
    """Wait until a topic holds so many records; return how many it holds."""
    held, still_s = 0, time.monotonic() + STILL_S
    while held < count:
        time.sleep(LOOK_S)
        supervisor.tend()
        spans = client.ends(reader, topic, None, 10.0)
        now = sum(high for _, high in spans.values())
        if now > held:
            held, still_s = now, time.monotonic() + STILL_S
        if time.monotonic() > still_s:
            raise RuntimeError(f"{topic} stands still at {held}")
    return held


if __name__ == "__main__":
    sys.exit(main())
