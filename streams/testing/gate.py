"""The whole gate in memory: agents, people, workers and executors around one log.

    gate = Gate()
    intent = gate.propose(route("privacy"))
    gate.settle()
    gate.decide(intent, "petra", "privacy")
    gate.settle()
    assert gate.verdict(intent).state is State.GRANTED
    gate.check()

Nothing happens by itself: `settle` lets everybody work, `clock.forward` lets time pass, `crash` and
`freeze` break things between two numbered effects. `check` compares all that came of it with the
oracle's fold of the log, and raises `Broken` where an invariant does not hold.
"""

from random import Random  # noqa: TID251 - a run's seed must give the same run again
from typing import TYPE_CHECKING, Any

from streams.control.scope import Scope
from streams.events import Answer, ControlKind, Effect, Grant, Message, Request, Route, Verdict
from streams.testing import bodies
from streams.testing.broker import Broker, Clock
from streams.testing.crew import Crew, Zombie, exhaust, until
from streams.testing.executor import PlayedEffect, PlayedLedger
from streams.testing.form import Form, Shortcut
from streams.testing.hosts import World
from streams.testing.start import Hosts, Start
from streams.testing.views import PlayedViews

if TYPE_CHECKING:
    from streams.testing.table import Disk

ALL = 1_000_000


