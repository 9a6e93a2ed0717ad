"""What was read before: the spans of short texts, under a keyed digest of the text.

Half of an intent's leaves are the same in every intent (`prod`, `cardiology`). Nothing of a text is
kept: a digest under a key that only this process has, and places and types of what was found.
"""

from hashlib import blake2b
from os import urandom

from streams.masking.results import Span

TEXT_CHARS_MAX = 64
_ENTRIES_MAX = 4096
_KEY_BYTES = 32
_DIGEST_BYTES = 16


class Seen:
    """A bounded store; the oldest entry goes when it is full."""

    def __init__(self) -> None:
        self._key = urandom(_KEY_BYTES)
        self._found: dict[bytes, tuple[Span, ...]] = {}

    def digest(self, text: str) -> bytes | None:
        """Return the key of a text; None for one that is too long to be kept."""
        if len(text) > TEXT_CHARS_MAX:
            return None
        data = text.encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=_DIGEST_BYTES, key=self._key).digest()

    def get(self, digest: bytes | None) -> list[Span] | None:
        """Return what was found in a text before; None where it was not read yet."""
        found = self._found.get(digest) if digest is not None else None
        return None if found is None else list(found)

    def put(self, digest: bytes | None, spans: list[Span]) -> None:
        """Keep what was found in a text."""
        if digest is None:
            return
        if len(self._found) >= _ENTRIES_MAX:
            del self._found[next(iter(self._found))]
        self._found[digest] = tuple(spans)
