"""Search finds what was asked for, and says of each whether it is verified."""

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.auditor.ask.index import Belief, Index
from streams.auditor.ask.search import Query, caveats, lines, search
from streams.auditor.commands.audit import audit
from streams.auditor.proof.check import check
from streams.auditor.proof.pins import Pins
from streams.auditor.read.period import Period, parse
from streams.auditor.read.source import Stored, to_file
from streams.errors import OperatorError
from streams.events import Assurance
from tests.auditor.busy import clinic
from tests.auditor.clusters import cluster, write
from tests.auditor.logs import (
    KEY,
    PERMITTED,
    REVIEWED,
    SLOW,
    T0,
    Gate,
    all_note,
    decision,
    intent,
    log,
    outcome,
    story,
)

BUSY = clinic(days=8)
INDEX = Index()
INDEX.vouch(check(INDEX.passing(BUSY), Pins((KEY.public,))))
ALL = list(INDEX.intents())


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    """Run one command, 80 columns wide."""
    given = [str(each) for each in arguments]
    return CliRunner().invoke(audit, given, env={"COLUMNS": "80", **(env or {})})


def export(folder: Path, records: list[Stored]) -> Path:
    """Write an exported file."""
    file = folder / f"{secrets.token_hex(4)}.jsonl"
    to_file(file, records)
    return file


def asked(**query: Any) -> set[str]:
    """Return the intents that a query finds."""
    return {each.intent_id for each in search(INDEX, Query(**query), 10_000).intents}


def expected(holds: Any) -> set[str]:
    """Return the intents for which this holds; a test whose answer is nothing shows nothing."""
    found = {each.intent_id for each in ALL if holds(each)}
    assert found
    assert found != {each.intent_id for each in ALL}
    return found


