"""Params that are JSON in name only, or that two parsers would read differently.

What a reviewer is shown and what an executor runs must come from one reading of one text.
"""

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from streams.agent import Agent
from streams.errors import InputError
from streams.events import Effected, State
from streams.sealing import Purpose
from tests.scenarios.house import House

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.kafka

NO_JSON = {
    "nothing": b"",
    "half an object": b'{"sql": "SELECT 1"',
    "two values": b"1 2",
    "single quotes": b"{'sql': 1}",
    "not utf-8": b'{"sql": "\xff"}',
    "utf-16": '{"sql": "SELECT 1"}'.encode("utf-16"),
    "utf-32": '{"sql": "SELECT 1"}'.encode("utf-32"),
    "a byte order mark": b'\xef\xbb\xbf{"sql": "SELECT 1"}',
    "NaN": b'{"limit": NaN}',
    "Infinity": b'{"limit": -Infinity}',
    "a number that no float holds": b'{"limit": 1e400}',
    "a number of 5,000 digits": b"9" * 5_000,
    "half a surrogate pair": b'{"name": "\\ud83d"}',
    "half a surrogate pair as a name": b'{"\\ud83d": 1}',
    "half a surrogate pair in bytes": b'{"name": "\xed\xa0\xbd"}',
    "a name twice": b'{"table": "visits", "table": "patients"}',
    "a name twice, deep down": b'[{"a": [{"b": 1, "\\u0062": 2}]}]',
}


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_is_no_strict_json_is_denied(house: House, raw: bytes) -> None:
    """It is denied with `bad_json`, and its agent is told so."""
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(), raw=raw)
        assert (Effected.DENIED, "bad_json") == house.told(house.ask(intent))
        verdict = house.final(intent.intent_id)
        assert (State.DENIED, "bad_json") == (verdict.state, verdict.reason)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 10_000,
        b"[" * 66 + b"]" * 66,
    ],
    ids=["lists", "objects", "never closed", "just over the limit"],
)
def test_what_is_nested_too_deep_is_denied(house: House, raw: bytes) -> None:
    """Ten thousand levels exhaust a parser that recurses; here they are a reason code."""
    with house.undisturbed() as beside:
        sent = house.ask(house.aggregate(intent_id=beside.new_id(), raw=raw))
        assert (Effected.DENIED, "too_deep") == house.told(sent)


@pytest.mark.parametrize(
    "value",
    [None, [], "", 0, {"": ""}, {"a\x00": "b\x00"}, {"n": 10**300}, [[[[]]]], {"é": "\U0001f600"}],
    ids=repr,
)
def test_odd_but_strict_json_is_taken(house: House, value: object) -> None:
    """The rule is JSON's, not taste: every value can be shown, agreed to and run.

    None of them is a statement, so nothing of it is permitted at once.
    """
    with house.undisturbed() as beside:
        intent = house.aggregate(intent_id=beside.new_id(), raw=json.dumps(value).encode())
        assert (Effected.OPENED, "review_required") == house.told(house.ask(intent))
        house.answer(house.decision("petra", house.seen(intent.intent_id)))
        house.ended(intent.intent_id)


@pytest.mark.parametrize("raw", [b'{"sql": ', b'{"a": 1, "a": 2}', b"[" * 10_000 + b"]" * 10_000])
def test_the_sdk_says_so_before_anything_is_sent(house: House, raw: bytes) -> None:
    """An agent learns it at once, and the error does not quote what it sent."""
    with Agent("bot", house.settings) as agent, pytest.raises(InputError) as refused:
        agent.propose("db.query", "Database/clinic", raw, "Figures")
    assert refused.value.code in {"bad_json", "too_deep"}


def test_a_body_that_cannot_be_opened_or_read_is_denied(house: House) -> None:
    """Cut, sealed to another key or for another intent, or with nothing of ours inside."""
    seal = partial(house.directory.gate.seal.seal, purpose=Purpose.INTENT)
    to_lab = partial(house.lab_seal.public.seal, purpose=Purpose.INTENT)
    with house.undisturbed() as beside:
        bad: list[tuple[str, str, Callable[[str], bytes]]] = [
            ("unsealable", "hpke", lambda _: house.aggregate().body),
            ("unsealable", "hpke", lambda name: seal(b"", name)[:-1]),
            (
                "unsealable",
                "hpke",
                lambda name: to_lab(b"", name),
            ),
            ("unsealable", "hpke", lambda _: b""),
            ("not_avro", "hpke", lambda name: seal(b"{}", name)),
            ("not_avro", "plain", lambda _: b"{}"),
        ]
        for reason, sealing, make in bad:
            name = beside.new_id()
            intent = house.aggregate(intent_id=name, sealing=sealing, body=make(name))
            assert (Effected.DENIED, reason) == house.told(house.ask(intent))
