"""What both clients share, without a broker: ids under a secret, contents, proofs."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from streams.agent.core import Core
from streams.agent.ids import time_of
from streams.agent.secret import SECRET_BYTES, agent_secret, own_key
from streams.directory import Directory
from streams.errors import InputError, KeyringError
from streams.events import Intent, IntentBody, IntentStatement, bears_mark
from streams.sealing import Purpose, commitment
from streams.settings import Settings, load_settings
from streams.signing import BEHALF, INTENT, SigningKey, open_envelope
from streams.wire import codec
from tests.agent.rig import Keys

KEYS = Keys()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a home of its own; nothing connects."""
    return load_settings(home=tmp_path, bootstrap="127.0.0.1:1", intents_waiting_max=0)


class Sent:
    """What the clients sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.records: list[tuple[str, Intent]] = []
        monkeypatch.setattr("streams.agent.core.client.deliver", self._deliver)
        monkeypatch.setattr("streams.agent.core.client.producer", lambda *_, **__: None)

    def _deliver(self, _: object, __: str, key: bytes, value: bytes, **___: object) -> None:
        self.records.append((key.decode(), codec.decode(value, Intent)))

    @property
    def last(self) -> Intent:
        """The newest intent."""
        return self.records[-1][1]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Return what is sent from now on."""
    return Sent(monkeypatch)


def core(settings: Settings, name: str = "bot", key: SigningKey | None = None) -> Core:
    """Return a client's core."""
    found = Directory.parse(KEYS.directory_text(), "rig")
    return Core(name, settings, found, None, key)


def propose(client: Core, params: Any = None, **changes: Any) -> str:
    """Propose something."""
    said: dict[str, Any] = {
        "key": None,
        "on_behalf_of": None,
        "person_key": None,
        "traceparent": None,
        "seal": True,
    }
    return client.propose(
        "data.read", "Dataset/d", params or {"n": 1}, "Report", None, **{**said, **changes}
    )


def test_the_same_key_is_the_same_id_in_every_process(settings: Settings, sent: Sent) -> None:
    """Two clients of one home agree, and so do two with one signing key in two homes."""
    assert propose(core(settings), key="job") == propose(core(settings), key="job")
    signer = SigningKey.new("bot")
    homes = [settings.model_copy(update={"keys": settings.home / name}) for name in ("a", "b")]
    one, other = (propose(core(home, key=signer), key="job") for home in homes)
    assert one == other != propose(core(settings), key="job")
    assert all(bears_mark(name, "bot") for name, _ in sent.records)


def test_a_key_later_changes_no_id(settings: Settings, sent: Sent) -> None:
    """An agent that was given a signing key keeps the ids it had before."""
    del sent
    before = propose(core(settings), key="job")
    assert before == propose(core(settings, key=SigningKey.new("bot")), key="job")


def test_other_content_under_a_key_is_not_sent(settings: Settings, sent: Sent) -> None:
    """The client that asked first says at once that the key stands for something else."""
    client = core(settings)
    name = propose(client, {"n": 1}, key="run-7")
    assert name == propose(client, {"n": 1}, key="run-7")
    for params in ({"n": 2}, {"n": 3}):
        with pytest.raises(InputError) as caught:
            propose(client, params, key="run-7")
        assert "content_conflict" == caught.value.code
    assert 2 == len(sent.records)


def test_two_processes_commit_alike(settings: Settings, sent: Sent) -> None:
    """The same content under the same key has one commitment, in whatever process."""
    found = []
    for params in ({"n": 1}, {"n": 1}, {"n": 2}):
        client = core(settings)
        name = propose(client, params, key="run-7")
        opened = KEYS.gate_seal.open(sent.last.body, name, Purpose.INTENT)
        body = codec.decode(opened, IntentBody)
        assert client.outbox.asked(name) == commitment(sent.last, body)
        found.append(client.outbox.asked(name))
    assert found[0] == found[1] != found[2]


def test_a_person_s_key_signs_as_that_person(settings: Settings, sent: Sent) -> None:
    """The proof is over what the agent signs too, and is of its own type."""
    propose(core(settings, "signer", KEYS.agent), on_behalf_of="petra", person_key=KEYS.person)
    intent = sent.last
    assert intent.proof
    assert intent.signature
    said = json.loads(open_envelope(intent.proof, BEHALF, [KEYS.person.public])[1])
    own = json.loads(open_envelope(intent.signature, INTENT, [KEYS.agent.public])[1])
    assert ("behalf", "intent") == (said.pop("purpose"), own.pop("purpose"))
    assert said == own
    statement = IntentStatement.model_validate_json(json.dumps(own))
    assert ("petra", intent.intent_id) == (statement.on_behalf_of, statement.intent_id)


def test_the_secret_is_the_agents_own(settings: Settings) -> None:
    """It is drawn once, read by nobody else, another for another agent; a bad file is refused."""
    first = agent_secret(settings.keys, "bot", None)
    assert (SECRET_BYTES, first) == (len(first), agent_secret(settings.keys, "bot", None))
    assert first != agent_secret(settings.keys, "bot2", None)
    file = settings.keys / "agents" / "bot.ids"
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o644)
    with pytest.raises(KeyringError) as caught:
        agent_secret(settings.keys, "bot", None)
    assert "key_exposed" == caught.value.code
    file.chmod(0o600)
    for text in ("", "zz", "00" * 31, "00" * 33):
        file.write_text(text)
        with pytest.raises(KeyringError) as caught:
            agent_secret(settings.keys, "bot", None)
        assert "bad_key" == caught.value.code


def test_a_name_is_no_path(settings: Settings) -> None:
    """An agent's or a person's name leads out of no folder."""
    agent_secret(settings.keys, "../../x/bot", None)
    assert (settings.keys / "agents" / "bot.ids").exists()
    assert own_key(settings.keys, "../../x/nobody") is None


def test_the_secret_s_folder_that_cannot_be_written(settings: Settings) -> None:
    """It is said, with what helps; no key is derived of nothing."""
    (settings.keys / "agents").parent.mkdir(parents=True, exist_ok=True)
    (settings.keys / "agents").write_text("a file")
    with pytest.raises(KeyringError) as caught:
        agent_secret(settings.keys, "bot", None)
    assert "key_unreadable" == caught.value.code


def test_a_wait_trusts_the_brokers_time_and_not_the_ids(settings: Settings, sent: Sent) -> None:
    """A clock an hour ahead draws ids of the future; the verdict is of the broker's time."""
    client = core(settings)
    name = propose(client)
    drawn_ms = time_of(name)
    assert drawn_ms is not None
    hour_ms = 3_600_000
    draft = client.outbox.find(name)
    assert draft
    client.outbox.keep(draft, drawn_ms - hour_ms)
    assert drawn_ms - hour_ms - settings.clock_skew_ms_max == client.since_ms(name)
    client.outbox.keep(draft, drawn_ms)
    assert drawn_ms - hour_ms - settings.clock_skew_ms_max == client.since_ms(name)
