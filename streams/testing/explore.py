"""Random histories from a seed: agents and people at work, faults between them, then a check.

    report = explore(Plan(seed=7))
    assert not report.findings, report

A seed gives the same history again, event by event: all chance comes from it, and no clock, hash
order or thread is asked. `Plan.faults` names what may happen; each has a method here of that name.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from streams.events import Answer, Effect, Kind
from streams.testing.bodies import HOUR_MS, route
from streams.testing.checker import findings
from streams.testing.crew import Crew, Zombie, exhaust, until
from streams.testing.finding import Violation
from streams.testing.form import Exact
from streams.testing.gate import ALL, Gate
from streams.testing.hosts import CASES, INPUTS, Piece
from streams.testing.loghost import LogHost
from streams.testing.start import Hosts
from streams.worker.record import Place

FAULTS = (
    "crash",
    "freeze",
    "wake",
    "restart",
    "rebalance",
    "lose_disk",
    "lose_offsets",
    "lose_ledger",
    "restore_ledger",
    "rotate",
    "rewind",
    "skip",
    "repeat",
    "garbage",
    "reorder",
    "jump",
)

PEOPLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("petra", ("privacy",)),
    ("paul", ("privacy",)),
    ("anna", ("privacy", "it")),
    ("ian", ("it",)),
    ("eve", ("billing",)),  # in no group that is ever asked
    ("rita", ("privacy", "it")),  # on whose behalf every intent is
    ("olga", ("it",)),  # the agent's owner
)

RULINGS: tuple[tuple[Effect, tuple[Any, ...]], ...] = (
    (Effect.PERMIT, ()),
    (Effect.FORBID, ()),
    (Effect.REVIEW, (route("privacy"),)),
    (Effect.REVIEW, (route("privacy", 2),)),
    (Effect.REVIEW, (route("privacy"), route("it"))),
    (Effect.REVIEW, (route("it", within_ms=20_000),)),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One history. `fault_rate` is the share of turns that are faults; sizes are counts."""

    seed: int
    intents: int = 60
    partitions: int = 3
    workers: int = 3
    machines: int = 1
    fault_rate: float = 0.15
    burst_max: int = 12
    exact: bool = False
    faults: tuple[str, ...] = FAULTS
    hosts: Hosts = field(default_factory=Hosts)


@dataclass
class Explored:
    """What came of it. `events` are entries of the log, `handled` records that a host took."""

    seed: int
    events: int = 0
    handled: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    findings: list[Violation] = field(default_factory=list)


def explore(plan: Plan) -> Explored:
    """Play one history to its end and check it."""
    return Explorer(plan).run()


