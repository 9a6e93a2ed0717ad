"""Shredding on the real broker: no key opens the payload any more, and all evidence stands."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.auditor.ask import story
from streams.auditor.ask.summary import Summary
from streams.auditor.proof import prove
from streams.auditor.proof.check import Evidence, read
from streams.auditor.proof.pins import of_directory
from streams.auditor.read.source import evidence, from_kafka
from streams.clock import now_ms
from streams.custody import holds, shred
from streams.errors import InputError
from streams.events import AuditEntry, IntentAdmitted
from streams.sealing import LocalKeyFile, Purpose, ReleaseKey, open_body
from streams.sealing.keyset import KeySet, StoredKey
from streams.sealing.symmetric import sub_key, unlock_joined
from tests.gatehouse import EXECUTOR, Gatehouse, new_id

SECRET = "Ottilie Quellbrunn"
PARAMS = {"sql": "SELECT phone FROM patients", "name": SECRET}


@dataclass
class Played:
    """A gate that runs, and two intents that were reviewed and granted with their payload."""

    house: Gatehouse
    gone: str
    kept: str
    officer: Path


@pytest.fixture(scope="module")
def played(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Return a gate with two intents, granted and audited, and an officer's key."""
    house = Gatehouse.up(kafka, tmp_path_factory.mktemp("shred"))
    gone, kept = (house.propose("data.export", PARAMS) for _ in range(2))
    officer = tmp_path_factory.mktemp("officer") / "sam.key"
    house.people["sam"].save(officer)
    with house.workers():
        for intent_id in (gone, kept):
            house.decide("petra", house.request(intent_id))
        for intent_id in (gone, kept):
            assert house.grant(intent_id).release is not None
        assert not house.audited().broken
        yield Played(house, gone, kept, officer)


def admitted(house: Gatehouse, intent_id: str) -> IntentAdmitted:
    """Return the intent's first event."""
    body = house.events_of(intent_id)[0].body
    assert isinstance(body, IntentAdmitted)
    return body


def entries(house: Gatehouse, intent_id: str) -> list[Any]:
    """Return the intent's newest entries, as the audit topic has them."""
    newest = {}
    for record in from_kafka(house.settings):
        _, item = read(record)
        assert isinstance(item, AuditEntry)
        if item.intent_id == intent_id:
            newest[item.index] = item
    return list(newest.values())


def command(house: Gatehouse, *words: str) -> Result:
    """Run `phigate shred`."""
    from streams.custody.shred_command import shred as command_  # noqa: PLC0415 - the command

    env = {**house.environment(), "COLUMNS": "100"}
    return CliRunner().invoke(command_, words, env=env)


@pytest.mark.kafka
def test_what_may_not_be_shredded(played: Played) -> None:
    """Held, still open, nobody asked, nobody's key: each is a no that destroys nothing."""
    house, register = played.house, played.house.settings.home / holds.FILE
    key = ("--key", str(played.officer), "--reason", "test")
    holds.place(register, holds.Hold("smith", "subpoena", "ada", 1, intents=(played.gone,)))
    assert (1, "held by smith") == told(command(house, played.gone, *key, "--yes"))
    holds.release(register, "smith", "ada", 2)
    waits = house.propose("data.export", PARAMS)
    house.request(waits)
    house.audited()
    assert (1, "still open") == told(command(house, waits, *key, "--yes"))
    assert (2, "cannot be undone") == told(command(house, played.gone, *key))
    assert (3, "no such intent") == told(command(house, new_id(), *key, "--yes"))
    petra = played.officer.with_name("petra.key")
    house.people["petra"].save(petra, force=True)
    said = command(house, played.gone, "--key", str(petra), "--reason", "test", "--yes")
    assert (1, "is no officer") == told(said)
    provider = LocalKeyFile.load(house.settings.keys / "master.key")
    assert () == provider.file.current().shredded


@pytest.mark.kafka
def test_shredded_is_unreadable_and_every_proof_stands(played: Played, tmp_path: Path) -> None:
    """One of two intents is shredded: verify, an older proof, search and the other one hold."""
    house, gone = played.house, played.gone
    proof = tmp_path / "proof.json"
    proof.write_text(prove.prove(walked(house), entries(house, gone), None))
    before = [(e.leaf, e.signature) for e in entries(house, gone)]
    roots = [key.key for key in keys(house, "master") + keys(house, "release")]
    assert all(roots)

    words = ("--key", str(played.officer), "--reason", "Erasure request 26-114", "--yes", "--json")
    done = command(house, gone, *words)
    assert 0 == done.exit_code, done.output
    said = json.loads(done.stdout)
    house.event(said["order_event_id"])
    assert [True, True] == [each["had_it"] for each in said["keys"]]
    assert said["events_erased"] == len(before) == 2

    assert_evidence_stands(house, gone, proof, before)
    assert_nothing_opens(house, gone, [root for root in roots if root])
    assert_other_opens(house, played.kept)

    again = json.loads(command(house, gone, *words).stdout)  # a run that was cut off is run again
    assert [False, False] == [each["had_it"] for each in again["keys"]]
    assert 0 == again["events_erased"]


