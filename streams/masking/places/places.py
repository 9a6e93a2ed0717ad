"""Places below a state, told by their shape: addresses, codes, counties, facilities.

Towns are told by their names: see `sites`. The rule is 45 CFR 164.514(b)(2)(i)(B).
"""

import re
from collections.abc import Iterator

from streams.masking.places.facilities import Facilities
from streams.masking.places.institutions import Institutions
from streams.masking.places.small_letters import SmallLetters
from streams.masking.places.streets import Streets
from streams.masking.places.zips import Zips
from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import Lexicon, fold
from streams.masking.vocabulary.lists import each

_COUNTY = re.compile(
    r"\b(?:[A-Z][\w'.\-]{1,40}\s){1,3}(?:County|Parish|Borough|Township|Precinct)\b"
)
# Bodies that write guidelines: nobody is treated there.
_PUBLIC = re.compile(
    r"\b(?:American|National|European|British|World|International|Canadian|Australian|Australasian|Royal|Society|Infectious|Endocrine)\s"
    r"(?:[A-Z][\w'&\-]+\s(?:(?:of|for|and|on|in|the)\s){0,2}){0,5}?"
    r"(?:Association|College|Society|Academy|Institutes?|Foundation|Organi[sz]ation|Federation|Council|Network|Committee|Alliance|Agency)\b"
    r"(?:\s(?:of|for|on)\s(?:the\s)?[A-Z][\w\-]+(?:(?:,?\s(?:and|&)|,)?\s[A-Z][\w\-]+){0,5})?"
)
_NEXT = re.compile(r"\s([a-z]+)\b")
_OF_PLACES = each(
    """guidelines guideline protocol model models pathway formula plot plots analysis framework
    regimen calculator curve curves scores score sign signs"""
)


class Places:
    """The patterns of streets, codes and facilities over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._streets = Streets(lexicon)
        self._zips = Zips(lexicon)
        self._facilities = Facilities(lexicon)
        self._institutions = Institutions(lexicon)
        self._small = SmallLetters(lexicon)
        self._regions = lexicon.sections["region_phrases"]
        self._ruled = lexicon.ruled - _OF_PLACES

    def find(self, text: str) -> Iterator[Span]:
        """Yield addresses, codes and facilities."""
        for span in self._found(text):
            if not self._known(text, span):
                yield span

    def _known(self, text: str, span: Span) -> bool:
        """Tell a province, and what a rule is called after: `King's College criteria`."""
        said = fold(text[span.start : span.end])
        after = _NEXT.match(text, span.end)
        return said in self._regions or bool(
            after and after.group(1) in self._ruled and not any(char.isdigit() for char in said)
        )

    def _found(self, text: str) -> Iterator[Span]:
        if any(char.isdigit() for char in text):
            yield from self._streets.find(text)
            yield from self._zips.find(text)
        yield from self._streets.named(text)
        for match in _COUNTY.finditer(text):
            yield Span(*match.span(), "LOCATION", 0.85, "county")
        public = [match.span() for match in _PUBLIC.finditer(text)]
        for room in (self._facilities, self._institutions, self._small):
            for span in room.find(text):
                if any(start <= span.start and span.end <= end for start, end in public):
                    continue
                article = text[span.start - 4 : span.start] == "The "  # part of many a name
                yield span._replace(start=span.start - 4) if article else span
