"""Key providers: who wraps the data keys of intents.

A file of master keys is always there: it can destroy one intent's key and keep all others, which no
KMS can. Vault's transit engine or AWS KMS can be put around it (`key_provider`): then a data key is
wrapped twice, and opens only for whoever has the file *and* may ask the provider.

    wrapped = provider(file's key of this intent(data key))

A provider gives back `(key_id, wrapped)` and opens it again for the same `aad`, the intent's id.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from streams.errors import KeyringError
from streams.sealing import keyset
from streams.sealing.keyset import KeyFile, shredded
from streams.sealing.symmetric import lock_joined, sub_key, unlock_joined

AROUND: Final = "@"  # in a key id: the file's key, then the provider around it


class Wraps(Protocol):
    """What wraps a data key."""

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Return the master key's id, and the data key under it, bound to `aad`.

        InputError `shredded` where this intent's key was destroyed; ProviderError where the
        provider does not answer now.
        """


class KeyProvider(Wraps, Protocol):
    """What wraps data keys under master keys, each bound to an intent, and opens them again."""

    @property
    def remote(self) -> bool:
        """Whether it asks over a network, so that nobody may be kept waiting for it."""

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Return the data key. InputError `unsealable` or `shredded`; ProviderError.

        KeyringError `no_key` where the key that wrapped it is not here.
        """

    def mac(self, data: bytes) -> str:
        """Return a keyed digest in hex, the same across rotations. ProviderError."""


class Outer(Protocol):
    """A key outside this machine that wraps what the file has wrapped."""

    @property
    def name(self) -> str:
        """Which key of which provider: a wrapped key names it."""

    def wrap(self, blob: bytes, aad: str) -> bytes:
        """Return the blob under the provider's key, bound to `aad`. ProviderError."""

    def unwrap(self, blob: bytes, aad: str) -> bytes:
        """Return what `wrap` was given. InputError `unsealable`, ProviderError."""


@dataclass(frozen=True)
class LocalKeyFile:
    """Master keys in a file of this machine: the first wraps, all unwrap."""

    file: KeyFile
    remote: bool = False

    @classmethod
    def create(cls, path: Path, *, force: bool = False) -> Self:
        """Draw the first master key and write it; KeyringError `key_exists` unless `force`."""
        return cls(keyset.create(path, "master", force=force))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; KeyringError if it is missing, exposed or damaged."""
        return cls(KeyFile.load(path, "master"))

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Return the current key's id, and the data key under the intent's share of it."""
        keys = self.file.current()
        if keys.has_shredded(aad):  # a key drawn since would wrap it again
            raise shredded()
        current = keys.keys[0]
        return current.id, lock_joined(sub_key(current.leaf(aad), "wrap"), data_key, aad)

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Return the data key; KeyringError `no_key` if its master key is gone."""
        for stored in self.file.current().keys:
            if stored.id == key_id:
                return unlock_joined(sub_key(stored.leaf(aad), "wrap"), wrapped, aad)
        raise KeyringError(
            f"{self.file.path} has not the master key that wrapped this", code="no_key"
        )

    def mac(self, data: bytes) -> str:
        """Return a digest under the oldest key: neither rotating nor shredding changes it."""
        return self.file.current().keys[-1].mac(data)


@dataclass(frozen=True)
class TwoLayers:
    """The file of master keys, and a provider's key around it."""

    local: LocalKeyFile
    outer: Outer
    remote: bool = True

    def wrap(self, data_key: bytes, aad: str) -> tuple[str, bytes]:
        """Wrap under the intent's share of the file's key, then under the provider's."""
        key_id, inner = self.local.wrap(data_key, aad)
        return f"{key_id}{AROUND}{self.outer.name}", self.outer.wrap(inner, aad)

    def unwrap(self, key_id: str, wrapped: bytes, aad: str) -> bytes:
        """Open both; what was wrapped before there was a provider opens by the file alone."""
        inner_id, _, around = key_id.partition(AROUND)
        if not around:
            return self.local.unwrap(inner_id, wrapped, aad)
        if around != self.outer.name:
            raise KeyringError(
                f"this was wrapped by {around}, not {self.outer.name}", code="no_key"
            )
        return self.local.unwrap(inner_id, self.outer.unwrap(wrapped, aad), aad)

    def mac(self, data: bytes) -> str:
        """Return the file's digest: no provider is asked for it."""
        return self.local.mac(data)
