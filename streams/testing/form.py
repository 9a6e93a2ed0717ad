"""How a run writes messages down: `Exact` as the product does, `Shortcut` by reference.

Both give the hosts the same doors: `write`, `read`, `step`, `shown`, `link`. `Exact` uses the real
codec, real Ed25519 grants and real audit entries; it finds what encoding could break. `Shortcut`
hands frozen messages on by number and remembers what the pure functions said of the very same
objects; it folds some fifty times faster, so that many more interleavings are explored. A host with
a wrong case asks about other objects, gets another answer, and is caught all the same.
"""

import hashlib
from collections import defaultdict
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

from streams.audit.entry import entry_of
from streams.audit.sequence import Tree, unpack
from streams.errors import WireError
from streams.events import CaseEvent, Consequence, Message, Position, derived_id
from streams.gate.case import Case
from streams.gate.fold import Step, step
from streams.gate.projections import project
from streams.signing import GRANT, REQUEST, SigningKey, envelope
from streams.wire import codec
from streams.worker.record import Place, Record

M = TypeVar("M", bound=Message)


@lru_cache(maxsize=1 << 16)  # every history has the same ones
def position_at(partition: int, offset: int) -> Position:
    """Return a position of the log."""
    return Position(partition=partition, offset=offset)


class Shown(NamedTuple):
    """One projection, written down; `topic` as in `project`."""

    topic: str
    value: bytes


class Link(NamedTuple):
    """An audit entry as `Shortcut` keeps it: no signature, a short hash."""

    offset: int
    previous: bytes
    mark: bytes
    consequence: Consequence


class Form(Protocol):
    """What a run needs of messages."""

    def write(self, message: Message) -> bytes:
        """Return the message's bytes."""

    def read(self, data: bytes, kind: type[M]) -> M:
        """Return the message in the bytes; WireError where there is none."""

    def step(self, case: Case | None, event: CaseEvent, place: Place, offset: int) -> Step:
        """Fold one event of the log."""

    def shown(self, case: Case) -> tuple[Shown, ...]:
        """Return what the case publishes, in order."""

    def link(
        self, mark: bytes, record: Record, event: CaseEvent | None, told: Consequence
    ) -> tuple[bytes, bytes]:
        """Return the audit entry of a record that follows `mark`, and its own mark."""

    def event_id(self, topic: str, partition: int, offset: int) -> str:
        """Return the id of the event that admit makes of an input."""


class Exact:
    """The product's own bytes. Its keys are drawn; what happens in a run does not depend on it.

    `trees` holds every tree that an audit worker had, by shard and size: as if each were signed.
    """

    def __init__(self) -> None:
        self.gate_key = SigningKey.new("gate")
        self.audit_key = SigningKey.new("audit")
        self.trees: defaultdict[int, defaultdict[int, set[bytes]]] = defaultdict(
            lambda: defaultdict(set)
        )

    def write(self, message: Message) -> bytes:
        """Encode with the codec."""
        return codec.encode(message)

    def read(self, data: bytes, kind: type[M]) -> M:
        """Decode with the codec."""
        return codec.decode(data, kind)

    def step(self, case: Case | None, event: CaseEvent, place: Place, offset: int) -> Step:
        """Fold."""
        return step(case, event, Position(partition=place.partition, offset=offset))

    def shown(self, case: Case) -> tuple[Shown, ...]:
        """Project, sign, encode."""
        return tuple(Shown(o.topic, self.write(o.message)) for o in project(case, self))

    def link(
        self, mark: bytes, record: Record, event: CaseEvent | None, told: Consequence
    ) -> tuple[bytes, bytes]:
        """Make a leaf with its receipt and let the tree grow, as the audit worker does."""
        shard = record.place.partition
        entry = entry_of(
            shard,
            record.offset,
            event.intent_id if event else "",
            record.value,
            event,
            told,
            self.audit_key,
        )
        tree = (unpack(mark) if mark else Tree.begin(record.offset)).with_entry(entry)
        self.trees[shard][tree.size].add(tree.head.root)
        return self.write(entry), tree.pack()

    def event_id(self, topic: str, partition: int, offset: int) -> str:
        """Derive it."""
        return derived_id("event", topic, str(partition), str(offset))

    def sign_grant(self, statement: bytes) -> bytes:
        """Sign a grant's statement."""
        return envelope(statement, GRANT, self.gate_key)

    def sign_request(self, statement: bytes) -> bytes:
        """Sign a request's statement."""
        return envelope(statement, REQUEST, self.gate_key)

    def release(self, locked: bytes, _: str) -> bytes:
        """Hand on what admit locked: no run seals anything."""
        return locked


class Shortcut:
    """Messages by number. A number is written once for each object and never reused."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}
        self._numbers: dict[int, bytes] = {}
        self._steps: dict[tuple[int, int, int, int], Step] = {}
        self._shown: dict[int, tuple[Shown, ...]] = {}

    def write(self, message: Any) -> bytes:
        """Keep the object; return its number."""
        number = self._numbers.get(id(message))
        if number is None:
            number = len(self._kept).to_bytes(8, "big")
            self._kept[number] = message  # and so its id stays its own
            self._numbers[id(message)] = number
        return number

    def read(self, data: bytes, kind: type[M]) -> M:
        """Return the object of this number; WireError where it is another kind's or nobody's."""
        kept = self._kept.get(data)
        if type(kept) is kind:
            return kept
        raise WireError("no message of this run", code="not_avro")

    def kept(self, data: bytes) -> Any:
        """Return the object of this number, whatever it is."""
        return self._kept[data]

    def step(self, case: Case | None, event: CaseEvent, place: Place, offset: int) -> Step:
        """Fold, or remember what folding these very objects gave."""
        key = (id(case), id(event), place.partition, offset)
        made = self._steps.get(key)
        if made is None:
            position = position_at(place.partition, offset)
            made = self._steps[key] = step(case, event, position)
            if made.case is not None:
                self.write(made.case)
        return made

    def shown(self, case: Case) -> tuple[Shown, ...]:
        """Project, or remember what this very case showed."""
        shown = self._shown.get(id(case))
        if shown is None:
            self.write(case)
            outputs = project(case, self)
            shown = tuple(Shown(o.topic, self.write(o.message)) for o in outputs)
            self._shown[id(case)] = shown
        return shown

    def link(
        self, mark: bytes, record: Record, _: CaseEvent | None, told: Consequence
    ) -> tuple[bytes, bytes]:
        """Chain with a short hash over what the entry says."""
        said = f"{record.offset} {told.effected} {told.reason} {told.state}".encode()
        new = hashlib.blake2b(mark + record.value + said, digest_size=16).digest()
        return self.write(Link(record.offset, mark, new, told)), new

    def event_id(self, topic: str, partition: int, offset: int) -> str:
        """Name it by its place: as unique as a hash, and readable."""
        return f"{topic}/{partition}/{offset}"

    def sign_grant(self, statement: bytes) -> bytes:
        """Sign nothing."""
        return statement

    def sign_request(self, statement: bytes) -> bytes:
        """Sign nothing."""
        return statement

    def release(self, locked: bytes, _: str) -> bytes:
        """Release nothing."""
        return locked
