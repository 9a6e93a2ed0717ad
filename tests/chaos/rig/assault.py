"""Who strikes: some strikers at once, each with a bag of all faults and dice of its own.

Each kind of fault is struck as often as any other, but for what only one may do at a time (two of
three brokers down are an outage, not a fault): that is put off while another striker is at it, and
where nothing else is left, a new bag is begun meanwhile.
"""

import random  # noqa: TID251 - a seed that reproduces a run
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock, Thread

from tests.chaos.rig.faults import NotDone, World, strike
from tests.chaos.rig.watch import Watch

RECOVER_S = 60.0
OVERLAP = 0.25  # how often the next fault does not wait for the last one's recovery
PAUSE_S = (0.5, 3.0)
BUSY_S = 0.1
ALONE = {
    "brokers": ("kill_broker", "kill_controller", "kill_leader", "roll_brokers"),
    "workers": ("roll_workers", "policy", "upgrade"),
}


@dataclass(frozen=True)
class Plan:
    """What is struck: until `minutes` are over, or `each` once. `hasty` waits for no recovery."""

    faults: list[str]
    minutes: float
    each: bool
    hasty: bool
    strikers: int
    seed: int


@dataclass
class Assault:
    """All strikers; `struck` counts what they did."""

    world: World
    watch: Watch
    plan: Plan
    say: Callable[[str], None]
    struck: Counter[str] = field(default_factory=Counter)
    _alone: dict[str, Lock] = field(init=False)

    def __post_init__(self) -> None:
        locks = {name: Lock() for name in ALONE}
        self._alone = {fault: locks[name] for name, faults in ALONE.items() for fault in faults}

    def run(self) -> None:
        """Strike until it is over and every fault has ended."""
        end_s = time.monotonic() + 60 * self.plan.minutes
        threads = [
            Thread(target=self._strikes, args=(number, end_s), name=f"striker-{number}")
            for number in range(self.plan.strikers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _strikes(self, number: int, end_s: float) -> None:
        dice = random.Random(f"{self.plan.seed} {number}")  # noqa: S311 - a seed reproduces a run
        world = replace(self.world, dice=dice)
        bag = self._fill(dice, [])
        while bag and (self.plan.each or time.monotonic() < end_s):
            self._next(world, bag)
            if not self.plan.each and self._alone.keys() >= set(bag):
                bag = self._fill(dice, bag)

    def _fill(self, dice: random.Random, left: list[str]) -> list[str]:
        """Return a bag of what is left and, behind it, all other faults in some order."""
        more = [name for name in self.plan.faults if name not in left]
        dice.shuffle(more)
        return left + more

    def _next(self, world: World, bag: list[str]) -> None:
        """Strike the first fault of the bag, or put it last while another striker has its lock."""
        name = bag.pop(0)
        lock = self._alone.get(name)
        if lock and not lock.acquire(blocking=False):
            bag.append(name)
            time.sleep(BUSY_S)
            return
        try:
            if not self._one(world, name) and self.plan.each and not self.struck[name]:
                bag.append(name)
        finally:
            if lock:
                lock.release()
        time.sleep(world.between(PAUSE_S))

    def _one(self, world: World, name: str) -> bool:
        probe = self.watch.probe()
        try:
            hit = strike(world, name)
        except NotDone as why:
            self.say(f"{name}: not done: {why}")
            return False
        self.struck[name] += 1
        overlap = self.plan.hasty or world.dice.random() < OVERLAP
        limit_s = time.monotonic() + (0.0 if overlap else RECOVER_S)
        while probe.open and time.monotonic() < limit_s:
            time.sleep(0.1)
        told = "overlaps" if overlap else f"recovered in {probe.took_s or -1:.1f} s"
        self.say(f"{name}: {hit}; {told}; {self.watch.unended} open")
        return True
