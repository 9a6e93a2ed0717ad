"""RFC 9162's tree: its own definition, its proofs, and the frontier that the worker keeps."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.audit import merkle

some = st.lists(st.binary(max_size=8).map(merkle.leaf_hash), max_size=40)


def defined(hashes: list[bytes]) -> bytes:
    """Return MTH(D[n]) straight from section 2.1.1."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(defined(hashes[:split]), defined(hashes[split:]))


@settings(deadline=None)
@given(some)
def test_root_is_the_one_defined(hashes: list[bytes]) -> None:
    """A tree grown leaf by leaf has the root of the definition, at every size."""
    frontier: merkle.Frontier = ()
    for size, hashed in enumerate(hashes):
        assert defined(hashes[:size]) == merkle.root(frontier)
        frontier = merkle.grown(frontier, size, hashed)
        assert (size + 1).bit_count() == len(frontier)
    assert defined(hashes) == merkle.root(frontier) == merkle.root_of(hashes)


@settings(deadline=None)
@given(some.filter(bool), st.data())
def test_inclusion_is_proven_for_its_place_alone(hashes: list[bytes], data: st.DataObject) -> None:
    """A proof holds for its leaf, index, size and root, and for no other of them."""
    size = len(hashes)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(hashes, index)
    top = merkle.root_of(hashes)
    assert merkle.included(index, size, hashes[index], proof, top)
    assert not merkle.included(index, size, merkle.leaf_hash(b"other" * 9), proof, top)
    assert not merkle.included(index, size, hashes[index], [*proof, top], top)
    assert not merkle.included(size, size, hashes[index], proof, top)
    assert not merkle.included(-1, size, hashes[index], proof, top)
    if proof:
        assert not merkle.included(index, size, hashes[index], proof[:-1], top)


@settings(deadline=None)
@given(some.filter(bool), st.data())
def test_consistency_is_proven_for_a_beginning_alone(
    hashes: list[bytes], data: st.DataObject
) -> None:
    """A proof holds between two sizes of one tree, and not for a tree that began otherwise."""
    old = data.draw(st.integers(0, len(hashes)))
    proof = merkle.consistency_proof(hashes, old)
    before, after = merkle.root_of(hashes[:old]), merkle.root_of(hashes)
    assert merkle.consistent(old, len(hashes), before, after, proof)
    if old:
        forged = merkle.root_of([*hashes[: old - 1], merkle.leaf_hash(b"other" * 9)])
        assert not merkle.consistent(old, len(hashes), forged, after, proof)
    assert not merkle.consistent(old, len(hashes), before, after, [*proof, after])
    assert not merkle.consistent(len(hashes) + 1, len(hashes), before, after, proof)


def test_what_is_not_there_cannot_be_proven() -> None:
    """There is no proof for a leaf or a size that the tree does not have."""
    hashes = [merkle.leaf_hash(b"a")]
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(hashes, 1)
    with pytest.raises(ValueError, match="larger"):
        merkle.consistency_proof(hashes, 2)
