"""Every kind of tampering is found and named."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit import verify
from streams.audit.entry import entry_hash, sign
from streams.audit.report import Break, Kind, ShardReport, Unreadable
from streams.audit.sequence import GENESIS, Head, append, head_of
from streams.audit.verify import cross_check, verify_shard
from streams.errors import WireError
from streams.events import AuditEntry, Consequence, Effected, State
from streams.signing import SigningKey
from tests.audit.chains import GRANTED, KEY, KEYS, STRANGER, UNREADABLE, chain, told

LENGTH = 6


def walk(entries: list[AuditEntry | Unreadable] | list[AuditEntry]) -> ShardReport:
    """Walk shard 3 with the good key."""
    return verify_shard(3, entries, KEYS)


def found(entries: list[AuditEntry | Unreadable] | list[AuditEntry]) -> tuple[int, Kind] | None:
    """Return where and what the first break is."""
    broken = walk(entries).broken
    return None if broken is None else (broken.index, broken.kind)


def again(entry: AuditEntry, key: SigningKey = KEY, **changes: object) -> AuditEntry:
    """Return `entry` changed, and signed anew by somebody who holds `key`."""
    changed = entry.model_copy(update=changes)
    return changed.model_copy(update={"signature": sign(entry_hash(changed), key)})


def put(entries: list[AuditEntry], index: int, entry: AuditEntry) -> list[AuditEntry]:
    """Return the chain with one entry replaced."""
    return [*entries[:index], entry, *entries[index + 1 :]]


def test_good_chain_verifies() -> None:
    """An untouched chain has no break, and its head can be pinned."""
    entries = chain(LENGTH, first=10)
    report = walk(entries)
    assert report == ShardReport(
        shard=3, entries=LENGTH, repeats=0, first=10, head=head_of(entries[-1]), broken=None
    )


def test_no_entries_are_an_empty_report() -> None:
    """A shard of which nothing is there is neither good nor broken: it has no head."""
    assert ShardReport(3, 0, 0, None, None, None) == walk([])


Tamper = Callable[[list[AuditEntry]], list[AuditEntry]]

PLANTED: dict[str, tuple[Tamper, int, Kind]] = {
    "event edited": (
        lambda c: put(c, 2, c[2].model_copy(update={"event": b"event X"})),
        2,
        Kind.DIGEST_MISMATCH,
    ),
    "event and digest edited": (
        lambda c: put(c, 2, c[2].model_copy(update={"event": b"", "event_digest": "0" * 64})),
        2,
        Kind.BAD_SIGNATURE,
    ),
    "event erased": (
        lambda c: put(c, 2, c[2].model_copy(update={"event": b""})),
        2,
        Kind.DIGEST_MISMATCH,
    ),
    "consequence edited": (
        lambda c: put(c, 2, c[2].model_copy(update={"consequence": GRANTED})),
        2,
        Kind.BAD_SIGNATURE,
    ),
    "edited and re-signed by the gate itself": (
        lambda c: put(c, 2, again(c[2], intent_id="other")),
        3,
        Kind.BROKEN_CHAIN,
    ),
    "re-signed by a stranger": (
        lambda c: put(c, 2, again(c[2], STRANGER)),
        2,
        Kind.UNKNOWN_KEY,
    ),
    "signature of another entry": (
        lambda c: put(c, 2, c[2].model_copy(update={"signature": c[3].signature})),
        2,
        Kind.BAD_SIGNATURE,
    ),
    "signature cut": (
        lambda c: put(c, 2, c[2].model_copy(update={"signature": c[2].signature[:-1]})),
        2,
        Kind.BAD_SIGNATURE,
    ),
    "signature gone": (
        lambda c: put(c, 2, c[2].model_copy(update={"signature": b""})),
        2,
        Kind.BAD_SIGNATURE,
    ),
    "first entry dropped": (lambda c: c[1:], 0, Kind.MISSING_ENTRY),
    "middle entry dropped": (lambda c: c[:2] + c[3:], 2, Kind.MISSING_ENTRY),
    "three dropped": (lambda c: c[:1] + c[4:], 1, Kind.MISSING_ENTRY),
    "of another shard": (
        lambda c: put(c, 2, chain(LENGTH, shard=4)[2]),
        2,
        Kind.WRONG_SHARD,
    ),
    "two moved into each other's place": (
        lambda c: put(put(c, 2, again(c[3], index=2)), 3, again(c[2], index=3)),
        2,
        Kind.BROKEN_CHAIN,
    ),
    "fork: a second entry for one place": (
        lambda c: [*c, again(c[4], intent_id="other")],
        4,
        Kind.CONFLICTING_ENTRY,
    ),
    "a second beginning in the middle": (
        lambda c: put(c, 3, again(c[3], previous=GENESIS)),
        3,
        Kind.BROKEN_CHAIN,
    ),
    "log made to begin later": (
        lambda c: [again(c[2], previous=GENESIS), *c[3:]],
        3,
        Kind.BROKEN_CHAIN,
    ),
    "an entry before the beginning": (
        lambda c: [*(chain(LENGTH, first=5)), *c[:1]],
        0,
        Kind.BROKEN_CHAIN,
    ),
    "an entry before a later beginning": (
        lambda c: [c[1], *chain(LENGTH, first=5)],
        5,
        Kind.BROKEN_CHAIN,
    ),
    "unreadable bytes smuggled in": (
        lambda _: [
            append(None, 3, 0, "i", b"", UNREADABLE, KEY).model_copy(update={"event": b"x"})
        ],
        0,
        Kind.DIGEST_MISMATCH,
    ),
    "a text without end": (
        lambda c: put(c, 2, c[2].model_copy(update={"intent_id": "x" * 5_000})),
        2,
        Kind.OVERSIZED,
    ),
    "a negative index": (
        lambda c: put(c, 2, c[2].model_copy(update={"index": -1})),
        -1,
        Kind.OVERSIZED,
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_tampering_is_named(name: str) -> None:
    """Each planted tampering is found at its place under its name, and the good chain is not."""
    tamper, index, kind = PLANTED[name]
    assert found(chain(LENGTH)) is None
    assert (index, kind) == found(tamper(chain(LENGTH)))


def test_undecodable_record_is_a_break() -> None:
    """A record that is no audit entry cannot be passed over."""
    entries: list[AuditEntry | Unreadable] = [*chain(2), Unreadable(2, "truncated")]
    assert Break(3, 2, Kind.UNDECODABLE, "truncated") == walk(entries).broken


def test_nothing_is_said_after_the_first_break() -> None:
    """The report names the first break and its head stays the last good entry."""
    good = chain(LENGTH)
    worse = put(put(good, 2, again(good[2], STRANGER)), 4, again(good[4], STRANGER))
    report = walk(worse)
    assert report.broken is not None
    assert (2, head_of(good[1])) == (report.broken.index, report.head)


# ---------------------------------------------------------------- any change, by Hypothesis

GOOD = chain(LENGTH)
FIELDS = ["shard", "index", "previous", "intent_id", "event", "event_digest", "signature"]
INNER = ["effected", "reason", "state", "grant_id"]


@st.composite
def changed_entries(draw: st.DrawFn) -> tuple[int, AuditEntry]:
    """Draw one entry of GOOD with one byte of one field changed, or one word exchanged."""
    place = draw(st.integers(0, LENGTH - 1))
    entry = GOOD[place]
    name = draw(st.sampled_from(FIELDS + INNER))
    if name in INNER:
        told_ = entry.consequence
        values = {
            "effected": st.sampled_from(Effected),
            "reason": st.text(max_size=12),
            "state": st.none() | st.sampled_from(State),
            "grant_id": st.none() | st.text(max_size=4),
        }[name]
        value = draw(values.filter(lambda v: v != getattr(told_, name)))
        return place, entry.model_copy(
            update={"consequence": told_.model_copy(update={name: value})}
        )
    old = getattr(entry, name)
    if isinstance(old, int):  # a number's bit
        return place, entry.model_copy(update={name: old ^ (1 << draw(st.integers(0, 30)))})
    raw = bytearray(old if isinstance(old, bytes) else old.encode())
    raw[draw(st.integers(0, len(raw) - 1))] ^= 1 << draw(st.integers(0, 6))
    new = bytes(raw) if isinstance(old, bytes) else raw.decode()
    return place, entry.model_copy(update={name: new})


@given(changed_entries(), st.integers(0, LENGTH - 1))
def test_any_single_change_of_any_entry_is_found(
    change: tuple[int, AuditEntry], place: int
) -> None:
    """No byte of any entry can be changed unseen, whether it replaces its original or joins it."""
    index, entry = change
    assert found(put(GOOD, index, entry)) is not None
    assert found([*GOOD[:place], entry, *GOOD[place:]]) is not None


@given(st.permutations(GOOD), st.lists(st.sampled_from(GOOD), max_size=4))
def test_order_and_repeats_of_records_are_harmless(
    shuffled: list[AuditEntry], repeats: list[AuditEntry]
) -> None:
    """Records may come in any order and more than once: only what they say counts."""
    report = walk([*shuffled, *repeats])
    assert (None, LENGTH, len(repeats)) == (report.broken, report.entries, report.repeats)


@given(st.sets(st.integers(0, LENGTH - 1), min_size=1, max_size=LENGTH - 1))
def test_any_dropped_entries_but_the_last_are_found(dropped: set[int]) -> None:
    """What is missing is named, unless it was cut off at the end: that needs a pinned head."""
    rest = [entry for entry in GOOD if entry.index not in dropped]
    cut = dropped == set(range(LENGTH - len(dropped), LENGTH))
    pinned = verify_shard(3, rest, KEYS, pinned=head_of(GOOD[-1])).broken
    assert pinned is not None
    if cut:
        assert found(rest) is None
        assert (LENGTH - 1, Kind.TRUNCATED) == (pinned.index, pinned.kind)
    else:
        # with the beginning gone, the newest entry known to be missing is named
        before = min(e.index for e in rest) - 1
        assert (min(dropped) if before < 0 else before, Kind.MISSING_ENTRY) == found(rest)


# ---------------------------------------------------------------- replay, grants, heads, limits


def test_consequence_that_the_event_does_not_give_is_found() -> None:
    """A gate that signs a consequence which the fold would not give is caught by the replay."""

    def replay(entry: AuditEntry) -> Consequence:
        return GRANTED if entry.index == 4 else entry.consequence

    broken = verify_shard(3, GOOD, KEYS, replay).broken
    assert broken is not None
    assert (4, Kind.WRONG_CONSEQUENCE) == (broken.index, broken.kind)


def test_replay_is_asked_once_an_entry_and_in_order() -> None:
    """The fold sees each event once and in the log's order, however the records came."""
    seen: list[int] = []

    def replay(entry: AuditEntry) -> Consequence:
        seen.append(entry.index)
        return entry.consequence

    verify_shard(3, [*reversed(GOOD), *GOOD], KEYS, replay)
    assert [0, 1, 2, 3, 4, 5] == seen


