"""What a requirement brings with it, by the metadata of what is installed here."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent.parent.parent / "pyproject.toml").read_text()
)


def asked(*extras: str) -> list[str]:
    """Return what pyproject.toml asks for: the base, and those extras."""
    project = PROJECT["project"]
    more = (each for extra in extras for each in project["optional-dependencies"][extra])
    return [*project["dependencies"], *more]


def closure(wanted: Iterable[str], on: Mapping[str, str] | None = None) -> frozenset[str]:
    """Return the names of all that these need, on that Python and system (markers; here if none).

    What is needed elsewhere alone is not installed here: its name is there, its own needs are not.
    """
    seen: set[tuple[str, str]] = set()
    to_do = [Requirement(each) for each in wanted]
    while to_do:
        each = to_do.pop()
        for extra in {"", *each.extras}:
            name = canonicalize_name(each.name)
            if (name, extra) not in seen:
                seen.add((name, extra))
                to_do += _needs(name, extra, on or {})
    return frozenset(name for name, _ in seen)


def _needs(name: str, extra: str, on: Mapping[str, str]) -> list[Requirement]:
    try:
        listed = [Requirement(each) for each in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:
        return []
    return [
        each for each in listed if not each.marker or each.marker.evaluate({**on, "extra": extra})
    ]
