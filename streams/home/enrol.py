"""Puts the lines of a new key into the directory file, under their section; the rest stays.

The file belongs to a person, with comments and an order of their own, so it is never written anew:
lines are put in, what comes out is read as a directory first, and replaces the file whole.
"""

import re
import stat
from pathlib import Path

from streams import files
from streams.directory import Directory
from streams.errors import OperatorError

__all__ = ["add", "may_add"]


def may_add(path: Path, section: str, name: str, owner: str = "") -> None:
    """See that `name` can be added, before a key is drawn; SettingsError, OperatorError if not."""
    found = Directory.load(path)
    if owner and owner not in found.people:
        raise OperatorError(
            f"`{owner}` is not among the people of {path}", hint="phigate key new NAME --add"
        )
    if name in getattr(found, section):
        raise OperatorError(
            f"{section}.{name} stands in {path} already",
            code="file_exists",
            hint="without --add the lines are printed; put the new key into the entry yourself",
        )
    _place(path, path.read_text(encoding="utf-8"), section)


def add(path: Path, section: str, lines: str) -> None:
    """Put `lines`, which begin with the section's name, into the file. Raises as `may_add`."""
    text = path.read_text(encoding="utf-8")
    at = _place(path, text, section)
    body = lines.split("\n", 1)[1]
    changed = text[:at] + body + text[at:]
    Directory.parse(changed, str(path))
    files.write(path, changed, mode=stat.S_IMODE(path.stat().st_mode))


def _place(path: Path, text: str, section: str) -> int:
    """Return where the section's first line begins."""
    found = re.search(rf"^{section}:[ \t]*(#.*)?(\n|\Z)", text, flags=re.MULTILINE)
    if found is None or not found[0].endswith("\n"):
        raise OperatorError(
            f"{path} has no line `{section}:` below which the lines could stand",
            hint="write one, or put in by hand what is printed without --add",
        )
    return found.end()
