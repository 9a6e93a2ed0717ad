"""A stretch of a cell that is read over the marks of its format (see `formats.over`).

It is a cell of its own, with the text as a person reads it; what is found there is folded back into
the stretches of the cell around it. The token stands in a value's first stretch; the rest of the
value goes, the marks between stay.
"""

from dataclasses import dataclass

from streams.masking.cells import Cell
from streams.masking.encoded import MORE
from streams.masking.formats.over import segments
from streams.masking.normalise import NormalView
from streams.masking.results import Span


@dataclass(frozen=True, slots=True)
class Inner:
    """The cell that is read, the one that it stands in, and the way back."""

    cell: Cell
    outer: Cell
    view: NormalView
    offset: int

    def _hides_more(self, span: Span, start: int, end: int) -> bool:
        """Tell whether a token would hide what is no part of its value: the rest of a blob."""
        if self.view.starts is None or self.view.ends is None:
            return False
        before, after = span.start - 1, span.end
        shared = before >= 0 and self.view.ends[before] > start and self.view.starts[before] < end
        return shared or (
            after < len(self.view.ends)
            and start <= self.view.starts[after] < end
            and self.view.ends[after] > start
        )

    def fold(self) -> None:
        """Carry the spans over to the cell around; what failed within is withheld with it."""
        self.outer.withheld = self.outer.withheld or self.cell.withheld
        for start, end, names, why in self.cell.kept:
            parts = segments(self.view, start, end)
            if parts:
                self.outer.keep(parts[0][0] + self.offset, parts[-1][1] + self.offset, names, why)
        for span in self.cell.spans:
            said = self.cell.read.get(span.start) or self.cell.text[span.start : span.end]
            for i, (start, end) in enumerate(segments(self.view, span.start, span.end)):
                more = "" if not self._hides_more(span, start, end) else MORE
                moved = span._replace(
                    start=start + self.offset,
                    end=end + self.offset,
                    recognizer=span.recognizer.removesuffix(MORE) + more,
                )
                self.outer.spans.append(moved)
                self.outer.read[moved.start] = said
                if span.start in self.cell.wholes:
                    self.outer.wholes[moved.start] = self.cell.wholes[span.start]
                if i or (span.start, span.end) in self.cell.rests:
                    self.outer.rests.add((moved.start, moved.end))
