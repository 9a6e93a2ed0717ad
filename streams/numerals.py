"""Numbers of JSON as somebody wrote them, to the last digit.

A float keeps some sixteen digits, so `9007199254740993.0` read and written again is another number
than the one that an executor is given. What does not come back as it was is kept as its text.
"""

import json
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number by its text."""

    said: str

    def __str__(self) -> str:
        """Return it as it was written."""
        return self.said


def whole(text: str) -> "int | Number":
    """Read an integer of JSON; for `json.loads(parse_int=...)`. Raises ValueError past a bound."""
    value = int(text)
    return value if str(value) == text else Number(text)


def fraction(text: str) -> "float | Number":
    """Read another number of JSON; for `parse_float`. Raises ValueError out of its range."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number that is out of range")
    return value if repr(value) == text else Number(text)


def dumps(value: Any) -> str:
    """Write a JSON value without blanks, each number as it was written."""
    if isinstance(value, Number):
        return value.said
    if isinstance(value, dict):
        pairs = (f"{dumps(str(key))}:{dumps(each)}" for key, each in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
