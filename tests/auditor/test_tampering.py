"""Every kind of tampering is found, at its place and under its name.

Some are the work of a stranger who can write to the topics; the worst of whoever holds the audit's
private key: what the tree cannot show then, the fold, people's own signatures and witnesses do.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.audit import note as notes
from streams.audit.checkpoint import ALL, Head, note_key, shard_text
from streams.audit.entry import entry_key, erased, sign, spell
from streams.audit.merkle import leaf_hash
from streams.audit.note import WitnessKey
from streams.audit.report import Break, Flaw
from streams.audit.sequence import SPAN_MS_MAX
from streams.auditor.proof.check import LogReport, check
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.events import (
    Answer,
    Assurance,
    AuditEntry,
    Body,
    Checkpoint,
    Consequence,
    DecisionAdmitted,
    Effect,
    Effected,
    Identity,
)
from streams.signing import SigningKey
from streams.wire import codec
from tests.auditor.logs import (
    KEY,
    PEOPLE,
    PERMITTED,
    PINS,
    REVIEWED,
    SLOW,
    T0,
    Gate,
    all_note,
    decision,
    intent,
    log,
    outcome,
    story,
)

GOOD = story()
SECOND = story(1)
WITNESS = SigningKey.new("w1")
WATCHED = replace(PINS, witnesses=(WitnessKey.of(WITNESS.public),))
OTHER = "0192a7c4-11aa-7000-8000-000000000009"


def found(records: Iterable[Stored], pins: Pins = PINS, **more: int) -> Break | None:
    """Return the first break."""
    return check(records, pins, **more).broken  # type: ignore[arg-type]


def made(leaf: bytes, event: bytes, key: SigningKey = KEY) -> AuditEntry:
    """Return an entry with a receipt for it."""
    receipt = sign(leaf_hash(leaf).hex(), key)
    return AuditEntry(leaf=leaf, event=event, signature=receipt)


def put(at: int, entry: AuditEntry, key: str | None = None) -> list[Stored]:
    """Return the good log with another entry at a place."""
    records = log(GOOD)
    place = len(GOOD.notes) + 1 + at
    name = key or entry_key(0, at)
    changed = replace(records[place], key=name.encode(), value=codec.encode(entry))
    return [*records[:place], changed, *records[place + 1 :]]


def leafed(at: int, **changes: object) -> list[Stored]:
    """Return the good log with a leaf that says otherwise."""
    entry = GOOD.entries[at]
    return put(at, made(spell(entry.said.model_copy(update=changes)), entry.event))


ISSUER = "https://id.example"


def logged_in(
    person: str,
    *,
    issuer: str = "https://evil.example",
    signer: SigningKey | None = None,
    **changes: Any,
) -> DecisionAdmitted:
    """Return a decision that a login's key signed, or should have."""
    key = SigningKey.new("login")
    identity = Identity(
        issuer=issuer, subject_digest="aa", token_digest="bb", key_id="k", algorithm="RS256",
        signer=key.public.text, issued_at_ms=T0, expires_at_ms=T0,
    )  # fmt: skip
    made = decision(person, key=signer or key)
    whole: dict[str, Any] = {"assurance": Assurance.OIDC, "identity": identity}
    return made.model_copy(update=whole | changes)


def entries(keep: Callable[[list[Stored]], list[Stored]]) -> list[Stored]:
    """Return the good log with other entries, its notes as they were."""
    return [*GOOD.notes, all_note([GOOD]), *keep(GOOD.records)]


def noted(keep: Callable[[list[Stored]], list[Stored]]) -> list[Stored]:
    """Return the good log with other notes."""
    return [*keep(GOOD.notes), all_note([GOOD]), *GOOD.records]


def note(text: str, key: SigningKey, shard: int, size: int) -> Stored:
    """Return a note as it lies in Kafka."""
    record = Checkpoint(shard=shard, size=size, witness="", note=notes.sign(text, key))
    name = note_key(shard, size).encode()
    return Stored(max(shard, 0), 0, T0, name, codec.encode(record), "checkpoints")


