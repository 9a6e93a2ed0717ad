"""The doctor: a sound gate is said to be sound, and each planted fault is found, by its check."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from streams.clock import now_ms
from streams.directory import Directory
from streams.doctor import cluster, examine, home, reading, rules, waiting, workers
from streams.doctor.command import doctor
from streams.doctor.finding import Diagnosis, Level
from streams.errors import BrokerError
from streams.home.findings import unfilled
from streams.sealing.keyset import KeySet
from streams.settings import Settings
from streams.signing import SigningKey
from streams.wire import client, topics
from streams.wire.client import KafkaRecord as Stored
from streams.worker.up import alone
from tests.gatehouse import EXECUTOR, Gatehouse

GRANTS = f"approved.{EXECUTOR}"


@pytest.fixture
def house(tmp_path: Path) -> Gatehouse:
    """Return a gate without a broker."""
    return Gatehouse.without_broker(tmp_path)


def levels(found: Iterator[Diagnosis]) -> list[Level]:
    """Return how each finding stands."""
    return [each.level for each in found]


def one(found: Iterator[Diagnosis]) -> Diagnosis:
    """Return the only finding."""
    (only,) = found
    return only


def settings_with(house: Gatehouse, **changes: Any) -> Settings:
    """Return the gate's settings, some changed."""
    return house.settings.model_copy(update=changes)


# ---------------------------------------------------------------- files and keys


def test_a_key_that_others_can_read_is_at_risk(house: Gatehouse) -> None:
    """A file that the group alone can read is named, with what to do; a mended one is fine."""
    assert [Level.OK] == levels(home.permissions(house.settings))
    path = house.settings.keys / "grant.key"
    path.chmod(0o640)
    found = one(home.permissions(house.settings))
    assert (Level.RISK, f"chmod 600 {path}") == (found.level, found.todo)


def test_rules_that_others_can_write_are_at_risk(house: Gatehouse) -> None:
    """Whoever may write the directory or a policy decides who approves what."""
    house.settings.directory.chmod(0o666)
    next(house.settings.policies.glob("*.cedar")).chmod(0o662)
    assert [Level.RISK, Level.RISK] == levels(home.permissions(house.settings))


def test_an_old_key_is_told_with_its_age(house: Gatehouse) -> None:
    """A file of two years ago, and a master key that says so of itself."""
    assert [Level.OK] == levels(home.ages(house.settings))
    os.utime(house.settings.keys / "audit.key", (1_600_000_000, 1_600_000_000))
    path = house.settings.keys / "master.key"
    whole = json.loads(path.read_text())
    whole["keys"][0]["created"] = "2020-01-01T00:00:00+00:00"
    path.write_text(json.dumps(whole))
    assert KeySet.load(path, "master")
    found = one(home.ages(house.settings))
    assert Level.WARN is found.level
    assert "audit.key (" in found.said
    assert "master.key (" in found.said


def test_a_key_that_the_directory_does_not_name_is_at_risk(house: Gatehouse) -> None:
    """Grants signed by it would be refused."""
    assert [Level.OK] == levels(home.gate_keys(house.settings))
    SigningKey.new("gate-grant").save(house.settings.keys / "grant.key", force=True)
    assert [Level.RISK] == levels(home.gate_keys(house.settings))


def test_an_approvers_unlocked_key_is_told(house: Gatehouse) -> None:
    """A private key of a person on this machine without a passphrase; a locked one is fine."""
    people = house.settings.keys / "people"
    SigningKey.new("ada").save(people / "ada.key", "correct horse")
    assert [Level.OK] == levels(home.assurance(house.settings))
    SigningKey.new("bob").save(people / "bob.key")
    found = one(home.assurance(house.settings))
    assert (Level.WARN, True) == (found.level, "bob" in found.said)


@pytest.mark.parametrize("file", ["master.key", "release.key", "gate-seal.key"])
def test_a_lost_key_of_the_gate_is_at_risk(house: Gatehouse, file: str) -> None:
    """Never ok, on one machine with the embedded broker or not; the hint is the backup's."""
    (house.settings.keys / file).unlink()
    for bootstrap in ("", "kafka.example:9092"):
        settings = settings_with(house, bootstrap=bootstrap)
        found = list(home.gate_keys(settings))
        assert any(each.level is Level.RISK and file in each.said for each in found)
        assert all("backup" in each.todo for each in found)
        assert Level.RISK in levels(reading.provider(settings)) or file != "master.key"


