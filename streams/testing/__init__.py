"""The public simulator: the whole gate on an in-memory log, with a hand-moved clock.

    from streams.testing import Gate, Plan, explore, route

    gate = Gate()                               # a story: you say what happens, and when
    intent = gate.propose(route("privacy"))
    gate.settle()
    gate.crash("fold", after=4)                 # between two numbered effects
    gate.check()                                # raises `Broken` where an invariant does not hold

    assert not explore(Plan(seed=7)).findings   # or a seed says: the same history every time

The fold, its projections, the rows, the positions, the audit's tree and the program of fold and
audit (`worker/logprogram.py`) are the product's own; here its effects are performed in memory.
`worker/admit.py`, `worker/faust/table.py` and `executor/conduct.py` are played by generators. Each
yields the number of every effect it has done, so that a run may stop between any two. What
admission makes of an input is the story's to say: no masking, no policy.

    broker.py    partitions, clock, groups        form.py      bytes: the product's, or by reference
    hosts.py     what all workers share           table.py     rows, disks, changelogs
    loghost.py   fold and audit                   admithost.py admit     executor.py  executors
    crew.py      who owns what; zombies           gate.py      all of it together
    bodies.py    valid messages                   views.py     what readers see
    oracle.py    what the log alone says          evidence.py  I1 by brute force
    checker.py   both compared                    explore.py   random histories from a seed
    start.py     which hosts a run is made of

What it does not show: Kafka, Faust, librdkafka and the disk themselves. The tests on a real broker
and `deploy/chaos` do.
"""

from streams.testing.bodies import route
from streams.testing.checker import findings
from streams.testing.explore import FAULTS, Explored, Plan, explore
from streams.testing.finding import BrokenInvariant, Violation
from streams.testing.form import Exact, Shortcut
from streams.testing.gate import Gate
from streams.testing.start import Hosts

__all__ = [
    "FAULTS",
    "BrokenInvariant",
    "Exact",
    "Explored",
    "Gate",
    "Hosts",
    "Plan",
    "Shortcut",
    "Violation",
    "explore",
    "findings",
    "route",
]
