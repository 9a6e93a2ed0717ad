"""`phigate try` says what a gate would: all of admission, and nothing that a gate keeps."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.__main__ import phigate
from tests.gatehouse import Gatehouse

COUNT = "SELECT gender, count(*) AS n FROM patients GROUP BY gender"


def asked(**changes: Any) -> dict[str, Any]:
    """Return an intent that is permitted at once, each part changed by name."""
    whole = {
        "agent": "bot",
        "on_behalf_of": "rita",
        "action": "db.query",
        "resource": {"type": "Database", "id": "clinic"},
        "params": {"sql": COUNT},
        "justification": "Figures for the board",
    }
    return {**whole, **changes}


def tried(
    intent: object, *options: str, home: Path | None = None, away: Path = Path("/nonexistent")
) -> Result:
    """Return what the command says; `intent` is written to its standard input."""
    data = intent if isinstance(intent, str) else json.dumps(intent)
    where = ["--home", str(home)] if home else []
    environment = {"PHIGATE_HOME": str(away)}
    return CliRunner().invoke(phigate, ["try", "-", *options, *where], input=data, env=environment)


def line(result: Result) -> dict[str, Any]:
    """Return the one line of JSON."""
    (text,) = result.stdout.splitlines()
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_harmless_query_without_a_home() -> None:
    """The example policy rules, and it is said that there is no home."""
    result = tried(asked(), "--json")
    told = line(result)
    assert (0, True) == (result.exit_code, "no home here" in result.stderr)
    assert {"masked", "whole", "why_not_whole", "phi", "unsure", "facts", "ruling"} == set(told)
    assert (True, [], {}, 0) == (told["whole"], told["why_not_whole"], told["phi"], told["unsure"])
    assert {"sql": COUNT} == told["masked"]["params"]
    assert ("yes", "one") == (told["facts"]["sql"]["read"], told["facts"]["sql"]["statements"])
    assert "permit" == told["ruling"]["effect"]


@pytest.mark.parametrize(
    ("changes", "effect", "reason"),
    [
        ({"params": {"sql": "SELECT 1; DROP TABLE patients; --"}}, "forbid", "not_a_read"),
        ({"params": {"sql": "SELECT * FROM patients"}}, "review", "review_required"),
        ({"action": "data.export"}, "review", "review_required"),
        ({"action": "data.export", "params": {"table": "patients"}}, "review", "review_required"),
        ({"action": "db.drop", "params": {"table": "x"}}, "forbid", "destructive_in_production"),
    ],
)
def test_what_an_agent_may_not_do_at_once(
    changes: dict[str, Any], effect: str, reason: str
) -> None:
    """The ruling is the policy's, on the facts that were read."""
    told = line(tried(asked(**changes), "--json"))["ruling"]
    assert (effect, reason) == (told["effect"], told["reason"])
    assert ("review" == effect) == bool(told["routes"])


def test_phi_is_masked_and_counted() -> None:
    """What a reviewer would see holds no name, nor does anything else of the line."""
    sql = "SELECT phone FROM patients WHERE name = 'Carolee Sanford'"
    result = tried(asked(params={"sql": sql}, justification="For Carolee Sanford"), "--json")
    told = line(result)
    assert told["phi"].get("PERSON")
    assert "Sanford" not in result.stdout
    assert "privacy-officers" == told["ruling"]["routes"][0]["group"]


@pytest.mark.parametrize(
    ("intent", "code"),
    [
        ("{", "bad_json"),
        ('{"agent": "a", "agent": "b"}', "bad_json"),
        ("[" * 10_000 + "]" * 10_000, "too_deep"),
        ([], "bad_intent"),
        (asked(agent=1), "bad_intent"),
        (asked(resource="Database/clinic"), "bad_intent"),
        (asked(extra=1), "bad_intent"),
        (asked(action="fly"), "unknown_action"),
        (asked(params="x" * 300_000), "too_large"),
    ],
)
def test_what_a_gate_refuses_at_the_door(intent: object, code: str) -> None:
    """One line with the code, and exit code 1."""
    result = tried(intent, "--json")
    assert (1, {"refused": code}) == (result.exit_code, line(result))


def test_with_a_home_its_directory_and_policy_rule(tmp_path: Path) -> None:
    """Who is not in it is refused; its policy is asked; no key is read."""
    house = Gatehouse.without_broker(tmp_path)
    for key in house.settings.keys.rglob("*.key"):
        key.unlink()
    home = house.settings.home
    assert "permit" == line(tried(asked(), "--json", home=home))["ruling"]["effect"]
    for changes, code in (
        ({"agent": "stranger"}, "unknown_agent"),
        ({"on_behalf_of": "nobody"}, "unknown_person"),
        ({"resource": {"type": "Database", "id": "x"}}, "unknown_resource"),
        ({"resource": {"type": "Database", "id": "lab", "attributes": {}}}, ""),
        (
            {"resource": {"type": "Database", "id": "lab", "attributes": {"data": "x"}}},
            "bad_intent",
        ),
    ):
        told = line(tried(asked(**changes), "--json", home=home))
        assert code == told.get("refused", ""), changes
    (house.settings.policies / "no.cedar").write_text(
        '@id("no") @reason("never") forbid (principal, action, resource);'
    )
    assert "never" == line(tried(asked(), "--json", home=home))["ruling"]["reason"]


def test_a_home_that_is_named_must_be_there(tmp_path: Path) -> None:
    """Nobody is told of another policy than the one that was asked for."""
    result = tried(asked(), "--json", home=tmp_path / "none")
    assert 2 == result.exit_code
    assert "there is no directory" in result.output


def test_the_line_is_ascii_and_one() -> None:
    """However odd the texts: what an agent wrote cannot draw on a terminal or end a line."""
    odd = "a\u202eb\u2028c\U0001f600\x1b[2J"
    result = tried(asked(justification=odd), "--json")
    assert result.stdout.isascii()
    assert odd == line(result)["masked"]["justification"]


def test_in_words() -> None:
    """Without --json, a person reads the ruling, the facts and what a reviewer would see."""
    text = tried(asked()).stdout
    for said in ("permit: permitted", "sql.read=yes", "a reviewer sees:", '"action": "db.query"'):
        assert said in text
