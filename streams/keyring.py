"""How keys stand in text and on disk; what `signing` and `sealing` share.

1. A public key is one line, `name+hash+base64`, the verifier key of C2SP signed-note: the hash
   is the first four bytes of SHA-256(name || 0x0A || kind || key). `name+hash` is the key's id.
2. A private key is a PEM file (PKCS #8) whose first line names its public key, so that a file can
   be told without its passphrase and a mix-up is noticed. It is 0600, and refused otherwise.
3. A passphrase is stretched by scrypt (RFC 7914) before PKCS #8 sees it: the library's own
   encryption stretches it 2,048 times with PBKDF2, which a stolen file would not withstand.
4. A secret is written beside its place, flushed, then moved there: a crash leaves the old or the
   new one. Nothing is overwritten unless the caller says so.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from streams.errors import KeyringError
from streams.files import replacing

SIGNING = 0x01  # Ed25519, as C2SP signed-note assigns it
COSIGNING = 0x04  # Ed25519 under a witness's cosignature (C2SP tlog-cosignature)
SEALING = 0x20  # X25519; our own, kept clear of C2SP's signature types: it never signs a note
_LABELS = {SIGNING: "signing", COSIGNING: "witness", SEALING: "sealing"}
_RAW_BYTES = 32  # both curves
_NAME_CHARS_MAX = 128
_SCRYPT = "scrypt-17-8-1"  # N = 2**17, r = 8, p = 1: 128 MiB and about half a second (OWASP 2024)
_SALT_BYTES = 16
_FILE_BYTES_MAX = 65_536  # 256 rotations at about 150 bytes each, and as much again

PrivateKey = Ed25519PrivateKey | X25519PrivateKey


def check_name(name: str) -> str:
    """Return `name` if a key may bear it: printable, no space, no plus (C2SP signed-note)."""
    good = 0 < len(name) <= _NAME_CHARS_MAX and name.isprintable()
    if not good or "+" in name or any(char.isspace() for char in name):
        raise KeyringError(
            f"a key's name has 1 to {_NAME_CHARS_MAX} printable characters, no space and no '+'"
        )
    return name


@dataclass(frozen=True)
class PublicText:
    """A named public key of 32 bytes; `KIND` tells what it is for."""

    name: str
    raw: bytes = field(repr=False)
    KIND: ClassVar[int]

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.raw) != _RAW_BYTES:
            raise KeyringError(f"a {_LABELS[self.KIND]} key has {_RAW_BYTES} bytes")

    @property
    def key_id(self) -> str:
        """`name+hash`: enough to look the key up, too short to trust."""
        framed = self.name.encode() + b"\n" + bytes([self.KIND]) + self.raw
        return f"{self.name}+{hashlib.sha256(framed).hexdigest()[:8]}"

    @property
    def text(self) -> str:
        """The one line that stands in a directory file."""
        return f"{self.key_id}+{base64.b64encode(bytes([self.KIND]) + self.raw).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read such a line; KeyringError says what is wrong with it."""
        name, kind, raw = _split(text)
        if kind != cls.KIND:
            wanted, found = _LABELS[cls.KIND], _LABELS.get(kind, "foreign")
            raise KeyringError(f"this is a {found} key, a {wanted} key belongs here")
        key = cls(name, raw)
        if key.text != text:
            raise KeyringError(
                "the key's text is damaged: its hash does not fit",
                hint="copy the whole line again, as `phigate key show FILE` prints it",
            )
        return key


