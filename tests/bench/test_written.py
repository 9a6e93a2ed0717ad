"""The tables in the READMEs are what the measuring commands write."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import audit, masking, written

PARTS = sorted(written.ROOMS)


def block(part: str) -> str:
    """Return what stands in the README of a part's room."""
    found = written.between(part).findall((written.ROOT / written.ROOMS[part]).read_text())
    assert 1 == len(found), f"{written.ROOMS[part]} needs the markers of {part}, once"
    return str(found[0])


@pytest.mark.parametrize("part", PARTS)
def test_a_block_is_of_the_commands_form(part: str) -> None:
    """It is a table as the command writes it, by that command, or says that it was not run yet."""
    said = block(part)
    match = written.FORM.fullmatch(said)
    assert part == match["part"] if match else written.NOT_YET.format(part=part) == said


@pytest.mark.parametrize("part", PARTS)
def test_a_measurement_needs_no_words_and_may_write(part: str) -> None:
    """`deploy/bench PART` and `deploy/bench PART --write` are commands."""
    parser = importlib.import_module(f"tests.bench.{part}").arguments()
    assert not parser.parse_args([]).write
    assert parser.parse_args(["--write"]).write


def test_what_is_written_is_what_was_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each figure once, inner ones under their outer name; what stood there is gone, no more."""
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- bench audit -->\nold\n<!-- end of bench audit -->\nb\n")
    rows: list[tuple[str, dict[str, Any]]] = [
        ("one", {"a": 1, "b": {"c": 2.5, "d": None}}),
        ("two", {"e": [1, 2]}),
    ]
    for _ in range(2):
        written.finish("audit", rows, ["--entries", "9", "--write"], readme)
    said = capsys.readouterr().out.splitlines()
    assert [{"what": what, **each} for what, each in rows] == [json.loads(e) for e in said[:2]]
    found = readme.read_text()
    (inner,) = written.between("audit").findall(found)
    assert written.FORM.fullmatch(inner)
    assert inner.startswith("`deploy/bench audit --entries 9`, ")
    assert inner.endswith(
        "| one | a | 1 |\n| one | b c | 2.5 |\n| one | b d | none |\n| two | e | 1, 2 |\n"
    )
    assert found.startswith("a\n<!--")
    assert found.endswith("-->\nb\n")


def test_without_the_word_nothing_is_written(tmp_path: Path) -> None:
    """A measurement alone changes no file; one that has no place to write says so."""
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n")
    written.finish("audit", [("one", {"a": 1})], [], readme)
    assert "nothing\n" == readme.read_text()
    with pytest.raises(SystemExit, match="markers"):
        written.finish("audit", [("one", {"a": 1})], ["--write"], readme)


def test_the_table_of_masking_has_the_commands_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of rows and figures, in their order, are those that the command prints today."""
    monkeypatch.setattr(masking, "presidio", lambda *_: 1.0)
    monkeypatch.setattr(masking, "forked", lambda *_: 1.0)
    monkeypatch.setattr(masking, "WARM", 2)
    names = [row.split(" | ")[:2] for row in written.table(masking.speed(8)).splitlines()[2:]]
    assert names == [row.split(" | ")[:2] for row in block("masking").splitlines()[4:]]


@pytest.mark.parametrize("sample", [1, 100])
def test_the_log_that_the_audits_measurement_makes_verifies(sample: int) -> None:
    """A measurement of a log that is refused at its first entry would measure nothing."""
    audit.verify(audit.make(30), 30, sample)
