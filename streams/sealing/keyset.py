"""Symmetric keys in a file: the first is current, all open, one intent's share can be destroyed.

Each key is the root of a tree (`puncture.py`) whose leaves are the intents' keys. Once an intent
was shredded the root is no longer in the file, only what derives all other leaves. A key for MACs
is apart from the tree, so a shredded intent is still known when it comes again.

Whoever changes the file holds its lock; whoever uses it looks before each use whether it was
changed, so a rotation or a shredding reaches running workers with their next record.
"""

import fcntl
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from streams.errors import InputError, KeyringError, ProviderError
from streams.keyring import read_secret, supersede_secret, sweep_beside, write_secret
from streams.sealing.puncture import PATH_BYTES, KeyTree, path_of
from streams.sealing.symmetric import KEY_BYTES, draw_key, framed, mac, sub_key

Purpose = Literal["master", "release"]

KEYS_MAX: Final = 256  # a rotation a week for five years
# One shredded intent takes 5.5 KiB for each key of the file: some 6,000 under two keys.
FILE_BYTES_MAX: Final = 64 * 1024 * 1024

_Key = Annotated[Base64Bytes, Field(min_length=KEY_BYTES, max_length=KEY_BYTES)]
_Path = Annotated[Base64Bytes, Field(min_length=PATH_BYTES, max_length=PATH_BYTES)]


def shredded() -> InputError:
    """Return the error of whatever asks for the key of a shredded intent."""
    return InputError("this intent was shredded: its key is destroyed", code="shredded")


class StoredKey(BaseModel):
    """One key of a file: its root, or what shredding left of it.

    Its id is derived from the root, `check` from what is left: a damaged key does not fit them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    created: str
    key: _Key | None = Field(default=None, repr=False)
    mac_key: _Key | None = Field(default=None, repr=False)
    gone: tuple[_Path, ...] = ()
    nodes: Base64Bytes = Field(default=b"", repr=False)
    check: str = ""

    @classmethod
    def new(cls) -> Self:
        """Draw a key. Its date is for people: nothing is decided by it."""
        key = draw_key()
        now = datetime.now(UTC)  # noqa: TID251 - see the docstring
        created = now.isoformat(timespec="seconds")
        # Built as the file holds it, since a `Base64Bytes` field decodes what it is given.
        return cls.model_validate({"id": id_of(key), "created": created, "key": b64encode(key)})

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.key is not None:
            sound = self.id == id_of(self.key) and not (self.mac_key or self.gone or self.nodes)
        else:
            said = _check(self.id, self._mac_key(), self.gone, self.nodes)
            sound = self.mac_key is not None and self.check == said
        if not sound or not self.tree:
            raise ValueError("a key does not fit its id")
        return self

    @cached_property
    def tree(self) -> KeyTree:
        """The tree of the intents' keys; ValueError where its parts do not fit."""
        if self.key is not None:
            return KeyTree.whole(sub_key(self.key, "tree"))
        return KeyTree.unpack(self.gone, self.nodes)

    def mac(self, data: bytes) -> str:
        """Return HMAC-SHA256 in hex under this key's own key for it."""
        return mac(self._mac_key(), data)

    def leaf(self, intent_id: str) -> bytes:
        """Return the intent's key; InputError `shredded`."""
        found = self.tree.leaf(path_of(intent_id))
        if found is None:
            raise shredded()
        return found

    def without(self, intent_id: str) -> "StoredKey":
        """Return the key with the intent's share destroyed."""
        tree = self.tree.without(path_of(intent_id))
        nodes, mac_key = tree.pack(), self._mac_key()
        return StoredKey.model_construct(
            id=self.id,
            created=self.created,
            mac_key=mac_key,
            gone=tree.gone,
            nodes=nodes,
            check=_check(self.id, mac_key, tree.gone, nodes),
        )

    def _mac_key(self) -> bytes:
        if self.key is not None:
            return sub_key(self.key, "mac")
        return self.mac_key or b""

    def as_json(self) -> dict[str, Any]:
        """Return what the file holds; what is not there has no name."""
        whole = {"id": self.id, "created": self.created}
        if self.key is not None:
            return {**whole, "key": _b64(self.key)}
        return {
            **whole,
            "mac_key": _b64(self._mac_key()),
            "gone": [_b64(path) for path in self.gone],
            "nodes": _b64(self.nodes),
            "check": self.check,
        }


def id_of(key: bytes) -> str:
    """Return a name that a key gives itself; the key cannot be found from it."""
    return sub_key(key, "key id")[:8].hex()


def _check(key_id: str, mac_key: bytes, gone: tuple[bytes, ...], nodes: bytes) -> str:
    return hashlib.sha256(framed(key_id.encode(), mac_key, b"".join(gone), nodes)).hexdigest()


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


