"""A guarded cluster with every role, and a role that tries everything."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from streams.cluster import access, roles, shape
from streams.cluster.embedded.cluster import Cluster
from streams.cluster.embedded.guard import Tls
from streams.cluster.roles import Right
from streams.home.home import make_home
from streams.home.newkey import new_executor
from streams.settings import Settings, load_settings
from streams.wire import client, credential, topics
from streams.wire.credential import ADMIN, as_role

ANSWER_S = 90.0
REFUSED = {
    "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED",
    "CLUSTER_AUTHORIZATION_FAILED",
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
}
ABSENT = {"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC"}  # told to those who may write to it
USER = """
import sys
from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion
from streams.settings import load_settings
from streams.wire import client
from streams.wire.credential import as_role
admin = client.admin(as_role(load_settings(home=sys.argv[1]), sys.argv[2]))
how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
thief = UserScramCredentialUpsertion("thief", how, b"thief")
admin.alter_user_scram_credentials([thief])["thief"].result(20)
"""
Did = tuple[str, str]  # what was tried, on what


def make(home: Path, *classes: str, **over: Any) -> Settings:
    """Make a home whose directory has these executor classes; return its admin's settings."""
    settings = load_settings(home=home, partitions=1, **over)
    make_home(settings)
    directory = yaml.safe_load(settings.directory.read_text())
    directory |= {"people": {}, "agents": {}, "resources": []}
    directory["executors"] = {name: _executor(settings, name) for name in classes}
    settings.directory.write_text(yaml.safe_dump(directory))
    return as_role(settings, ADMIN)


def _executor(settings: Settings, name: str) -> dict[str, object]:
    made = new_executor(name, settings.keys / f"{name}.key", None, force=True)
    return {"keys": [made.key], "seal": made.seal}


@contextmanager
def running(settings: Settings, brokers: int = 1, tls: Tls | None = None) -> Iterator[Cluster]:
    """Run a guarded cluster with topics and rights."""
    with bare(settings, brokers, tls) as cluster:
        shape.apply(settings)
        access.apply(settings)
        yield cluster


def bare(settings: Settings, brokers: int = 1, tls: Tls | None = None) -> Cluster:
    """Return a guarded cluster of this home, to be entered, without topics and rights."""
    place = settings.home / "kafka"
    return Cluster(place, brokers, credentials=settings.credentials, tls=tls)


