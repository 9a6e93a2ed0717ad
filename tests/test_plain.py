"""Text of others cannot do anything to a terminal, and says exactly what it says."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from streams.plain import fold, harmless, pretty, visible
from streams.times import words

HARMFUL = {
    "ansi colour": ("\x1b[31mred", "\\u001b[31mred"),
    "one-byte CSI": ("\x9b2J", "\\u009b2J"),
    "cursor back": ("ok\x08\x08no", "ok\\b\\bno"),
    "line feed": ("a\nWHO", "a\\nWHO"),
    "carriage return": ("approve\rdeny", "approve\\rdeny"),
    "bidi override": ("\u202eresu", "\\u202eresu"),
    "bidi isolate": ("\u2066x\u2069", "\\u2066x\\u2069"),
    "zero width": ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "hangul filler": ("a\u3164b", "a\\u3164b"),
    "no-break space": ("a\u00a0b", "a\\u00a0b"),
    "tag letters": ("a\U000e0041", "a\\udb40\\udc41"),
    "delete": ("\x7f", "\\u007f"),
    "lone surrogate": ("\ud800", "\\ud800"),
    "private use": ("\ue000", "\\ue000"),
    "hebrew": ("a\u05d01", "a\\u05d01"),
    "arabic": ("a\u06271", "a\\u06271"),
    "arabic figures": ("\u0661", "\\u0661"),
    "variation selector": ("D\ufe0f", "D\\ufe0f"),
    "variation selector of a plane": ("D\U000e0130", "D\\udb40\\udd30"),
    "mongolian selector": ("D\u180b", "D\\u180b"),
    "what looks like an escape": ("\\u202e", "\\\\u202e"),
    "a path": ("C:\\x", "C:\\\\x"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_text_is_escaped(name: str) -> None:
    """What would act on a terminal or hide is written as an escape."""
    text, expected = HARMFUL[name]
    assert expected == visible(text)


def test_stacked_marks_are_escaped() -> None:
    """A tower of combining marks cannot run over the lines above."""
    assert "e\u0301" == visible("e\u0301")
    assert "e\u0301\u0301\u0301\\u0301" == visible("e" + "\u0301" * 4)


@pytest.mark.parametrize("text", ["Müller", "<PERSON_1>", "日本語", "Ελένη", "a-b_c 1/2 [x]"])
def test_ordinary_text_stays(text: str) -> None:
    """Names and tokens of any script are left as they are."""
    assert text == visible(text)


def test_nothing_that_shows_as_nothing_passes() -> None:
    """Every code point that Unicode calls ignorable by default, one by one."""
    spans = [(0xFE00, 0xFE0F), (0xE0000, 0xE0FFF), (0x180B, 0x180F), (0x1BCA0, 0x1BCA3)]
    spans += [(0x115F, 0x1160), (0x17B4, 0x17B5), (0x1D173, 0x1D17A), (0xFFF0, 0xFFF8)]
    for first, last in spans:
        for point in range(first, last + 1):
            assert chr(point) not in visible(f"x{chr(point)}x"), hex(point)


@given(st.text(), st.text())
def test_two_texts_never_show_alike(one: str, other: str) -> None:
    """An escape can only be of the character that it names."""
    assert (one == other) == (visible(one) == visible(other))


@given(st.text())
def test_nothing_visible_acts_on_a_terminal(text: str) -> None:
    """No control, format, separator or unassigned character is ever written."""
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [c for c in visible(text) if unicodedata.category(c) in bad]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(values)
def test_pretty_json_says_the_same(value: Any) -> None:
    """The layout changes no value: parsing the lines gives what the text gave."""
    assert value == json.loads("\n".join(pretty(json.dumps(value, separators=(",", ":")))))


@given(values)
def test_pretty_json_is_laid_out_as_json_does(value: Any) -> None:
    """The layout is the one that people know."""
    text = json.dumps(value)
    plain = json.dumps(value, indent=2, ensure_ascii=False)
    assert [harmless(line) for line in plain.split("\n")] == pretty(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1,"a":2}', ["{", '  "a": 1,', '  "a": 2', "}"]),
        ("[1.0000000000000000001]", ["[", "  1.0000000000000000001", "]"]),
        ('["\\u202e"]', ["[", '  "\\u202e"', "]"]),
        ('["\\u00e9"]', ["[", '  "é"', "]"]),
        ('["a,b:{}\\"[x"]', ["[", '  "a,b:{}\\"[x"', "]"]),
        ('{"a":[],"b":{}}', ["{", '  "a": [],', '  "b": {}', "}"]),
        ('{"a":', ['{"a":']),
        ("", [""]),
    ],
)
def test_pretty_json_hides_nothing(text: str, expected: list[str]) -> None:
    """Twice the same name, long numbers and escapes stand there as they were sent."""
    assert expected == pretty(text)


def test_json_too_deep_to_lay_out_is_one_line() -> None:
    """Nesting that no parser follows is shown raw rather than not at all."""
    deep = "[" * 100_000 + "]" * 100_000
    assert [deep] == pretty(deep)


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(8, 100))
def test_folded_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """Every line fits its width in terminal cells, and together they are the text."""
    line = visible(text)
    pieces = fold(line, width)
    assert all(cell_len(piece) <= width for piece in pieces)
    indent = line[: len(line) - len(line.lstrip(" "))][: width // 2]
    assert line == indent + "".join(piece[len(indent) :] for piece in pieces)


@pytest.mark.parametrize(
    ("span_ms", "expected"),
    [
        (-1, "over"),
        (0, "over"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_599_000, "59 min"),
        (3 * 3_600_000 + 61_000, "3 h 1 min"),
        (26 * 3_600_000, "1 d 2 h"),
    ],
)
def test_duration_in_words(span_ms: int, expected: str) -> None:
    """Time left is said in at most two units, rounded down."""
    assert expected == words(span_ms)
