"""One leaf of a document while it is worked on, and what is read off the leaves at the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streams.masking.budget import Budget
from streams.masking.formats.sql import SqlText
from streams.masking.labels.doubt import shape, why_kept
from streams.masking.results import Finding, Kept, Span
from streams.masking.spans import settle
from streams.masking.vocabulary.lexicon import Lexicon
from streams.masking.walk import Leaf

FIELD = "field"  # the recognizer of what structure says
_WINDOW_CHARS = 6_000


@dataclass(slots=True)
class Cell:
    """One leaf while it is worked on: its text, its spans, and the values behind its names.

    `odd` are values that their kind's token may not hide (`grammar`), `code` stretches that are no
    values, `shut` those onto which nothing spreads, `statements` the SQL in it and where it stands.
    """

    leaf: Leaf
    text: str
    spans: list[Span] = field(default_factory=list)
    wholes: dict[int, str] = field(default_factory=dict)
    bare: set[int] = field(default_factory=set)
    escaped: list[tuple[int, int]] = field(default_factory=list)
    read: dict[int, str] = field(default_factory=dict)
    rests: set[tuple[int, int]] = field(default_factory=set)
    reads: list[tuple[int, int]] = field(default_factory=list)
    kept: list[tuple[int, int, tuple[str, ...], str]] = field(default_factory=list)
    withheld: bool = False
    odd: list[tuple[int, int, str]] = field(default_factory=list)
    code: list[tuple[int, int]] = field(default_factory=list)
    shut: list[tuple[int, int]] = field(default_factory=list)
    statements: list[tuple[int, int, SqlText]] = field(default_factory=list)

    def keep(self, start: int, end: int, names: tuple[str, ...], why: str = "") -> None:
        """Note a value in a data position that structure does not mask, and why if it is known."""
        self.kept.append((start, end, names, why))

    def guard(self, work: Callable[["Cell"], None], budget: Budget) -> None:
        """Do one step on this cell; whatever fails in it, or runs out of time, withholds it."""
        try:
            budget.check()
            work(self)
        except Exception:  # noqa: BLE001 - whatever it is, no text may leave with it
            self.withheld = True

    def firm(self) -> list[Span]:
        """Return the spans that structure drew: no other span may move their borders."""
        return settle(span for span in self.spans if span.recognizer == FIELD)

    def beside(self, firm: list[Span]) -> list[Span]:
        """Return the spans that the text gave, without what structure covers."""
        read = [span for span in self.spans if span.recognizer != FIELD]
        return [span for span in apart(self.text, firm, read) if span.recognizer != FIELD]

    def written(self, token: Callable[[str, str, str], str]) -> Any:
        """Return the leaf's value with a token for each span.

        `token` takes a type, the value that stands here, and the whole one that it is a part of.
        """
        if not self.spans:
            return self.text if isinstance(self.leaf.value, str) else self.leaf.value
        made: list[str] = []
        at = 0
        for span in self.spans:
            made.append(self.text[at : span.start])
            at = span.end
            if (span.start, span.end) in self.rests:
                continue  # what is left of a value whose token stands before a mark
            said = self.read.get(span.start) or self.text[span.start : span.end]
            given = token(span.type, said, self.wholes.get(span.start) or said)
            made.append(self._dressed(given, span.start))
        return "".join([*made, self.text[at:]])

    def _dressed(self, token: str, place: int) -> str:
        """Write a token as its surroundings want it: quoted in JSON, with entities in XML."""
        said = f'"{token}"' if place in self.bare else token
        if any(start <= place < end for start, end in self.escaped):
            return said.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        return said


def apart(text: str, firm: list[Span], others: list[Span]) -> list[Span]:
    """Return firm spans as they are, and of the others what lies beside them, in order."""
    found = list(firm)
    at = 0
    for span in sorted(others):
        while at and firm[at - 1].end > span.start:
            at -= 1
        start = span.start
        while at < len(firm) and firm[at].end <= start:
            at += 1
        after = at
        while after < len(firm) and firm[after].start < span.end:
            _rest(text, span, start, firm[after].start, found)
            start = max(start, firm[after].end)
            after += 1
        if after == at:
            found.append(span)
        else:
            _rest(text, span, start, span.end, found)
    return sorted(found)


def _rest(text: str, span: Span, start: int, end: int, found: list[Span]) -> None:
    """Keep what is left of a span, without blanks and marks at its ends."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    if start < end:
        found.append(span._replace(start=start, end=end))


def windows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a long text into stretches of bounded length, at a line's end or a space where it can."""
    windows = []
    while end - start > _WINDOW_CHARS:
        most = start + _WINDOW_CHARS
        least = start + _WINDOW_CHARS // 2
        cut = max(text.rfind("\n", least, most), text.rfind(". ", least, most))
        cut = cut if cut > 0 else text.rfind(" ", least, most)
        windows.append((start, cut + 1 if cut > 0 else most))
        start = windows[-1][1]
    return [*windows, (start, end)]


def text_of(leaf: Leaf) -> str:
    """Return what there is to read in a leaf: nothing in null, true and false."""
    if isinstance(leaf.value, str):
        return leaf.value
    return (
        "" if leaf.value is None or isinstance(leaf.value, bool | dict | list) else str(leaf.value)
    )


def kept_of(cells: list[Cell], paths: list[str], lexicon: Lexicon) -> Iterator[Kept]:
    """Yield each value in a data position that was not masked, with what shows it harmless."""
    for path, cell in zip(paths, cells, strict=True):
        spans = [] if cell.withheld else cell.spans
        at = 0
        for start, end, names, why in () if cell.withheld else sorted(cell.kept):
            while at < len(spans) and spans[at].end <= start:
                at += 1
            if at < len(spans) and spans[at].start < end:
                continue
            said = cell.text[start:end]
            yield Kept(path, shape(said), why or why_kept(said, names, lexicon))


def findings_of(cells: list[Cell], paths: list[str]) -> tuple[Finding, ...]:
    """Sum spans up by type and recognizer: where and how many, never what."""
    groups: dict[tuple[str, str], tuple[int, dict[str, None], float]] = {}
    for path, cell in zip(paths, cells, strict=True):
        for span in () if cell.withheld else cell.spans:
            count, places, score = groups.get((span.type, span.recognizer), (0, {}, 0.0))
            places[path] = None
            groups[span.type, span.recognizer] = (count + 1, places, max(score, span.score))
    return tuple(
        Finding(kind, count, tuple(places), recognizer, score)
        for (kind, recognizer), (count, places, score) in sorted(groups.items())
    )
