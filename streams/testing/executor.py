"""An executor, as `executor/conduct.py` and `loop.py` are: the same steps by number.

    4 in time   6 fence: the group's position is committed with the grant's id, and the last look:
    no order stands against it   7 ledger: started
    8 run   9 ledger: done   10 report delivered   11 position committed

A ledger belongs to a machine. When a partition comes, what it holds before the group's position is
read back: a grant that stands there and is not in this ledger was another machine's.
"""

from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

from streams.events import Grant, GrantStatement, OutcomeAdmitted, Status
from streams.signing import GRANT, open_envelope
from streams.testing.broker import Commit, Group, at
from streams.testing.form import Exact, Form
from streams.testing.hosts import Piece, Reader, World
from streams.testing.orders import Orders
from streams.worker.record import Place, Record


@dataclass
class Ledger:
    """What one machine knows of grants: begun where there is no status yet."""

    name: str
    rows: dict[str, Status | None] = field(default_factory=dict)


@dataclass
class Effected:
    """What the handlers really did, seen from outside: how often, and when, for each grant.

    `looked` is how much had been written when the executor looked for orders against it.
    """

    runs: Counter[str] = field(default_factory=Counter)
    at_ms: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)


class ExecutorHost:
    """One executor process of a class."""

    def __init__(
        self, world: World, executor: str, group: Group, ledger: Ledger, effected: Effected
    ) -> None:
        self._world = world
        self.executor = executor
        self._topic = f"approved.{executor}"
        self._group = group
        self._ledger = ledger
        self._effected = effected
        self._orders = Orders(world)
        self.reader = Reader(world.broker)
        self._generations: dict[Place, int] = {}
        self._begun: dict[Place, str] = {}
        self._passed: set[str] = set()

    def hold(self, partitions: Iterable[int]) -> None:
        """Join; read where the group stands, and what it had begun there."""
        self._generations.clear()
        self._begun.clear()
        self.reader.cursors = {}
        for partition in partitions:
            place = at(self._topic, partition)
            self._generations[place] = self._group.join(place)
            commit = self._group.commits.get(place, Commit(0))
            self._begun[place] = commit.mark
            self.reader.cursors[place] = commit.offset
            self._passed |= self._read_back(place, commit.offset)

    def piece(self, partition: int) -> Piece | None:
        """Return the work of the next grant."""
        place = at(self._topic, partition)
        return self._take(place) if self.reader.waiting(place) else None

    def deliver(self, _: int) -> None:
        """Queue nothing: every report is awaited."""

    def _take(self, place: Place) -> Piece:
        record = self.reader.fetch(place)
        grant = self._world.form.read(record.value, Grant)
        status = self._ledger.rows.get(grant.grant_id)
        if grant.grant_id not in self._ledger.rows and grant.grant_id in self._passed:
            self._commit(place, Commit(record.offset + 1))
            yield 11
            return
        if status is None:
            statement = statement_of(grant, self._world.form)
            fenced = yield from self._first(record, statement)
            if fenced:
                return
            status = self._ledger.rows[grant.grant_id]
        self._world.send("outcomes", record.key, self._report(grant.grant_id, status))
        yield 10
        self._commit(place, Commit(record.offset + 1))
        self._begun.pop(place, None)
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
        if not self._commit(record.place, Commit(record.offset, self._mark(name))):
            self.reader.cursors[record.place] = record.offset
            return True
        yield 6
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

    def _read_back(self, place: Place, end: int) -> set[str]:
        log = self._world.broker.logs[place]
        return {self._world.form.read(entry.value, Grant).grant_id for entry in log[:end]}

    def stopped(self, statement: GrantStatement) -> bool:
        """Take the last look: whether an order stands against the grant."""
        self._effected.looked[statement.grant_id] = self._world.broker.appends
        return self._orders.stopped(statement)

    def _begun_elsewhere(self, place: Place, grant_id: str) -> bool:
        begun = self._begun.get(place, "")
        return begun.startswith(f"{grant_id} ") and begun != self._mark(grant_id)

    def _mark(self, grant_id: str) -> str:
        return f"{grant_id} {self._ledger.name}"

    def _commit(self, place: Place, commit: Commit) -> bool:
        return self._group.commit(place, self._generations.get(place, 0), commit)

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
