"""A key of the audit that has ended: what it signed before stands, what it signs after does not."""

import json
from dataclasses import replace
from pathlib import Path

from streams.audit.report import Flaw
from streams.auditor.proof.check import check
from streams.auditor.proof.pins import Pins, as_json, load, of_directory
from streams.directory import Directory
from streams.directory.published import GateSet
from tests.agent.rig import Keys
from tests.auditor.logs import KEY, PINS, T0, log, story

LONG_AFTER_MS = T0 + 10**10


def ending(at_ms: int) -> Pins:
    """Return the pins, with an end of the audit's key."""
    return replace(PINS, ends_ms={KEY.public.key_id: at_ms})


def test_what_was_signed_before_the_end_verifies() -> None:
    """A rotation does not touch the past."""
    assert None is check(log(story()), ending(LONG_AFTER_MS)).broken


def test_a_receipt_of_a_key_that_had_ended_is_a_break() -> None:
    """Whoever kept the old key cannot go on with it."""
    broken = check(log(story()), ending(T0 - 1)).broken
    assert broken is not None
    assert (Flaw.RETIRED_KEY, 0) == (broken.kind, broken.index)
    assert "receipt" in broken.detail


def test_a_tree_that_only_an_ended_key_signed_is_a_break() -> None:
    """Also where nobody looks at the entries one by one."""
    broken = check(log(story()), ending(T0 - 1), sample=0).broken
    assert broken is not None
    assert Flaw.RETIRED_KEY is broken.kind


def test_ends_are_carried_in_the_pins(tmp_path: Path) -> None:
    """From the directory or the published set, through the file."""
    keys = Keys()
    end = f"  ends: {{{keys.audit.public.key_id}: '2026-11-22T15:00:00Z'}}\n  grants:"
    directory = Directory.parse(keys.directory_text().replace("  grants:", end, 1), "test")
    found = of_directory(directory)
    assert [keys.audit.public.key_id] == list(found.ends_ms)
    assert found == of_directory(directory, GateSet.of(directory))
    file = tmp_path / "pins.json"
    file.write_text(json.dumps(as_json(found)))
    assert found == load(file)
