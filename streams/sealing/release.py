"""A data key on its way to an executor class, locked until the fold grants.

Admit seals the data key to the executor class (HPKE), and locks that blob with the release key. The
fold, which alone knows that there is a grant, unlocks it: always to the same bytes, so a replay
publishes the same grant. The fold cannot read the data key itself.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from streams.sealing.provider import KeySet, StoredKey
from streams.sealing.symmetric import lock_joined, sub_key, unlock_joined


@dataclass(frozen=True)
class ReleaseKey:
    """The one symmetric key between admit and fold."""

    _key: bytes = field(repr=False)

    @classmethod
    def create(cls, path: Path, *, force: bool = False) -> Self:
        """Draw the key and write it as 0600; KeyringError `key_exists` unless `force`."""
        drawn = KeySet(purpose="release", keys=(StoredKey.new(),))
        drawn.save(path, force=force)
        return cls(drawn.keys[0].key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key; KeyringError if it is missing, exposed or damaged."""
        return cls(KeySet.load(path, "release").keys[0].key)

    def lock(self, blob: bytes, intent_id: str) -> bytes:
        """Return the blob locked to this intent."""
        return lock_joined(sub_key(self._key, "release", intent_id.encode()), blob, intent_id)

    def unlock(self, blob: bytes, intent_id: str) -> bytes:
        """Return the blob; the same each time. InputError `unsealable` if anything differs."""
        return unlock_joined(sub_key(self._key, "release", intent_id.encode()), blob, intent_id)
