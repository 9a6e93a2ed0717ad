"""The index says what the audit says, however it was built, and never more than was verified."""

import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.audit.entry import erased
from streams.auditor.ask.facts import ERASED, UNREADABLE, safe_code
from streams.auditor.ask.index import Index, discard
from streams.auditor.ask.summary import Summary
from streams.auditor.proof.check import check
from streams.auditor.proof.pins import Pins
from streams.auditor.read.source import Stored
from streams.errors import OperatorError
from streams.gate.case import deadline_ms
from streams.wire import codec
from tests.auditor.busy import SECRETS, Clinic, clinic, entries_of, one
from tests.auditor.logs import KEY, PERMITTED, REVIEWED, SLOW, log, story

GOOD = story()
ALL = log(GOOD)
NOTES, RECORDS = ALL[: -len(GOOD.records)], GOOD.records
BUSY = clinic(days=4)
PINS = Pins((KEY.public,))


def built(records: list[Stored]) -> Index:
    """Return an index in memory of these records, verified."""
    index = Index()
    index.vouch(check(index.passing(records), PINS))
    return index


WHOLE = built(BUSY)


def content(index: Index) -> tuple[list[object], list[object]]:
    """Return all that an index holds."""
    return list(index.facts()), list(index.intents())


def of(index: Index, intent_id: str) -> Summary:
    """Return one intent's summary."""
    (found,) = index.intents("intent_id = ?", (intent_id,))
    return found


def test_each_entry_is_one_row_and_each_intent_one() -> None:
    """Nothing is left out, and an exact repeat counts once."""
    again = [replace(each, offset=each.offset + 100) for each in RECORDS]
    with built(ALL + again) as index:
        facts, intents = content(index)
    assert len(GOOD.entries) == len(facts)
    assert {REVIEWED, PERMITTED, SLOW} == {each.intent_id for each in intents}  # type: ignore[attr-defined]


def test_summary_is_what_the_fold_made_of_the_case() -> None:
    """State, closing, deciders, deadline: as the gate's own case has them."""
    gates = [Clinic(0)]
    for number in range(40):
        one(gates[0], number)
    with built(log(gates[0].rest())) as index:
        for intent_id, case in gates[0].cases.items():
            found = of(index, intent_id)
            closing = case.closing
            assert case.state.value == found.state
            assert case.opened_at_ms == found.opened_ms
            assert (closing.at_ms if closing else None) == found.closed_ms
            decided = ",".join(closing.decided_by) if closing else ""
            assert decided == found.decided_by
            if closing and case.intent and closing.reason.isidentifier():
                assert closing.reason == found.reason
            if closing is None:
                assert deadline_ms(case) == found.deadline_ms
            assert (case.outcome.status.value if case.outcome else None) == found.outcome


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_index_is_the_same_however_it_was_built(random: object, size: int) -> None:
    """In one go, bit by bit, or in another order of the partitions: the same rows."""
    parts: dict[int, list[Stored]] = {}
    for record in entries_of(BUSY):
        parts.setdefault(record.partition, []).append(record)
    mixed: list[Stored] = []
    while any(parts.values()):
        chosen = random.choice([each for each in parts.values() if each])  # type: ignore[attr-defined]
        mixed.append(chosen.pop(0))
    with Index() as piecewise:
        for at in range(0, len(mixed), size):
            piecewise.add(mixed[at : at + size])
        assert content(WHOLE) == content(piecewise)
        assert WHOLE.starts() == piecewise.starts()


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """A second run reads on behind the last record, and finds the same as one that read all."""
    file = tmp_path / "index.sqlite"
    with Index(file, "t") as index:
        assert 5 == index.add(RECORDS[:5])
    with Index(file, "t") as index:
        assert {0: 4} == index.starts()
        assert 6 == index.add(RECORDS[4:])
        assert content(built(ALL)) == content(index)
    assert 0 == stat.S_IMODE(file.stat().st_mode) & 0o077


def test_another_topic_under_the_same_name_is_told(tmp_path: Path) -> None:
    """Where the last record is another one, or is not there, the index does not go on."""
    with Index(tmp_path / "i", "t") as index:
        index.add(RECORDS[:5])
        assert index.fits({0: (0, 11)})
        assert not index.fits({0: (0, 4)})
        assert not index.fits({})
        other = replace(RECORDS[4], value=RECORDS[3].value)
        with pytest.raises(OperatorError) as caught:
            index.add([other, *RECORDS[5:]])
    assert "index_stale" == caught.value.code


@pytest.mark.parametrize("source", ["t", "another"])
def test_index_that_is_none_is_built_again(tmp_path: Path, source: str) -> None:
    """A file of another topic, of another version, or a broken one is never read."""
    file = tmp_path / "i"
    with Index(file, "t") as index:
        index.add(RECORDS)
    if source == "t":
        with sqlite3.connect(file) as db:
            db.execute("UPDATE meta SET value = '0' WHERE name = 'version'")
    with Index(file, source) as index:
        assert 0 == index.size()
    discard(file)
    file.write_bytes(b"no database at all, whatever it says" * 40)
    with Index(file, source) as index:
        assert 0 == index.size()


