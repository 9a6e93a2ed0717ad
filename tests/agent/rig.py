"""A gate's keys, a directory and topics of one test on the real broker."""

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import NewTopic

from streams.directory import Directory
from streams.events import Intent, IntentBody, Message
from streams.sealing import Purpose, SealKey
from streams.settings import Settings, load_settings
from streams.signing import SigningKey
from streams.wire import client, codec, topics

PARTITIONS = 3
EXECUTOR = "sql"
GATE_ID = "gate-of-the-rig"


@dataclass(frozen=True)
class Keys:
    """Everybody's keys."""

    gate_seal: SealKey = field(default_factory=lambda: SealKey.new("gate-seal"))
    grants: SigningKey = field(default_factory=lambda: SigningKey.new("gate-grants"))
    audit: SigningKey = field(default_factory=lambda: SigningKey.new("gate-audit"))
    executor: SigningKey = field(default_factory=lambda: SigningKey.new("sql-key"))
    executor_seal: SealKey = field(default_factory=lambda: SealKey.new("sql-seal"))
    officer: SigningKey = field(default_factory=lambda: SigningKey.new("sam"))
    person: SigningKey = field(default_factory=lambda: SigningKey.new("petra"))
    agent: SigningKey = field(default_factory=lambda: SigningKey.new("signer"))

    def directory_text(self) -> str:
        """Return the directory file that lists them."""
        return f"""
gate:
  id: {GATE_ID}
  seal: {self.gate_seal.public.text}
  grants: [{self.grants.public.text}]
  audit: [{self.audit.public.text}]
officers: officers
people:
  ann: {{title: Owner}}
  sam: {{groups: [officers], keys: [{self.officer.public.text}]}}
  petra: {{groups: [privacy], keys: [{self.person.public.text}]}}
agents:
  bot: {{owner: ann}}
  signer: {{owner: ann, keys: [{self.agent.public.text}]}}
executors:
  {EXECUTOR}: {{keys: [{self.executor.public.text}], seal: {self.executor_seal.public.text}}}
resources:
  - {{type: Dataset, id: "*", executor: {EXECUTOR}}}
"""


@dataclass(frozen=True)
class Rig:
    """Settings, keys and directory that fit together, and a hand on every topic."""

    settings: Settings
    keys: Keys
    directory: Directory

    @classmethod
    def up(cls, bootstrap: str, home: Path, keys: Keys | None = None) -> "Rig":
        """Make topics with a prefix of their own."""
        prefix = f"t{secrets.token_hex(6)}."
        settings = load_settings(
            bootstrap=bootstrap, home=home, prefix=prefix, partitions=PARTITIONS
        )
        keys = keys or Keys()
        text = keys.directory_text()
        settings.directory.write_text(text)
        rig = cls(settings, keys, Directory.parse(text, "rig"))
        rig.create()
        return rig

    def create(self) -> None:
        """Create every topic as the table has it."""
        names = (
            "intents",
            "outcomes",
            "controls",
            "cancels",
            "requests",
            "verdicts",
            f"approved.{EXECUTOR}",
            f"begun.{EXECUTOR}",
        )
        wanted = [topic for topic in topics.table((EXECUTOR,)) if topic.name in names]
        new = [
            NewTopic(topic.full_name(self.settings.prefix), PARTITIONS, 1, config=topic.config(1))
            for topic in wanted
            if not topic.table
        ]
        admin = client.admin(self.settings)  # held: its futures fail once it is collected
        for created in admin.create_topics(new).values():
            created.result(30)

    def topic(self, name: str) -> str:
        """Return a topic's full name."""
        return topics.name(self.settings, name)

    def put(self, name: str, key: str, value: Message | bytes) -> tuple[int, int]:
        """Write one record; return its partition and offset."""
        data = value if isinstance(value, bytes) else codec.encode(value)
        return client.deliver(self._producer, self.topic(name), key.encode(), data)

    @cached_property
    def _producer(self) -> Producer:
        return client.producer(self.settings)

    def records(self, name: str) -> list[client.KafkaRecord]:
        """Return all that a topic holds now."""
        return list(client.records(self.settings, self.topic(name)))

    def intents(self) -> list[Intent]:
        """Return the intents that stand on the topic."""
        return [codec.decode(record.value or b"", Intent) for record in self.records("intents")]

    def unsealed(self, intent: Intent) -> IntentBody:
        """Return an intent's body as the gate opens it."""
        return codec.decode(
            self.keys.gate_seal.open(intent.body, intent.intent_id, Purpose.INTENT), IntentBody
        )
