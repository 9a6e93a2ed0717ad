"""Shredding on the real broker: the payload is gone for every key, and all evidence still stands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.auditor import holds, prove, shred
from streams.auditor.check import Evidence, read
from streams.auditor.pins import of_directory
from streams.auditor.source import evidence, from_kafka
from streams.auditor.summary import Summary
from streams.errors import InputError
from streams.events import CaseEvent, Grant, IntentAdmitted
from streams.sealing import LocalKeyFile, ReleaseKey, open_body
from streams.sealing.keyset import KeySet
from streams.sealing.symmetric import sub_key, unlock_joined
from streams.wire import codec
from tests.gatehouse import Gatehouse, now_ms

SECRET = "Ottilie Quellbrunn"
PARAMS = {"sql": "SELECT phone FROM patients", "name": SECRET}


@pytest.fixture(scope="module")
def house(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """Return a gate with two intents that were reviewed, granted with their payload, and audited."""
    house = Gatehouse.up(kafka, tmp_path_factory.mktemp("shred"))
    house.ids = [house.propose("data.export", PARAMS) for _ in range(2)]  # type: ignore[attr-defined]
    with house.workers():
        for intent_id in house.ids:  # type: ignore[attr-defined]
            house.decide("petra", house.request(intent_id))
        for intent_id in house.ids:  # type: ignore[attr-defined]
            assert house.grant(intent_id).release is not None
        assert not house.audited().broken
    yield house


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
        if item.intent_id == intent_id:  # type: ignore[union-attr]
            newest[item.index] = item  # type: ignore[union-attr]
    return list(newest.values())


def command(house: Gatehouse, *words: str) -> Result:
    """Run `phigate shred`."""
    from streams.auditor.shred_command import shred as command_  # noqa: PLC0415 - the command

    env = {**house.environment(), "COLUMNS": "100"}
    return CliRunner().invoke(command_, words, env=env)


@pytest.mark.kafka
def test_shredded_is_unreadable_and_every_proof_stands(house: Gatehouse, tmp_path: Path) -> None:
    """One of two intents is shredded: verify, an older proof, search and the other one hold."""
    gone, kept = house.ids  # type: ignore[attr-defined]
    walked = Evidence(of_directory(house.directory))
    for record in evidence(house.settings):
        walked.take(record)
    assert walked.report(()).broken is None
    proof = tmp_path / "proof.json"
    proof.write_text(prove.prove(walked, entries(house, gone), None))
    before = [(e.leaf, e.signature) for e in entries(house, gone)]
    roots = [
        key.key
        for name in ("master", "release")
        for key in KeySet.load(house.settings.keys / f"{name}.key", name).keys  # type: ignore[arg-type]
    ]

    found = summary(house, gone)
    done = shred.shred(house.settings, found, now_ms())
    assert [True, True] == [had for _, had in done.keys]
    assert done.erased == len(before) >= 2

    # all evidence stands
    report = house.audit()
    assert report.broken is None
    assert prove.check(prove.load(proof), of_directory(house.directory)).broken is None
    assert before == [(e.leaf, e.signature) for e in entries(house, gone)]
    assert all(not e.event for e in entries(house, gone))
    assert done.erased == summary(house, gone).erased

    # nothing here opens the payload: not the files' own way, not any key that they hold
    body = admitted(house, gone)
    provider = LocalKeyFile.load(house.settings.keys / "master.key")
    release = ReleaseKey.load(house.settings.keys / "release.key")
    for opening in (
        lambda: provider.unwrap(body.sealed.key_id, body.sealed.wrapped_key, gone),
        lambda: release.unlock(body.release or b"", gone),
    ):
        with pytest.raises(InputError) as caught:
            opening()
        assert "shredded" == caught.value.code
    for name, use, blob in (
        ("master", "wrap", body.sealed.wrapped_key),
        ("release", "release", body.release or b""),
    ):
        keys = KeySet.load(house.settings.keys / f"{name}.key", name).keys  # type: ignore[arg-type]
        for secret in [n for key in keys for n in (*key.tree.nodes.values(), key.mac_key or b"")]:
            with pytest.raises(InputError):
                unlock_joined(sub_key(secret, use), blob, gone)
    for file in (path for path in house.settings.home.rglob("*") if path.is_file()):
        content = file.read_bytes()
        assert not any(root and root in content for root in roots), file

    # the other one is as it was
    other = admitted(house, kept)
    data_key = provider.unwrap(other.sealed.key_id, other.sealed.wrapped_key, kept)
    assert SECRET.encode() in open_body(data_key, other.sealed, kept)
    assert all(e.event for e in entries(house, kept))


def summary(house: Gatehouse, intent_id: str) -> Summary:
    """Return the intent as the index has it, read on from the topic."""
    from streams.auditor.place import Place, indexed  # noqa: PLC0415 - as the command does

    place = Place(house.settings.home, house.settings.bootstrap)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.environment().items():
            patch.setenv(name, value)
        with indexed(place) as index:
            (found,) = index.intents("intent_id = ?", (intent_id,))
    return found
