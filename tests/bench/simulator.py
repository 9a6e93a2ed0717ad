"""How fast the simulator explores, on one core.

`.venv/bin/python tests/bench/simulator.py [SECONDS]`, from the root of the checkout.

`handled` are records that a worker took and carried through its numbered effects (admit, fold,
audit, executor); `events` are entries of the log, each folded by the fold, the audit and the oracle
at least. CPU time of this process is measured, not the wall's, and the check of each history is
part of it. A history that is over leaves no circle of references (`tests/testing` says so): the
collector would look for them in vain, and is off.
"""

import gc
import json
import sys
import time

from streams.testing import Plan, explore


def main(seconds: float) -> None:
    """Explore seed after seed; print one line of JSON."""
    gc.disable()
    begun = time.process_time()
    seeds = events = handled = faults = findings = 0
    while (used := time.process_time() - begun) < seconds:
        report = explore(Plan(seed=seeds))
        seeds += 1
        events += report.events
        handled += report.handled
        faults += report.faults.total()
        findings += len(report.findings)
    per_minute = 60 / used
    print(
        json.dumps(
            {
                "cpu_s": round(used, 1),
                "seeds": seeds,
                "faults": faults,
                "findings": findings,
                "handled_a_minute": round(handled * per_minute),
                "events_a_minute": round(events * per_minute),
            }
        )
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
