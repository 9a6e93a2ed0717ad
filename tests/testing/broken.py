"""Hosts with one rule of theirs broken: what the simulator must be able to see."""

from collections.abc import Iterable, Sequence

from streams.events import Grant, GrantStatement
from streams.gate.case import Case
from streams.testing.admithost import AdmitHost, PlayedSlot, inputs_of
from streams.testing.broker import Commit
from streams.testing.executor import ExecutorHost
from streams.testing.hosts import Piece
from streams.testing.loghost import LogHost
from streams.testing.orders import TOPICS, PlayedOrders
from streams.testing.table import Table
from streams.worker.logprogram import Keep, LogProgram, Overlay, Settle, Work, Written
from streams.worker.positions import Turn
from streams.worker.record import Place, Record
from streams.worker.rows import POSITION_KEY


class OutputAfterRow(LogHost):
    """Writes the rows before their outputs are durable."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Makes the outputs durable last."""

        def _commit(self, batch: Overlay) -> Work:
            held = self._held(batch)
            yield from self._keep(held)
            yield from self._advance(held)
            yield from self._outputs(batch)
            return len(held)


class RowBeforeOutputsAndNoReplay(OutputAfterRow):
    """As above, and a replayed event says nothing: the table already has it (rule 7)."""

    class program(OutputAfterRow.program):  # noqa: N801 - the name of what is replaced
        """Drops replays."""

        def _again(self, record: Record, batch: Overlay) -> None:
            """Say nothing."""


class OneOutputForAll(LogHost):
    """Waits for the first output of a batch, and takes the others for durable too."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Settles a part before the rows, the rest after the positions."""

        def _commit(self, batch: Overlay) -> Work:
            yield Settle(batch.products[:1])
            held = self._held(batch)
            yield from self._keep(held)
            yield from self._advance(held)
            yield Settle(batch.products[1:])
            return len(held)


class NewestRowsFirst(LogHost):
    """Writes the rows of a batch from its end: the first that is durable speaks for all."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Turns the rows round."""

        def _keep(self, held: Iterable[Written]) -> Work:
            return (yield from super()._keep(list(held)[::-1]))


class LastRowsOnly(LogHost):
    """Writes one row of a batch, its last, and takes all for acknowledged."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Leaves the others out."""

        def _keep(self, held: Iterable[Written]) -> Work:
            return (yield from super()._keep(list(held)[-1:]))


class PositionBeforeRow(LogHost):
    """Lets the positions advance, and takes the rows for written that another owner may need."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Keeps the position's own row first: what recovery goes by."""

        def _keep(self, held: Iterable[Written]) -> Work:
            rows = list(held)
            for place, _, row in rows[-1:]:
                yield Keep(place.partition, POSITION_KEY, row._replace(case=b"", deadline_ms=0))
            return (yield from super()._keep(rows))


class ForgetsTheOverlay(LogHost):
    """Folds each event of a batch over the table alone, which does not know the others yet."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Looks past what was folded before it."""

        def _case(self, record: Record, batch: Overlay) -> Case | None:
            return super()._case(record, Overlay(batch.ahead, batch.marks))


class OverAGap(LogHost):
    """Folds whatever comes next, also where events between were never given to it (rule 20)."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Goes on at the first of what it was given."""

        def take(self, records: Sequence[Record]) -> Work:
            """Let the position follow the records."""
            first = records[0]
            if self._positions.turn(first.place, first.offset) is Turn.GAP:
                self._positions.hold({**self._positions.held(), first.place: first.offset})
            return (yield from super().take(records))


class FoldsReplays(LogHost):
    """Folds a replayed event again, onto the case that already knows it."""

    class program(LogProgram):  # noqa: N801 - the name of what is replaced
        """Takes what came before for new."""

        def take(self, records: Sequence[Record]) -> Work:
            """Let the position follow the records."""
            first = records[0]
            if self._positions.turn(first.place, first.offset) is Turn.AGAIN:
                self._positions.hold({**self._positions.held(), first.place: first.offset})
            return (yield from super().take(records))


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
