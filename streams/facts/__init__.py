"""What an action would do, as typed facts, before anybody rules on it. Pure: a value in, facts out.

The one door is `read(params, attributes)`. Reading order: `fact` (what is told, and its bounds),
`names` (which parameter names matter, which names may be repeated), `leaves` (a JSON value as
names and values), then one small module a kind: `sql/`, `recipients`, `http`, `files`, `amounts`,
`shell`, `fhir`.

Three rules hold in every module. What cannot be told is said as a value of its own (`unknown`, or
a count that is beyond every limit), and it is the default: a fact that is missing never permits.
Facts are codes and numbers; no word of an agent's leaves this room. And a fact speaks of the text
alone: that a statement "states no effect" is not that a view behind it has none.

Parsers for SQL are heavy and can be made to crash: a gate calls `read` in a process that it may
kill. Nothing heavy is imported until it is used.
"""

from typing import TYPE_CHECKING, Any

from streams.facts.fact import COUNT_UNKNOWN, Facts, codes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COUNT_UNKNOWN", "Facts", "codes", "read"]


def read(params: Any, attributes: "Mapping[str, str]") -> Facts:
    """Return the facts of an intent's parameters, for a resource with these attributes."""
    from streams.facts.reading import read as read_all  # noqa: PLC0415 - parsers load when used

    return read_all(params, attributes)
