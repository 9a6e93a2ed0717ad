"""`phigate audit`, from a file and from a real broker."""

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from confluent_kafka.admin import NewTopic

from streams.audit.note import WitnessKey
from streams.auditor.commands.audit import audit
from streams.auditor.proof.pins import as_json
from streams.auditor.read.source import Stored, from_file, to_file
from streams.events import Effect
from streams.sealing import SealKey
from streams.settings import Settings, load_settings
from streams.signing import SigningKey
from streams.wire import client, topics
from tests.auditor.logs import (
    KEY,
    PERMITTED,
    PINS,
    REVIEWED,
    SLOW,
    Gate,
    decision,
    intent,
    log,
    story,
)

GOOD = story()
RECORDS = log(GOOD)
FIRST = len(GOOD.notes) + 1
PARTITIONS = 3


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    """Run one command as a person would, 80 columns wide."""
    given = [str(each) for each in arguments]
    return CliRunner().invoke(audit, given, env={"COLUMNS": "80", **(env or {})})


def export(tmp_path: Path, records: list[Stored]) -> Path:
    """Write an exported file."""
    file = tmp_path / f"{secrets.token_hex(4)}.jsonl"
    to_file(file, records)
    return file


def verify(file: Path, *more: str | Path, key: SigningKey = KEY) -> Result:
    """Verify a file with the public key alone."""
    return run("verify", "--file", file, "--key", key.public.text, *more)


def test_file_verifies_with_a_public_key_and_nothing_else(tmp_path: Path) -> None:
    """No directory, no broker, no settings: a file and a key."""
    said = verify(export(tmp_path, RECORDS))
    assert 0 == said.exit_code
    assert "verified: 11 entries in 1 shards, 2 grants" in said.output
    assert all(len(line) <= 80 for line in said.output.splitlines())


def test_break_is_named_and_exit_is_1(tmp_path: Path) -> None:
    """The first break is named with shard, index and kind, for people and for scripts."""
    file = export(tmp_path, RECORDS[: FIRST + 4] + RECORDS[FIRST + 5 :])
    said = verify(file)
    assert (1, True) == (said.exit_code, "BROKEN: shard 0, index 4: missing_entry" in said.output)
    told = json.loads(verify(file, "--json").output)
    assert (False, 0, 4, "missing_entry") == (
        told["verified"],
        told["broken"]["shard"],
        told["broken"]["index"],
        told["broken"]["kind"],
    )


def test_nothing_there_is_exit_3(tmp_path: Path) -> None:
    """An empty audit is never called verified."""
    said = verify(export(tmp_path, []))
    assert (3, True) == (said.exit_code, "nothing to verify" in said.output)
    assert not json.loads(verify(export(tmp_path, []), "--json").output)["verified"]


def longer() -> Gate:
    """Return the same log, an entry later."""
    gate = story()
    gate.write(REVIEWED, decision("dana"))
    return gate.rest()


def test_heads_show_a_truncated_log(tmp_path: Path) -> None:
    """The first run pins, later runs compare; a broken log never moves the pin."""
    pins = tmp_path / "heads.json"
    assert 0 == verify(export(tmp_path, RECORDS), "--head", pins).exit_code
    whole = verify(export(tmp_path, log(longer())), "--head", pins)
    assert (0, True) == (whole.exit_code, "continues what was seen" in whole.output)
    before = pins.read_text()
    short = verify(export(tmp_path, RECORDS), "--head", pins)
    assert (1, True) == (short.exit_code, "index 11: truncated" in short.output)
    assert 1 == verify(export(tmp_path, []), "--head", pins).exit_code  # not 3: it was there
    assert before == pins.read_text()


def test_a_bundle_and_public_keys_are_all_it_takes(tmp_path: Path) -> None:
    """With pinned people their signatures are checked; without, that is said."""
    file, keys = export(tmp_path, RECORDS), tmp_path / "keys.json"
    keys.write_text(json.dumps(as_json(PINS)))
    assert "were not checked" in verify(file).output
    said = run("verify", "--file", file, "--pins", keys)
    assert (0, False) == (said.exit_code, "were not checked" in said.output)
    sampled = run("verify", "--file", file, "--pins", keys, "--sample", "2")
    assert (0, True) == (sampled.exit_code, "one intent in 2" in sampled.output)


