"""All that a reviewer was shown is what the reviewer's signature covers, at every door.

Each test is an attack of somebody who can write to the cluster, or to a file that was carried away,
and has no key but one of their own.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from streams import signing, statements
from streams.approver import screen
from streams.events import (
    Answer,
    Assurance,
    Effected,
    Kind,
    PhiCount,
    Position,
    Request,
    Requester,
    Resource,
    RouteProgress,
    Said,
    State,
)
from streams.gate import view
from streams.sealing import Purpose
from streams.signing import SigningKey
from streams.wire import codec
from streams.worker.views import UNREADABLE, Views
from tests.attacks.doors import Door, House, code_of

NOW_MS = 1_800_000_000_000

PROGRESS = {"position", "state", "reviews", "envelope"}
NOT_SHOWN = {"content"}  # the agent's own commitment, which tells nobody else anything
ROUTE = RouteProgress(group="it-managers", quorum=1, deadline_ms=NOW_MS, approved_by=())
OTHERS: dict[str, Any] = {
    "intent_id": "0192a7c4-11aa-7000-8000-0000000000a1",
    "agent": "another-bot",
    "owner": "carla",
    "on_behalf_of": "paul",
    "requester": Requester.PROVEN,
    "action": "db.query",
    "resource": Resource(type="Mail", id="patients"),
    "display": b'{"action":"db.query"}',
    "display_digest": "0" * 64,
    "action_digest": "0" * 64,
    "whole": False,
    "phi": (),
    "policies": ("routine-cohort-count",),
    "reason": "routine",
    "routes": (ROUTE,),
    "excluded": (),
    "unmask": False,
    "policy_revision": "0" * 64,
    "masker_revision": "mask-0",
    "opened_at_ms": 1,
    "deadline_ms": NOW_MS * 2,
    "facts": ("sql.read=no",),
    "unsure": 7,
    "gate": "gate-elsewhere",
}
VARIANTS: dict[str, dict[str, Any]] = {
    **{name: {name: value} for name, value in OTHERS.items()},
    "on behalf of nobody": {"on_behalf_of": None},
    "one kind less": {"phi": (PhiCount(kind="PERSON", count=0),)},
    "a harmless agent": {"agent": "bot ", "owner": "carla", "on_behalf_of": None, "phi": ()},
    "one more day": {"deadline_ms": 2_000_000_000_000},
    "no routes": {"routes": ()},
}


def test_every_field_of_a_request_is_progress_or_forged_here() -> None:
    """Whoever adds a field to a request says here what a lie about it would be."""
    assert set(Request.model_fields) == PROGRESS | NOT_SHOWN | set(OTHERS)


@pytest.mark.parametrize("name", VARIANTS)
def test_an_answer_to_a_forged_request_does_not_count(gate: House, name: str) -> None:
    """Whatever was shown otherwise than it is: the signature is over something else."""
    real = gate.asked()
    forged = real.model_copy(update=VARIANTS[name])
    made = gate.house.decision("petra", forged, gate=real.gate, intent_id=real.intent_id)
    moved = made.model_copy(update={"intent_id": real.intent_id})
    sealed = gate.house.seal(b"Checked", real.intent_id, Purpose.RATIONALE)
    told = gate.feed(Kind.DECISION, real.intent_id, moved.model_copy(update={"rationale": sealed}))
    assert Effected.REFUSED is told.effected
    assert told.reason.endswith("_mismatch"), told.reason
    assert Effected.GRANTED is gate.decide("petra", real.intent_id).effected


@pytest.mark.parametrize("name", VARIANTS)
def test_what_shows_otherwise_is_signed_otherwise(gate: House, name: str) -> None:
    """Two requests of which a person sees a difference have two digests, or one warns."""
    real = gate.asked()
    forged = real.model_copy(update=VARIANTS[name])
    assert view.view_digest(real) != view.view_digest(forged) or "DO NOT SIGN" in seen(forged)


def seen(request: Request) -> str:
    """Return the screen of a request, without the line of digests."""
    lines = [line.text for line in screen.show(request, NOW_MS, person="petra")]
    return "\n".join(line for line in lines if not line.startswith("  view "))


def test_the_progress_of_others_is_not_signed(gate: House) -> None:
    """Who has agreed by now moves while people read: their answers count all the same."""
    real = gate.asked()
    said = Said(
        person="paul", answer=Answer.APPROVE, assurance=Assurance.KEY, stands_for=(), at_ms=1
    )
    later = real.model_copy(
        update={
            "position": Position(partition=0, offset=99),
            "state": State.GRANTED,
            "reviews": (said,),
            "routes": tuple(r.model_copy(update={"approved_by": ("paul",)}) for r in real.routes),
        }
    )
    assert seen(real) != seen(later)
    assert view.view_digest(real) == view.view_digest(later)


# ---------------------------------------------------------------- doors


def resigned(request: Request, key: SigningKey) -> Request:
    """Return the request as whoever has this key would sign it."""
    return request.model_copy(update={"envelope": statements.signed(view.statement(request), key)})


def forgeries(gate: House, real: Request) -> Iterator[tuple[str, Request]]:
    """Yield requests that are not the gate's, and why: the code."""
    house, other = gate.house, gate.asked()
    for name in sorted(VARIANTS.keys() - {"intent_id"}):
        yield "request_mismatch", real.model_copy(update=VARIANTS[name])
    yield "not_signed", real.model_copy(update={"envelope": b""})
    yield "bad_envelope", real.model_copy(update={"envelope": b"{}"})
    yield "request_mismatch", real.model_copy(update={"envelope": other.envelope})
    yield "request_mismatch", real.model_copy(update={"state": State.GRANTED})
    yield "request_mismatch", real.model_copy(update={"position": Position(partition=0, offset=9)})
    for key in (house.stranger, house.people["sam"], house.executor, gate.key("audit")):
        yield "unknown_key", resigned(real, key)
    grant = gate.key("grant")
    said = view.statement(real).model_dump_json().encode()
    for kind in (signing.GRANT, signing.DECISION, signing.CONTROL):
        sealed = signing.envelope(said, kind, grant)
        yield "wrong_payload_type", real.model_copy(update={"envelope": sealed})
    elsewhere = real.model_copy(update={"gate": "gate-elsewhere"})
    yield "other_gate", resigned(elsewhere, grant)


