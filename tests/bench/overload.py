"""Ten times what the gate can take, for a minute: what it costs, and whether it comes back.

    deploy/bench overload [--seconds S] [--times N]

First the capacity is measured: a burst, from its sending to its last verdict and outcome. Then N
times as much comes in, past the SDK, while an agent with the SDK goes on trying. Then nobody helps:
the time is taken until every intent has ended, the history is judged as `deploy/chaos` does, and
the SDK is asked again. Exit 1 if anything was lost or doubled, or the SDK was never told to wait.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.pop("PHIGATE_BOOTSTRAP", None)

from streams.agent import Agent
from streams.cluster import shape
from streams.cluster.embedded.cluster import Cluster
from streams.errors import BrokerError
from streams.settings import Settings
from tests.bench import written
from tests.chaos.rig import checker, collect, judge, site
from tests.chaos.rig.crew import Crew
from tests.chaos.rig.history import Journal
from tests.chaos.rig.traffic import FIGURES, RESOURCE, Traffic
from tests.chaos.rig.watch import Watch

BURST = 1_500  # long enough for every process to be warm
BATCH_S = 0.5
TRY_S = 0.5
AGENT = site.AGENTS[1]
ASKED = ("db.query", RESOURCE, FIGURES, "Figures for the board")
Say = Callable[[str], None]


def main() -> int:
    """Measure, overload, wait, judge; the last line is JSON."""
    given = arguments().parse_args()
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"bench: [{time.monotonic() - began_s:6.1f} s] {text}", flush=True)

    settings = site.make(given.home.absolute())
    cluster = Cluster(settings.home / "kafka", plain=True)
    cluster.up()
    shape.apply(settings)
    crew = Crew(settings, cluster.bootstrap, given.workers, say, {"CHAOS_DEED_S": "0"})
    try:
        crew.start()
        found = _play(settings, crew, given, say)
    finally:
        crew.stop()
        cluster.down()
    rows = [("overload", {"seconds": given.seconds, **found})]
    written.finish("overload", rows, sys.argv[1:])
    return 0 if not any(found[name] for name in checker.ZEROES) and found["told_busy"] else 1


def arguments() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(prog="deploy/bench overload")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is overloaded")
    parser.add_argument("--times", type=float, default=10.0, help="of the capacity")
    parser.add_argument("--ttl", type=float, default=120.0, help="seconds an intent lives")
    parser.add_argument("--wait", type=float, default=1_800.0, help="seconds to recover, at most")
    parser.add_argument("--workers", type=int, default=1, help="workers of each role")
    parser.add_argument("--home", type=Path, default=Path("/tmp/phigate-bench"))  # noqa: S108 - a default to override
    written.asked(parser)
    return parser


def _play(settings: Settings, crew: Crew, given: argparse.Namespace, say: Say) -> dict[str, Any]:
    watch = Watch(settings, Journal(settings.home / "seen.jsonl"))
    traffic = Traffic(settings, Journal(settings.home / "proposed.jsonl"), 1.0, 1, given.ttl)
    traffic.sent = watch.sent
    watch.start()
    capacity = _capacity(traffic, watch, given.wait)
    say(f"capacity: {capacity:.0f} intents a second, to the executor's report")
    rss_before = dict(crew.rss_mb)
    told = _overload(settings, traffic, watch, capacity * given.times, given.seconds)
    say(f"{traffic.acked} intents sent; the SDK: {dict(told)}; {watch.unended} open")
    began_s = time.monotonic()
    _until(lambda: not watch.unended, given.wait)
    _until(lambda: collect.audited(settings), given.wait)
    recovered_s = time.monotonic() - began_s
    say(f"all ended after {recovered_s:.0f} s; {watch.unended} open")
    state = _asked(settings, given.wait)
    _until(lambda: collect.audited(settings), given.wait)
    watch.stop()
    rss_after = dict(crew.rss_mb)
    crew.stop()
    judged = judge.judge(collect.collect(settings, []))
    for line in judged.pop("shown"):
        say(line)
    return {
        "capacity_per_s": round(capacity),
        "sent_per_s": round(capacity * given.times),
        "intents": traffic.acked,
        "told_busy": told["gate_busy"],
        "asked_after": state,
        "recovered_s": round(recovered_s),
        "rss_mb_before": {role: round(mb) for role, mb in sorted(rss_before.items())},
        "rss_mb_max": {role: round(mb) for role, mb in sorted(rss_after.items())},
        **judged,
    }


def _capacity(traffic: Traffic, watch: Watch, wait_s: float) -> float:
    began_s = time.monotonic()
    traffic.burst(BURST)
    _until(lambda: not watch.unended, wait_s)
    return BURST / (time.monotonic() - began_s)


def _overload(
    settings: Settings, traffic: Traffic, watch: Watch, rate: float, seconds: float
) -> Counter[str]:
    """Send `rate` a second, while an agent tries its luck; return what the agent was told."""
    told, over = Counter[str](), Event()
    agent = Thread(target=_tries, args=(settings, watch, told, over), daemon=True)
    agent.start()
    began_s, sent = time.monotonic(), 0
    while (gone_s := time.monotonic() - began_s) < seconds:
        due = int(rate * gone_s) - sent
        if due > 0:
            traffic.burst(due)
            sent += due
        time.sleep(BATCH_S)
    over.set()
    agent.join()
    return told


def _tries(settings: Settings, watch: Watch, told: Counter[str], over: Event) -> None:
    """Propose with the SDK every now and then; count what it says."""
    with Agent(AGENT, settings, on_behalf_of="rita") as agent:
        while not over.wait(TRY_S):
            try:
                watch.sent(agent.propose(*ASKED))
            except BrokerError as error:
                told[error.code] += 1
            else:
                told["sent"] += 1


def _asked(settings: Settings, wait_s: float) -> str:
    """Propose once more and return how it ended."""
    with Agent(AGENT, settings, on_behalf_of="rita") as agent:
        return str(agent.wait(agent.propose(*ASKED), wait_s, outcome=True).state)


def _until(done: Callable[[], bool], wait_s: float) -> None:
    end_s = time.monotonic() + wait_s
    while not done() and time.monotonic() < end_s:
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
