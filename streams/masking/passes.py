"""The passes over one document, in order.

1. walk: leaves with the field names around them (`walk`);
2. structure: a value whose field says PHI is masked whole (`structure`), a message inside a string
   is cut into the fields of its format (`formats`);
3. text: all that is left is read in one batch (`analyse`);
4. known: what 2 and 3 found is looked for in every string again (`known`);
5. tokens: values become tokens, numbered over the document (`tokens`), in the same shape.
"""

import re
from typing import Any

from streams.masking import honest
from streams.masking.analyse import Analyser
from streams.masking.budget import begin
from streams.masking.cells import Cell, apart, findings_of, kept_of, text_of, windows
from streams.masking.closed import amount, closed, coded, enumerated
from streams.masking.fields import KEEP, NAME, TEXT, words
from streams.masking.formats import Piece, dicom, links
from streams.masking.formats.over import view
from streams.masking.formats.piece import LINK, OVER, whole_names
from streams.masking.formats.sql import SqlText
from streams.masking.grammar import fits
from streams.masking.inner import cut, named
from streams.masking.known import Ground, KnownValues
from streams.masking.layers import Inner
from streams.masking.names.names import NameReading
from streams.masking.reader import TextReader
from streams.masking.results import About, JsonValue, Kept, Masked, Span
from streams.masking.spans import without
from streams.masking.strict import unvetted
from streams.masking.structure import judge
from streams.masking.tokens import LOOKALIKE, TOKEN, Earlier, Numbering
from streams.masking.vocabulary.lexicon import NAMED, fold
from streams.masking.walk import BEYOND, KEY, Leaf, LeafWalk, rebuild

_PLAIN_KEY = re.compile(r"[A-Za-z_$@#][\w.$:@/\-\[\]]{0,80}\Z")
_DIGITS = re.compile(r"\d{4}")
_LETTERS = re.compile(r"[^\W\d_]+")
_OF_PATIENTS = frozenset({"PERSON", "CONDITION", "LOCATION", "ADDRESS", "FACILITY"})
_LAYERS_MAX = 5
_UNSURE_TOLD_MAX = 100
_WHOLE = Piece(0, 0, TEXT)
_HIDDEN_BY_PROFILE = {"safe-harbor": frozenset({"CONDITION"})}


