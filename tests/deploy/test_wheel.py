"""The wheel, in an environment that has nothing else, far from any checkout."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.deploy.closure import asked, closure

ROOT = Path(__file__).parent.parent.parent
ROUTE_S = 240

DIRECTORY = """
people:
  petra: {{title: Privacy officer, groups: [privacy-officers], keys: [{petra}]}}
  rita: {{title: Researcher}}
agents:
  bot: {{owner: rita, acts_for: [rita]}}
executors:
  clinic: {{keys: [{key}], seal: {seal}}}
resources:
  - {{type: Database, id: clinic, executor: clinic, attributes: {{env: prod}}}}
"""


@dataclass(frozen=True)
class Place:
    """An environment of its own, and a folder to be in."""

    root: Path

    @property
    def python(self) -> str:
        """Return its Python."""
        return str(self.root / "venv" / "bin" / "python")

    @property
    def home(self) -> Path:
        """Return where phigate's files are."""
        return self.root / "home"

    def environment(self) -> dict[str, str]:
        """Return the variables of somebody who has no checkout."""
        strange = ("PHIGATE_", "COVERAGE", "COV_", "PYTHON")
        clean = {name: each for name, each in os.environ.items() if not name.startswith(strange)}
        return clean | {"PHIGATE_HOME": str(self.home), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return subprocess.run(
            [self.root / "venv" / "bin" / command[0], *command[1:]], cwd=self.root,
            env=self.environment(), capture_output=True, text=True, timeout=250, check=False,
        )  # fmt: skip

    def phigate(self, *words: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        ran = self.run("phigate", *words)
        assert 0 == ran.returncode, (words, ran.stdout, ran.stderr)
        return ran.stdout

    def install(self, *extras: str) -> None:
        """Install what these extras need: from the lock alone, nothing is looked up."""
        names = closure(asked(*extras))
        lines = re.split(r"\n(?=\S)", (ROOT / "deploy" / "constraints.txt").read_text())
        lock = self.root / "lock.txt"
        lock.write_text("\n".join(each for each in lines if each.split("==")[0] in names) + "\n")
        ran = self.run(
            "python", "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps",
            "--require-hashes", "--only-binary", ":all:", "-r", str(lock),
        )  # fmt: skip
        assert 0 == ran.returncode, ran.stderr
        checked = self.run("python", "-m", "pip", "check")
        assert 0 == checked.returncode, checked.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy of the sources by what the lock has."""
    folder = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("streams", "schemas"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignore)
    build = [sys.executable, "-Im", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--no-index", "--wheel-dir", folder / "out", folder], check=True)
    return next((folder / "out").glob("phigate-*.whl"))


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return an environment with phigate and what its base needs."""
    place = Place(tmp_path_factory.mktemp("a place"))
    subprocess.run([sys.executable, "-Im", "venv", place.root / "venv"], check=True)
    ran = place.run(
        "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)
    )
    assert 0 == ran.returncode, ran.stderr
    place.install()
    return place


def test_the_wheel_holds_all_that_the_sources_hold(wheel: Path) -> None:
    """Schemas, word lists, policies, styles: whatever a room reads at run time is in it."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("streams/")}
    found = [*(ROOT / "streams").rglob("*"), *(ROOT / "streams" / "wire" / "avsc").rglob("*")]
    held = {
        str(path.relative_to(ROOT))
        for path in found
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }

    assert held == packed


def test_the_base_is_enough_for_agents_executors_and_approvers(base: Place) -> None:
    """The SDK can be imported, its commands run, and a worker's says what it lacks."""
    doors = "import streams.agent, streams.executor, streams.approver as a; print(a.__file__)"
    ran = base.run("python", "-c", f"{doors}; a.Approver, streams.agent.Agent")
    worker = base.run("phigate", "worker", "run", "admit")

    assert 0 == ran.returncode, ran.stderr
    assert ran.stdout.startswith(str(base.root))
    assert "propose" in base.phigate("--help")
    assert "--justification" in base.phigate("propose", "--help")
    assert "ada:" in base.phigate("key", "new", "ada")
    assert (2, "") == (worker.returncode, worker.stdout)
    assert worker.stderr.endswith("hint: pip install 'phigate[gate]'\n")


def test_the_wheel_is_typed(base: Place) -> None:
    """A strict mypy believes the installed package (PEP 561) and finds no fault in right use."""
    ran = subprocess.run(
        [
            sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir",
            str(base.root / "cache"), "--python-executable", base.python,
            str(ROOT / "tests" / "typing" / "right.py"),
        ],
        cwd=base.root, env=base.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 0 == ran.returncode, ran.stdout


@contextmanager
def running(place: Place) -> Iterator[None]:
    """Run `phigate up` until it is ready, and stop it afterwards."""
    with subprocess.Popen(
        [place.root / "venv" / "bin" / "phigate", "up"], cwd=place.root, env=place.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as up:  # fmt: skip
        try:
            said = []
            for line in up.stderr or ():
                said.append(line)
                if line.startswith("ready:"):
                    break
            else:
                pytest.fail("".join(said))
            yield
            up.send_signal(signal.SIGINT)
            up.communicate(timeout=ROUTE_S)
        finally:
            up.kill()
            place.run("phigate", "kafka", "down")


def seen(place: Place, intent_id: str) -> str:
    """Return Petra's inbox once the intent is in it: to mask it takes seconds."""
    deadline = time.monotonic() + ROUTE_S
    while intent_id[:8] not in (shown := place.phigate("inbox", "--as", "petra")):
        assert time.monotonic() < deadline, place.phigate("audit", "show", intent_id)
    return shown


@pytest.mark.kafka
def test_a_gate_runs_from_the_wheel(base: Place) -> None:
    """Keys, broker, workers, a proposal that a person approves, and an audit that verifies."""
    base.install("gate", "embedded")
    base.phigate("init")
    petra = json.loads(base.phigate("key", "new", "petra", "--json"))
    clinic = json.loads(base.phigate("key", "new", "clinic", "--executor", "--json"))
    file = base.home / "directory.yaml"
    added = DIRECTORY.format(petra=petra["key"], key=clinic["key"], seal=clinic["seal"])
    whole = yaml.safe_load(file.read_text()) | yaml.safe_load(added)
    file.write_text(yaml.safe_dump(whole))
    base.phigate("directory", "check")
    with running(base):
        intent_id = base.phigate(
            "propose", "--agent", "bot", "--on-behalf-of", "rita", "--action", "data.export",
            "--resource", "Database/clinic", "--params", '{"name": "Carolee Sanford"}',
            "--justification", "Recall letter for Carolee Sanford",
        ).strip()  # fmt: skip
        shown = seen(base, intent_id)
        base.phigate("approve", intent_id, "--as", "petra", "--reason", "Checked with the ward")
        verdict = base.phigate("wait", intent_id, "--timeout", str(ROUTE_S))
        verified = base.phigate("audit", "verify")

    assert "Carolee" not in shown
    assert "granted" in verdict
    assert "verified" in verified
