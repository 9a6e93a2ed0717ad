"""What one agent may ask of the gate in a minute: intents, bytes, and masking's time.

Each admit worker counts for itself. A bucket holds a minute's worth and fills as the minute goes,
so a burst passes and a flood does not. What is over it is refused before it is masked. The first of
a minute is told to the agent, by a verdict under that intent's id; the others open no case, and the
log has their number: an agent that sends them again later is as welcome as before.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from streams.errors import RefusedError
from streams.settings import Settings
from streams.worker.lanes import Lanes

MINUTE_S = 60.0
CHARGED_MAX = 4_096  # inputs that may be tried again while keys are away


class OverBudgetError(RefusedError):
    """An agent asks for more than its share; `told` where this one answers it."""

    code = "over_budget"

    def __init__(self, *, told: bool) -> None:
        super().__init__("this agent asks for more than its share: wait, then ask again")
        self.told = told


@dataclass(slots=True)
class _Bucket:
    """What is left of one minute's worth."""

    most: int
    left: float
    at_s: float

    def take(self, wanted: int, now_s: float) -> bool:
        """Take so many where there are as many; none of a bucket without a limit."""
        if not self.most:
            return True
        filled = self.left + (now_s - self.at_s) * self.most / MINUTE_S
        self.left, self.at_s = min(float(self.most), filled), now_s
        if self.left < min(wanted, self.most):
            return False
        self.left -= wanted
        return True


class Budgets:
    """The budgets of all agents; zero is no limit."""

    def __init__(
        self, settings: Settings, lanes: Lanes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._lanes = lanes
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._told_s: dict[str, float] = {}
        self._charged: OrderedDict[tuple[object, int], None] = OrderedDict()

    def charge(self, agent: str, place: tuple[object, int], bytes_total: int) -> None:
        """Charge an input, once however often it is tried. Raises OverBudgetError."""
        self.check(agent)
        if place in self._charged:
            return
        limits = (
            ("intents", self._settings.agent_intents_per_minute, 1),
            ("bytes", self._settings.agent_bytes_per_minute, bytes_total),
        )
        for what, most, wanted in limits:
            if not self._bucket(agent, what, most).take(wanted, self._clock()):
                raise self._over(agent)
        self._charged[place] = None
        if len(self._charged) > CHARGED_MAX:
            self._charged.popitem(last=False)

    def check(self, agent: str) -> None:
        """Raise OverBudgetError where the agent has had its share of masking's time."""
        most = self._settings.agent_masking_ms_per_minute
        if most and self._lanes.load_ms(agent) > most:
            raise self._over(agent)

    def _bucket(self, agent: str, what: str, most: int) -> _Bucket:
        now_s = self._clock()
        return self._buckets.setdefault((agent, what), _Bucket(most, float(most), now_s))

    def _over(self, agent: str) -> OverBudgetError:
        now_s = self._clock()
        told = now_s - self._told_s.get(agent, now_s - MINUTE_S) >= MINUTE_S
        if told:
            self._told_s[agent] = now_s
        return OverBudgetError(told=told)
