"""The house's habits, held by a test: sizes, reasons, names, references, contracts."""

import ast
import re
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("streams", "tests", "deploy")
MODULE_LINES_MAX = 320
FUNCTION_LINES_MAX = 62
LONG_FOR_A_REASON = {
    "streams/events.py": "the wire contract, in the order in which it is read",
    "streams/gate/fold.py": "the one table of transitions, and its moves beside it",
    "streams/directory/model.py": "one file of the operator's, one model",
    "streams/masking/passes.py": "the passes over one document, in their order",
    "streams/auditor/report/figures.py": "a table of figures, each with its words",
    "streams/testing/explore.py": "every act of a run, and the dice that choose",
    "streams/masking/conditions/words.py": "words, as data",
    "streams/masking/vocabulary/data/build.py": "a script that writes the lists",
}
NOQA = re.compile(r"# (?:ruff: )?noqa: (?P<codes>[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*)(?P<reason>.*)")
FILE = re.compile(
    r"(?<![\w/.*<{-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|avsc|cedar|cedarschema|tla|toml|txt))\b"
)
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|repo1\.maven|maven\.org|registry\.npmjs|deb\.debian"
)
MADE_BY_USERS = {  # files of an installation, of an example, or that a command writes
    "phigate.toml",
    "letter.txt",
    "runs.txt",
    "0.cedar",
    "protocol.md",  # of DSSE's own repository
    "streams.py",  # of Faust
}


def tracked() -> list[Path]:
    """Return every file of the repository, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def modules(*tops: str) -> Iterator[tuple[str, str]]:
    """Give each Python file below the folders: its path in the repository, and its text."""
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and name.split("/")[0] in tops:
            yield name, path.read_text()


def test_modules_stay_small() -> None:
    """No module is longer than the ceiling, but for those that say why."""
    lines = {name: text.count("\n") for name, text in modules("streams")}
    long = {name for name, count in lines.items() if count > MODULE_LINES_MAX}
    assert set() == long - set(LONG_FOR_A_REASON)
    assert set() == set(LONG_FOR_A_REASON) - long, "a reason is no longer needed"


def test_functions_stay_small() -> None:
    """No function is longer than the ceiling."""
    long = [
        f"{name}:{node.name}"
        for name, text in modules("streams")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert [] == long


def test_every_exception_to_a_rule_has_a_reason() -> None:
    """Each `noqa` says why, behind a dash."""
    bare = [
        f"{name}: {match['codes']}"
        for name, text in modules(*CODE)
        for match in NOQA.finditer(text)
        if not re.match(r" ?- \S", match["reason"]) and "test_tidy" not in name
    ]
    assert [] == bare


def test_class_names_mean_one_thing() -> None:
    """No two public classes of the package bear the same name."""
    homes = defaultdict(list)
    for name, text in modules("streams"):
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    assert {} == {name: where for name, where in homes.items() if len(where) > 1}


def test_what_is_referred_to_is_there() -> None:
    """Each file that a comment, a docstring or a document names is in the repository."""
    paths = [path.relative_to(ROOT).as_posix() for path in tracked()]
    known = set(paths) | MADE_BY_USERS
    names = {path.rsplit("/", 1)[-1] for path in known}
    lost = []
    for name in paths:
        if not name.endswith((".py", ".md", ".tla")) or name.startswith("tests/masking/texts"):
            continue
        text = (ROOT / name).read_text()
        for cited in FILE.findall(text) if name.endswith(".md") else cited_in_prose(name, text):
            place = cited.removeprefix("../")
            there = place in names if "/" not in place else any(k.endswith(place) for k in known)
            if not there:
                lost.append(f"{name}: {cited}")
    assert [] == lost


def cited_in_prose(name: str, text: str) -> Iterator[str]:
    """Give the file names in a module's comments and docstrings."""
    if not name.endswith(".py"):
        yield from FILE.findall(text)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from FILE.findall(ast.get_docstring(node) or "")
    for comment in re.findall(r"#[^\n\"']*$", text, re.MULTILINE):
        yield from FILE.findall(comment)


def test_nothing_names_a_registry() -> None:
    """No file names the host of a package registry."""
    found = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if path.name != "test_tidy.py" and REGISTRY.search(text):
            found.append(path.relative_to(ROOT).as_posix())
    assert [] == found


@pytest.mark.parametrize(
    ("contract", "doors"),
    [
        ("Faust lives in worker alone", {"worker"}),
        (
            "Cryptography has three doors: keyring, signing, sealing",
            {"keyring", "signing", "sealing"},
        ),
        ("Tokens have one door: identity", {"identity"}),
    ],
)
def test_contracts_name_every_room(contract: str, doors: set[str]) -> None:
    """A contract on a library lists each room but its doors, so that a new room is not left out."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    [listed] = [each["source_modules"] for each in contracts if each["name"] == contract]
    rooms = {name.split("/")[1].removesuffix(".py") for name, _ in modules("streams")}
    rooms -= {"__init__", "__main__"} | doors
    assert {f"streams.{room}" for room in rooms} == set(listed)
