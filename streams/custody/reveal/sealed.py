"""What was revealed, sealed to the person who asked (HPKE): a file that opens for nobody else.

It lies in home/reveals under the reveal's id, is not PHI to anybody but that person, and may be
carried to where that person's key is. Shredding the intent that it speaks of deletes it here.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from streams.custody.shred import REVEALS
from streams.errors import OperatorError
from streams.keyring import write_secret
from streams.sealing import Purpose, SealKey, SealPublicKey

FOLDER: Final = REVEALS
BYTES_MAX: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SealedReveal:
    """One reveal: `reveal_id` is its own intent, `subject_id` the one that was opened."""

    reveal_id: str
    subject_id: str
    person: str
    fields: tuple[str, ...]
    blob: bytes

    @classmethod
    def make(  # noqa: PLR0913, PLR0917 - the parts of one reveal
        cls,
        reveal_id: str,
        subject_id: str,
        person: str,
        fields: tuple[str, ...],
        values: Mapping[str, Any],
        key: SealPublicKey,
    ) -> Self:
        """Seal the values to the person's key, bound to both intents and the person."""
        plain = json.dumps(values, ensure_ascii=False).encode()
        blob = key.seal(plain, _bound(reveal_id, subject_id, person), Purpose.REVEAL)
        return cls(reveal_id, subject_id, person, fields, blob)

    def open(self, key: SealKey) -> dict[str, Any]:
        """Return the values; InputError `unsealable` for any other key or changed part."""
        bound = _bound(self.reveal_id, self.subject_id, self.person)
        plain = key.open(self.blob, bound, Purpose.REVEAL)
        return dict(json.loads(plain))

    def save(self, home: Path) -> Path:
        """Write it, over what a run that was cut off left; KeyringError."""
        path = home / FOLDER / f"{self.reveal_id}.json"
        said = {
            "reveal_id": self.reveal_id,
            "subject_id": self.subject_id,
            "person": self.person,
            "fields": list(self.fields),
            "blob": b64encode(self.blob).decode(),
        }
        write_secret(path, json.dumps(said, indent=1).encode(), force=True)
        return path

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one; OperatorError where it is not there, or is none."""
        try:
            with path.open("rb") as file:
                said = json.loads(file.read(BYTES_MAX))
            fields = tuple(str(each) for each in said["fields"])
            return cls(
                reveal_id=str(said["reveal_id"]),
                subject_id=str(said["subject_id"]),
                person=str(said["person"]),
                fields=fields,
                blob=b64decode(said["blob"], validate=True),
            )
        except FileNotFoundError:
            raise OperatorError(
                f"there is no reveal at {path}",
                code="no_reveal",
                hint="`phigate wait ID` tells whether it was granted; it lies where the desk runs",
            ) from None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            raise OperatorError(f"{path} is no reveal", code="bad_file") from None


def _bound(reveal_id: str, subject_id: str, person: str) -> str:
    return json.dumps(["reveal", reveal_id, subject_id, person])
