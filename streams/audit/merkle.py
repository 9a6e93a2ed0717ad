"""The tree: RFC 9162 section 2.1 (RFC 6962 section 2.1), SHA-256, and nothing of phigate's own.

A leaf's hash is SHA-256(00 || leaf), a node's SHA-256(01 || left || right), the empty tree's
SHA-256(). A tree that only grows is kept as its frontier: the roots of the complete subtrees that
its size is the sum of, largest first. Proofs are made from all leaf hashes and checked from none.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
LEVELS_MAX: Final = 48  # more leaves than any log has offsets for
EMPTY_ROOT: Final = sha256().digest()

Frontier = tuple[bytes, ...]
"""The roots of the complete subtrees, largest first: one for each bit that is set in the size."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return a leaf's hash (section 2.1.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def grown(frontier: Frontier, size: int, hashed: bytes) -> Frontier:
    """Return the frontier of `size + 1` leaves: the new leaf merged into each full subtree."""
    kept = len(frontier)
    while size & 1:
        kept -= 1
        hashed = node_hash(frontier[kept], hashed)
        size >>= 1
    return (*frontier[:kept], hashed)


def root(frontier: Frontier) -> bytes:
    """Return the root of a tree, folding the smaller subtrees into the larger."""
    if not frontier:
        return EMPTY_ROOT
    hashed = frontier[-1]
    for left in reversed(frontier[:-1]):
        hashed = node_hash(left, hashed)
    return hashed


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, MTH(D[n])."""
    frontier: Frontier = ()
    for size, hashed in enumerate(hashes):
        frontier = grown(frontier, size, hashed)
    return root(frontier)


# ---------------------------------------------------------------- proofs


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return PATH(index, D[n]) of section 2.1.3.1; ValueError where there is no such leaf."""
    if not 0 <= index < len(hashes):
        raise ValueError("there is no such leaf in a tree of this size")
    if len(hashes) == 1:
        return []
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if index < split:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - split), root_of(left)]


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return PROOF(old_size, D[n]) of section 2.1.4.1; ValueError where the tree is smaller."""
    if not 0 <= old_size <= len(hashes):
        raise ValueError("a tree is never consistent with a larger one")
    if old_size in {0, len(hashes)}:
        return []
    return _subproof(hashes, old_size, whole=True)


def _subproof(hashes: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    if size == len(hashes):
        return [] if whole else [root_of(hashes)]
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if size <= split:
        return [*_subproof(left, size, whole=whole), root_of(right)]
    return [*_subproof(right, size - split, whole=False), root_of(left)]


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def included(index: int, size: int, hashed: bytes, proof: Sequence[bytes], top: bytes) -> bool:
    """Return whether `proof` shows that leaf `index` of `size` has this hash (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    inner, last = index, size - 1
    found = hashed
    for step in proof:
        if not last:
            return False
        if inner & 1 or inner == last:
            found = node_hash(step, found)
            while inner and not inner & 1:
                inner, last = inner >> 1, last >> 1
        else:
            found = node_hash(found, step)
        inner, last = inner >> 1, last >> 1
    return not last and found == top


def consistent(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether `proof` shows that the larger tree begins with the smaller (2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if old_size == new_size:
        return not proof and old_root == new_root
    return _grew(old_size, new_size, old_root, new_root, proof)


def _grew(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    inner, last = old_size - 1, new_size - 1
    while inner & 1:
        inner, last = inner >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if not last:
            return False
        if inner & 1 or inner == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while inner and not inner & 1:
                inner, last = inner >> 1, last >> 1
        else:
            new = node_hash(new, step)
        inner, last = inner >> 1, last >> 1
    return not last and old == old_root and new == new_root
