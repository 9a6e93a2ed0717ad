"""ZIP codes: found by what stands around them, and cut to what may stay (164.514(b)(2)(i)(B)).

The first three digits of a ZIP code may stay where all codes that begin with them hold more than
20,000 people; the 17 prefixes that do not (2000 census, in the rule's guidance) become 000.
"""

import re
from collections.abc import Iterator

from streams.masking.lexicon import CLINICAL, PLACE, WORD, Lexicon, fold
from streams.masking.lists import each
from streams.masking.results import Span

RESTRICTED = each("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
_WHOLE = re.compile(r"\s*(\d{3})\d\d(?:[-\s]?\d{4})?\s*")
_LABEL = re.compile(
    r"\b(?:zip|postal|post)(?:\s?code)?s?\s?(?:is|of|[:=#]|was)?\s{0,2}(?P<v>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{4}(?:\s[A-Z]{2})?)(?!\w)",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    rf"\bzip(?:\s?(?:code|prefix|3|three))*s?\s?(?:is|of|[:=#])?\s{{0,2}}(?P<v>{'|'.join(sorted(RESTRICTED))})(?:\*\*|xx|--)?(?!\w)",
    re.IGNORECASE,
)
# Behind or before a town: `in Fresno 93721`, `10115 Berlin`.
_TOWN = r"[A-ZÀ-Þ][\w'.\-]{2,30}(?:[ ][A-ZÀ-Þ][\w'.\-]{2,30}){0,2}"
_BESIDE = re.compile(
    rf"(?<![\w.])(?P<t>{_TOWN}),?\s(?P<v>\d{{5}})(?![\w\-/%]|[.,]\d)|(?<![\w.,\-/#])(?P<w>\d{{4,5}})\s(?P<u>{_TOWN})(?!\w)"
)
_INSIDE = re.compile(
    r"\b(?:lives?|living|moved|resides?|residing|based|house|home|located|address)\s(?:in|at|near|to|around)\s(?:the\s)?(?P<v>\d{5})(?![\w\-/%]|[.,]\d)",
    re.IGNORECASE,
)
_FOUR = re.compile(r"(?<![\w.\-/])\d{5}-\d{4}(?![\w-])")
_POSTCODE = re.compile(
    r"(?<!\w)(?:[A-Z]\d[A-Z]\s\d[A-Z]\d|[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2})(?!\w)"
)


def general(value: str) -> str | None:
    """Return the three digits that stand for a ZIP code; None where the value is no such code."""
    whole = _WHOLE.fullmatch(value)
    if whole is None:
        return None
    return "000" if whole.group(1) in RESTRICTED else whole.group(1)


class Zips:
    """Patterns built from the lists of states."""

    def __init__(self, lexicon: Lexicon) -> None:
        states = "|".join(sorted(lexicon.states)).upper()
        self._lexicon = lexicon
        names = "|".join(
            sorted((name.title() for name in lexicon.sections["state_phrases"]), key=len)
        )
        self._state = re.compile(
            rf"(?<![\w])(?:{states}|{names}),?\s{{1,3}}(?P<v>\d{{5}}(?:-\d{{4}})?)(?![\w-])"
        )

    def find(self, text: str) -> Iterator[Span]:
        """Yield ZIP codes, and the postal codes of other countries."""
        for pattern, score in ((self._state, 0.9), (_LABEL, 0.95), (_PREFIX, 0.95)):
            for match in pattern.finditer(text):
                yield Span(*match.span("v"), "ZIP", score, "zip")
        for match in _BESIDE.finditer(text):
            town = match.group("t") or match.group("u")
            low = fold(town)
            last = self._lexicon.flags(low.rsplit(None, 1)[-1])
            if self._lexicon.flags(low) & PLACE or (last & PLACE and not last & (WORD | CLINICAL)):
                yield Span(*match.span("v" if match.group("t") else "w"), "ZIP", 0.75, "zip")
        for match in _INSIDE.finditer(text):
            yield Span(*match.span("v"), "ZIP", 0.7, "zip")
        for pattern in (_FOUR, _POSTCODE):
            for match in pattern.finditer(text):
                yield Span(*match.span(), "ZIP", 0.8, "zip")
