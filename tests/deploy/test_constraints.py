"""What is pinned: everything, by hash, from nowhere in particular."""

import re
from importlib import metadata
from pathlib import Path

import pytest

from tests.deploy.closure import PROJECT, asked, closure

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


def pinned() -> set[str]:
    """Return the names of all pinned packages."""
    return {normal(block.split("==")[0]) for block in blocks()}


def everything() -> list[str]:
    """Return all that pyproject.toml asks for, optional and for building included."""
    extras = PROJECT["project"]["optional-dependencies"]
    return [*asked(*extras), *PROJECT["build-system"]["requires"]]


def system(version: str, name: str) -> dict[str, str]:
    """Return the markers of a supported Python's first release on a supported system."""
    linux = name == "linux"
    return {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "sys_platform": name,
        "platform_system": "Linux" if linux else "Darwin",
        "platform_machine": "x86_64" if linux else "arm64",
    }


SYSTEMS = [
    system(version, name)
    for version in ("3.11", "3.12", "3.13", "3.14")
    for name in ("linux", "darwin")
]


@pytest.mark.parametrize(
    "on", SYSTEMS, ids=lambda on: f"{on['python_version']}-{on['sys_platform']}"
)
def test_the_lock_is_whole_on_every_supported_python(on: dict[str, str]) -> None:
    """What is asked for, and all that it needs there in turn: without a look-up nothing lacks."""
    assert frozenset() == closure(everything(), on) - pinned()


def test_nothing_is_pinned_that_nobody_needs() -> None:
    """A package that no supported Python needs, here or for another system, is not installed."""
    needed = frozenset[str]().union(*(closure(everything(), on) for on in SYSTEMS))
    for_windows = {"colorama"}

    assert pinned() - needed <= for_windows


def test_the_lock_says_for_itself_where_a_package_belongs() -> None:
    """A line without a marker is installed everywhere, so it has to fit here too."""
    here = {
        normal(block.split("==")[0]): re.split(r"[=; ]+", block.split("\\")[0])[1]
        for block in blocks()
        if ";" not in block.split("\\")[0]
    }

    assert here == {name: metadata.version(name) for name in here}
