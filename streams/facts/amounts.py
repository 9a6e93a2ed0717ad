"""Amounts and row limits that the parameters name. A number in words or a range is unknown."""

import math
import re
from collections.abc import Iterable

from streams.facts import names
from streams.facts.fact import COUNT_UNKNOWN, AmountFacts
from streams.facts.leaves import ParamLeaf

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


def amount_facts(every: Iterable[ParamLeaf]) -> AmountFacts:
    """Return the largest amount and the largest limit, rounded up; 0 where none is named."""
    largest = rows = 0
    for leaf in every:
        name = leaf.names[-1] if leaf.names and not leaf.is_key else ""
        if name in names.AMOUNT:
            largest = max(largest, _number(leaf.value))
        elif name in names.ROWS:
            rows = max(rows, _number(leaf.value))
    return AmountFacts(largest=largest, rows=rows)


def _number(value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0 if value is None else COUNT_UNKNOWN
    return min(math.ceil(abs(value)), COUNT_UNKNOWN)