def played(*bodies: tuple[str, Body], at: dict[int, int] | None = None) -> list[Stored]:
    """Return what a gate writes that holds all keys and lies: every tree and note is in order."""
    gate = Gate()
    for number, (intent_id, body) in enumerate(bodies):
        gate.write(intent_id, body, (at or {}).get(number))
    return log(gate.rest())


def lying(at: int, **changes: object) -> list[Stored]:
    """Return the log of a gate that records another consequence and signs it."""
    gate = Gate()
    for number, record in enumerate(GOOD.records):
        entry = codec.decode(record.value or b"", AuditEntry)
        if number == at:
            told = entry.consequence.model_copy(update=changes)
            said = entry.said.model_copy(update={"consequence": told})
            entry = made(leaf=spell(said), event=entry.event)
        grown = gate.tree.with_entry(entry)
        due = [gate.effects.note(0, gate.tree.head)] if gate.tree.due else []
        for product in due:
            gate._put(product)
        gate.records.append(replace(record, value=codec.encode(entry)))
        gate.mark = grown.pack()
    return log(gate.rest())


ASKED = (REVIEWED, intent())
TEXT = shard_text("gate-audit", 0, GOOD.tree.head)
FORK = shard_text("gate-audit", 0, Head(11, b"f" * 32))
MOVED = decision("dana", intent_id=REVIEWED)