def test_event_that_cannot_be_decoded_is_a_break() -> None:
    """An event which was signed as readable and is not cannot be believed."""

    def replay(_: AuditEntry) -> Consequence:
        raise WireError("truncated")

    broken = verify_shard(3, GOOD, KEYS, replay).broken
    assert broken is not None
    assert (0, Kind.UNDECODABLE) == (broken.index, broken.kind)


def granting(*intents: str, shard: int = 3) -> list[AuditEntry]:
    """Return a chain that grants these intents, one after the other."""
    entries: list[AuditEntry] = []
    head: Head | None = None
    for index, intent in enumerate(intents):
        entries.append(append(head, shard, index, intent, b"e", GRANTED, KEY))
        head = head_of(entries[-1])
    return entries


def test_second_grant_of_an_intent_is_found() -> None:
    """One intent has at most one grant (I4), even where the gate signs two."""
    assert found(granting("a", "b")) is None
    assert (2, Kind.DUPLICATE_GRANT) == found(granting("a", "b", "a"))


def test_grant_in_two_shards_is_found() -> None:
    """Each shard is good alone, and together they grant one intent twice."""
    one = verify_shard(3, granting("a", "b"), KEYS)
    two = verify_shard(4, granting("c", "b", shard=4), KEYS)
    assert cross_check([one]) is None
    broken = cross_check([one, two])
    assert broken is not None
    assert (4, Kind.DUPLICATE_GRANT) == (broken.shard, broken.kind)


