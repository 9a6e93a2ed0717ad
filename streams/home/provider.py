"""The key provider that the settings name: the file of master keys, and what may be around it."""

from streams.errors import SettingsError
from streams.sealing import KeyProvider, LocalKeyFile, TwoLayers
from streams.sealing.provider import Outer
from streams.settings import Settings

MASTER = "master.key"


def provider_of(settings: Settings) -> KeyProvider:
    """Return the provider. KeyringError where the file is no good, SettingsError where they are."""
    local = LocalKeyFile.load(settings.keys / MASTER)
    outer = outer_of(settings)
    return local if outer is None else TwoLayers(local, outer)


def outer_of(settings: Settings) -> Outer | None:
    """Return the provider around the file, None where `key_provider` is `local`. SettingsError."""
    timeout_s = settings.key_timeout_ms / 1000
    if settings.key_provider == "vault":
        from streams.sealing.vault import VaultTransit  # noqa: PLC0415 - an extra

        return VaultTransit(
            url=_needed(settings.vault_url, "vault_url"),
            mount=settings.vault_mount,
            key=settings.vault_key,
            token_file=settings.vault_token_file,
            ca=settings.vault_ca,
            namespace=settings.vault_namespace,
            timeout_s=timeout_s,
            tries=settings.key_tries,
        )
    if settings.key_provider == "kms":
        from streams.sealing.kms import AwsKms  # noqa: PLC0415 - an extra

        return AwsKms(
            key=_needed(settings.kms_key, "kms_key"),
            region=_needed(settings.kms_region, "kms_region"),
            endpoint=settings.kms_endpoint,
            timeout_s=timeout_s,
            tries=settings.key_tries,
        )
    return None


def _needed(value: str, name: str) -> str:
    if not value:
        raise SettingsError(
            f"key_provider needs the setting {name}", hint=f"set `{name}` in phigate.toml"
        )
    return value
