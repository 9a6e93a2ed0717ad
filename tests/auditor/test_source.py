"""An export is the topic, byte for byte."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.auditor.read.source import Stored, from_file, to_file
from streams.errors import OperatorError
from tests.auditor.logs import log, story

HEADER = '{"phigate": "audit-export", "version": 2}\n'
PLACE = '{"topic":"audit","late":false,"partition":0,"offset":0,"timestamp_ms":0'
RECORDS = log(story())
some_bytes = st.none() | st.binary(max_size=50)
records = st.lists(
    st.builds(
        Stored,
        st.integers(0, 9),
        st.integers(0),
        st.integers(0),
        some_bytes,
        some_bytes,
        st.sampled_from(["audit", "checkpoints"]),
        late=st.booleans(),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(records)
def test_export_goes_both_ways(
    tmp_path_factory: pytest.TempPathFactory, some: list[Stored]
) -> None:
    """What was written is read again, whatever the bytes are."""
    file = tmp_path_factory.mktemp("export") / "audit.jsonl"
    assert len(some) == to_file(file, some)
    assert some == list(from_file(file))


def test_file_that_is_there_is_left(tmp_path: Path) -> None:
    """An export never takes another file's place unasked."""
    file = tmp_path / "audit.jsonl"
    file.write_text("mine")
    with pytest.raises(OperatorError, match="there already"):
        to_file(file, RECORDS)
    assert file.read_text() == "mine"
    to_file(file, RECORDS, force=True)
    assert RECORDS == list(from_file(file))


def test_export_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    """A broker that goes away half-way leaves no file that looks whole."""

    def failing() -> list[Stored]:
        raise OperatorError("the broker is away")

    with pytest.raises(OperatorError):
        to_file(tmp_path / "audit.jsonl", (each for _ in [0] for each in failing()))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("{}\n", 1),
        ('{"phigate": "audit-export", "version": 9}\n', 1),
        ('{"phigate": "audit-export", "version": 2}\n{}\n', 2),
        ('{"phigate": "audit-export", "version": 2}\n{"partition"', 2),
        ('{"phigate": "audit-export", "version": 2}\n[]\n', 2),
        (HEADER + '{"topic":"other","late":false,"partition":0}\n', 2),
        (HEADER + PLACE + ',"key":"*","value":null}\n', 2),
    ],
)
def test_wrong_line_is_named(tmp_path: Path, text: str, line: int) -> None:
    """A file that is no export, or is cut off, is an error that names the line."""
    file = tmp_path / "audit.jsonl"
    file.write_text(text)
    with pytest.raises(OperatorError, match=f"line {line}: "):
        list(from_file(file))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """No file is an error for people."""
    with pytest.raises(OperatorError, match="cannot be read"):
        list(from_file(tmp_path / "none"))
