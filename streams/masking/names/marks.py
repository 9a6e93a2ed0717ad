"""The words of one text and the marks put on them: the base of every step in `names`."""

import re

from streams.masking.names.words import (
    CAP,
    INITIAL,
    LOWER,
    MAYBE,
    NO,
    STRONG,
    UNKNOWN,
    UPPER,
    Word,
    read,
)
from streams.masking.vocabulary.lexicon import NEVER, Lexicon
from streams.masking.vocabulary.lists import each

GAP = re.compile(r"(?:[ \t]{1,2}|[ \t]?-[ \t]?|\.[ \t]{0,2}|')")
CODE_GAP = re.compile(r"[ _.\-+/\\]{1,2}")
COMMA = re.compile(r",[ \t]{0,2}")
INSIDE = frozenset(["in", "from", "at", "near", "outside", "visiting"])
MODALS = each(
    """will may can mark bill grant chase hope long see pat art rich gene page case rob"""
)
_WORD_MIN = 4  # a full stop behind a longer word ends a sentence
PERSON = "PERSON"
LOCATION = "LOCATION"


class Marks:
    """One text, its words, and for each word its mark (a type or None) and what gave it."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self.text = text
        self.lexicon = lexicon
        self.words = read(text, lexicon)
        self.marks: list[str | None] = [None] * len(self.words)
        self.sources: list[str] = [""] * len(self.words)
        self.heading = self._headings()

    def _adjacent(self, i: int, *, commas: bool = False, possessive: bool = False) -> bool:
        """Tell whether words `i` and `i + 1` stand side by side."""
        if i < 0 or i + 1 >= len(self.words):
            return False
        gap = self.text[self.words[i].end : self.words[i + 1].start]
        gap = gap.removeprefix("'s") if possessive else gap
        if (
            "." in gap
            and len(self.words[i].low) >= _WORD_MIN
            and self.words[i].low not in self.lexicon.titles
        ):
            return False
        return bool(GAP.fullmatch(gap)) or (commas and bool(COMMA.fullmatch(gap)))

    def _initial(self, i: int) -> bool:
        return self.words[i].kind == INITIAL and self._adjacent(i)

    def _foreign(self) -> bool:
        """Tell a text that is not in English; the step that reads open words knows."""
        raise NotImplementedError

    def _open(self, word: Word) -> bool:
        return word.kind in {MAYBE, UNKNOWN} and word.shape != LOWER

    def _kin(self, i: int) -> bool:
        return self.words[i].kind in {STRONG, MAYBE, UNKNOWN}

    def _both(self, i: int) -> None:
        self._mark(i, PERSON, "names")
        self._mark(i + 1, PERSON, "names")

    def _mark(self, i: int, kind: str, source: str, *, again: bool = False) -> None:
        if self.marks[i] is None or again:
            self.marks[i] = kind
            self.sources[i] = source

    def _unmark(self, i: int) -> None:
        self.marks[i] = None
        self.words[i].kind = NO
        self.words[i].flags |= NEVER

    def _headings(self) -> list[bool]:
        """Tell of each word whether its line is written as a heading: Most Words Have Capitals."""
        flags: list[bool] = []
        line: list[Word] = []
        for i, word in enumerate(self.words):
            if i and "\n" in self.text[self.words[i - 1].end : word.start]:
                flags += [_is_heading(line)] * len(line)
                line = []
            line.append(word)
        return flags + [_is_heading(line)] * len(line)


def _is_heading(line: list[Word]) -> bool:
    capitals = sum(word.shape in {CAP, UPPER} for word in line)
    return len(line) > 2 and capitals > 0.7 * len(line)  # noqa: PLR2004 - a length
