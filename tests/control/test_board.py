"""All orders together: what holds, whatever the sequence in which they come."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from streams.control.board import SWEEP_SIZE, Board
from streams.control.judge import Order
from streams.control.scope import Scope
from streams.events import ControlKind, GrantStatement, Resource
from streams.signing import GRANT, open_envelope
from tests.agent.rig import Keys
from tests.executor.gate import ISSUED_MS, Gate

HALT, RESUME, REVOKE, CANCEL, _ = ControlKind
EHR = Resource(type="Database", id="ehr")
KEYS = Keys()
GATE = Gate(KEYS)


def order(kind: ControlKind, what: str = "all", at_ms: int = 0, by: str = "sam") -> Order:
    """Return an order, stamped when it was signed; times are from when the grant was issued."""
    scope = Scope.parse(what) if kind in {HALT, RESUME} else None
    at_ms += ISSUED_MS
    return Order(kind, scope.id if scope else what, scope, by, at_ms, at_ms)


def board(*orders: Order, keep_ms: int = 10_000) -> Board:
    """Return a board that has taken them."""
    made = Board(keep_ms)
    for each in orders:
        made.take(each)
    return made


def grant() -> GrantStatement:
    """Return bot's grant to query a database."""
    _, payload = open_envelope(GATE.grant("i").envelope, GRANT, [KEYS.grants.public])
    return GrantStatement.model_validate_json(payload)


def stopped(*orders: Order) -> str:
    """Return why the grant may not run."""
    stop = board(*orders).stop_on(grant())
    return stop[0] if stop else ""


def test_nothing_is_stopped_without_an_order() -> None:
    """An empty board lets everything run."""
    assert "" == stopped()


def test_a_halt_stops_what_it_covers() -> None:
    """Everything, the agent, the action, the resource; not another's."""
    for what in ("all", "agent:bot", "action:db.query", "resource:Database/ehr"):
        assert "halted" == stopped(order(HALT, what))
    for what in ("agent:other", "action:db.drop", "resource:Database/lab"):
        assert "" == stopped(order(HALT, what))


def test_a_resume_lifts_its_own_halt_alone() -> None:
    """Another halt that covers the same stays."""
    halts = (order(HALT, "all", -9), order(HALT, "agent:bot", -9))
    assert "halted" == stopped(*halts, order(RESUME, "all", -5))
    assert "" == stopped(*halts, order(RESUME, "all", -5), order(RESUME, "agent:bot", -5))


def test_the_newer_order_holds_in_whatever_sequence_they_come() -> None:
    """A replayed halt after the resume changes nothing, nor a replayed resume after a halt."""
    told = (order(HALT, at_ms=-9), order(RESUME, at_ms=-7))
    for some in permutations((*told, told[0])):
        assert "" == stopped(*some)
    again = (order(RESUME, at_ms=-9), order(HALT, at_ms=-7))
    for some in permutations((*again, again[0])):
        assert "halted" == stopped(*some)


def test_of_two_at_one_time_the_halt_holds() -> None:
    """Two officers press at once: doubt means no."""
    for some in permutations((order(HALT, at_ms=-3), order(RESUME, at_ms=-3))):
        assert "halted" == stopped(*some)


def test_what_was_granted_before_a_halt_never_runs() -> None:
    """Not after the resume either; what is granted after the halt was lifted does."""
    assert "halted" == stopped(order(HALT, at_ms=5), order(RESUME, at_ms=9))
    assert "halted" == stopped(order(HALT, at_ms=0), order(RESUME, at_ms=9))
    assert "" == stopped(order(HALT, at_ms=-1), order(RESUME, at_ms=9))


def test_a_revocation_is_of_one_intent_and_for_ever() -> None:
    """No resume lifts it."""
    assert "revoked" == stopped(order(REVOKE, "i"), order(RESUME, at_ms=9))
    assert "" == stopped(order(REVOKE, "j"))


def test_a_cancel_counts_for_its_own_agents_intents_alone() -> None:
    """Whoever else signs one stops nothing."""
    assert "cancelled" == stopped(order(CANCEL, "i", by="bot"))
    assert "" == stopped(order(CANCEL, "i", by="other-bot"))


def test_admit_sees_halts_in_force_and_no_others() -> None:
    """A new intent is asked after the resume: the past does not count against it."""
    held = board(order(HALT, "agent:bot"))
    assert held.halt_on("bot", "db.query", EHR)
    assert None is held.halt_on("other", "db.query", EHR)
    held.take(order(RESUME, "agent:bot", 5))
    assert None is held.halt_on("bot", "db.query", EHR)
    assert [] == list(held.halts())


def test_it_does_not_grow_for_ever() -> None:
    """Revocations of what cannot run any more are dropped; newer ones and halts stay."""
    held = board(order(HALT, "all"), keep_ms=10)
    for number in range(2 * SWEEP_SIZE + 2):
        held.take(order(REVOKE, f"i{number}", number))
    assert len(held._stopped) < SWEEP_SIZE + 20
    assert held.holds(REVOKE, f"i{2 * SWEEP_SIZE + 1}", 0)
    assert 1 == len(list(held.halts()))


@given(
    st.lists(st.tuples(st.sampled_from((HALT, RESUME)), st.integers(-9, 9)), max_size=8),
    st.randoms(),
)
def test_the_sequence_never_matters(told: list[tuple[ControlKind, int]], chance: object) -> None:
    """What holds on a scope is a function of the set of its orders."""
    orders = [order(kind, "all", at_ms) for kind, at_ms in told]
    shuffled = list(orders)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    here, there = board(*orders), board(*shuffled)
    assert [o.at_ms for o in here.halts()] == [o.at_ms for o in there.halts()]


def test_a_shred_stops_nothing_and_is_known() -> None:
    """The intent runs as it would; its sender sees that it counts, and no other does."""
    shred = order(ControlKind.SHRED, "i", 5)
    assert "" == stopped(shred)
    held = board(shred)
    assert held.holds(ControlKind.SHRED, "i", shred.at_ms)
    assert not held.holds(ControlKind.SHRED, "i", shred.at_ms + 1)
    assert not held.holds(ControlKind.REVOKE, "i", shred.at_ms)
