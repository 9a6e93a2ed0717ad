"""Spans and moments of time as text: one parser and one printer for each form. Pure.

15m, 1.5h, 90s, 2d, 90          a span as a person types it      `span`, `words` prints it
PT4H, P1DT30M, P1W              a span in a policy (ISO 8601)    `iso_span`, `as_iso_span`
2026-11-01T14:30:00Z            a moment, in UTC                 `iso`, `moment` for a terminal
"""

import re
from datetime import UTC, datetime
from typing import Final

__all__ = [
    "DAY_MS",
    "HOUR_MS",
    "MINUTE_MS",
    "SECOND_MS",
    "as_iso_span",
    "iso",
    "iso_span",
    "moment",
    "span",
    "words",
]

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

_TYPED: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", re.ASCII)
_TYPED_MS: Final = {"": SECOND_MS, "s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_ISO_MS: Final = {"W": 7 * DAY_MS, "D": DAY_MS, "H": HOUR_MS, "M": MINUTE_MS, "S": SECOND_MS}
_ISO: Final = re.compile(
    r"P(?:(?P<W>\d{1,6})W|(?:(?P<D>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<H>\d{1,6})H)?(?:(?P<M>\d{1,6})M)?(?:(?P<S>\d{1,6})S)?)?)",
    re.ASCII,
)


def span(text: str) -> int:
    """Return the milliseconds of `15m`; a bare number is seconds. ValueError says what to write."""
    found = _TYPED.fullmatch(text)
    if found is None:
        raise ValueError("write 90s, 15m, 1.5h or 2d")
    return round(float(found[1]) * _TYPED_MS[found[2]])


def words(span_ms: int) -> str:
    """Return a span in words of at most two units; nothing left is `over`."""
    if span_ms <= 0:
        return "over"
    seconds = span_ms // 1000
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def iso_span(text: str) -> int:
    """Return the milliseconds of an ISO 8601 duration (section 5.5.2.2) of fixed length.

    Weeks, or days, hours, minutes, seconds; years and months depend on the calendar. ValueError
    says what to write.
    """
    match = _ISO.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError("write an ISO 8601 duration such as PT4H, PT30M or P1D")
    return sum(int(count) * _ISO_MS[unit] for unit, count in match.groupdict("0").items())


def as_iso_span(span_ms: int) -> str:
    """Return the ISO 8601 duration of a whole number of seconds, in days and smaller units."""
    days, rest = divmod(span_ms, DAY_MS)
    time = ""
    for unit in "HMS":
        count, rest = divmod(rest, _ISO_MS[unit])
        time += f"{count}{unit}" if count else ""
    return "P" + (f"{days}D" if days or not time else "") + (f"T{time}" if time else "")


def iso(at_ms: int) -> str:
    """Return a moment as ISO 8601 in UTC, to the second."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(at_ms: int) -> str:
    """Return a moment as people read it, in UTC, to the second."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
