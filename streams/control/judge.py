"""One record of `controls` or `cancels`: who signed it, for what, and whether it is in time.

Pure: admit, every executor and whoever lists halts come to the same answer for the same record and
directory. Time is the broker's stamp on the record, never a reader's clock: an order counts if its
signed time is within the clock skew of it. So an order that is sent again later counts no more.

Officers alone write `controls`, agents `cancels`. What is cheap to see comes before any signature
is checked: size, place, whose key it says it is, and how many of an agent there were this minute.

    codes  the codec's, the signature's, too_large, key_mismatch, bad_intent_id, wrong_topic,
           too_many_cancels, bad_statement, bad_scope, scope_mismatch, unknown_scope,
           not_an_officer, officer_suspended, control_too_old, clock_skew, other_gate,
           reason_mismatch
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from streams import signing, statements
from streams.control.scope import Scope
from streams.directory.published import GateSet
from streams.errors import RefusedError
from streams.events import Control, ControlKind, ControlStatement
from streams.signing import PublicKey
from streams.wire import codec

if TYPE_CHECKING:
    from streams.directory import Directory
    from streams.settings import Settings

HALTING = frozenset({ControlKind.HALT, ControlKind.RESUME})
CONTROLS: Final = "controls"
CANCELS: Final = "cancels"
ORDER_BYTES_MAX: Final = 24_576  # a scope and a reason of the greatest length have 16,000
CANCELS_A_MINUTE: Final = 600  # of one key, in one partition
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class OrderSigner:
    """Whose key it is: an agent's, an officer's or another person's, and whether they may act."""

    name: str
    key: PublicKey
    agent: bool
    officer: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may order, by key id; `skew_ms` is how far a signer's clock may be from the broker's.

    `gate` is the id of the gate for which an order must be signed; `knows` tells whether a scope
    is made of the directory's names: it goes into the log, where nobody's own text may stand.
    """

    signers: Mapping[str, OrderSigner]
    skew_ms: int
    gate: str
    knows: Callable[[Scope], bool]

    @classmethod
    def known(cls, settings: "Settings", directory: "Directory") -> Self:
        """Return who may order by these settings: what they pin counts. Raises SettingsError."""
        pinned = GateSet.load(Path(settings.pinned_keys)) if settings.pinned_keys else None
        return cls.of(directory, settings.clock_skew_ms_max, pinned)

    @classmethod
    def of(cls, directory: "Directory", skew_ms: int, pinned: GateSet | None = None) -> Self:
        """Return the officers and agents of a directory, suspended ones too.

        Where a set is pinned, an officer's key must be in it as well.
        """
        signers = [
            OrderSigner(
                name,
                key,
                agent=False,
                officer=directory.is_officer(name) and _pinned(key, pinned),
                active=person.active,
            )
            for name, person in directory.people.items()
            for key in person.keys
        ]
        signers += [
            OrderSigner(name, key, agent=True, officer=False, active=agent.active)
            for name, agent in directory.agents.items()
            for key in agent.keys
        ]
        gate = pinned.id if pinned else directory.gate.id
        by_key = {each.key.key_id: each for each in signers}
        return cls(by_key, skew_ms, gate, lambda scope: scope.known(directory))


@dataclass(frozen=True, slots=True)
class Order:
    """An order that counts. `stamp_ms` is the broker's clock, `scope` of halts and resumes only."""

    control: ControlKind
    subject_id: str
    scope: Scope | None
    by: str
    at_ms: int
    stamp_ms: int


@dataclass(frozen=True, slots=True)
class Judged:
    """An order, and the record that it came in."""

    order: Order
    control: Control


@dataclass
class Tally:
    """How many cancels came under each key this minute, by the broker's clock; one a partition.

    Whoever may write `cancels` can name another agent's key, so this is no proof against that
    agent. It bounds how many signatures are checked for it.
    """

    most: int = CANCELS_A_MINUTE
    _minute: int = -1
    _counts: dict[str, int] = field(default_factory=dict)

    def charge(self, key_id: str, stamp_ms: int) -> None:
        """Count one. RefusedError `too_many_cancels`."""
        minute = stamp_ms // MINUTE_MS
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        count = self._counts[key_id] = self._counts.get(key_id, 0) + 1
        if count > self.most:
            raise RefusedError(
                f"more than {self.most} cancels of one agent in a minute", code="too_many_cancels"
            )


