"""A punctured tree: one leaf is gone for whoever holds what is left, and every other stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sealing.puncture import LEVELS, PATH_BYTES, KeyTree, _child, path_of

ROOT = bytes(range(32))
PATHS = st.binary(min_size=PATH_BYTES, max_size=PATH_BYTES)
# paths that meet deep in the tree, where an error of one level would show
NEAR = st.integers(0, 7).map(lambda n: n.to_bytes(PATH_BYTES, "big"))


@given(st.lists(PATHS | NEAR, max_size=6), st.lists(PATHS | NEAR, max_size=6))
def test_a_destroyed_leaf_is_gone_and_all_others_stay(gone: list[bytes], kept: list[bytes]) -> None:
    """Whatever was destroyed, in whatever order: those leaves are None, all others as before."""
    whole = tree = KeyTree.whole(ROOT)
    for path in gone:
        tree = tree.without(path)
    assert [None] * len(gone) == [tree.leaf(path) for path in gone]
    others = [path for path in kept if path not in gone]
    assert [whole.leaf(path) for path in others] == [tree.leaf(path) for path in others]


@given(st.lists(PATHS | NEAR, min_size=1, max_size=4, unique=True))
def test_no_key_on_a_destroyed_path_is_left(gone: list[bytes]) -> None:
    """No node that is kept stands on the path of a destroyed leaf, so none of them leads there."""
    tree = KeyTree.whole(ROOT)
    for path in gone:
        tree = tree.without(path)
    for path in gone:
        bits, key, above = int.from_bytes(path, "big"), ROOT, {ROOT}
        for level in range(1, LEVELS + 1):
            key = _child(key, bits >> (LEVELS - level) & 1)
            above.add(key)
        assert not above & set(tree.nodes.values())


@given(st.lists(PATHS | NEAR, min_size=1, max_size=5, unique=True))
def test_what_is_packed_is_the_same_tree_and_small(gone: list[bytes]) -> None:
    """The paths and the keys give the tree again; at most 128 keys for each destroyed leaf."""
    tree = KeyTree.whole(ROOT)
    for path in gone:
        tree = tree.without(path)
    assert tree == KeyTree.unpack(tree.gone, tree.pack())
    assert len(tree.pack()) <= len(gone) * LEVELS * 32


def test_destroying_twice_changes_nothing() -> None:
    """A second run of the same is the same."""
    once = KeyTree.whole(ROOT).without(path_of("i"))
    assert once == once.without(path_of("i"))


def test_leaves_are_those_of_the_first_version() -> None:
    """What was wrapped when this was built opens still: the derivation does not change."""
    leaf = KeyTree.whole(ROOT).leaf(path_of("intent-1"))
    assert leaf is not None
    assert "de31d0eb8125fc612054991ed43ee9122c46a01b5257c58372946857b7da8b78" == leaf.hex()


@pytest.mark.parametrize("wrong", [b"", bytes(32), bytes(127 * 32), bytes(129 * 32)])
def test_parts_that_do_not_fit_are_refused(wrong: bytes) -> None:
    """A tree whose keys are too few or too many is damaged."""
    with pytest.raises(ValueError, match="do not fit"):
        KeyTree.unpack((path_of("i"),), wrong)
    with pytest.raises(ValueError, match="do not fit"):
        KeyTree.unpack((), wrong)
