"""Removes from `.venv/` what keeps pip from installing exactly what the lock says.

    python -I deploy/_mend.py deploy/constraints.txt

1. A package that was cut off half-way: pip sees its version and takes it for whole.
2. What a cut-off upgrade left behind (`~name`), and what the lock no longer names.

Uses nothing but the standard library: it runs before anything is installed.
"""

import re
import shutil
import sys
import sysconfig
from importlib.metadata import Distribution
from pathlib import Path

KEPT = frozenset({"pip", "phigate"})
SITE = Path(sysconfig.get_path("purelib"))


def normal(name: str) -> str:
    """Return a distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_whole(package: Distribution) -> bool:
    """Tell whether pip came to the end: last of all it lists its INSTALLER in RECORD."""
    files = package.files or []
    return any(each.name == "INSTALLER" for each in files) and all(
        each.size is None or _size(Path(str(each.locate()))) == each.size for each in files
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def forget(folder: Path) -> None:
    """Remove what says that a package is here; pip then writes its files again."""
    shutil.rmtree(folder) if folder.is_dir() else folder.unlink()


def remove(package: Distribution) -> None:
    """Remove a package's files that lie in the environment's library, and what says it is here."""
    for each in package.files or []:
        path = Path(str(each.locate())).resolve()
        if path.is_relative_to(SITE.resolve()):
            path.unlink(missing_ok=True)


def mend(pinned: frozenset[str]) -> None:
    """Leave only whole packages of those names."""
    for left in SITE.glob("~*"):
        forget(left)
    for info in SITE.glob("*.dist-info"):
        package = Distribution.at(info)
        name = normal(info.name.split("-")[0])
        if name not in pinned | KEPT:
            remove(package)
            forget(info)
        elif name != "pip" and not is_whole(package):  # pip cannot write itself again
            forget(info)


def main(lock: str) -> None:
    """Mend the environment that this runs in."""
    text = Path(lock).read_text(encoding="utf-8")
    mend(frozenset(normal(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)))


if __name__ == "__main__":
    main(sys.argv[1])
