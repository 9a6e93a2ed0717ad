"""The gate's public keys with their ends, and the officers': what executors and auditors pin.

One JSON file, made by `phigate keys publish` and carried to where it is pinned (setting
`pinned_keys`). There it stands in the place of what the directory says of these keys, so that
whoever can edit a directory cannot make a machine believe another gate.

A key with an end signs nothing any more from then on. What it signed before stays good.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from streams.errors import KeyringError, SettingsError
from streams.signing import PublicKey
from streams.times import iso

if TYPE_CHECKING:
    from streams.directory.model import Directory

FORM: Final = "gate-keys"
_BYTES_MAX: Final = 1 << 20


@dataclass(frozen=True)
class GateSet:
    """The gate's id and keys.

    `ends_ms` is when a key's time is over, by key id (ms since 1970 UTC).
    """

    id: str
    grants: tuple[PublicKey, ...]
    audit: tuple[PublicKey, ...]
    ends_ms: Mapping[str, int] = field(default_factory=dict)
    officers: Mapping[str, tuple[PublicKey, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, directory: "Directory") -> Self:
        """Return what a directory says."""
        gate = directory.gate
        officers = {n: p.keys for n, p in directory.people.items() if directory.is_officer(n)}
        return cls(gate.id, gate.grants, gate.audit, gate.ends_ms, officers)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a published file. Raises SettingsError."""
        try:
            with path.open("rb") as file:
                found = _formed(json.loads(file.read(_BYTES_MAX)))
            grants, audit = (tuple(_windows(found[use])) for use in ("grants", "audit"))
            officers = {n: tuple(map(PublicKey.parse, k)) for n, k in found["officers"].items()}
            gate = str(found["gate"])
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}", code="no_pins") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, KeyringError):
            raise SettingsError(
                f"{path} is no file of the gate's public keys",
                code="bad_pins",
                hint="`phigate keys publish --out FILE` writes one",
            ) from None
        ends = {key.key_id: end for key, end in (*grants, *audit) if end is not None}
        return cls(gate, tuple(k for k, _ in grants), tuple(k for k, _ in audit), ends, officers)

    def as_json(self) -> dict[str, Any]:
        """Return it as `load` reads it."""
        return {
            "phigate": FORM,
            "gate": self.id,
            "grants": [self._window(key) for key in self.grants],
            "audit": [self._window(key) for key in self.audit],
            "officers": {n: [key.text for key in keys] for n, keys in self.officers.items()},
        }

    def _window(self, key: PublicKey) -> dict[str, str | None]:
        end = self.ends_ms.get(key.key_id)
        return {"key": key.text, "until": None if end is None else iso(end)}


def gate_set(pinned: str, directory: "Directory") -> GateSet:
    """Return the pinned set where there is one, else what the directory says. SettingsError."""
    return GateSet.load(Path(pinned)) if pinned else GateSet.of(directory)


def _formed(found: Any) -> dict[str, Any]:
    """Return what was found; ValueError where it does not say that it is such a file."""
    if not isinstance(found, dict) or found.get("phigate") != FORM:
        raise ValueError
    return found


def _windows(found: Iterable[Mapping[str, Any]]) -> Iterable[tuple[PublicKey, int | None]]:
    for each in found:
        until = each["until"]
        yield PublicKey.parse(each["key"]), None if until is None else _ms(until)


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return round(moment.timestamp() * 1000)
