"""What one needs and no more: the SDK without the gate, and a name for what is missing."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams import extras
from streams.errors import OperatorError
from streams.home.command import init

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

# Runs `phigate` where no package of any extra is to be had.
BARRED = """
import sys
from streams.extras import PACKAGES
for packages in PACKAGES.values():
    sys.modules |= dict.fromkeys(packages)
"""


def without_extras(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where nothing but the base is installed."""
    command = [sys.executable, "-c", BARRED + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def phigate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command where nothing but the base is installed."""
    return without_extras("from streams.__main__ import main; main()", *arguments)


def normal(name: str) -> str:
    """Return a distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(extra: str | None) -> set[str]:
    """Return the names that pyproject.toml asks for."""
    asked = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return {normal(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in asked}


def imported() -> Iterator[str]:
    """Yield the top of every import in the product, late ones included."""
    for path in (ROOT / "streams").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]


def test_every_package_of_an_extra_is_known_by_the_name_it_is_imported_by() -> None:
    """The table and pyproject.toml say the same of each extra: nothing is forgotten in either."""
    homes = metadata.packages_distributions()
    told = {
        extra: {normal(name) for package in packages for name in homes[package]}
        for extra, packages in extras.PACKAGES.items()
    }
    asked = {extra: distributions(extra) for extra in PROJECT["optional-dependencies"]}
    by_a_dependency = {"spacy"}  # Presidio brings it

    assert {extra: names for extra, names in asked.items() if extra != "dev"} == {
        extra: names - by_a_dependency for extra, names in told.items()
    }


def test_every_import_is_of_the_base_or_of_an_extra() -> None:
    """No package is used that pyproject.toml does not ask for."""
    homes = metadata.packages_distributions()
    of_extras = frozenset[str]().union(*extras.PACKAGES.values())
    others = set(imported()) - sys.stdlib_module_names - of_extras - {"streams"}
    through = {"requests", "pydantic_core"}  # hvac's client, pydantic's core: they come with these

    assert {
        name for name in others if not {*map(normal, homes[name])} & distributions(None)
    } == through


def test_the_base_is_what_agents_executors_and_approvers_need() -> None:
    """No worker, no language model, no Java for whoever only asks, runs or approves."""
    assert distributions(None) == {
        "click", "confluent-kafka", "cryptography", "fastavro", "joserfc", "pydantic",
        "pydantic-settings", "pyyaml", "rich",
    }  # fmt: skip


def test_the_sdk_works_without_extras() -> None:
    """Every public name of the three doors can be had, and the simulator too."""
    ran = without_extras(
        "from streams.agent import *\n"
        "from streams.executor import *\n"
        "from streams.approver import *\n"
        "from streams.testing import Gate\n"
        "print(Agent, AsyncAgent, Executor, Approver)"
    )

    assert 0 == ran.returncode, ran.stderr


@pytest.mark.parametrize(
    "words",
    ["--help", "key new --help", "propose --help", "approve --help", "login --help", "up --help"],
)
def test_help_needs_no_extra(words: str) -> None:
    """What a command does can be read before anything more is installed."""
    ran = phigate(*words.split())

    assert (0, "") == (ran.returncode, ran.stderr)


def test_an_installation_is_made_without_extras(tmp_path: Path) -> None:
    """Files, keys and policies are written by the base; only running them needs more."""
    made = phigate("init", "--home", str(tmp_path / "home"))

    assert (0, "") == (made.returncode, made.stderr)


def test_an_examiner_proves_and_checks_without_extras() -> None:
    """Walking the log, proving and checking a proof: rules are read by nobody there."""
    ran = without_extras(
        "import streams.auditor.commands.verify, streams.auditor.commands.prove\n"
        "from streams.auditor.proof import check, prove\n"
        "from streams.policy.files import example\n"
        "texts = example()\n"
        "revision = prove.revision_of(*texts)\n"
        "made = prove._policy(texts, revision)\n"
        "print(prove._policy_of({'policy': made, 'policy_revision': revision}))"
    )

    assert 0 == ran.returncode, ran.stderr
    assert "the one that ruled; its rules were not read" in ran.stdout


def test_a_verifying_examiner_hears_what_the_base_does_not_look_at(home: Path) -> None:
    """Without Cedar the policy beside the log is left aside, with a line that says so."""
    ran = without_extras(
        "import sys\n"
        "from streams.auditor.commands import place, verify\n"
        "from streams.settings import load_settings\n"
        "from pathlib import Path\n"
        "class Place:\n"
        "    file = None\n"
        "    settings = load_settings(home=Path(sys.argv[1]))\n"
        "print(verify._policies(Place))",
        str(home),
    )

    assert (0, "{}\n") == (ran.returncode, ran.stdout), ran.stderr
    assert "phigate[gate]" in ran.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation that was made where everything is installed."""
    folder = tmp_path_factory.mktemp("extras") / "home"
    assert 0 == CliRunner().invoke(init, ["--home", str(folder)]).exit_code
    return folder


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        ("worker run admit --home {home}", "gate"),
        ("worker run fold --home {home}", "gate"),
        ("up --home {home}", "gate,embedded"),
        ("kafka up --home {home}", "embedded"),
        ("mask", "gate"),
        ("policy check {home}/policy", "gate"),
        ("doctor --home {home}", "gate"),
    ],
)
def test_a_command_names_the_extra_that_it_lacks(words: str, extra: str, home: Path) -> None:
    """Exit code 2, one line, and what to type; no traceback, and nothing begun."""
    before = sorted(home.rglob("*"))
    ran = phigate(*words.format(home=home).split())

    assert 2 == ran.returncode, ran.stderr
    assert "" == ran.stdout
    assert re.search(r"^(Error|phigate.*): this needs the package \w+, which is not installed$",
                     ran.stderr, re.MULTILINE), ran.stderr  # fmt: skip
    assert ran.stderr.endswith(f"pip install 'phigate[{extra}]'\n")
    assert before == sorted(home.rglob("*"))


def test_a_missing_extra_is_told_as_json_where_that_is_asked(home: Path) -> None:
    """One object, with the code and what to type."""
    ran = phigate("doctor", "--home", str(home), "--json")
    said = json.loads(ran.stdout)

    assert (2, "") == (ran.returncode, ran.stderr)
    assert ("extra_missing", "pip install 'phigate[gate]'") == (said["error"], said["hint"])


def test_what_is_of_no_extra_is_not_explained_away() -> None:
    """A module of ours that is not there is a fault of ours, and stays one."""
    error = ModuleNotFoundError("No module named 'streams.nowhere'", name="streams.nowhere")
    with pytest.raises(ModuleNotFoundError) as caught:
        extras.lacking(error)

    assert error is caught.value


def test_what_is_here_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`need` is silent about what is here, and names every extra of which something is not."""
    extras.need("gate", "embedded")
    monkeypatch.setitem(sys.modules, "jgo", None)
    with pytest.raises(OperatorError, match="jgo") as caught:
        extras.need("gate", "embedded")

    assert "pip install 'phigate[embedded]'" == caught.value.hint


def test_an_exception_is_told_by_its_class_alone_where_nothing_can_mask_it() -> None:
    """An executor without the gate's extra never lets a handler's text out unmasked."""
    ran = without_extras(
        "from streams.executor.scrub import LazyMasker, told\n"
        "print(told(ValueError('patient Ada Miller, MRN 4711'), LazyMasker()))"
    )

    assert ran.stdout.startswith("ValueError (message withheld"), ran.stderr
    assert "Miller" not in ran.stdout
