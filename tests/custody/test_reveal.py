"""A reveal from end to end: asked, agreed to by another person, shown to the one who asked."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from streams.cluster import shape
from streams.custody.reveal import desk
from streams.custody.reveal.command import AGENT
from streams.custody.reveal.command import reveal as command
from streams.custody.reveal.sealed import FOLDER, SealedReveal
from streams.errors import RefusedError
from streams.events import Answer, Effected, State, Status
from streams.executor import Executor
from streams.sealing import SealKey, keyset
from streams.signing import SigningKey
from tests.gatehouse import Gatehouse, wait_for

SECRET = "Ottilie Quellbrunn"
PARAMS = {"sql": "SELECT phone FROM patients WHERE id = 7", "name": SECRET, "other": "555-0134"}


@dataclass
class Desk:
    """A gate with a reveal desk that runs, and the seal keys of two people."""

    house: Gatehouse
    petra: SealKey
    paul: SealKey
    subject: str


@pytest.fixture(scope="module")
def at(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a gate in which one intent waits for review."""
    house = Gatehouse.without_broker(tmp_path_factory.mktemp("reveal"), bootstrap=kafka)
    own = enrolled(house)
    shape.apply(house.settings)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.environment().items():
            patch.setenv(name, value)
        app = desk.app()
        thread = threading.Thread(target=app.run, daemon=True)
        with house.workers():
            thread.start()
            subject = house.propose("data.export", PARAMS, justification="Recall letter")
            house.request(subject)
            house.audited()
            yield Desk(house, *own, subject)
            app.stop()
            thread.join(30)


def enrolled(house: Gatehouse) -> tuple[SealKey, SealKey]:
    """Write the directory of a gate with a reveal desk; return the people's seal keys."""
    keys = house.settings.keys / "executors"
    key, seal = SigningKey.new(desk.CLASS), SealKey.new(f"{desk.CLASS}-seal")
    key.save(keys / f"{desk.CLASS}.key")
    seal.save(keys / f"{desk.CLASS}.seal")
    petra, paul = SealKey.new("petra"), SealKey.new("paul")
    made = yaml.safe_load(house.settings.directory.read_text())
    made["people"]["petra"]["seal"] = petra.public.text
    made["people"]["paul"]["seal"] = paul.public.text
    made["agents"][AGENT] = {"owner": "olga", "acts_for": ["privacy-officers"]}
    made["executors"][desk.CLASS] = {"keys": [key.public.text], "seal": seal.public.text}
    made["resources"].append({"type": desk.RESOURCE, "id": "*", "executor": desk.CLASS})
    house.settings.directory.write_text(yaml.safe_dump(made, sort_keys=False))
    house.__dict__.pop("directory", None)
    return petra, paul


def call(at: Desk, *words: str, code: int = 0) -> Result:
    """Run `phigate reveal`."""
    result = CliRunner().invoke(command, words, env=at.house.environment())
    assert code == result.exit_code, result.output
    return result


def asked(at: Desk, fields: str, person: str = "petra") -> str:
    """Ask, and return the reveal's id."""
    words = ("--fields", fields, "--reason", "Two patients of this name", "--as", person)
    return call(at, "ask", at.subject, *words).stdout.strip()


@pytest.mark.kafka
def test_a_reveal_is_shown_to_whoever_asked_and_nobody_else(at: Desk, tmp_path: Path) -> None:
    """A case of its own, another's yes, one field, one key; the log says what was shown to whom."""
    house = at.house
    reveal_id = asked(at, "params.name")
    request = house.request(reveal_id)
    shown = json.loads(request.display)
    assert {"type": desk.RESOURCE, "id": at.subject} == shown["resource"]
    assert {"fields": ["params.name"]} == shown["params"]
    own = house.event(house.decide("petra", request))  # who asks may not agree
    house.decide("paul", request)
    verdict = wait_for(
        "the outcome",
        lambda: (v := house.verdicts().get(reveal_id)) and v.outcome and v,
    )
    assert (State.GRANTED, Status.OK) == (verdict.state, verdict.outcome.status)
    assert ("paul",) == verdict.decided_by
    assert "revealed to whoever asked: params.name" == verdict.outcome.message
    opening = next(e for e in house.entries() if e.intent_id == reveal_id).said
    assert ("petra", desk.ACTION) == (opening.facts["on_behalf_of"], opening.facts["action"])
    refused = next(e for e in house.entries() if e.said.event_id == own.event_id)
    assert (Effected.REFUSED, "requester_may_not_review") == (
        refused.consequence.effected,
        refused.consequence.reason,
    )

    found = SealedReveal.load(house.settings.home / FOLDER / f"{reveal_id}.json")
    assert {"params.name": SECRET} == found.open(at.petra)
    at.petra.save(tmp_path / "petra.seal")
    at.paul.save(tmp_path / "paul.seal")
    mine = call(at, "open", reveal_id, "--as", "petra", "--key", str(tmp_path / "petra.seal"))
    assert {"params.name": SECRET} == json.loads(mine.stdout)
    other = ("--as", "paul", "--key", str(tmp_path / "paul.seal"))
    assert "was not revealed to paul" in call(at, "open", reveal_id, *other, code=2).stderr
    for topic in ("cases", "requests", "verdicts", "outcomes", "audit"):
        assert not any(SECRET.encode() in (r.value or b"") for r in house.records(topic)), topic


@pytest.mark.kafka
def test_a_reveal_that_is_denied_shows_nothing(at: Desk) -> None:
    """Nothing is opened before a grant, and a no is the end of it."""
    reveal_id = asked(at, "params.other")
    at.house.decide("paul", at.house.request(reveal_id), answer=Answer.DENY)
    assert State.DENIED is at.house.verdict(reveal_id).state
    assert not (at.house.settings.home / FOLDER / f"{reveal_id}.json").exists()


@pytest.mark.kafka
def test_a_shredded_intent_is_revealed_to_nobody(at: Desk) -> None:
    """The desk has the master key, and still cannot open it."""
    house = at.house
    gone = house.propose("data.export", PARAMS)
    house.request(gone)
    house.audited()
    assert desk.opened(house.settings, gone).justification
    keyset.shred(house.settings.keys / "master.key", "master", gone)
    with pytest.raises(Exception, match="shredded") as caught:
        desk.opened(house.settings, gone)
    assert "shredded" == caught.value.code  # type: ignore[attr-defined]


@pytest.mark.kafka
def test_the_desk_refuses_what_it_cannot_seal(at: Desk) -> None:
    """A person without a seal key, and one that nobody knows: refused before anything is opened."""
    directory = at.house.directory
    for person, code in (("sam", "no_seal_key"), ("nobody", "unknown_person")):
        with pytest.raises(RefusedError) as caught:
            desk._key_of(directory, person)
        assert code == caught.value.code


def test_the_desk_serves_its_class_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an app of the executor's SDK, with one handler."""
    monkeypatch.setenv("PHIGATE_HOME", str(tmp_path))
    app = desk.app()
    assert isinstance(app, Executor)
    assert (desk.CLASS, {desk.ACTION}) == (app.cls, set(app._handlers))
