"""All orders together: what is halted, revoked and cancelled.

1. Of two orders on one scope the one that was signed later holds; of two at the same time the halt.
   The order of arrival says nothing: a replayed halt or resume changes nothing.
2. What was granted before a halt never runs, not even after the resume: the approvals were given
   for the situation before it. An agent may ask again.
3. A revocation or a cancel is for ever; a cancel counts for its own agent's intents alone. Of one
   agent's cancels the newest are kept, so many that none who means them is met.
4. An order to shred stops nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.control.judge import Order
from streams.control.scope import Scope
from streams.events import ControlKind, GrantStatement, Resource

SWEEP_SIZE = 10_000  # revocations, 300 bytes each; beyond, those that nothing can need are dropped
CANCELS_MAX = 20_000  # of one agent, at a time
HALTED, REVOKED, CANCELLED = "halted", "revoked", "cancelled"


@dataclass
class Board:
    """What is in force. `keep_ms` is how long an intent can still lead to a run after an order."""

    keep_ms: int = 0
    _newest: dict[Scope, Order] = field(default_factory=dict)
    _halted_ms: dict[Scope, int] = field(default_factory=dict)
    _stopped: dict[tuple[str, str], Order] = field(default_factory=dict)  # intent, agent or none
    _shredded: set[tuple[str, int]] = field(default_factory=set)
    _cancels: dict[str, deque[str]] = field(default_factory=dict)  # an agent's, oldest first
    _sweep_at: int = SWEEP_SIZE

    def take(self, order: Order) -> bool:
        """Take an order; return whether it changed anything."""
        if order.scope is not None:
            return self._take_scoped(order, order.scope)
        if order.control is ControlKind.SHRED:
            self._shredded.add((order.subject_id, order.at_ms))
            return False
        cancels = order.control is ControlKind.CANCEL
        key = (order.subject_id, order.by if cancels else "")
        if key in self._stopped:
            return False
        self._stopped[key] = order
        if cancels:
            self._cancelled(order)
        if len(self._stopped) > self._sweep_at:
            self._sweep(order.stamp_ms)
        return True

    def halt_on(self, agent: str, action: str, resource: Resource) -> Order | None:
        """Return a halt in force that covers this, if there is one."""
        covering = (e for e in self.halts() if e.scope and e.scope.covers(agent, action, resource))
        return next(covering, None)

    def stop_on(self, grant: GrantStatement) -> tuple[str, Order] | None:
        """Return why a grant may not run, and by which order; nothing where it may."""
        for agent, code in (("", REVOKED), (grant.agent, CANCELLED)):
            order = self._stopped.get((grant.intent_id, agent))
            if order is not None:
                return code, order
        halt = self.halt_on(grant.agent, grant.action, grant.resource)
        return (HALTED, halt) if halt else self._halted_since(grant)

    def halts(self) -> Iterator[Order]:
        """Yield the halts in force, the oldest first."""
        held = [each for each in self._newest.values() if each.control is ControlKind.HALT]
        yield from sorted(held, key=lambda each: (each.at_ms, each.subject_id))

    def holds(self, control: ControlKind, subject_id: str, at_ms: int) -> bool:
        """Tell whether the order of this time is the one that holds on its subject."""
        if control is ControlKind.SHRED:
            return (subject_id, at_ms) in self._shredded
        if control in {ControlKind.REVOKE, ControlKind.CANCEL}:
            return any(
                intent == subject_id and each.control is control
                for (intent, _), each in self._stopped.items()
            )
        return any(
            each.subject_id == subject_id and (each.control, each.at_ms) == (control, at_ms)
            for each in self._newest.values()
        )

    def newest(self, scope: Scope) -> Order | None:
        """Return the order that holds on exactly this scope."""
        return self._newest.get(scope)

    def _take_scoped(self, order: Order, scope: Scope) -> bool:
        known = self._newest.get(scope)
        if known is not None and _rank(order) <= _rank(known):
            return False
        # new tables, not changed ones: admit asks on one thread and reads on another
        self._newest = {**self._newest, scope: order}
        if order.control is ControlKind.HALT:
            at_ms = max(order.stamp_ms, self._halted_ms.get(scope, 0))
            self._halted_ms = {**self._halted_ms, scope: at_ms}
        return True

    def _cancelled(self, order: Order) -> None:
        """Let go of the agent's oldest cancel where it has given too many."""
        own = self._cancels.setdefault(order.by, deque())
        own.append(order.subject_id)
        if len(own) > CANCELS_MAX:
            self._stopped.pop((own.popleft(), order.by), None)

    def _halted_since(self, grant: GrantStatement) -> tuple[str, Order] | None:
        for scope, at_ms in self._halted_ms.items():
            here = scope.covers(grant.agent, grant.action, grant.resource)
            if here and grant.issued_at_ms <= at_ms:
                return HALTED, self._newest[scope]
        return None

    def _sweep(self, now_ms: int) -> None:
        """Drop orders on intents that are over by now, whatever became of them."""
        oldest = now_ms - self.keep_ms
        self._stopped = {k: each for k, each in self._stopped.items() if each.stamp_ms >= oldest}
        self._cancels = {}
        for intent_id, agent in self._stopped:
            if agent:
                self._cancels.setdefault(agent, deque()).append(intent_id)
        self._sweep_at = len(self._stopped) + SWEEP_SIZE


def _rank(order: Order) -> tuple[int, bool]:
    return order.at_ms, order.control is ControlKind.HALT
