"""Every command and every snippet of the documents is run, in its order."""

import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_S = 240
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("README.md", *sorted(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md")))
RUN = {  # what a test here runs: the blocks of each document, by kind
    ("README.md", "sh"): 1,
    ("docs/agent.md", "sh"): 1,
    ("docs/agent.md", "python"): 1,
    ("docs/approver.md", "sh"): 2,
    ("docs/developing.md", "sh"): 1,
    ("docs/examiner.md", "sh"): 1,
    ("docs/executor.md", "python"): 1,
    ("docs/operator.md", "sh"): 1,
}


def blocks(document: str, kind: str) -> list[str]:
    """Return the code blocks of a kind in a document."""
    text = (ROOT / document).read_text()
    return [match["code"] for match in BLOCK.finditer(text) if match["kind"] == kind]


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


def played(document: str, home: Path) -> str:
    """Run the shell blocks of a document against a demonstration, but for where it is."""
    code = "\n".join(blocks(document, "sh"))
    return shell(code.replace(". .venv/bin/activate\n", "").replace("$PWD/.demo", str(home)), home)


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
    """Each fenced block of each document is one that a test here runs."""
    found: dict[tuple[str, str], int] = {}
    for document in DOCUMENTS:
        text = (ROOT / document).read_text()
        for match in BLOCK.finditer(text):
            key = (document, match["kind"])
            found[key] = found.get(key, 0) + 1
        assert text.count("```") == 2 * len(BLOCK.findall(text)), document
    assert RUN == found


def test_links_lead_somewhere() -> None:
    """Each relative link of a document is to a file that is there."""
    lost = [
        f"{document}: {target}"
        for document in (*DOCUMENTS, "ARCHITECTURE.md")
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / document).read_text())
        if not ((ROOT / document).parent / target).exists()
    ]
    assert [] == lost


def test_the_map_of_rooms_is_drawn_from_the_contracts() -> None:
    """ARCHITECTURE.md shows the rooms in the order that the import contract holds."""
    drawn = runpy.run_path(str(ROOT / "deploy" / "_draw_map.py"))["drawn"]()
    assert drawn in (ROOT / "ARCHITECTURE.md").read_text(), "run: python deploy/_draw_map.py"


def test_the_readme_is_one_screen_and_the_architecture_short() -> None:
    """Who wants more follows a link."""
    assert len((ROOT / "README.md").read_text()) < 6_000
    assert len((ROOT / "ARCHITECTURE.md").read_text()) < 13_000


def test_the_two_commands_are_there_to_be_run() -> None:
    """They are executable; this test is part of the one, and tests/test_demo.py runs the other."""
    commands = blocks("README.md", "sh")[0].split()
    assert ["deploy/demo", "deploy/test"] == commands
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


@pytest.mark.kafka
def test_what_an_approver_types_works(play: Path) -> None:
    """Propose, look, approve, halt and resume."""
    said = played("docs/approver.md", play)
    assert "granted" in said
    assert "Carolee" not in said.replace("Carolee951", "")


@pytest.mark.kafka
def test_what_an_agents_developer_types_works(play: Path) -> None:
    """Propose, wait, and read the outcome."""
    assert '"granted"' in played("docs/agent.md", play)


@pytest.mark.kafka
def test_the_agents_snippet_works(play: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It proposes, waits and prints what came of it."""
    (agent,) = blocks("docs/agent.md", "python")
    ended = subprocess.run(
        [sys.executable, "-c", agent], env=environment(play), timeout=READY_S, check=False
    )
    assert ended.returncode == 0
    assert "granted permitted" in capfd.readouterr().out


@pytest.mark.kafka
def test_what_an_examiner_types_works(play: Path) -> None:
    """Verify, search, show, prove, check, report, export."""
    assert "verified" in played("docs/examiner.md", play)


def test_the_executors_snippet_registers_its_handler() -> None:
    """It is an app that `phigate executor run` would serve."""
    (executor,) = blocks("docs/executor.md", "python")
    scope: dict[str, object] = {}
    exec(compile(executor, "executor.md", "exec"), scope)  # noqa: S102 - that is what is tested
    assert "clinic" == scope["app"].cls  # type: ignore[attr-defined]


def test_what_a_developer_types_works(tmp_path: Path) -> None:
    """Tests that need no broker run as it says."""
    assert "passed" in played("docs/developing.md", tmp_path)


@pytest.mark.kafka
def test_a_home_of_ones_own_works(tmp_path: Path) -> None:
    """Keys, checks, a broker of one's own, topics: as it stands."""
    (code,) = blocks("docs/operator.md", "sh")
    try:
        said = shell(code, tmp_path / "home")
    finally:
        shell("phigate kafka down", tmp_path / "home")
    assert "ada" in said
