"""Keys on disk and in text: who may read them, what is overwritten, what a mix-up looks like."""

import stat
from pathlib import Path

import pytest

from streams.errors import KeyringError
from streams.keyring import check_name, describe, read_secret, write_secret
from streams.sealing import SealKey, SealPublicKey
from streams.signing import PublicKey, SigningKey

# The verifier key of the Go checksum database, and the one in the note package's documentation.
GO_SUM = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def mode(path: Path) -> int:
    """Return the permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("text", [GO_SUM, GO_NOTE])
def test_reads_and_writes_verifier_keys_as_others_do(text: str) -> None:
    """A C2SP verifier key made by somebody else comes out as it went in."""
    assert text == PublicKey.parse(text).text


def test_key_id_is_name_and_hash() -> None:
    """The id is the text up to the key itself."""
    assert "sum.golang.org+033de0ae" == PublicKey.parse(GO_SUM).key_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sum.golang.org",
        "sum.golang.org+033de0ae",
        "sum.golang.org+033de0ae+",
        "sum.golang.org+033de0ae+!!!!",
        GO_SUM.replace("033de0ae", "033de0af"),
        GO_SUM.replace("sum.", "sun."),
        GO_SUM[:-4],
        GO_SUM + "=",
        GO_SUM.replace("033de0ae", "033DE0AE"),
        f" {GO_SUM}",
        "ä b+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ],
)
def test_refuses_damaged_key_texts(text: str) -> None:
    """Each damage to a public key's line is noticed."""
    with pytest.raises(KeyringError):
        PublicKey.parse(text)


def test_tells_signing_and_sealing_keys_apart() -> None:
    """A sealing key where a signing key belongs is named as such, and the other way round."""
    with pytest.raises(KeyringError, match="this is a sealing key, a signing key belongs here"):
        PublicKey.parse(SealKey.new("gate").public.text)
    with pytest.raises(KeyringError, match="this is a signing key, a sealing key belongs here"):
        SealPublicKey.parse(GO_SUM)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u200bb", "x" * 129])
def test_refuses_names_that_do_not_stand_as_one_word(name: str) -> None:
    """A name with a space, a plus or something invisible bears no key."""
    with pytest.raises(KeyringError):
        check_name(name)


# ---------------------------------------------------------------- files


def test_secret_file_and_its_folders_are_the_owners_alone(tmp_path: Path) -> None:
    """The file is 0600, each folder made for it 0700."""
    path = tmp_path / "home" / "keys" / "secret"
    write_secret(path, b"x")
    assert 0o600 == mode(path)
    assert (0o700, 0o700) == (mode(path.parent), mode(path.parent.parent))


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_refuses_a_secret_that_others_may_read(tmp_path: Path, bits: int) -> None:
    """A file that anybody else may touch is not read; the hint is the command that mends it."""
    path = tmp_path / "secret"
    write_secret(path, b"x")
    path.chmod(bits)
    with pytest.raises(KeyringError) as caught:
        read_secret(path)
    assert ("key_exposed", f"chmod 600 {path}") == (caught.value.code, caught.value.hint)


def test_overwrites_only_when_told(tmp_path: Path) -> None:
    """What is there stays, and nothing is left beside it; `force` replaces it."""
    path = tmp_path / "secret"
    write_secret(path, b"old")
    with pytest.raises(KeyringError) as caught:
        write_secret(path, b"new")
    assert "key_exists" == caught.value.code
    assert b"old" == read_secret(path)
    write_secret(path, b"new", force=True)
    assert b"new" == read_secret(path)
    assert [path] == list(tmp_path.iterdir())


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    """The error of a key that is not there names the commands."""
    with pytest.raises(KeyringError) as caught:
        SigningKey.load(tmp_path / "none")
    assert "no_key" == caught.value.code
    assert "phigate key new" in caught.value.hint


def test_a_folder_or_a_huge_file_is_no_key(tmp_path: Path) -> None:
    """What cannot be a key file is refused, not read to its end."""
    with pytest.raises(KeyringError):
        read_secret(tmp_path)
    write_secret(tmp_path / "huge", bytes(70_000))
    with pytest.raises(KeyringError, match="no key file"):
        read_secret(tmp_path / "huge")


@pytest.mark.parametrize("kind", [SigningKey, SealKey])
def test_private_key_round_trip(tmp_path: Path, kind: type[SigningKey | SealKey]) -> None:
    """A key comes back from its file with its name, and its file tells the public key."""
    key = kind.new("ada")
    key.save(tmp_path / "ada.key")
    assert key.public == kind.load(tmp_path / "ada.key").public
    assert key.public.text == describe(tmp_path / "ada.key").text


def test_passphrase_locks_the_key(tmp_path: Path) -> None:
    """A locked key opens with its passphrase alone; its public key is told without."""
    path = tmp_path / "ada.key"
    key = SigningKey.new("ada")
    key.save(path, "correct horse")
    assert key.sign(b"x") == SigningKey.load(path, "correct horse").sign(b"x")
    codes = []
    for passphrase in (None, "", "wrong horse"):
        with pytest.raises(KeyringError) as caught:
            SigningKey.load(path, passphrase)
        codes.append(caught.value.code)
    assert ["passphrase_needed", "wrong_passphrase", "wrong_passphrase"] == codes
    assert key.public.text == describe(path).text
    assert b"scrypt-17-8-1" in path.read_bytes()


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    """A key is not written as locked when nothing locks it."""
    with pytest.raises(KeyringError):
        SigningKey.new("ada").save(tmp_path / "ada.key", "")
    assert not (tmp_path / "ada.key").exists()


@pytest.mark.parametrize("kind", [SigningKey, SealKey])
def test_notices_files_that_were_mixed_up(tmp_path: Path, kind: type[SigningKey | SealKey]) -> None:
    """A first line that names another key than the PEM below holds is refused."""
    one, two = tmp_path / "one", tmp_path / "two"
    kind.new("one").save(one)
    kind.new("two").save(two)
    mixed = one.read_bytes().split(b"\n", 1)[0] + b"\n" + two.read_bytes().split(b"\n", 1)[1]
    write_secret(tmp_path / "mixed", mixed)
    with pytest.raises(KeyringError, match="names another key"):
        kind.load(tmp_path / "mixed")


def test_refuses_a_key_of_the_other_kind(tmp_path: Path) -> None:
    """A sealing key's file does not sign, a signing key's does not open."""
    SigningKey.new("a").save(tmp_path / "sign")
    SealKey.new("a").save(tmp_path / "seal")
    with pytest.raises(KeyringError, match="a sealing key, a signing key is needed"):
        SigningKey.load(tmp_path / "seal")
    with pytest.raises(KeyringError, match="a signing key, a sealing key is needed"):
        SealKey.load(tmp_path / "sign")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\n"])
def test_refuses_foreign_files(tmp_path: Path, data: bytes) -> None:
    """A file that is no key file of ours is named, not guessed at."""
    write_secret(tmp_path / "key", data)
    with pytest.raises(KeyringError, match="no phigate key file"):
        SigningKey.load(tmp_path / "key")


def test_refuses_a_damaged_pem(tmp_path: Path) -> None:
    """A key file whose PEM is cut short says so."""
    path = tmp_path / "key"
    SigningKey.new("ada").save(path)
    write_secret(path, path.read_bytes()[:-60], force=True)
    with pytest.raises(KeyringError, match="damaged"):
        SigningKey.load(path)
