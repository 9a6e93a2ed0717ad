"""Signed notes, checkpoints, cosignatures, and proofs as text."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit import note as notes
from streams.audit import tlogproof
from streams.audit.checkpoint import ALL, Head, all_text, note_key, read, shard_text
from streams.audit.merkle import EMPTY_ROOT
from streams.audit.note import WitnessKey
from streams.errors import KeyringError, SignatureError
from streams.signing import PublicKey, SigningKey

KEY, WITNESS, OTHER = (SigningKey.new(name) for name in ("gate-audit", "w1", "w2"))
HEAD = Head(12, b"r" * 32)
TEXT = shard_text("gate-audit", 3, HEAD)
heads = st.builds(
    Head, st.integers(0, 10**12), st.binary(min_size=32, max_size=32), st.integers(0, 10**9)
)


def code(note: str, *keys: PublicKey) -> str:
    """Return why a note is refused, or nothing."""
    try:
        parsed = notes.parse(note)
        notes.verified(parsed, keys or (KEY.public,))
        notes.cosignatures(parsed, [WitnessKey.of(WITNESS.public)])
    except SignatureError as error:
        return error.code
    return ""


def test_a_checkpoint_is_these_lines() -> None:
    """Origin, size, root; then a blank line and the signature line of C2SP's signed-note."""
    root = base64.b64encode(HEAD.root).decode()
    assert f"gate-audit/3\n12\n{root}\n" == TEXT
    signed = notes.sign(TEXT, KEY)
    assert signed == notes.sign(TEXT, KEY)
    line = signed.removeprefix(TEXT + "\n")
    assert line.startswith("\u2014 gate-audit ")
    assert 4 + 64 == len(base64.b64decode(line.split(" ")[2]))


@given(st.integers(0, 999), heads)
def test_a_shards_checkpoint_goes_both_ways(shard: int, head: Head) -> None:
    """What is written is read again, also of a tree that does not begin with event 0."""
    said = read(shard_text("log", shard, head))
    assert ("log", shard, head, ()) == (said.log, said.shard, said.head, said.shards)


@given(st.lists(heads, min_size=1, max_size=9))
def test_the_note_over_all_goes_both_ways(shards: list[Head]) -> None:
    """Each shard is in it, the empty ones too, and its size counts them all."""
    said = read(all_text("log", shards))
    assert tuple(shards) == said.shards
    assert (ALL, sum(head.size for head in shards)) == (said.shard, said.head.size)