class Gate:
    """One run. `workers` processes a role; `machines` ledgers for the executors of a class."""

    def __init__(  # noqa: PLR0913 - each a size of the run, by name
        self,
        *,
        seed: int = 0,
        partitions: int = 2,
        workers: int = 2,
        machines: int = 1,
        form: Form | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        self.chance = Random(seed)  # noqa: S311 - a run is to be repeated, not to be secret
        self.broker = Broker(partitions)
        self.clock = Clock()
        self.world = World(self.broker, self.clock, form or Shortcut(), Shortcut())
        self.views = PlayedViews(self.world)
        self.disks: dict[str, list[dict[int, Disk]]] = {
            role: [{} for _ in range(workers)] for role in ("fold", "audit")
        }
        self.effected = PlayedEffect()
        start = Start(hosts or Hosts(), self.world, self.disks, self.effected)
        self.admit = self._crew(start.admit, workers)
        self.fold = self._crew(start.fold, workers)
        self.audit = self._crew(start.audit, workers)
        self.executor = self._crew(start.executor, machines)
        self.ledgers = start.ledgers
        self._members = start.members
        self._copies: dict[int, PlayedLedger] = {}
        self._intents = 0

    # ------------------------------------------------------------ what people and agents do

    def propose(
        self, *routes: Route, effect: Effect = Effect.REVIEW, intent_id: str = "", **changes: Any
    ) -> str:
        """Send an intent that the policy will rule upon as said; return its id.

        The same `intent_id` again is the agent trying again.
        """
        if not intent_id:
            self._intents += 1
            intent_id = f"intent-{self._intents:07d}"
        body = bodies.intent(effect, routes, self.clock.now_ms, changes)
        self._send("intents", intent_id, body)
        return intent_id

    def refuse(self, intent_id: str = "", **changes: Any) -> str:
        """Send an input of which admit will make a refusal; return the intent id it claims."""
        if not intent_id:
            self._intents += 1
            intent_id = f"intent-{self._intents:07d}"
        self._send("intents", intent_id, bodies.refused(changes))
        return intent_id

    def decide(
        self,
        intent_id: str,
        person: str,
        *groups: str,
        answer: Answer = Answer.APPROVE,
        **changes: Any,
    ) -> None:
        """Let a person answer what the newest request shows; changed digests are a forger's."""
        request = self.request(intent_id)
        seen: dict[str, Any] = bodies.seen(request) if request else {}
        body = bodies.decision(person, groups, answer, {**seen, **changes}, self.clock.now_ms)
        self._send("decisions", intent_id, body)

    def revoke(self, intent_id: str) -> None:
        """Let an officer revoke an intent."""
        body = bodies.control(ControlKind.REVOKE, "sam", "", self.clock.now_ms)
        self._send("controls", intent_id, body)

    def cancel(self, intent_id: str, agent: str = "bot") -> None:
        """Let an agent cancel an intent, its own or another's."""
        body = bodies.control(ControlKind.CANCEL, agent, "", self.clock.now_ms)
        self._send("cancels", intent_id, body)

    def halt(self, scope: str = "all") -> None:
        """Let an officer halt a scope."""
        body = bodies.control(ControlKind.HALT, "sam", scope, self.clock.now_ms)
        self._send("controls", Scope.parse(scope).id, body)

    def resume(self, scope: str = "all") -> None:
        """Let an officer lift a halt."""
        self.clock.forward(1)  # of two at one time the halt would hold
        body = bodies.control(ControlKind.RESUME, "sam", scope, self.clock.now_ms)
        self._send("controls", Scope.parse(scope).id, body)

    def _send(self, topic: str, intent_id: str, body: Message) -> None:
        self.world.send(topic, intent_id.encode(), self.world.inputs.write(body))

    # ------------------------------------------------------------ what can be seen

    def request(self, intent_id: str) -> Request | None:
        """Return the newest request of an intent, by the log's position."""
        return self.views.newest("requests", intent_id, Request)

    def verdict(self, intent_id: str) -> Verdict | None:
        """Return the newest verdict."""
        return self.views.newest("verdicts", intent_id, Verdict)

    def grant(self, intent_id: str, executor: str = bodies.EXECUTOR) -> Grant | None:
        """Return the grant."""
        return self.views.newest(f"approved.{executor}", intent_id, Grant)

    def runs(self, intent_id: str) -> int:
        """Return how often a handler really ran for the intent's grant."""
        grant = self.grant(intent_id)
        return self.effected.runs[grant.grant_id] if grant else 0

    # ------------------------------------------------------------ work and faults

    def crews(self) -> dict[str, "Crew[Any]"]:
        """Return the roles."""
        return {
            "admit": self.admit,
            "fold": self.fold,
            "audit": self.audit,
            "executor": self.executor,
        }

    def settle(self) -> None:
        """Let everybody work until nothing is left to do."""
        while sum(self._work_off(crew) for crew in self.crews().values()):
            pass

    def expire(self) -> None:
        """Let every fold worker look at the clock."""
        for host in self.fold.hosts.values():
            host.expire()

    def crash(self, role: str, partition: int = 0, *, after: int, times: int = 1) -> None:
        """Kill a partition's owner once it has done effect `after` of its next record."""
        slot, _ = self._stop(role, partition, after, times)
        self.crews()[role].crash(slot)
        self.crews()[role].restart(slot)

    def freeze(self, role: str, partition: int = 0, *, after: int, times: int = 1) -> "Zombie[Any]":
        """Pause a partition's owner there, past its session; the others take over."""
        slot, piece = self._stop(role, partition, after, times)
        return self.crews()[role].freeze(slot, partition, piece)

    def lose_disk(self, role: str, slot: int) -> None:
        """Lose a machine's local state, and its process with it."""
        crew = self.crews()[role]
        self.disks[role][slot].clear()
        if slot in crew.hosts:
            crew.crash(slot)
            crew.restart(slot)

    def lose_offsets(self) -> None:
        """Lose where the executors' group stands, and all that stands beside it."""
        self._members.commits.clear()

    def lose_ledger(self, slot: int) -> None:
        """Lose a machine's ledger, and its process with it."""
        self._replace(slot, PlayedLedger(f"{self.ledgers[slot].name}+"))

    def restore_ledger(self, slot: int) -> None:
        """Put a machine's ledger back as it was copied, while its process stands still.

        Where there is no copy, make one.
        """
        copy = self._copies.pop(slot, None)
        if copy is None:
            self._copies[slot] = self.ledgers[slot].copy()
        self._replace(slot, copy or self.ledgers[slot])

    def rotate(self) -> None:
        """Sign grants with another key from now on; no process knows it yet."""
        self.world.rotated.append(self.broker.appends)

    def _replace(self, slot: int, ledger: PlayedLedger) -> None:
        if slot in self.executor.hosts:
            self.executor.crash(slot)
            self.ledgers[slot] = ledger
            self.executor.restart(slot)

    def _stop(self, role: str, partition: int, after: int, times: int) -> tuple[int, Any]:
        crew = self.crews()[role]
        piece = crew.hosts[crew.owners[partition]].piece(partition)
        if piece is not None:
            until(piece, after, times)
        return crew.owners[partition], piece

    def _work_off(self, crew: "Crew[Any]") -> bool:
        worked = False
        for partition in range(self.broker.partitions):
            host = crew.owner(partition)
            while host is not None and (piece := host.piece(partition)) is not None:
                exhaust(piece)
                worked = True
        for host in crew.hosts.values():
            host.deliver(ALL)
        return worked

    # ------------------------------------------------------------ parts

    def check(self) -> None:
        """Raise `Broken` where an invariant does not hold; call it when all is settled."""
        from streams.testing.checker import check  # noqa: PLC0415 - it reads gates

        check(self)

    def _crew(self, make: Any, size: int) -> "Crew[Any]":
        return Crew(make, size, self.broker.partitions, self.chance)
