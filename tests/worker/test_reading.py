"""Steps that all inputs share; above all, that JSON has one meaning only."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import RefusedError
from streams.sealing import Purpose, SealKey
from streams.worker.admission import reading
from streams.worker.record import Place, Record

TRAPS = {
    "a key twice": b'{"name": "shown", "name": "run"}',
    "a key twice, spelt with an escape": b'{"a": 1, "\\u0061": 2}',
    "a key twice, deep inside": b'[{"x": {"a": 1, "a": 1}}]',
    "NaN": b'{"n": NaN}',
    "Infinity": b"[Infinity]",
    "-Infinity": b"[-Infinity]",
    "out of range": b"[1e999]",
    "minus out of range": b"[-1e999]",
    "a number of 5,000 digits": b"9" * 5_000,
    "half of a surrogate pair": b'["\\ud800"]',
    "half of a surrogate pair as a key": b'{"\\udfff": 1}',
    "no JSON": b"{'a': 1}",
    "nothing": b"",
    "two values": b"{} {}",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-32": "{}".encode("utf-32-le"),
    "no UTF-8": b'["\xff"]',
    "a control character": b'["\x00"]',
    "a trailing comma": b"[1,]",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_json_with_two_meanings_is_refused(trap: str) -> None:
    """What two parsers could read differently, or not at all, is no params."""
    with pytest.raises(RefusedError) as refused:
        reading.parse_params(TRAPS[trap])
    assert "bad_json" == refused.value.code


@pytest.mark.parametrize("depth", [reading.JSON_DEPTH_MAX + 1, 10_000, 200_000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(depth: int, left: str, right: str) -> None:
    """Nesting beyond the limit is refused, also where a parser would run out of stack."""
    middle = "1" if left != "[" else ""
    with pytest.raises(RefusedError) as refused:
        reading.parse_params((left * depth + middle + right * depth).encode())
    assert "too_deep" == refused.value.code


def test_as_deep_as_allowed() -> None:
    """The limit itself is allowed."""
    depth = reading.JSON_DEPTH_MAX
    assert reading.parse_params(b"[" * depth + b"]" * depth)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)  # fmt: skip
def test_plain_json_is_read_as_it_is(value: object) -> None:
    """Every value that JSON can say comes through unchanged."""
    encoded = json.dumps(value, ensure_ascii=False)
    if all(not "\ud800" <= char <= "\udfff" for char in encoded):
        assert value == reading.parse_params(encoded.encode())


@pytest.mark.parametrize(
    ("value", "items"),
    [({}, 0), ([], 0), ([1, 2], 2), ({"a": [1], "b": {"c": [1, 2, 3]}}, 3), ([[1] * 9, 1], 9)],
)
def test_items_are_those_of_the_longest_list(value: object, items: int) -> None:
    """How much an action is done to is its longest list, wherever that stands."""
    assert items == reading.items_total(value)


def record(key: bytes, value: bytes = b"") -> Record:
    """Return an input."""
    return Record(Place("intents", 0), 0, key, value)


UUID = "018bcfe5-6800-7000-8000-000000000001"


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"x",
        UUID.upper().encode(),
        UUID.replace("-", "").encode(),
        b"\xff",
        b"{%b}" % UUID.encode(),
    ],
)
def test_a_key_that_is_no_id_claims_none(key: bytes) -> None:
    """Only a UUID in its canonical form is an intent's id; there are not two spellings of one."""
    assert reading.claimed_id(record(key)) is None


def test_a_key_that_is_an_id_claims_it() -> None:
    """The key names the intent."""
    assert UUID == reading.claimed_id(record(UUID.encode()))


def test_key_and_id_must_be_one() -> None:
    """An intent under another's key would be folded beside its own case."""
    with pytest.raises(RefusedError) as refused:
        reading.check_key(record(b"other"), UUID)
    assert "key_mismatch" == refused.value.code


@pytest.mark.parametrize("code", ["", "Approved", "has space", "ümlaut", "a" * 65, "1st", "a\n"])
def test_codes_are_snake_case(code: str) -> None:
    """A reason code that is free text could carry PHI into topics that are never masked."""
    with pytest.raises(RefusedError) as refused:
        reading.check_code(code)
    assert "bad_code" == refused.value.code


def test_sealed_text_opens_for_its_intent_alone() -> None:
    """Text sealed for one intent opens for it, and for no other."""
    key = SealKey.new("gate")
    blob = key.public.seal("Grüße".encode(), UUID, Purpose.OUTCOME)
    assert "Grüße" == reading.unseal_text(key, blob, UUID, Purpose.OUTCOME)
    for intent_id, purpose in (
        (UUID.replace("1", "2"), Purpose.OUTCOME),
        (UUID, Purpose.RATIONALE),
    ):
        with pytest.raises(Exception, match="open") as refused:
            reading.unseal_text(key, blob, intent_id, purpose)
        assert "unsealable" == getattr(refused.value, "code", "")


@pytest.mark.parametrize(
    ("plain", "code"),
    [(b"x" * (reading.TEXT_BYTES_MAX + 1), "too_large"), (b"\xff", "bad_text")],
)
def test_sealed_text_is_bounded_text(plain: bytes, code: str) -> None:
    """What opens has still to be text of some pages at most."""
    key, order = SealKey.new("gate"), Purpose.ORDER
    with pytest.raises(RefusedError) as refused:
        reading.unseal_text(key, key.public.seal(plain, UUID, order), UUID, order)
    assert code == refused.value.code
