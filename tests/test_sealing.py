"""Sealing: it opens for the right key, intent and bytes, and for nothing else, and says nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import InputError, KeyringError
from streams.events import Sealed
from streams.keyring import write_secret
from streams.sealing import (
    LocalKeyFile,
    ReleaseKey,
    SealKey,
    SealPublicKey,
    action_digest,
    keyset,
    open_body,
    seal_body,
)
from streams.sealing.hpke import _SUITE, Purpose
from streams.sealing.symmetric import framed, sub_key

SECRET = b"MRN 12345, HIV positive"
KEY = SealKey.new("gate")
INTENT = Purpose.INTENT
DATA_KEY = bytes(range(32))


@pytest.fixture
def provider(tmp_path: Path) -> LocalKeyFile:
    """Return a fresh file of master keys."""
    return LocalKeyFile.create(tmp_path / "master.key")


def unsealable(opening: Callable[[], object]) -> None:
    """Check that this cannot be opened, and that the error says nothing of the text."""
    with pytest.raises(InputError) as caught:
        opening()
    assert "unsealable" == caught.value.code
    assert "MRN" not in f"{caught.value!r}{caught.value.__context__!r}"


# ---------------------------------------------------------------- HPKE


@given(st.binary(max_size=300), st.text(max_size=40))
def test_hpke_round_trip(plain: bytes, aad: str) -> None:
    """What is sealed to a key opens with it: 32 bytes of key and 16 of tag longer."""
    blob = SealPublicKey.parse(KEY.public.text).seal(plain, aad, INTENT)
    assert len(plain) + 48 == len(blob)
    assert plain == KEY.open(blob, aad, INTENT)


def test_hpke_is_rfc_9180_with_these_parameters() -> None:
    """A blob is `enc || ct` of the named suite with this info, so others can open it."""
    blob = KEY.public.seal(b"x", "intent-1", INTENT)
    assert b"x" == _SUITE.decrypt(blob, KEY._key, b"phigate/hpke/v1\x00intent body\x00intent-1")


def test_opens_a_blob_of_the_first_version() -> None:
    """A blob and a key that were written down when this was built still fit."""
    vector = json.loads((Path(__file__).parent / "vectors" / "hpke-blob.json").read_text())
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["private"]))
    key = SealKey._named("vector", private)
    assert vector["public"] == key.public.text
    blob, purpose = bytes.fromhex(vector["blob"]), Purpose(vector["purpose"])
    assert vector["plain"].encode() == key.open(blob, vector["aad"], purpose)


@given(st.data())
def test_no_byte_of_a_blob_can_be_changed(data: st.DataObject) -> None:
    """Change any byte, or cut it anywhere: it does not open."""
    blob = bytearray(KEY.public.seal(SECRET, "i", INTENT))
    at = data.draw(st.integers(0, len(blob) - 1))
    cut = bytes(blob[:at])
    blob[at] ^= data.draw(st.integers(1, 255))
    unsealable(lambda: KEY.open(bytes(blob), "i", INTENT))
    unsealable(lambda: KEY.open(cut, "i", INTENT))


def test_each_bit_of_the_encapsulated_key_counts() -> None:
    """Even the top bit, which X25519 masks (RFC 7748 section 5): HPKE binds the bytes."""
    blob = bytearray(KEY.public.seal(SECRET, "i", INTENT))
    blob[31] ^= 0x80
    unsealable(lambda: KEY.open(bytes(blob), "i", INTENT))


def test_a_blob_opens_for_its_key_and_intent_alone() -> None:
    """Another key, or the same blob under another intent: it does not open."""
    blob = KEY.public.seal(SECRET, "intent-1", INTENT)
    unsealable(lambda: SealKey.new("gate").open(blob, "intent-1", INTENT))
    unsealable(lambda: KEY.open(blob, "intent-2", INTENT))
    unsealable(lambda: KEY.open(b"", "intent-1", INTENT))


@given(st.sampled_from(Purpose), st.sampled_from(Purpose), st.text(max_size=8))
def test_a_blob_opens_for_its_purpose_alone(one: Purpose, other: Purpose, aad: str) -> None:
    """What was sealed as one thing is nothing else, whatever the associated data say."""
    blob = KEY.public.seal(SECRET, aad, one)
    if one is other:
        assert SECRET == KEY.open(blob, aad, other)
    else:
        unsealable(lambda: KEY.open(blob, aad, other))
        unsealable(lambda: KEY.open(blob, f"{one}\x00{aad}", other))


def test_sealing_twice_gives_two_blobs() -> None:
    """Nobody can tell that two blobs hold the same."""
    assert KEY.public.seal(SECRET, "i", INTENT) != KEY.public.seal(SECRET, "i", INTENT)


def test_does_not_seal_to_a_weak_key() -> None:
    """A key with which only one secret can be agreed (RFC 7748 section 6.1) is an error."""
    with pytest.raises(KeyringError, match="weak"):
        SealPublicKey("eve", bytes(32)).seal(b"x", "i", INTENT)


# ---------------------------------------------------------------- bodies and data keys


@given(body=st.binary(max_size=300))
def test_body_round_trip(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    """A sealed body opens with the data key it came with, and the provider gives that key back."""
    provider = LocalKeyFile.create(tmp_path_factory.mktemp("keys") / "master.key")
    data_key, sealed = seal_body(body, "intent-1", provider)
    assert body == open_body(data_key, sealed, "intent-1")
    assert data_key == provider.unwrap(sealed.key_id, sealed.wrapped_key, "intent-1")


def test_each_body_has_its_own_key(provider: LocalKeyFile) -> None:
    """The same intent twice: another data key, another ciphertext."""
    (one, first), (two, second) = (seal_body(SECRET, "i", provider) for _ in range(2))
    assert one != two
    assert first.ciphertext != second.ciphertext


@pytest.mark.parametrize("part", ["nonce", "ciphertext"])
def test_no_byte_of_a_body_can_be_changed(provider: LocalKeyFile, part: str) -> None:
    """Flip each bit of each byte, and cut it: it does not open."""
    data_key, sealed = seal_body(SECRET, "i", provider)
    whole: bytes = getattr(sealed, part)
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for wrong in (*flipped, whole[:-1], b""):
        other = sealed.model_copy(update={part: wrong})
        unsealable(lambda other=other: open_body(data_key, other, "i"))  # type: ignore[misc]


def test_a_body_opens_for_its_key_and_intent_alone(provider: LocalKeyFile) -> None:
    """Another data key or another intent does not open it, nor its wrapped key."""
    data_key, sealed = seal_body(SECRET, "intent-1", provider)
    unsealable(lambda: open_body(bytes(32), sealed, "intent-1"))
    unsealable(lambda: open_body(data_key, sealed, "intent-2"))
    unsealable(lambda: provider.unwrap(sealed.key_id, sealed.wrapped_key, "intent-2"))


def test_no_byte_of_a_wrapped_key_can_be_changed(provider: LocalKeyFile) -> None:
    """Flip a bit of each byte of a wrapped data key: it does not open."""
    key_id, wrapped = provider.wrap(DATA_KEY, "i")
    for at in range(len(wrapped)):
        wrong = wrapped[:at] + bytes([wrapped[at] ^ 0x80]) + wrapped[at + 1 :]
        unsealable(lambda wrong=wrong: provider.unwrap(key_id, wrong, "i"))  # type: ignore[misc]


def test_the_data_key_itself_encrypts_nothing(provider: LocalKeyFile) -> None:
    """Body and action have sub keys, so a leak of one use says nothing of the other."""
    assert sub_key(DATA_KEY, "body") != sub_key(DATA_KEY, "action") != DATA_KEY


# ---------------------------------------------------------------- the file of master keys


def test_rotation_keeps_what_was_wrapped(provider: LocalKeyFile) -> None:
    """After a rotation, new keys are wrapped under the new one, and old ones still open."""
    old_id, old = provider.wrap(DATA_KEY, "i")
    keyset.rotate(provider.file.path, "master")
    loaded = LocalKeyFile.load(provider.file.path)
    new_id, new = loaded.wrap(DATA_KEY, "i")
    assert old_id != new_id
    assert DATA_KEY == loaded.unwrap(old_id, old, "i") == provider.unwrap(new_id, new, "i")


def test_rotation_leaves_the_mac_as_it_is(provider: LocalKeyFile) -> None:
    """A repeat of an intent is known as one across a rotation."""
    before = provider.mac(SECRET)
    keyset.rotate(provider.file.path, "master")
    assert before == provider.mac(SECRET) == LocalKeyFile.load(provider.file.path).mac(SECRET)
    assert 64 == len(before)
    assert before != provider.mac(SECRET + b"!")


def test_macs_of_two_gates_differ(tmp_path: Path) -> None:
    """The digest is keyed: who has not the file cannot make it."""
    one, two = (LocalKeyFile.create(tmp_path / name) for name in "ab")
    assert one.mac(SECRET) != two.mac(SECRET)


def test_a_key_of_another_file_is_the_operators_to_mend(tmp_path: Path) -> None:
    """A data key wrapped under a master key that is not here is told from a changed one."""
    one, two = (LocalKeyFile.create(tmp_path / name) for name in "ab")
    key_id, wrapped = one.wrap(DATA_KEY, "i")
    with pytest.raises(KeyringError) as caught:
        two.unwrap(key_id, wrapped, "i")
    assert "no_key" == caught.value.code


def test_master_keys_are_not_overwritten(provider: LocalKeyFile) -> None:
    """Creating again where a file is loses nothing."""
    before = provider.file.path.read_bytes()
    with pytest.raises(KeyringError, match="is there already"):
        LocalKeyFile.create(provider.file.path)
    assert before == provider.file.path.read_bytes()


def test_refuses_damaged_master_keys(provider: LocalKeyFile) -> None:
    """A key that does not fit its id, no key, no JSON, another purpose: each a KeyringError."""
    whole = json.loads(provider.file.path.read_text())
    swapped = whole["keys"][0] | {"key": "A" * 43 + "="}
    damages: list[object] = [
        whole | {"keys": [swapped]},
        whole | {"keys": []},
        whole | {"purpose": "release"},
        whole | {"more": 1},
        [],
    ]
    for wrong in damages:
        write_secret(provider.file.path, json.dumps(wrong).encode(), force=True)
        with pytest.raises(KeyringError):
            LocalKeyFile.load(provider.file.path)
    write_secret(provider.file.path, b"\xff", force=True)
    with pytest.raises(KeyringError, match="damaged"):
        LocalKeyFile.load(provider.file.path)


def test_errors_and_reprs_hold_no_key(provider: LocalKeyFile) -> None:
    """Neither the repr of a provider nor the error of a damaged file shows key bytes."""
    secret = json.loads(provider.file.path.read_text())["keys"][0]["key"]
    write_secret(provider.file.path, provider.file.path.read_bytes()[:-3] + b"]", force=True)
    with pytest.raises(KeyringError) as caught:
        LocalKeyFile.load(provider.file.path)
    assert secret not in f"{caught.value!r}{provider!r}{provider.file._set!r}"


# ---------------------------------------------------------------- digests


def test_action_digest_is_pinned() -> None:
    """The digest that stands in signed statements does not change between versions."""
    expected = (Path(__file__).parent / "vectors" / "action-digest.txt").read_text().strip()
    assert expected == action_digest(DATA_KEY, "data.export", "table", "patients", b"{}")


_PARTS = st.tuples(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))


@given(_PARTS, st.binary(max_size=3), _PARTS, st.binary(max_size=3))
def test_action_digest_binds_each_part(
    one: tuple[str, str, str], body: bytes, two: tuple[str, str, str], other: bytes
) -> None:
    """Two actions have one digest only if they are one action under one key."""
    whole = action_digest(DATA_KEY, *one, body)
    assert ((one, body) == (two, other)) == (whole == action_digest(DATA_KEY, *two, other))
    assert whole != action_digest(bytes(32), *one, body)


def test_action_digest_does_not_run_parts_together() -> None:
    """A character that moves from one part into the next makes another digest."""
    digests = {
        action_digest(DATA_KEY, "ab", "c", "d", b"e"),
        action_digest(DATA_KEY, "a", "bc", "d", b"e"),
        action_digest(DATA_KEY, "ab", "", "cd", b"e"),
        action_digest(DATA_KEY, "ab", "c", "", b"de"),
    }
    assert 4 == len(digests)


@given(st.lists(st.binary(max_size=9)), st.lists(st.binary(max_size=9)))
def test_framing_is_injective(one: list[bytes], two: list[bytes]) -> None:
    """Two lists of parts give the same bytes only if they are the same list."""
    assert (one == two) == (framed(*one) == framed(*two))


# ---------------------------------------------------------------- release


@given(blob=st.binary(max_size=200))
def test_release_round_trip(tmp_path_factory: pytest.TempPathFactory, blob: bytes) -> None:
    """What admit locks, the fold unlocks from the same file, to the same bytes each time."""
    path = tmp_path_factory.mktemp("keys") / "release.key"
    locked = ReleaseKey.create(path).lock(blob, "i")
    fold = ReleaseKey.load(path)
    assert blob == fold.unlock(locked, "i") == fold.unlock(locked, "i")


def test_release_opens_for_its_key_and_intent_alone(tmp_path: Path) -> None:
    """Another key, another intent, a changed byte: locked."""
    key, other = (ReleaseKey.create(tmp_path / name) for name in "ab")
    locked = key.lock(b"blob", "intent-1")
    unsealable(lambda: other.unlock(locked, "intent-1"))
    unsealable(lambda: key.unlock(locked, "intent-2"))
    unsealable(lambda: key.unlock(locked[:-1], "intent-1"))
    unsealable(lambda: key.unlock(b"", "intent-1"))


def test_the_fold_cannot_read_what_it_releases(tmp_path: Path) -> None:
    """What the fold unlocks is still sealed to the executor class."""
    executor = SealKey.new("clinic-db")
    release = ReleaseKey.create(tmp_path / "release.key")
    locked = release.lock(executor.public.seal(DATA_KEY, "i", Purpose.DATA_KEY), "i")
    assert DATA_KEY not in release.unlock(locked, "i")
    assert DATA_KEY == executor.open(release.unlock(locked, "i"), "i", Purpose.DATA_KEY)


def test_master_and_release_keys_are_not_mixed_up(tmp_path: Path) -> None:
    """The file of one is not loaded as the other."""
    LocalKeyFile.create(tmp_path / "master.key")
    ReleaseKey.create(tmp_path / "release.key")
    with pytest.raises(KeyringError, match="holds master keys, release keys are needed"):
        ReleaseKey.load(tmp_path / "master.key")
    with pytest.raises(KeyringError, match="holds release keys, master keys are needed"):
        LocalKeyFile.load(tmp_path / "release.key")
    assert "ReleaseKey()" == repr(ReleaseKey.load(tmp_path / "release.key"))


def test_sealed_has_what_travels_and_no_more(provider: LocalKeyFile) -> None:
    """The data key is not in what is published."""
    data_key, sealed = seal_body(SECRET, "i", provider)
    assert {"key_id", "wrapped_key", "nonce", "ciphertext"} == set(Sealed.model_fields)
    parts = sealed.wrapped_key + sealed.nonce + sealed.ciphertext
    assert data_key not in parts
    assert SECRET not in parts
