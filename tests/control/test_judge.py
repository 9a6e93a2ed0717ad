"""One record of `controls`: who may order what, and when it counts. Attacks by their names."""

from typing import Any

import pytest

from streams import signing
from streams.control.judge import CANCELS, CONTROLS, Authority, judge
from streams.control.scope import Scope
from streams.errors import InputError
from streams.events import Control, ControlKind
from streams.signing import SigningKey
from streams.wire import codec
from tests.agent.rig import Keys
from tests.control.orders import INTENT_ID, NOW_MS, OTHER_ID, SKEW_MS, directory, order

KEYS = Keys()
HALT, RESUME, REVOKE, CANCEL, _ = ControlKind
SUSPENDED: Any = {"sam": ("{groups: [officers]", "{status: suspended, groups: [officers]")}


def said(
    control: Control,
    *,
    stamp_ms: int = NOW_MS,
    key: bytes | None = None,
    topic: str = CONTROLS,
    **changes: Any,
) -> Any:
    """Return what a record orders."""
    authority = Authority.of(directory(KEYS, **changes), SKEW_MS)
    named = control.subject_id.encode() if key is None else key
    return judge(named, codec.encode(control), stamp_ms, authority, topic).order


def refused(control: Control, **parts: Any) -> str:
    """Return the code with which a record is refused."""
    with pytest.raises(InputError) as caught:
        said(control, **parts)
    return caught.value.code


@pytest.mark.parametrize("kind", [HALT, RESUME])
def test_an_officer_orders_a_scope(kind: ControlKind) -> None:
    """Who, what, and the broker's time."""
    found = said(order(KEYS, kind, "agent:bot"), stamp_ms=NOW_MS + 7)
    assert (kind, Scope("agent", "bot"), "sam") == (found.control, found.scope, found.by)
    assert (NOW_MS, NOW_MS + 7) == (found.at_ms, found.stamp_ms)


def test_an_officer_revokes_and_an_agent_cancels() -> None:
    """One intent, by its id."""
    revoked = said(order(KEYS, REVOKE, INTENT_ID))
    assert ("sam", INTENT_ID) == (revoked.by, revoked.subject_id)
    assert "signer" == said(order(KEYS, CANCEL, INTENT_ID), topic=CANCELS).by


@pytest.mark.parametrize("kind", [HALT, RESUME, REVOKE])
def test_nobody_else_may_order(kind: ControlKind) -> None:
    """Not a person who is no officer, not an agent, nobody unknown, not the gate itself."""
    what = INTENT_ID if kind is REVOKE else "all"
    for key, code in (
        (KEYS.person, "not_an_officer"),
        (KEYS.agent, "wrong_topic"),
        (KEYS.grants, "unknown_key"),
        (KEYS.executor, "unknown_key"),
        (SigningKey.new("stranger"), "unknown_key"),
        (SigningKey.new("sam"), "unknown_key"),
    ):
        assert code == refused(order(KEYS, kind, what, key=key))


def test_only_an_agent_cancels() -> None:
    """An officer revokes, under the officer's name; a person has no intents."""
    for key in (KEYS.officer, KEYS.person):
        for topic in (CONTROLS, CANCELS):
            assert "wrong_topic" == refused(order(KEYS, CANCEL, INTENT_ID, key=key), topic=topic)


def test_without_an_officers_group_nobody_may_halt() -> None:
    """A group that the directory does not name gives no power."""
    none = {"officers": ("officers: officers\n", "")}
    assert "not_an_officer" == refused(order(KEYS, HALT), **none)


def test_a_suspended_officer_may_stop_and_not_let_go_on() -> None:
    """A halt by somebody who is suspended afterwards stays; a resume of theirs does not."""
    assert HALT is said(order(KEYS, HALT), **SUSPENDED).control
    assert REVOKE is said(order(KEYS, REVOKE, INTENT_ID), **SUSPENDED).control
    assert "officer_suspended" == refused(order(KEYS, RESUME), **SUSPENDED)


def test_an_order_that_is_sent_again_later_does_not_count() -> None:
    """The broker's stamp is new, the signed time is not."""
    replay = order(KEYS, HALT)
    assert HALT is said(replay, stamp_ms=NOW_MS + SKEW_MS).control
    assert "control_too_old" == refused(replay, stamp_ms=NOW_MS + SKEW_MS + 1)


def test_an_order_from_the_future_does_not_count() -> None:
    """Whoever could date it far ahead would have the last word for ever."""
    ahead = order(KEYS, RESUME, at_ms=NOW_MS + SKEW_MS + 1)
    assert "clock_skew" == refused(ahead)


def test_a_signature_cannot_be_moved_to_another_intent_or_scope() -> None:
    """The id around it, the id inside, and the record's key are one."""
    made = order(KEYS, REVOKE, INTENT_ID)
    assert "key_mismatch" == refused(made.model_copy(update={"subject_id": OTHER_ID}))
    assert "key_mismatch" == refused(made, key=OTHER_ID.encode())
    renamed = made.model_copy(update={"subject_id": OTHER_ID})
    assert "key_mismatch" == refused(renamed, key=INTENT_ID.encode())
    wider = order(KEYS, HALT, "agent:bot", scope="all")
    assert "scope_mismatch" == refused(wider)
    assert "bad_scope" == refused(order(KEYS, REVOKE, INTENT_ID, scope="all"))


@pytest.mark.parametrize("kind", [signing.DECISION, signing.OUTCOME, signing.GRANT, signing.INTENT])
def test_a_signature_over_something_else_is_no_order(kind: str) -> None:
    """Algorithm and type confusion: DSSE binds the payload's type."""
    assert "wrong_payload_type" == refused(order(KEYS, HALT, payload_type=kind))


def test_a_changed_order_is_refused() -> None:
    """Another order under the first one's signature."""
    halt, resume = order(KEYS, HALT), order(KEYS, RESUME)
    cut = halt.envelope.index(b'"payloadType"')
    forged = resume.envelope[: resume.envelope.index(b'"payloadType"')] + halt.envelope[cut:]
    assert "bad_signature" == refused(halt.model_copy(update={"envelope": forged}))


def test_no_bytes_are_an_order() -> None:
    """Garbage, another record, nothing."""
    authority = Authority.of(directory(KEYS), SKEW_MS)
    for value in (b"", b"\x00garbage", codec.encode(order(KEYS, HALT))[:-1]):
        with pytest.raises(InputError):
            judge(b"k", value, NOW_MS, authority)
