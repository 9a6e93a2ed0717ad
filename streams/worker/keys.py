"""The keys of each worker role, read once at its start."""

from dataclasses import dataclass
from pathlib import Path

from streams.sealing import LocalKeyFile, ReleaseKey, SealKey
from streams.signing import GRANT, SigningKey, envelope


@dataclass(frozen=True, slots=True)
class AdmitKeys:
    """What admit holds: it opens what was sealed to the gate, and seals per intent."""

    seal: SealKey
    provider: LocalKeyFile
    release: ReleaseKey

    @classmethod
    def load(cls, keys: Path) -> "AdmitKeys":
        """Load them. Raises KeyringError."""
        return cls(
            seal=SealKey.load(keys / "gate-seal.key"),
            provider=LocalKeyFile.load(keys / "master.key"),
            release=ReleaseKey.load(keys / "release.key"),
        )


@dataclass(frozen=True, slots=True)
class FoldKeys:
    """What the fold holds: it signs grants and releases what admit locked; it reads nothing."""

    grant: SigningKey
    unlock: ReleaseKey

    @classmethod
    def load(cls, keys: Path) -> "FoldKeys":
        """Load them. Raises KeyringError."""
        return cls(
            grant=SigningKey.load(keys / "grant.key"), unlock=ReleaseKey.load(keys / "release.key")
        )

    def sign_grant(self, statement: bytes) -> bytes:
        """Return the DSSE envelope over a grant's statement."""
        return envelope(statement, GRANT, self.grant)

    def release(self, locked: bytes, intent_id: str) -> bytes:
        """Return the executor class's wrapped data key, unlocked."""
        return self.unlock.unlock(locked, intent_id)