class Explorer:
    """Plays one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.gate = Gate(
            seed=plan.seed,
            partitions=plan.partitions,
            workers=plan.workers,
            machines=plan.machines,
            form=Exact() if plan.exact else None,
            hosts=plan.hosts,
        )
        self.chance = self.gate.chance
        self.report = Explored(plan.seed)
        self._crews: list[tuple[str, Crew[Any]]] = list(self.gate.crews().items())
        self._zombies: list[Zombie[Any]] = []
        self._held: list[Piece] = []
        self._sent: list[str] = []

    def run(self) -> Explored:
        """Play until all intents are sent and as many turns more; then heal, settle and check."""
        quiet = 0
        while len(self._sent) < self.plan.intents or quiet < self.plan.intents:
            quiet += len(self._sent) >= self.plan.intents
            self.turn()
        self.heal()
        gate = self.gate
        self.report.events = sum(
            gate.broker.end(Place(CASES, p)) for p in range(self.plan.partitions)
        )
        self.report.handled = gate.broker.fetches
        self.report.findings = findings(gate)
        return self.report

    def turn(self) -> None:
        """Let one thing happen."""
        if self.plan.faults and self.chance.random() < self.plan.fault_rate:
            name = self.chance.choice(self.plan.faults)
            self.report.faults[name] += 1
            getattr(self, f"_{name}")()
            return
        self.gate.clock.forward(self.chance.randrange(400))
        what = self.chance.random()
        if what < 0.1 and len(self._sent) < self.plan.intents:  # noqa: PLR2004 - shares of turns
            self._propose()
        elif what < 0.3:  # noqa: PLR2004 - a share of the dice
            self._decide()
        elif what < 0.32:  # noqa: PLR2004 - a share of the dice
            self.gate.expire()
        elif what < 0.33:  # noqa: PLR2004 - a share of the dice
            self._order()
        else:
            self._work(*self.chance.choice(self._crews))

    def heal(self) -> None:
        """End all faults, let all time pass, and everybody work until nothing is left to do."""
        while self._zombies:
            self._wake()
        for piece in self._held:
            exhaust(piece)
        for _ in range(3):
            for _, crew in self._crews:
                for slot in crew.down():
                    crew.restart(slot)
                crew.rebalance()
            self.gate.settle()
            self.gate.clock.forward(25 * HOUR_MS)
            self.gate.expire()
        self.gate.settle()

    # ------------------------------------------------------------ the usual

    def _propose(self) -> None:
        for _ in range(self.chance.randrange(1, self.plan.burst_max)):
            dice = self.chance.random()
            if dice < 0.05:  # noqa: PLR2004 - a share of the dice
                self._sent.append(self.gate.refuse())
                continue
            # sometimes somebody was first under the id, and nobody knows who
            taken = self.gate.refuse(answerable=False) if dice > 0.97 else ""  # noqa: PLR2004 - a share of the dice
            effect, routes = self.chance.choice(RULINGS)
            self._sent.append(self.gate.propose(*routes, effect=effect, intent_id=taken))

    def _decide(self) -> None:
        for _ in range(self.chance.randrange(1, self.plan.burst_max)):
            if not self._sent:
                return
            intent_id = self.chance.choice(self._sent[-3 * self.plan.burst_max :])
            person, groups = self.chance.choice(PEOPLE)
            dice = self.chance.random()
            answer = Answer.DENY if dice < 0.1 else Answer.APPROVE  # noqa: PLR2004 - a share of the dice
            forged = {"action_digest": "forged"} if dice > 0.95 else {}  # noqa: PLR2004 - a share of the dice
            self.gate.decide(intent_id, person, *groups, answer=answer, **forged)

    def _order(self) -> None:
        """Let an officer revoke or halt, or an agent cancel, sometimes what is not its own."""
        if not self._sent:
            return
        intent_id = self.chance.choice(self._sent[-3 * self.plan.burst_max :])
        what = self.chance.randrange(5)
        if what < 2:  # noqa: PLR2004 - a share of the dice
            self.gate.revoke(intent_id)
        elif what == 2:  # noqa: PLR2004 - a share of the dice
            self.gate.cancel(intent_id, self.chance.choice(("bot", "other-bot")))
        else:
            (self.gate.halt if what == 3 else self.gate.resume)()  # noqa: PLR2004 - a share of the dice

    def _work(self, role: str, crew: Crew[Any]) -> None:
        partition = self._partition()
        host = crew.owner(partition)
        if host is None:
            return
        for _ in range(self.chance.randrange(1, 2 * self.plan.burst_max)):
            self._size(host)
            piece = host.piece(partition)
            if piece is None:
                break
            exhaust(piece)
        if role != "executor" or self.chance.random() < 0.2:  # noqa: PLR2004 - a share of the dice
            host.deliver(self.chance.randrange(2 * self.plan.burst_max))

    # ------------------------------------------------------------ faults, by name

    def _crash(self) -> None:
        """Kill a process after some effect of some record; some of its queue is lost."""
        _, crew, slot, _, _ = self._stopped()
        if slot is not None:
            crew.crash(slot, self.chance.choice((0, 1, 3, ALL)))
            if self.chance.random() < 0.5:  # noqa: PLR2004 - a share of the dice
                crew.restart(slot)

    def _freeze(self) -> None:
        """Pause a process there, past its session."""
        _, crew, slot, partition, piece = self._stopped()
        if slot is not None:
            self._zombies.append(crew.freeze(slot, partition, piece))

    def _wake(self) -> None:
        """Wake a paused process; it does a little before it finds out."""
        if self._zombies:
            zombie = self._zombies.pop(self.chance.randrange(len(self._zombies)))
            zombie.wake(self.chance.choice((0, 0, 1, 5)))

    def _restart(self) -> None:
        """Start a process where none runs."""
        _, crew = self.chance.choice(self._crews)
        paused = {z.slot for z in self._zombies if z.crew is crew}
        for slot in crew.down():
            if slot not in paused:
                crew.restart(slot)

    def _rebalance(self) -> None:
        """Move partitions between living processes."""
        self.chance.choice(self._crews)[1].rebalance()

    def _lose_disk(self) -> None:
        """Lose a machine's local state."""
        role = self.chance.choice(("fold", "audit"))
        slot = self.chance.randrange(self.plan.workers)
        if slot in self.gate.crews()[role].hosts:
            self.gate.lose_disk(role, slot)

    def _lose_offsets(self) -> None:
        """Lose where the executors' group stands."""
        self.gate.lose_offsets()

    def _lose_ledger(self) -> None:
        """Lose an executor's ledger."""
        self.gate.lose_ledger(self.chance.randrange(self.plan.machines))

    def _restore_ledger(self) -> None:
        """Copy an executor's ledger, or put the copy back."""
        self.gate.restore_ledger(self.chance.randrange(self.plan.machines))

    def _rotate(self) -> None:
        """Sign with another key, which executors learn later."""
        self.gate.rotate()

    def _rewind(self) -> None:
        """Deliver records again, from any offset."""
        for cursors, place in self._cursor():
            cursors[place] = self.chance.randrange(cursors[place] + 1)

    def _skip(self) -> None:
        """Pass records over, as a rebalance of Faust does (rule 20)."""
        for cursors, place in self._cursor():
            if place.topic == CASES or place.topic in INPUTS:
                end = self.gate.broker.end(place)
                cursors[place] = self.chance.randrange(cursors[place], end + 1)

    def _repeat(self) -> None:
        """Send an intent again under its id, sometimes with another content."""
        if self._sent:
            intent_id = self.chance.choice(self._sent)
            other = {"content_mac": "other"} if self.chance.random() < 0.3 else {}  # noqa: PLR2004 - a share of the dice
            effect, routes = self.chance.choice(RULINGS)
            self.gate.propose(*routes, effect=effect, intent_id=intent_id, **other)

    def _garbage(self) -> None:
        """Put into the log what nobody should: no event, a foreign key, a refused input."""
        if not self._sent:
            return
        key = self.chance.choice(self._sent).encode()
        what = self.chance.randrange(3)
        if what == 0:
            self.gate.world.send(CASES, key, b"\x00garbage")
        elif what == 1:
            log = self.gate.broker.logs[Place(CASES, self._partition())]
            if log:
                self.gate.world.send(CASES, key, self.chance.choice(log).value)
        else:
            kind = self.chance.choice((Kind.DECISION, Kind.INTENT))
            self.gate.refuse(key.decode(), kind=kind)
            for _ in range(self.chance.randrange(self.plan.burst_max)):  # a flood of junk
                self.gate.refuse(answerable=False)

    def _reorder(self) -> None:
        """Let one admit have several inputs in flight, and finish them in any order."""
        partition = self._partition()
        host = self.gate.admit.owner(partition)
        if host is None:
            return
        started: list[Piece] = []
        for _ in range(self.chance.randrange(2, self.plan.burst_max)):
            piece = host.piece(partition)
            if piece is None:
                break
            until(piece, self.chance.randrange(1, 4))
            started.append(piece)
        self.chance.shuffle(started)
        for piece in started:
            if self.chance.random() < 0.9:  # noqa: PLR2004 - a share of the dice
                exhaust(piece)
            else:
                self._held.append(piece)

    def _jump(self) -> None:
        """Let much time pass at once."""
        self.gate.clock.forward(self.chance.choice((30_000, HOUR_MS, 2 * HOUR_MS)))

    # ------------------------------------------------------------ parts

    def _partition(self) -> int:
        return self.chance.randrange(self.plan.partitions)

    def _size(self, host: Any) -> None:
        """Let a fold or audit take one record, or several at once."""
        if isinstance(host, LogHost):
            host.batch_max = self.chance.choice((1, 2, 5, self.plan.burst_max))

    def _stopped(self) -> tuple[str, Crew[Any], int | None, int, Piece | None]:
        """Let some owner do part of its next record; return who, where, and what is left."""
        role, crew = self.chance.choice(self._crews)
        partition = self._partition()
        slot = crew.owners.get(partition)
        if slot is None:
            return role, crew, None, partition, None
        host = crew.hosts[slot]
        self._size(host)
        if isinstance(host, LogHost):
            host.shuffle = self.chance.shuffle
        piece = host.piece(partition)
        if piece is not None:
            effect = self.chance.randrange(6, 12) if role == "executor" else None
            until(piece, effect or self.chance.randrange(1, 8), self.chance.randrange(1, 4))
        if isinstance(host, LogHost):
            host.shuffle = None
        return role, crew, slot, partition, piece

    def _cursor(self) -> list[tuple[dict[Place, int], Place]]:
        _, crew = self.chance.choice(self._crews)
        host = crew.owner(self._partition())
        if host is None or not host.reader.cursors:
            return []
        places = sorted(host.reader.cursors)
        return [(host.reader.cursors, self.chance.choice(places))]