def test_only_what_was_walked_is_verified() -> None:
    """Not what came later, nothing of a broken shard, nothing without a key."""
    with Index() as index:
        first = story()
        index.vouch(check(index.passing(log(first)), PINS))
        first.write(SLOW, None)
        index.add(first.records)
        assert (True, False) == (index.verified(0, 10), index.verified(0, 11))
    with Index() as index:
        index.vouch(check(index.passing(ALL), Pins(())))
        (belief,) = index.beliefs()
        assert (False, None) == (index.verified(0, 0), belief.through)
    forged = replace(RECORDS[4], value=RECORDS[5].value)
    with Index() as index:
        index.vouch(check(index.passing([*NOTES, *RECORDS[:4], forged, *RECORDS[5:]]), PINS))
        (belief,) = index.beliefs()
        assert belief.broken is not None
        assert not index.verified(0, 9)


def test_shard_that_is_contested_is_not_believed_at_all() -> None:
    """Two entries for one place: whichever was indexed, nothing of the shard is claimed."""
    other = story().write(SLOW, None)  # entry 11 of another history
    rival = replace(RECORDS[3], value=codec.encode(other), key=RECORDS[3].key)
    forged = codec.encode(story(first=3).entries[0])  # a sound entry that claims place 3
    for value in (rival.value, forged):
        with built([*ALL, replace(RECORDS[3], value=value, offset=60)]) as index:
            (belief,) = index.beliefs()
            assert belief.broken is not None
            assert not index.verified(0, 0)


def test_what_no_checkpoint_signs_yet_is_not_verified() -> None:
    """The newest entries are the gate's word until a note covers them."""
    gate = story()
    signed = log(gate)
    gate.write(SLOW, None)
    with built([*signed, *gate.records[-1:]]) as index:
        assert (True, False) == (index.verified(0, 10), index.verified(0, 11))


def test_erased_entry_keeps_its_place_and_its_consequence() -> None:
    """Where the event's bytes are gone, what is left is said, and what is gone is not guessed."""
    gone = replace(RECORDS[8], value=codec.encode(erased(GOOD.entries[8])))
    with built([*NOTES, *RECORDS[:8], gone, *RECORDS[9:]]) as index:
        (fact,) = index.facts("idx = 8")
        assert (ERASED, "granted", "erin", None) == (
            *(fact.kind, fact.effected, fact.person),
            fact.groups,
        )
        found = of(index, REVIEWED)
        assert ("granted", 1, "dana,erin") == (found.state, found.erased, found.decided_by)
        assert index.verified(0, 10)


def test_what_was_permitted_stays_so_when_its_event_is_erased() -> None:
    """The verdict's reason follows from the consequences, which nothing erases."""
    gone = replace(RECORDS[1], value=codec.encode(erased(GOOD.entries[1])))
    with built([*NOTES, RECORDS[0], gone, *RECORDS[2:]]) as index:
        assert ("permitted", 1) == (of(index, PERMITTED).reason, of(index, PERMITTED).erased)


def test_unreadable_event_is_a_row() -> None:
    """A record that the gate could not read is counted, under its digest."""
    with built(ALL) as index:
        (fact,) = index.facts("kind = ?", (UNREADABLE,))
    assert (7, GOOD.entries[7].event_digest) == (fact.idx, fact.event_digest)


def test_no_text_of_anybody_is_in_the_file(tmp_path: Path) -> None:
    """Displays, rationales, messages, details, codes that are sentences: none is indexed."""
    file = tmp_path / "i"
    with Index(file, "t") as index:
        index.add(BUSY)
    data = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    raw = b"".join(each.value or b"" for each in BUSY)
    for secret in SECRETS:
        assert secret.encode() in raw, "the sweep would find nothing"
    for secret in (SECRETS[0], SECRETS[1], SECRETS[3]):
        assert secret.encode() not in data


def test_code_that_is_no_code_is_not_shown() -> None:
    """An approver's own words are not taken for a reason code."""
    assert "not_needed" == safe_code("not_needed")
    assert "" == safe_code("")
    for text in ("Mr Smith", "x" * 65, "Émile", "a-b", "1st"):
        assert "other_code" == safe_code(text)


def test_record_that_is_no_entry_is_passed_over() -> None:
    """It is `verify` that names it; the index neither stops nor keeps it."""
    with Index() as index:
        odd = replace(RECORDS[3], value=b"rubbish", offset=50)
        assert 11 == index.add([*RECORDS, odd])
    assert codec.encode(GOOD.entries[0]) == RECORDS[0].value
