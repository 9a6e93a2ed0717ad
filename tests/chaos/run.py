"""Break a real cluster for some minutes, with agents, approvers and executors at work, and check.

Run it with `deploy/chaos`. The last line is JSON; exit 1 if anything was lost, doubled or wrong.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ.pop("PHIGATE_BOOTSTRAP", None)

from tests.chaos.rig import checker, collect, site
from tests.chaos.rig.assault import Assault, Plan
from tests.chaos.rig.crew import Crew
from tests.chaos.rig.faults import FAULTS, World, calm
from tests.chaos.rig.history import Journal
from tests.chaos.rig.people import People
from tests.chaos.rig.traffic import TTL_S, Traffic
from tests.chaos.rig.watch import Watch

WARM_S = 5.0
QUIET_S = 420.0  # a worker that half lives leaves by itself within three minutes

Say = Callable[[str], None]


def main() -> int:
    """Build, break, wait, check; print what came of it."""
    given = _arguments()
    began_s = time.monotonic()

    def say(text: str) -> None:
        print(f"chaos: [{time.monotonic() - began_s:6.1f} s] {text}", flush=True)

    say(f"seed {given.seed}, {given.minutes:g} minutes, {given.workers} workers a role")
    settings = site.make(given.home)
    say("starting three brokers behind a proxy")
    cluster, proxy, bootstrap = site.cluster(settings)
    crew = Crew(settings, bootstrap, given.workers, say if given.verbose else _silent)
    try:
        say(f"starting {3 * given.workers} workers and two executors")
        crew.start()
        world = World(settings, cluster, proxy, crew)
        summary = _play(world, given, say)
    finally:
        say("stopping")
        crew.stop()
        cluster.down()
    say(f"done; logs and journals stay in {settings.home}")
    print(json.dumps({"seed": given.seed, "minutes": given.minutes, **summary}), flush=True)
    return 1 if any(summary[name] for name in checker.ZEROES) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="which faults, when, on whom")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long faults are made")
    parser.add_argument("--faults", default="", help=f"some of: {', '.join(FAULTS)}")
    parser.add_argument("--each", action="store_true", help="each fault once, then end")
    parser.add_argument("--strikers", type=int, default=1, help="how many faults at once")
    parser.add_argument("--hasty", action="store_true", help="wait for no fault's recovery")
    parser.add_argument("--rate", type=float, default=4.0, help="intents a second")
    parser.add_argument("--ttl", type=float, default=TTL_S, help="seconds an intent lives")
    parser.add_argument("--overload", type=float, default=10.0, help="seconds of each overload")
    parser.add_argument("--workers", type=int, default=3, help="workers of each role")
    parser.add_argument("--home", type=Path, default=Path("/tmp/phigate-chaos"))  # noqa: S108 - a default to override
    parser.add_argument("--verbose", action="store_true", help="say who leaves and starts")
    given = parser.parse_args()
    given.home = given.home.absolute()
    given.faults = [name for name in given.faults.split(",") if name] or list(FAULTS)
    for name in given.faults:
        if name not in FAULTS:
            parser.error(f"there is no fault {name}")
    return given


def _play(world: World, given: argparse.Namespace, say: Say) -> dict[str, Any]:
    home = world.settings.home
    watch = Watch(world.settings, Journal(home / "seen.jsonl"))
    people = People(world.settings, Journal(home / "decided.jsonl"))
    journal = Journal(home / "proposed.jsonl")
    traffic = Traffic(world.settings, journal, given.rate, given.seed, given.ttl)
    traffic.sent = watch.sent
    world.burst, world.overload_s = traffic.burst, given.overload
    watch.start()
    people.start()
    traffic.start()
    time.sleep(WARM_S)
    plan = Plan(given.faults, given.minutes, given.each, given.hasty, given.strikers, given.seed)
    assault = Assault(world, watch, plan, say)
    assault.run()
    traffic.stop()
    say(f"{traffic.acked} intents; waiting until all have ended")
    calm(world)
    _wait_quiet(world, watch, say)
    people.stop()
    watch.stop()
    say("stopping the workers, each within its bound")
    world.crew.stop()
    say("reading the history")
    summary = _judge(world, traffic.planted, say)
    took_s = watch.recoveries()
    return {
        "intents": traffic.acked,
        "decisions": people.acked,
        "faults": dict(assault.struck),
        **summary,
        "unrecovered": sum(1 for probe in watch.probes if probe.open),
        "drain_s_max": round(world.shared.drained_s, 1),
        "rss_mb_max": {role: round(mb) for role, mb in sorted(world.crew.rss_mb.items())},
        "recovery_s": {
            "p50": round(statistics.median(took_s), 1) if took_s else None,
            "max": round(took_s[-1], 1) if took_s else None,
        },
    }


def _wait_quiet(world: World, watch: Watch, say: Say) -> None:
    end_s = time.monotonic() + QUIET_S
    while watch.unended and time.monotonic() < end_s:
        time.sleep(0.5)
    while not collect.audited(world.settings) and time.monotonic() < end_s:
        time.sleep(1.0)
    say(f"quiet; {watch.unended} without an end")


def _judge(world: World, planted: list[str], say: Say) -> dict[str, Any]:
    """Let the history be judged by the version that wrote its end."""
    home = world.settings.home
    (home / "planted").write_text("\n".join(planted))
    where = world.shared.next_version or ROOT
    path = os.pathsep.join([str(where), str(ROOT)])
    command = [sys.executable, "-m", "tests.chaos.rig.judge", str(home)]
    environment = {**os.environ, "PYTHONPATH": path}
    judged = subprocess.run(command, cwd=where, env=environment, stdout=subprocess.PIPE, check=True)
    summary: dict[str, Any] = json.loads(judged.stdout)
    for line in summary.pop("shown"):
        say(line)
    return summary


def _silent(_: str) -> None:
    """Say nothing."""


if __name__ == "__main__":
    sys.exit(main())
