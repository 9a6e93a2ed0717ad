"""Installing: exactly what the lock says, with every pip, whatever was published since."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from tests.deploy.index import Index, Package, lock, serving
from tests.deploy.pips import NEWEST, OLDEST, python_with, wheel

ROOT = Path(__file__).parent.parent.parent
PINNED = re.compile(r"^([a-z0-9.-]+)==([^\s;]+)", re.MULTILINE)
RUN = ["bash", "-euo", "pipefail", "-c", ". deploy/_bootstrap.sh; bootstrap"]

PROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "phigate"
version = "1"
dependencies = [{needs}]
[tool.setuptools.packages.find]
include = ["streams*"]
"""


def released(name: str, version: str) -> Package:
    """Return the pinned release as it is installed here: what it needs, and nothing in it."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:  # pinned for another system
        return Package(name, version)
    needs = tuple(said.get_all("Requires-Dist") or ())
    return Package(name, version, needs, tuple(said.get_all("Provides-Extra") or ()))


@cache
def setuptools() -> Package:
    """Return the setuptools that is installed here, with all that is in it: it builds phigate."""
    files = {
        str(each): each.read_binary()
        for each in metadata.files("setuptools") or []
        if (each.name == "entry_points.txt" or ".dist-info" not in str(each))
        and each.suffix != ".pyc"
    }
    return Package("setuptools", metadata.version("setuptools"), files=files)


@cache
def everything() -> tuple[Package, ...]:
    """Return all that deploy/constraints.txt pins."""
    pinned = dict(PINNED.findall((ROOT / "deploy" / "constraints.txt").read_text()))
    pinned.pop("setuptools")
    return (*(released(name, version) for name, version in pinned.items()), setuptools())


@cache
def some() -> tuple[Package, ...]:
    """Return a lock that is quick to install; one package's extra needs another."""
    return (
        Package("amber", "1.0", ("basalt[toml]>=1",)),
        Package("basalt", "2.0", ("cobalt>=1; extra == 'toml'",), ("toml",)),
        Package("cobalt", "3.0", files={"cobalt.py": b"HOLDS = 1\n"}),
        setuptools(),
    )


