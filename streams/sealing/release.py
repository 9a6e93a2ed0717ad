"""A data key on its way to an executor class, locked until the fold grants.

Admit seals the data key to the executor class (HPKE), and locks that blob with the release key. The
fold, which alone knows that there is a grant, unlocks it: always to the same bytes, so a replay
publishes the same grant. The fold cannot read the data key itself.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from streams.errors import InputError
from streams.sealing import keyset
from streams.sealing.keyset import KeyFile, shredded
from streams.sealing.symmetric import lock_joined, sub_key, unlock_joined, unsealable


@dataclass(frozen=True)
class ReleaseKey:
    """The symmetric keys between admit and fold: the first locks, all unlock."""

    _file: KeyFile = field(repr=False)

    @classmethod
    def create(cls, path: Path, *, force: bool = False) -> Self:
        """Draw the key and write it as 0600; KeyringError `key_exists` unless `force`."""
        return cls(keyset.create(path, "release", force=force))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key; KeyringError if it is missing, exposed or damaged."""
        return cls(KeyFile.load(path, "release"))

    def lock(self, blob: bytes, intent_id: str) -> bytes:
        """Return the blob locked to this intent; InputError `shredded`, ProviderError."""
        keys = self._file.current()
        if keys.has_shredded(intent_id):
            raise shredded()
        return lock_joined(sub_key(keys.keys[0].leaf(intent_id), "release"), blob, intent_id)

    def unlock(self, blob: bytes, intent_id: str) -> bytes:
        """Return the blob; the same each time.

        InputError `unsealable` if anything differs, `shredded` where its key was destroyed;
        ProviderError where the file cannot be read now.
        """
        keys = self._file.current()
        if keys.has_shredded(intent_id):
            raise shredded()
        for stored in keys.keys:
            try:
                return unlock_joined(sub_key(stored.leaf(intent_id), "release"), blob, intent_id)
            except InputError as error:
                if error.code != unsealable().code:
                    raise
        raise unsealable()
