"""What of an entry is hashed and signed."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit.entry import (
    DOMAIN,
    check_signature,
    entry_hash,
    entry_key,
    is_unreadable,
    leaf,
    sign,
)
from streams.audit.sequence import GENESIS
from streams.errors import InvariantError, SignatureError
from streams.events import AuditEntry, Consequence, Effected, State
from tests.audit.chains import KEY, KEYS, STRANGER, UNREADABLE, chain, told

PLAIN = AuditEntry(
    shard=1,
    index=2,
    previous=GENESIS,
    intent_id="a",
    event=b"e",
    event_digest="d",
    consequence=Consequence(
        effected=Effected.OPENED, reason="", state=State.PENDING, grant_id=None
    ),
    signature=b"",
)

texts = st.text(max_size=8)
entries = st.builds(
    AuditEntry,
    shard=st.integers(0, 99_999),
    index=st.integers(0, 999_999_999_999),
    previous=texts,
    intent_id=texts,
    event=st.just(b""),
    event_digest=texts,
    consequence=st.builds(
        Consequence,
        effected=st.sampled_from(Effected),
        reason=texts,
        state=st.none() | st.sampled_from(State),
        grant_id=st.none() | texts,
    ),
    signature=st.just(b""),
)


def test_leaf_bytes_are_these_for_ever() -> None:
    """The canonical encoding is pinned byte by byte: a change would break every old signature."""
    expected = b"".join(
        (
            b"\x00\x00\x00\x16phigate/audit-entry/v1",
            b"\x00\x00\x00\x08" + (1).to_bytes(8, "big"),
            b"\x00\x00\x00\x08" + (2).to_bytes(8, "big"),
            b"\x00\x00\x00\x40" + b"0" * 64,
            b"\x00\x00\x00\x01a",
            b"\x00\x00\x00\x01d",
            b"\x00\x00\x00\x06opened",
            b"\x00\x00\x00\x00",
            b"\x01\x00\x00\x00\x07pending",
            b"\x00",
        )
    )
    assert expected == leaf(PLAIN)
    assert len(DOMAIN) == 0x16


def test_hash_is_the_tree_leaf_hash() -> None:
    """The entry's hash is RFC 9162's leaf hash: a Merkle tree can stand on these entries."""
    expected = hashlib.sha256(b"\x00" + leaf(PLAIN)).hexdigest()
    assert expected == entry_hash(PLAIN)
    assert expected == "d3125cdd696298fab272f55274ce1a23" + expected[32:]


@given(entries, entries)
def test_leaf_is_injective(one: AuditEntry, two: AuditEntry) -> None:
    """Two entries have one leaf only where they are equal."""
    assert (one == two) == (leaf(one) == leaf(two))


def test_absent_differs_from_empty() -> None:
    """No grant id and an empty one are different facts."""
    absent = PLAIN.model_copy(update={"consequence": told(grant_id=None)})
    empty = PLAIN.model_copy(update={"consequence": told(grant_id="")})
    assert entry_hash(absent) != entry_hash(empty)


def test_text_over_the_limit_is_never_hashed() -> None:
    """An entry that a tree could not take is an error where it is made."""
    huge = PLAIN.model_copy(update={"intent_id": "x" * 4_097})
    with pytest.raises(InvariantError, match="4096 bytes"):
        leaf(huge)


def test_signature_names_its_key_and_is_deterministic() -> None:
    """The same entry and key give the same bytes, and the key that signed is found among others."""
    hash_hex = entry_hash(PLAIN)
    signature = sign(hash_hex, KEY)
    assert signature == sign(hash_hex, KEY)
    found = check_signature(hash_hex, signature, (STRANGER.public, KEY.public))
    assert KEY.public.key_id == found.key_id


def test_bare_signature_over_the_hash_is_refused() -> None:
    """A signature that the key made for another purpose does not pass as an entry's."""
    hash_hex = entry_hash(PLAIN)
    foreign = sign(hash_hex, KEY)[:4] + KEY.sign(bytes.fromhex(hash_hex))
    with pytest.raises(SignatureError) as caught:
        check_signature(hash_hex, foreign, KEYS)
    assert caught.value.code == "bad_signature"


def test_unknown_key_is_told_from_bad_signature() -> None:
    """Who signed is known before whether it verifies."""
    hash_hex = entry_hash(PLAIN)
    with pytest.raises(SignatureError) as caught:
        check_signature(hash_hex, sign(hash_hex, STRANGER), KEYS)
    assert caught.value.code == "unknown_key"


def test_keys_sort_as_the_log_does() -> None:
    """Record keys of one shard sort in the order of their indexes."""
    assert entry_key(3, 12) == "00003/000000000012"
    assert sorted(entry_key(0, index) for index in (10, 9, 100)) == [
        "00000/000000000009",
        "00000/000000000010",
        "00000/000000000100",
    ]


def test_a_denial_with_the_code_unreadable_keeps_its_event() -> None:
    """Only the fold's refusal drops an event's bytes; an approver's chosen code cannot."""
    assert is_unreadable(UNREADABLE)
    assert not is_unreadable(told(Effected.DENIED, "unreadable_event"))


def test_chain_links_by_hash() -> None:
    """Each entry carries the hash of the one before."""
    first, second = chain(2)
    assert first.previous == GENESIS
    assert second.previous == entry_hash(first)
