"""What is told of an exception."""

import pytest

from streams.errors import MaskingError
from streams.events import Status
from streams.executor.report import ending_of
from streams.executor.request import Done
from streams.executor.scrub import LazyMasker, told


def test_the_text_is_told_masked() -> None:
    """Class and masked text are told."""
    assert "ValueError: <masked>" == told(ValueError("Maria"), lambda _: "<masked>")


def test_where_masking_fails_the_text_stays_here() -> None:
    """A masker that raises, whatever it raises, costs the text and nothing else."""

    def broken(_: str) -> str:
        raise MaskingError("no model")

    assert "Maria" not in told(ValueError("Maria"), broken)
    assert told(ValueError("Maria"), broken).startswith("ValueError")


def test_a_long_text_is_withheld_not_cut() -> None:
    """Cutting could halve an identifier so that masking misses it."""
    assert "Maria" not in told(ValueError("Maria " * 1_000), lambda text: text)


def test_an_exception_that_cannot_be_shown_is_named() -> None:
    """An empty text, and a __str__ that raises, leave the class."""

    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert ["OddError", "KeyError"] == [told(OddError(), str), told(KeyError(), str)]


def test_the_real_masker_masks() -> None:
    """The model that is loaded on demand takes a name and a number out of a message."""
    text = told(
        ValueError("no row for Maria Gonzalez, SSN 536-90-4399, maria@clinic.example"), LazyMasker()
    )
    assert text.startswith("ValueError: ")
    assert not [part for part in ("Gonzalez", "536-90-4399", "maria@") if part in text]


@pytest.mark.parametrize(
    ("message", "result", "returned"),
    [
        ("", {"a": 1}, {"a": 1}),
        ("", None, None),
        ("12 rows", 12, Done(message="12 rows", result=12)),
        ("The result is no JSON: it has no digest.", None, {1, 2}),
        ("The result is no JSON: it has no digest.", None, object()),
    ],
)
def test_whatever_a_handler_returns_it_is_done(
    message: str, result: object, returned: object
) -> None:
    """A handler that returned has acted: its outcome is ok, also where its result is no JSON."""
    ending = ending_of(returned)
    assert (Status.OK, message, result) == (ending.status, ending.message, ending.result)
