"""Whose word it is: attacks on who asks, for whom, who may agree, and whom a verdict answers."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, pairwise, permutations, product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from streams.agent.ids import intent_id, nonce
from streams.agent.vigil import CONTENT_CONFLICT, News
from streams.audit.report import Broken
from streams.auditor.proof.pins import of_directory
from streams.auditor.proof.signatures import check_signed
from streams.control.scope import Scope
from streams.events import (
    Answer,
    Effect,
    Effected,
    InputRefused,
    Intent,
    IntentAdmitted,
    IntentBody,
    Kind,
    Requester,
    State,
    derived_id,
)
from streams.gate.case import excluded
from streams.sealing import Purpose, commitment
from streams.signing import SigningKey
from streams.wire import codec
from tests.attacks.door import Gate
from tests.gatehouse import AGENT, GROUPS, OWNER, new_id

SECRET = secrets.token_bytes(32)
OTHER = "other-bot"
LATER = "2999-01-01T00:00:00Z"
BOT_KEY, OTHER_KEY = SigningKey.new("bot-key"), SigningKey.new("other-key")

Make = Callable[..., Gate]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a maker of gates; `acts_for` and `keys` are the agent's, `people` changes persons."""
    numbers = count()

    def gate(
        *,
        phi: bool = False,
        acts_for: tuple[str, ...] = (),
        keys: tuple[SigningKey, ...] = (),
        owner: str = OWNER,
        **people: dict[str, Any],
    ) -> Gate:
        made = Gate(tmp_path / f"gate-{next(numbers)}", phi=phi)
        public = made.house.people
        whole = {
            name: {"groups": groups, "keys": [public[name].public.text], **people.get(name, {})}
            for name, groups in GROUPS.items()
        }
        agents = {
            AGENT: {
                "owner": owner,
                "acts_for": list(acts_for),
                "keys": [key.public.text for key in keys],
            },
            OTHER: {"owner": owner, "acts_for": []},
        }
        made.write(people=whole, agents=agents)
        return made

    return gate


def reason(gate: Gate) -> str:
    """Return why the newest input was refused, nothing where it was not."""
    body = gate.last.body
    return body.reason if isinstance(body, InputRefused) else ""


def admitted(gate: Gate) -> IntentAdmitted:
    """Return the newest event's intent."""
    assert isinstance(gate.last.body, IntentAdmitted), reason(gate)
    return gate.last.body


def delegating(*chain: str, until: str = LATER) -> dict[str, dict[str, Any]]:
    """Return people of whom each has delegated to the next."""
    return {
        giver: {"delegates": [{"to": holder, "until": until}]} for giver, holder in pairwise(chain)
    }


# ---------------------------------------------------------------- on whose behalf


@pytest.mark.parametrize("person", sorted(GROUPS))
def test_an_agent_cannot_take_a_person_s_name(make: Make, person: str) -> None:
    """Nobody's name is the agent's to give: not its owner's, not a critic's, not a reader's."""
    gate = make(phi=True)
    named, told = gate.propose("data.read", {"mrn": "1"}, on_behalf_of=person)
    assert ("not_allowed_for", State.DENIED) == (reason(gate), told.state)
    assert gate.grant(named) is None


@pytest.mark.parametrize(
    ("acts_for", "person", "expected"),
    [
        (("rita",), "rita", ""),
        (("privacy-officers",), "petra", ""),
        (("privacy-officers",), "sam", "not_allowed_for"),
        (("rita",), "petra", "not_allowed_for"),
        ((), "rita", "not_allowed_for"),
        (("rita",), "RITA", "unknown_person"),
        (("rita",), "rіta", "unknown_person"),  # noqa: RUF001 - a Cyrillic letter
        (("rita",), "rita ", "unknown_person"),
        (("rita",), "", "unknown_person"),
        (("privacy-officers",), "privacy-officers", "unknown_person"),
    ],
)
def test_the_directory_says_for_whom(
    make: Make, acts_for: tuple[str, ...], person: str, expected: str
) -> None:
    """A person or a group that is listed, in this spelling and no other."""
    gate = make(acts_for=acts_for)
    gate.propose("db.query", {"sql": "x"}, on_behalf_of=person)
    assert expected == reason(gate)
    if not expected:
        assert Requester.ALLOWED is admitted(gate).requester


