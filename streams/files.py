"""Files that are there whole or not at all: written beside their place, then moved there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.errors import OperatorError


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give the place to write to; moved to `path` at the end, removed if it does not come to that.

    Whoever writes flushes. Raises OperatorError where the disk says no.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}", code="no_file") from None
    finally:
        part.unlink(missing_ok=True)


def may_write(path: Path, *, force: bool) -> None:
    """Return if there is nothing at `path` yet, or it may go; else OperatorError."""
    if path.exists() and not force:
        raise OperatorError(
            f"{path} is there already", code="file_exists", hint="name another, or give --force"
        )