def test_each_filter_finds_exactly_what_fits() -> None:
    """Agent, action, resource, verdict, outcome, time: each by itself."""
    assert expected(lambda e: e.agent == "planner") == asked(agent="planner")
    assert expected(lambda e: e.action == "db.query") == asked(action="db.query")
    assert expected(lambda e: e.resource_id == "clinic") == asked(resource="Database/clinic")
    assert expected(lambda e: e.resource_type) == asked(resource="Database")
    assert expected(lambda e: e.state == "expired") == asked(verdict="expired")
    assert expected(lambda e: e.outcome == "unknown") == asked(outcome="unknown")
    middle = sorted(e.opened_ms for e in ALL)[len(ALL) // 2]
    assert expected(lambda e: e.opened_ms >= middle) == asked(period=Period(middle))
    assert expected(lambda e: e.opened_ms < middle) == asked(period=Period(None, middle))
    assert set() == asked(agent="nobody")


def test_person_is_whoever_had_a_part() -> None:
    """Who it was for, who decided, and who tried to and was refused."""
    assert expected(lambda e: e.behalf == "rita") == asked(person="rita")
    deciders = expected(lambda e: "dana" in e.decided_by.split(","))
    assert deciders <= asked(person="dana")
    tried = {fact.intent_id for fact in INDEX.facts("person = 'mallory'")}
    assert tried
    assert tried == asked(person="mallory")
    assert asked(person="olga") == {e.intent_id for e in ALL if e.owner == "olga"}


def test_reason_is_of_the_verdict_or_of_any_event() -> None:
    """A refused decision is found by its reason, although the case went on."""
    found = asked(reason="requester_may_not_review")
    assert found == {f.intent_id for f in INDEX.facts("reason = 'requester_may_not_review'")}
    assert expected(lambda e: e.reason == "deadline_passed") == asked(reason="deadline_passed")
    assert asked(reason="bad_signature")


def test_what_is_named_has_to_hold_together() -> None:
    """Filters narrow each other."""
    both = asked(agent="planner", verdict="granted")
    assert asked(agent="planner") & asked(verdict="granted") == both


def test_words_of_a_person_are_never_sql() -> None:
    """Quotes, wildcards and statements find nothing and change nothing."""
    for nasty in ("' OR 1=1 --", "%", "planner'; DROP TABLE facts; --", "\x00"):
        assert set() == asked(agent=nasty) | asked(person=nasty) | asked(resource=nasty)
    assert len(ALL) == len(asked())


def test_newest_come_first_and_the_rest_is_counted() -> None:
    """A limit never hides that there is more."""
    found = search(INDEX, Query(), 3)
    times = [each.opened_ms for each in found.intents]
    assert sorted(times, reverse=True) == times
    assert (3, len(ALL)) == (len(found.intents), found.total)
    assert any(f"3 of {len(ALL)} intents" in line for line in lines(found))


def test_every_line_fits_the_terminal() -> None:
    """Nothing runs over, and nobody's text acts on the terminal."""
    text = list(lines(search(INDEX, Query(), 10_000)))
    assert all(len(line) <= 80 and line.isprintable() for line in text)


def test_only_a_shard_with_entries_can_be_unverified() -> None:
    """An empty one has nothing to doubt; a broken one is told whatever is found."""
    empty = Belief(shard=0, entries=0, through=None, head=None, broken=None, kind=None)
    full = replace(empty, shard=1, entries=2)
    broken = replace(full, shard=2, broken=1, kind="missing_entry")
    told = list(caveats([empty, full, broken], {}))
    assert ["shard 1;", "shard 2 "] == [line.removeprefix("NOT VERIFIED: ")[:8] for line in told]


def test_file_is_searched_without_a_broker(tmp_path: Path) -> None:
    """With the key it is verified, without it is said not to be; nothing found is exit 3."""
    file = export(tmp_path, log(story()))
    good = run("search", "--file", file, "--key", KEY.public.text, "--verdict", "granted")
    assert (0, True) == (good.exit_code, "2 intents" in good.output)
    assert "NOT VERIFIED" not in good.output
    bare = run("search", "--file", file, "--home", tmp_path / "none", "--json")
    told = json.loads(bare.stdout)
    assert [False] * 3 == [each["verified"] for each in told["intents"]]
    assert 3 == run("search", "--file", file, "--agent", "x", "--home", tmp_path).exit_code


@pytest.mark.parametrize(
    ("first", "last", "expected_ms"),
    [
        ("2026-02-02", "2026-02-02", (1_769_990_400_000, 1_770_076_800_000)),
        ("2026-02-02T02:40", None, (T0, None)),
        (None, "2026-02-02T03:40:00+01:00", (None, T0)),
        (None, None, (None, None)),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(
    first: str | None, last: str | None, expected_ms: tuple[int | None, int | None]
) -> None:
    """A bare date as the end is that whole day."""
    found = parse(first, last)
    assert expected_ms == (found.from_ms, found.to_ms)


@pytest.mark.parametrize(
    ("first", "last"),
    [("yesterday", None), ("2026-13-01", None), ("2026-02-03", "2026-02-02"), ("0001-01-01", None)],
)
def test_what_is_no_period_is_an_error(first: str, last: str | None) -> None:
    """With the form that is meant."""
    with pytest.raises(OperatorError) as caught:
        parse(first, last)
    assert ("bad_time", True) == (caught.value.code, "2026-11-01" in caught.value.hint)


def found_in(env: dict[str, str], *more: str) -> dict[str, Any]:
    """Search on the cluster and return what scripts are told."""
    told: dict[str, Any] = json.loads(run("search", "--json", *more, env=env).stdout)
    return told


@pytest.mark.kafka
def test_index_of_a_topic_follows_it(kafka: str, tmp_path: Path) -> None:
    """It reads on from where it was, marks what is not verified yet, starts afresh on demand."""
    settings, env = cluster(kafka, tmp_path)
    gate = story()
    write(settings, log(gate, shards=3))
    first = found_in(env)
    assert (3, [True] * 3) == (first["total"], [e["verified"] for e in first["intents"]])
    late = [gate.write(PERMITTED, outcome(PERMITTED)), gate.write(SLOW, None)]
    write(settings, gate.records[-len(late) :])
    later = found_in(env)
    verified = {each["intent_id"]: each["verified"] for each in later["intents"]}
    assert {REVIEWED: True, PERMITTED: False, SLOW: True} == verified
    assert 10 == later["index"][0]["through"]
    write(settings, [*gate.rest().notes[-1:], all_note([gate], 3)])
    again = found_in(env, "--verify")
    assert all(each["verified"] for each in again["intents"])
    assert again["intents"] == found_in(env, "--rebuild")["intents"]
    assert (tmp_path / "audit-index.sqlite").exists()


def test_a_level_of_assurance_and_a_delegator_are_found() -> None:
    """How somebody was known, and for whom somebody decided, can be asked."""
    gate = Gate()
    gate.write(REVIEWED, intent())
    gate.write(PERMITTED, intent())
    changes: Any = {"assurance": Assurance.OIDC, "stands_for": ("gina",)}
    gate.write(REVIEWED, decision("dana").model_copy(update=changes))
    gate.write(PERMITTED, decision("dana", intent_id=PERMITTED))
    with Index() as index:
        index.add(log(gate))
        for query, found in (
            (Query(assurance="oidc"), {REVIEWED}),
            (Query(assurance="key"), {PERMITTED}),
            (Query(person="gina"), {REVIEWED}),
            (Query(person="gin"), set()),
        ):
            assert found == {each.intent_id for each in search(index, query).intents}
