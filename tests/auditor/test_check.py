"""Heads, keys and notes as files: kept, read again, refused where they are none."""

import json
from pathlib import Path

import pytest

from streams.auditor.proof import pins
from streams.auditor.proof.check import check, load_heads, read, save_heads
from streams.errors import OperatorError
from streams.signing import SigningKey
from tests.auditor.logs import PINS, all_note, log, story

GOOD = story()


def test_heads_go_both_ways(tmp_path: Path) -> None:
    """A file of heads is read as it was written, and no file is no heads."""
    file = tmp_path / "heads.json"
    assert {} == load_heads(file)
    heads = check(log(story(first=40)), PINS).heads
    save_heads(file, heads)
    assert heads == load_heads(file)
    assert 40 == heads[0].first


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"shards": 1}', '{"shards": {"0": {"size": 1, "root": "x"}}}', "{" * 9],
)
def test_file_that_holds_no_heads_is_an_error(tmp_path: Path, text: str) -> None:
    """A pin that cannot be read is never taken for no pin."""
    file = tmp_path / "heads.json"
    file.write_text(text)
    with pytest.raises(OperatorError, match="no file of heads"):
        load_heads(file)


def test_pins_go_both_ways(tmp_path: Path) -> None:
    """A file of public keys is read as it was written."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(pins.as_json(PINS)))
    assert PINS == pins.load(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"phigate": "audit-keys"}', '{"phigate": "x"}'])
def test_file_that_holds_no_keys_is_an_error(tmp_path: Path, text: str) -> None:
    """Keys that cannot be read are never taken for none."""
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(OperatorError, match="no file of public keys"):
        pins.load(file)


def test_a_note_is_no_entry() -> None:
    """Whoever reads entries passes notes over."""
    shard, item = read(all_note([GOOD]))
    assert (0, "this is a note, not an entry") == (shard, getattr(item, "detail", ""))
    shard, entry = read(GOOD.records[4])
    assert (0, GOOD.entries[4]) == (shard, entry)


def test_nothing_is_an_empty_report() -> None:
    """No records are neither good nor broken."""
    report = check([], PINS, shards=range(2))
    assert (0, None, 2) == (report.entries, report.broken, len(report.shards))


def test_other_key_is_unknown() -> None:
    """A log that somebody else signed is not believed."""
    broken = check(log(story(key=SigningKey.new("gate-audit"))), PINS).broken
    assert "unknown_key" == getattr(broken, "kind", None)
