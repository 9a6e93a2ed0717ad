"""A room's public door: each name is imported from its module when it is first asked for (PEP 562).

`phigate --help` stays quick so, and a room can be entered by whoever lacks the extra that only some
of its modules need. A type checker sees plain imports, and no name that is not there:

    if TYPE_CHECKING:
        from streams.agent.client import Agent
    else:
        __getattr__ = opening(__name__, {"Agent": "streams.agent.client"})
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def opening(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a module's `__getattr__`, which finds each of these names in its module."""

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return get
