"""The approver's library: read requests, sign and send an answer, learn what came of it.

Only `requests` and `audit` are read and only `decisions` is written. What the gate made of an
answer stands in `audit`, as the consequence of the event whose id the delivery report tells.
"""

import secrets
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import TopicPartition

from streams import clock, statements
from streams.approver import judge
from streams.approver.box import Box, Inbox
from streams.approver.genuine import Genuine
from streams.audit.entry import answers
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import BrokerError, KeyringError, WireError
from streams.events import (
    Answer,
    Assurance,
    AuditEntry,
    Consequence,
    Decision,
    Request,
    derived_id,
)
from streams.identity.binding import pack
from streams.identity.session import Login
from streams.sealing import Purpose
from streams.settings import Settings
from streams.signing import Signer
from streams.wire import client, codec, topics
from streams.wire.credential import as_role

ID_CHARS: Final = 36  # of a whole one
SALT_BYTES: Final = 16
POLL_S: Final = 0.2
CODE_APPROVED: Final = "approved"


@dataclass(frozen=True)
class SentDecision:
    """A decision that the broker has; `event_id` is the one its log event will have.

    `audit_ends` is where `audit` ended before it was sent.
    """

    event_id: str
    intent_id: str
    partition: int
    offset: int
    audit_ends: Mapping[int, int] = field(repr=False)


