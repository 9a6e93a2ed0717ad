"""Requests as they are read: the newest genuine view of each, within bounds of memory.

An agent chooses how many requests there are and how large. So what is kept has a size: closed ones
go first, then those whose deadline is furthest. Whatever was left out is counted, and can still be
read and answered by its id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from streams.errors import InputError, RefusedError, WireError
from streams.events import Request, State
from streams.plain import visible
from streams.wire import codec
from streams.wire.client import KafkaRecord

KEPT_MAX: Final = 20_000  # more than anybody reads
KEPT_BYTES_MAX: Final = 128 * 1024 * 1024  # as they are encoded; in memory some times as much
CANDIDATES_MAX: Final = 10  # of an id that is not whole
AFTER: Final = 0.75  # of that is kept where there was too much


@dataclass(frozen=True)
class Inbox:
    """The newest view of each request, soonest deadline first; `unreadable` were passed over.

    So were records that the gate has not signed: `forged` holds the ids that they claim. `left_out`
    tells how many more are open than were kept.
    """

    requests: tuple[Request, ...]
    unreadable: int
    forged: tuple[str, ...] = ()
    left_out: int = 0
    newest_ms: int = 0  # when the broker took the newest record, by its own clock

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


@dataclass
class Box:
    """What is read of `requests`; `check` raises InputError for what the gate has not signed.

    Only ids that begin with `prefix` are looked at; without `closed` only what is open is kept.
    """

    check: Callable[[Request], None]
    prefix: str = ""
    closed: bool = True
    kept_max: int = KEPT_MAX
    bytes_max: int = KEPT_BYTES_MAX
    _kept: dict[str, Request] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _at: dict[str, int] = field(default_factory=dict)  # where the newest view of each stands
    _out: set[str] = field(default_factory=set)  # open ones that were let go
    _forged: set[str] = field(default_factory=set)
    _unreadable: int = 0
    _total: int = 0
    _newest_ms: int = 0

    def take(self, record: KafkaRecord) -> None:
        """Look at one record."""
        self._newest_ms = max(self._newest_ms, record.timestamp_ms)
        key, value = record.key or b"", record.value or b""
        if not key.startswith(self.prefix.encode("utf-8", "surrogateescape")):
            return
        try:
            request = codec.decode(value, Request)
        except WireError:
            self._unreadable += 1
            return
        name, offset = request.intent_id, request.position.offset
        if key != name.encode():
            self._unreadable += 1
            return
        if self._at.get(name, -1) > offset:
            return
        try:
            self.check(request)
        except InputError:
            if len(self._forged) < self.kept_max:
                self._forged.add(name)
            return
        self._at[name] = offset
        self._put(request, len(value))

    def inbox(self) -> Inbox:
        """Return what was kept."""
        ordered = sorted(self._kept.values(), key=lambda each: (each.deadline_ms, each.intent_id))
        forged = tuple(sorted(self._forged))
        return Inbox(tuple(ordered), self._unreadable, forged, len(self._out), self._newest_ms)

    def _put(self, request: Request, size: int) -> None:
        name = request.intent_id
        self._drop(name)
        self._out.discard(name)
        if not (self.closed or request.state is State.PENDING):
            return
        self._kept[name], self._sizes[name] = request, size
        self._total += size
        if self._total > self.bytes_max or len(self._kept) > self.kept_max:
            self._make_room()

    def _drop(self, name: str) -> None:
        self._kept.pop(name, None)
        self._total -= self._sizes.pop(name, 0)

    def _make_room(self) -> None:
        """Let go of what is closed, then of what has the most time left."""
        last = sorted(self._kept.values(), key=_urgency)
        most, size = int(self.kept_max * AFTER), self.bytes_max * AFTER
        while last and (self._total > size or len(self._kept) > most):
            gone = last.pop()
            self._drop(gone.intent_id)
            if gone.state is State.PENDING:
                self._out.add(gone.intent_id)


def _urgency(request: Request) -> tuple[bool, int]:
    return request.state is not State.PENDING, request.deadline_ms
