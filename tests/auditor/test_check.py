"""The whole log: records to walks, the fold asked again, heads kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.audit.entry import entry_hash, sign
from streams.audit.report import Break, Kind
from streams.audit.sequence import Head, head_of
from streams.auditor.check import LogReport, check, load_heads, save_heads
from streams.auditor.source import Stored
from streams.errors import OperatorError
from streams.events import AuditEntry, Consequence, Effected, State
from streams.gate import fold
from streams.signing import SigningKey
from tests.auditor.logs import KEY, PERMITTED, REVIEWED, Gate, decision, intent, stored, story

KEYS = (KEY.public,)
GOOD = story()
RECORDS = stored(GOOD.entries)


def found(records: list[Stored], pins: dict[int, Head] | None = None) -> tuple[int, int, Kind]:
    """Return the first break; there has to be one."""
    broken = check(records, KEYS, pins=pins).broken
    assert broken is not None
    return broken.shard, broken.index, broken.kind


def resigned(entry: AuditEntry, **changes: object) -> AuditEntry:
    """Return an entry that the gate itself has forged."""
    changed = entry.model_copy(update=changes)
    return changed.model_copy(update={"signature": sign(entry_hash(changed), KEY)})


def test_log_with_every_kind_of_event_verifies() -> None:
    """The fold, asked again, gives every consequence that the gate signed."""
    report = check(RECORDS, KEYS, shards=(0, 1))
    assert report.broken is None
    assert (len(GOOD.entries), 2) == (report.entries, report.grants)
    assert {0: head_of(GOOD.entries[-1])} == report.heads
    assert [0, 1] == [each.shard for each in report.shards]


def test_no_records_are_an_empty_report() -> None:
    """Nothing there is not called verified."""
    assert LogReport((), None) == check([], KEYS)


def test_gate_that_grants_against_its_own_fold_is_caught() -> None:
    """A grant which the events do not give is found though the gate signed it."""
    gate = Gate()
    gate.write(REVIEWED, intent())
    entry = gate.write(REVIEWED, decision("dana"))
    assert entry.consequence.effected is Effected.COUNTED
    forged = Consequence(
        effected=Effected.GRANTED,
        reason="",
        state=State.GRANTED,
        grant_id=fold.grant_id(REVIEWED),
    )
    lie = resigned(entry, consequence=forged)
    assert (0, 1, Kind.WRONG_CONSEQUENCE) == found(stored([gate.entries[0], lie]))


def test_event_of_another_intent_is_caught() -> None:
    """A decision cannot be moved to another intent's story."""
    gate = Gate()
    entry = gate.write(REVIEWED, intent())
    assert (0, 0, Kind.UNDECODABLE) == found(stored([resigned(entry, intent_id=PERMITTED)]))


def test_grants_of_one_intent_in_two_shards_are_caught() -> None:
    """Each shard is good alone; together they grant one intent twice."""
    records = stored(GOOD.entries) + stored(story(1).entries)
    assert (1, -1, Kind.DUPLICATE_GRANT) == found(records)


BAD_RECORDS = {
    "no value": (replace(RECORDS[4], value=None), (0, 4, Kind.UNDECODABLE)),
    "not Avro": (replace(RECORDS[4], value=b"{}"), (0, 4, Kind.UNDECODABLE)),
    "cut off": (
        replace(RECORDS[4], value=(RECORDS[4].value or b"")[:-9]),
        (0, 4, Kind.UNDECODABLE),
    ),
    "key of another entry": (replace(RECORDS[4], key=RECORDS[5].key), (0, 5, Kind.UNDECODABLE)),
    "no key": (replace(RECORDS[4], key=None), (0, -1, Kind.UNDECODABLE)),
    "key of another shard": (
        replace(RECORDS[4], key=b"00001/000000000004"),
        (0, 4, Kind.MISSING_ENTRY),  # and shard 1, which it claims, is broken as well
    ),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_bad_records_are_named(name: str) -> None:
    """A record that is no entry, or lies under a foreign key, breaks the shard that it claims."""
    record, expected = BAD_RECORDS[name]
    assert expected == found([*RECORDS[:4], record, *RECORDS[5:]])


@given(st.integers(0, len(RECORDS) - 1), st.data())
def test_any_changed_byte_of_any_record_is_found(place: int, data: st.DataObject) -> None:
    """No byte of a stored record, in value or key, can be changed unseen."""
    record = RECORDS[place]
    in_key = data.draw(st.booleans())
    raw = bytearray((record.key if in_key else record.value) or b"")
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    changed = replace(record, key=bytes(raw)) if in_key else replace(record, value=bytes(raw))
    found([*RECORDS[:place], changed, *RECORDS[place + 1 :]])


@given(st.permutations(RECORDS))
def test_partitions_may_come_in_any_order(records: list[Stored]) -> None:
    """However the records arrive, the report is the same."""
    assert check(RECORDS, KEYS) == check(records, KEYS)


def test_other_key_is_unknown() -> None:
    """A log that somebody else signed is not believed."""
    assert (0, 0, Kind.UNKNOWN_KEY) == found(stored(story(key=SigningKey.new("x")).entries))


def test_heads_are_kept_and_show_truncation(tmp_path: Path) -> None:
    """A file of heads goes both ways, and shows a log that ends earlier, or is another."""
    file = tmp_path / "heads.json"
    assert {} == load_heads(file)
    save_heads(file, check(RECORDS, KEYS).heads)
    pins = load_heads(file)
    assert {0: head_of(GOOD.entries[-1])} == pins
    assert check(RECORDS, KEYS, pins=pins).broken is None
    last = len(RECORDS) - 1
    assert (0, last, Kind.TRUNCATED) == found(RECORDS[:-1], pins)
    assert (0, last, Kind.TRUNCATED) == found([], pins)
    rewritten = {0: Head(3, "0" * 64)}
    assert (0, 3, Kind.REWRITTEN) == found(RECORDS, rewritten)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"shards": 1}', '{"shards": {"0": {"index": 1, "hash": "x"}}}', "{" * 9],
)
def test_file_that_holds_no_heads_is_an_error(tmp_path: Path, text: str) -> None:
    """A pin that cannot be read is never taken for no pin."""
    file = tmp_path / "heads.json"
    file.write_text(text)
    with pytest.raises(OperatorError, match="no file of heads"):
        load_heads(file)


def test_break_is_the_first_by_shard() -> None:
    """Of several broken shards the first is named, and each has its own report."""
    records = RECORDS[1:] + stored(story(1).entries)[2:]
    report = check(records, KEYS)
    assert report.broken is not None
    assert [Kind.MISSING_ENTRY] * 2 == [each.broken.kind for each in report.shards if each.broken]
    assert isinstance(report.broken, Break)
    assert report.broken.shard == 0
