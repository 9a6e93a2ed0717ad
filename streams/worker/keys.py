"""The keys of each worker role, read once at its start."""

from dataclasses import dataclass
from pathlib import Path

from streams.errors import InputError
from streams.home.provider import provider_of
from streams.sealing import KeyProvider, ReleaseKey, SealKey
from streams.settings import Settings
from streams.signing import GRANT, REQUEST, SigningKey, envelope

SHREDDED = "shredded"


@dataclass(frozen=True, slots=True)
class AdmitKeys:
    """What admit holds: it opens what was sealed to the gate, and seals per intent."""

    seal: SealKey
    provider: KeyProvider
    release: ReleaseKey

    @classmethod
    def load(cls, settings: Settings) -> "AdmitKeys":
        """Load them. Raises KeyringError, and SettingsError where the provider's are no good."""
        return cls(
            seal=SealKey.load(settings.keys / "gate-seal.key"),
            provider=provider_of(settings),
            release=ReleaseKey.load(settings.keys / "release.key"),
        )


@dataclass(frozen=True, slots=True)
class FoldKeys:
    """What the fold holds: it signs grants and requests and releases what admit locked.

    It reads nothing. One key signs both, each under a payload type of its own, so that what doors
    believe is rotated with what executors believe.
    """

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

    def sign_request(self, statement: bytes) -> bytes:
        """Return the DSSE envelope over a request's statement."""
        return envelope(statement, REQUEST, self.grant)

    def release(self, locked: bytes, intent_id: str) -> bytes | None:
        """Return the executor class's wrapped data key, unlocked; None where it was shredded."""
        try:
            return self.unlock.unlock(locked, intent_id)
        except InputError as error:
            if error.code == SHREDDED:
                return None
            raise
