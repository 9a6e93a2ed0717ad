"""What guards PHI: sealing at the agent, the key provider, the masker and its model."""

import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

from streams.doctor.finding import Diagnosis, ok, risk, warn
from streams.events import derived_id
from streams.home.home import back, lost_keys
from streams.home.provider import MASTER, provider_of
from streams.hosts import is_this_machine
from streams.settings import Settings


def sealing(settings: Settings) -> Iterator[Diagnosis]:
    """Find whether raw intents may hold plain PHI."""
    if settings.require_sealed:
        yield ok("sealing", "intents that the agent did not seal to the gate are refused")
    else:
        said = "agents may send unsealed intents: raw `intents` may then hold plain PHI for a day"
        yield warn("sealing", said, "require_sealed = true in phigate.toml; the SDK seals")


def provider(settings: Settings) -> Iterator[Diagnosis]:
    """Wrap and open a drawn key, as admit does with an intent's."""
    named = settings.key_provider
    vault = urlsplit(settings.vault_url)
    if named == "vault" and vault.scheme != "https" and not is_this_machine(vault.hostname):
        said = "the token for Vault goes over the network in plain"
        yield risk("key provider", said, "vault_url = https://…")
    if not (settings.keys / MASTER).exists():
        if settings.keys / MASTER in lost_keys(settings):
            said = "the master keys are gone: nothing can be admitted or opened"
            yield risk("key provider", said, back(settings))
            return
        yield ok("key provider", f"{named}; this machine has no master keys, so cannot ask it")
        return
    found = provider_of(settings)
    probe, name = secrets.token_bytes(32), derived_id("doctor", "probe")
    key_id, wrapped = found.wrap(probe, name)
    if found.unwrap(key_id, wrapped, name) != probe:
        said = f"{named} gives back another key than it was given"
        yield risk("key provider", said, "do not admit with it: sealed payloads would be lost")
    else:
        around = "the local file alone" if named == "local" else f"{named} around the local file"
        yield ok("key provider", f"{around}; wraps and opens, current key {key_id}")


def masking(settings: Settings) -> Iterator[Diagnosis]:
    """Load the masker as a worker does; it refuses a model whose files are not the checked ones."""
    from streams.masking import Masker  # noqa: PLC0415 - it takes seconds, and may not be there

    del settings
    revision = Masker().revision
    yield ok("masking", f"the model is there and its files are the checked ones; {revision}")
