"""The strict profile: what is on no vetted vocabulary is masked, whatever it is.

Vetted are the words of English and of medicine, of countries and months, and units. A word that may
be a name counts as vetted only in lower case, or where a sentence begins and no usual name is it.
"""

import re
from collections.abc import Iterator

from streams.masking.names.names import NameReading
from streams.masking.names.words import LOWER, UPPER, Word
from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    MONTH,
    NAMED,
    NEVER,
    ORDINARY,
    POPULAR,
    REGION,
    USUAL,
)

_NUMBER = re.compile(
    r"(?<![\w.,])\d[\d,.]*\d\d\d(?![\w%]|\s?(?:mg|mcg|ml|g|kg|units?|/|cells|steps|calories|kcal))"
)
_CODE = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[A-Za-z])\w{4,}(?!\w)")
_DOSE = re.compile(
    r"\A\d{1,12}(?:mg|mcg|ml|g|kg|units?|h|hr|hrs|min|x\d+|st|nd|rd|th|year|yo|mm|cm|cc)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DURING = re.compile(
    r"\b(?:in|since|from|to|until|between|and|of|by|year|during|before|after|=)\s?\Z"
)
_SHORT = 2
_NEAR = 12
_ACRONYM_MAX = 4
_VETTED = ORDINARY | NEVER | REGION | MONTH | EPONYM


def unvetted(reading: NameReading) -> Iterator[Span]:
    """Yield words, numbers of four digits or more, and mixed codes that no vocabulary holds."""
    units = reading.lexicon.sections["units"] | reading.lexicon.sections["vetted"]
    for word in reading.words:
        if word.low not in units and not _vetted(word):
            yield Span(word.start, word.end, "TERM", 0.5, "unvetted")
    for pattern in (_NUMBER, _CODE):
        for match in pattern.finditer(reading.text):
            if _YEAR.fullmatch(match.group()) and _DURING.search(
                reading.text, max(0, match.start() - _NEAR), match.start()
            ):
                continue
            if match.group().lower() not in units and not _DOSE.fullmatch(match.group().lower()):
                yield Span(*match.span(), "TERM", 0.5, "unvetted")


def _vetted(word: Word) -> bool:
    """Tell whether a vocabulary vouches for a word as it is written here."""
    if not word.text.isascii():
        return False
    small = len(word.low) <= _SHORT and word.shape == LOWER
    if small or len(word.low) == 1 or word.low.endswith(("n't", "'s")):
        return True
    return bool(word.flags & _VETTED) and not _maybe_name(word)


def _maybe_name(word: Word) -> bool:
    """Tell whether a vetted word may be a name all the same: a capital where none is due."""
    if word.flags & (REGION | MONTH) and not word.flags & POPULAR:
        return False
    short = word.shape == UPPER and len(word.low) <= _ACRONYM_MAX
    if word.shape == LOWER or short or word.flags & (CLINICAL | NEVER | EPONYM):
        return False
    opens = word.first and not word.flags & (POPULAR | USUAL)
    return bool(word.flags & NAMED) and not opens
