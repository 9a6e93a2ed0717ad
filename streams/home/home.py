"""Making the home: keys, directory, policy, settings. What is there already stays as it is.

The order matters where a crash comes between: keys first, then the directory that names them. A
second run makes what is missing, and says if the directory names other keys than the folder holds.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streams import files
from streams.directory import Directory
from streams.errors import KeyringError, OperatorError, SettingsError
from streams.home.provider import MASTER
from streams.home.templates import DIRECTORY, SETTINGS
from streams.keyring import describe
from streams.policy.files import SCHEMA_FILE, example
from streams.sealing import LocalKeyFile, ReleaseKey, SealKey
from streams.settings import FILE, Settings
from streams.signing import SigningKey

RELEASE = "release.key"
GATE_ID_BYTES = 16
SEAL, GRANT, AUDIT = "gate-seal.key", "grant.key", "audit.key"

_BACK = "put the backup of {keys} back; without one, `phigate init --force` makes a new gate"
_ROLES = ({SEAL, MASTER, RELEASE}, {GRANT, RELEASE}, {AUDIT})  # what admit, fold and audit hold

_MAKERS: dict[str, Callable[[Path], object]] = {
    MASTER: LocalKeyFile.create,
    RELEASE: ReleaseKey.create,
    SEAL: lambda path: SealKey.new("gate-seal").save(path),
    GRANT: lambda path: SigningKey.new("gate-grant").save(path),
    AUDIT: lambda path: SigningKey.new("gate-audit").save(path),
}


@dataclass(frozen=True)
class MadeHome:
    """What one run of `make_home` did, in its order; `moved` holds (from, to)."""

    made: tuple[Path, ...]
    kept: tuple[Path, ...]
    moved: tuple[tuple[Path, Path], ...]


def make_home(settings: Settings, *, anew: bool = False) -> MadeHome:
    """Make what is missing; with `anew`, move everything aside first. Nothing is ever deleted.

    KeyringError or SettingsError where a file cannot be written or the directory does not load; and
    `lost_key` where a gate has been in use and its keys are gone: another key would open nothing of
    what waits or was kept, and hide that the old one is lost.
    """
    toml = settings.home / FILE
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        places = (settings.keys, settings.directory, settings.policies, toml)
        moved = tuple(_aside(path) for path in places if path.exists()) if anew else ()
        before = {path for path in _all(settings) if path.exists()}
        _refuse_lost(settings)
        _make(settings, toml)
    except OSError as error:
        raise SettingsError(f"{error.filename}: {error.strerror}") from None
    there = _all(settings)
    return MadeHome(
        made=tuple(path for path in there if path not in before and path.exists()),
        kept=tuple(path for path in there if path in before),
        moved=moved,
    )


def gate_mismatches(settings: Settings, directory: Directory) -> list[str]:
    """Return a line for each private key of the gate that the directory does not name."""
    named = {
        SEAL: [directory.gate.seal.text],
        GRANT: [key.text for key in directory.gate.grants],
        AUDIT: [key.text for key in directory.gate.audit],
    }
    held = {file: settings.keys / file for file in named if (settings.keys / file).exists()}
    return [
        f"gate: {path} is not in the directory; its public key is {describe(path).text}"
        for file, path in held.items()
        if describe(path).text not in named[file]
    ]


def lost_keys(settings: Settings) -> list[Path]:
    """Return the private keys of the gate that should be on this machine and are not.

    A machine with the embedded broker runs everything. Another may hold the keys of some roles: of
    these each is whole.
    """
    held = {file for file in _MAKERS if (settings.keys / file).exists()}
    wanted = set(_MAKERS) if not settings.bootstrap else set[str]()
    told = set[str]().union(*(role for role in _ROLES if role <= held))
    for role in _ROLES:
        wanted |= role if role & held - told else set()
    return [settings.keys / file for file in _MAKERS if file in wanted - held]


def back(settings: Settings) -> str:
    """Return what to do where keys are lost."""
    return _BACK.format(keys=settings.keys)


def _refuse_lost(settings: Settings) -> None:
    gone = [path for path in (settings.keys / file for file in _MAKERS) if not path.exists()]
    if gone and settings.directory.exists():
        raise KeyringError(
            f"{settings.directory} names a gate, and of its keys are missing: "
            + ", ".join(map(str, gone)),
            code="lost_key",
            hint=back(settings),
        )


def _all(settings: Settings) -> list[Path]:
    keys = [settings.keys / file for file in _MAKERS]
    return [*keys, settings.directory, settings.policies, settings.home / FILE]


def _make(settings: Settings, toml: Path) -> None:
    for file, maker in _MAKERS.items():
        if not (settings.keys / file).exists():
            maker(settings.keys / file)
    if not settings.directory.exists():
        _write(settings.directory, _directory_text(settings))
    if not settings.policies.exists():
        _copy_example(settings.policies)
    if not toml.exists():
        _write(toml, SETTINGS)


def _directory_text(settings: Settings) -> str:
    texts = {file: describe(settings.keys / file).text for file in (SEAL, GRANT, AUDIT)}
    return DIRECTORY.format(
        id=f"gate-{secrets.token_hex(GATE_ID_BYTES)}",
        keys=settings.keys,
        seal=texts[SEAL],
        grant=texts[GRANT],
        audit=texts[AUDIT],
    )


def _copy_example(target: Path) -> None:
    texts, schema = example()
    part = target.with_name(f".{target.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    for name, text in {**texts, SCHEMA_FILE: schema}.items():
        _write(part / name, text)
    part.rename(target)
    files.flush_folder(target.parent)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a run that is cut off leaves no half file to be kept later."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, text, mode=0o644)


def _aside(path: Path) -> tuple[Path, Path]:
    for number in range(1, 1_000):
        target = path.with_name(f"{path.name}.old-{number}")
        if not target.exists():
            return path, path.rename(target)
    raise OperatorError(f"{path} was moved aside a thousand times", hint="remove some of them")
