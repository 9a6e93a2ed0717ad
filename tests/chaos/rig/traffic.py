"""Agents at work: a mix of intents with planted PHI, through the SDK; each is noted."""

import hashlib
import json
import random  # noqa: TID251 - a seed that reproduces a run
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from streams.agent import Agent
from streams.agent.ids import intent_id
from streams.agent.secret import agent_secret
from streams.clock import now_ms
from streams.errors import BrokerError
from streams.events import Intent, IntentBody, Resource
from streams.settings import Settings
from streams.wire import client, codec, topics
from tests.chaos.rig.history import Journal
from tests.chaos.rig.site import AGENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Producer

MIX = (
    ("db.query", 45),
    ("data.export", 25),
    ("iam.grant", 10),
    ("infra.change", 5),
    ("message.send", 5),
    ("db.drop", 10),
)
ON_BEHALF_OF = "rita"
TTL_S = 90.0
RESOURCE = "Database/clinic"
FIGURES = {"sql": "SELECT count(*) FROM visits"}  # permitted at once
RETRY_S = 1.0
BURST_S = 60.0


class Traffic:
    """Proposes `rate` intents a second until stopped, each again until it is acknowledged."""

    def __init__(
        self, settings: Settings, journal: Journal, rate: float, seed: int, ttl_s: float = TTL_S
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._over = Event()
        self._ttl_s = ttl_s
        self.planted: list[str] = []
        self.acked = 0
        self._producer: Producer | None = None
        self.retries = 0
        self.sent: Callable[[str], None] = lambda _: None
        self._threads = [
            Thread(
                target=self._work, args=(name, rate / len(AGENTS), f"{seed} {name}"), daemon=True
            )
            for name in AGENTS
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Propose no more; what is on its way is brought to its end."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def burst(self, count: int) -> None:
        """Propose so many at once, past the SDK, and wait until the broker has all of them."""
        made = [self._plain() for _ in range(count)]
        nowhere: list[str] = []

        def delivered(error: Any, message: Any) -> None:
            if why := client.undelivered(error, message):
                nowhere.append(why)

        self._producer = self._producer or client.producer(self._settings)
        for each in made:
            topic = topics.name(self._settings, "intents")
            self._producer.produce(
                topic, key=each.intent_id.encode(), value=codec.encode(each), on_delivery=delivered
            )
            self.sent(each.intent_id)
        if not self._producer.flush(BURST_S) and not nowhere:
            self._journal.write_all(
                {"id": each.intent_id, "action": each.action, "params": "", "acked": True}
                for each in made
            )
            self.acked += count

    def _plain(self) -> Intent:
        at_ms = now_ms()
        params = json.dumps(FIGURES).encode()
        body = IntentBody(params=params, justification="Figures for the board")
        return Intent(
            intent_id=intent_id(AGENTS[0], None, at_ms),
            agent=AGENTS[0],
            on_behalf_of=ON_BEHALF_OF,
            action="db.query",
            resource=Resource(type="Database", id="clinic"),
            sealing="plain",
            body=codec.encode(body),
            requested_at_ms=at_ms,
            ttl_ms=int(self._ttl_s * 1000),
        )

    def _work(self, name: str, rate: float, seed: str) -> None:
        dice = random.Random(seed)  # noqa: S311 - a seed that reproduces, not a secret
        with Agent(name, self._settings, on_behalf_of=ON_BEHALF_OF) as agent:
            number, began_s = 0, time.monotonic()
            while not self._over.is_set():
                self._propose(agent, name, number, dice)
                number += 1
                self._over.wait(max(0.0, began_s + number / rate - time.monotonic()))
                if time.monotonic() - began_s - number / rate > 1.0 / rate:
                    began_s = time.monotonic() - number / rate  # no burst to catch up

    def _propose(self, agent: Agent, name: str, number: int, dice: random.Random) -> None:
        action = dice.choices([a for a, _ in MIX], [weight for _, weight in MIX])[0]
        key = f"{number}"
        params, why = self._params(action, name, number, dice)
        made = json.dumps(params).encode()
        known = intent_id(name, key, 0, agent_secret(self._settings.keys, name, None))
        note: dict[str, Any] = {
            "id": known,
            "action": action,
            "params": hashlib.sha256(made).hexdigest(),
        }
        self._journal.write(**note, acked=False)
        while True:
            try:
                self.sent(known)
                agent.propose(action, RESOURCE, made, why, self._ttl_s, key=key)
            except BrokerError:
                self.retries += 1
                time.sleep(RETRY_S)
            else:
                self._journal.write(**note, acked=True)
                self.acked += 1
                return

    def _params(
        self, action: str, name: str, number: int, dice: random.Random
    ) -> tuple[dict[str, Any], str]:
        if action in {"db.query", "db.drop", "message.send"}:
            return {**FIGURES, "number": number}, "Figures for the board"
        mail = f"kx{dice.randrange(10**8):08d}@patients-of-{name}.example.org"
        ssn = f"{dice.randrange(100, 665)}-{dice.randrange(10, 99)}-{dice.randrange(1000, 9999)}"
        self.planted += [mail, ssn]
        return {"email": mail, "ssn": ssn}, f"Asked for by the ward, answer to {mail}"
