"""ISO 8601 durations (section 5.5.2.2) of fixed length: weeks, or days, hours, minutes, seconds.

Years and months are refused: their length depends on the calendar.
"""

import re

WITHIN_MS_MIN = 1_000
WITHIN_MS_MAX = 7 * 24 * 3_600_000

_UNITS_MS = {"W": 604_800_000, "D": 86_400_000, "H": 3_600_000, "M": 60_000, "S": 1_000}
_DURATION = re.compile(
    r"P(?:(?P<W>\d{1,6})W|(?:(?P<D>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<H>\d{1,6})H)?(?:(?P<M>\d{1,6})M)?(?:(?P<S>\d{1,6})S)?)?)",
    re.ASCII,
)


def parse_duration(text: str) -> int:
    """Return the milliseconds of `PT4H`, `P1DT30M` or `P1W`; raise ValueError that says why not."""
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError("write an ISO 8601 duration such as PT4H, PT30M or P1D")
    total_ms = sum(int(count) * _UNITS_MS[unit] for unit, count in match.groupdict("0").items())
    if not WITHIN_MS_MIN <= total_ms <= WITHIN_MS_MAX:
        raise ValueError(
            f"write a duration from {duration(WITHIN_MS_MIN)} to {duration(WITHIN_MS_MAX)}"
        )
    return total_ms


def duration(total_ms: int) -> str:
    """Return the ISO 8601 duration of a whole number of seconds, in days and smaller units."""
    days, rest = divmod(total_ms, _UNITS_MS["D"])
    time = ""
    for unit in "HMS":
        count, rest = divmod(rest, _UNITS_MS[unit])
        time += f"{count}{unit}" if count else ""
    return "P" + (f"{days}D" if days or not time else "") + (f"T{time}" if time else "")