def test_unmasking_for_a_person_needs_more_than_a_name(make: Make) -> None:
    """The read that unmasks is permitted for the directory's pairs and the person's own wish."""
    gate = make(phi=True, acts_for=("rita",))
    allowed, _ = gate.propose("data.read", {"mrn": "1"}, on_behalf_of="rita")
    assert admitted(gate).ruling.unmask
    assert gate.grant(allowed) is not None
    gate.propose("data.read", {"mrn": "1"}, on_behalf_of=None)
    assert Effect.FORBID is admitted(gate).ruling.effect
    proven = gate.signed(gate.house.intent("data.read", {"mrn": "1"}, on_behalf_of="petra"),
                    person=gate.house.people["petra"])  # fmt: skip
    gate.ask(proven)
    assert (Requester.PROVEN, True) == (admitted(gate).requester, admitted(gate).ruling.unmask)


def proofs(gate: Gate) -> Iterator[tuple[str, Intent, str]]:
    """Yield forged and borrowed proofs: what, the intent, and the reason that is due."""
    people = gate.house.people
    base = gate.house.intent("db.query", {"sql": "x"}, on_behalf_of="petra")
    good = gate.signed(base, person=people["petra"])
    yield "another person's", gate.signed(base, person=people["paul"]), "unknown_key"
    yield "a stranger's", gate.signed(base, person=gate.house.stranger), "unknown_key"
    impostor = SigningKey.new("petra")
    yield "under her name", gate.signed(base, person=impostor), "unknown_key"
    other = gate.house.intent("db.query", {"sql": "x"}, on_behalf_of="petra")
    moved = other.model_copy(update={"proof": good.proof, "salt": good.salt})
    yield "of another intent", moved, "intent_mismatch"
    agents = gate.signed(base, signer=people["petra"])
    as_agent = base.model_copy(update={"proof": agents.signature, "salt": agents.salt})
    yield "signed as an agent signs", as_agent, "wrong_payload_type"
    for name, value in (
        ("action", "db.update"),
        ("ttl_ms", 500_000),
        ("on_behalf_of", "paul"),
        ("requested_at_ms", base.requested_at_ms + 1),
    ):
        changed = good.model_copy(update={name: value})
        due = "unknown_key" if name == "on_behalf_of" else "content_mismatch"
        yield f"another {name}", changed, due
    swapped = gate.house.intent("db.query", {"sql": "y"}, intent_id=base.intent_id)
    yield "another body", good.model_copy(update={"body": swapped.body}), "body_mismatch"
    nobody = good.model_copy(update={"on_behalf_of": None})
    yield "for nobody", nobody, "proof_mismatch"
    yield "garbage", base.model_copy(update={"proof": b"{}"}), "bad_envelope"


def test_a_proof_is_of_one_intent_by_one_person(make: Make) -> None:
    """What a person signed says this intent, to the byte, as the one it is asked for."""
    gate = make()
    for what, intent, due in proofs(gate):
        gate.ask(intent)
        assert (what, due) == (what, reason(gate))


def test_the_audit_holds_what_the_person_signed(make: Make) -> None:
    """An intent that says proven stands there with the proof, of that person and that intent."""
    gate = make()
    people = gate.house.people
    base = gate.house.intent("db.query", {"sql": "x"}, on_behalf_of="petra")
    gate.ask(gate.signed(base, person=people["petra"]))
    pins, event, body = of_directory(gate.context.directory), gate.last, admitted(gate)
    check_signed(event, "granted", gate.cases[base.intent_id], pins, 0)
    other = gate.signed(base, person=people["paul"]).proof
    moved = gate.signed(gate.house.intent(on_behalf_of="petra"), person=people["petra"]).proof
    forged: tuple[dict[str, Any], ...] = (
        {"proof": b""},
        {"proof": other},
        {"proof": moved},
        {"proof": b"{}"},
        {"on_behalf_of": "paul"},
        {"requester": Requester.ALLOWED},
    )
    for changes in forged:
        made = event.model_copy(update={"body": body.model_copy(update=changes)})
        with pytest.raises(Broken):
            check_signed(made, "granted", gate.cases[base.intent_id], pins, 0)


