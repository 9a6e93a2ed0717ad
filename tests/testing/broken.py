"""Hosts with one rule of theirs broken: what the simulator must be able to see."""

from collections.abc import Iterable, Iterator

from streams.events import Grant, GrantStatement
from streams.testing.admithost import AdmitHost, PlayedSlot, inputs_of
from streams.testing.broker import Commit
from streams.testing.executor import ExecutorHost
from streams.testing.hosts import Piece
from streams.testing.loghost import LogHost
from streams.testing.orders import TOPICS, PlayedOrders
from streams.testing.table import Table
from streams.worker.positions import Turn
from streams.worker.record import Place, Record


class OutputAfterRow(LogHost):
    """Writes the row before its outputs are durable."""

    def _next(self, record: Record) -> Iterator[int]:
        folded = self._fold(record)
        last = self._last.get(record.place.partition)
        products, mark = self._effects.publish(folded, last.mark if last else b"")
        yield 1
        self._keep(folded, mark)
        self.positions.advance(record.place, record.offset)
        yield 6
        for product in products:
            self._world.broker.append(*product)
            yield 4


class RowBeforeOutputsAndNoReplay(OutputAfterRow):
    """As above, and a replayed event says nothing: the table already has it (rule 7)."""

    def _again(self, _: Record) -> Iterator[int]:
        yield from ()


class OverAGap(LogHost):
    """Folds whatever comes next, also where events between were never given to it (rule 20)."""

    def _take(self, place: Place) -> Piece:
        record = self.reader.fetch(place)
        if self.positions.turn(place, record.offset) is Turn.GAP:
            self.positions.hold({**self.positions.held(), place: record.offset})
        turn = self.positions.turn(place, record.offset)
        return self._next(record) if turn is Turn.NEXT else iter((1,))


class FoldsReplays(LogHost):
    """Folds a replayed event again, onto the case that already knows it."""

    def _again(self, record: Record) -> Iterator[int]:
        yield from self._next(record)


class KeepsTheLastRow(LogHost):
    """Recovers the row that stands last in the changelog (rule 21)."""

    class table(Table):  # noqa: N801 - the name of what is replaced
        """Goes back."""

        def recover(self) -> None:
            """Take whatever stands last."""
            log = self._broker.logs[self.changelog]
            for entry in log[self._disk.taken :]:
                self._disk.rows[entry.key] = entry.value
            self._disk.taken = len(log)


class RowOnDiskFirst(LogHost):
    """Writes a row to the disk before the changelog has it."""

    class table(Table):  # noqa: N801 - named by what it breaks
        """Runs ahead of the changelog."""

        def write(self, key: bytes, row: bytes) -> None:
            """Write at once."""
            super().write(key, row)
            self._disk.rows[key] = row


class NotesOverAGap(LogHost):
    """Notes the changelog as taken up to its own newest row, whatever stands between."""

    class table(Table):  # noqa: N801 - named by what it breaks
        """Forgets its successor's rows."""

        def delivered(self, key: bytes, row: bytes, offset: int) -> None:
            """Note it, and all that stands before it."""
            super().delivered(key, row, offset)
            self._disk.taken = max(self._disk.taken, offset + 1)


class RecoversWithAFullQueue(LogHost):
    """Recovers while rows of its own are still on their way."""

    def settle_queue(self) -> None:
        """Wait for nothing."""


class AcknowledgesBeforeDurable(AdmitHost):
    """Counts an input as admitted before its event is in the log."""

    def _take(self, place: Place) -> Piece:
        slots: list[PlayedSlot] = []
        for effect in super()._take(place):
            slots = slots or list(self._waiting[place])[-1:]
            if effect == 1:
                for slot in slots:
                    slot.done = True
                self._finished(place, self._waiting[place])
            yield effect


class ForgetsWhatItCounted(AdmitHost):
    """Counts junk as admitted before the event that stands for it is in the log."""

    def keep(self) -> None:
        """Keep positions over what was only counted."""
        for place, counted in self._counted.items():
            for slot, waiting in counted.slots:
                slot.done = True
                self._finished(place, waiting)
        super().keep()


