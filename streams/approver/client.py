"""The approver's library: read requests, sign and send an answer, learn what came of it.

Only `requests` and `audit` are read and only `decisions` is written. What the gate made of an
answer stands in `audit`, as the consequence of the event whose id the delivery report tells.
"""

import secrets
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import TopicPartition

from streams import clock, statements
from streams.approver import judge
from streams.approver.genuine import Genuine
from streams.audit.entry import answers
from streams.directory import Directory
from streams.directory.published import gate_set
from streams.errors import InputError, KeyringError, RefusedError, WireError
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
from streams.plain import visible
from streams.sealing import Purpose
from streams.settings import Settings
from streams.signing import Signer
from streams.wire import client, codec, topics
from streams.wire.credential import as_role

REQUESTS_MAX: Final = 100_000  # a request has some KiB: under 1 GB
SALT_BYTES: Final = 16
POLL_S: Final = 0.2
CANDIDATES_MAX: Final = 10  # of an id that is not whole
CODE_APPROVED: Final = "approved"


@dataclass(frozen=True)
class Inbox:
    """The newest view of each request, soonest deadline first; `unreadable` were passed over.

    So were records that the gate has not signed: `forged` holds the ids that they claim.
    `newest_ms` is when the broker took the newest record, by its own clock.
    """

    requests: tuple[Request, ...]
    unreadable: int
    forged: tuple[str, ...] = ()
    newest_ms: int = 0

    def find(self, prefix: str) -> Request:
        """Return the one request whose id begins so.

        RefusedError `no_request`, `ambiguous`, and `forged_request` where there is one of that id,
        and it is not the gate's.
        """
        found = [each for each in self.requests if each.intent_id.startswith(prefix.lower())]
        if not found and any(each.startswith(prefix.lower()) for each in self.forged):
            raise RefusedError(
                "what stands there under this id is not signed by the gate",
                code="forged_request",
                hint="if `phigate keys status` shows no newer key of the gate than this machine's "
                "directory has, somebody else writes to `requests`: tell the operator",
            )
        if not found:
            raise RefusedError(
                "no request has an id that begins so",
                code="no_request",
                hint="what was permitted or refused at once asks nobody: phigate audit show ID",
            )
        if len(found) > 1:
            ids = [each.intent_id for each in found]
            shown = "\n".join(visible(each) for each in ids[:CANDIDATES_MAX])
            more = f"\nand {len(ids) - CANDIDATES_MAX} more" if len(ids) > CANDIDATES_MAX else ""
            raise RefusedError(
                f"{len(ids)} requests have an id that begins so:\n{shown}{more}", code="ambiguous"
            )
        return found[0]


@dataclass(frozen=True)
class Sent:
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

    def requests(self) -> Inbox:
        """Read `requests` to its end. Raises BrokerError."""
        newest: dict[str, Request] = {}
        forged: set[str] = set()
        unreadable, now_ms, newest_ms = 0, clock.now_ms(), 0
        for record in client.records(self._settings, self._topic("requests")):
            newest_ms = max(newest_ms, record.timestamp_ms)
            try:
                request = codec.decode(record.value or b"", Request)
            except WireError:
                unreadable += 1
                continue
            if record.key != request.intent_id.encode():
                unreadable += 1
                continue
            known = newest.get(request.intent_id)
            if known and known.position.offset > request.position.offset:
                continue
            try:
                self._genuine.check(request, max(now_ms, record.timestamp_ms))
            except InputError:
                forged.add(request.intent_id)
                continue
            if known is None and len(newest) >= REQUESTS_MAX:
                raise RefusedError(f"more than {REQUESTS_MAX} requests", code="too_large")
            newest[request.intent_id] = request
        ordered = sorted(newest.values(), key=lambda each: (each.deadline_ms, each.intent_id))
        return Inbox(tuple(ordered), unreadable, tuple(sorted(forged)), newest_ms)

    def request(self, intent_id: str) -> Request:
        """Return the newest view of one request, by its id or a unique beginning of it.

        Raises RefusedError as `Inbox.find` does, and BrokerError.
        """
        return self.requests().find(intent_id)

    def decide(
        self, request: Request, answer: Answer, code: str, rationale: str, *, now_ms: int
    ) -> Sent:
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

    def send(self, decision: Decision) -> Sent:
        """Send a decision as it is. Raises BrokerError."""
        audit_ends = self._audit_ends()
        topic = self._topic("decisions")
        producer = client.producer(self._settings)
        key = decision.intent_id.encode()
        partition, offset = client.deliver(producer, topic, key, codec.encode(decision))
        event_id = derived_id("event", topic, str(partition), str(offset))
        return Sent(event_id, decision.intent_id, partition, offset, audit_ends)

    def consequence(self, sent: Sent, timeout_s: float = 20.0) -> Consequence | None:
        """Return what the gate made of an answer, or None where it has not said so in time."""
        entry = self.recorded(sent, timeout_s)
        return None if entry is None else entry.consequence

    def recorded(self, sent: Sent, timeout_s: float = 20.0) -> AuditEntry | None:
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

    def _entry_of(self, sent: Sent, value: bytes) -> AuditEntry | None:
        try:
            entry = codec.decode(value, AuditEntry)
        except WireError:
            return None
        keys = self._genuine.gate.audit
        return entry if answers(entry, sent.event_id, sent.intent_id, keys) else None