@pytest.mark.parametrize("field", ["keys", "status"])
def test_who_is_suspended_asks_for_nothing(make: Make, field: str) -> None:
    """Neither in person, by an agent that may act for them, nor by an agent of theirs."""
    gone = {"status": "suspended"} if field == "status" else {"status": "suspended", "keys": []}
    gate = make(acts_for=("rita",), rita=gone)
    gate.propose("db.query", {"sql": "x"}, on_behalf_of="rita")
    assert "requester_suspended" == reason(gate)
    if field == "status":
        gate.ask(gate.signed(gate.house.intent("db.query", {}), person=gate.house.people["rita"]))
        assert "requester_suspended" == reason(gate)
    gate = make(olga=gone)
    gate.propose("db.query", {"sql": "x"}, on_behalf_of=None)
    assert "owner_suspended" == reason(gate)


# ---------------------------------------------------------------- who may agree, and who may refuse


@pytest.mark.parametrize("person", ["ian", "sam"])
def test_naming_a_critic_takes_no_voice_away(make: Make, person: str) -> None:
    """Whoever is asked for cannot agree; their no ends it."""
    gate = make(acts_for=(person,))
    named, _ = gate.propose("iam.grant", {"role": "x"}, on_behalf_of=person)
    yes = gate.decide(person, named)
    assert (Effected.REFUSED, "requester_may_not_review") == (yes.effected, yes.reason)
    no = gate.decide(person, named, answer=Answer.DENY)
    assert (Effected.DENIED, State.DENIED) == (no.effected, no.state)


CHAINED = ("petra", "dora", "sam", "ian")
CHAINS = [*permutations(CHAINED[:3], 2), *permutations(CHAINED, 3), *permutations(CHAINED, 4)][::3]


@pytest.mark.parametrize("chain", CHAINS, ids="-".join)
def test_who_gave_their_place_cannot_agree_to_what_its_holder_asks(
    make: Make, chain: tuple[str, ...]
) -> None:
    """At any remove, and whether the holder asks in person or owns the agent."""
    holder = chain[-1]
    for owned in (True, False):
        gate = make(
            phi=True,
            owner=holder if owned else OWNER,
            acts_for=() if owned else (holder,),
            **delegating(*chain),
        )
        gate.propose("data.export", {"sql": "x"}, on_behalf_of=None if owned else holder)
        assert set(chain) <= set(excluded(admitted(gate)))
        assert set(chain[:-1]) == set(admitted(gate).delegators)


def test_the_giver_s_yes_is_refused_and_the_no_counts(make: Make) -> None:
    """The story of it, and the other way round; once the delegation is over it is over."""
    gate = make(phi=True, acts_for=("dora",), **delegating("petra", "dora"))
    named, _ = gate.propose("data.export", {"sql": "x"}, on_behalf_of="dora")
    assert "requester_may_not_review" == gate.decide("petra", named).reason
    assert Effected.GRANTED is gate.decide("paul", named).effected
    named, _ = gate.propose("data.export", {"sql": "x"}, on_behalf_of="dora")
    assert Effected.DENIED is gate.decide("petra", named, answer=Answer.DENY).effected
    over = datetime(2001, 1, 1, tzinfo=UTC).isoformat()
    gate = make(phi=True, acts_for=("dora",), **delegating("petra", "dora", until=over))
    named, _ = gate.propose("data.export", {"sql": "x"}, on_behalf_of="dora")
    assert Effected.GRANTED is gate.decide("petra", named).effected


