"""Files that are there whole or not at all, and that nobody else reads.

The one way to write a file. The steps, in this order:

1. a new file beside the place, under a name that nobody can guess, 0600, never through a link
2. its content, flushed to the disk
3. moved to its place in one step (or linked, where nothing may stand there yet)
4. the folder, flushed: after a power cut the new name is there, or the old file
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.errors import OperatorError

__all__ = ["beside", "flush_folder", "may_write", "probe", "replacing", "write"]


@contextmanager
def replacing(path: Path, *, exclusive: bool = False, mode: int = 0o600) -> Iterator[Path]:
    """Give an empty file to write to; it takes the place of `path` at the end, unless it fails.

    `exclusive`: FileExistsError where something stands at `path`. Other errors are OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 1
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _flush(part)  # 2
        part.chmod(mode)
        if exclusive:
            os.link(part, path)  # 3: fails where something stands, without a race
        else:
            part.replace(path)  # 3
        flush_folder(path.parent)  # 4
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def beside(path: Path, *, mode: int = 0o600) -> Iterator[Path]:
    """Give an empty file to write to, as `replacing`; OperatorError where the disk says no."""
    try:
        with replacing(path, mode=mode) as part:
            yield part
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", code="no_file") from None


def write(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a text file whole, or raise OperatorError and leave what was there."""
    with beside(path, mode=mode) as part:
        part.write_text(text, encoding="utf-8")


def may_write(path: Path, *, force: bool) -> None:
    """Return if there is nothing at `path` yet, or it may go; else OperatorError."""
    if (path.exists() or path.is_symlink()) and not force:
        raise OperatorError(
            f"{path} is there already", code="file_exists", hint="name another, or give --force"
        )


def probe(folder: Path) -> None:
    """Raise OSError, with the path, where no file can be made in a folder."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe."):
        pass


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