@pytest.mark.parametrize("kept", [{"audit.key"}, {"grant.key", "release.key"}, set[str]()])
def test_a_machine_of_some_roles_misses_no_key_of_the_others(
    house: Gatehouse, kept: set[str]
) -> None:
    """Where the broker is elsewhere, a machine may hold what its own roles need, and no more."""
    for path in house.settings.keys.glob("*.key"):
        if path.name not in kept:
            path.unlink()
    settings = settings_with(house, bootstrap="kafka.example:9092")
    assert [Level.OK] == levels(home.gate_keys(settings))


# ---------------------------------------------------------------- four eyes


def policy(house: Gatehouse, text: str) -> None:
    """Put another policy in the place of the example."""
    for file in house.settings.policies.glob("*.cedar"):
        file.unlink()
    (house.settings.policies / "own.cedar").write_text(text)


def test_the_example_policy_keeps_four_eyes(house: Gatehouse) -> None:
    """Of the shipped policy and the tests' people nothing is at risk."""
    assert Level.RISK not in levels(rules.four_eyes(house.settings))


def test_phi_that_nobody_reviews_is_at_risk(house: Gatehouse) -> None:
    """A permit that unmasks without a route."""
    policy(house, '@id("all") @unmask("executor") permit (principal, action, resource);')
    found = list(rules.four_eyes(house.settings))
    assert {Level.RISK} <= set(levels(iter(found)))
    assert any("nobody reviews it" in each.said for each in found)


@pytest.mark.parametrize(
    ("condition", "at_risk"),
    [
        ("", True),
        ('when { context.facts.sql.read == "yes" }', True),
        ('when { context.facts.sql.aggregate == "yes" }', False),
        ('when { resource.hasTag("data") }', False),
    ],
)
def test_rows_that_nobody_reviews_are_at_risk(
    house: Gatehouse, condition: str, at_risk: bool
) -> None:
    """A query that may return rows of patients; a count may not, nor may what holds no patient."""
    scope = '(principal, action == Action::"db.query", resource)'
    policy(house, f'@id("q") permit {scope} {condition};')
    found = [each for each in rules.four_eyes(house.settings) if "rows of identified" in each.said]
    assert at_risk == bool(found)


REVIEWED = """
@id("all") permit (principal, action, resource);
@id("look") @route("privacy-officers") @quorum("{quorum}") @within("PT4H") @unmask("executor")
forbid (principal, action == Action::"data.export", resource)
unless {{ context.reviews.contains("privacy-officers") }};
"""


@pytest.mark.parametrize(("quorum", "stuck"), [(3, False), (4, True)])
def test_a_quorum_out_of_reach_is_told(house: Gatehouse, quorum: int, stuck: bool) -> None:
    """Three people are in the group: four of them are never found."""
    policy(house, REVIEWED.format(quorum=quorum))
    found = [each for each in rules.four_eyes(house.settings) if "too few people" in each.said]
    assert stuck == bool(found)


def test_the_owner_alone_in_a_group_is_told(house: Gatehouse) -> None:
    """Who answers for the agent may not review for it, so nobody can."""
    policy(house, REVIEWED.format(quorum=1))
    people = {"olga": ["privacy-officers"], "sam": ["security-officers"]}
    made = {n: {"groups": g, "keys": [house.people[n].public.text]} for n, g in people.items()}
    house.write_directory(people=made)
    found = [each for each in rules.four_eyes(house.settings) if "too few people" in each.said]
    assert found


def test_people_without_a_key_or_suspended_do_not_count(house: Gatehouse) -> None:
    """They could not sign, or would not be heard."""
    policy(house, REVIEWED.format(quorum=1))
    people = {
        "olga": {"groups": []},
        "petra": {"groups": ["privacy-officers"]},
        "paul": {
            "groups": ["privacy-officers"],
            "keys": [house.people["paul"].public.text],
            "status": "suspended",
        },
    }
    house.write_directory(people=people)
    found = [each for each in rules.four_eyes(house.settings) if "too few people" in each.said]
    assert found


