"""Evidence that was changed on its way is quoted by nobody, and a long log is none of that.

Whoever holds an exported file, or can write to `audit`, changes what people said in it.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.audit.entry import digest_of, entry_of, spell
from streams.audit.report import Flaw, Unreadable
from streams.audit.sequence import Tree
from streams.audit.verify import Item, Walk
from streams.auditor.commands.audit import audit
from streams.auditor.proof import pins
from streams.auditor.proof.check import check, read
from streams.auditor.read.source import Stored, to_file
from streams.events import AuditEntry, CaseEvent, DecisionAdmitted, IntentAdmitted
from streams.gate import fold
from streams.wire import codec
from tests.auditor.logs import EXECUTOR, KEY, PINS, REVIEWED, Gate, log, story

SAID, LIE = "agreed with the ward", "Read-WRITE, all patients"
GATE = story()
RECORDS = log(GATE)


def changed(record: Stored, entry: Callable[[AuditEntry], AuditEntry]) -> Stored:
    """Return a record with another entry in it, if it is one of a decision."""
    if record.topic != "audit" or not record.value:
        return record
    found = codec.decode(record.value, AuditEntry)
    if found.said.kind != "DecisionAdmitted":
        return record
    return replace(record, value=codec.encode(entry(found)))


def other_words(entry: AuditEntry) -> AuditEntry:
    """Put other words into the event, beside its leaf."""
    event = codec.decode(entry.event, CaseEvent)
    assert isinstance(event.body, DecisionAdmitted)
    body = event.body.model_copy(update={"rationale": LIE})
    return entry.model_copy(update={"event": codec.encode(event.model_copy(update={"body": body}))})


def other_leaf(entry: AuditEntry) -> AuditEntry:
    """Make the leaf fit the changed event, as whoever has no key of the audit can."""
    other = other_words(entry)
    said = entry.said.model_copy(update={"event_digest": digest_of(other.event)})
    return other.model_copy(update={"leaf": spell(said)})


def another_event(entry: AuditEntry) -> AuditEntry:
    """Put an event of another kind beside the leaf."""
    event = codec.decode(entry.event, CaseEvent)
    opening = next(
        codec.decode(each.event, CaseEvent)
        for each in GATE.entries
        if each.said.kind == "IntentAdmitted"
    )
    assert isinstance(opening.body, IntentAdmitted)
    return entry.model_copy(
        update={"event": codec.encode(event.model_copy(update={"body": opening.body}))}
    )


def resigned(entry: AuditEntry) -> AuditEntry:
    """Sign the changed leaf with another key."""
    other = other_leaf(entry)
    event = codec.decode(other.event, CaseEvent)
    said = other.said
    place = (said.shard, said.index, said.intent_id)
    return entry_of(*place, other.event, event, said.consequence, EXECUTOR)


LIES: dict[str, tuple[Callable[[AuditEntry], AuditEntry], str]] = {
    "other words": (other_words, "is not the one that the audit recorded"),
    "another event": (another_event, "is not the one that the audit recorded"),
    "other words and another leaf": (other_leaf, "bad_signature"),
    "signed by somebody else": (resigned, "unknown_key"),
}


def run(*arguments: str | Path) -> Result:
    """Run one command as a person would."""
    return CliRunner().invoke(audit, [str(each) for each in arguments], env={"COLUMNS": "80"})


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """Return a file of the audit's keys."""
    file = tmp_path / "pins.json"
    file.write_text(json.dumps(pins.as_json(PINS)))
    return file


def exported(tmp_path: Path, lie: Callable[[AuditEntry], AuditEntry]) -> Path:
    """Return an exported file with this lie in it."""
    file = tmp_path / f"{secrets.token_hex(4)}.jsonl"
    to_file(file, [changed(each, lie) for each in RECORDS])
    return file


@pytest.mark.parametrize("name", LIES)
@pytest.mark.parametrize("as_json", [False, True])
def test_nobody_is_quoted_from_a_changed_entry(
    tmp_path: Path, pinned: Path, name: str, *, as_json: bool
) -> None:
    """The story says so, leaves the words out, and ends with 1; the rest is told."""
    lie, why = LIES[name]
    file = exported(tmp_path, lie)
    flags = ["--json"] if as_json else []
    said = run("show", REVIEWED, "--file", file, "--pins", pinned, *flags)
    assert 1 == said.exit_code
    assert LIE not in said.output
    told = " ".join(said.output.split())
    assert why in told
    assert "NOT GENUINE" in told
    assert "asks to data.export" in told


def test_a_genuine_story_is_told(tmp_path: Path, pinned: Path) -> None:
    """So the refusals above are for the lie."""
    file = exported(tmp_path, lambda entry: entry)
    said = run("show", REVIEWED, "--file", file, "--pins", pinned)
    assert (0, True) == (said.exit_code, SAID in said.output)


@pytest.mark.parametrize("lie", [other_words, another_event])
def test_search_and_export_pass_a_changed_event_over(lie: Callable[..., AuditEntry]) -> None:
    """To every reader a record whose event is not its leaf's is none."""
    for record in RECORDS:
        altered = changed(record, lie)
        if altered is record:
            continue
        _, found = read(altered)
        assert isinstance(found, Unreadable)
        assert Flaw.DIGEST_MISMATCH is found.kind
        _, kept = read(altered, changed=True)
        assert isinstance(kept, AuditEntry)


def test_a_shard_grows_past_fifty_million_entries() -> None:
    """Two years of a busy clinic are no break: size is no evidence of anything."""
    size = 50_000_000
    frontier = tuple(hashlib.sha256(bytes([n])).digest() for n in range(size.bit_count()))
    tree = Tree.begin(0)._replace(size=size, frontier=frontier, since_size=size)
    walk = Walk(0, {})
    walk._tree = tree
    gate = Gate(first=size)
    for number in range(3):
        gate.write(f"0192a7c4-11aa-7000-8000-0000000000{number:02d}", None)
    for entry in gate.entries:
        walk.add(Item.of(entry.leaf, entry.event, entry.signature))
    assert walk.broken is None
    assert size + 3 == walk._tree.size


def test_what_a_gate_unreadably_logged_is_no_lie() -> None:
    """An entry without an event is not a changed one."""
    assert check(RECORDS, PINS).broken is None
    told: Any = fold.unreadable(None).consequence
    entry = entry_of(0, 0, "", b"garbage", None, told, KEY)
    assert not entry.event