class StartsAtTheEnd(AdmitHost):
    """Begins where the inputs end now, as a consumer without kept positions may."""

    def hold(self, partitions: Iterable[int]) -> None:
        """Pass over what waits."""
        wanted = list(partitions)
        super().hold(wanted)
        ends = {p: self._world.broker.end(p) for each in wanted for p in inputs_of(each)}
        self.positions.hold(ends)
        self.reader.cursors = dict(ends)


class NoLedger(ExecutorHost):
    """Runs whatever it is given."""

    def _take(self, record: Record) -> Piece:
        grant = self._world.form.read(record.value, Grant)
        self._ledger.rows.pop(grant.grant_id, None)
        yield from super()._take(record)


class RunsWhatWasBegun(ExecutorHost):
    """Runs again what it finds begun, though its handler is not idempotent."""

    def _take(self, record: Record) -> Piece:
        for name in [n for n, status in self._ledger.rows.items() if status is None]:
            del self._ledger.rows[name]
        yield from super()._take(record)


class NoClock(ExecutorHost):
    """Never looks at when a grant expires."""

    def _first(self, record: Record, statement: GrantStatement):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as its parent
        return super()._first(record, statement.model_copy(update={"expires_at_ms": 10**15}))


class CommitsBeforeItReports(ExecutorHost):
    """Commits the position while the grant is still to be run and reported."""

    def _take(self, record: Record) -> Piece:
        self._commit(record, record.offset + 1, [])
        yield from super()._take(record)


class NeverReadsNotes(ExecutorHost):
    """Believes its group's position and its ledger, also where they are gone."""

    def _read_notes(self, partition: int) -> None:
        pass


class NeverReadsBack(NeverReadsNotes):
    """Takes what its own ledger does not know for new, whatever its group has passed over."""

    def _read_back(self, place: Place, end: int) -> set[str]:  # noqa: ARG002 - as its parent
        return set()


class TrustsItsOwnName(ExecutorHost):
    """Takes a mark of its own ledger for nothing, where the ledger has no row of it."""

    def _begun_elsewhere(self, place: Place, name: str) -> bool:
        marks = [*self._marks.get(place, ()), *self._begun.get(name, ())]
        strange = [mark for mark in marks if mark.split()[1].split("/")[0] != self._ledger.name]
        return any(mark.split()[0] == name for mark in strange)


class OneGeneration(ExecutorHost):
    """Counts on where its ledger stood: one that was put back counts the same numbers again."""

    def opened(self) -> str:
        """Open the ledger under the name that it always has."""
        self._ledger.generations.setdefault(self._ledger.name, 0)
        return self._ledger.name


class PassesUnknownKeys(ExecutorHost):
    """Refuses a grant under a key that it does not know, and goes on behind it."""

    def _fetched(self, place: Place) -> Piece:
        record = self.reader.fetch(place)
        if self.readable(record):
            return self._take(record)
        self._done(record, "")
        return iter((11,))


class CommitsPastWhatWaits(ExecutorHost):
    """Lets a grant wait for its key, and commits the position of what came after it."""

    def _commit(self, record: Record, offset: int, marks: list[str]) -> bool:
        commit = Commit(offset, ";".join(marks))
        return self._group.commit(record.place, self._joined.get(record.place, 0), commit)


class NeverLooks(ExecutorHost):
    """Runs what was granted, whatever an officer has ordered since."""

    def stopped(self, statement: GrantStatement) -> bool:
        """Look, and go on."""
        super().stopped(statement)
        return False


class ReadsOfficersAlone(ExecutorHost):
    """Looks for officers' orders, and passes over what agents cancel."""

    def stopped(self, statement: GrantStatement) -> bool:
        """Look at half of what there is."""
        super().stopped(statement)
        return PlayedOrders(self._world, TOPICS[:1]).stopped(statement)
