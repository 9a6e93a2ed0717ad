"""HashiCorp Vault's transit engine around the file of master keys.

What is asked (Vault API, transit): POST /v1/MOUNT/encrypt/KEY with `plaintext`, `associated_data`
and `context` in base64, POST /v1/MOUNT/decrypt/KEY with `ciphertext` and the same two. The key is
of an AEAD type; `context` counts where it is derived, `associated_data` since Vault 1.13. Both are
the intent's id. The token needs `update` on these two paths and nothing else.
"""

import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams.errors import KeyringError, ProviderError
from streams.extras import need
from streams.keyring import read_secret
from streams.sealing.symmetric import unsealable

BACKOFF_S = 0.2  # doubled each time
_GONE = "the answer is not what Vault documents"


@dataclass(frozen=True)
class VaultTransit:
    """One key of a transit engine. `ca` is a file of certificates, or empty for the system's.

    The token's file is read for each request: whoever renews it writes it anew.
    """

    url: str
    mount: str
    key: str
    token_file: Path
    ca: str = ""
    namespace: str = ""
    timeout_s: float = 5.0
    tries: int = 3
    _local: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("vault")

    @property
    def name(self) -> str:
        """What a wrapped key says of its provider."""
        return f"vault:{self.mount}/{self.key}"

    def wrap(self, blob: bytes, aad: str) -> bytes:
        """Return Vault's ciphertext; ProviderError where it does not answer now."""
        bound = b64encode(aad.encode()).decode()
        said = self._ask(
            lambda transit: transit.encrypt_data(
                name=self.key,
                mount_point=self.mount,
                plaintext=b64encode(blob).decode(),
                context=bound,
                associated_data=bound,
            )
        )
        return str(_part(said, "ciphertext")).encode()

    def unwrap(self, blob: bytes, aad: str) -> bytes:
        """Return what was wrapped; InputError `unsealable`, ProviderError."""
        bound = b64encode(aad.encode()).decode()
        try:
            text = blob.decode("ascii")
        except UnicodeDecodeError:
            raise unsealable() from None
        said = self._ask(
            lambda transit: transit.decrypt_data(
                name=self.key,
                mount_point=self.mount,
                ciphertext=text,
                context=bound,
                associated_data=bound,
            ),
            opening=True,
        )
        try:
            return b64decode(_part(said, "plaintext"), validate=True)
        except ValueError:
            raise ProviderError(f"Vault at {self.url}: {_GONE}") from None

    def _ask(self, ask: Callable[[Any], Any], *, opening: bool = False) -> Any:
        """Ask, again where that may help, `tries` times in all; ProviderError says what to do."""
        import requests  # noqa: PLC0415 - comes with hvac
        from hvac import exceptions as vault  # noqa: PLC0415 - see __post_init__

        passing = (
            requests.RequestException,
            vault.InternalServerError,
            vault.BadGateway,
            vault.VaultDown,
            vault.VaultNotInitialized,
            vault.RateLimitExceeded,
            vault.PreconditionFailed,
        )
        for attempt in range(self.tries):
            if attempt:
                time.sleep(BACKOFF_S * 2 ** (attempt - 1))
            try:
                return ask(self._transit())
            except passing as error:
                why = type(error).__name__
            except vault.InvalidRequest:
                if opening:
                    raise unsealable() from None
                raise self._away("InvalidRequest", "is the key of an AEAD type?") from None
            except (vault.Forbidden, vault.Unauthorized):
                hint = f"the token in {self.token_file} needs `update` on encrypt and decrypt"
                raise self._away("Forbidden", hint) from None
            except vault.VaultError as error:
                raise self._away(type(error).__name__, "check vault_mount and vault_key") from None
        raise self._away(why, "is it up, unsealed, and vault_url right?")

    def _transit(self) -> Any:
        """Return this thread's client, with the token as it is now."""
        import hvac  # noqa: PLC0415 - see __post_init__

        if not hasattr(self._local, "client"):
            self._local.client = hvac.Client(
                url=self.url,
                verify=self.ca or True,
                timeout=self.timeout_s,
                namespace=self.namespace or None,
                allow_redirects=False,
            )
        try:
            self._local.client.token = read_secret(self.token_file).decode().strip()
        except (KeyringError, UnicodeDecodeError) as error:
            raise ProviderError(f"the token for Vault: {error}") from None
        return self._local.client.secrets.transit

    def _away(self, why: str, hint: str) -> ProviderError:
        return ProviderError(f"Vault at {self.url} wraps and opens no key now: {why}", hint=hint)


def _part(said: Any, name: str) -> Any:
    """Return one value of an answer; ProviderError where it is not there."""
    data = said.get("data") if isinstance(said, dict) else None
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, str) or not found:
        raise ProviderError(f"Vault: {_GONE}")
    return found
