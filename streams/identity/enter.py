"""A whole login: endpoints, a fresh key, the token, and the same check that admit will make."""

import secrets
from collections.abc import Callable
from pathlib import Path

from streams.directory import Directory, Provider
from streams.errors import SettingsError
from streams.identity import browser, device, grants
from streams.identity.binding import SALT_BYTES
from streams.identity.grants import Endpoints
from streams.identity.identify import identify
from streams.identity.jwks import KeySource
from streams.identity.session import Fresh, Login
from streams.identity.token import When

Obtain = Callable[[Provider, Endpoints, str], str]


def choose(directory: Directory, issuer: str) -> Provider:
    """Return the provider: the one of this issuer, or the only one. SettingsError."""
    if not directory.oidc:
        raise SettingsError(
            "the directory names no identity provider", hint="add one under `oidc` in its file"
        )
    found = directory.provider(issuer) if issuer else directory.oidc[0]
    if found is None or (not issuer and len(directory.oidc) > 1):
        known = ", ".join(each.issuer for each in directory.oidc)
        raise SettingsError("which identity provider?", hint=f"give --issuer, one of: {known}")
    return found


def by_browser(show: Callable[[str], object]) -> Obtain:
    """Return the way by browser; `show` opens or prints an address."""
    return lambda provider, known, nonce: browser.login(provider, known, nonce, show)


def by_device(show: Callable[[str, str], None]) -> Obtain:
    """Return the way by another device; `show` prints an address and a code."""
    return lambda provider, known, nonce: device.login(provider, known, nonce, show)


def log_in(
    provider: Provider,
    directory: Directory,
    folder: Path,
    obtain: Obtain,
    when: Callable[[], When],
) -> Login:
    """Log somebody in. WebError, or RefusedError as the gate would refuse the token.

    `folder` is the directory file's: pinned keys stand beside it. `when` is asked once the token
    is there.
    """
    fresh = Fresh.draw(secrets.token_bytes(SALT_BYTES))
    token = obtain(provider, grants.endpoints(provider.issuer), fresh.nonce)
    proof = fresh.proof(token)
    found = identify(proof, directory, KeySource(folder), when())
    return Login(
        person=found.person,
        issuer=provider.issuer,
        groups=found.groups,
        expires_at_ms=found.identity.expires_at_ms,
        proof=proof,
        key=fresh.key,
    )
