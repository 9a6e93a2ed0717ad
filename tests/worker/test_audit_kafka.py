"""The audit and the brake on the real broker: trees, notes, and a fold that waits for them."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from streams.audit.report import Flaw
from streams.auditor.proof import pins
from streams.auditor.proof.check import LogReport, check
from streams.auditor.read import source
from streams.clock import now_ms
from streams.cluster import shape
from streams.directory import Directory
from streams.events import CaseEvent, Effect, Source, Verdict, derived_id
from streams.home.home import make_home
from streams.settings import Settings, load_settings
from streams.wire import client, codec, topics
from tests.auditor.logs import intent

PARTITIONS = 2
WAIT_S = 240.0
BEHIND_MS = 3_000


@dataclass
class House:
    """Settings with topics of their own, and the workers that run on them."""

    settings: Settings
    home: Path
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds; a worker that left (a busy machine) is started again."""
        end = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < end, what
            for role, worker in list(self.workers.items()):
                if worker.poll() is not None:
                    self.start(role)
            time.sleep(0.2)

    def start(self, role: str) -> None:
        """Start a worker and wait until it consumes."""
        ready = self.home / f"{role}-{secrets.token_hex(4)}.ready"
        command = [sys.executable, "-m", "streams", "worker", "run", role, "--ready", str(ready)]
        environment = {
            **os.environ,
            "PHIGATE_HOME": str(self.home),
            "PHIGATE_BOOTSTRAP": self.settings.bootstrap,
            "PHIGATE_PREFIX": self.settings.prefix,
            "PHIGATE_PARTITIONS": str(PARTITIONS),
            "PHIGATE_AUDIT_BEHIND_MS_MAX": str(BEHIND_MS),
        }
        with (self.home / f"{role}.log").open("ab") as log:
            self.workers[role] = subprocess.Popen(
                [*command, "--home", str(self.home)], env=environment, stdout=log, stderr=log
            )
        end = time.monotonic() + WAIT_S
        while not ready.exists() and self.workers[role].poll() is None:
            assert time.monotonic() < end, f"the {role} worker is ready"
            time.sleep(0.1)

    def stop(self, role: str, number: int = signal.SIGTERM) -> None:
        """Stop a worker."""
        worker = self.workers.pop(role)
        worker.send_signal(number)
        worker.wait(WAIT_S)

    def ask(self, count: int) -> None:
        """Write so many permitted intents to the log, as admit does."""
        producer = client.producer(self.settings)
        for _ in range(count):
            number = len(self.sent)
            intent_id = f"0192a7c4-11aa-7000-8000-{number:012d}"
            body = intent(Effect.PERMIT).model_copy(update={"release": None})
            event = CaseEvent(
                event_id=derived_id("event", str(number)),
                intent_id=intent_id,
                at_ms=now_ms(),
                source=Source(topic="intents", partition=0, offset=number),
                body=body,
            )
            name = topics.name(self.settings, "cases")
            partition = number % PARTITIONS
            key = intent_id.encode()
            client.deliver(producer, name, key, codec.encode(event), partition=partition)
            self.sent.append(intent_id)

    def verdicts(self) -> set[str]:
        """Return which intents have a verdict."""
        found = client.records(self.settings, topics.name(self.settings, "verdicts"))
        return {codec.decode(each.value or b"", Verdict).intent_id for each in found}

    def verify(self) -> LogReport:
        """Verify what is there."""
        keys = pins.of_directory(Directory.load(self.settings.directory))
        return check(source.evidence(self.settings), keys)

    def unsigned(self) -> int:
        """Return how many entries no note covers yet."""
        return sum(each.unsigned for each in self.verify().shards)

    def said(self, role: str) -> str:
        """Return a worker's log."""
        return (self.home / f"{role}.log").read_text()


@pytest.fixture
def house(kafka: str, tmp_path: Path) -> Iterator[House]:
    """Return a house with topics; its workers are stopped in the end."""
    prefix = f"t{secrets.token_hex(6)}."
    settings = load_settings(bootstrap=kafka, home=tmp_path, prefix=prefix, partitions=PARTITIONS)
    make_home(settings)
    shape.apply(settings, executors=["clinic-db"])
    made = House(settings, tmp_path)
    yield made
    for role in list(made.workers):
        made.stop(role, signal.SIGKILL)


@pytest.mark.kafka
def test_grants_wait_for_the_audit_and_go_on_by_themselves(house: House) -> None:
    """Without an audit new grants stop, with the reason in the log; with it they go on.

    And what the audit wrote, across a kill, verifies: entries, notes, the note over all shards.
    """
    house.start("fold")
    house.ask(4)
    house.until(lambda: set(house.sent) == house.verdicts(), "grants within the bound")
    time.sleep(BEHIND_MS / 1000 + 1)
    house.ask(4)
    why = "no new grants: the audit of shard 0 is behind"
    house.until(lambda: why in house.said("fold"), "a reason")
    assert set(house.sent[:4]) == house.verdicts()

    house.start("audit")
    house.until(lambda: set(house.sent) == house.verdicts(), "grants go on by themselves")
    assert "grants go on" in house.said("fold")

    house.stop("audit", signal.SIGKILL)
    house.ask(6)
    house.start("audit")
    house.until(lambda: house.verify().entries == len(house.sent), "every event has its entry")
    house.until(lambda: house.unsigned() == 0, "the tail is signed")
    report = house.verify()
    assert report.broken is None
    assert [7, 7] == [each.entries for each in report.shards]
    assert len(house.sent) == report.grants


@pytest.mark.kafka
def test_an_audit_whose_key_is_not_pinned_stops_grants_too(house: House) -> None:
    """Notes by another key count for nothing: the fold waits, and verification names the key."""
    other = house.home / "other"
    other.mkdir()
    make_home(load_settings(bootstrap=house.settings.bootstrap, home=other))
    (other / "keys" / "audit.key").replace(house.settings.keys / "audit.key")
    house.start("audit")
    house.start("fold")
    house.ask(2)
    house.until(lambda: set(house.sent) == house.verdicts(), "grants within the bound")
    time.sleep(BEHIND_MS / 1000 + 1)
    house.ask(2)
    house.until(lambda: "no new grants" in house.said("fold"), "a reason")
    broken = house.verify().broken
    assert broken is not None
    assert Flaw.UNKNOWN_KEY is broken.kind
    assert set(house.sent[:2]) == house.verdicts()
