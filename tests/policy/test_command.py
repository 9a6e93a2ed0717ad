"""`phigate policy check | test`, from a directory on disk."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.errors import PolicyError
from streams.home.policy import policy
from streams.policy.files import read_policies
from tests.facts import samples
from tests.gatehouse import Gatehouse

FIGURES = samples.FIGURES.model_dump(mode="json")
REQUEST = {"agent": "a", "action": "db.drop", "resource_type": "table", "resource_id": "patients"}


def _run(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(policy, [str(argument) for argument in arguments], input=stdin)


def test_check(written: Path) -> None:
    """A sound set exits 0 and lists every rule with what it asks, in 80 columns."""
    result = _run("check", written)

    assert 0 == result.exit_code
    assert "asks 2 of platform-oncall within" in result.output
    assert "32 rules on 9 actions. No problems." in result.output
    assert "whether people can answer was not looked at" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_check_warns_of_a_rule_that_nobody_can_answer(written: Path, tmp_path: Path) -> None:
    """Held against a home's directory: a misspelt group is told, with the rule that asks it."""
    house = Gatehouse.without_broker(tmp_path.parent / "house")
    home = ("--home", house.settings.home)
    rule = """@id("typo") @route("privacy-officer") @quorum("1") @within("PT4H")
    forbid (principal, action == Action::"db.query", resource)
    unless { context.reviews.contains("privacy-officer") };"""
    before = json.loads(_run("check", written, *home, "--json").output)["warnings"]
    (written / "typo.cedar").write_text(rule)
    result = _run("check", written, *home)
    found = json.loads(_run("check", written, *home, "--json").output)["warnings"]
    (line,) = [each for each in found if each not in before]
    assert "1 of privacy-officer must agree, and 0 who could sign" in line
    assert "that typo asks" in line
    assert 0 == result.exit_code
    assert f"{len(found)} warnings" in result.output


def test_check_json(written: Path) -> None:
    """`--json` prints one object with the revision, the actions and a row a rule."""
    found = json.loads(_run("check", written, "--json").output)

    assert ["actions", "revision", "rules", "warnings"] == sorted(found)
    (row,) = [row for row in found["rules"] if row["id"] == "phi-export-needs-privacy"]
    assert {
        "id": "phi-export-needs-privacy",
        "effect": "forbid",
        "actions": ["data.export"],
        "route": "privacy-officers",
        "quorum": 1,
        "within": "PT4H",
        "assurance": "key",
        "unmask": True,
        "reason": None,
        "file": "data.cedar",
        "line": row["line"],
    } == row


def test_check_names_the_line(written: Path) -> None:
    """A set that does not load exits 2 and says where and what to do."""
    (written / "zz.cedar").write_text('\n@id("a")\nforbid (principal, action, resource);')
    result = _run("check", written)

    assert 2 == result.exit_code
    assert "zz.cedar:2: a forbid needs @route" in result.output
    assert "phigate policy check" in result.output


def test_check_without_directory(tmp_path: Path) -> None:
    """A directory that is not there, or holds no schema, is a usage error."""
    assert 2 == _run("check", tmp_path / "none").exit_code
    assert "no schema.cedarschema here" in _run("check", tmp_path).output


@pytest.mark.parametrize("name", ["db.cedar~", "db.cedar.txt", "more"])
def test_nothing_is_silently_left_out(written: Path, name: str) -> None:
    """A file that would not be read is an error: a rule in it would silently not hold."""
    (written / name).mkdir() if name == "more" else (written / name).write_text("")
    with pytest.raises(PolicyError, match="not read: neither"):
        read_policies(written)


def test_notes_and_hidden_files_are_left_out(written: Path) -> None:
    """Notes and hidden files, as Kubernetes mounts them, are no policies."""
    before = read_policies(written)
    (written / "README.md").write_text("why")
    (written / "..data").mkdir()

    assert before == read_policies(written)


def test_not_utf8(written: Path) -> None:
    """A file that is not UTF-8 is named with the line."""
    (written / "bad.cedar").write_bytes(b"// ok\n// \xff\n")
    with pytest.raises(PolicyError, match=r"^bad\.cedar:2: not UTF-8"):
        read_policies(written)


@pytest.mark.parametrize(
    ("changes", "code", "expected"),
    [
        ({"attributes": {"env": "prod"}}, 1, "forbid: destructive_in_production"),
        ({"attributes": {"env": "dev"}}, 0, "1 of data-stewards within PT8H (drop-needs-stewards)"),
        ({"action": "db.query", "facts": FIGURES}, 0, "permit: permitted"),
        ({"action": "db.query"}, 0, "(row-query-needs-privacy)"),
        ({"action": "fly"}, 1, "forbid: unknown_action\n  policies: none matched"),
    ],
)
def test_dry_run(written: Path, changes: dict[str, object], code: int, expected: str) -> None:
    """A hypothetical request is ruled upon, and the exit code says whether the answer is no."""
    result = _run("test", written, "--request", "-", stdin=json.dumps(REQUEST | changes))

    assert code == result.exit_code
    assert expected in result.output


def test_dry_run_json(written: Path, tmp_path: Path) -> None:
    """`--json` prints the ruling as it would stand in the log."""
    request = tmp_path / ".request.json"
    request.write_text(json.dumps(REQUEST))
    ruling = json.loads(_run("test", written, "--request", request, "--json").output)

    assert ("forbid", "destructive_in_production") == (ruling["effect"], ruling["reason"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "the request is not JSON"),
        ("[" * 100_000, "the request is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"agent": "a"}', "action: Field required"),
        ('{"agent": "a", "secret": "John Smith"}', "secret: Extra inputs are not permitted"),
    ],
)
def test_dry_run_of_nonsense(written: Path, text: str, expected: str) -> None:
    """A request that does not read is a usage error that repeats no value."""
    result = _run("test", written, "--request", "-", stdin=text)

    assert 2 == result.exit_code
    assert expected in result.output
    assert "John Smith" not in result.output
