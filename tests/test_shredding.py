"""Shredding in the key files: one intent's key is gone for ever, for whoever holds the files."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.errors import InputError, KeyringError, ProviderError
from streams.keyring import write_secret
from streams.sealing import LocalKeyFile, ReleaseKey, keyset, seal_body
from streams.sealing.keyset import KeySet
from streams.sealing.puncture import path_of
from streams.sealing.symmetric import sub_key, unlock_joined

GONE, KEPT = "intent-1", "intent-2"
DATA_KEY = bytes(range(32))


@pytest.fixture
def provider(tmp_path: Path) -> LocalKeyFile:
    """Return a fresh file of master keys, as a running worker holds it."""
    return LocalKeyFile.create(tmp_path / "master.key")


def shred(provider: LocalKeyFile, intent_id: str = GONE) -> bool:
    """Shred, as the command does, behind the worker's back."""
    return keyset.shred(provider.file.path, "master", intent_id)


def refused(opening: Callable[[], object]) -> str:
    """Return the code with which it is refused."""
    with pytest.raises(InputError) as caught:
        opening()
    return caught.value.code


def test_a_shredded_intent_opens_for_nobody(provider: LocalKeyFile) -> None:
    """Neither for the worker that runs nor for whoever reads the file; all others still do."""
    key_id, wrapped = provider.wrap(DATA_KEY, GONE)
    _, other = provider.wrap(DATA_KEY, KEPT)
    assert shred(provider)
    for holder in (provider, LocalKeyFile.load(provider.file.path)):
        assert "shredded" == refused(lambda holder=holder: holder.unwrap(key_id, wrapped, GONE))  # type: ignore[misc]
        assert DATA_KEY == holder.unwrap(key_id, other, KEPT)


def test_a_shredded_intent_is_wrapped_no_more(provider: LocalKeyFile) -> None:
    """Not even under a key that was drawn since: what comes again is refused."""
    shred(provider)
    assert "shredded" == refused(lambda: provider.wrap(DATA_KEY, GONE))
    keyset.rotate(provider.file.path, "master")
    assert "shredded" == refused(lambda: provider.wrap(DATA_KEY, GONE))
    assert provider.wrap(DATA_KEY, KEPT)


def test_it_is_shredded_under_older_keys_too(provider: LocalKeyFile) -> None:
    """An intent that was wrapped before and again after a rotation opens under neither key."""
    wraps = [provider.wrap(DATA_KEY, GONE)]
    keyset.rotate(provider.file.path, "master")
    wraps.append(provider.wrap(DATA_KEY, GONE))
    assert wraps[0][0] != wraps[1][0]
    shred(provider)
    for key_id, wrapped in wraps:
        assert "shredded" == refused(lambda k=key_id, w=wrapped: provider.unwrap(k, w, GONE))  # type: ignore[misc]


def test_nothing_on_disk_leads_to_the_destroyed_key(provider: LocalKeyFile) -> None:
    """Neither the root, nor the tree's root, nor the leaf stands in any file of the folder."""
    folder = provider.file.path.parent
    stored = provider.file.current().keys[0]
    root, leaf = stored.key, stored.leaf(GONE)
    assert root is not None
    left = folder / ".master.key.cut-off"  # of a rotation that a crash cut off
    left.write_bytes(provider.file.path.read_bytes())
    shred(provider)
    assert not left.exists()
    after = KeySet.load(provider.file.path, "master").keys[0]
    assert after.key is None
    held = {*after.tree.nodes.values(), after.mac_key}
    assert not {root, leaf, sub_key(root, "tree")} & held
    for file in folder.iterdir():
        content = file.read_bytes()
        assert json.loads(json.dumps(stored.as_json()))["key"].encode() not in content
        assert not any(secret in content for secret in (root, leaf))


def test_the_bytes_of_the_old_file_are_overwritten(provider: LocalKeyFile) -> None:
    """Who holds the old file open reads nothing but zeros afterwards."""
    with provider.file.path.open("rb") as old:
        before = old.read()
        shred(provider)
        old.seek(0)
        assert bytes(len(before)) == old.read()


def test_shredding_twice_is_told(provider: LocalKeyFile) -> None:
    """The second run changes nothing and says so: a run that was cut off is mended by another."""
    assert [True, False] == [shred(provider), shred(provider)]


