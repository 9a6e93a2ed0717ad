"""AWS KMS around the file of master keys.

What is asked (AWS KMS API, JSON 1.1, TrentService.Encrypt and .Decrypt, signed with SigV4): a
symmetric key encrypts a few bytes under an encryption context, which KMS binds as associated data
and writes in plain into CloudTrail. It holds the intent's id and nothing else. Credentials and
their renewal are botocore's: environment, web identity, container, instance. They need kms:Encrypt
and kms:Decrypt on this key; a key policy can demand the context's name.
"""

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from streams.errors import ProviderError
from streams.extras import need
from streams.sealing.symmetric import unsealable

CONTEXT: Final = "phigate-intent"
_FALSE = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


@dataclass(frozen=True)
class AwsKms:
    """One symmetric key, by ARN, id or alias. `endpoint` is empty for AWS's own."""

    key: str
    region: str
    endpoint: str = ""
    timeout_s: float = 5.0
    tries: int = 3
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        need("kms")

    @property
    def name(self) -> str:
        """What a wrapped key says of its provider."""
        return f"kms:{self.key}"

    def wrap(self, blob: bytes, aad: str) -> bytes:
        """Return KMS's ciphertext; ProviderError where it does not answer now."""
        return self._ask("encrypt", "CiphertextBlob", Plaintext=blob, EncryptionContext=_of(aad))

    def unwrap(self, blob: bytes, aad: str) -> bytes:
        """Return what was wrapped; InputError `unsealable`, ProviderError."""
        if not blob:
            raise unsealable()
        return self._ask("decrypt", "Plaintext", CiphertextBlob=blob, EncryptionContext=_of(aad))

    def _ask(self, operation: str, part: str, **what: Any) -> bytes:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

        try:
            said = getattr(self._client(), operation)(KeyId=self.key, **what)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if operation == "decrypt" and code in _FALSE:
                raise unsealable() from None
            raise self._away(code or "ClientError") from None
        except Exception as error:  # noqa: BLE001 - botocore's own, or its parser's on a foreign answer
            raise self._away(type(error).__name__) from None
        found = said.get(part)
        if not isinstance(found, bytes) or not found:
            raise self._away("the answer is not what KMS documents")
        return found

    def _client(self) -> Any:
        """Return the client, made once; it may be used by many threads, making it may not."""
        with self._making:
            if "kms" not in self._made:
                import botocore.session  # noqa: PLC0415 - an extra
                from botocore.config import Config  # noqa: PLC0415 - the same

                self._made["kms"] = botocore.session.get_session().create_client(
                    "kms",
                    region_name=self.region or None,
                    endpoint_url=self.endpoint or None,
                    config=Config(
                        connect_timeout=self.timeout_s,
                        read_timeout=self.timeout_s,
                        retries={"mode": "standard", "total_max_attempts": self.tries},
                    ),
                )
            return self._made["kms"]

    def _away(self, why: str) -> ProviderError:
        return ProviderError(
            f"AWS KMS wraps and opens no key now: {why}",
            hint="check kms_key and kms_region, the credentials, and kms:Encrypt and kms:Decrypt",
        )


def _of(aad: str) -> dict[str, str]:
    return {CONTEXT: aad}
