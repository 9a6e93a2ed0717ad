"""Every command and every snippet of the README is run, in its order."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
READY_S = 240
BLOCK = re.compile(
    r"^## (?P<title>[^\n]+)|^```(?P<kind>sh|python)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL
)


def blocks(title: str, kind: str) -> list[str]:
    """Return the code blocks of a kind under a heading."""
    found, under = [], ""
    for match in BLOCK.finditer(README):
        under = match["title"] or under
        if match["kind"] == kind and under == title:
            found.append(match["code"])
    return found


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which `phigate` is this checkout's, with a home of its own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PHIGATE_HOME": str(home), "COLUMNS": "80"}


def shell(code: str, home: Path) -> str:
    """Run a block as it stands, stopping at the first command that fails; return its output."""
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the home of a demonstration that was left running."""
    home = tmp_path_factory.mktemp("play")
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "deploy" / "demo.py"), "--play"],
        env={**os.environ, "PHIGATE_DEMO_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = []
        assert demo.stdout
        for line in demo.stdout:
            said.append(line)
            if "Everything is running" in line:
                break
        else:
            pytest.fail("".join(said))
        yield home
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=READY_S)
        assert demo.returncode == 0
    finally:
        demo.kill()


def test_no_block_is_passed_over() -> None:
    """Each fenced block stands under a heading that a test here runs."""
    tested = {
        ("Two commands", "sh"),
        ("Try it", "sh"),
        ("Try it", "python"),
        ("Run your own", "sh"),
    }
    under, found = "", set()
    for match in BLOCK.finditer(README):
        under = match["title"] or under
        if match["kind"]:
            found.add((under, match["kind"]))
    assert tested == found
    assert README.count("```") == 2 * sum(len(blocks(*each)) for each in tested)


def test_the_two_commands_are_there_to_be_run() -> None:
    """They are executable; this test is part of the one, and tests/test_demo.py runs the other."""
    commands = blocks("Two commands", "sh")[0].split()
    assert ["deploy/demo", "deploy/test"] == commands
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


@pytest.mark.kafka
def test_what_a_newcomer_types_works(play: Path) -> None:
    """Propose, look, approve, read, verify: as it stands, but for where things are."""
    (code,) = blocks("Try it", "sh")
    code = code.replace(". .venv/bin/activate\n", "").replace("$PWD/.demo", str(play))
    said = shell(code, play)
    assert "granted" in said
    assert "verified" in said
    assert "Carolee" not in said.replace("Carolee951", "")


@pytest.mark.kafka
def test_the_agents_snippet_works(play: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It proposes, waits and prints what came of it."""
    agent, _ = blocks("Try it", "python")
    ended = subprocess.run(
        [sys.executable, "-c", agent], env=environment(play), timeout=READY_S, check=False
    )
    assert ended.returncode == 0
    assert "granted permitted" in capfd.readouterr().out


def test_the_executors_snippet_registers_its_handler() -> None:
    """It is an app that `phigate executor run` would serve."""
    _, executor = blocks("Try it", "python")
    scope: dict[str, object] = {}
    exec(compile(executor, "README.md", "exec"), scope)  # noqa: S102 - that is what is tested
    assert "clinic" == scope["app"].cls  # type: ignore[attr-defined]


@pytest.mark.kafka
def test_a_home_of_ones_own_works(tmp_path: Path) -> None:
    """Keys, checks, a broker of one's own, topics: as it stands."""
    (code,) = blocks("Run your own", "sh")
    try:
        said = shell(code, tmp_path / "home")
    finally:
        shell("phigate kafka down", tmp_path / "home")
    assert "ada" in said
