"""No text is slow: every pattern of the tree, and masking as a whole, take time that grows evenly.

Time is that of the processor. A pattern is judged by how it grows from a text to one of double and
of fourfold length, and only where it takes long enough to be measured; it must fail twice.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from time import process_time, thread_time
from typing import Any

import pytest
import regex  # type: ignore[import-untyped]

import streams
from streams.masking import Masker
from streams.masking.formats import dialects

# What patterns repeat: signs of formats, letters, figures, words, openers.
UNITS = (
    "/**/", "<?", "<!--", '"', "'", "(", ")", "[", "{", "a ", "A.", "1-", "1 ", "1", "0", "a", "A",
    "_", "=", ",", ";", ":", "-", "--", "\\", "\\'", "''", "$$", "$a$", "|", "^", "~", "&", "<a ",
    "</a>", "@", "a@", "a.", "1.", "/", "a/", "\n", "\t", " ", "#", "%41", "&#1;", "a_", "A_", "a-",
    "A1", "1A", "a1 ", "Dr. ", "the ", "and ", "one ", "x", "*", "+", "+1 ", "(1)", "1,", "1:",
    "1/", "é", "Ж ", "a'", "A B ", "Aa ", "Aa", "Aa, ", "select ", "from ", "\r", "\x1c", "http://a",
    "a=b&", "0x", "\\u0041", '{"a":', "[1,", "AB12", "st ", "No. ", "> ", 'a"b',
    "(a", " (", "-- ",
)  # fmt: skip
SHAPES = (
    *UNITS, "<AB_1> x ", "<PERSON_1> x ", "Ann Lee, ", "12345678 ", "a@b.c ", "01/02/2020 ",
    "12 Main St ", "she is 93 ", "a\u0301", "\u200b", "SELECT 'a' FROM t; ", "<a><b>", "PID|1|",
    "ISA*", "MRN 12345 ", "http://x.y/z ", "QWJj", "Dr. Ann Lee ",
)  # fmt: skip
LENGTH = 1_500  # of the shortest text
TIMES = 4  # the longest is so many times as long
SEEN_S = 0.004  # what takes less is not measured
GROWTH_MAX = 3.0  # an even pattern doubles; one that is quadratic takes four times as long
MASKED_S = 0.25  # a quadratic reading of twice the text takes a second
SLOW_S = 30.0  # an exponential one would take weeks
FEW, FEW_S = 22, 0.05  # two to the power of 22 steps take longer


def patterns() -> Iterator[tuple[str, Any]]:
    """Yield every compiled pattern of the tree with where it is kept, and those of a masker."""
    seen: set[int] = set()
    for module in pkgutil.walk_packages(streams.__path__, "streams."):
        if module.name.endswith("__main__") or ".data." in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            yield from _within(value, f"{module.name}.{name}", seen)
    for name, dialect in dialects.DIALECTS.items():
        yield name, dialects._pattern(dialect)
    analyser = Masker()._analyser
    for part in (analyser, analyser.places, *analyser.shapes, analyser.conditions, analyser.own):
        for name, value in vars(part).items():
            for inner in (value, getattr(value, "__dict__", None)):
                yield from _within(inner, f"{type(part).__name__}.{name}", seen)


def _within(value: Any, name: str, seen: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(value, re.Pattern | regex.Pattern):
        if id(value) not in seen and isinstance(value.pattern, str):
            seen.add(id(value))
            yield name, value
    elif depth < 4:
        if isinstance(value, dict):
            inner: Any = list(value.items())
        elif isinstance(value, list | tuple | set | frozenset):
            inner = enumerate(value)
        elif isinstance(value, type) and value.__module__.startswith("streams"):
            inner = list(vars(value).items())
        else:
            return
        for key, each in inner:
            yield from _within(each, f"{name}.{key}", seen, depth + 1)


def seconds(pattern: Any, text: str) -> float:
    """Return what a pattern takes, asked in every way there is."""
    began = process_time()
    pattern.match(text)
    pattern.fullmatch(text)
    for _ in pattern.finditer(text):
        pass
    return process_time() - began


def grows(pattern: Any, unit: str, tail: str) -> bool:
    """Tell whether a pattern's time more than doubles, twice, as a text's length doubles."""
    if seconds(pattern, unit * FEW + tail) > FEW_S:
        return True  # it is exponential
    count = LENGTH // len(unit)
    first = seconds(pattern, unit * count + tail)
    if first < SEEN_S / TIMES**2:
        return False  # even a quadratic one takes less than SEEN_S on the longest
    second = seconds(pattern, unit * count * 2 + tail)
    if second <= GROWTH_MAX * first:
        return False  # most end here, and the longest text is for the others
    last = seconds(pattern, unit * count * TIMES + tail)
    return last >= SEEN_S and last > GROWTH_MAX * second


@pytest.mark.timeout(1_200)  # some ten seconds of a quiet core
def test_every_pattern_is_linear() -> None:
    """None is worse than linear on nested repeats, also where the end does not fit."""
    found = list(patterns())
    assert 300 < len(found)
    slow = [
        (name, unit, tail)
        for name, pattern in found
        for unit in UNITS
        for tail in ("", "!")
        if grows(pattern, unit, tail) and grows(pattern, unit, tail)
    ]
    assert [] == slow


def test_the_test_sees_a_slow_pattern() -> None:
    """A quadratic pattern and an exponential one are told."""
    assert grows(re.compile(r"\w+\Z"), "a", "!")
    assert grows(re.compile(r"(?:a|a)*b"), "a", "!")
    assert not grows(re.compile(r"\w++!"), "a", "!")


@pytest.mark.parametrize("end", ["x", ""])
def test_comments_do_not_multiply(masker: Masker, end: str) -> None:
    """97 bytes of comments, and any number of them, are split in no time."""
    for count in (24, 400, 20_000):
        text = "/**/" * count + end
        began = thread_time()
        masker.mask({"params": {"sql": text}})
        assert thread_time() - began < SLOW_S


def evenly(masker: Masker, shape: str) -> bool:
    """Tell whether four times the text takes some four times as long, or no time to speak of."""
    took = []
    for length in (3_000, 3_000 * TIMES):
        began = thread_time()
        masked = masker.mask({"params": {"text": shape * (length // len(shape))}})
        took.append(thread_time() - began)
        assert 0 == masked.withheld
    return took[1] < max(2 * TIMES * took[0], MASKED_S)


@pytest.mark.parametrize("shape", SHAPES)
def test_masking_grows_evenly(masker: Masker, shape: str) -> None:
    """Four times the text takes some four times as long, whatever it repeats; else it fails twice.

    What is read once is found again, so the second look is at another text.
    """
    assert evenly(masker, shape) or evenly(masker, f"{shape}{shape}\n")
