"""An executor, as `executor/conduct.py` and `loop.py` are: the same steps by number.

    4 in time   6 the ledger counts one further, the grant is noted; fence: the group's position is
    committed with a mark of the grant; and the last look: no order stands against it
    7 ledger: started   8 run   9 ledger: done   10 report delivered, noted   11 position committed

A ledger belongs to a machine, and knows the marks that it left. When a partition comes, all is read
that speaks of a grant beside it: the group's marks, what stands before its position, and the notes.
A grant under a key that is not known here yet waits; the position stays before it.
"""

import zlib
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from streams.events import Grant, GrantStatement, OutcomeAdmitted, Status
from streams.executor.parked import Parked
from streams.signing import GRANT, open_envelope
from streams.testing.broker import Commit, ConsumerGroup, at
from streams.testing.form import Exact, Form
from streams.testing.hosts import Piece, PlayedReader, World
from streams.testing.orders import PlayedOrders
from streams.worker.record import Place, Record

BEGUN, WITHDRAWN, OVER = "begun", "withdrawn", "over"


@dataclass
class PlayedLedger:
    """What one machine knows of grants: begun where there is no status yet.

    `generations` holds how far each opening of it has counted.
    """

    name: str
    rows: dict[str, Status | None] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "PlayedLedger":
        """Return it as it is now."""
        return PlayedLedger(self.name, dict(self.rows), dict(self.generations))

    def knows(self, mark: str) -> bool:
        """Tell whether it left the mark, and has forgotten nothing since."""
        _, generation, number = mark.split()
        return int(number) <= self.generations.get(generation, 0)


@dataclass
class PlayedEffect:
    """What the handlers really did, seen from outside: how often, and when, for each grant.

    `looked` is how much had been written when the executor looked for orders against it; `drawn`
    how many openings of ledgers there were.
    """

    runs: Counter[str] = field(default_factory=Counter)
    at_ms: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    drawn: int = 0


