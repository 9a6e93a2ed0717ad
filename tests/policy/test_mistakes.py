"""`phigate policy check` on what loads and cannot be meant: each mistake is named, nothing else."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from streams.home.mistakes import NOBODY
from streams.home.policy import policy
from streams.masking.tokens import KINDS
from streams.policy.files import read_policies
from streams.policy.suspects import WORDS, HouseNames, suspects
from streams.signing import SigningKey
from tests.gatehouse import Gatehouse

EXAMPLE = read_policies(Path("streams/policy/example"))
REVIEWED = 'unless { context.reviews.contains("privacy-officers") }'


def rule(text: str, *, name: str = "planted", effect: str = "forbid", action: str = "") -> str:
    """Return one rule of this name on an action; a forbid asks the privacy officers."""
    notes = '@route("privacy-officers") @quorum("1") @within("PT4H")' if effect == "forbid" else ""
    on = f'action == Action::"{action}"' if action else "action"
    return f'@id("{name}") {notes}\n{effect} (principal, {on}, resource)\n{text};'


PLANTED = {
    "an agent that is not there": (
        "unknown-agent",
        rule(REVIEWED).replace("(principal,", '(principal == Agent::"reprot-agent",'),
    ),
    "an owner that is not there": (
        "unknown-person",
        rule(f'when {{ principal.owner == "oga" }} {REVIEWED}'),
    ),
    "a person by a pattern that fits nobody": (
        "unknown-person",
        rule(f'when {{ context.on_behalf_of like "dr-*" }} {REVIEWED}'),
    ),
    "a group of nobody": (
        "unknown-group",
        rule(REVIEWED).replace("privacy-officers", "privacy-oficers"),
    ),
    "a resource that is not there": (
        "unknown-resource",
        rule(REVIEWED).replace(", resource)", ', resource == Resource::"Database/clinc")'),
    ),
    "an id that is not there": (
        "unknown-resource",
        rule(f'when {{ resource.id == "labs" }} {REVIEWED}'),
    ),
    "a type that is not there": (
        "unknown-type",
        rule(f'when {{ resource.type == "Databse" }} {REVIEWED}'),
    ),
    "a type in a set": (
        "unknown-type",
        rule(f'when {{ ["Database", "Tabel"].contains(resource.type) }} {REVIEWED}'),
    ),
    "an environment that is not there": (
        "unknown-value",
        rule(f'when {{ resource.env == "production" }} {REVIEWED}'),
    ),
    "an attribute that nothing has": (
        "unknown-attribute",
        rule(f'when {{ resource.hasTag("dta") && resource.getTag("dta") == "x" }} {REVIEWED}'),
    ),
    "a kind of PHI that is none": (
        "unknown-kind",
        rule(f'when {{ context.phi.kinds.contains("NAME") }} {REVIEWED}'),
    ),
    "kinds of PHI, one of which is none": (
        "unknown-kind",
        rule(f'when {{ context.phi.kinds.containsAny(["MRN", "SNN"]) }} {REVIEWED}'),
    ),
    "a word that a fact never is": (
        "unknown-word",
        rule(f'unless {{ context.facts.sql.read == "true" }} {REVIEWED}'),
    ),
    "a requester that is none": (
        "unknown-word",
        rule(f'when {{ context.requester == "proved" }} {REVIEWED}'),
    ),
    "a review in `when`": (
        "lifts-backwards",
        rule('when { context.reviews.contains("privacy-officers") }'),
    ),
    "a review under two negations": (
        "lifts-backwards",
        rule('unless { !context.reviews.contains("privacy-officers") }'),
    ),
    "a review that nobody is asked for": (
        "nobody-asked",
        rule('when { context.reviews.contains("it-manager") }', effect="permit"),
    ),
    "a permit until somebody agrees": (
        "lifts-backwards",
        rule(REVIEWED, effect="permit"),
    ),
    "a condition that never holds": ("never-applies", rule(f"when {{ false }} {REVIEWED}")),
    "an exception that always holds": ("never-applies", rule(f"unless {{ true }} {REVIEWED}")),
    "the same rule twice": (
        "repeated",
        f"{rule(REVIEWED, name='first')}\n{rule(REVIEWED)}",
    ),
    "a rule below one that forbids all": (
        "shadowed",
        '@id("none") @reason("no_drops")\n'
        'forbid (principal, action == Action::"db.drop", resource);\n'
        + rule(REVIEWED, action="db.drop"),
    ),
}


@pytest.fixture
def house(tmp_path: Path) -> Gatehouse:
    """Return a gate without a broker."""
    return Gatehouse.without_broker(tmp_path / "home")


def check(house: Gatehouse, files: dict[str, str], *words: str) -> Result:
    """Check a set against the house's directory."""
    folder = house.settings.home / "tried"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "schema.cedarschema").write_text(EXAMPLE[1])
    words = ("check", str(folder), "--home", str(house.settings.home), *words)
    return CliRunner().invoke(policy, words)


