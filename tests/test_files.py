"""Files are there whole or not at all, and nobody else reads them."""

import os
from pathlib import Path

import pytest

from streams import files
from streams.errors import OperatorError


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The old content stays, and nothing lies beside it."""
    place = tmp_path / "directory.yaml"
    place.write_text("before")

    def half(part: Path) -> None:
        part.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), files.beside(place) as part:
        half(part)

    assert "before" == place.read_text()
    assert [place] == list(tmp_path.iterdir())


def test_nobody_else_reads_what_is_written(tmp_path: Path) -> None:
    """Whatever the umask says, a file is its owner's alone unless it is meant to be read."""
    before = os.umask(0)
    try:
        files.write(tmp_path / "export.csv", "masked, and still nobody's business")
        files.write(tmp_path / "keys.json", "public", mode=0o644)
    finally:
        os.umask(before)

    assert 0o600 == (tmp_path / "export.csv").stat().st_mode & 0o777
    assert 0o644 == (tmp_path / "keys.json").stat().st_mode & 0o777


def test_no_link_is_followed(tmp_path: Path) -> None:
    """Whoever lays links into the folder, at the place or beside it, moves no write elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    place = tmp_path / "out.json"
    for name in ("out.json", ".out.json.part"):
        (tmp_path / name).symlink_to(victim)

    files.write(place, "new")

    assert ("mine", "new", False) == (victim.read_text(), place.read_text(), place.is_symlink())


def test_where_nothing_may_stand_nothing_is_replaced(tmp_path: Path) -> None:
    """An exclusive write fails where something stands, a dangling link included."""
    place = tmp_path / "key"
    place.symlink_to(tmp_path / "nowhere")

    with pytest.raises(FileExistsError), files.replacing(place, exclusive=True) as part:
        part.write_text("secret")

    assert [place] == list(tmp_path.iterdir())


def test_the_file_and_its_name_are_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content before the move, the folder after it: a power cut finds the old file or the new."""
    steps: list[str] = []
    flush, replace = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")  # noqa: PTH112 - a handle's own path
        flush(handle)

    def moved(self: Path, target: Path) -> Path:
        steps.append("move")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", moved)
    files.write(tmp_path / "directory.yaml", "who may approve")

    assert ["file", "move", "folder"] == steps


def test_a_disk_that_says_no_is_told(tmp_path: Path) -> None:
    """A folder that is not there is an error with the path, not a traceback."""
    with pytest.raises(OperatorError, match="cannot be written") as told:
        files.write(tmp_path / "no" / "where.json", "x")
    assert "no_file" == told.value.code
