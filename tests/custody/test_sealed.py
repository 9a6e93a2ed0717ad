"""A reveal opens for the one person who asked, whole and for nothing else."""

import json
from pathlib import Path

import pytest

from streams.custody.reveal.sealed import FOLDER, SealedReveal
from streams.custody.shred import forget_reveals
from streams.errors import InputError, OperatorError
from streams.sealing import SealKey

PETRA, PAUL = SealKey.new("petra"), SealKey.new("paul")
VALUES = {"params.name": "Maria Musterfrau"}


def made() -> SealedReveal:
    """Return a reveal to petra."""
    return SealedReveal.make("r1", "i1", "petra", ("params.name",), VALUES, PETRA.public)


def test_it_goes_through_its_file(tmp_path: Path) -> None:
    """What was written is read and opens; the file holds nothing in plain and is the owner's."""
    path = made().save(tmp_path)
    assert VALUES == SealedReveal.load(path).open(PETRA)
    assert tmp_path / FOLDER / "r1.json" == path
    assert b"Maria" not in path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777


def test_shredding_the_intent_deletes_what_was_revealed_of_it(tmp_path: Path) -> None:
    """The files of that intent go, others stay, and so does what is no reveal."""
    path = made().save(tmp_path)
    other = SealedReveal.make("r2", "i2", "petra", ("params",), VALUES, PETRA.public).save(tmp_path)
    (tmp_path / FOLDER / "notes.json").write_text("[]")
    assert 1 == forget_reveals(tmp_path, "i1")
    assert (False, True) == (path.exists(), other.exists())


@pytest.mark.parametrize("part", ["reveal_id", "subject_id", "person"])
def test_it_opens_for_its_person_and_its_intents_alone(tmp_path: Path, part: str) -> None:
    """Another's key, or another name written over it: it does not open."""
    with pytest.raises(InputError):
        made().open(PAUL)
    path = made().save(tmp_path)
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, part: "other"}))
    with pytest.raises(InputError):
        SealedReveal.load(path).open(PETRA)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"reveal_id": 1}'])
def test_what_is_no_reveal_is_told(tmp_path: Path, text: str) -> None:
    """Missing or damaged: what to do, and no traceback."""
    with pytest.raises(OperatorError, match="no reveal at"):
        SealedReveal.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(OperatorError, match="is no reveal"):
        SealedReveal.load(tmp_path / "bad.json")
