"""The ids of intents."""

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from streams.agent.ids import intent_id, time_of, uuid7
from streams.events import derived_id


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
    """A key makes the id a function of agent and key alone; without one each id differs."""
    assert derived_id("intent", "bot", "k") == intent_id("bot", "k", 1) == intent_id("bot", "k", 9)
    assert intent_id("bot", "k", 1) != intent_id("other", "k", 1)
    assert intent_id("bot", None, 1) != intent_id("bot", None, 1)


def test_only_uuid7_tells_a_time() -> None:
    """A derived id, and what is no id at all, tell no time."""
    assert time_of(intent_id("bot", "k", 1)) is None
    assert time_of("no id") is None
    assert re.fullmatch(r"[0-9a-f-]{36}", intent_id("bot", None, 1))