PLANTED: dict[str, tuple[list[Stored], int, int, Flaw]] = {
    # a stranger's
    "event edited": (
        put(2, made(leaf=GOOD.entries[2].leaf, event=b"event X")),
        0, 2, Flaw.DIGEST_MISMATCH,
    ),
    "event of another entry": (
        put(2, made(leaf=GOOD.entries[2].leaf, event=GOOD.entries[0].event)),
        0, 2, Flaw.DIGEST_MISMATCH,
    ),
    "consequence edited": (
        leafed(3, consequence=GOOD.entries[5].consequence), 0, 3, Flaw.WRONG_CONSEQUENCE,
    ),
    "who decided edited": (
        leafed(5, facts={**GOOD.entries[5].said.facts, "person": "erin"}), 0, 5, Flaw.WRONG_FACTS,
    ),
    "time edited in the leaf": (leafed(5, at_ms=T0), 0, 5, Flaw.WRONG_FACTS),
    "moved to another intent": (leafed(5, intent_id=SLOW), 0, 5, Flaw.WRONG_FACTS),
    "an unreadable record's digest edited": (
        leafed(7, event_digest="0" * 64), 0, 7, Flaw.ROOT_MISMATCH,
    ),
    "another spelling of a leaf": (
        put(2, made(leaf=GOOD.entries[2].leaf + b" ", event=GOOD.entries[2].event)),
        0, 2, Flaw.UNDECODABLE,
    ),
    "receipt cut": (
        put(2, GOOD.entries[2].model_copy(update={"signature": b""})), 0, 2, Flaw.BAD_SIGNATURE,
    ),
    "receipt of another entry": (
        put(2, GOOD.entries[2].model_copy(update={"signature": GOOD.entries[3].signature})),
        0, 2, Flaw.BAD_SIGNATURE,
    ),
    "receipt by another key": (
        put(2, made(GOOD.entries[2].leaf, GOOD.entries[2].event, SigningKey.new("x"))),
        0, 2, Flaw.UNKNOWN_KEY,
    ),
    "unreadable bytes smuggled in": (
        put(7, made(leaf=GOOD.entries[7].leaf, event=b"garbage")), 0, 7, Flaw.WRONG_FACTS,
    ),
    "first entry dropped": (entries(lambda r: r[1:]), 0, 0, Flaw.MISSING_ENTRY),
    "middle entry dropped": (entries(lambda r: r[:4] + r[5:]), 0, 4, Flaw.MISSING_ENTRY),
    "end cut off": (entries(lambda r: r[:9]), 0, 10, Flaw.TRUNCATED),
    "an entry inserted": (
        [*log(GOOD), replace(GOOD.records[10], key=b"00000/000000000011")],
        0, 11, Flaw.WRONG_KEY,
    ),
    "a second entry for one place": (
        [*log(GOOD), *leafed(4, intent_id=SLOW)[-7:-6]], 0, 4, Flaw.CONFLICTING_ENTRY,
    ),
    "two entries exchanged": (
        entries(lambda r: [
            *r[:4],
            replace(r[4], value=codec.encode(made(
                leaf=spell(GOOD.entries[5].said.model_copy(update={"index": 4})),
                event=GOOD.entries[5].event))),
            replace(r[5], value=codec.encode(made(
                leaf=spell(GOOD.entries[4].said.model_copy(update={"index": 5})),
                event=GOOD.entries[4].event))),
            *r[6:],
        ]),
        0, 4, Flaw.ROOT_MISMATCH,
    ),
    "value under another key": (
        entries(lambda r: [*r[:3], replace(r[3], key=r[4].key), *r[4:]]), 0, 4, Flaw.WRONG_KEY,
    ),
    "tombstone": (
        [*log(GOOD), replace(GOOD.records[3], value=None)], 0, 3, Flaw.UNDECODABLE,
    ),
    "no audit record": (
        [*log(GOOD), replace(GOOD.records[3], value=b"\xc3\x01rubbish")], 0, 3, Flaw.UNDECODABLE,
    ),
    "entry in another shard's partition": (
        entries(lambda r: [replace(r[0], partition=1), *r[1:]]), 0, 0, Flaw.WRONG_SHARD,
    ),
    # notes
    "note edited": (
        noted(lambda n: [replace(n[0], value=codec.encode(Checkpoint(
            shard=0, size=1, witness="",
            note=codec.decode(n[0].value or b"", Checkpoint).note.replace("\n1\n", "\n2\n")))),
            *n[1:]]),
        0, 0, Flaw.BAD_SIGNATURE,
    ),
    "note re-signed with another key": (
        noted(lambda n: [*n, note(TEXT, SigningKey.new("x"), 0, 11)]), 0, 10, Flaw.UNKNOWN_KEY,
    ),
    "note signed by a namesake": (
        noted(lambda n: [*n, note(TEXT, SigningKey.new("gate-audit"), 0, 11)]),
        0, 10, Flaw.UNKNOWN_KEY,
    ),
    "note of another shard": (
        noted(lambda n: [replace(n[0], key=b"00000/000000000002"), *n[1:]]),
        0, 0, Flaw.WRONG_KEY,
    ),
    "note that is no checkpoint": (
        noted(lambda n: [*n, note("some text\n", KEY, 0, 4)]), 0, 3, Flaw.BAD_NOTE,
    ),
    "fork: two trees of one size": (
        noted(lambda n: [*n, note(FORK, KEY, 0, 11)]), 0, 10, Flaw.FORKED,
    ),
    "notes taken away": (noted(lambda n: n[:2] + n[7:]), 0, 2, Flaw.MISSING_CHECKPOINT),
    "note over all taken away": (
        [*GOOD.notes, *GOOD.records], ALL, -1, Flaw.MISSING_CHECKPOINT,
    ),
    "an old note over all put forward": (
        [*GOOD.notes, all_note([Gate().rest()]), *GOOD.records], ALL, -1, Flaw.STALE_CHECKPOINT,
    ),
    "a shard dropped": (
        [*GOOD.notes, all_note([GOOD, SECOND], 2), *GOOD.records], 1, 10, Flaw.MISSING_SHARD,
    ),
    "shards exchanged": (
        [replace(each, partition=1 - each.partition) if each.topic == "audit" else each
         for each in log(GOOD, SECOND)],
        0, 0, Flaw.WRONG_SHARD,
    ),
    # whoever holds the audit's key, and signs it all again
    "a grant that no rule gives, signed": (
        lying(3, effected=Effected.GRANTED, grant_id="g"), 0, 3, Flaw.WRONG_CONSEQUENCE,
    ),
    "a refusal made a vote, signed": (
        lying(3, effected=Effected.COUNTED, reason=""), 0, 3, Flaw.WRONG_CONSEQUENCE,
    ),
    "a decision moved between intents": (
        played(ASKED, (OTHER, intent()), (OTHER, MOVED)), 0, 2, Flaw.WRONG_DECISION,
    ),
    "a no made a yes": (
        played(ASKED, (REVIEWED, decision("dana", answer=Answer.APPROVE, code="too_broad"))),
        0, 1, Flaw.WRONG_DECISION,
    ),
    "a decision under another's name": (
        played(ASKED, (REVIEWED, decision("dana", key=PEOPLE["erin"]))), 0, 1, Flaw.WRONG_DECISION,
    ),
    "a decision for another action": (
        played(ASKED, (REVIEWED, decision("dana", action_digest="bb"))), 0, 1, Flaw.WRONG_DECISION,
    ),
    "a decision on another masker's view": (
        played(ASKED, (REVIEWED, decision("dana", masker_revision="old"))),
        0, 1, Flaw.WRONG_DECISION,
    ),
    "a decision for another view": (
        played(ASKED, (REVIEWED, decision("dana", view_digest="bb"))), 0, 1, Flaw.WRONG_DECISION,
    ),
    "a decision for another gate": (
        played(ASKED, (REVIEWED, decision("dana", gate="other"))), 0, 1, Flaw.WRONG_DECISION,
    ),
    "an outcome for another gate": (
        played((PERMITTED, intent(Effect.PERMIT, None)), (PERMITTED, outcome(PERMITTED, gate="x"))),
        0, 1, Flaw.WRONG_OUTCOME,
    ),
    "an outcome with another message": (
        played(
            (PERMITTED, intent(Effect.PERMIT, None)),
            (PERMITTED, outcome(PERMITTED, message_digest="x")),
        ),
        0, 1, Flaw.WRONG_OUTCOME,
    ),
    "an invented approver": (
        played(ASKED, (REVIEWED, decision("zoe"))), 0, 1, Flaw.UNKNOWN_APPROVER,
    ),
    "a login at a provider that nobody pins": (
        played(ASKED, (REVIEWED, logged_in("dana"))), 0, 1, Flaw.UNKNOWN_APPROVER,
    ),
    "a login's decision signed by another key": (
        played(ASKED, (REVIEWED, logged_in("dana", issuer=ISSUER, signer=PEOPLE["erin"]))),
        0, 1, Flaw.UNKNOWN_APPROVER,
    ),
    "a login's decision at a lower level": (
        played(ASKED, (REVIEWED, logged_in("dana", issuer=ISSUER, assurance=Assurance.KEY))),
        0, 1, Flaw.WRONG_DECISION,
    ),
    "a forged decision": (
        played(ASKED, (REVIEWED, MOVED.model_copy(update={
            "envelope": MOVED.envelope.replace(b'"sig":"', b'"sig":"AAAA', 1)}))),
        0, 1, Flaw.BAD_DECISION,
    ),
    "an invented executor": (
        played((PERMITTED, intent(Effect.PERMIT)), (PERMITTED, outcome(PERMITTED, WITNESS))),
        0, 1, Flaw.UNKNOWN_EXECUTOR,
    ),
    "another outcome than was signed": (
        played((PERMITTED, intent(Effect.PERMIT)),
               (PERMITTED, outcome(PERMITTED, result_digest="zz"))),
        0, 1, Flaw.WRONG_OUTCOME,
    ),
    "a back-dated event": (
        played(ASKED, (SLOW, intent()), at={0: T0, 1: T0 - 86_400_000}), 0, 1, Flaw.BACK_DATED,
    ),
}  # fmt: skip