def _split(text: str) -> tuple[str, int, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:  # noqa: PLR2004 - name, hash, key
        raise KeyringError("a public key is written name+hash+base64")
    try:
        data = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        raise KeyringError("the key's base64 is damaged") from None
    if not data:
        raise KeyringError("the key's base64 is empty")
    return parts[0], data[0], data[1:]


# ---------------------------------------------------------------- private keys as PEM


def save_private(
    path: Path, public: PublicText, key: PrivateKey, passphrase: str | None, *, force: bool
) -> None:
    """Write a private key, encrypted where there is a passphrase; KeyringError if it cannot be."""
    head = f"phigate {_LABELS[public.KIND]} key {public.text}"
    lock: KeySerializationEncryption = NoEncryption()
    if passphrase is not None:
        salt = os.urandom(_SALT_BYTES)
        head += f" {_SCRYPT} {salt.hex()}"
        lock = BestAvailableEncryption(_stretched(passphrase, salt))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    write_secret(path, head.encode() + b"\n" + pem, force=force)


def load_private(path: Path, kind: int, passphrase: str | None) -> tuple[str, PrivateKey]:
    """Read a private key and its public key's text; the caller checks that the two fit."""
    file = describe(path)
    if file.label != _LABELS[kind]:
        raise KeyringError(f"{path} holds a {file.label} key, a {_LABELS[kind]} key is needed")
    if file.salt is not None and passphrase is None:
        raise KeyringError(
            f"{path} is locked by a passphrase, and none was given", code="passphrase_needed"
        )
    secret = _stretched(passphrase, file.salt) if file.salt and passphrase is not None else None
    try:
        key = load_pem_private_key(file.pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why, code = ("the passphrase is wrong", "wrong_passphrase") if secret else ("", None)
        raise KeyringError(f"{path} cannot be read: {why or 'it is damaged'}", code=code) from None
    if not isinstance(key, Ed25519PrivateKey | X25519PrivateKey):
        raise KeyringError(f"{path} holds a key of another algorithm")
    return file.text, key


def _stretched(passphrase: str, salt: bytes) -> bytes:
    if not passphrase:
        raise KeyringError("the passphrase is empty", code="wrong_passphrase")
    n, r, memory = 2**17, 8, 192 * 1024 * 1024  # scrypt needs 128 * n * r bytes and a little more
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=1, maxmem=memory, dklen=32)
    return key.hex().encode()


class PrivateFile(NamedTuple):
    """A key file, read but not opened: what its first line claims, and the PEM below."""

    label: str
    text: str
    salt: bytes | None
    pem: bytes


def describe(path: Path) -> PrivateFile:
    """Read a key file without opening it, so without its passphrase; KeyringError if it is none."""
    head, _, pem = read_secret(path).partition(b"\n")
    match head.decode("utf-8", "replace").split(" "):
        case ["phigate", ("signing" | "sealing") as label, "key", text]:
            return PrivateFile(label, text, None, pem)
        case ["phigate", ("signing" | "sealing") as label, "key", text, name, salt] if (
            name == _SCRYPT and re.fullmatch(r"[0-9a-f]{32}", salt)
        ):
            return PrivateFile(label, text, bytes.fromhex(salt), pem)
    raise KeyringError(f"{path} is no phigate key file", hint="`phigate key new` makes one")


# ---------------------------------------------------------------- secrets on disk


def write_secret(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write `data` to `path` as 0600, whole or not at all; missing folders are made as 0700."""
    with _explained(path):
        _make_folder(path.parent)
        with replacing(path, exclusive=not force) as part:
            part.write_bytes(data)


def supersede_secret(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file whose content must be gone: the old bytes are overwritten.

    After the new file is durable, so a crash in between leaves the new one, and the old bytes in
    blocks that no file has. What an SSD, a snapshot or a backup keeps is out of reach from here.
    """
    with _explained(path), path.open("r+b") as old:
        length = os.fstat(old.fileno()).st_size
        write_secret(path, data, force=True)
        old.write(bytes(length))
        old.flush()
        os.fsync(old.fileno())


def sweep_beside(path: Path) -> None:
    """Overwrite and remove what a write that was cut off left beside a secret."""
    with _explained(path):
        for left in path.parent.glob(f".{path.name}.*"):
            left.write_bytes(bytes(left.stat().st_size))
            left.unlink()


def read_secret(path: Path, bytes_max: int = _FILE_BYTES_MAX) -> bytes:
    """Read a file that nobody but its owner may read; KeyringError otherwise."""
    with _explained(path), path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        if mode & 0o077:
            raise KeyringError(
                f"{path} can be read by others (mode {mode:o})",
                code="key_exposed",
                hint=f"chmod 600 {path}",
            )
        data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise KeyringError(f"{path} is no key file: it has more than {bytes_max} bytes")
    return data


def _make_folder(folder: Path) -> None:
    for missing in [each for each in reversed((folder, *folder.parents)) if not each.exists()]:
        missing.mkdir(mode=0o700, exist_ok=True)  # `parents=True` would open those between


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what the file system says into a KeyringError that says what to do."""
    try:
        yield
    except FileNotFoundError:
        raise KeyringError(
            f"there is no key at {path}",
            code="no_key",
            hint=_where(path),
        ) from None
    except FileExistsError:
        raise KeyringError(
            f"{path} is there already, and was left as it is",
            code="key_exists",
            hint="choose another name, or give --force: what only the old key opens is then lost",
        ) from None
    except OSError as error:
        raise KeyringError(f"{path}: {error.strerror}", code="key_unreadable") from None


def _where(path: Path) -> str:
    """Return where the key may be, or what makes one; the key of a gate in use is in its backup."""
    near = next(path.parent.glob(f"*/{path.name}"), None) if path.parent.is_dir() else None
    if near is not None:
        return f"is it {near}?"
    return (
        "if it was there, put its backup back: a new key opens nothing of the old one's. "
        "`phigate init` makes the keys of a new gate, `phigate key new NAME` a person's, with "
        "--executor a class's, with --agent an agent's"
    )
