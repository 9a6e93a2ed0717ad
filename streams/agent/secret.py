"""The agent's own secret, under which ids and commitments are derived.

1. `keys/agents/NAME.ids`, where it is there: 32 bytes, one line of hex, 0600
2. else what the agent's signing key gives (HKDF), so that every machine with the key has the same
3. else the file is made: then two machines agree only where it is carried from one to the other

The file comes first, so that an agent which gets a signing key later keeps its ids.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from streams.errors import KeyringError
from streams.files import replacing
from streams.sealing import sub_key
from streams.signing import SigningKey

SECRET_BYTES: Final = 32
_OTHERS: Final = 0o077
_FILE_BYTES_MAX: Final = 256


def agent_secret(keys: Path, agent: str, signer: SigningKey | None) -> bytes:
    """Return the secret; it is made at the first use. Raises KeyringError."""
    file = keys / "agents" / f"{Path(agent).name}.ids"
    found = _read(file)
    if found is None and signer is not None:
        return sub_key(signer.seed(), "agent ids")
    return _made(file) if found is None else found


def own_key(keys: Path, person: str) -> SigningKey | None:
    """Return a person's own key where it is in its place. Raises KeyringError."""
    file = keys / "people" / f"{Path(person).name}.key"
    return key_of(file) if file.exists() else None


def key_of(file: Path) -> SigningKey:
    """Return the key of a file, its passphrase out of the environment. Raises KeyringError."""
    return SigningKey.load(file, os.environ.get("PHIGATE_PASSPHRASE"))


def _read(file: Path) -> bytes | None:
    """Return what a file holds, nothing where there is none."""
    try:
        if file.stat().st_mode & _OTHERS:
            raise KeyringError(
                f"others may read {file}", code="key_exposed", hint=f"chmod 600 {file}"
            )
        with file.open("rb") as opened:
            secret = bytes.fromhex(opened.read(_FILE_BYTES_MAX).decode("ascii").strip())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyringError(f"{file}: {error.strerror}", code="key_unreadable") from None
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise KeyringError(f"{file} holds no secret of {SECRET_BYTES} bytes", code="bad_key")
    return secret


def _made(file: Path) -> bytes:
    """Draw one and keep it; where another process was first, its secret is the agent's."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(file, exclusive=True) as part:
            part.write_text(secrets.token_bytes(SECRET_BYTES).hex() + "\n", encoding="ascii")
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyringError(
            f"{file} cannot be written: {error.strerror}",
            code="key_unreadable",
            hint="an idempotency key needs a secret of the agent's: a signing key, or this file",
        ) from None
    found = _read(file)
    if found is None:
        raise KeyringError(f"{file} is gone", code="key_unreadable")
    return found
