"""Settling overlaps: which spans of one text are kept.

A span that lies within another goes; of two that cross, both are merged, because each letter that
any rule holds for an identifier must be masked.
"""

from collections.abc import Iterable

from streams.masking.results import Span


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
    """Cut stretches that must stay (tokens of an earlier masking) out of spans."""
    left = list(spans)
    for begin, end in holes:
        cut: list[Span] = []
        for span in left:
            if span.end <= begin or span.start >= end:
                cut.append(span)
                continue
            if span.start < begin:
                cut.append(span._replace(end=begin))
            if span.end > end:
                cut.append(span._replace(start=end))
        left = cut
    return left