def test_a_request_that_the_gate_has_not_signed_is_shown_as_nothing(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the inbox, not by its id, not signed by the library; a genuine one beside it is."""
    real = gate.asked()
    for code, forged in forgeries(gate, real):
        door = Door(gate, monkeypatch, forged)
        found = door.requests()
        assert ((), 0, (real.intent_id,)) == (found.requests, found.unreadable, found.forged)
        assert "forged_request" == code_of(door.request, real.intent_id[:9])
        answer = (forged, Answer.APPROVE, "approved", "Checked")
        assert (code, []) == (code_of(door.decide, *answer, now_ms=NOW_MS), door.sent)
        newer = forged.model_copy(update={"position": Position(partition=0, offset=10**6)})
        both = Door(gate, monkeypatch, real, newer).requests()
        assert ((real,), (real.intent_id,)) == (both.requests, both.forged)


def test_a_genuine_request_is_shown_and_answered(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the refusals above are for the forgery."""
    real = gate.asked()
    door = Door(gate, monkeypatch, real)
    door.decide(door.request(real.intent_id), Answer.APPROVE, "approved", "Checked", now_ms=NOW_MS)
    assert 1 == len(door.sent)


def test_a_key_that_has_ended_asks_for_nothing(
    gate: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it signed before its end is shown while it may be open; what is dated later never."""
    real, genuine = gate.asked(), Door(gate, monkeypatch)._genuine
    key_id, opened_ms = gate.key("grant").public.key_id, real.opened_at_ms
    month_ms = 30 * 86_400_000
    for end_ms, now_ms, state, code in (
        (opened_ms - 1, opened_ms, State.PENDING, "retired_key"),
        (opened_ms + 1, opened_ms + 2, State.PENDING, ""),
        (opened_ms + 1, opened_ms + month_ms, State.PENDING, "retired_key"),
        (opened_ms + 1, opened_ms + month_ms, State.GRANTED, ""),
    ):
        ends = replace(genuine, gate=replace(genuine.gate, ends_ms={key_id: end_ms}))
        asked = resigned(real.model_copy(update={"state": state}), gate.key("grant"))
        if code:
            assert code == code_of(ends.check, asked, now_ms)
        else:
            ends.check(asked, now_ms)


def test_a_forged_request_that_stands_last_is_said_again(gate: House) -> None:
    """Compaction keeps what stands last: to whoever mends, a forgery is nothing."""
    real = gate.asked()
    app: Any = None  # it is not asked
    mender = Views(app, {"requests": Request}, lambda *_: [], gate.house.directory.gate.grants)
    assert real.position.offset == mender._at("requests", codec.encode(real))
    far = Position(partition=0, offset=10**9)
    for code, forged in forgeries(gate, real):
        if code == "other_gate":
            continue  # it takes the gate's own key
        ahead = forged.model_copy(update={"position": far})
        assert UNREADABLE == mender._at("requests", codec.encode(ahead))
