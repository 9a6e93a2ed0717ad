"""The store of what was read before: bounded, and nothing of a text in it."""

from streams.masking import Masker
from streams.masking.results import Span
from streams.masking.seen import TEXT_CHARS_MAX, Seen


def test_the_same_text_is_read_once() -> None:
    """A short text's spans are found again; another process's key gives another digest."""
    seen = Seen()
    digest = seen.digest("Ann Nguyen")
    assert seen.get(digest) is None
    seen.put(digest, [Span(0, 10, "PERSON", 0.9, "names")])
    assert [Span(0, 10, "PERSON", 0.9, "names")] == seen.get(seen.digest("Ann Nguyen"))
    assert digest != Seen().digest("Ann Nguyen")
    assert "Nguyen" not in repr(vars(seen))


def test_long_texts_are_not_kept() -> None:
    """A text over the bound has no digest, and is neither kept nor found."""
    seen = Seen()
    assert seen.digest("x" * (TEXT_CHARS_MAX + 1)) is None
    seen.put(None, [])
    assert seen.get(None) is None


def test_it_does_not_grow() -> None:
    """The oldest entry goes when the store is full."""
    seen = Seen()
    for i in range(5_000):
        seen.put(seen.digest(f"text {i}"), [])
    assert seen.get(seen.digest("text 0")) is None
    assert [] == seen.get(seen.digest("text 4999"))
    assert 4_096 == len(seen._found)


def test_answers_do_not_change(masker: Masker) -> None:
    """A text is masked alike the first time and the second."""
    first = masker.mask_text("seen by Dr. Okafor in Akron")
    assert first == masker.mask_text("seen by Dr. Okafor in Akron")
