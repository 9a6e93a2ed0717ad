"""Reading over what a format puts between: a text without its marks, with the way back.

A name cut by tags (`Ko<b>wal</b>czyk`), an escape within a message (`\\.br\\`), a line that a
mail program wrapped: a person reads over them, and so does masking. A `View` holds what is read;
each of its characters knows which characters of the text it stands for. A break that a mark means
(a paragraph, a cell) is a character that stands for none. Spans come back as the stretches between
the marks, so that no mark is ever changed.
"""

from collections.abc import Callable

from streams.masking.formats import emphasis, escapes, glued, mail, rtf, tags
from streams.masking.normalise import NormalView

__all__ = ["segments", "view"]

_READERS: dict[str, Callable[[str], NormalView | None]] = {
    "tags": tags.view,
    "hl7": escapes.hl7,
    "string": escapes.string,
}
_GUESSED = {"": (rtf.view, mail.view, escapes.written), "loose": (emphasis.view, glued.view)}


def view(text: str, coding: str = "") -> NormalView | None:
    """Return a text as it is read; None where there is nothing to read over.

    `coding` names how it is written where its format tells; else the text itself must show it:
    first the encodings, and where no format is found, the marks and breaks that anybody may set.
    """
    if coding in _READERS:
        return _READERS[coding](text)
    for guess in _GUESSED[coding]:
        found = guess(text)
        if found is not None:
            return found
    return None


def segments(source: NormalView, start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches of the original that a stretch of a view stands for."""
    if source.starts is None or source.ends is None:
        return [(start, end)]
    found: list[tuple[int, int]] = []
    for i in range(start, end):
        begin, stop = source.starts[i], source.ends[i]
        if stop <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((begin, stop))
    return found
