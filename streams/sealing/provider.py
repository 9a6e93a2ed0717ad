"""Key providers: who wraps the data keys of intents. A file of master keys is the one at hand.

A provider gives back `(key_id, wrapped)` and opens it again for the same `aad`. A KMS or Vault's
transit engine can stand behind the same two methods.
"""

import json
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from streams.errors import KeyringError
from streams.keyring import read_secret, write_secret
from streams.sealing.symmetric import (
    KEY_BYTES,
    draw_key,
    lock_joined,
    mac,
    sub_key,
    unlock_joined,
)

_KEYS_MAX = 256  # a rotation a week for five years; the file stays below the keyring's limit


class KeyProvider(Protocol):
    """What wraps data keys under master keys that never leave it."""

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Return the master key's id, and the data key under it, bound to `aad`."""

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Return the data key; InputError `unsealable`, KeyringError where the key is gone."""


class StoredKey(BaseModel):
    """One symmetric key in a file. Its id is derived from it: a damaged key does not fit its id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    created: str
    key: Annotated[Base64Bytes, Field(min_length=KEY_BYTES, max_length=KEY_BYTES, repr=False)]

    @classmethod
    def new(cls) -> Self:
        """Draw a key. Its date is for people: nothing is decided by it."""
        key = draw_key()
        now = datetime.now(UTC)  # noqa: TID251 - see the docstring
        created = now.isoformat(timespec="seconds")
        # Built as the file holds it, since a `Base64Bytes` field decodes what it is given.
        return cls.model_validate({"id": id_of(key), "created": created, "key": b64encode(key)})


class KeySet(BaseModel):
    """A file of symmetric keys for one purpose; the first one is current."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Literal["master", "release"]
    keys: Annotated[tuple[StoredKey, ...], Field(min_length=1, max_length=_KEYS_MAX)]

    @classmethod
    def load(cls, path: Path, purpose: str) -> Self:
        """Read a key file; KeyringError if it is missing, exposed, damaged, or for another use."""
        try:
            found = cls.model_validate_json(read_secret(path))
        except ValidationError:
            raise KeyringError(f"{path} is damaged, or no file of {purpose} keys") from None
        if found.purpose != purpose:
            raise KeyringError(f"{path} holds {found.purpose} keys, {purpose} keys are needed")
        if any(stored.id != id_of(stored.key) for stored in found.keys):
            raise KeyringError(f"{path} is damaged: a key does not fit its id")
        return found

    def save(self, path: Path, *, force: bool = False) -> None:
        """Write the file as 0600; KeyringError `key_exists` unless `force`."""
        write_secret(path, json.dumps(self.model_dump(mode="json"), indent=2).encode(), force=force)


def id_of(key: bytes) -> str:
    """Return a name that a key gives itself; the key cannot be found from it."""
    return sub_key(key, "key id")[:8].hex()


@dataclass(frozen=True)
class LocalKeyFile:
    """Master keys in a file of this machine: the first wraps, all unwrap."""

    path: Path
    _set: KeySet = field(repr=False)

    @classmethod
    def create(cls, path: Path, *, force: bool = False) -> Self:
        """Draw the first master key and write it; KeyringError `key_exists` unless `force`."""
        drawn = KeySet(purpose="master", keys=(StoredKey.new(),))
        drawn.save(path, force=force)
        return cls(path, drawn)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; KeyringError if it is missing, exposed or damaged."""
        return cls(path, KeySet.load(path, "master"))

    def rotate(self) -> Self:
        """Draw a new current key and write the file; older keys still unwrap."""
        grown = (StoredKey.new(), *self._set.keys)
        if len(grown) > _KEYS_MAX:
            raise KeyringError(f"{self.path} holds {_KEYS_MAX} keys, and no more fit")
        rotated = KeySet(purpose="master", keys=grown)
        rotated.save(self.path, force=True)
        return replace(self, _set=rotated)

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Return the current key's id, and the data key under it, bound to `aad`."""
        current = self._set.keys[0]
        return current.id, lock_joined(sub_key(current.key, "wrap", aad.encode()), data_key, aad)

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Return the data key; InputError `unsealable`, KeyringError `no_key` if it is gone."""
        for stored in self._set.keys:
            if stored.id == key_id:
                return unlock_joined(sub_key(stored.key, "wrap", aad.encode()), wrapped, aad)
        raise KeyringError(f"{self.path} has not the master key that wrapped this", code="no_key")

    def mac(self, data: bytes) -> str:
        """Return HMAC-SHA256 in hex under a sub key of the oldest key: rotating changes nothing."""
        return mac(sub_key(self._set.keys[-1].key, "mac"), data)
