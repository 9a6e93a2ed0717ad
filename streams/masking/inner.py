"""What a text inside a value says of its own parts: a format's pieces, with their labels.

A text of a known format is cut by `formats`; JSON, statements and tables of HTML are then read
again for what stands around each piece. A text of no format may still be a table (`labels.sheets`).
"""

from bisect import bisect_right
from collections.abc import Iterator

from streams.masking import formats
from streams.masking.config import Limits
from streams.masking.fields import NAME, kind_of
from streams.masking.formats import Piece, pieces
from streams.masking.formats.piece import KEEP, TEXT
from streams.masking.formats.sql import SqlText
from streams.masking.labels import markup, pairs, paths, sheets, statements
from streams.masking.labels.pairs import Named
from streams.masking.labels.settle import settle
from streams.masking.vocabulary.lexicon import Lexicon
from streams.masking.walk import KEY, VALUE, LeafWalk

_JSON_MAX = 400_000
_TEXT_MAX = 100_000
_LITERAL_MAX = 120


def named(text: str, lexicon: Lexicon) -> list[Named]:
    """Return the values of a text that a name beside them, or a path, labels."""
    if len(text) > _TEXT_MAX:
        return []
    found = [*pairs.find(text, lexicon), *paths.find(text, lexicon)]
    return [*found, *_literals(text)] if statements.is_statement(text) else found


def _literals(text: str) -> Iterator[Named]:
    """Yield the labelled literals of a statement that the format's own reader does not take."""
    for slot in statements.slots(text):
        kind = kind_of(slot.column) if slot.column and slot.kind != statements.HOLDER else TEXT
        short = len(slot.said) <= _LITERAL_MAX and "\n" not in slot.said
        if short and kind not in {TEXT, KEEP, NAME, "CONDITION", "FACILITY"}:
            kind = settle(kind, slot.said, name=slot.column)
            if kind not in {TEXT, KEEP}:
                yield Named(slot.start, slot.end, kind)


def cut(text: str, lexicon: Lexicon, dialect: str = "") -> list[Piece] | None:
    """Return a text's pieces, each with the names that its surroundings give it; None for prose."""
    loaded = sheets.copied(text) if statements.is_statement(text) else None
    if loaded is not None:
        return loaded
    parts = pieces(text, dialect)
    if parts is None:
        return sheets.pieces(text, lexicon)
    if statements.is_statement(text):
        named_parts = _statement(text, parts)
        if isinstance(parts, SqlText):
            parts[:] = named_parts  # with what is known of its code
            return parts
        return named_parts
    if text.lstrip()[:1] in {"{", "["} or (parts[:1] and parts[0].kind == "KEY"):
        return _json(text, parts, lexicon)
    return markup.named(text, parts, lexicon)


def _json(text: str, parts: list[Piece], lexicon: Lexicon) -> list[Piece]:
    """Give the pieces of JSON the names that a walk over the same JSON finds."""
    if len(text) > _JSON_MAX:
        return parts
    value = formats.value(text)
    walk = LeafWalk(Limits(), lexicon)
    walk.shape(value)
    leaves = [
        leaf
        for leaf in walk.leaves
        if leaf.role == KEY or (leaf.role == VALUE and _is_said(leaf.value))
    ]
    if len(leaves) != len(parts):
        return parts
    return [
        part._replace(names=leaf.names)
        if leaf.role == VALUE and part.kind != "KEY"
        else part._replace(kind=leaf.label or part.kind)
        for part, leaf in zip(parts, leaves, strict=True)
    ]


def _is_said(value: object) -> bool:
    return (isinstance(value, str) and value != "") or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )


def _statement(text: str, parts: list[Piece]) -> list[Piece]:
    """Give the literals of a statement the columns that they stand for."""
    columns = {slot.start: slot.column for slot in statements.slots(text) if slot.column}
    return _whole_literals(text, list(_with_columns(parts, columns)))


def _whole_literals(text: str, parts: list[Piece]) -> list[Piece]:
    """Put labelled literals in the place of what another format found within them."""
    starts = {part.start for part in parts if part.names[:1] == ("sql",)}
    missed = sorted(near for near in _literals(text) if near.start not in starts)
    if not missed:
        return parts
    places = [near.start for near in missed]

    def within(part: Piece) -> bool:
        at = bisect_right(places, part.start) - 1
        return at >= 0 and part.end <= missed[at].end

    kept = [part for part in parts if not within(part)]
    whole = [Piece(near.start, near.end, near.kind) for near in missed]
    return sorted([*kept, *whole], key=lambda part: part.start)


def _with_columns(parts: list[Piece], columns: dict[int, str]) -> Iterator[Piece]:
    for part in parts:
        column = columns.get(part.start)
        if column and (part.kind == TEXT or (part.kind == KEEP and kind_of(column) != TEXT)):
            yield part._replace(kind=TEXT, names=("sql", column))
        else:
            yield part
