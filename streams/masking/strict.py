"""The strict profile: what is on no vetted vocabulary is masked, whatever it is."""

import re
from collections.abc import Iterator

from streams.masking.lexicon import MONTH, NEVER, ORDINARY, REGION
from streams.masking.names import Reading
from streams.masking.results import Span
from streams.masking.words import LOWER

_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d\d\d(?![\w%]|\s?(?:mg|mcg|ml|g|kg|units?|/))")
_CODE = re.compile(r"(?<![\w<])(?=\w*\d)(?=\w*[A-Za-z])\w{4,}(?![\w>])")
_LETTERS_MIN = 3
_VETTED = ORDINARY | NEVER | REGION | MONTH


def unvetted(reading: Reading) -> Iterator[Span]:
    """Yield words, numbers of four digits or more, and mixed codes that no vocabulary holds."""
    for word in reading.words:
        known = (
            word.flags & _VETTED or len(word.low) < _LETTERS_MIN or word.low.endswith(("n't", "'s"))
        )
        if not known or (word.shape != LOWER and not word.first and not word.flags & _VETTED):
            yield Span(word.start, word.end, "TERM", 0.5, "unvetted")
    for pattern in (_NUMBER, _CODE):
        for match in pattern.finditer(reading.text):
            yield Span(*match.span(), "TERM", 0.5, "unvetted")
