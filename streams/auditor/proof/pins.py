"""What a verifier pins: public keys, and nothing else that anybody else could change.

`phigate audit keys` writes them from a directory, as JSON; carry the file away from the cluster.
Whoever pins no people believes the gate that each decision is its approver's, and is told so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streams.audit.note import WitnessKey
from streams.directory.published import GateSet
from streams.errors import KeyringError, OperatorError
from streams.signing import PublicKey

if TYPE_CHECKING:
    from streams.directory import Directory

FORM: Final = "audit-keys"
_BYTES_MAX: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Pins:
    """Public keys: the audit's, the witnesses', and whose key is whose, by key id.

    `issuers` are the identity providers after whose login a key of nobody's may have signed,
    `ends_ms` is when retired keys of the audit end, milliseconds since 1970 UTC. `gate` is the id
    of the gate for which all must have signed.
    """

    audit: tuple[PublicKey, ...]
    people: Mapping[str, tuple[str, PublicKey]] = field(default_factory=dict)
    executors: Mapping[str, tuple[str, PublicKey]] = field(default_factory=dict)
    witnesses: tuple[WitnessKey, ...] = ()
    agents: Mapping[str, tuple[str, PublicKey]] = field(default_factory=dict)
    ends_ms: Mapping[str, int] = field(default_factory=dict)
    issuers: frozenset[str] = frozenset()
    gate: str = ""


def of_directory(directory: "Directory", pinned: "GateSet | None" = None) -> Pins:
    """Return the keys of a directory, those of suspended people too: the past stays theirs.

    Where the gate's own are pinned, those count.
    """
    gate = pinned or GateSet.of(directory)
    people = {key.key_id: (name, key) for name, p in directory.people.items() for key in p.keys}
    executors = {
        key.key_id: (name, key) for name, e in directory.executors.items() for key in e.keys
    }
    agents = {key.key_id: (name, key) for name, a in directory.agents.items() for key in a.keys}
    issuers = frozenset(each.issuer for each in directory.oidc)
    return Pins(
        gate.audit,
        people,
        executors,
        agents=agents,
        ends_ms=gate.ends_ms,
        issuers=issuers,
        gate=gate.id,
    )


def as_json(pins: Pins) -> dict[str, Any]:
    """Return the pins as `load` reads them."""
    return {
        "phigate": FORM,
        "gate": pins.gate,
        "audit": [key.text for key in pins.audit],
        "witnesses": [key.text for key in pins.witnesses],
        "people": _grouped(pins.people),
        "executors": _grouped(pins.executors),
        "agents": _grouped(pins.agents),
        "ends_ms": dict(pins.ends_ms),
        "issuers": sorted(pins.issuers),
    }


def _grouped(keys: Mapping[str, tuple[str, PublicKey]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, key in keys.values():
        found.setdefault(name, []).append(key.text)
    return found


def load(path: Path) -> Pins:
    """Read a file of pins. Raises OperatorError."""
    try:
        with path.open("rb") as file:
            found = _formed(json.loads(file.read(_BYTES_MAX)))
        return Pins(
            tuple(PublicKey.parse(text) for text in found["audit"]),
            _owned(found["people"]),
            _owned(found["executors"]),
            tuple(WitnessKey.parse(text) for text in found["witnesses"]),
            _owned(found.get("agents", {})),
            {str(name): int(at) for name, at in found.get("ends_ms", {}).items()},
            frozenset(map(str, found.get("issuers", ()))),
            str(found["gate"]),
        )
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}", code="no_file") from None
    except KeyringError as error:
        raise OperatorError(f"{path}: {error}", code="bad_pins") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise OperatorError(
            f"{path} is no file of public keys",
            code="bad_pins",
            hint="`phigate audit keys > FILE` writes one",
        ) from None


def _owned(found: Mapping[str, list[str]]) -> dict[str, tuple[str, PublicKey]]:
    keys = [(name, PublicKey.parse(text)) for name, texts in found.items() for text in texts]
    return {key.key_id: (name, key) for name, key in keys}


def _formed(found: Any) -> dict[str, Any]:
    """Return what was found; ValueError where it does not say that it is a file of pins."""
    if not isinstance(found, dict) or found.get("phigate") != FORM:
        raise ValueError
    return found