class Pass:
    """The state of masking one document; lives as long as one call."""

    def __init__(self, analyser: Analyser, about: About) -> None:
        self.analyser = analyser
        self.about = about
        self.doubts: set[str] = set()
        self.earlier = Earlier()
        self.limits = analyser.config.limits
        self.numbering = Numbering()
        self.known = KnownValues(analyser.lexicon)
        self.inner: list[Inner] = []
        self.budget = begin(self.limits.seconds_max, self.limits.decoded_bytes_max)
        self.dropped = _HIDDEN_BY_PROFILE.get(analyser.profile, frozenset())

    def run(self, document: JsonValue) -> Masked:
        """Mask one document."""
        walk = LeafWalk(self.limits, self.analyser.lexicon)
        shape = walk.shape(document)
        cells = self._cells(walk.leaves)
        for cell in cells:
            if not cell.withheld:
                cell.guard(self._structure, self.budget)
        self._names(cells)
        reader = TextReader(self.analyser, self.known, self.budget, self.about.public)
        reader.read([*cells, *(inner.cell for inner in self.inner)])
        self._spread(cells)
        for cell in cells:
            if not cell.withheld:
                self.doubts |= honest.doubts_of(cell, self.about)
        self.doubts |= honest.hidden_grantees(cells)
        values = [self._value(cell) for cell in cells]
        paths = [""] * len(cells)
        built = rebuild(shape, values, paths)
        alone: tuple[Span, ...] = ()
        if len(cells) == 1 and isinstance(document, str):
            alone = self.earlier.back(document, cells[0].spans)
        withheld = sum(cell.withheld for cell in cells)
        return Masked(
            built,
            findings_of(cells, paths),
            withheld,
            alone,
            tuple(sorted(self.doubts)),
            tuple(self.numbering.legend),
            *self._kept(cells, paths),
        )

    def _kept(self, cells: list[Cell], paths: list[str]) -> tuple[int, tuple[Kept, ...]]:
        """Count the values that nothing shows to be harmless, and tell where they are."""
        kept = list(kept_of(cells, paths, self.analyser.lexicon))
        unsure = [one for one in kept if not one.why]
        return len(unsure), tuple(kept if self.about.explain else unsure[:_UNSURE_TOLD_MAX])

    def _cells(self, leaves: list[Leaf]) -> list[Cell]:
        """Take each leaf's text; what passes a limit is withheld."""
        cells = []
        total = 0
        texts = [text_of(leaf) for leaf in leaves]
        kinds = self.analyser.kinds if self.about.masked_before else frozenset()
        self.earlier = Earlier.of(texts, kinds)
        for leaf, given in zip(leaves, texts, strict=True):
            text = self.earlier.as_text(given)
            total += len(text)
            over = len(text) > self.limits.text_chars_max or total > self.limits.total_chars_max
            cell = Cell(leaf, text, withheld=over or leaf.role == BEYOND)
            cell.spans += [
                Span(*match.span(1), "ID", 1.0, "lookalike") for match in LOOKALIKE.finditer(text)
            ]
            cells.append(cell)
            self.numbering.keep(given)
        return cells

    # Pass 2: structure.

    def _structure(self, cell: Cell) -> None:
        leaf = cell.leaf
        if not cell.text or not cell.text.strip():
            return
        if leaf.role == KEY:
            if leaf.resource == dicom.RESOURCE and dicom.tag_of(cell.text):
                return
            cell.code.append((0, len(cell.text)))
            self._place(cell, Piece(0, len(cell.text), leaf.label or "KEY"), 0)
            return
        kind = self._owned(leaf.names) or judge(
            leaf.names,
            cell.text,
            resource=leaf.resource,
            extension=leaf.extension,
            number=not isinstance(leaf.value, str),
        )
        if honest.shown(leaf, cell.text, kind, self.about):
            cell.shut.append((0, len(cell.text)))
            return
        if leaf.names and amount(leaf.names[-1], cell.text):
            cell.shut.append((0, len(cell.text)))
        if kind == TEXT and leaf.names and amount(leaf.names[-1], cell.text):
            kind = KEEP
        self._place(cell, Piece(0, len(cell.text), kind), 0)

    def _owned(self, names: tuple[str, ...]) -> str | None:
        """Return the kind that the deployment's own field map gives a field."""
        own = self.analyser.own.fields
        kind = own.get(words(names[-1])) if own and names else None
        return kind or (dicom.named(names[-1]) if names else None)

    def _key(self, cell: Cell, start: int, end: int) -> None:
        """Read a key as text where it is more than a name of code."""
        said = cell.text[start:end]
        if (
            not _PLAIN_KEY.match(said)
            or "@" in said[1:]
            or _DIGITS.search(said)
            or self.analyser.lexicon.names_somebody(said)
        ):
            cell.reads.append((start, end))

    def _place(  # noqa: C901, PLR0912 - one branch a kind
        self, cell: Cell, piece: Piece, layer: int
    ) -> None:
        """Act on what a piece of a cell is: mask it, keep it, cut it further, or read it."""
        start, end, kind = piece.start, piece.end, piece.kind
        names = piece.names or cell.leaf.names
        if kind in self.dropped:
            kind = TEXT
        if piece.names and amount(piece.names[-1], cell.text[start:end]):
            cell.shut.append((start, end))
        if kind == "KEY":
            if piece.resource != dicom.RESOURCE or not dicom.tag_of(cell.text[start:end]):
                self._key(cell, start, end)
        elif kind == LINK:
            for part in links.pieces(cell.text[start:end]):
                moved = piece._replace(start=part.start + start, end=part.end + start)
                self._place(cell, moved._replace(kind=part.kind), layer + 1)
        elif kind == OVER:
            if not self._over(cell, piece, layer, names):
                cell.keep(start, end, names)
                cell.reads += windows(cell.text, start, end)
        elif kind == NAME:
            named = self.analyser.lexicon.reads_as_name(cell.text[start:end])
            if named:
                self._mark(cell, start, end, "PERSON", piece)
            else:
                cell.keep(start, end, names)
                cell.reads.append((start, end))
        elif kind == TEXT:
            if not (piece.coding and self._over(cell, piece, layer, names)):
                self._cut(cell, start, end, layer, names)
        elif kind == KEEP:
            cell.keep(start, end, names, "closed vocabulary" if names else "")
        else:
            self._mark(cell, start, end, kind, piece)

    def _cut(self, cell: Cell, start: int, end: int, layer: int, names: tuple[str, ...]) -> None:
        """Cut a text by its format, if it has one; else leave it to be read."""
        said = cell.text[start:end]
        if self._over(cell, Piece(start, end, TEXT), layer, names):
            return
        short = layer >= _LAYERS_MAX or len(said) <= 8  # noqa: PLR2004 - a length
        parts = None if short else cut(said, self.analyser.lexicon, self.about.dialect)
        if parts is not None:
            cell.code += honest.code_of(parts, start, end)
        if isinstance(parts, SqlText):
            cell.statements.append((start, end, parts))
            cell.shut += [(start + begin, start + stop) for begin, stop in parts.amounts]
            if len(parts.values) > 1:  # what one reading takes for a name, another has as text
                cell.reads += windows(cell.text, start, end)
        if parts is None:
            for held in named(said, self.analyser.lexicon):
                self._mark(cell, start + held.start, start + held.end, held.kind, _WHOLE)
            if self._over(cell, Piece(start, end, TEXT, coding="loose"), layer, names):
                return
            cell.keep(start, end, names)
            cell.reads += windows(cell.text, start, end)
            return
        judged = [self._judged(part, said) for part in parts]
        wholes = whole_names(
            (i, part.names, said[part.start : part.end])
            for i, part in enumerate(judged)
            if part.kind == "PERSON" and part.names
        )
        for i, part in enumerate(judged):
            value = wholes.get(i, part.value)
            moved = part._replace(start=part.start + start, end=part.end + start, value=value)
            if part.escaped:
                cell.escaped.append((moved.start, moved.end))
            self._place(cell, moved, layer + 1)

    def _over(self, cell: Cell, piece: Piece, layer: int, names: tuple[str, ...]) -> bool:
        """Read a stretch over what its format puts between, if it puts anything there."""
        if layer >= _LAYERS_MAX:
            return False
        seen = view(cell.text[piece.start : piece.end], piece.coding)
        if seen is None:
            return False
        inner = Inner(Cell(cell.leaf, seen.text), cell, seen, piece.start)
        self.inner.append(inner)
        inner.cell.guard(
            lambda read: self._cut(read, 0, len(read.text), layer + 1, names), self.budget
        )
        return True

    def _judged(self, part: Piece, said: str) -> Piece:
        """Give a piece of JSON the kind that its field names demand."""
        if part.kind != TEXT or not part.names:
            return part
        value = said[part.start : part.end]
        kind = self._owned(part.names) or judge(
            part.names,
            value,
            resource=part.resource,
            extension=part.extension,
            number=part.bare,
        )
        return part._replace(kind=kind)

    def _mark(self, cell: Cell, start: int, end: int, kind: str, piece: Piece) -> None:
        said = cell.text[start:end]
        if not any(char.isalnum() for char in said) or self._open(said, kind):
            return
        tokens = [match.span() for match in TOKEN.finditer(cell.text, start, end)]
        for span in without([Span(start, end, kind, 1.0, "field")], tokens):
            value = cell.text[span.start : span.end]
            if tokens and not any(char.isalnum() for char in value):
                continue
            if not fits(kind, value):
                cell.odd.append((span.start, span.end, kind))
                cell.reads += windows(cell.text, span.start, span.end)
                continue
            cell.spans.append(span)
            if piece.value:
                cell.wholes[span.start] = piece.value
            if piece.bare:
                cell.bare.add(span.start)
            self.known.learn(kind, piece.value or value)

    def _open(self, said: str, kind: str) -> bool:
        """Tell whether a value is a public name, or a word of a closed vocabulary, and shown."""
        if kind == "SECRET":
            return False
        if said in self.about.public:
            return kind not in _OF_PATIENTS
        named = kind in _OF_PATIENTS and any(
            self.analyser.lexicon.flags(fold(word)) & NAMED for word in _LETTERS.findall(said)
        )
        return closed(said) and not named

    def _names(self, cells: list[Cell]) -> None:
        """Join the parts of one name that stand in fields of their own."""
        wholes = whole_names(
            (i, cell.leaf.names, cell.text)
            for i, cell in enumerate(cells)
            if cell.leaf.role != KEY
            and cell.spans
            and cell.spans[0].type == "PERSON"
            and not cell.wholes
        )
        for i, whole in wholes.items():
            cells[i].wholes[cells[i].spans[0].start] = whole
            self.known.learn("PERSON", whole)

    # Passes 3 and 4: text, and what is known.

    def _spread(self, cells: list[Cell]) -> None:
        for cell in [*cells, *(inner.cell for inner in self.inner)]:
            if cell.odd and not cell.withheld:
                cell.guard(self._odd, self.budget)
        self.known.settle()
        for inner in reversed(self.inner):
            if not inner.cell.withheld:
                inner.cell.guard(self._spread_one, self.budget)
                self.doubts |= honest.doubts_of(inner.cell, self.about)
            inner.fold()
        for cell in cells:
            if not cell.withheld and cell.text:
                cell.guard(self._spread_one, self.budget)

    def _odd(self, cell: Cell) -> None:
        """Mask a value that its kind's token may not hide, unless it is seen to be code."""
        for start, end, kind in cell.odd:
            rest = honest.outside(cell, start, end)
            if not coded(rest) or any(unvetted(NameReading(rest, self.analyser.lexicon))):
                tokens = [match.span() for match in TOKEN.finditer(cell.text, start, end)]
                cell.spans += without([Span(start, end, kind, 1.0, "odd")], tokens)
                self.doubts.add("odd_value")

    def _spread_one(self, cell: Cell) -> None:
        names = cell.leaf.names
        ground = Ground(cell.code, cell.shut, enumerated=bool(names) and enumerated(names[-1]))
        firm = cell.firm()
        found = self.known.spread(cell.text, sorted([*firm, *cell.beside(firm)]), ground)
        cell.spans = apart(cell.text, firm, found)

    # Pass 5: tokens.

    def _value(self, cell: Cell) -> Any:
        if cell.withheld:
            return self.numbering.withheld()
        return cell.written(self._token)

    def _token(self, kind: str, said: str, whole: str) -> str:
        return self.numbering.token(kind, said, self.known.one(kind, whole))
