"""Settling overlaps: which spans of one text are kept.

A span that lies within another goes; of two that cross, both are merged, because each letter that
any rule holds for an identifier must be masked.
"""

import re
from collections.abc import Iterable

from streams.masking.results import Span

_BORDER = re.compile(r"[\n\r\t\v\f\x1c-\x1e\u2028\u2029]")
_BETWEEN = re.compile(r"[^\n\r\t\v\f\x1c-\x1e\u2028\u2029]+")
_OVER_LINES = frozenset({"ENCODED", "SECRET"})  # a key's own form has lines


def settle(spans: Iterable[Span]) -> list[Span]:
    """Return disjoint spans in order that cover each character that any input span covers."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, -s.score)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end or _rank(span) > _rank(kept[-1]):
            kept[-1] = _merged(kept[-1], span)
    return kept


def _rank(span: Span) -> tuple[float, int]:
    return span.score, span.end - span.start


def _merged(left: Span, right: Span) -> Span:
    """Join two overlapping spans; the longer one names the type, then the surer one."""
    lead = max(left, right, key=lambda s: (s.end - s.start, s.score))
    return lead._replace(start=min(left.start, right.start), end=max(left.end, right.end))


def without(spans: Iterable[Span], holes: list[tuple[int, int]]) -> list[Span]:
    """Cut stretches that must stay (tokens of an earlier masking) out of spans that are apart.

    Holes are apart and in order, so that one walk over both is enough.
    """
    if not holes:
        return list(spans)
    left: list[Span] = []
    first = 0
    for span in sorted(spans, key=lambda each: each.start):
        while first < len(holes) and holes[first][1] <= span.start:
            first += 1
        at, number = span.start, first
        while number < len(holes) and holes[number][0] < span.end:
            begin, end = holes[number]
            if at < begin:
                left.append(span._replace(start=at, end=begin))
            at, number = max(at, end), number + 1
        if at < span.end:
            left.append(span._replace(start=at))
    return left


def parted(text: str, spans: Iterable[Span]) -> list[Span]:
    """Cut spans where a line or a cell ends: two values on two lines are two, of whatever kind."""
    kept: list[Span] = []
    for span in spans:
        said = text[span.start : span.end]
        if span.type in _OVER_LINES or not _BORDER.search(said):
            kept.append(span)
            continue
        for part in _BETWEEN.finditer(said):
            if any(char.isalnum() for char in part.group()):
                start = span.start + part.end() - len(part.group().lstrip())
                kept.append(span._replace(start=start, end=start + len(part.group().strip())))
    return kept
