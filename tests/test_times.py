"""Spans of time: one form for people, one for policies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.times import DAY_MS, as_iso_span, iso_span, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1S", 1), ("PT4H", 14_400), ("P1DT2H3M4S", 93_784), ("P1W", 604_800), ("PT90M", 5_400)],
)
def test_known(text: str, seconds: int) -> None:
    """Durations of each unit read as their seconds."""
    assert seconds * 1_000 == iso_span(text)


@settings(deadline=None)
@given(st.integers(1, 7 * DAY_MS // 1_000))
def test_round_trip(seconds: int) -> None:
    """What is written reads back as the same time, and is written the same again."""
    text = as_iso_span(seconds * 1_000)

    assert seconds * 1_000 == iso_span(text)
    assert text == as_iso_span(iso_span(text))


@settings(deadline=None)
@given(st.text("PTWDHMS0123456789.-", max_size=10))
def test_total(text: str) -> None:
    """Any text is a duration or a ValueError."""
    try:
        total_ms = iso_span(text)
    except ValueError:
        return
    assert 0 <= total_ms


@pytest.mark.parametrize(
    ("text", "span_ms"),
    [("90", 90_000), ("90s", 90_000), ("15m", 900_000), ("1.5h", 5_400_000), ("2d", 172_800_000)],
)
def test_typed(text: str, span_ms: int) -> None:
    """Every command that takes a span of time takes these."""
    assert span_ms == span(text)


@pytest.mark.parametrize(
    "text", ["", "m", "1w", "-1s", "1 h", "PT1H", "٣s", "1e3", "1.s", "9" * 12]
)
def test_typed_otherwise(text: str) -> None:
    """Anything else is an error that says what to write."""
    with pytest.raises(ValueError, match="write 90s"):
        span(text)