@dataclass(frozen=True)
class Checkout:
    """A clone that somebody just made, in a folder with a blank in its name."""

    root: Path
    python: Path

    @classmethod
    def of(cls, packages: tuple[Package, ...], folder: Path, pip: Path) -> "Checkout":
        """Write one: its lock, its project file and a package to install."""
        root = folder / "a clone"
        (root / "deploy").mkdir(parents=True)
        (root / "streams").mkdir()
        (root / "streams" / "__init__.py").write_text("")
        for name in ("_bootstrap.sh", "_mend.py"):
            text = (ROOT / "deploy" / name).read_text()
            (root / "deploy" / name).write_text(
                text.replace('PAUSES_S="0 1 5"', 'PAUSES_S="0 0.1"')
            )
        (root / "deploy" / "constraints.txt").write_text(lock(packages))
        needs = ", ".join(f'"{each.name}=={each.version}"' for each in packages)
        (root / "pyproject.toml").write_text(PROJECT.format(needs=needs))
        return cls(root, python_with(pip, folder))

    def environment(self, url: str, **more: str) -> dict[str, str]:
        """Return the variables of a user whose pip knows that index alone."""
        clean = {name: each for name, each in os.environ.items() if not name.startswith("PIP_")}
        return clean | {
            "PYTHON": str(self.python),
            "PIP_INDEX_URL": url,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_CACHE_DIR": str(self.root.parent / "cache"),
            "PIP_NO_COMPILE": "1",  # quicker
            **more,
        }

    def run(self, url: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the bootstrap to its end."""
        return subprocess.run(
            RUN, cwd=self.root, env=self.environment(url, **more), capture_output=True, text=True,
            timeout=240, check=False,
        )  # fmt: skip

    def installed(self) -> dict[str, str]:
        """Return what is in the environment, pip itself aside."""
        folder = next((self.root / ".venv" / "lib").glob("python3*")) / "site-packages"
        found = {each.name: each.version for each in metadata.distributions(path=[str(folder)])}
        return {name: version for name, version in found.items() if name != "pip"}

    @property
    def stamp(self) -> Path:
        """Return the file that says that everything is in the environment."""
        return self.root / ".venv" / "phigate.stamp"


def wanted(packages: tuple[Package, ...]) -> dict[str, str]:
    """Return what has to be in an environment of those packages."""
    return {each.name: each.version for each in packages} | {"phigate": "1"}


@pytest.fixture(scope="session")
def oldest() -> Path:
    """Return the wheel of the oldest pip that a supported Python brings."""
    return wheel(OLDEST)


@pytest.mark.parametrize("pip", [OLDEST, NEWEST])
def test_what_was_published_since_changes_nothing(pip: str, tmp_path: Path) -> None:
    """Each pinned package has a newer release; exactly the pinned ones are installed."""
    packages = everything()
    checkout = Checkout.of(packages, tmp_path, wheel(pip))
    with serving(Index(packages)) as url:
        ran = checkout.run(url)

    assert (0, wanted(packages)) == (ran.returncode, checkout.installed()), ran.stderr


def test_a_newer_release_is_a_trap_for_whoever_resolves(tmp_path: Path, oldest: Path) -> None:
    """Without `--no-deps` the same lock cannot be installed: the index shows the fault."""
    checkout = Checkout.of(some(), tmp_path, oldest)
    script = checkout.root / "deploy" / "_bootstrap.sh"
    text = script.read_text()
    script.write_text(text.replace("--no-deps --require-hashes", "--require-hashes", 1))
    with serving(Index(some())) as url:
        ran = checkout.run(url)

    assert text != script.read_text()
    assert 2 == ran.returncode
    assert "require" in ran.stderr
    assert "hash" in ran.stderr


def test_a_slow_registry_and_a_download_that_breaks_off(tmp_path: Path, oldest: Path) -> None:
    """Half a wheel is not the end: what is missing is fetched again."""
    packages = some()
    checkout = Checkout.of(packages, tmp_path, oldest)
    index = Index(packages, delay_s=0.2, breaks=frozenset({packages[1].filename}))
    with serving(index) as url:
        ran = checkout.run(url)

    assert (0, wanted(packages)) == (ran.returncode, checkout.installed()), ran.stderr


def test_a_run_that_was_killed_goes_on(tmp_path: Path, oldest: Path) -> None:
    """Killed while pip waits for a wheel: there is no stamp, and the next run ends the work."""
    packages = some()
    checkout = Checkout.of(packages, tmp_path, oldest)
    with serving(stalls := Index(packages, serves=1)) as url:
        running = subprocess.Popen(
            RUN, cwd=checkout.root, env=checkout.environment(url), start_new_session=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert stalls.served.wait(200)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert not checkout.stamp.exists()
    with serving(Index(packages)) as url:
        ran = checkout.run(url)

    assert (0, wanted(packages)) == (ran.returncode, checkout.installed()), ran.stderr


def test_two_runs_at_once_wait_for_each_other(tmp_path: Path, oldest: Path) -> None:
    """Who comes second says that it waits, and then finds everything there."""
    packages = some()
    checkout = Checkout.of(packages, tmp_path, oldest)
    index = Index(packages, delay_s=0.2)
    with serving(index) as url:
        runs = [
            subprocess.Popen(
                RUN,
                cwd=checkout.root,
                env=checkout.environment(url),
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        said = [each.communicate(timeout=240)[1] for each in runs]

    assert [0, 0] == [each.returncode for each in runs], said
    assert wanted(packages) == checkout.installed()
    assert 1 == sum("another run is installing" in each for each in said)
    assert len(packages) == len(index.taken)


def _half_made(checkout: Checkout) -> None:
    (checkout.root / ".venv" / "phigate.made").unlink()
    shutil.rmtree(next((checkout.root / ".venv").rglob("site-packages/pip")))


def _half_unpacked(checkout: Checkout) -> None:
    next((checkout.root / ".venv").rglob("cobalt.py")).unlink()


def _half_recorded(checkout: Checkout) -> None:
    next((checkout.root / ".venv").rglob("cobalt-*/RECORD")).unlink()
    next((checkout.root / ".venv").rglob("cobalt.py")).unlink()


def _half_replaced(checkout: Checkout) -> None:
    found = next((checkout.root / ".venv").rglob("basalt-2.0.dist-info"))
    found.rename(found.with_name("~asalt-2.0.dist-info"))


def _forgotten(checkout: Checkout) -> None:
    found = next((checkout.root / ".venv").rglob("basalt-2.0.dist-info"))
    copy = Path(shutil.copytree(found, found.with_name("dolerite-9.dist-info")))
    (copy / "METADATA").write_text("Metadata-Version: 2.1\nName: dolerite\nVersion: 9\n")
    (copy / "RECORD").write_text("dolerite-9.dist-info/METADATA,,\n")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout whose environment is whole."""
    checkout = Checkout.of(some(), tmp_path_factory.mktemp("standing"), wheel(OLDEST))
    with serving(Index(some())) as url:
        assert 0 == checkout.run(url).returncode
    return checkout


@pytest.mark.parametrize(
    "damage", [_half_made, _half_unpacked, _half_recorded, _half_replaced, _forgotten]
)
def test_what_a_cut_off_run_leaves_is_mended(damage: object, standing: Checkout) -> None:
    """Wherever a run was cut off, the next one makes the environment whole, and nothing more."""
    standing.stamp.unlink()
    assert callable(damage)
    damage(standing)
    with serving(Index(some())) as url:
        ran = standing.run(url)
    held = subprocess.run(
        [standing.root / ".venv" / "bin" / "python", "-Ic", "import cobalt; print(cobalt.HOLDS)"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (0, wanted(some())) == (ran.returncode, standing.installed()), ran.stderr
    assert "1\n" == held.stdout
    assert [] == list((standing.root / ".venv").rglob("~*"))


def test_a_whole_environment_asks_nobody(standing: Checkout) -> None:
    """The second run installs nothing, and needs no network."""
    started = time.monotonic()
    ran = standing.run("http://127.0.0.1:1/simple/")

    assert (0, "") == (ran.returncode, ran.stderr)
    assert time.monotonic() - started < 120


def test_a_failed_run_says_what_to_do(tmp_path: Path, oldest: Path) -> None:
    """A registry that lacks a package: exit code 2, no stamp, and what to do next."""
    checkout = Checkout.of(some(), tmp_path, oldest)
    with serving(Index(some()[:1])) as url:
        ran = checkout.run(url, PIP_RETRIES="0")

    assert 2 == ran.returncode
    assert "Run the same command again" in ran.stderr
    assert "PIP_INDEX_URL" in ran.stderr
    assert not checkout.stamp.exists()


def test_a_lock_that_lacks_something_is_told(tmp_path: Path, oldest: Path) -> None:
    """What a pinned package needs and no pin gives is found by the check afterwards."""
    lacking = tuple(each for each in some() if each.name != "cobalt")
    checkout = Checkout.of((*lacking[:1], *lacking[2:], Package("basalt", "0.5")), tmp_path, oldest)
    with serving(Index((*lacking, Package("basalt", "0.5")))) as url:
        ran = checkout.run(url)

    assert 2 == ran.returncode
    assert "amber 1.0 has requirement basalt" in ran.stderr
    assert "deploy/lock" in ran.stderr
    assert not checkout.stamp.exists()


def test_a_python_without_wheels_is_refused(tmp_path: Path) -> None:
    """PYTHON that is no supported Python ends the run before anything is made."""
    checkout = Checkout.of(some(), tmp_path, tmp_path / "no.whl")
    ran = checkout.run("http://127.0.0.1:1/simple/", PYTHON="/bin/false")

    assert 2 == ran.returncode
    assert "PYTHON=/bin/false is not a CPython from 3.11 to 3.14" in ran.stderr
    assert not (checkout.root / ".venv").exists()


def test_what_the_user_told_pip_stays_in_force(tmp_path: Path, oldest: Path) -> None:
    """A time-out that is set stays as it is; but `user = true` does not lead out of .venv/."""
    checkout = Checkout.of(some(), tmp_path, oldest)
    config = tmp_path / "pip.conf"
    config.write_text("[global]\ntimeout = 0.1\nretries = 0\nuser = true\n")
    with serving(Index(some(), delay_s=0.3)) as url:
        late = checkout.run(url, PIP_CONFIG_FILE=str(config))
    config.write_text("[global]\nuser = true\n")
    with serving(Index(some(), delay_s=0.3)) as url:
        ran = checkout.run(url, PIP_CONFIG_FILE=str(config))

    assert 2 == late.returncode
    assert (0, wanted(some())) == (ran.returncode, checkout.installed()), ran.stderr
