"""A witness cosigns what only grew, and nothing else; its memory is on disk."""

from pathlib import Path

import pytest

from streams.audit import note
from streams.audit.checkpoint import ALL
from streams.audit.note import WitnessKey
from streams.audit.report import Flaw
from streams.auditor.proof import witness
from streams.auditor.proof.check import Evidence
from streams.auditor.proof.witness import Witnessed
from streams.auditor.read.source import Stored
from streams.errors import OperatorError
from streams.signing import SigningKey
from tests.auditor.logs import PINS, REVIEWED, Gate, decision, log, story
from tests.auditor.test_tampering import rewritten

KEY = SigningKey.new("w1")
SEEN_S = 1_780_000_000


def seen(folder: Path, records: list[Stored]) -> Witnessed:
    """Let the witness look at a log."""
    evidence = Evidence(PINS, sample=0)
    for record in records:
        evidence.take(record)
    return witness.see(evidence, folder, KEY, SEEN_S)


def test_what_grew_is_cosigned_again(tmp_path: Path) -> None:
    """The first log is taken as it is; a longer one is cosigned once consistency is proven."""
    gate = story()
    first = seen(tmp_path, log(gate))
    assert (None, [0, ALL]) == (first.broken, [each.shard for each in first.notes])
    gate.write(REVIEWED, decision("dana"))
    second = seen(tmp_path, log(gate.rest()))
    assert (None, 12) == (second.broken, second.heads[0].size)
    parsed = note.parse(second.notes[-1].note)
    (found,) = note.cosignatures(parsed, [WitnessKey.of(KEY.public)])
    assert SEEN_S == found.time_s
    assert seen(tmp_path, log(gate)).broken is None  # the same again is no harm


def test_what_shrank_or_was_rewritten_is_not(tmp_path: Path) -> None:
    """A shorter log, or one that began otherwise, is named, and the memory stays."""
    gate = story()
    seen(tmp_path, log(gate))
    memory = {file.name: file.read_text() for file in tmp_path.glob("*.json")}
    forged = seen(tmp_path, rewritten())
    assert ((), Flaw.REWRITTEN) == (forged.notes, getattr(forged.broken, "kind", None))
    short = Gate()
    for number in range(3):
        short.write(f"{REVIEWED[:-1]}{number}", None)
    cut = seen(tmp_path, log(short.rest()))
    assert ((), Flaw.TRUNCATED) == (cut.notes, getattr(cut.broken, "kind", None))
    assert memory == {file.name: file.read_text() for file in tmp_path.glob("*.json")}


def test_a_broken_log_is_not_cosigned(tmp_path: Path) -> None:
    """What does not verify is not seen."""
    gate = story()
    records = log(gate)
    found = seen(tmp_path, records[:-1])
    assert ((), Flaw.TRUNCATED) == (found.notes, getattr(found.broken, "kind", None))
    assert [] == list(tmp_path.glob("*.json"))


def test_one_memory_serves_one_witness(tmp_path: Path) -> None:
    """Two processes on one folder could cosign two histories."""
    other = pytest.raises(OperatorError, match="another witness")
    with witness.state(tmp_path), other, witness.state(tmp_path):
        pass
