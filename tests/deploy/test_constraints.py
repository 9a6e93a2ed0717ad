"""What is pinned: everything, by hash, from nowhere in particular."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
JARS = ROOT / "streams" / "cluster" / "embedded" / "jars.lock"
PINNED = re.compile(r"^[a-z0-9-]+==\S+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+$")
A_HOST_OR_PATH = re.compile(r"://|/|@|--(index|extra|find|trusted)|\.(com|org|net|io)[:/]")


def blocks() -> list[str]:
    """Return the constraints, one string a requirement."""
    text = re.sub(r"^#.*\n", "", CONSTRAINTS.read_text(), flags=re.MULTILINE)
    return re.split(r"\n(?=\S)", text.strip())


def normal(name: str) -> str:
    """Return a distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned_and_hashed() -> None:
    """Each requirement is one exact version with at least one SHA-256, and nothing else."""
    assert [each for each in blocks() if not PINNED.match(each)] == []


@pytest.mark.parametrize("path", [CONSTRAINTS, JARS], ids=["constraints", "jars"])
def test_no_lock_names_a_place(path: Path) -> None:
    """No address, host, directory or index option: whoever installs chooses where from."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]

    assert [line for line in lines if A_HOST_OR_PATH.search(line)] == []


def test_every_dependency_is_in_the_lock() -> None:
    """What pyproject.toml asks for, optional and for building included, the constraints pin."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *project["build-system"]["requires"],
    ]
    names = {normal(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in wanted}
    pinned = {normal(block.split("==")[0]) for block in blocks()}

    assert names - pinned == set()
