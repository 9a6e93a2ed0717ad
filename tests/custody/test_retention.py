"""What is kept how long is one table, and a hold keeps what it names until it is released."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from streams.auditor.ask.index import Index
from streams.cluster import shape
from streams.custody import holds, retention
from streams.custody.holds import Hold
from streams.errors import OperatorError
from streams.settings import load_settings
from streams.wire import client, topics
from tests.auditor.busy import clinic
from tests.auditor.clusters import cluster
from tests.auditor.logs import REVIEWED, log, story
from tests.auditor.test_search import export, run

INDEX = Index()
INDEX.add(clinic(days=4))
INTENTS = list(INDEX.intents())
HOLD = Hold("matter", "ref 26-114", "lena", 1_000, intents=(INTENTS[0].intent_id,))


def test_every_topic_is_in_the_table_as_it_is_kept(tmp_path: Path) -> None:
    """Names and times are those of the topics' own table; nothing is written down twice."""
    settings = load_settings(home=tmp_path)
    rows = {each.what: each for each in retention.table(settings)}
    for topic in topics.table():
        row = rows[topic.full_name(settings.prefix)]
        assert (topic.retention_ms, retention.HOLDS[topic.record]) == (row.kept_ms, row.holds)
    assert len(rows) == len(topics.table()) + len(retention.BESIDE)


def test_every_kind_of_record_says_what_it_holds() -> None:
    """A new topic can't come into the table without an answer."""
    records = {topic.record for topic in topics.table(["clinic"])}
    assert records <= set(retention.HOLDS)


@pytest.mark.parametrize(
    ("kept_ms", "words"),
    [(-1, "for ever"), (None, "yours to say"), (86_400_000, "1 day"), (7_200_000, "2 hours")],
)
def test_times_are_said_in_words(kept_ms: int | None, words: str) -> None:
    """As people say them."""
    assert words == retention.span(kept_ms)


def test_table_is_shown_and_told(tmp_path: Path) -> None:
    """For people within 80 columns, for scripts as JSON; without a broker."""
    shown = run("retention", "--home", tmp_path)
    assert (0, True) == (shown.exit_code, "for ever" in shown.output)
    assert all(len(line) <= 80 for line in shown.output.splitlines())
    told = json.loads(run("retention", "--home", tmp_path, "--json").output)
    assert {"phigate.audit", "phigate.intents"} <= {each["what"] for each in told["kept"]}


@pytest.mark.kafka
def test_cluster_that_keeps_another_time_is_told(kafka: str, tmp_path: Path) -> None:
    """Exit 1 and the setting, where the broker would delete what the table keeps."""
    settings, env = cluster(kafka, tmp_path)
    shape.apply(settings)
    good = run("retention", "--check", env=env)
    assert (0, True) == (good.exit_code, "keeps what the table says" in good.output)
    name = topics.name(settings, "cases")
    entry = ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
    changed = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
    admin = client.admin(settings)
    for done in admin.incremental_alter_configs([changed]).values():
        done.result(30)
    bad = run("retention", "--check", env=env)
    assert (1, True) == (bad.exit_code, f"{name}: retention.ms is 1000" in bad.output)


# ---------------------------------------------------------------- holds


def held(hold: Hold) -> set[str]:
    """Return the intents that a hold holds."""
    return {each.intent_id for each in INTENTS if hold.holds(each)}


def test_hold_holds_what_it_names_and_nothing_else() -> None:
    """These intents, and every one that fits all of the others that are named."""
    bare = replace(HOLD, intents=())
    assert {INTENTS[0].intent_id} == held(HOLD)
    assert set() == held(bare)
    by_agent = {each.intent_id for each in INTENTS if each.agent == "planner"}
    by_person = {e.intent_id for e in INTENTS if "dana" in e.decided_by.split(",")}
    assert by_agent == held(replace(bare, agent="planner"))
    assert by_person == held(replace(bare, person="dana"))
    assert by_agent & by_person == held(replace(bare, agent="planner", person="dana"))
    assert by_agent | {INTENTS[0].intent_id} == held(replace(HOLD, agent="planner"))
    middle = INTENTS[len(INTENTS) // 2].opened_ms
    early = held(replace(bare, to_ms=middle))
    late = held(replace(bare, from_ms=middle))
    assert early
    assert late
    assert {each.intent_id for each in INTENTS} == early | late
    assert set() == early & late


def test_register_goes_both_ways_and_keeps_its_lines(tmp_path: Path) -> None:
    """What was placed stands until it is released; no line ever goes."""
    file = tmp_path / "holds"
    assert {} == holds.standing(file)
    holds.place(file, HOLD)
    assert {"matter": HOLD} == holds.standing(file)
    assert ["matter"] == holds.holding(file, INTENTS[0])
    assert [] == holds.holding(file, INTENTS[1])
    before = file.read_bytes()
    holds.release(file, "matter", "lena", 2_000)
    assert {} == holds.standing(file)
    assert file.read_bytes().startswith(before)
    assert 0 == stat.S_IMODE(file.stat().st_mode) & 0o077


def code_of(call: object, *arguments: object) -> str:
    """Return the code of the error that a call ends with."""
    with pytest.raises(OperatorError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_hold_that_means_nothing_is_refused(tmp_path: Path) -> None:
    """Twice the same name, nothing named, nothing to release."""
    file = tmp_path / "holds"
    holds.place(file, HOLD)
    assert "hold_exists" == code_of(holds.place, file, HOLD)
    assert "empty_hold" == code_of(holds.place, file, replace(HOLD, name="b", intents=()))
    assert "no_hold" == code_of(holds.release, file, "b", "lena", 1)


@pytest.mark.parametrize("line", ["", "rubbish", "[]", '{"do": "release", "name": "x"}', "{" * 99])
def test_register_that_cannot_be_read_frees_nothing(tmp_path: Path, line: str) -> None:
    """Doubt means held: whoever asks gets an error that names the line, never `not held`."""
    file = tmp_path / "holds"
    holds.place(file, HOLD)
    with file.open("a") as register:
        register.write(line + "\n")
    assert "bad_holds" == code_of(holds.holding, file, INTENTS[0])
    with pytest.raises(OperatorError, match="line 2"):
        holds.standing(file)


def test_commands_place_list_check_and_release(tmp_path: Path) -> None:
    """As an operator types them; a check's exit code is the answer."""
    source = export(tmp_path, log(story()))
    at = ("--home", tmp_path)
    where = ("check", REVIEWED, "--file", source, *at)
    assert 0 == run("hold", *where).exit_code
    placed = run("hold", "place", "m1", "--why", "ref 1", "--person", "erin", "--as", "lena", *at)
    assert 0 == placed.exit_code, placed.output
    said = run("hold", *where)
    assert (1, True) == (said.exit_code, "held by m1" in said.output)
    assert "m1: ref 1 (lena" in run("hold", "list", *at).output
    assert ["m1"] == [e["name"] for e in json.loads(run("hold", "list", "--json", *at).output)]
    assert 0 == run("hold", "release", "m1", *at).exit_code
    assert 0 == run("hold", *where).exit_code
    assert 3 == run("hold", "check", "none", "--file", source, *at).exit_code
    assert 3 == run("hold", "release", "m1", *at).exit_code
