"""Keys that can be destroyed one at a time: a puncturable pseudorandom function (pure).

The construction is that of Goldreich, Goldwasser and Micali (1986), punctured as Green and Miers do
(2015): a binary tree of 128 levels, each node's key gives those of its two children by HMAC-SHA256.
An intent's key is the leaf at the first 128 bits of the SHA-256 of its id. Who holds the root can
derive every leaf. To destroy one, the nodes on its path are thrown away and the siblings beside it
kept: from then on every other leaf can still be derived, and that one by nobody.

So a key for each intent needs no list of keys. What is kept grows by at most 128 keys (4 KiB) for
each leaf that was destroyed, and by nothing for those that live.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from streams.sealing.symmetric import KEY_BYTES

LEVELS: Final = 128  # nobody finds two ids with one path: 2**64 tries, as many as for a UUID
PATH_BYTES: Final = LEVELS // 8

Place = tuple[int, int]  # how deep a node stands, and the bits that lead to it


def path_of(intent_id: str) -> bytes:
    """Return where an intent's leaf stands."""
    return hashlib.sha256(b"phigate path\x00" + intent_id.encode()).digest()[:PATH_BYTES]


@dataclass(frozen=True, slots=True)
class KeyTree:
    """What is left of a tree: its nodes, and the sorted paths that were destroyed."""

    nodes: dict[Place, bytes] = field(repr=False)
    gone: tuple[bytes, ...] = ()

    @classmethod
    def whole(cls, root: bytes) -> Self:
        """Return the tree under a root of 32 bytes, nothing destroyed."""
        return cls({(0, 0): root})

    @classmethod
    def unpack(cls, gone: tuple[bytes, ...], packed: bytes) -> Self:
        """Return the tree that `pack` wrote; ValueError where the parts do not fit."""
        places = sorted(_siblings(gone))
        fits = list(gone) == sorted(set(gone)) and all(len(path) == PATH_BYTES for path in gone)
        if not gone or not fits or len(packed) != len(places) * KEY_BYTES:
            raise ValueError("the parts of a tree do not fit each other")
        keys = (packed[at : at + KEY_BYTES] for at in range(0, len(packed), KEY_BYTES))
        return cls(dict(zip(places, keys, strict=True)), gone)

    def pack(self) -> bytes:
        """Return the nodes' keys in the order of their places, which the paths determine."""
        return b"".join(self.nodes[place] for place in sorted(self.nodes))

    def leaf(self, path: bytes) -> bytes | None:
        """Return the key at this path, None where it was destroyed."""
        bits = int.from_bytes(path, "big")
        for depth in range(LEVELS + 1):
            key = self.nodes.get((depth, bits >> (LEVELS - depth)))
            if key is not None:
                for level in range(depth + 1, LEVELS + 1):
                    key = _child(key, bits >> (LEVELS - level) & 1)
                return key
        return None

    def without(self, path: bytes) -> "KeyTree":
        """Return the tree from which the key at this path can no longer be derived."""
        if path in self.gone:
            return self
        bits = int.from_bytes(path, "big")
        depth = next(d for d in range(LEVELS + 1) if (d, bits >> (LEVELS - d)) in self.nodes)
        nodes = dict(self.nodes)
        key = nodes.pop((depth, bits >> (LEVELS - depth)))
        for level in range(depth + 1, LEVELS + 1):
            here = bits >> (LEVELS - level)
            nodes[level, here ^ 1] = _child(key, (here ^ 1) & 1)
            key = _child(key, here & 1)
        return KeyTree(nodes, tuple(sorted((*self.gone, path))))


def _child(key: bytes, side: int) -> bytes:
    return hmac.digest(key, b"\x01" if side else b"\x00", "sha256")


def _siblings(gone: tuple[bytes, ...]) -> Iterator[Place]:
    """Yield the places beside the destroyed paths that are on none of them."""
    paths = [int.from_bytes(path, "big") for path in gone]
    on = {(depth, path >> (LEVELS - depth)) for path in paths for depth in range(1, LEVELS + 1)}
    yield from ((depth, bits ^ 1) for depth, bits in on if (depth, bits ^ 1) not in on)