def _pinned(key: PublicKey, pinned: GateSet | None) -> bool:
    return pinned is None or any(key in keys for keys in pinned.officers.values())


def short(topic: str) -> str:
    """Return the name of a topic of orders without its prefix."""
    return CANCELS if topic.rpartition(".")[2] == CANCELS else CONTROLS


def judge(  # noqa: PLR0913, PLR0917 - a record's parts, as Kafka has them
    key: bytes,
    value: bytes,
    stamp_ms: int,
    authority: Authority,
    topic: str = CONTROLS,
    tally: Tally | None = None,
) -> Judged:
    """Return what a record of `topic` orders. Raises InputError with the codes above.

    `tally` counts the cancels of the record's partition.
    """
    if len(value) > ORDER_BYTES_MAX:
        raise RefusedError(f"the order is larger than {ORDER_BYTES_MAX} bytes", code="too_large")
    control = codec.decode(value, Control)
    _check_place(key, control)
    signer = _named(control, authority, topic)
    if topic == CANCELS and tally is not None:
        tally.charge(signer.key.key_id, stamp_ms)
    _, payload = statements.signer(ControlStatement, control.envelope, (signer.key,))
    try:
        said = statements.said(ControlStatement, payload, authority.gate)
        _check_record(control, said)
        _check_signer(signer, said.control)
        _check_time(said.at_ms, stamp_ms, authority.skew_ms)
        scope = _scope(said, authority)
    except RefusedError as error:
        error.who = signer.name  # the log says whose order was refused
        raise
    order = Order(said.control, said.subject_id, scope, signer.name, said.at_ms, stamp_ms)
    return Judged(order, control)


def _check_place(key: bytes, control: Control) -> None:
    """Refuse what does not stand under its id."""
    if key != control.subject_id.encode():
        raise RefusedError("the record's key is not its id", code="key_mismatch")
    try:
        canonical = str(uuid.UUID(control.subject_id)) == control.subject_id
    except ValueError:
        canonical = False
    if not canonical:
        raise RefusedError("the order's id is no canonical UUID", code="bad_intent_id")


def _named(control: Control, authority: Authority, topic: str) -> OrderSigner:
    """Return whose key the envelope names; nothing is proved by that yet."""
    key_id = signing.named_key(control.envelope, signing.CONTROL)
    signer = authority.signers.get(key_id)
    if signer is None:
        raise RefusedError("the signing key is not known here", code="unknown_key")
    if signer.agent is not (topic == CANCELS):
        raise _wrong_topic()
    return signer


def _wrong_topic() -> RefusedError:
    return RefusedError(
        f"agents cancel in `{CANCELS}`, officers order in `{CONTROLS}`", code="wrong_topic"
    )


def _check_record(control: Control, said: ControlStatement) -> None:
    """Refuse what lies around the envelope and is not what was signed."""
    if control.subject_id != said.subject_id:
        raise RefusedError("the record's id is not the signed one", code="key_mismatch")
    if hashlib.sha256(control.reason).hexdigest() != said.reason_digest:
        raise RefusedError("the reason is not the signed one", code="reason_mismatch")


def _check_signer(signer: OrderSigner, control: ControlKind) -> None:
    """Refuse who may not order this. A suspended officer may still stop, never let go on."""
    if signer.agent is not (control is ControlKind.CANCEL):
        raise _wrong_topic()
    if signer.agent:
        return
    if not signer.officer:
        raise RefusedError("whoever signed this is no officer", code="not_an_officer")
    if control in {ControlKind.RESUME, ControlKind.SHRED} and not signer.active:
        raise RefusedError(f"a suspended officer cannot {control}", code="officer_suspended")


def _check_time(at_ms: int, stamp_ms: int, skew_ms: int) -> None:
    if at_ms > stamp_ms + skew_ms:
        raise RefusedError("the order comes from the future: check clocks", code="clock_skew")
    if at_ms < stamp_ms - skew_ms:
        raise RefusedError("the order is old: it was sent before", code="control_too_old")


def _scope(said: ControlStatement, authority: Authority) -> Scope | None:
    if said.control not in HALTING:
        if said.scope:
            raise RefusedError("an order on one intent has no scope", code="bad_scope")
        return None
    scope = Scope.parse(said.scope)
    if scope.id != said.subject_id:
        raise RefusedError("the id is not that of the scope", code="scope_mismatch")
    if not authority.knows(scope):
        raise RefusedError("the directory has nothing of that name", code="unknown_scope")
    return scope
