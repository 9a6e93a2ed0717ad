"""A login on disk: the key that the token binds, the token, and until when. 0600, like any key.

It lives as long as the token, hours at most, and is not locked by a passphrase: whoever reads it
may act as the person until then, and `phigate login --end` removes it.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from streams import keyring
from streams.errors import KeyringError
from streams.identity.binding import KEY_NAME, SALT_BYTES, Proof, nonce_of
from streams.signing import PublicKey, SigningKey

FORM: Final = "phigate login"


@dataclass(frozen=True)
class Fresh:
    """A key that no token binds yet, drawn for one login."""

    key: SigningKey
    salt: bytes = field(repr=False)

    @classmethod
    def draw(cls, salt: bytes) -> Self:
        """Draw a key; the caller draws the salt."""
        if len(salt) != SALT_BYTES:
            raise KeyringError(f"a login's salt has {SALT_BYTES} bytes")
        return cls(SigningKey.new(KEY_NAME), salt)

    @property
    def nonce(self) -> str:
        """What the ID token has to say."""
        return nonce_of(self.key.public, self.salt)

    def proof(self, token: str) -> Proof:
        """Return what a decision carries."""
        return Proof(token=token, key=self.key.public.text, salt=self.salt.hex())


@dataclass(frozen=True)
class Login:
    """A person's login; a `Signer`."""

    person: str
    issuer: str
    groups: frozenset[str]
    expires_at_ms: int
    proof: Proof = field(repr=False)
    key: SigningKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The key that verifies."""
        return self.key.public

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature."""
        return self.key.sign(data)

    def save(self, path: Path) -> None:
        """Write it, over an earlier one; KeyringError if it cannot be."""
        found = {
            "form": FORM,
            "person": self.person,
            "issuer": self.issuer,
            "groups": sorted(self.groups),
            "expires_at_ms": self.expires_at_ms,
            "proof": self.proof.model_dump(),
            "seed": self.key.seed().hex(),
        }
        keyring.write_secret(path, json.dumps(found).encode(), force=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it; KeyringError `no_login` where there is none, or as for any key file."""
        try:
            data = keyring.read_secret(path)
        except KeyringError as error:
            if error.code != "no_key":
                raise
            raise KeyringError(
                "nobody of that name is logged in here", code="no_login", hint="phigate login"
            ) from None
        try:
            found = json.loads(data)
            login = cls(
                person=str(found["person"]),
                issuer=str(found["issuer"]),
                groups=frozenset(map(str, found["groups"])),
                expires_at_ms=int(found["expires_at_ms"]),
                proof=Proof.model_validate(found["proof"]),
                key=SigningKey.from_seed(KEY_NAME, bytes.fromhex(found["seed"])),
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            raise KeyringError(
                f"{path} is no login", hint="phigate login makes a new one"
            ) from None
        return login


def place(keys: Path, person: str) -> Path:
    """Return where a person's login stands."""
    return keys / "logins" / f"{Path(person).name}.login"
