"""Plots as SVG text: drawn from a report's data, readable without colour, with a text for each.

Nothing is loaded from anywhere and no script runs: an SVG stands in the page as it is, and `DEFS`
once before them all. Series differ by hatching as well as by colour, for black-and-white print.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH: Final = 680
HEIGHT: Final = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 14, 34
_ROW: Final = 26
_NAME: Final = 170

SERIES: Final = (  # name, fill; the order is that of the stack, from below
    ("granted", "#2f6f4f"),
    ("denied", "url(#h-denied)"),
    ("expired", "url(#h-expired)"),
    ("revoked", "#5b5b7a"),
    ("pending", "#d9d6cf"),
)
DEFS: Final = (
    '<svg width="0" height="0" aria-hidden="true" class="defs"><defs>'
    '<pattern id="h-denied" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#e3b7a8"/>'
    '<rect width="3" height="6" fill="#a23b22"/></pattern>'
    '<pattern id="h-expired" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(-45)"><rect width="6" height="6" fill="#f2dca6"/>'
    '<rect width="2" height="6" fill="#b07c10"/></pattern></defs></svg>'
)


def volume(buckets: Sequence[Mapping[str, Any]], unit: str) -> str:
    """Draw intents by how they ended, a stacked column for each span of time."""
    tops = [sum(each[name] for name, _ in SERIES) for each in buckets]
    parts = [_legend(SERIES), *_axes(max(tops, default=0), buckets)]
    scale = _scale(max(tops, default=0))
    for at, each in enumerate(buckets):
        base = 0
        for name, fill in SERIES:
            count = each[name]
            if count:
                parts.append(_column(at, len(buckets), base, base + count, scale, fill))
            base += count
    total = sum(tops)
    said = f"{total} intents by how they ended, for each {unit}. " + _sums(buckets)
    return _svg("Volume", said, parts, HEIGHT)


def _sums(buckets: Sequence[Mapping[str, Any]]) -> str:
    named = (f"{sum(each[name] for each in buckets)} {name}" for name, _ in SERIES)
    return ", ".join(named) + "."


def overdue(buckets: Sequence[Mapping[str, Any]], unit: str) -> str:
    """Draw the intents that nobody decided in time, a column for each span of time."""
    top = max((each["overdue"] for each in buckets), default=0)
    parts = list(_axes(top, buckets))
    parts += [
        _column(at, len(buckets), 0, each["overdue"], _scale(top), "url(#h-expired)")
        for at, each in enumerate(buckets)
        if each["overdue"]
    ]
    total = sum(each["overdue"] for each in buckets)
    return _svg("Overdue", f"{total} intents expired or overdue, for each {unit}.", parts, HEIGHT)


WAITS: Final = (
    ("1 min", 60),
    ("5 min", 300),
    ("15 min", 900),
    ("1 h", 3_600),
    ("4 h", 14_400),
    ("1 d", 86_400),
    ("more", math.inf),
)


def waits(seconds: Sequence[float]) -> str:
    """Draw how long people took, as a histogram of fixed classes."""
    counts = histogram(seconds)
    scale = _scale(max(counts))
    parts = list(_grid(max(counts)))
    for at, ((name, _), count) in enumerate(zip(WAITS, counts, strict=True)):
        if count:
            parts.append(_column(at, len(WAITS), 0, count, scale, "#35597f"))
        x = _x(at, len(WAITS)) + _step(len(WAITS)) / 2
        label = name if name == "more" else f"≤ {name}"
        parts.append(_text(x, HEIGHT - _BOTTOM + 16, label, "middle"))
        if count:
            y = HEIGHT - _BOTTOM - count * scale - 4
            parts.append(_text(x, y, str(count), "middle"))
    said = ", ".join(f"{n} within {name}" for (name, _), n in zip(WAITS, counts, strict=True) if n)
    return _svg(
        "Time to decision", f"Intents that people decided: {said or 'none'}.", parts, HEIGHT
    )


def histogram(seconds: Iterable[float]) -> list[int]:
    """Return how many fall in each class of `WAITS`."""
    counts = [0] * len(WAITS)
    for each in seconds:
        counts[next(at for at, (_, top) in enumerate(WAITS) if each <= top)] += 1
    return counts


def shares(title: str, rows: Sequence[Mapping[str, Any]], what: str) -> str:
    """Draw a bar for each row: of how many, how many were approved."""
    top = max((each["total"] for each in rows), default=1)
    room = WIDTH - _NAME - 150
    parts = []
    for at, each in enumerate(rows):
        y = 4 + at * _ROW
        whole = each["total"] / top * room
        part = each["approved"] / top * room
        rate = f"{each['approved']} of {each['total']} ({_percent(each)})"
        parts += [
            _text(_NAME - 8, y + 15, _short(each["name"]), "end"),
            _rect(_NAME, y + 2, whole, _ROW - 8, "url(#h-denied)"),
            _rect(_NAME, y + 2, part, _ROW - 8, "#2f6f4f"),
            _text(_NAME + whole + 6, y + 15, rate, "start"),
        ]
    said = "; ".join(f"{e['name']}: {e['approved']} of {e['total']} {what}" for e in rows)
    return _svg(title, f"{said or 'none'}.", parts, max(1, len(rows)) * _ROW + 8)


def _percent(each: Mapping[str, Any]) -> str:
    return f"{round(100 * each['approved'] / each['total'])} %" if each["total"] else "-"


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


# ---------------------------------------------------------------- shapes


def _svg(title: str, said: str, parts: Iterable[str], height: int) -> str:
    body = "".join(parts)
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(said)}</desc>{body}</svg>"
    )


def _scale(top: int) -> float:
    return (HEIGHT - _TOP - _BOTTOM) / max(_ticks(top)[-1], 1)


def _ticks(top: int) -> list[int]:
    """Return the numbers of the axis: at most five, round, the last at or above `top`."""
    step = 1
    while step * 4 < top:
        power = 10 ** int(math.log10(step))
        step = {1: 2, 2: 5, 5: 10}[step // power] * power
    return list(range(0, step * max(1, -(-top // step)) + 1, step))


def _grid(top: int) -> Iterator[str]:
    scale = _scale(top)
    for tick in _ticks(top):
        y = HEIGHT - _BOTTOM - tick * scale
        ink = "#777" if tick == 0 else "#ddd"
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{ink}"/>'
        yield _text(_LEFT - 6, y + 4, str(tick), "end")


def _axes(top: int, buckets: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the grid, and a date under the first, the last and some columns between."""
    yield from _grid(top)
    count = len(buckets)
    every = max(1, -(-count // 7))
    for at in range(0, count, every):
        moment = buckets[at]["from"]
        x = _x(at, count)
        y = HEIGHT - _BOTTOM + 15
        yield f'<line x1="{x:.1f}" y1="{y - 15}" x2="{x:.1f}" y2="{y - 10}" stroke="#777"/>'
        yield _text(x, y, moment[5:10], "start")
        if moment[11:16] != "00:00":
            yield _text(x, y + 13, moment[11:16], "start")


def _step(count: int) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(count, 1)


def _x(at: int, count: int) -> float:
    return _LEFT + at * _step(count)


def _column(at: int, count: int, low: int, high: int, scale: float, fill: str) -> str:  # noqa: PLR0913, PLR0917 - where, how much, how it looks
    step = _step(count)
    width = min(step * 0.8, 46)
    x = _x(at, count) + (step - width) / 2
    y = HEIGHT - _BOTTOM - high * scale
    return _rect(x, y, width, (high - low) * scale, fill)


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _legend(series: Sequence[tuple[str, str]]) -> str:
    parts = []
    for at, (name, fill) in enumerate(series):
        x = WIDTH - _RIGHT - 88 * (len(series) - at)
        parts += [_rect(x, 0, 11, 11, fill), _text(x + 15, 10, name, "start")]
    return "".join(parts)
