"""The pips that the bootstrap has to work with, and a Python that makes environments with one.

The oldest is what Python 3.11.0 brings; the newest is whatever the registry has today.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OLDEST = "pip==22.3"
NEWEST = "pip"

SHIM = """#!/bin/sh
# {python}, whose environments have the pip of {wheel}.
if [ "$1 $2" != "-Im venv" ]; then exec "{python}" "$@"; fi
"{python}" -Im venv --without-pip --clear "$4" || exit 1
PIP_USER=0 "$4/bin/python" "{wheel}/pip" install --quiet --no-index --no-compile "{wheel}"
"""


def wheel(wanted: str) -> Path:
    """Return a pip's wheel: from the registry by the ordinary client, else from an earlier run."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "phigate" / "pips"
    folder = cache / wanted.replace("==", "-")
    if wanted == NEWEST or not folder.exists():
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*download, "--dest", str(folder), wanted], check=False)
    found = sorted(folder.glob("pip-*.whl"), key=lambda path: path.stat().st_mtime)
    if not found:
        _cannot(f"{wanted} is to be had neither from the registry nor from {folder}")
    return found[-1]


def _cannot(reason: str) -> None:
    """Skip on a machine without a network; in CI nothing is left out."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def python_with(pip: Path, folder: Path) -> Path:
    """Write a Python like this one whose environments have that pip."""
    python = folder / "python"
    base = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    python.write_text(SHIM.format(python=base, wheel=pip))
    python.chmod(0o755)
    return python