def test_a_chain_of_delegates_is_one_voice(make: Make) -> None:
    """Who stands for somebody that stands for the requester cannot agree either."""
    gate = make(phi=True, acts_for=("rita",), **delegating("rita", "dora", "petra"))
    named, _ = gate.propose("data.export", {"sql": "x"}, on_behalf_of="rita")
    assert "requester_may_not_review" == gate.decide("petra", named).reason


# ---------------------------------------------------------------- ids, and whom a refusal answers


def mine(key: str) -> str:
    """Return the agent's own id of a key."""
    return intent_id(AGENT, key, 0, SECRET)


def junk(gate: Gate, name: str) -> Iterator[tuple[str, bytes, str]]:
    """Yield what anybody may write under the id `name`: what, its bytes, the reason due."""
    intent = gate.house.intent("db.query", {"sql": "x"}, intent_id=name, on_behalf_of=None)
    yield "garbage", b"x" * 37, "not_avro"
    yield "nothing", b"", "not_avro"
    yield "cut off", codec.encode(intent)[:60], "truncated"
    yield "too much", bytes(900_001), "too_large"
    yield (
        "of no agent",
        codec.encode(intent.model_copy(update={"agent": "nobody"})),
        "unknown_agent",
    )
    yield "of another agent", codec.encode(intent.model_copy(update={"agent": OTHER})), "foreign_id"
    yield "unsigned", codec.encode(intent), "unsigned"
    theirs = gate.signed(intent, signer=OTHER_KEY)
    yield "signed by another", codec.encode(theirs), "unknown_key"
    late = gate.signed(intent.model_copy(update={"ttl_ms": 1}), signer=OTHER_KEY)
    yield "late, and signed by another", codec.encode(late), "unknown_key"


def test_nobody_has_another_s_intent_denied_beforehand(make: Make) -> None:
    """Whatever is written under an id first, it opens no case, tells nobody, and takes nothing."""
    gate = make(keys=(BOT_KEY,))
    for number in range(len(list(junk(gate, mine("board"))))):
        name = mine(f"report-{number}")
        what, data, due = list(junk(gate, name))[number]
        gate.feed(Kind.INTENT, name, data)
        assert (what, due) == (what, reason(gate))
        assert (what, None, None) == (what, gate.cases.get(name), gate.verdict(name))
        own = gate.house.intent("db.query", {"sql": "SELECT 1"}, intent_id=name, on_behalf_of=None)
        gate.ask(gate.signed(own, signer=BOT_KEY))
        assert State.GRANTED is gate.cases[name].state


def test_an_agent_hears_why_its_own_was_refused(make: Make) -> None:
    """What it signed, or has no key to sign, is answered: the reason, and whose it is."""
    for keys in ((), (BOT_KEY,)):
        gate = make(keys=keys)
        intent = gate.house.intent("db.query", {"sql": "x"}, on_behalf_of="petra")
        gate.ask(gate.signed(intent, signer=keys[0] if keys else None))
        verdict = gate.verdict(intent.intent_id)
        assert verdict is not None
        assert (State.DENIED, "not_allowed_for", AGENT) == (
            verdict.state, verdict.reason, verdict.agent,
        )  # fmt: skip


def foreign_ids() -> Iterator[str]:
    """Yield ids that are not this agent's: drawn, derived, another's, of other things here."""
    yield from (str(UUID(bytes=secrets.token_bytes(16), version=4)) for _ in range(20))
    yield from (new_id(other) for other in ("bot2", "Bot", "bоt", "b0t", "bot ", "", OTHER))  # noqa: RUF001 - look-alikes
    yield from (derived_id("intent", AGENT, "k"), Scope.parse("all").id, str(UUID(int=0)))
    yield intent_id(OTHER, "board-report-2026-11", 0, SECRET)


def test_an_agent_has_its_own_ids_alone(make: Make) -> None:
    """Neither a free one, nor another agent's, nor the id of a halt."""
    gate = make()
    for name in foreign_ids():
        gate.propose("db.query", {"sql": "x"}, intent_id=name, on_behalf_of=None)
        assert ("foreign_id", None) == (reason(gate), gate.cases.get(name))