class Approver:
    """One person at the gate. Without a key it can read and not decide.

    `person` is the name that the directory gives to the key, or the login's, or the one given here.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        key: Signer | None = None,
        person: str = "",
    ) -> None:
        self._settings = as_role(settings, "approver")
        self._directory = directory
        open_ms_max = settings.ttl_ms_max + settings.clock_skew_ms_max
        self._genuine = Genuine(gate_set(settings.pinned_keys, directory), open_ms_max)
        self._key = key
        login = key if isinstance(key, Login) else None
        known = directory.person_of_key(key.public.key_id) if key and not login else None
        self.login = login
        self.known = known is not None or login is not None
        self.person = login.person if login else known[0] if known else person
        entry = directory.person(self.person) if self.person else None
        self.active = entry is not None and entry.active
        own = directory.own_groups(self.person)
        self.groups = login.groups if login and self.active else own

    @property
    def assurance(self) -> Assurance:
        """How the gate will know this person."""
        return Assurance.OIDC if self.login else Assurance.KEY

    def stands_for(self, now_ms: int) -> tuple[str, ...]:
        """Return for whom this person stands now: who delegated, and who to those."""
        return self._directory.stands_for(self.person, now_ms)

    def groups_now(self, now_ms: int) -> frozenset[str]:
        """Return for which groups this person can answer now: theirs, and their delegators'."""
        given = self._directory.delegators(self.person, now_ms)
        lent = map(self._directory.own_groups, given)
        return self.groups.union(*lent) if self.active else frozenset()

    def reviewer(self, now_ms: int, *, signing: bool = False) -> judge.Reviewer:
        """Return this person as the gate will see them; the level is known where they sign."""
        level = self.assurance if signing else None
        groups, others = self.groups_now(now_ms), self.stands_for(now_ms)
        return judge.Reviewer(self.person, groups, others, level)

    def requests(self, *, closed: bool = True) -> Inbox:
        """Read `requests` to its end, the closed ones too unless told. Raises BrokerError."""
        return self._read(Box(self._check, closed=closed), None)

    def found(self, prefix: str) -> Inbox:
        """Return the requests whose id begins so; nothing else is unpacked. Raises BrokerError.

        The partition of a whole id is read first. A sender that spreads its keys otherwise puts
        them elsewhere, so the others are read where it is not there.
        """
        wanted = prefix.lower()
        if len(wanted) == ID_CHARS:
            number = client.partition_of(
                wanted.encode("utf-8", "surrogateescape"), self._settings.partitions
            )
            with suppress(BrokerError):  # fewer partitions than these settings say
                inbox = self._read(Box(self._check, wanted), [number])
                if inbox.requests or inbox.forged:
                    return inbox
        return self._read(Box(self._check, wanted), None)

    def request(self, intent_id: str) -> Request:
        """Return the newest view of one request, by its id or a unique beginning of it.

        Raises RefusedError as `Inbox.find` does, and BrokerError.
        """
        return self.found(intent_id).find(intent_id)

    def _read(self, box: Box, partitions: list[int] | None) -> Inbox:
        for record in client.records(self._settings, self._topic("requests"), partitions):
            box.take(record)
        return box.inbox()

    def _check(self, request: Request) -> None:
        self._genuine.check(request, clock.now_ms())

    def decide(
        self, request: Request, answer: Answer, code: str, rationale: str, *, now_ms: int
    ) -> SentDecision:
        """Sign and send an answer to exactly this view of the request.

        Raises KeyringError without a key, InputError as `Genuine.check` and `judge.statement` do,
        BrokerError.
        """
        if self._key is None:
            raise KeyringError("there is no key to sign with", code="no_key")
        self._genuine.check(request, now_ms)
        salt = secrets.token_bytes(SALT_BYTES)
        said = judge.statement(
            request, answer=answer, code=code, rationale=rationale, salt=salt, now_ms=now_ms
        )
        seal = self._directory.gate.seal.seal
        decision = Decision(
            intent_id=request.intent_id,
            envelope=statements.signed(said, self._key),
            rationale=seal(rationale.encode(), request.intent_id, Purpose.RATIONALE),
            salt=salt,
            identity=self._identity(request.intent_id),
        )
        return self.send(decision)

    def send(self, decision: Decision) -> SentDecision:
        """Send a decision as it is. Raises BrokerError."""
        audit_ends = self._audit_ends()
        topic = self._topic("decisions")
        producer = client.producer(self._settings)
        key = decision.intent_id.encode()
        partition, offset = client.deliver(producer, topic, key, codec.encode(decision))
        event_id = derived_id("event", topic, str(partition), str(offset))
        return SentDecision(event_id, decision.intent_id, partition, offset, audit_ends)

    def consequence(self, sent: SentDecision, timeout_s: float = 20.0) -> Consequence | None:
        """Return what the gate made of an answer, or None where it has not said so in time."""
        entry = self.recorded(sent, timeout_s)
        return None if entry is None else entry.consequence

    def recorded(self, sent: SentDecision, timeout_s: float = 20.0) -> AuditEntry | None:
        """Return the audit entry of an answer; one that the gate did not sign is passed over."""
        deadline = time.monotonic() + timeout_s
        places = [
            TopicPartition(self._topic("audit"), number, offset)
            for number, offset in sent.audit_ends.items()
        ]
        with closing(client.consumer(self._settings)) as reader:
            reader.assign(places)
            while time.monotonic() < deadline:
                message = reader.poll(POLL_S)
                if message is None or message.error() is not None:
                    continue
                entry = self._entry_of(sent, message.value() or b"")
                if entry is not None:
                    return entry
        return None

    def progress(self, intent_id: str, entry: AuditEntry, timeout_s: float = 5.0) -> Request | None:
        """Return the request as it stands after `entry`, which has counted; None if not in time."""
        deadline = time.monotonic() + timeout_s
        while True:
            request = self.request(intent_id)
            if request.position.offset >= entry.index:
                return request
            if time.monotonic() >= deadline:
                return None
            time.sleep(POLL_S)

    # ------------------------------------------------------------ parts

    def _identity(self, intent_id: str) -> bytes | None:
        """Return the login's token and what binds its key, for nobody but the gate."""
        if self.login is None:
            return None
        proof = pack(self.login.proof)
        return self._directory.gate.seal.seal(proof, intent_id, Purpose.IDENTITY)

    def _topic(self, name: str) -> str:
        return topics.name(self._settings.prefix, name)

    def _audit_ends(self) -> dict[int, int]:
        with closing(client.consumer(self._settings)) as reader:
            spans = client.ends(reader, self._topic("audit"), None, client.REACH_TIMEOUT_S)
        return {number: high for number, (_, high) in spans.items()}

    def _entry_of(self, sent: SentDecision, value: bytes) -> AuditEntry | None:
        try:
            entry = codec.decode(value, AuditEntry)
        except WireError:
            return None
        keys = self._genuine.gate.audit
        return entry if answers(entry, sent.event_id, sent.intent_id, keys) else None
