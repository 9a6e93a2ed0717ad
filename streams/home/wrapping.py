"""The keys that wrap: the files of master and release keys, what they hold, and rotating them.

A rotation adds a key in front; older ones stay and open. Workers look at their file before each
use, so it is in force with the next intent, without a restart.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streams.errors import KeyringError
from streams.home.home import RELEASE
from streams.home.provider import MASTER
from streams.sealing import keyset
from streams.sealing.keyset import KeySet

if TYPE_CHECKING:
    from streams.sealing.keyset import Purpose
    from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class HeldWrappingKey:
    """One key of a file. `created` is ISO 8601, UTC; `shredded` counts intents it cannot open."""

    file: str
    purpose: str
    id: str
    created: str
    current: bool
    shredded: int

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return asdict(self)


def held(settings: "Settings") -> Iterator[HeldWrappingKey]:
    """Yield the keys of the files on this machine, current ones first. KeyringError."""
    for path, purpose in _files(settings):
        if not path.exists():
            continue
        for number, key in enumerate(KeySet.load(path, purpose).keys):
            yield HeldWrappingKey(
                str(path), purpose, key.id, key.created, number == 0, len(key.gone)
            )


def rotate(settings: "Settings", *, release: bool) -> Iterator[HeldWrappingKey]:
    """Draw a new current master key, and with `release` a release key; yield them. KeyringError."""
    wanted = [each for each in _files(settings) if release or each[1] == "master"]
    missing = [path for path, _ in wanted if not path.exists()]
    if missing:
        raise KeyringError(
            f"there is no key at {missing[0]}",
            code="no_key",
            hint="rotate where admit has its keys, then copy the file to the other machines",
        )
    for path, purpose in wanted:
        key = keyset.rotate(path, purpose).keys[0]
        yield HeldWrappingKey(str(path), purpose, key.id, key.created, current=True, shredded=0)


def _files(settings: "Settings") -> tuple[tuple[Path, "Purpose"], ...]:
    return (settings.keys / MASTER, "master"), (settings.keys / RELEASE, "release")
