"""What speaks of a grant beside the ledger: marks, notes, and what was passed over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streams.events import Stage
from streams.executor import witness as module
from streams.executor.ledger import Ledger
from streams.executor.marks import Mark
from streams.executor.notes import Notes, note
from streams.executor.witness import Witness
from streams.settings import load_settings
from streams.wire.client import KafkaRecord

STRANGE = Mark("g", "another", "generation", 1)


@dataclass
class Group:
    """A group and its topics: each partition's position, what stands beside it, what is noted."""

    metadata: str = ""
    offset: int = 3
    noted: list[bytes] = field(default_factory=list)
    passed: frozenset[str] = frozenset()

    def committed(self, partitions: list[Any], _: float) -> list[Any]:
        """Return where the group stands."""
        return [
            SimpleNamespace(partition=each, offset=self.offset, metadata=self.metadata)
            for each in partitions
        ]

    def __contains__(self, grant_id: object) -> bool:
        return grant_id in self.passed

    def read_back(self, _: object) -> None:
        """Stand for what was passed over."""

    def witness(self, ledger: Ledger) -> Witness:
        """Return the witness once it has read partition 0."""
        notes = Notes(load_settings(home=Path("nowhere")), "sql", lambda: 0)
        notes.read_back = lambda _: len(self.noted)  # type: ignore[method-assign,assignment]
        for offset, value in enumerate(self.noted):
            notes.take(KafkaRecord("t", 0, offset, 1, b"i", value, ()))
        found = Witness(cast("Any", self), notes, ledger)
        found.read(cast("Any", self), cast("Any", [0]))
        return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return an empty ledger."""
    with Ledger(tmp_path / "ledger") as found:
        yield found


@pytest.mark.parametrize("where", ["metadata", "noted"])
def test_a_strangers_word_is_enough_and_ones_own_is_none(ledger: Ledger, where: str) -> None:
    """By a mark or by a note: a run of another ledger may have been, one's own was not started."""

    def begun(*marks: Mark) -> bool:
        said = ";".join(map(str, marks))
        noted = [note(mark, "i", Stage.BEGUN) for mark in marks]
        group = Group(metadata=said) if where == "metadata" else Group(noted=noted)
        return group.witness(ledger).begun(0, b"i", "g")

    own = ledger.mark("g")
    later = Mark("g", own.ledger, own.generation, own.number + 1)
    assert [False, True, False, True, True] == [
        begun(),
        begun(STRANGE),
        begun(own),
        begun(own, STRANGE),
        begun(later),
    ]


def test_an_older_ledger_is_told(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """The operator hears that the ledger was put back; a stranger's mark says nothing of it."""
    own = ledger.mark("g")
    Group(metadata=str(STRANGE)).witness(ledger).begun(0, b"i", "g")
    assert "older than the mark" not in caplog.text
    later = Mark("g", own.ledger, "never-had", 1)
    Group(metadata=str(later)).witness(ledger).begun(0, b"i", "g")
    assert "older than the mark" in caplog.text


def test_marks_of_other_grants_stay_until_they_are_done(ledger: Ledger) -> None:
    """Whatever is begun or done on the partition meanwhile: they stand beside every position."""
    found = Group(metadata=f"{STRANGE};rubbish").witness(ledger)
    mine = ledger.mark("mine")
    assert [f"{STRANGE};{mine}", str(STRANGE), ""] == [
        found.marks(0, mark=mine),
        found.marks(0, done="mine"),
        found.marks(0, done="g"),
    ]


def test_what_stands_beside_a_position_fits(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many marks the newest stay, and all of them are no more than Kafka takes."""
    many = [Mark(f"{number:064}", "l" * 32, "g" * 32, 10**9) for number in range(40)]
    found = Group(metadata=";".join(map(str, many))).witness(ledger)
    mine = ledger.mark("m" * 64)
    text = found.marks(0, mark=mine)
    assert text.endswith(str(mine))
    assert len(text) < 4096  # offset.metadata.max.bytes
    monkeypatch.setattr(module, "MARKS_MAX", 1)
    assert str(mine) == found.marks(0, mark=mine)


def test_a_position_that_is_gone_is_told(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    """Where the class has begun something; at a first start there is nothing to tell."""
    Group(offset=-1001).witness(ledger)
    assert "no position" not in caplog.text
    Group(offset=-1001, noted=[note(STRANGE, "i", Stage.OVER)]).witness(ledger)
    assert "no position on 0" in caplog.text


def test_what_is_over_is_over_by_either_word(ledger: Ledger) -> None:
    """The group has passed it over, or somebody noted that it is reported."""
    passed = Group(passed=frozenset({"g"})).witness(ledger)
    noted = Group(noted=[note(STRANGE, "i", Stage.OVER)]).witness(ledger)
    neither = Group(noted=[note(STRANGE, "i", Stage.BEGUN)]).witness(ledger)
    assert [True, True, False] == [each.over(b"i", "g") for each in (passed, noted, neither)]