ALL_TEXT = all_text("log", [HEAD, Head(0, EMPTY_ROOT)])
BAD_TEXTS = {
    "too short": "log/1\n12\n",
    "no shard": TEXT.replace("/3", ""),
    "not a shard": TEXT.replace("/3", "/x"),
    "leading zero": TEXT.replace("\n12\n", "\n012\n"),
    "negative": TEXT.replace("\n12\n", "\n-12\n"),
    "short root": TEXT.replace("\n12\n", "\n12\nAA"),
    "beginning at nothing": TEXT.replace("/3", "/3@0"),
    "more lines": TEXT + "more\n",
    "no end": TEXT[:-1],
    "shard dropped": "\n".join([*ALL_TEXT.split("\n")[:-2], ""]),
    "size changed": ALL_TEXT.replace("\n12\n", "\n13\n"),
    "shards swapped": ALL_TEXT.replace("\n0 12", "\n1 12"),
    "no shards": "\n".join([*ALL_TEXT.split("\n")[:3], ""]),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_what_is_no_checkpoint_is_refused(name: str) -> None:
    """A text has one reading or none."""
    with pytest.raises(SignatureError) as caught:
        read(BAD_TEXTS[name])
    assert "bad_note" == caught.value.code


def test_a_note_verifies_with_its_key_alone() -> None:
    """Another key is unknown; another text under the key's name is a bad signature."""
    signed = notes.sign(TEXT, KEY)
    assert "" == code(signed)
    assert "unknown_key" == code(signed, OTHER.public)
    assert "bad_signature" == code(signed.replace("\n12\n", "\n13\n"))
    assert "bad_note" == code(signed.replace("\n\n", "\n"))
    assert "bad_note" == code(signed[:-1])
    assert "bad_note" == code(signed.replace("gate-audit/3", "gate-audit\t/3"))
    namesake = SigningKey.new("gate-audit")
    assert "unknown_key" == code(notes.sign(TEXT, namesake))


@given(st.data())
def test_no_byte_of_a_note_can_be_changed_unseen(data: st.DataObject) -> None:
    """A changed character in text, name or signature is found."""
    signed = notes.sign(TEXT, KEY)
    at = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = signed[:at] + other + signed[at + 1 :]
    same = changed == signed
    try:
        equal = notes.parse(changed) == notes.parse(signed)
    except SignatureError:
        equal = False
    assert (code(changed) == "") == (same or equal)


def test_a_cosignature_names_witness_and_time() -> None:
    """It is verified under the witness's own key type, and says when the tree was seen."""
    signed = notes.cosign(notes.sign(TEXT, KEY), WITNESS, 1_700_000_000)
    parsed = notes.parse(signed)
    (found,) = notes.cosignatures(parsed, [WitnessKey.of(WITNESS.public)])
    assert (1_700_000_000, "w1") == (found.time_s, found.witness.name)
    assert [] == notes.cosignatures(parsed, [WitnessKey.of(OTHER.public)])
    assert KEY.public == notes.verified(parsed, [KEY.public])
    later = signed.replace("\n12\n", "\n13\n").replace(TEXT, TEXT)
    assert "bad_signature" == code(later)


def test_a_cosignature_moved_to_another_tree_is_bad() -> None:
    """A witness's line below another text does not verify."""
    line = notes.cosign(notes.sign(TEXT, KEY), WITNESS, 5).split("\n")[-2]
    other = notes.sign(shard_text("gate-audit", 3, Head(13, b"s" * 32)), KEY)
    assert "bad_cosignature" == code(f"{other}{line}\n")


def test_signing_and_witness_keys_are_told_apart() -> None:
    """One line of a directory is never both: the key type is in the id."""
    witness = WitnessKey.of(KEY.public)
    assert witness.key_id != KEY.public.key_id
    assert witness == WitnessKey.parse(witness.text)
    with pytest.raises(KeyringError, match="a witness key, a signing key"):
        PublicKey.parse(witness.text)


def test_notes_of_one_text_become_one() -> None:
    """Lines of several witnesses stand below one text, each once; texts never mix."""
    signed = notes.sign(TEXT, KEY)
    both = [notes.cosign(signed, key, 7) for key in (WITNESS, OTHER)]
    one = notes.merged([signed, *both])
    witnesses = [WitnessKey.of(key.public) for key in (WITNESS, OTHER)]
    assert 2 == len(notes.cosignatures(notes.parse(one), witnesses))
    assert 3 == len(notes.parse(one).lines)
    with pytest.raises(SignatureError):
        notes.merged([signed, notes.sign(TEXT.replace("12", "13"), KEY)])


def test_record_keys_are_unique_and_sorted() -> None:
    """A note's key says shard, size and witness; compaction can remove exact repeats alone."""
    assert "00003/000000000012" == note_key(3, 12)
    assert "all/000000000012/w+aa" == note_key(ALL, 12, "w+aa")


def test_tlog_proof_goes_both_ways() -> None:
    """The text of a proof holds index, hashes and checkpoint, and nothing else is a proof."""
    signed = notes.sign(TEXT, KEY)
    text = tlogproof.write(5, [b"h" * 32, b"i" * 32], signed)
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 5\n")
    found = tlogproof.parse(text)
    assert (5, (b"h" * 32, b"i" * 32), signed) == (found.index, found.hashes, found.note)
    for bad in (text[1:], text.replace("index 5", "index 05"), text.replace("\n\n", "\n"), ""):
        with pytest.raises(SignatureError, match="no tlog-proof"):
            tlogproof.parse(bad)