def test_pinned_head_shows_a_rewritten_log() -> None:
    """A log that was rebuilt from the first entry on is good alone and does not meet the pin."""
    rebuilt = granting("a", "b", "c", "d", "e", "f")
    assert found(rebuilt) is None
    broken = verify_shard(3, rebuilt, KEYS, pinned=head_of(GOOD[3])).broken
    assert broken is not None
    assert (3, Kind.REWRITTEN) == (broken.index, broken.kind)
    assert verify_shard(3, GOOD, KEYS, pinned=head_of(GOOD[3])).broken is None


def test_walk_continues_behind_an_earlier_head() -> None:
    """A later run starts at the head of the last one and sees only what is new."""
    head = walk(GOOD[:3]).head
    report = verify_shard(3, GOOD, KEYS, start=head)
    assert (None, 3, 3) == (report.broken, report.entries, report.first)
    other = verify_shard(3, GOOD, KEYS, start=Head(2, "0" * 64)).broken
    assert other is not None
    assert (2, Kind.CONFLICTING_ENTRY) == (other.index, other.kind)


def test_entries_held_back_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap that never fills ends the walk before memory does."""
    monkeypatch.setattr(verify, "AHEAD_MAX", 3)
    assert (0, Kind.MISSING_ENTRY) == found(GOOD[1:])
    assert "more than 3" in str(walk(GOOD[1:]).broken)


def test_entries_of_a_walk_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk says that there is too much rather than running out of memory."""
    monkeypatch.setattr(verify, "ENTRIES_MAX", 4)
    assert (4, Kind.OVERSIZED) == found(GOOD)


def test_key_rotation_keeps_a_chain_whole() -> None:
    """Entries of an old and a new key stand in one chain; a re-signed copy is a repeat."""
    mixed = [*GOOD[:3]]
    mixed.extend(again(entry, STRANGER) for entry in GOOD[3:])
    report = verify_shard(3, [*mixed, GOOD[4]], (KEY.public, STRANGER.public))
    assert (None, 1) == (report.broken, report.repeats)


def test_told_reason_is_free() -> None:
    """A denial may carry any code, even that of unreadable events, and keeps its event."""
    entry = append(None, 3, 0, "i", b"e", told(Effected.DENIED, "unreadable_event"), KEY)
    assert entry.event == b"e"
    assert found([entry]) is None