def found(house: Gatehouse, files: dict[str, str]) -> list[dict[str, object]]:
    """Return the mistakes that are told, those of who can lift apart."""
    told = json.loads(check(house, files, "--json").output)["mistakes"]
    return [each for each in told if each["code"] not in {NOBODY, "nothing-permits"}]


ANYTHING = '@id("all") permit (principal, action, resource);\n'
SOUND = ANYTHING + rule(REVIEWED, name="asks", action="data.export")


@pytest.mark.parametrize("planted", PLANTED)
def test_each_planted_mistake_is_named(house: Gatehouse, planted: str) -> None:
    """By its code, its rule, its file and its line; with exit code 2."""
    code, text = PLANTED[planted]
    files = {
        "a.cedar": ANYTHING + rule(REVIEWED, name="asks", action="data.export"),
        "b.cedar": text,
    }
    told = found(house, files)
    assert code in {each["code"] for each in told}, told
    mine = [each for each in told if each["code"] == code]
    assert {("planted", "b.cedar")} == {(each["rule"], each["file"]) for each in mine}
    line = int(str(mine[0]["line"]))
    assert text.splitlines()[line - 1].strip()
    assert 2 == check(house, files).exit_code


def test_all_of_them_in_one_folder(house: Gatehouse, tmp_path: Path) -> None:
    """Twenty at once are twenty lines, and as many results in SARIF."""
    files = {"a.cedar": SOUND}
    for number, (_, text) in enumerate(PLANTED.values()):
        files[f"p{number:02}.cedar"] = re.sub(r'@id\("(\w+)"\)', rf'@id("\1-{number}")', text)
    place = tmp_path / "found.sarif"
    result = check(house, files, "--sarif", str(place))
    told = {each["file"] for each in found(house, files)}
    assert set(files) - {"a.cedar"} <= told
    made = json.loads(place.read_text())
    assert "2.1.0" == made["version"]
    results = made["runs"][0]["results"]
    assert result.output.count("mistake: ") == len(results)
    ids = {each["id"] for each in made["runs"][0]["tool"]["driver"]["rules"]}
    assert ids == {each["ruleId"] for each in results}


def test_the_example_has_none() -> None:
    """Neither by itself nor in a house that has all that it names."""
    files, schema = EXAMPLE
    assert () == suspects(files, schema)
    everything = HouseNames(
        agents=frozenset(),
        people=frozenset({"ada"}),
        groups=frozenset(re.findall(r'@route\("([^"]+)"\)', "\n".join(files.values()))),
        resources=frozenset({"Database/*", "Table/*", "Mail/*", "Intent/*"}),
        attributes={"env": frozenset({"prod"}), "data": frozenset({"identified", "deidentified"})},
        kinds=KINDS,
    )
    codes = {each.code for each in suspects(files, schema, everything)}
    assert codes <= {"unknown-value", "unknown-type"}


def test_an_action_that_nothing_permits(house: Gatehouse) -> None:
    """It is named at its line of the schema."""
    told = json.loads(
        check(
            house,
            {"a.cedar": '@id("a") permit (principal, action == Action::"db.query", resource);'},
            "--json",
        ).output
    )["mistakes"]
    idle = [each for each in told if each["code"] == "nothing-permits"]
    assert 8 == len(idle)
    lines = EXAMPLE[1].splitlines()
    for each in idle:
        action = re.search(r"permits (\S+),", each["reason"])
        assert action
        assert f'"{action[1]}"' in lines[each["line"] - 1]


def test_who_can_lift(house: Gatehouse) -> None:
    """A group of one whose only person owns the agent: nobody is left for what that agent asks."""
    made = yaml.safe_load(house.settings.directory.read_text())
    olga = made["people"]["olga"]
    made["people"] = {"olga": {**olga, "groups": ["privacy-officers"]}}
    made["agents"]["bot"]["acts_for"] = []
    house.settings.directory.write_text(yaml.safe_dump(made))
    files = {"a.cedar": ANYTHING + rule(REVIEWED, name="asks")}
    told = json.loads(check(house, files, "--json").output)["mistakes"]
    (one,) = [each for each in told if each["code"] == NOBODY]
    assert "as its owner" in str(one["reason"])
    paul = SigningKey.new("paul").public.text
    made["people"]["paul"] = {"keys": [paul], "groups": ["privacy-officers"]}
    house.settings.directory.write_text(yaml.safe_dump(made))
    told = json.loads(check(house, files, "--json").output)["mistakes"]
    assert [] == [each for each in told if each["code"] == NOBODY]


def test_the_words_of_facts_are_the_schemas() -> None:
    """Each fact that has a closed list of words is in the schema, and so is each word."""
    schema = EXAMPLE[1]
    for path, words in WORDS.items():
        name = path.rpartition(".")[2]
        assert f'"{name}":' in schema, path
        assert all(word in schema or word in {"one", "many", "none", "known"} for word in words), (
            path
        )
