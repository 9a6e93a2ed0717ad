"""A provider's public keys (RFC 7517): pinned in a file, or fetched within bounds.

1. Pinned: the file is read at each use, so that a rotation needs no restart. Nothing is fetched.
2. Fetched: at most once in `PAUSE_S`, whatever tokens ask for; what is older than `AGE_S` is not
   believed, so a key that the provider has withdrawn stops counting by then. A worker has it done
   beside its loop (`follow`, `AwaitedError`): no input is decided during a request.
3. What is no public signature key of a kept kind is passed over; a symmetric key is never read.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from streams.directory import Provider
from streams.errors import OperatorError, RefusedError
from streams.identity import grants
from streams.identity.token import Key, Keys

AGE_S: Final = 300.0
PAUSE_S: Final = 15.0
FETCH_TIMEOUT_S: Final = 3.0  # of both requests together, to the last byte
WAIT_S: Final = 4.0  # of one input for keys that are being fetched
WAITING_MAX: Final = 16  # inputs that wait at a time; those beyond are decided at once
KEYS_MAX: Final = 100
FILE_BYTES_MAX: Final = 262_144
RSA_BITS_MIN: Final = 2_048  # RFC 7518 section 3.3

_KINDS: Final[dict[str, type[Key]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class AwaitedError(Exception):
    """The keys have to be fetched first; whoever decides on a loop waits beside it."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider.issuer)
        self.provider = provider


@dataclass
class _Fetched:
    keys: Keys
    at_s: float
    tried_s: float


@dataclass
class KeySource:
    """Where keys come from; `folder` is the directory file's, `clock` counts seconds.

    `beside`: nothing is fetched where `keys` is called; AwaitedError says what is to be fetched.
    """

    folder: Path
    fetch: Callable[[Provider], dict[str, Any]] = field(
        default_factory=lambda: lambda provider: grants.keys(provider.issuer, FETCH_TIMEOUT_S)
    )
    clock: Callable[[], float] = time.monotonic
    beside: bool = False
    _fetched: dict[str, _Fetched] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _waiting: int = 0

    def keys(self, provider: Provider, key_id: str) -> Keys:
        """Return the provider's keys, fetched anew where this one is not among those known.

        RefusedError `keys_unavailable` where there are none to be had.
        """
        if provider.jwks:
            return self._pinned(provider)
        found = self._known(provider, key_id)
        if found is None:
            if self.beside:
                raise AwaitedError(provider)
            self._refresh(provider)
            found = self._known(provider, key_id)
        return self._none() if found is None else found

    def _known(self, provider: Provider, key_id: str) -> Keys | None:
        """Return the keys as they are known; None where they have to be fetched first."""
        known, now_s = self._fetched.get(provider.issuer), self.clock()
        if known is None:
            return None
        fresh = now_s - known.at_s < AGE_S
        if now_s - known.tried_s < PAUSE_S or (fresh and key_id in known.keys):
            return known.keys if fresh else self._none()
        return None

    async def wait(self, provider: Provider) -> None:
        """Have the keys fetched in a thread, once for all who wait, and wait a while for them.

        Too many do not wait: what they name is decided by what is known.
        """
        if self._waiting >= WAITING_MAX:
            return
        self._waiting += 1
        try:
            await asyncio.wait([self._start(provider)], timeout=WAIT_S)
        finally:
            self._waiting -= 1

    async def follow(self, providers: Iterable[Provider]) -> None:
        """Fetch the keys again and again before they are old, so that no input waits; for ever."""
        asked = [each for each in providers if not each.jwks]
        while asked:
            await asyncio.gather(*map(self.wait, asked))
            await asyncio.sleep(AGE_S / 2)

    def _start(self, provider: Provider) -> asyncio.Task[None]:
        running = self._running.get(provider.issuer)
        if running is None or running.done():
            running = asyncio.create_task(asyncio.to_thread(self._refresh, provider))
            self._running[provider.issuer] = running
        return running

    def _refresh(self, provider: Provider) -> None:
        known, now_s = self._fetched.get(provider.issuer), self.clock()
        try:
            keys = read(self.fetch(provider).get("keys"))
        except OperatorError:
            keep = known or _Fetched({}, now_s - AGE_S, now_s)
            keep.tried_s = now_s
            self._fetched[provider.issuer] = keep
        else:
            self._fetched[provider.issuer] = _Fetched(keys, now_s, now_s)

    def _pinned(self, provider: Provider) -> Keys:
        try:
            with (self.folder / provider.jwks).open("rb") as file:
                data = file.read(FILE_BYTES_MAX + 1)
            found = json.loads(data) if len(data) <= FILE_BYTES_MAX else None
        except (OSError, ValueError, RecursionError):
            found = None
        return read(found["keys"]) if isinstance(found, dict) and "keys" in found else self._none()

    def _none(self) -> Keys:
        raise RefusedError("the provider's keys are not to be had", code="keys_unavailable")


def read(found: object) -> Keys:
    """Return the signature keys of a set, by id; an id that stands twice is nobody's."""
    if not isinstance(found, list):
        return {}
    pairs = [pair for each in found[:KEYS_MAX] if (pair := _read(each))]
    ids = [key_id for key_id, _ in pairs]
    return {key_id: key for key_id, key in pairs if ids.count(key_id) == 1}


def public(found: Iterable[object]) -> list[dict[str, Any]]:
    """Return those of a set that `read` would take, as they may be pinned."""
    return [each for each in found if isinstance(each, dict) and _read(each)]


def _read(found: object) -> tuple[str, Key] | None:
    if not isinstance(found, dict) or found.get("use", "sig") != "sig" or "d" in found:
        return None
    kind, key_id = _KINDS.get(str(found.get("kty"))), found.get("kid")
    if kind is None or not isinstance(key_id, str) or not key_id:
        return None
    try:
        key = kind.import_key(found)
        if isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS_MIN:
            return None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key_id, key