def test_the_mac_is_the_same_after_shredding(provider: LocalKeyFile) -> None:
    """A repeat of an intent is still known as one."""
    before = provider.mac(b"x")
    shred(provider)
    assert before == provider.mac(b"x") == LocalKeyFile.load(provider.file.path).mac(b"x")


def test_a_shredded_file_that_is_damaged_is_refused(provider: LocalKeyFile) -> None:
    """A changed node, path, id or MAC key does not fit the file's own check."""
    shred(provider)
    whole = json.loads(provider.file.path.read_text())
    zeros = {"nodes": "A" * len(whole["keys"][0]["nodes"]), "mac_key": "A" * 43 + "=", "gone": []}
    for part, wrong in {**zeros, "id": "00", "check": ""}.items():
        damaged = whole | {"keys": [whole["keys"][0] | {part: wrong}]}
        write_secret(provider.file.path, json.dumps(damaged).encode(), force=True)
        with pytest.raises(KeyringError, match="damaged"):
            LocalKeyFile.load(provider.file.path)


def test_a_release_is_shredded_with_it(tmp_path: Path) -> None:
    """The fold releases nothing of a shredded intent, and locks and unlocks all others."""
    release = ReleaseKey.create(tmp_path / "release.key")
    locked, other = release.lock(b"blob", GONE), release.lock(b"blob", KEPT)
    keyset.shred(tmp_path / "release.key", "release", GONE)
    assert "shredded" == refused(lambda: release.unlock(locked, GONE))
    assert "shredded" == refused(lambda: release.lock(b"blob", GONE))
    assert (
        b"blob"
        == release.unlock(other, KEPT)
        == ReleaseKey.load(tmp_path / "release.key").unlock(other, KEPT)
    )


def test_a_rotated_release_key_unlocks_what_was_locked(tmp_path: Path) -> None:
    """What admit locked before the rotation, a fold that runs on still unlocks."""
    release = ReleaseKey.create(tmp_path / "release.key")
    old = release.lock(b"blob", KEPT)
    keyset.rotate(tmp_path / "release.key", "release")
    new = release.lock(b"blob", KEPT)
    assert b"blob" == release.unlock(old, KEPT) == release.unlock(new, KEPT)


def test_a_running_worker_takes_up_a_rotated_file(provider: LocalKeyFile) -> None:
    """The next intent is wrapped under the new key, without a restart."""
    before, _ = provider.wrap(DATA_KEY, KEPT)
    keyset.rotate(provider.file.path, "master")
    after, wrapped = provider.wrap(DATA_KEY, KEPT)
    assert before != after
    assert DATA_KEY == provider.unwrap(after, wrapped, KEPT)


def test_a_file_that_goes_or_is_exposed_is_waited_for(provider: LocalKeyFile) -> None:
    """A worker that runs gets ProviderError, and goes on with the file once it is back."""
    path = provider.file.path
    aside = path.with_name("aside")
    path.rename(aside)
    with pytest.raises(ProviderError, match="no key at"):
        provider.wrap(DATA_KEY, KEPT)
    aside.rename(path)
    path.chmod(0o644)
    with pytest.raises(ProviderError, match="read by others"):
        provider.mac(b"x")
    path.chmod(0o600)
    assert provider.wrap(DATA_KEY, KEPT)


def test_two_shreddings_at_once_lose_neither(provider: LocalKeyFile) -> None:
    """Each change of the file holds its lock: the second waits and adds to the first."""
    ids = [f"intent-{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda each: shred(provider, each), ids))
    assert sorted(map(path_of, ids)) == list(provider.file.current().shredded)


def test_a_body_is_unreadable_with_everything_that_is_left(provider: LocalKeyFile) -> None:
    """What travels and what the file holds after shredding do not give the data key."""
    data_key, sealed = seal_body(b"MRN 12345", GONE, provider)
    assert data_key == provider.unwrap(sealed.key_id, sealed.wrapped_key, GONE)
    shred(provider)
    assert "shredded" == refused(lambda: provider.unwrap(sealed.key_id, sealed.wrapped_key, GONE))
    for key in KeySet.load(provider.file.path, "master").keys:
        for secret in (*key.tree.nodes.values(), key.mac_key or b""):
            under, blob = sub_key(secret, "wrap"), sealed.wrapped_key
            assert "unsealable" == refused(lambda u=under, b=blob: unlock_joined(u, b, GONE))  # type: ignore[misc]