def test_a_witness_cosigns_and_can_be_demanded(tmp_path: Path) -> None:
    """Its notes go along in a file; a verifier who demands it is not satisfied without."""
    key = SigningKey.new("w1")
    key.save(tmp_path / "w1.key")
    file, out = export(tmp_path, RECORDS), tmp_path / "seen.jsonl"
    common = ("--file", file, "--key", KEY.public.text)
    sign = ("witness", "--sign", tmp_path / "w1.key", "--state", tmp_path / "w", "--out", out)
    said = run(*sign, *common)
    assert (0, True) == (said.exit_code, "2 notes cosigned by w1+" in said.output)
    demand = ("--witness", WitnessKey.of(key.public).text, "--quorum", "1")
    assert 1 == run("verify", *common, *demand).exit_code
    seen = run("verify", *common, *demand, "--notes", out)
    assert (0, True) == (seen.exit_code, "Witnessed: 11 of 11" in seen.output)
    other = Gate()
    other.write(SLOW, intent())
    less = export(tmp_path, log(other.rest()))
    gone = run(*sign, "--file", less, "--key", KEY.public.text)
    assert (1, True) == (gone.exit_code, "NOT cosigned" in gone.output)


def test_a_proof_is_written_and_checked(tmp_path: Path) -> None:
    """One file, checked by whoever holds the public key; an edit is named, exit code 1."""
    file, proof = export(tmp_path, RECORDS), tmp_path / "proof.json"
    key = ("--key", KEY.public.text)
    said = run("prove", REVIEWED, proof, "--file", file, *key)
    assert (0, True) == (said.exit_code, "7 entries proven" in said.output)
    told = run("check", proof, *key)
    assert (0, True) == (told.exit_code, "verified: 7 entries, in a tree of 11" in told.output)
    assert "not shown: that the intent has no further entries" in told.output
    proof.write_text(proof.read_text().replace('"masker_revision": "m"', '"masker_revision": "n"'))
    broken = run("check", proof, *key)
    assert (1, True) == (broken.exit_code, "bad_proof" in broken.output)
    assert 3 == run("prove", "ffff", proof, "--file", file, *key).exit_code
    cut = export(tmp_path, RECORDS[:-1])
    assert 1 == run("prove", REVIEWED, proof, "--file", cut, *key).exit_code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "--file", "none.jsonl", "--key", KEY.public.text], "cannot be read"),
        (["verify", "--file", "none.jsonl", "--key", "rubbish"], "name+hash+base64"),
        (["verify", "--file", "none.jsonl", "--home", "nowhere"], "there is no directory"),
        (["verify", "--home", "nowhere", "--key", KEY.public.text], "no broker is configured"),
        (["show", REVIEWED, "--home", "nowhere"], "no broker is configured"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    """No file, no key: exit 2; no broker: exit 5; and what to do."""
    monkeypatch.chdir(tmp_path)
    said = run(*arguments)
    code = 5 if "broker" in words else 2
    assert (code, True) == (said.exit_code, words in said.output)


def test_story_from_a_file(tmp_path: Path) -> None:
    """One intent's story needs no broker either; a beginning of the id is enough if unique."""
    file = export(tmp_path, RECORDS)
    said = run("show", PERMITTED, "--file", file)
    assert (0, True) == (said.exit_code, "GRANTED: grant" in said.output)
    assert 2 == run("show", "0192", "--file", file).exit_code
    assert 3 == run("show", "ffff", "--file", file).exit_code
    told = json.loads(run("show", REVIEWED, "--file", file, "--json").output)
    assert (REVIEWED, 7) == (told["intent_id"], len(told["entries"]))


# ---------------------------------------------------------------- on the real broker


def cluster(bootstrap: str, home: Path) -> tuple[Settings, dict[str, str]]:
    """Return settings with topics of their own and a directory, and the environment of a user."""
    prefix = f"t{secrets.token_hex(6)}."
    settings = load_settings(bootstrap=bootstrap, home=home, prefix=prefix)
    wanted = [
        each
        for each in topics.table()
        if each.name in {"audit", "cases", "checkpoints"} and not each.table
    ]
    new = [
        NewTopic(each.full_name(prefix), PARTITIONS, 1, config=each.config(1)) for each in wanted
    ]
    admin = client.admin(settings)
    for made in admin.create_topics(new).values():
        made.result(30)
    settings.directory.write_text(
        f"gate:\n  id: gate-of-tests\n  seal: {SealKey.new('s').public.text}\n"
        f"  grants: [{SigningKey.new('g').public.text}]\n  audit: [{KEY.public.text}]\n"
    )
    return settings, {
        "PHIGATE_HOME": str(home),
        "PHIGATE_BOOTSTRAP": bootstrap,
        "PHIGATE_PREFIX": prefix,
    }


def write(settings: Settings, records: list[Stored]) -> None:
    """Write records to the audit, each to the partition of its shard."""
    producer = client.producer(settings)
    for each in records:
        producer.produce(
            topics.name(settings, each.topic), each.value, each.key, partition=each.partition
        )
    assert 0 == producer.flush(30)


def told(env: dict[str, str], *more: str) -> dict[str, Any]:
    """Verify on the cluster and return what scripts are told."""
    found: dict[str, Any] = json.loads(run("verify", "--json", *more, env=env).stdout)
    return found


@pytest.mark.kafka
def test_audit_on_kafka_verifies_exports_and_tells(kafka: str, tmp_path: Path) -> None:
    """From the topic and from its export the same is found, repeats included."""
    settings, env = cluster(kafka, tmp_path)
    assert 3 == run("verify", env=env).exit_code
    other = Gate(1)
    other.write(SLOW, intent(Effect.FORBID))
    write(settings, log(GOOD, other.rest(), shards=3) + RECORDS[-5:])
    said = run("verify", env=env)
    assert (0, True) == (said.exit_code, "verified: 12 entries in 2 shards" in said.output)
    shards = told(env)["shards"]
    assert [(0, 11, 5), (1, 1, 0), (2, 0, 0)] == [
        (each["shard"], each["entries"], each["repeats"]) for each in shards
    ]

    file = tmp_path / "audit.jsonl"
    assert 0 == run("export", file, env=env).exit_code
    assert 17 == sum(each.topic == "audit" for each in from_file(file))
    assert 0 == verify(file).exit_code
    assert 2 == run("export", file, env=env).exit_code
    assert "GRANTED" in run("show", PERMITTED, env=env).output


@pytest.mark.kafka
def test_tampered_topic_is_broken(kafka: str, tmp_path: Path) -> None:
    """A value that somebody overwrote under its key is found, in place or after compaction."""
    settings, env = cluster(kafka, tmp_path)
    forged = replace(GOOD.records[3], value=GOOD.records[4].value)
    write(settings, [*RECORDS, forged])
    assert "wrong_key" == told(env)["broken"]["kind"]
    fresh, env = cluster(kafka, tmp_path)
    tombstone = Stored(0, 0, 0, GOOD.records[3].key, None)
    write(fresh, [*RECORDS, tombstone])
    assert ("undecodable", 3) == (told(env)["broken"]["kind"], told(env)["broken"]["index"])


@pytest.mark.kafka
def test_lag_behind_the_log_is_told(kafka: str, tmp_path: Path) -> None:
    """How far the audit is behind `cases` is information, not a break."""
    settings, env = cluster(kafka, tmp_path)
    write(settings, RECORDS)
    producer = client.producer(settings)
    for _ in range(13):
        producer.produce(topics.name(settings, "cases"), b"event", b"key", partition=0)
    producer.produce(topics.name(settings, "cases"), b"event", b"key", partition=2)
    producer.flush(30)
    found = told(env)
    assert (True, [2, 0, 1]) == (found["verified"], [each["behind"] for each in found["shards"]])
    assert "verified; 2 events behind the log" in run("verify", env=env).output
