"""Which masking this is: a digest of all that decides, so that no change goes by unseen.

Code, word lists and patterns are the files of this package; with them counts what they run on (the
tables of Unicode, the versions of the libraries that read). Configuration and model are added by
`Masker`.
"""

import hashlib
import platform
import unicodedata
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parent
_LIBRARIES = ("spacy", "thinc", "numpy", "regex", "presidio_analyzer")
_PASSED_OVER = frozenset({"__pycache__"})


@cache
def digest_of(folder: Path = PACKAGE) -> str:
    """Return the digest of every file of the package, by name and content."""
    total = hashlib.sha256(_runs_on().encode())
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and not _PASSED_OVER & set(name.parts):
            total.update(f"\n{name.as_posix()} ".encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _runs_on() -> str:
    python = ".".join(platform.python_version_tuple()[:2])
    return " ".join([python, unicodedata.unidata_version, *map(_version, _LIBRARIES)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"