def test_groups_of_a_provider_count(house: Gatehouse) -> None:
    """A person with a login alone may bring the groups that its provider's map gives."""
    policy(house, REVIEWED.format(quorum=1))
    issuer = "https://login.example"
    text = yaml.safe_load(house.settings.directory.read_text())
    text["oidc"] = [
        {"issuer": issuer, "audience": "phigate", "groups": {"po": ["privacy-officers"]}}
    ]
    text["people"] = {
        **{name: {"groups": []} for name in house.people},
        "petra": {"oidc": [{"issuer": issuer, "subject": "1"}]},
    }
    house.settings.directory.write_text(yaml.safe_dump(text))
    found = [each for each in rules.four_eyes(house.settings) if "too few people" in each.said]
    assert [] == found
    rule = {"id": "look", "route": "privacy-officers", "quorum": 1}
    assert [] == unfilled(Directory.load(house.settings.directory), [rule])


# ---------------------------------------------------------------- what guards PHI


def test_sealing_that_is_not_required_is_told(house: Gatehouse) -> None:
    """A warning with the setting that ends it."""
    assert Level.OK is one(reading.sealing(settings_with(house, require_sealed=True))).level
    assert Level.WARN is one(reading.sealing(house.settings)).level


def test_the_key_provider_is_asked(house: Gatehouse) -> None:
    """It wraps and opens; one that is away is at risk, over plain HTTP too."""
    assert Level.OK is one(reading.provider(house.settings)).level
    away = settings_with(
        house, key_provider="vault", vault_url="http://vault.example:1", key_tries=1
    )
    plain = next(reading.provider(away))
    assert (Level.RISK, True) == (plain.level, "in plain" in plain.said)
    here = settings_with(house, key_provider="vault", vault_url="http://127.0.0.1:1", key_tries=1)
    found = one(examine._guarded("key provider", reading.provider, here))
    assert Level.RISK is found.level