class ExecutorHost:
    """One executor process of a class."""

    def __init__(
        self,
        world: World,
        executor: str,
        group: ConsumerGroup,
        ledger: PlayedLedger,
        effected: PlayedEffect,
    ) -> None:
        self._world = world
        self.executor = executor
        self._topic = f"approved.{executor}"
        self._notes = f"begun.{executor}"
        self._group = group
        self._ledger = ledger
        self._effected = effected
        self._orders = PlayedOrders(world)
        self.reader = PlayedReader(world.broker)
        self._joined: dict[Place, int] = {}
        self._marks: dict[Place, list[str]] = {}
        self._begun: dict[str, list[str]] = {}
        self._passed: set[str] = set()
        self._parked: Parked[Record] = Parked()
        self._keys = len(world.rotated)
        self._generation = self.opened()

    def opened(self) -> str:
        """Open the ledger; return the generation that it draws."""
        self._effected.drawn += 1
        generation = f"{self._ledger.name}/{self._effected.drawn}"
        self._ledger.generations[generation] = 0
        return generation

    def hold(self, partitions: Iterable[int]) -> None:
        """Join; read where the group stands, and what was begun there."""
        self._joined.clear()
        self._marks.clear()
        self._begun.clear()
        self._parked.clear()
        self.reader.cursors = {}
        for partition in partitions:
            place = at(self._topic, partition)
            self._joined[place] = self._group.join(place)
            commit = self._group.commits.get(place, Commit(0))
            self._marks[place] = [mark for mark in commit.mark.split(";") if mark]
            self.reader.cursors[place] = commit.offset
            self._passed |= self._read_back(place, commit.offset)
            self._read_notes(partition)

    def piece(self, partition: int) -> Piece | None:
        """Return the work of the next grant, of one that waited first."""
        place = at(self._topic, partition)
        for record in self._parked.due(0, changed=True):
            if record.place == place and self.readable(record):
                return self._take(record)
        return self._fetched(place) if self.reader.waiting(place) else None

    def deliver(self, _: int) -> None:
        """Queue nothing: every report is awaited. The gate's published keys are read again."""
        self._keys = len(self._world.rotated)

    def readable(self, record: Record) -> bool:
        """Tell whether the key is known here that signed the grant.

        Workers take a new key one after the other: every second intent is still under the old one.
        """
        number = self._world.broker.logs[record.place][record.offset].at
        newest = sum(each <= number for each in self._world.rotated)
        return newest - zlib.crc32(record.key) % 2 <= self._keys

    def _fetched(self, place: Place) -> Piece | None:
        offset = self.reader.cursors[place]
        record = self.reader.fetch(place)
        if self.readable(record):
            return self._take(record)
        if not self._parked.add((place.partition, offset), record, 0):
            self.reader.cursors[place] = offset  # so many wait that the partition does
            return None
        return iter((2,))

    def _take(self, record: Record) -> Piece:
        grant = self._world.form.read(record.value, Grant)
        name = grant.grant_id
        if name not in self._ledger.rows and name in self._passed:
            self._done(record, name)
            yield 11
            return
        status = self._ledger.rows.get(name)
        if status is None:
            statement = statement_of(grant, self._world.form)
            fenced = yield from self._first(record, statement)
            if fenced:
                return
            status = self._ledger.rows[name]
        self._world.send("outcomes", record.key, self._report(name, status))
        yield 10
        self._note(record, OVER, self._mark(name))
        yield 10
        self._done(record, name)
        yield 11

    def _first(self, record: Record, statement: GrantStatement) -> Generator[int, None, bool]:
        """Run a grant that has no outcome here, if it may be run; True where fenced."""
        name, rows = statement.grant_id, self._ledger.rows
        begun = name in rows or self._begun_elsewhere(record.place, name)
        if self._world.clock.now_ms >= statement.expires_at_ms:
            rows[name] = Status.UNKNOWN if begun else Status.FAILED
            yield 9
            return False
        if begun:
            rows[name] = Status.UNKNOWN
            yield 9
            return False
        fenced = yield from self._fence(record, name)
        if fenced:
            return True
        if self.stopped(statement):
            rows[name] = Status.FAILED
            yield 9
            return False
        rows[name] = None
        yield 7
        if self._world.clock.now_ms >= statement.expires_at_ms:
            rows[name] = Status.FAILED
            yield 9
            return False
        self._effected.runs[name] += 1
        self._effected.at_ms[name] = self._world.clock.now_ms
        yield 8
        rows[name] = Status.OK
        yield 9
        return False

    # ------------------------------------------------------------ what speaks beside the ledger

    def _fence(self, record: Record, name: str) -> Generator[int, None, bool]:
        """Note it, then commit the position as it is, with the mark; True where fenced."""
        self._ledger.generations[self._generation] += 1
        mark = self._mark(name)
        self._note(record, BEGUN, mark)
        yield 6
        marks = [*self._others(record.place, name), mark]
        if not self._commit(record, record.offset, marks):
            self._note(record, WITHDRAWN, mark)
            self.reader.cursors[record.place] = record.offset
            return True
        yield 6
        return False

    def _read_back(self, place: Place, end: int) -> set[str]:
        log = self._world.broker.logs[place]
        return {self._world.form.read(entry.value, Grant).grant_id for entry in log[:end]}

    def _read_notes(self, partition: int) -> None:
        for entry in self._world.broker.logs[at(self._notes, partition)]:
            stage, _, mark = entry.value.decode().partition(" ")
            name = mark.split()[0]
            if stage == BEGUN:
                self._begun.setdefault(name, []).append(mark)
            elif stage == WITHDRAWN:
                self._begun[name].remove(mark)
            else:
                self._passed.add(name)

    def _note(self, record: Record, stage: str, mark: str) -> None:
        place = at(self._notes, record.place.partition)
        self._world.broker.append(place, record.key, f"{stage} {mark}".encode())

    def stopped(self, statement: GrantStatement) -> bool:
        """Take the last look: whether an order stands against the grant."""
        self._effected.looked[statement.grant_id] = self._world.broker.appends
        return self._orders.stopped(statement)

    def _begun_elsewhere(self, place: Place, name: str) -> bool:
        marks = [mark for mark in self._marks.get(place, ()) if mark.split()[0] == name]
        return not all(map(self._ledger.knows, [*marks, *self._begun.get(name, ())]))

    def _mark(self, name: str) -> str:
        return f"{name} {self._generation} {self._ledger.generations[self._generation]}"

    def _others(self, place: Place, name: str) -> list[str]:
        return [mark for mark in self._marks.get(place, ()) if mark.split()[0] != name]

    def _done(self, record: Record, name: str) -> None:
        self._parked.done((record.place.partition, record.offset))
        self._commit(record, record.offset + 1, self._others(record.place, name))

    def _commit(self, record: Record, offset: int, marks: list[str]) -> bool:
        """Commit a position that passes over nothing that waits."""
        self._marks[record.place] = marks
        commit = Commit(self._parked.before(record.place.partition, offset), ";".join(marks))
        return self._group.commit(record.place, self._joined.get(record.place, 0), commit)

    def _report(self, grant_id: str, status: Status | None) -> bytes:
        body = OutcomeAdmitted(
            grant_id=grant_id,
            executor=self.executor,
            status=status or Status.UNKNOWN,
            message="",
            result_digest="",
            finished_at_ms=self._world.clock.now_ms,
            envelope=b"",
        )
        return self._world.inputs.write(body)


def statement_of(grant: Grant, form: Form) -> GrantStatement:
    """Return what a grant says; in the exact form, only if the gate signed it."""
    payload = grant.envelope
    if isinstance(form, Exact):
        _, payload = open_envelope(payload, GRANT, [form.gate_key.public])
    return GrantStatement.model_validate_json(payload)
