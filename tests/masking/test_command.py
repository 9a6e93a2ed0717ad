"""`phigate mask` at the command line."""

# ruff: noqa: E501 - one case a line

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from streams.masking.command import mask


def test_lines() -> None:
    """Each line is answered in order with the masked text and its spans, in characters of the input."""
    lines = [
        '{"id": 1, "text": "Dr. Okafor, 555-123-4567"}',
        "not json",
        '{"id": "b", "document": {"mrn": 12345}}',
    ]
    result = CliRunner().invoke(mask, ["--jsonl"], input="\n".join(lines) + "\n")
    first, bad, document = (json.loads(line) for line in result.stdout.splitlines())
    assert {"id": 1, "masked": "Dr. <PERSON_1>, <PHONE_1>"} == {
        key: first[key] for key in ("id", "masked")
    }
    assert [(4, 10, "PERSON"), (12, 24, "PHONE")] == [
        (s["start"], s["end"], s["type"]) for s in first["spans"]
    ]
    assert {"id": None, "error": "undecodable"} == bad
    assert {"mrn": "<MRN_1>"} == document["masked"]
    assert 1 == result.exit_code


def test_document(tmp_path: Path) -> None:
    """A file of any format is masked; --explain says what found what, without values."""
    file = tmp_path / "message.hl7"
    file.write_text("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rPID|1||77123^^^X^MR||OKAFOR^ADA")
    result = CliRunner().invoke(mask, ["--document", str(file), "--explain"])
    assert 0 == result.exit_code
    assert "OKAFOR" not in result.output
    assert "PERSON" in result.stderr


def test_unreadable_bytes_are_withheld(tmp_path: Path) -> None:
    """A file in an unknown encoding is withheld, and the exit code says so."""
    file = tmp_path / "latin.txt"
    file.write_bytes(b"Jos\xe9 Okafor")
    result = CliRunner().invoke(mask, [str(file)])
    assert 1 == result.exit_code
    assert "Okafor" not in result.output


def test_a_wrong_masking_file(tmp_path: Path) -> None:
    """A masking file that does not hold ends with 2 and the reason."""
    file = tmp_path / "masking.yaml"
    file.write_text("limits: {depth_max: 0}")
    result = CliRunner().invoke(mask, ["--jsonl", "--config", str(file)], input="")
    assert 2 == result.exit_code
    assert "depth_max" in result.stderr


def test_importing_the_command_is_cheap() -> None:
    """Importing the command loads neither spaCy, Presidio nor pydantic."""
    code = "import sys, streams.masking.command; print([m for m in ('spacy', 'presidio_analyzer', 'pydantic') if m in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "[]" == said.strip()


def test_why_a_preview_would_not_be_whole() -> None:
    """An answer says what a reviewer could not see; that is no failure of masking."""
    line = json.dumps({"id": 1, "document": {"mrn": "12' OR 1=1 --"}})
    result = CliRunner().invoke(mask, ["--jsonl"], input=line)
    assert ["odd_value"] == json.loads(result.stdout)["why_not_whole"]
    assert 0 == result.exit_code
    shown = CliRunner().invoke(mask, ["--explain"], input="MRN 48151623")
    assert "<MRN_1>      8 digits" in shown.stderr
