"""A JSON value as its leaves, each with the names above it. No recursion: depth is the agent's."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from streams.facts.names import plain

LEAVES_MAX = 20_000


class ParamLeaf(NamedTuple):
    """A value that is no object or list; `names` are those above it, outermost first."""

    names: tuple[str, ...]
    value: Any
    is_key: bool = False


def leaves(value: Any) -> Iterator[ParamLeaf]:
    """Yield each leaf, and each key of an object too (a key may hold what a value could)."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    seen = 0
    while waiting:
        names, here = waiting.pop()
        seen += 1
        if seen > LEAVES_MAX:
            raise TooManyError
        if isinstance(here, dict):
            for key, inner in here.items():
                yield ParamLeaf(names, key, is_key=True)
                waiting.append(((*names, plain(str(key))[:64]), inner))
        elif isinstance(here, list):
            waiting.extend((names, inner) for inner in reversed(here))
        else:
            yield ParamLeaf(names, here)


class TooManyError(ValueError):
    """More leaves than anybody reads: every fact of it is unknown."""