def test_the_masker_is_loaded(house: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its model is there and checked; one whose digest differs is at risk."""
    assert Level.OK is one(reading.masking(house.settings)).level

    def other(_: Path) -> str:
        return "0" * 64

    monkeypatch.setattr("streams.masking.names.model.digest_of", other)
    assert Level.RISK is one(examine._guarded("masking", reading.masking, house.settings)).level


def test_agents_that_others_can_speak_for_are_told(house: Gatehouse) -> None:
    """One without a key, where there are others; a suspended one asks for nothing."""
    key = SigningKey.new("bot-key").public.text
    signs = {"owner": "olga", "keys": [key], "acts_for": ["rita"]}
    bare = {"owner": "olga", "acts_for": []}
    gone = {**bare, "acts_for": [], "status": "suspended"}
    for agents, expected in (
        ({"bot": bare}, Level.OK),
        ({"bot": signs, "etl": bare}, Level.WARN),
        ({"bot": signs, "etl": gone}, Level.OK),
    ):
        house.write_directory(agents=agents)
        assert expected is one(home.agents(house.settings)).level
    house.write_directory(agents={"bot": bare, "etl": {**bare, "acts_for": []}})
    signed = settings_with(house, require_signed_intents=True)
    assert Level.OK is one(home.agents(signed)).level


# ---------------------------------------------------------------- the broker


def test_what_waits_for_a_role_that_nobody_does() -> None:
    """Records after the position; where there is none, all that are kept."""
    ends = {("cases", 0): (5, 9), ("cases", 1): (0, 3), ("cases", 2): (4, 4)}
    assert 5 == workers.waiting(ends, {("cases", 0): 7})
    assert 7 == workers.waiting(ends, {("cases", 0): 2})
    found = workers.unread("fold", 5)
    assert (Level.RISK, True) == (found.level, "5 records wait" in found.said)


def test_workers_older_than_the_directory_are_told(house: Gatehouse) -> None:
    """While `up` runs: the log names the policy alone, so a suspended person is not seen in it."""
    ready = house.settings.home / "workers" / "admit-0" / "ready"
    ready.parent.mkdir(parents=True)
    ready.touch()
    os.utime(ready, (1, 1))
    assert [] == list(workers.unread_files(house.settings))
    with alone(house.settings.home):
        found = one(workers.unread_files(house.settings))
        assert (Level.WARN, True) == (found.level, "admit-0" in found.said)
        os.utime(ready)
        assert [] == list(workers.unread_files(house.settings))


@pytest.mark.parametrize(
    ("members", "age_ms", "ends", "at", "expected"),
    [
        (1, 600_000, (0, 9), 3, Level.WARN),  # parked, or a handler that does not come back
        (0, 600_000, (0, 9), 3, Level.RISK),
        (0, 600_000, (0, 9), None, Level.RISK),  # nobody ever served it
        (1, 5_000, (0, 9), 3, Level.OK),
        (1, 600_000, (0, 9), 9, Level.OK),
        (1, 600_000, (9, 9), 3, Level.OK),  # what waited is deleted by now
        (1, 600_000, (0, 0), None, Level.OK),
    ],
)
def test_grants_that_wait_are_told(  # noqa: PLR0913, PLR0917 - the columns of the table
    house: Gatehouse,
    monkeypatch: pytest.MonkeyPatch,
    members: int,
    age_ms: int,
    ends: tuple[int, int],
    at: int | None,
    expected: Level,
) -> None:
    """A position that stands before an old grant is a line: its time goes by, and nobody sees."""
    seen: list[object] = []

    def records(
        _: object, topic: str, parts: list[int], starts: dict[int, int]
    ) -> Iterator[Stored]:
        seen.append(starts)
        for part in parts:
            yield Stored(topic, part, starts[part], now_ms() - age_ms, b"", b"", ())

    def positions(_: object, role: str) -> tuple[int, dict[tuple[str, int], int]]:
        assert role == f"executor-{EXECUTOR}"
        return members, {} if at is None else {(topics.name(house.settings, GRANTS), 0): at}

    monkeypatch.setattr(workers, "group", positions)
    name = topics.name(house.settings, GRANTS)
    monkeypatch.setattr(workers, "source_ends", lambda *_: {(name, 0): ends})
    monkeypatch.setattr(client, "records", records)
    found = one(waiting.grants(house.settings))
    assert expected is found.level
    assert seen in ([], [{0: ends[0] if at is None else at}])


@pytest.mark.parametrize(
    ("ruled", "at_ms", "expected"),
    [("a", 0, Level.OK), ("b", 2_000, Level.RISK), ("b", 500, Level.WARN)],
)
def test_workers_that_rule_by_older_files_are_told(ruled: str, at_ms: int, expected: Level) -> None:
    """Ruled on after the files had changed: at risk. Before: nobody can tell yet, so a word."""
    assert expected is workers.stale("a", ruled, at_ms, 1_000).level


@pytest.mark.parametrize(
    ("age_ms", "level", "word"),
    [(500, Level.OK, "within a second"), (3_600_000, Level.WARN, "cannot be told")],
)
def test_a_clock_ahead_is_not_said_to_be_right(age_ms: int, level: Level, word: str) -> None:
    """The log bounds it by the age of its newest record, and nothing else does."""
    found = cluster._not_behind(age_ms, 20, 300_000)
    assert (level, True) == (found.level, word in found.said)


@pytest.mark.parametrize(
    ("bootstrap", "kafka", "expected"),
    [
        ("127.0.0.1:9092", {}, [Level.WARN]),
        ("kafka.example:9092", {}, [Level.RISK]),
        ("127.0.0.1:9092,kafka.example:9092", {}, [Level.RISK]),
        ("kafka.example:9092", {"security.protocol": "SASL_PLAINTEXT"}, [Level.RISK]),
        ("kafka.example:9092", {"security.protocol": "SSL"}, [Level.WARN]),
        ("kafka.example:9092", {"security.protocol": "SASL_SSL"}, [Level.OK]),
        (
            "kafka.example:9092",
            {"security.protocol": "SASL_SSL", "enable.ssl.certificate.verification": "false"},
            [Level.OK, Level.RISK],
        ),
    ],
)
def test_how_the_broker_is_spoken_to(
    house: Gatehouse, bootstrap: str, kafka: dict[str, str], expected: list[Level]
) -> None:
    """What can be listened to from elsewhere is at risk; encrypted and named is fine."""
    found = cluster.security(settings_with(house, bootstrap=bootstrap, kafka=kafka))
    assert expected == levels(found)


def test_a_check_that_fails_ends_no_other(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error nobody expected is at risk, told by its type alone; the rest is said anyway."""

    def broken(_: Settings) -> Iterator[Diagnosis]:
        raise ZeroDivisionError("MRN 12345")
        yield

    monkeypatch.setitem(examine.CHECKS, "four eyes", broken)
    found = list(examine.examine(house.settings.home, "127.0.0.1:1"))
    assert set(examine.CHECKS) | {"settings"} == {each.check for each in found}
    said = next(each for each in found if each.check == "four eyes")
    assert (Level.RISK, "cannot be told: ZeroDivisionError") == (said.level, said.said)


def test_one_broken_file_is_told_once(house: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other checks that need it name the check that told it."""
    monkeypatch.setattr(examine, "NEEDS_BROKER", frozenset())
    house.settings.directory.write_text("gate: [")
    needs = ("four eyes", "directory", "gate keys")
    checks = {name: examine.CHECKS[name] for name in needs}
    monkeypatch.setattr(examine, "CHECKS", checks)
    _, *found = examine.examine(house.settings.home, "127.0.0.1:1")
    assert 1 == sum(str(house.settings.directory) in each.said for each in found)
    assert {"cannot be told: see four eyes"} == {each.said for each in found[1:]}


# ---------------------------------------------------------------- the command


def test_a_broker_that_is_away_is_exit_5(house: Gatehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs it is away, everything else is told; a risk beside it is exit 1."""

    def nobody(_: Settings) -> Iterator[Diagnosis]:
        raise BrokerError("nobody answers")
        yield

    monkeypatch.setitem(examine.CHECKS, "broker", nobody)
    arguments = ["--home", str(house.settings.home), "--bootstrap", "127.0.0.1:1"]
    result = CliRunner().invoke(doctor, arguments)
    assert 5 == result.exit_code, result.output
    (house.settings.keys / "master.key").chmod(0o644)
    result = CliRunner().invoke(doctor, [*arguments, "--json"])
    said = json.loads(result.stdout)
    assert (1, True) == (result.exit_code, said["at_risk"])
    risks = [each["check"] for each in said["findings"] if each["level"] == "risk"]
    assert {"permissions", "key provider", "key ages"} == set(risks)


def test_settings_that_do_not_load_are_a_finding(tmp_path: Path) -> None:
    """Even then there is a line, and exit code 1."""
    (tmp_path / "phigate.toml").write_text("partitons = 3")
    result = CliRunner().invoke(doctor, ["--home", str(tmp_path)])
    assert 1 == result.exit_code
    assert "did you mean `partitions`?" in result.output


@pytest.mark.kafka
def test_a_gate_that_runs_is_sound_and_its_faults_are_found(kafka: str, tmp_path: Path) -> None:
    """Topics, clocks and audit of a running gate are fine; without its audit they are not."""
    house = Gatehouse.up(kafka, tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.environment().items():
            patch.setenv(name, value)
        with house.workers():
            house.verdict(house.propose("db.query", {"sql": "SELECT 1"}))
            house.audited()
            busy = one(workers.consumers(house.settings))
            assert (Level.OK, True) == (busy.level, "1 admit (0 waiting)" in busy.said), busy
            ruled = list(workers.revision(house.settings))
            assert [Level.OK] == [each.level for each in ruled], ruled
        idle = list(workers.consumers(house.settings))
        assert [Level.RISK] * 3 == [each.level for each in idle], idle
        found = {each.check: each for each in examine.examine(None, None)}
        for name in ("broker", "topics", "clocks", "audit"):
            assert Level.OK is found[name].level, found[name]
        with house.workers(audit=0, fold=0):
            sent = house.propose("db.query", {"sql": "SELECT 2"})
            house.event(house.event_id("intents", place_of(house, sent)))
        patch.setenv("PHIGATE_AUDIT_BEHIND_MAX", "1")
        patch.setenv("PHIGATE_AUDIT_BEHIND_MS_MAX", "1000")
        late = settings_with(house, audit_behind_ms_max=0)
        assert Level.RISK is one(cluster.audit(late)).level
        stranger = yaml.safe_load(house.settings.directory.read_text())
        stranger["gate"]["audit"] = [SigningKey.new("gate-audit").public.text]
        house.settings.directory.write_text(yaml.safe_dump(stranger))
        said = [each.said for each in cluster.audit(late)]
        assert any("not a key that the directory pins" in each for each in said)


def place_of(house: Gatehouse, intent_id: str) -> tuple[int, int]:
    """Return where an intent stands."""
    records = house.records("intents")
    found = next(each for each in records if each.key == intent_id.encode())
    return found.partition, found.offset
