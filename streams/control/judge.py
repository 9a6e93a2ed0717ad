"""One record of `controls`: who signed it, for what, and whether it is in time.

Pure: admit, every executor and whoever lists halts come to the same answer for the same record and
directory. Time is the broker's stamp on the record, never a reader's clock: an order counts if its
signed time is within the clock skew of it. So an order that is sent again later counts no more.

    codes  the codec's, the signature's, key_mismatch, bad_statement, bad_scope, scope_mismatch,
           not_an_officer, officer_suspended, not_an_agent, control_too_old, clock_skew,
           other_gate, reason_mismatch
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from streams import statements
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


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key it is: an agent's, an officer's or another person's, and whether they may act."""

    name: str
    key: PublicKey
    agent: bool
    officer: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may order, by key id; `skew_ms` is how far a signer's clock may be from the broker's.

    `gate` is the id of the gate for which an order must be signed.
    """

    signers: Mapping[str, Signer]
    skew_ms: int
    gate: str

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
            Signer(
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
            Signer(name, key, agent=True, officer=False, active=agent.active)
            for name, agent in directory.agents.items()
            for key in agent.keys
        ]
        gate = pinned.id if pinned else directory.gate.id
        return cls({each.key.key_id: each for each in signers}, skew_ms, gate)


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


def _pinned(key: PublicKey, pinned: GateSet | None) -> bool:
    return pinned is None or any(key in keys for keys in pinned.officers.values())


def judge(key: bytes, value: bytes, stamp_ms: int, authority: Authority) -> Judged:
    """Return what a record orders. Raises InputError with the codes above."""
    control = codec.decode(value, Control)
    keys = (each.key for each in authority.signers.values())
    signed_by, payload = statements.signer(ControlStatement, control.envelope, keys)
    signer = authority.signers[signed_by.key_id]
    try:
        said = statements.said(ControlStatement, payload, authority.gate)
        _check_record(key, control, said)
        _check_signer(signer, said.control)
        _check_time(said.at_ms, stamp_ms, authority.skew_ms)
        scope = _scope(said)
    except RefusedError as error:
        error.who = signer.name  # the log says whose order was refused
        raise
    order = Order(said.control, said.subject_id, scope, signer.name, said.at_ms, stamp_ms)
    return Judged(order, control)


def _check_record(key: bytes, control: Control, said: ControlStatement) -> None:
    """Refuse what lies around the envelope and is not what was signed."""
    if control.subject_id != said.subject_id or key != said.subject_id.encode():
        raise RefusedError("the record's id is not the signed one", code="key_mismatch")
    if hashlib.sha256(control.reason).hexdigest() != said.reason_digest:
        raise RefusedError("the reason is not the signed one", code="reason_mismatch")


def _check_signer(signer: Signer, control: ControlKind) -> None:
    """Refuse who may not order this. A suspended officer may still stop, never let go on."""
    if control is ControlKind.CANCEL:
        if not signer.agent:
            raise RefusedError("an agent cancels; an officer revokes", code="not_an_agent")
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


def _scope(said: ControlStatement) -> Scope | None:
    if said.control not in HALTING:
        if said.scope:
            raise RefusedError("an order on one intent has no scope", code="bad_scope")
        return None
    scope = Scope.parse(said.scope)
    if scope.id != said.subject_id:
        raise RefusedError("the id is not that of the scope", code="scope_mismatch")
    return scope
