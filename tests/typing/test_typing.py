"""Whoever checks types is told of a wrong use of the SDK, and of nothing else."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MARK = re.compile(r"  # type: ignore\[([a-z,-]+)\].*")
FOUND = re.compile(r"^(.*):(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)


def errors(*files: Path) -> set[tuple[str, int, str]]:
    """Return what a strict mypy says of these files: name, line, and the kind of each error."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", *map(str, files)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert "" == ran.stderr
    return {(Path(file).name, int(line), kind) for file, line, kind in FOUND.findall(ran.stdout)}


def marked(text: str) -> set[tuple[str, int, str]]:
    """Return what the marks of a file promise."""
    return {
        ("unmarked.py", number, kind)
        for number, line in enumerate(text.splitlines(), 1)
        for mark in MARK.findall(line)
        for kind in mark.split(",")
    }


def test_the_sdk_is_typed(tmp_path: Path) -> None:
    """Right use has no error under a strict mypy; each wrong use has exactly the error it must."""
    text = (HERE / "wrong.py").read_text()
    unmarked = tmp_path / "unmarked.py"
    unmarked.write_text(MARK.sub("", text))

    assert len(marked(text)) > 15
    assert marked(text) == errors(HERE / "right.py", unmarked)
