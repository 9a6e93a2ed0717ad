"""The ids of intents."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.agent.ids import intent_id, time_of, uuid7
from streams.errors import KeyringError
from streams.events import agent_mark, bears_mark, derived_id

SECRET = bytes(range(32))


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_uuid7_holds_its_time_and_reads_back(at_ms: int, chance: int) -> None:
    """Any time and chance give a UUID of version 7 and RFC 9562's variant that tells its time."""
    made = uuid.UUID(uuid7(at_ms, chance))
    assert (7, uuid.RFC_4122) == (made.version, made.variant)
    assert at_ms == time_of(str(made))


def test_uuid7_is_the_standards_example() -> None:
    """RFC 9562, appendix A.6: the same time and chance give the same id."""
    chance = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert "017f22e2-79b0-7cc3-98c4-dc0c0c07398f" == uuid7(0x017F22E279B0, chance)


@given(st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_uuid7_keeps_all_its_chance(one: int, other: int) -> None:
    """Two chances give two ids: no bit of the 74 is lost."""
    assert (one == other) == (uuid7(1, one) == uuid7(1, other))


def test_ids_grow_with_time() -> None:
    """Ids of later milliseconds sort after ids of earlier ones."""
    assert uuid7(1, 2**74 - 1) < uuid7(2, 0)


def test_the_same_key_gives_the_same_id_and_no_key_a_fresh_one() -> None:
    """A key makes the id a function of agent, secret and key; without one each id differs."""
    assert intent_id("bot", "k", 1, SECRET) == intent_id("bot", "k", 9, SECRET)
    assert intent_id("bot", "k", 1, SECRET) != intent_id("other", "k", 1, SECRET)
    assert intent_id("bot", "k", 1, SECRET) != intent_id("bot", "k2", 1, SECRET)
    assert intent_id("bot", None, 1) != intent_id("bot", None, 1)


def test_a_key_cannot_be_guessed_from_its_id() -> None:
    """Another secret gives another id of the same key, and without one there is none."""
    assert intent_id("bot", "k", 1, SECRET) != intent_id("bot", "k", 1, bytes(32))
    assert derived_id("intent", "bot", "k") != intent_id("bot", "k", 1, SECRET)
    for short in (b"", b"short"):
        with pytest.raises(KeyringError) as caught:
            intent_id("bot", "k", 1, short)
        assert "no_secret" == caught.value.code


@given(st.text(max_size=30), st.text(max_size=30), st.none() | st.text(max_size=30))
def test_an_id_bears_its_own_agents_mark(agent: str, other: str, key: str | None) -> None:
    """Whoever has another mark cannot take it; it stays a UUID of its version."""
    made = intent_id(agent, key, 1_700_000_000_000, SECRET)
    assert bears_mark(made, agent)
    assert (agent_mark(agent) == agent_mark(other)) == bears_mark(made, other)
    assert (7 if key is None else 8, uuid.RFC_4122) == (
        uuid.UUID(made).version,
        uuid.UUID(made).variant,
    )
    assert not bears_mark("no id", agent)


def test_only_uuid7_tells_a_time() -> None:
    """A derived id, and what is no id at all, tell no time."""
    assert time_of(intent_id("bot", "k", 1, SECRET)) is None
    assert 1 == time_of(intent_id("bot", None, 1))
    assert time_of("no id") is None
    assert re.fullmatch(r"[0-9a-f-]{36}", intent_id("bot", None, 1))
