"""What both clients share: build, send, keep, send again. Everything here may block."""

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from streams.agent import proposal
from streams.agent.backlog import Backlog
from streams.agent.draft import Draft, Seal, draft
from streams.agent.ids import intent_id, nonce, time_of
from streams.agent.outbox import Outbox
from streams.agent.secret import SECRET_BYTES, agent_secret, key_of
from streams.agent.watcher import Watch, Watcher
from streams.clock import now_ms
from streams.control.client import Desk
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import BrokerError, InputError, KeyringError
from streams.identity.binding import pack
from streams.identity.session import Login
from streams.sealing import Purpose
from streams.settings import Settings, load_settings
from streams.signing import Signer, SigningKey
from streams.wire import client, topics
from streams.wire.credential import as_role

DELIVERY_S = 30.0

Ttl = float | timedelta | None
log = logging.getLogger(__name__)

ResourceLike = str | tuple[str, str]


class Core:
    """One agent's producer, watcher and outbox. Thread-safe."""

    def __init__(
        self,
        name: str,
        settings: Settings | None,
        directory: Directory | None,
        on_behalf_of: str | None,
        signing_key: SigningKey | Path | str | None = None,
    ) -> None:
        self.name = proposal.parse_name("the agent's name", name)
        self.settings = as_role(settings or load_settings(), "agent")
        self.watcher = Watcher(self.settings)
        self.outbox = Outbox()
        self.backlog = Backlog(self.settings)
        self._directory = directory
        self._on_behalf_of = on_behalf_of
        self._signing_key = signing_key
        self._signer: SigningKey | None = None
        self._topic = topics.name(self.settings, "intents")
        self._producer: Producer | None = None
        self._lock = threading.Lock()

    def propose(  # noqa: PLR0913 - a proposal has this many parts
        self,
        action: str,
        resource: ResourceLike,
        params: Any,
        justification: str,
        ttl: Ttl,
        *,
        key: str | None,
        on_behalf_of: str | None,
        person_key: Signer | Path | str | None,
        traceparent: str | None,
        seal: bool,
    ) -> str:
        """Check, seal, send, await the delivery; return the intent's id."""
        limits = self._limits()
        whom = on_behalf_of if on_behalf_of is not None else self._on_behalf_of
        person = key_of(Path(person_key)) if isinstance(person_key, Path | str) else person_key
        parsed = proposal.Proposal(
            agent=self.name,
            on_behalf_of=None if whom is None else proposal.parse_name("on_behalf_of", whom),
            action=proposal.parse_name("the action", action),
            resource=proposal.parse_resource(resource),
            params=proposal.parse_params(params, limits),
            justification=proposal.parse_text("the justification", justification),
            ttl_ms=proposal.parse_ttl(ttl, limits),
            key=None if key is None else proposal.parse_name("the key", key),
            traceparent=proposal.parse_traceparent(traceparent),
        )
        self.backlog.check()
        at_ms = now_ms()
        secret = secrets.token_bytes(SECRET_BYTES) if parsed.key is None else self._secret()
        name = intent_id(self.name, parsed.key, at_ms, secret)
        seals = self._seal() if seal else None
        hidden = nonce(self.name, name, secret)
        signer = self._signs()
        gate = self._gate_id() if signer or person else ""
        login = self._login_of(person, whom, name)
        made = draft(parsed, name, at_ms, seals, limits, signer, person, hidden, gate, login)
        if self.outbox.asked(name) not in {"", made.content}:
            raise InputError(
                "this key stands for another action already: nothing was sent",
                code="content_conflict",
            )
        self.outbox.keep(made, self.send(made))
        return name

    def send(self, made: Draft) -> int | None:
        """Send a draft and await its delivery; return when the broker took it, by its own clock.

        Raises BrokerError where no delivery comes.
        """
        taken: list[int] = []
        try:
            client.deliver(
                self._connected(),
                self._topic,
                made.intent_id.encode(),
                made.value,
                headers=made.headers,
                timeout_s=DELIVERY_S,
                taken=taken,
            )
        except BrokerError as error:
            if error.code == "producer_ended":  # whoever proposes next gets a new one
                with self._lock:
                    self._producer = None
            raise
        return taken[0] if taken else None

    def resend(self, name: str) -> None:
        """Send the kept bytes of an intent again, unless it has expired or is not ours.

        A broker that is away is no reason to stop waiting: it may come back in time.
        """
        kept = self.outbox.find(name)
        if kept is None or now_ms() >= kept.expires_at_ms:
            return
        log.info("intent %s: no sign from the gate, sending it again", name)
        try:
            self.send(kept)
        except BrokerError as error:
            log.warning("intent %s was not sent again: %s", name, error)

    def cancel(self, name: str, reason: str) -> bool:
        """Cancel an intent of this agent's; return whether executors obey it from now on."""
        signer = self._signs()
        if signer is None:
            raise KeyringError(
                f"the agent {self.name} has no key to sign with",
                code="no_key",
                hint=f"phigate key new {self.name} --agent, then put it into the directory",
            )
        return Desk(self.settings, self._known(), signer).cancel(name, reason, now_ms()).counts

    def watch(self, name: str, notify: Callable[[], object]) -> Watch:
        """Listen for an intent, and for no other content of its id than was asked here."""
        asked, exact = self.outbox.asked(name), self.outbox.taken_ms(name) is not None
        return self.watcher.watch(name, self.since_ms(name), notify, asked, exact=exact)

    def since_ms(self, name: str) -> int:
        """Return from when on to read for an intent, by the broker's clock, less what it may jump.

        It is when the broker took it, where this client sent it: the time in the id is of the clock
        that drew it, which may be wrong. The watcher reads from the beginning where that time is
        ahead of the log. An id derived from a key may be older than this process: from the
        beginning.
        """
        drawn_ms, taken_ms = time_of(name), self.outbox.taken_ms(name)
        if drawn_ms is None:
            return 0
        at_ms = drawn_ms if taken_ms is None else min(drawn_ms, taken_ms)
        return max(0, at_ms - self.settings.clock_skew_ms_max)

    def close(self) -> None:
        """Stop the watcher and give up the producer; deliveries were awaited already."""
        self.watcher.close()
        self.backlog.close()
        with self._lock:
            self._producer = None

    def _connected(self) -> Producer:
        with self._lock:
            if self._producer is None:
                # intents are independent: one that fails must not end the producer for the others
                self._producer = client.producer(self.settings, enable_gapless_guarantee=False)
            return self._producer

    def _seal(self) -> Seal:
        return self._known().gate.seal.seal

    def _login_of(self, person: Signer | None, whom: str | None, intent_id: str) -> bytes | None:
        """Return the person's login, for nobody but the gate, where it signs; InputError."""
        if not isinstance(person, Login):
            return None
        if person.person != whom:
            raise InputError(
                f"the login is {person.person}'s, and it is asked for somebody else: nothing was "
                "sent",
                code="proof_mismatch",
            )
        return self._seal()(pack(person.proof), intent_id, Purpose.IDENTITY)

    def _gate_id(self) -> str:
        """Return the id of the gate that is signed for; a pinned one counts before all."""
        return gate_set(self.settings.pinned_keys, self._known()).id

    def _known(self) -> Directory:
        with self._lock:
            if self._directory is None:
                self._directory = Directory.load(self.settings.directory)
            return self._directory

    def _signs(self) -> SigningKey | None:
        """Return the key that was given, else the one in the agent's own place, if it is there."""
        with self._lock:
            given = self._signing_key
            if self._signer is None and isinstance(given, SigningKey):
                self._signer = given
            elif self._signer is None and not isinstance(given, SigningKey):
                own = self.settings.keys / "agents" / f"{Path(self.name).name}.key"
                file = own if given is None else Path(given)
                if given is not None or file.exists():
                    self._signer = key_of(file)
            return self._signer

    def _secret(self) -> bytes:
        return agent_secret(self.settings.keys, self.name, self._signs())

    def _limits(self) -> proposal.ProposalLimits:
        return proposal.ProposalLimits(
            params_bytes_max=self.settings.params_bytes_max,
            input_bytes_max=self.settings.input_bytes_max,
            ttl_ms_min=self.settings.ttl_ms_min,
            ttl_ms_max=self.settings.ttl_ms_max,
        )
