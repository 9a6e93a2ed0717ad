"""ISO 8601 durations of fixed length."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.policy.durations import WITHIN_MS_MAX, WITHIN_MS_MIN, duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1S", 1), ("PT4H", 14_400), ("P1DT2H3M4S", 93_784), ("P1W", 604_800), ("PT90M", 5_400)],
)
def test_known(text: str, seconds: int) -> None:
    """Durations of each unit read as their seconds."""
    assert seconds * 1_000 == parse_duration(text)


@settings(deadline=None)
@given(st.integers(WITHIN_MS_MIN // 1_000, WITHIN_MS_MAX // 1_000))
def test_round_trip(seconds: int) -> None:
    """What is written reads back as the same time, and is written the same again."""
    text = duration(seconds * 1_000)

    assert seconds * 1_000 == parse_duration(text)
    assert text == duration(parse_duration(text))


@settings(deadline=None)
@given(st.text("PTWDHMS0123456789.-", max_size=10))
def test_total(text: str) -> None:
    """Any text is a duration within bounds or a ValueError."""
    try:
        total_ms = parse_duration(text)
    except ValueError:
        return
    assert WITHIN_MS_MIN <= total_ms <= WITHIN_MS_MAX
