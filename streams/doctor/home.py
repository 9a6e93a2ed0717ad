"""Files and keys of this machine: who can read them, their ages, do they fit the directory."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from streams.clock import now_ms
from streams.custody import holds
from streams.directory import Directory
from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.home.findings import findings
from streams.home.home import AUDIT, GRANT, RELEASE, SEAL, back, gate_mismatches, lost_keys
from streams.home.provider import MASTER
from streams.keyring import describe
from streams.sealing.keyset import KeySet
from streams.settings import FILE, Settings

AGE_DAYS_MAX: Final = 365  # NIST SP 800-57 part 1, 5.3.6: keys like these for one to two years
_DAY_S: Final = 86_400


def permissions(settings: Settings) -> Iterator[Diagnosis]:
    """Find secrets that others can read, and rules that others can write."""
    folders = (settings.keys, settings.credentials)
    found = [path for folder in folders for path in _files(folder)]
    secrets = [path for path in found if path.stat().st_mode & 0o077]
    if settings.key_provider == "vault" and settings.vault_token_file.exists():
        secrets += [p for p in [settings.vault_token_file] if p.stat().st_mode & 0o077]
    for path in secrets:
        yield risk("permissions", f"{path} can be read by others", f"chmod 600 {path}")
    rules = [settings.directory, settings.home / FILE, settings.home / holds.FILE]
    rules += [settings.policies, *_files(settings.policies), settings.keys]
    open_to = [path for path in rules if path.exists() and path.stat().st_mode & 0o022]
    for path in open_to:
        said = f"{path} can be written by others: who writes it decides who may approve what"
        yield risk("permissions", said, f"chmod go-w {path}")
    if not secrets and not open_to:
        yield ok("permissions", "keys are the owner's alone, rules are the owner's to write")


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return [path for path in found if path.is_file() and path.suffix != ".lock"]


def ages(settings: Settings) -> Iterator[Diagnosis]:
    """Find keys that are older than a year, by their own date or their file's."""
    now_s = now_ms() / 1000
    old, count = [], 0
    for name, since_s in _dated(settings):
        count += 1
        if now_s - since_s > AGE_DAYS_MAX * _DAY_S:
            old.append(f"{name} ({round((now_s - since_s) / _DAY_S)} days)")
    if old:
        yield warn("key ages", "over a year: " + ", ".join(old), "phigate keys rotate --help")
    elif count:
        yield ok("key ages", f"{count} keys of the gate, none older than a year")
    else:
        yield ok("key ages", "no key of the gate is on this machine")


def _dated(settings: Settings) -> Iterator[tuple[str, float]]:
    for name, purpose in ((MASTER, "master"), (RELEASE, "release")):
        path = settings.keys / name
        if path.exists():
            current = KeySet.load(path, purpose).keys[0]  # type: ignore[arg-type]
            yield name, datetime.fromisoformat(current.created).timestamp()
    for name in (SEAL, GRANT, AUDIT):
        path = settings.keys / name
        if path.exists():
            yield name, path.stat().st_mtime


def gate_keys(settings: Settings) -> Iterator[Diagnosis]:
    """Find private keys of the gate that are gone, or that the directory does not pin."""
    gone = lost_keys(settings)
    for path in gone:
        yield risk("gate keys", f"{path} is not there", back(settings))
    wrong = gate_mismatches(settings, Directory.load(settings.directory))
    for line in wrong:
        todo = f"put the right key into the gate section of {settings.directory}"
        yield risk("gate keys", line, todo)
    if not wrong and not gone:
        yield ok("gate keys", "every private key here is the one that the directory names")


def directory(settings: Settings) -> Iterator[Diagnosis]:
    """Find what a directory that loads may still get wrong."""
    found = findings(Directory.load(settings.directory))
    for line in found:
        yield warn("directory", line, f"see {settings.directory}")
    if not found:
        yield ok("directory", "people, agents, executors and resources fit together")


def assurance(settings: Settings) -> Iterator[Diagnosis]:
    """Find approvers whose private keys lie here unlocked: whoever has the file is that person."""
    folder = settings.keys / "people"
    files = [path for path in _files(folder) if path.suffix == ".key"]
    loose = [path.stem for path in files if describe(path).salt is None]
    if loose:
        said = f"private keys of people lie here without a passphrase: {', '.join(loose)}"
        todo = "phigate key new NAME --passphrase-prompt, on that person's own machine"
        yield warn("assurance", said, todo)
    else:
        yield ok("assurance", f"{len(files)} private keys of people here, all locked")


def agents(settings: Settings) -> Iterator[Diagnosis]:
    """Find agents in whose name any other agent can ask: without a key, none has to sign."""
    known = Directory.load(settings.directory).agents
    bare = sorted(name for name, each in known.items() if each.active and not each.keys)
    if bare and len(known) > 1 and not settings.require_signed_intents:
        said = f"whoever has the agents' credential can ask in the name of: {', '.join(bare)}"
        yield warn("agents", said, "phigate key new NAME --agent, and its key into the directory")
    else:
        yield ok("agents", "no agent can ask in another one's name")


def legal_holds(settings: Settings) -> Iterator[Diagnosis]:
    """Find whether the register of legal holds can be read: one that cannot holds everything."""
    standing = holds.standing(settings.home / holds.FILE)
    yield ok("legal holds", f"{len(standing)} stand")