def test_the_good_log_verifies() -> None:
    """Two shards, every kind of event, all signatures: no break."""
    report = check(log(GOOD, SECOND), PINS)
    assert report.broken is not None  # the same intents were granted in both
    assert Flaw.DUPLICATE_GRANT is report.broken.kind
    assert check(log(GOOD), PINS).broken is None


@pytest.mark.parametrize("name", PLANTED)
def test_planted_tampering_is_named(name: str) -> None:
    """Each planted tampering is found at its place under its name."""
    records, shard, index, kind = PLANTED[name]
    broken = found(records)
    assert broken is not None
    assert (shard, index, kind) == (broken.shard, broken.index, broken.kind), broken.detail


def test_kinds_planted_are_many() -> None:
    """At least twenty kinds of tampering, under at least fifteen names."""
    assert len(PLANTED) >= 40
    assert len({kind for _, _, _, kind in PLANTED.values()}) >= 20


def rewritten() -> list[Stored]:
    """Return another history, whole and signed by the audit's own key."""
    gate = Gate()
    for number in range(11):
        gate.write(f"{OTHER[:-2]}{number:02d}", intent())
    return log(gate.rest())


def test_a_rewritten_history_shows_against_a_head_or_a_witness() -> None:
    """Whoever holds the key can write another log; not one that fits what was seen before."""
    assert found(rewritten()) is None
    heads = check(log(GOOD), PINS).heads
    broken = check(rewritten(), PINS, heads=heads).broken
    assert broken == Break(0, 10, Flaw.REWRITTEN, broken.detail if broken else "")
    short = check(log(Gate().rest()), PINS, heads=heads).broken
    assert short is not None
    assert Flaw.TRUNCATED is short.kind

    mixed = [*witnessed(GOOD), *rewritten()]
    broken = found(mixed, WATCHED)
    assert broken is not None
    assert Flaw.FORKED is broken.kind