class KeySet(BaseModel):
    """A file of symmetric keys for one purpose; the first one is current.

    `shredded` are the paths of the intents whose key was destroyed, for keys drawn since then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose
    keys: Annotated[tuple[StoredKey, ...], Field(min_length=1, max_length=KEYS_MAX)]
    shredded: tuple[_Path, ...] = ()

    @classmethod
    def new(cls, purpose: Purpose) -> Self:
        """Draw the first key."""
        return cls(purpose=purpose, keys=(StoredKey.new(),))

    @classmethod
    def load(cls, path: Path, purpose: Purpose) -> Self:
        """Read a key file; KeyringError if it is missing, exposed, damaged, or for another use."""
        try:
            found = cls._read(path)
        except ValidationError:
            found = None
        if found is None:  # it was superseded while it was read, or it is damaged
            try:
                found = cls._read(path)
            except ValidationError:
                raise KeyringError(f"{path} is damaged, or no file of {purpose} keys") from None
        if found.purpose != purpose:
            raise KeyringError(f"{path} holds {found.purpose} keys, {purpose} keys are needed")
        return found

    @classmethod
    def _read(cls, path: Path) -> Self:
        return cls.model_validate_json(read_secret(path, FILE_BYTES_MAX))

    def pack(self) -> bytes:
        """Return the file's bytes; KeyringError `full` where no more fit."""
        whole = {
            "purpose": self.purpose,
            "keys": [key.as_json() for key in self.keys],
            "shredded": [_b64(path) for path in self.shredded],
        }
        data = json.dumps(whole, indent=2).encode()
        if len(data) > FILE_BYTES_MAX:
            raise KeyringError(f"a key file would pass {FILE_BYTES_MAX} bytes", code="full")
        return data

    def save(self, path: Path, *, force: bool = False) -> None:
        """Write the file as 0600; KeyringError `key_exists` unless `force`."""
        write_secret(path, self.pack(), force=force)

    def rotated(self) -> "KeySet":
        """Return the set with a fresh current key; KeyringError where no more fit."""
        if len(self.keys) >= KEYS_MAX:
            raise KeyringError(f"a key file holds {KEYS_MAX} keys, and no more fit", code="full")
        return self.model_copy(update={"keys": (StoredKey.new(), *self.keys)})

    def without(self, intent_id: str) -> "KeySet":
        """Return the set with the intent's share of every key destroyed."""
        return self.model_copy(
            update={
                "keys": tuple(key.without(intent_id) for key in self.keys),
                "shredded": tuple(sorted({*self.shredded, path_of(intent_id)})),
            }
        )

    def has_shredded(self, intent_id: str) -> bool:
        """Return whether this intent's share was destroyed."""
        return path_of(intent_id) in self.shredded


@dataclass
class KeyFile:
    """A file of keys in use: read again where it has changed."""

    path: Path
    purpose: Purpose
    _set: KeySet = field(repr=False)
    _seen: tuple[int, ...] = field(repr=False, default=())

    @classmethod
    def load(cls, path: Path, purpose: Purpose) -> Self:
        """Read the file; KeyringError as `KeySet.load`."""
        seen = _stamp(path)
        return cls(path, purpose, KeySet.load(path, purpose), seen)

    def current(self) -> KeySet:
        """Return the keys as the file has them now; ProviderError where it cannot be read."""
        seen = _stamp(self.path)
        if seen != self._seen or not seen:
            try:
                self._set = KeySet.load(self.path, self.purpose)
            except KeyringError as error:
                raise ProviderError(str(error), hint=error.hint) from None
            self._seen = seen
        return self._set


def _stamp(path: Path) -> tuple[int, ...]:
    """Return what tells one content of a file from the next, nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_mode


def create(path: Path, purpose: Purpose, *, force: bool = False) -> KeyFile:
    """Draw the first key and write it; KeyringError `key_exists` unless `force`."""
    KeySet.new(purpose).save(path, force=force)
    return KeyFile.load(path, purpose)


def rotate(path: Path, purpose: Purpose) -> KeySet:
    """Draw a new current key and write the file; older keys still open. KeyringError."""
    with _locked(path):
        grown = KeySet.load(path, purpose).rotated()
        grown.save(path, force=True)
    return grown


def shred(path: Path, purpose: Purpose, intent_id: str) -> bool:
    """Destroy the intent's share of every key in the file; tell whether it was there until now.

    Durable when this returns: the new file is written and flushed, the old one's bytes overwritten,
    and so is what earlier writes that were cut off left beside it. KeyringError.
    """
    with _locked(path):
        found = KeySet.load(path, purpose)
        if not found.has_shredded(intent_id):
            supersede_secret(path, found.without(intent_id).pack())
        sweep_beside(path)
    return not found.has_shredded(intent_id)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the right to change the file: two changes at once would undo one of them."""
    try:
        lock = path.with_name(f"{path.name}.lock").open("w")
    except OSError as error:
        raise KeyringError(f"{path}: {error.strerror}", code="key_unreadable") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
