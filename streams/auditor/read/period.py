"""Times as people type them: `2026-11-01`, `2026-11-01T14:30`, both UTC, or with an offset."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from streams.errors import OperatorError
from streams.times import DAY_MS

_YEARS: Final = range(1971, 9000)  # SQLite and JavaScript readers take them


@dataclass(frozen=True, slots=True)
class Period:
    """From `from_ms`, inclusive, to `to_ms`, exclusive; an open end is None."""

    from_ms: int | None = None
    to_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Tell whether a moment is within."""
        after = self.from_ms is None or self.from_ms <= at_ms
        return after and (self.to_ms is None or at_ms < self.to_ms)


ALWAYS: Final = Period()


def parse(first: str | None, last: str | None) -> Period:
    """Return the period of two texts. A bare date as the end is that whole day.

    Raises OperatorError `bad_time` where one is no time, or the end is not after the beginning.
    """
    from_ms = None if first is None else _moment(first)[0]
    to_ms = None
    if last is not None:
        at_ms, whole_day = _moment(last)
        to_ms = at_ms + DAY_MS if whole_day else at_ms
    if from_ms is not None and to_ms is not None and to_ms <= from_ms:
        raise OperatorError("the period ends before it begins", code="bad_time", hint=_HINT)
    return Period(from_ms, to_ms)


_HINT: Final = "times are 2026-11-01 or 2026-11-01T14:30, in UTC unless they say otherwise"


def _moment(text: str) -> tuple[int, bool]:
    """Return milliseconds since 1970, and whether only a day was named."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-11-01") else None
        found = datetime.combine(day, time(), UTC) if day else datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        raise OperatorError(f"{text!r} is no time", code="bad_time", hint=_HINT)
    whole = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(whole.timestamp() * 1000), day is not None