def witnessed(gate: Gate, time_s: int = T0 // 1000 + 700) -> list[Stored]:
    """Return the note over all shards, cosigned."""
    plain = all_note([gate])
    record = codec.decode(plain.value or b"", Checkpoint)
    key = WitnessKey.of(WITNESS.public).key_id
    seen = record.model_copy(
        update={"note": notes.cosign(record.note, WITNESS, time_s), "witness": key}
    )
    name = note_key(ALL, record.size, key).encode()
    return [replace(plain, key=name, value=codec.encode(seen))]


def test_witnesses_can_be_demanded() -> None:
    """K of n: a log that fewer have seen is not believed; a forged cosignature is found."""
    assert Flaw.UNWITNESSED is getattr(found(log(GOOD), WATCHED, quorum=1), "kind", None)
    assert found([*witnessed(GOOD), *log(GOOD)], WATCHED, quorum=1) is None
    twice = found([*witnessed(GOOD), *log(GOOD)], WATCHED, quorum=2)
    assert Flaw.UNWITNESSED is getattr(twice, "kind", None)
    (seen,) = witnessed(GOOD)
    record = codec.decode(seen.value or b"", Checkpoint)
    lines = record.note.split("\n")
    forged = "\n".join([*lines[:-2], lines[-2][:-8] + "AAAAAAA=", ""])
    bad = replace(seen, value=codec.encode(record.model_copy(update={"note": forged})))
    assert Flaw.BAD_COSIGNATURE is getattr(found([bad, *log(GOOD)], WATCHED), "kind", None)


def test_what_a_witness_saw_before_its_time_is_post_dated() -> None:
    """An event cannot be younger than the tree that holds it."""
    early = witnessed(GOOD, T0 // 1000 - 86_400)
    broken = found([*early, *log(GOOD)], WATCHED)
    assert broken is not None
    assert (0, Flaw.POST_DATED) == (broken.index, broken.kind)


def test_erased_events_are_counted_and_break_nothing() -> None:
    """Where an event is erased, root and proofs hold; its intent is followed no further."""
    gone = erased(GOOD.entries[0])
    report = check([*log(GOOD)[:-11], *put(0, gone)[-11:]], PINS)
    assert report.broken is None
    assert (11, 1) == (report.entries, sum(each.erased for each in report.shards))
    assert sum(each.followed for each in report.shards) < 11
    both = check([*log(GOOD), *put(0, gone)[-11:-10]], PINS)
    assert both.broken is None
    assert 1 == both.shards[0].repeats


@settings(deadline=None, max_examples=30)
@given(st.permutations(GOOD.records))
def test_entries_may_come_in_any_order(records: list[Stored]) -> None:
    """However they arrive, and more than once, the report is the same."""
    plain = [*GOOD.notes, all_note([GOOD])]
    expected = check([*plain, *GOOD.records], PINS)
    assert expected == check([*plain, *records], PINS)
    repeated = check([*plain, *records, *GOOD.records[:3]], PINS)
    assert (None, 3) == (repeated.broken, repeated.shards[0].repeats)


@settings(deadline=None)
@given(st.integers(0, len(GOOD.records) - 1), st.data())
def test_any_changed_byte_of_any_entry_is_found(place: int, data: st.DataObject) -> None:
    """No byte of a stored entry, in value or key, can be changed unseen."""
    record = GOOD.records[place]
    in_key = data.draw(st.booleans())
    raw = bytearray((record.key if in_key else record.value) or b"")
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = replace(record, key=bytes(raw)) if in_key else replace(record, value=bytes(raw))
    tampered = [*GOOD.records[:place], changed, *GOOD.records[place + 1 :]]
    assert found(entries(lambda _: tampered)) is not None


def test_a_log_that_begins_later_says_so_under_signature() -> None:
    """The first index is in every note: cutting off the beginning gives another tree."""
    late = story(first=40)
    report = check(log(late), PINS)
    assert (None, 40, 11) == (report.broken, report.shards[0].first, report.entries)
    broken = found([*late.notes, all_note([late]), *late.records[1:]])
    assert broken is not None
    assert (40, Flaw.MISSING_ENTRY) == (broken.index, broken.kind)
    stray = found([*log(late), GOOD.records[3]])
    assert Flaw.CONFLICTING_ENTRY is getattr(stray, "kind", None)


def test_sampling_still_checks_every_leaf_and_note() -> None:
    """With one intent in many followed, an edit that is sound by itself still breaks the tree."""
    lied = leafed(3, consequence=GOOD.entries[5].consequence)
    kinds = {getattr(found(lied, sample=50, salt=salt), "kind", None) for salt in range(200)}
    assert {Flaw.ROOT_MISMATCH, Flaw.WRONG_CONSEQUENCE} == kinds


def test_a_tail_that_is_not_signed_yet_is_counted() -> None:
    """The newest entries may wait for their note; how many is told."""
    gate = Gate(step_ms=SPAN_MS_MAX // 100)
    gate.write(REVIEWED, intent())
    over = all_note([gate])
    for _ in range(4):
        gate.write(REVIEWED, intent())
    report = check([*gate.notes, over, *gate.records], PINS)
    assert (None, [4]) == (report.broken, [each.unsigned for each in report.shards])


def test_without_pinned_people_their_signatures_are_not_looked_at() -> None:
    """Who pins the audit's key alone believes the gate about people; the command says so."""
    records, _, _, _ = PLANTED["an invented approver"]
    assert found(records, Pins(PINS.audit)) is None


def test_a_ruling_by_rules_that_its_policy_lacks_is_found() -> None:
    """Where the policy's text is at hand, the rules named must be in it."""
    known = {"f" * 64: frozenset({"another-rule"})}
    broken = check(log(GOOD), PINS, policies=known).broken
    assert Flaw.UNKNOWN_POLICY is getattr(broken, "kind", None)
    assert check(log(GOOD), PINS, policies={"f" * 64: frozenset({"phi-export"})}).broken is None


def test_report_is_of_the_first_break_by_shard() -> None:
    """Each broken shard has its own report."""
    records = [
        *GOOD.notes, *SECOND.notes, all_note([GOOD, SECOND], 2),
        *GOOD.records[1:], *SECOND.records[2:],
    ]  # fmt: skip
    report: LogReport = check(records, PINS)
    kinds = [each.broken.kind for each in report.shards if each.broken]
    assert [Flaw.MISSING_ENTRY] * 2 == kinds
    assert isinstance(report.broken, Break)
    assert 0 == report.broken.shard


def test_decision_type_is_what_the_log_holds() -> None:
    """The planted decisions are real ones, but for what was planted."""
    assert isinstance(MOVED, DecisionAdmitted)
    assert isinstance(GOOD.entries[0].consequence, Consequence)


def test_a_login_at_a_pinned_provider() -> None:
    """What a login's key signed is whole where the provider is pinned."""
    records = played(ASKED, (REVIEWED, logged_in("dana", issuer=ISSUER)))
    assert found(records) is None