@pytest.mark.kafka
def test_what_is_left_is_told(played: Played) -> None:
    """The raw intent and the grant open until retention; everything else shows masked views."""
    found = summary(played.house, played.gone)
    left = list(shred.left(played.house.settings, found, now_ms()))
    opening = [each.where.removeprefix(played.house.settings.prefix) for each in left if each.opens]
    assert ["intents", f"approved.{EXECUTOR}"] == opening
    grant = next(g for g in played.house.grants() if g.intent_id == played.gone)
    assert grant.release is not None  # the honest part: it is still there, and the class opens it
    assert played.house.executor_seal.open(grant.release, played.gone, Purpose.DATA_KEY)
    hour = 3_600_000
    gone_ms = max(each.gone_ms or 0 for each in left if each.opens)
    assert 3 * 24 * hour < gone_ms - (found.closed_ms or 0) < 3 * 24 * hour + 2 * hour


def told(result: Result) -> tuple[int, str]:
    """Return the exit code, and which of the expected words were said."""
    words = ("held by smith", "still open", "cannot be undone", "no such intent", "is no officer")
    return result.exit_code, next((word for word in words if word in result.output), result.output)


def walked(house: Gatehouse) -> Evidence:
    """Return the audit, walked."""
    found = Evidence(of_directory(house.directory))
    for record in evidence(house.settings):
        found.take(record)
    assert found.report(()).broken is None
    return found


def keys(house: Gatehouse, name: Any) -> tuple[StoredKey, ...]:
    """Return the keys of a file."""
    return KeySet.load(house.settings.keys / f"{name}.key", name).keys


def assert_evidence_stands(
    house: Gatehouse, gone: str, proof: Path, before: list[tuple[bytes, bytes]]
) -> None:
    """Check that leaves and receipts are the same bytes; verify, older proof, search, show."""
    assert house.audited().broken is None
    assert prove.check(prove.load(proof), of_directory(house.directory)).broken is None
    found = entries(house, gone)
    assert before == [(e.leaf, e.signature) for e in found[: len(before)]]
    assert [b""] * len(before) == [e.event for e in found[: len(before)]]
    assert "ControlAdmitted" == found[-1].said.kind
    assert len(before) == summary(house, gone).erased
    story_ = "\n".join(story.lines(gone, story.tell(found), 200))
    assert "GRANTED" in story_
    assert "officer sam has it shredded" in story_
    assert "Erasure request 26-114" in story_


def assert_nothing_opens(house: Gatehouse, gone: str, roots: list[bytes]) -> None:
    """Check the files' own way, any key that they hold, and every file of the home for a root."""
    body = admitted(house, gone)
    provider = LocalKeyFile.load(house.settings.keys / "master.key")
    release = ReleaseKey.load(house.settings.keys / "release.key")
    with pytest.raises(InputError) as caught:
        provider.unwrap(body.sealed.key_id, body.sealed.wrapped_key, gone)
    assert "shredded" == caught.value.code
    with pytest.raises(InputError) as caught:
        release.unlock(body.release or b"", gone)
    assert "shredded" == caught.value.code
    blobs = {"wrap": body.sealed.wrapped_key, "release": body.release or b""}
    held = [key for name in ("master", "release") for key in keys(house, name)]
    for secret in [n for key in held for n in (*key.tree.nodes.values(), key.mac_key or b"")]:
        for use, blob in blobs.items():
            with pytest.raises(InputError):
                unlock_joined(sub_key(secret, use), blob, gone)
    for file in (path for path in house.settings.home.rglob("*") if path.is_file()):
        content = file.read_bytes()
        spelled = [root for secret in roots for root in (secret, b64encode(secret))]
        assert not any(root in content for root in spelled), file


def assert_other_opens(house: Gatehouse, kept: str) -> None:
    """Check that the other intent opens, and its events stand in the audit."""
    provider = LocalKeyFile.load(house.settings.keys / "master.key")
    other = admitted(house, kept)
    data_key = provider.unwrap(other.sealed.key_id, other.sealed.wrapped_key, kept)
    assert SECRET.encode() in open_body(data_key, other.sealed, kept)
    assert all(e.event for e in entries(house, kept))


def summary(house: Gatehouse, intent_id: str) -> Summary:
    """Return the intent as the index has it, read on from the topic."""
    from streams.auditor.commands.place import AuditPlace, indexed  # noqa: PLC0415 - as the command does

    place = AuditPlace(house.settings.home, house.settings.bootstrap)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.environment().items():
            patch.setenv(name, value)
        with indexed(place) as index:
            (found,) = index.intents("intent_id = ?", (intent_id,))
    return found
