"""The third pass: all texts of one document, read in batches of bounded size."""

from streams.masking.analyse import Analyser
from streams.masking.budget import Budget
from streams.masking.cells import Cell
from streams.masking.known import KnownValues
from streams.masking.results import Span

_BATCH_CHARS = 60_000


class TextReader:
    """Reads cells until a time; what it finds is learnt for the pass after it."""

    def __init__(
        self, analyser: Analyser, known: KnownValues, budget: Budget, public: frozenset[str]
    ) -> None:
        self.analyser = analyser
        self.known = known
        self.budget = budget
        self.public = public

    def read(self, cells: list[Cell]) -> None:
        """Read all texts in batches of bounded size; what comes after the time is withheld."""
        reading = [cell for cell in cells if cell.reads and not cell.withheld]
        while reading:
            batch, size = [reading.pop(0)], 0
            while reading and size + len(reading[0].text) < _BATCH_CHARS:
                batch.append(reading.pop(0))
                size += len(batch[-1].text)
            self._read_batch(batch)

    def _read_batch(self, batch: list[Cell]) -> None:
        """Read some cells at once; where that fails, cell by cell, so that one costs one."""
        if self.budget.over:
            for cell in batch:
                cell.withheld = True
            return
        try:
            found = self.analyser.find(
                [cell.text[start:end] for cell in batch for start, end in cell.reads]
            )
        except Exception:  # noqa: BLE001 - found again below, cell by cell
            for cell in batch:
                cell.guard(self._read_alone, self.budget)
            return
        at = 0
        for cell in batch:
            self._take(cell, found[at : at + len(cell.reads)])
            at += len(cell.reads)

    def _read_alone(self, cell: Cell) -> None:
        self._take(cell, self.analyser.find([cell.text[start:end] for start, end in cell.reads]))

    def _take(self, cell: Cell, found: list[list[Span]]) -> None:
        for (start, _), spans in zip(cell.reads, found, strict=True):
            for span in spans:
                said = cell.text[span.start + start : span.end + start]
                if said not in self.public:  # a name of the directory's is shown
                    cell.spans.append(span.moved(start))
                    self.known.learn(span.type, said)
