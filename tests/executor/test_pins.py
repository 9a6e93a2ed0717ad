"""What is pinned stands above the directory: the gate's keys, their ends, the officers'."""

import json
from pathlib import Path

import pytest

from streams.control.judge import Authority
from streams.directory import Directory
from streams.directory.published import GateSet
from streams.errors import SettingsError
from streams.events import GrantStatement
from streams.executor import Executor
from streams.executor.conduct import Conductor
from streams.executor.ledger import Ledger
from streams.settings import load_settings
from streams.signing import SigningKey
from tests.agent.rig import EXECUTOR, Keys

KEYS = Keys()
HOUR_MS = 3_600_000


def looked(_: GrantStatement) -> None:
    """Find no order."""


def conductor(home: Path, directory: Directory, pinned: str = "") -> Conductor:
    """Return what an executor is made of, before it connects."""
    settings = load_settings(home=home, pinned_keys=pinned, bootstrap="127.0.0.1:1")
    made = Executor(
        EXECUTOR, settings, key=KEYS.executor, seal_key=KEYS.executor_seal, directory=directory
    )
    with Ledger(home / "ledger") as ledger:
        return made._conductor(directory, ledger, looked)


def ending(text: str) -> Directory:
    """Return the directory with an end of the grants' key."""
    end = f"  ends: {{{KEYS.grants.public.key_id}: '2026-11-22T15:00:00Z'}}\n  grants:"
    return Directory.parse(text.replace("  grants:", end, 1), "test")


def test_an_executor_takes_keys_and_ends_from_the_directory(tmp_path: Path) -> None:
    """The grace is the life of a grant and the clocks' difference."""
    made = conductor(tmp_path, ending(KEYS.directory_text()))
    assert (KEYS.grants.public,) == made.gate_keys
    assert [KEYS.grants.public.key_id] == list(made.ends.at_ms)
    assert 900_000 + 300_000 == made.ends.grace_ms


def test_a_key_that_only_the_directory_names_is_not_believed(tmp_path: Path) -> None:
    """Whoever can edit the directory cannot make a machine believe another gate."""
    file = tmp_path / "pins.json"
    text = KEYS.directory_text()
    file.write_text(json.dumps(GateSet.of(ending(text)).as_json()))
    other = SigningKey.new("gate-grants")
    forged = text.replace(f"grants: [{KEYS.grants.public.text}]", f"grants: [{other.public.text}]")
    made = conductor(tmp_path, Directory.parse(forged, "test"), str(file))
    assert (KEYS.grants.public,) == made.gate_keys
    assert [KEYS.grants.public.key_id] == list(made.ends.at_ms)
    with pytest.raises(SettingsError):
        conductor(tmp_path, Directory.parse(text, "test"), str(tmp_path / "missing"))


def test_an_officer_that_only_the_directory_names_orders_nothing() -> None:
    """Pinned officers, and no others."""
    directory = Directory.parse(KEYS.directory_text(), "test")
    forged = KEYS.directory_text().replace("groups: [privacy]", "groups: [officers]")
    pinned = GateSet.of(directory)
    signers = Authority.of(Directory.parse(forged, "test"), 0, pinned).signers
    assert signers[KEYS.officer.public.key_id].officer
    assert not signers[KEYS.person.public.key_id].officer
    assert (
        Authority.of(Directory.parse(forged, "test"), 0).signers[KEYS.person.public.key_id].officer
    )


def test_an_executor_finds_its_keys_in_the_home(tmp_path: Path) -> None:
    """By its class where none are named; a path that is not absolute begins at the home."""
    folder = tmp_path / "keys" / "executors"
    KEYS.executor.save(folder / f"{EXECUTOR}.key")
    KEYS.executor_seal.save(folder / f"{EXECUTOR}.seal")
    settings = load_settings(home=tmp_path, bootstrap="127.0.0.1:1")
    usual = Executor(EXECUTOR, settings)
    named = Executor(
        EXECUTOR,
        settings,
        key=f"keys/executors/{EXECUTOR}.key",
        seal_key=Path("keys", "executors", f"{EXECUTOR}.seal"),
    )
    for each in (usual, named):
        key, seal = each._keys()
        assert (KEYS.executor.public, KEYS.executor_seal.public) == (key.public, seal.public)