def test_a_key_is_not_found_by_trying(make: Make) -> None:
    """Whoever knows agent and key has not got the id: another secret gives another one."""
    del make
    names = ("recall-Carolee Sanford", "board-report-2026-11")
    tried = {intent_id(AGENT, key, 0, secrets.token_bytes(32)) for key in names for _ in range(50)}
    assert tried.isdisjoint(mine(key) for key in names)


# ---------------------------------------------------------------- what a verdict answers


def bodies() -> Iterator[tuple[dict[str, Any], str, str | None]]:
    """Yield different contents: params, justification, on whose behalf."""
    params: tuple[dict[str, Any], ...] = ({"n": 1}, {"n": 2}, {"n": "1"}, {}, {"m": 1})
    yield from product(params, ("Report", "report", "Report "), (None, "rita"))


def test_equal_commitments_are_of_equal_content_alone(make: Make) -> None:
    """Each content has its own; the same content has the same, however often it is sealed."""
    gate = make(acts_for=("rita",))
    name = mine("k")
    hidden = nonce(AGENT, name, SECRET)
    seen = set()
    for params, why, person in bodies():
        intent = gate.house.intent(
            "db.query", params, why, intent_id=name, on_behalf_of=person, nonce=hidden
        )
        gate.cases.clear()
        gate.ask(intent)
        found = admitted(gate).content
        body = codec.decode(
            gate.context.keys.seal.open(intent.body, name, Purpose.INTENT), IntentBody
        )
        assert found == commitment(intent, body)
        seen.add(found)
    assert len(list(bodies())) == len(seen)
    assert "" not in seen


def test_a_commitment_says_nothing_without_the_nonce(make: Make) -> None:
    """Another agent that guesses the whole content cannot confirm it; a short nonce gives none."""
    gate = make()
    intent = gate.house.intent("db.query", {"name": "Carolee Sanford"}, on_behalf_of=None)
    for guess in (b"", b"short", secrets.token_bytes(16), nonce(OTHER, intent.intent_id, SECRET)):
        body = IntentBody(params=b'{"name": "Carolee Sanford"}', justification="x", nonce=guess)
        real = body.model_copy(update={"nonce": nonce(AGENT, intent.intent_id, SECRET)})
        assert commitment(intent, real) != commitment(intent, body)
        assert len(guess) >= 16 or "" == commitment(intent, body)


def test_the_second_content_of_an_id_hears_of_the_conflict(make: Make) -> None:
    """Three params under one key: the first is granted, the others are told that it was another."""
    gate = make()
    name = mine("run-7")
    hidden = nonce(AGENT, name, SECRET)
    asked = [
        gate.house.intent("db.query", {"n": n}, intent_id=name, on_behalf_of=None, nonce=hidden)
        for n in (1, 2, 3)
    ]
    told = [gate.ask(each) for each in asked]
    assert ["", "content_conflict", "content_conflict"] == [each.reason for each in told]
    verdict = gate.verdict(name)
    assert verdict is not None
    for intent, expected in zip(asked, ("permitted", *[CONTENT_CONFLICT] * 2), strict=True):
        body = codec.decode(
            gate.context.keys.seal.open(intent.body, name, Purpose.INTENT), IntentBody
        )
        news = News(content=commitment(intent, body))
        assert news.take(verdict)
        heard = news.conflict or news.verdict
        assert heard is not None
        assert expected == heard.reason


def test_a_verdict_on_another_agent_s_intent_is_no_news(make: Make) -> None:
    """Whatever stands under an id, what answers an agent that cannot have it is not heard."""
    gate = make()
    name, _ = gate.propose("db.query", {"sql": "SELECT 1"}, on_behalf_of=None)
    verdict = gate.verdict(name)
    assert verdict is not None
    assert AGENT == verdict.agent
    for other in (OTHER, "BOT", "bot ", "bоt"):  # noqa: RUF001 - look-alikes
        assert not News().take(verdict.model_copy(update={"agent": other}))
    assert News().take(verdict)
