"""A leaf: what it says, its one spelling, its limits; and how a tree grows of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit import sequence
from streams.audit.entry import (
    LEAF_BYTES_MAX,
    check_signature,
    digest_of,
    entry_hash,
    entry_key,
    entry_of,
    erased,
    is_unreadable,
    sign,
    spell,
)
from streams.audit.merkle import leaf_hash
from streams.audit.sequence import ENTRIES_MAX, SPAN_MS_MAX, Tree, unpack
from streams.errors import InvariantError, SignatureError
from streams.events import AuditEntry, CaseEvent, Consequence, Effected, State
from streams.signing import SigningKey
from tests.builders import decision, event, intent

KEY, STRANGER = SigningKey.new("audit"), SigningKey.new("stranger")
TOLD = Consequence(effected=Effected.OPENED, reason="phi", state=State.PENDING, grant_id=None)
UNREADABLE = Consequence(
    effected=Effected.REFUSED, reason="unreadable_event", state=None, grant_id=None
)


def made(index: int = 0, body: CaseEvent | None = None, told: Consequence = TOLD) -> AuditEntry:
    """Return an entry of shard 3."""
    happened = body or event(intent(), index)
    return entry_of(3, index, happened.intent_id, b"bytes", happened, told, KEY)


def test_a_leaf_reads_and_spells_in_one_way() -> None:
    """It is compact JSON with sorted names; read and spelled again it is the same bytes."""
    entry = made()
    said = json.loads(entry.leaf)
    assert entry.leaf == json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    assert entry.leaf == spell(entry.said)
    assert ("phigate/audit-leaf/v1", "IntentAdmitted", 3, 0) == (
        said["format"],
        said["kind"],
        said["shard"],
        said["index"],
    )
    assert leaf_hash(entry.leaf).hex() == entry_hash(entry)


def test_a_leaf_holds_ids_and_digests_and_nobodys_words() -> None:
    """Display, rationale and sealed bodies are not in it; who, what digests and revisions are."""
    asked, answered = made().leaf.decode(), made(1, event(decision(), 1)).leaf.decode()
    assert "needed" not in answered
    assert "params" not in asked
    assert '"person":"petra"' in answered
    assert '"masker_revision":"mask-1"' in asked
    assert '"policy_revision":"sha256:1"' in asked


def test_a_receipt_is_the_audits_own_and_of_its_leaf() -> None:
    """It names its key, is the same for the same leaf, and fits no other key or leaf."""
    entry, other = made(), made(1)
    assert entry == made()
    keys = (STRANGER.public, KEY.public)
    assert KEY.public == check_signature(entry_hash(entry), entry.signature, keys)
    for signature, code in (
        (other.signature, "bad_signature"),
        (entry.signature[:-1], "bad_signature"),
        (sign(entry_hash(entry), SigningKey.new("x")), "unknown_key"),
        (entry.signature[:4] + KEY.sign(bytes.fromhex(entry_hash(entry))), "bad_signature"),
    ):
        with pytest.raises(SignatureError) as caught:
            check_signature(entry_hash(entry), signature, keys)
        assert code == caught.value.code


def test_erasing_the_event_leaves_the_leaf() -> None:
    """Proofs are over the leaf: it is the same with the event and without."""
    entry = made()
    assert (entry.leaf, b"") == (erased(entry).leaf, erased(entry).event)


def test_unreadable_bytes_are_not_kept() -> None:
    """What nobody could read may hold anything, so only its digest stays."""
    entry = entry_of(3, 0, "", b"not avro", None, UNREADABLE, KEY)
    assert (b"", digest_of(b"not avro")) == (entry.event, entry.event_digest)
    assert (None, "Unreadable") == (entry.said.at_ms, entry.said.kind)
    assert is_unreadable(UNREADABLE)
    assert not is_unreadable(UNREADABLE.model_copy(update={"effected": Effected.DENIED}))


def test_a_leaf_that_tiles_could_not_take_is_never_made() -> None:
    """The limit of a tlog-tiles entry holds where the leaf is made."""
    huge = TOLD.model_copy(update={"reason": "x" * LEAF_BYTES_MAX})
    with pytest.raises(InvariantError, match="the leaf has more than 65534 bytes"):
        made(0, None, huge)


def test_record_keys_sort_as_the_log_does() -> None:
    """Record keys of one shard sort in the order of their indexes."""
    assert "00003/000000000012" == entry_key(3, 12)
    assert sorted(entry_key(0, n) for n in (10, 9, 100)) == [entry_key(0, n) for n in (9, 10, 100)]


# ---------------------------------------------------------------- the tree


@pytest.mark.parametrize("index", [0, 4, 6])
def test_gap_or_step_back_is_never_taken(index: int) -> None:
    """Only the next index follows."""
    tree = Tree.begin(0)
    for number in range(5):
        tree = tree.with_entry(made(number))
    with pytest.raises(InvariantError, match="cannot follow entry 4"):
        tree.with_entry(made(index))
    assert 6 == tree.with_entry(made(5)).size


times = st.lists(st.none() | st.integers(0, 10 * SPAN_MS_MAX), max_size=60)


@given(times, st.integers(0, 10**9))
def test_a_tree_survives_in_a_row(at: list[int | None], first: int) -> None:
    """The mark is the whole state: packed and unpacked at any entry the tree is the same."""
    whole = packed = Tree.begin(first)
    for number, at_ms in enumerate(at):
        hashed = leaf_hash(bytes([number]))
        whole = whole.with_hash(hashed, at_ms)
        packed = unpack(packed.pack()).with_hash(hashed, at_ms)
    assert whole == packed
    assert first + len(at) == whole.next_index


@given(times)
def test_checkpoints_are_due_within_their_bounds(at: list[int | None]) -> None:
    """After the first entry, and whenever log time has gone on by the span, one is due."""
    tree, since = Tree.begin(0), None
    for number, at_ms in enumerate(at):
        tree = tree.with_hash(leaf_hash(bytes([number])), at_ms)
        late = since is None or tree.log_ms - since >= SPAN_MS_MAX
        assert late == tree.due
        since = tree.log_ms if tree.due else since


def test_a_checkpoint_is_due_after_so_many_entries() -> None:
    """Also where the clock stands still."""
    tree, due = Tree.begin(0), []
    for number in range(2 * ENTRIES_MAX + 2):
        tree = tree.with_hash(leaf_hash(str(number).encode()), 5)
        due += [tree.size] if tree.due else []
    assert [1, 1 + ENTRIES_MAX, 1 + 2 * ENTRIES_MAX] == due


@pytest.mark.parametrize("data", [b"", b"\x00" * 60, Tree.begin(0).pack() + b"x" * 32])
def test_a_mark_that_is_no_tree_is_an_error(data: bytes) -> None:
    """A row of another version is never taken for an empty tree."""
    with pytest.raises(InvariantError, match="mark"):
        sequence.unpack(data)