class Trial:
    """One role trying every operation on every topic and group; `did` holds what succeeded."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topics = [each.full_name(settings.prefix) for each in shape.ours(settings)]
        self.exported = topics.name(settings, "export.siem")
        self.groups = sorted(
            {right.name for right in roles.wanted(settings) if right.kind == "group"}
            | {"phigate-export-siem", "somebody"}
        )
        self.admin = client.admin(settings)
        self.did: set[Did] = set()

    def everything(self) -> set[Did]:
        """Try all of it and return what succeeded."""
        self.read()
        self.write()
        self.ask_and_change()
        self.take_part()
        self.rule()
        return self.did

    def read(self) -> None:
        """Fetch from each topic.

        What a role may not describe it may not read: Kafka has the one follow from the other, and
        librdkafka then says nothing at all.
        """
        seen = {name for name in self.topics if self._sees(name)}
        with closing(client.consumer(self.settings, enable_partition_eof=True)) as reader:
            reader.assign([Place(name, 0, 0) for name in seen])
            left = set(seen)
            while left:
                message = reader.poll(ANSWER_S)
                if message is None:
                    self.did |= {("read, without an answer", name) for name in left}
                    return
                if not (message.error() and message.error().name() in REFUSED):
                    self.did.add(("read", message.topic()))
                left.discard(message.topic())

    def write(self) -> None:
        """Produce to each topic."""
        config = {**credential.kafka(self.settings), "bootstrap.servers": self._brokers()}
        quick = {"message.timeout.ms": 10_000, "topic.metadata.propagation.max.ms": 500}
        producer = Producer({**config, **quick})
        for name in [*self.topics, self.exported]:
            producer.produce(name, b"x", b"k", 0, on_delivery=self._delivered)
        assert 0 == producer.flush(ANSWER_S)

    def _delivered(self, error: Any, message: Any) -> None:
        if error is None or error.name() in ABSENT:
            self.did.add(("write", message.topic()))
        elif error.name() not in REFUSED:
            self.did.add((f"write, {error.name()}", message.topic()))

    def ask_and_change(self) -> None:
        """Describe, configure, grow, empty, create and delete each topic."""
        for name in self.topics:
            if self._sees(name):
                self.did.add(("describe", name))
            resource = ConfigResource(ResourceType.TOPIC, name)
            self._futures("describe_configs", self.admin.describe_configs([resource]), name)
            entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
            change = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
            self._futures("alter_configs", self.admin.incremental_alter_configs([change]), name)
            self._futures("grow", self.admin.create_partitions([NewPartitions(name, 3)]), name)
        for name in [*self.topics, self.exported, f"{self.settings.prefix}new"]:
            self._futures("create", self.admin.create_topics([NewTopic(name, 1, 1)]), name)
        for name in [*self.topics, self.exported]:
            if self._empties(name):
                self.did.add(("empty", name))
            self._futures("delete", self.admin.delete_topics([name]), name)

    def take_part(self) -> None:
        """Commit in each group (a member's right), see its positions, delete it."""
        for group in self.groups:
            place = [Place(self.topics[0], 0, 0)]
            moved = ConsumerGroupTopicPartitions(group, place)
            if self._moves(moved):
                self.did.add(("member", group))
            asked = [ConsumerGroupTopicPartitions(group)]
            self._futures("sees", self.admin.list_consumer_group_offsets(asked), group)
            self._futures("delete_group", self.admin.delete_consumer_groups([group]), group)

    def rule(self) -> None:
        """See and change users and rights, see the brokers' settings, begin a transaction."""
        wide = AclBinding(
            ResourceType.TOPIC, "*", ResourcePatternType.LITERAL, "User:*", "*",
            AclOperation.ALL, AclPermissionType.ALLOW,
        )  # fmt: skip
        broker = ConfigResource(ResourceType.BROKER, "1")
        asked = self.admin.describe_cluster(include_authorized_operations=True).result(ANSWER_S)
        self.did |= {("rule", str(each)) for each in asked.authorized_operations or ()}
        if self._makes_a_user():
            self.did.add(("rule", "users"))
        self._futures("rule", self.admin.create_acls([wide]), "rights")
        self._futures("rule", self.admin.describe_configs([broker]), "broker")
        producer = client.producer(
            self.settings, transactional_id="t", enable_gapless_guarantee=False
        )
        self._try("rule", "transaction", lambda: producer.init_transactions(ANSWER_S))

    def _empties(self, name: str) -> bool:
        (future,) = self.admin.delete_records([Place(name, 0, 1)]).values()
        try:
            future.result(ANSWER_S)
        except KafkaException:  # one who may not see the topic is told something else than others
            return False
        return True

    def _moves(self, group: ConsumerGroupTopicPartitions) -> bool:
        """Tell whether the group may be written; its topic may still be refused."""
        (future,) = self.admin.alter_consumer_group_offsets([group]).values()
        try:
            places = future.result(ANSWER_S).topic_partitions
        except KafkaException as error:
            errors = {error.args[0].name()}
        else:
            errors = {place.error.name() for place in places if place.error}
        return "GROUP_AUTHORIZATION_FAILED" not in errors

    def _makes_a_user(self) -> bool:
        """Try it in a process of its own: librdkafka 2.16 can abort where users are refused."""
        made = subprocess.run(
            [sys.executable, "-c", USER, str(self.settings.home), self.settings.role],
            check=False,
            capture_output=True,
            timeout=240,
        )
        assert made.returncode == 0 or b"AUTHORIZATION_FAILED" in made.stderr, made.stderr
        return made.returncode == 0

    def _sees(self, name: str) -> bool:
        found = self.admin.list_topics(name, timeout=ANSWER_S).topics[name]
        assert found.error is None or found.error.name() in REFUSED, found.error
        return found.error is None

    def _futures(self, what: str, futures: Any, on: str) -> None:
        (future,) = futures.values()
        self._try(what, on, lambda: future.result(ANSWER_S))

    def _try(self, what: str, on: str, call: Callable[[], Any]) -> None:
        try:
            call()
        except KafkaException as error:
            name = error.args[0].name()
            if name in {"_TIMED_OUT", "_TRANSPORT"}:
                self.did.add((f"{what}, {name}", on))
            if name in {*REFUSED, "_TIMED_OUT", "_TRANSPORT"}:
                return
        except TimeoutError:
            self.did.add((f"{what}, without an answer", on))
            return
        self.did.add((what, on))

    def _brokers(self) -> str:
        return client.bootstrap(self.settings)


def expected(settings: Settings, role: str, trial: Trial) -> set[Did]:
    """Return what the table lets a role do, as `Trial` names it; reading implies describing."""
    mine = f"User:{roles.user(settings, role)}"
    found: set[Did] = set()
    for right in roles.wanted(settings):
        if right.principal == mine:
            found |= _as_tried(right, trial)
    return found


def _as_tried(right: Right, trial: Trial) -> set[Did]:
    names = [*trial.groups] if right.kind == "group" else [*trial.topics, trial.exported]
    on = [n for n in names if n == right.name or (right.prefixed and n.startswith(right.name))]
    if right.kind == "group":
        own = {("member", name) for name in on} if right.operation == "read" else set()
        return own | {("sees", name) for name in on}
    does = {(str(right.operation), name) for name in on}
    implied = right.operation in {"read", "write"}
    return does | {("describe", name) for name in on if implied and name in trial.topics}


def prefix() -> str:
    """Return a prefix that no other test uses."""
    return f"t{secrets.token_hex(4)}."


__all__ = ["Trial", "bare", "expected", "make", "prefix", "running"]
