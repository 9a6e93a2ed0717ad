"""Starting processes: which hosts a run is made of, and what each finds on its machine.

Nothing here knows the gate, so that a run which is over holds no circle of references: it is gone
at once, and no collector has to look for it.
"""

from dataclasses import dataclass, field

from streams.testing.admithost import AdmitHost
from streams.testing.bodies import EXECUTOR
from streams.testing.broker import ConsumerGroup
from streams.testing.executor import ExecutorHost, PlayedEffect, PlayedLedger
from streams.testing.hosts import World
from streams.testing.loghost import LogHost, PlayedAuditEffects
from streams.testing.table import Disk
from streams.worker.foldeffects import FoldEffects
from streams.worker.logprogram import Effects

Disks = dict[int, Disk]


@dataclass(frozen=True)
class Hosts:
    """Which hosts a run is made of: a test may put a broken one in."""

    admit: type[AdmitHost] = AdmitHost
    log: type[LogHost] = LogHost
    executor: type[ExecutorHost] = ExecutorHost


@dataclass
class Start:
    """What starts a process of each role on the machine of a slot."""

    hosts: Hosts
    world: World
    disks: dict[str, list[Disks]]
    effected: PlayedEffect
    ledgers: dict[int, PlayedLedger] = field(default_factory=dict)
    kept: ConsumerGroup = field(default_factory=ConsumerGroup)
    members: ConsumerGroup = field(default_factory=ConsumerGroup)

    def admit(self, _: int) -> AdmitHost:
        """Start an admit."""
        return self.hosts.admit(self.world, self.kept)

    def fold(self, slot: int) -> LogHost:
        """Start a fold."""
        return self._log("fold", FoldEffects("", self.world.form.shown), slot)

    def audit(self, slot: int) -> LogHost:
        """Start an audit."""
        return self._log("audit", PlayedAuditEffects(self.world), slot)

    def executor(self, slot: int) -> ExecutorHost:
        """Start an executor, with its machine's ledger."""
        ledger = self.ledgers.setdefault(slot, PlayedLedger(f"machine-{slot}"))
        return self.hosts.executor(self.world, EXECUTOR, self.members, ledger, self.effected)

    def _log(self, role: str, effects: Effects, slot: int) -> LogHost:
        return self.hosts.log(self.world, f"{role}-changelog", effects, self.disks[role][slot])
