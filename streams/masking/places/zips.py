"""ZIP codes: found by what stands around them, and cut to what may stay (164.514(b)(2)(i)(B)).

The first three digits of a ZIP code may stay where all codes that begin with them hold more than
20,000 people; the 17 prefixes that do not (2000 census, in the rule's guidance) become 000.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, PLACE, WORD, Lexicon, fold
from streams.masking.vocabulary.lists import each

RESTRICTED = each("036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893")
_WHOLE = re.compile(r"\A\s*+(\d{3})\d\d(?:[-\s]?\d{4})?\s*")
_LABEL = re.compile(
    r"\b(?:(?:zip|postal|post)(?:\s?code)?s?|eircode|pin\s?code|plz|cep|c\.?p\.?|c[oó]digo\spostal|code\spostal|postleitzahl|postnummer|cap)\s?(?:is|of|[:=#]|was)?\s{0,2}(?P<v>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]\d[\dW]\s?[A-Z\d]{4}|\d{3}\s?\d{2,3}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4}(?:\s[A-Z]{2})?)(?!\w)",
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
# Of Canada, the United Kingdom and Ireland; of Australia behind its state.
_POSTCODE = re.compile(
    r"(?<!\w)(?:[A-Z]\d[A-Z]\s\d[A-Z]\d|[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2}"
    r"|[AC-FHKNPRTV-Y]\d[\dW]\s?(?=\d{0,3}[A-Z])(?=[A-Z]{0,3}\d)[AC-FHKNPRTV-Y\d]{4}"
    r"|(?:NSW|VIC|QLD|TAS)\s(?P<v>\d{4}))(?!\w)"
)
_UK_AREAS = each(
    "ab al ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy ec eh en"
    " ex fk fy gl gu gy ha hd hg hp hr hs hu hx ig im ip iv ka kt kw ky la ld le ll ln ls lu me mk ml nn"
    " ne ng np nr nw ol ox pa pe ph pl po pr rg rh rm sa se sg sk sl sm sn so sp sr ss st sw sy ta td tf"
    " tn tq tr ts tw ub wa wc wd wf wn wr ws wv yo ze"
)
_POSTCODE_LOW = re.compile(
    r"(?<![\w.-])(?P<area>[a-z]{2})\d{1,2}[a-z]?\s?\d[abd-hjlnp-uw-z]{2}(?!\w)"
)
# With its town behind: `114 55 Stockholm`, `00-950 Warszawa`, `1012 AB Amsterdam`.
_BEFORE_TOWN = re.compile(
    rf"(?<![\w.,/-])(?P<v>\d{{3}}\s\d{{2}}|\d{{2}}-\d{{3}}|\d{{4}}\s?[A-Z]{{2}}|\d{{4}}-\d{{3}})\s(?P<t>{_TOWN})(?!\w)"
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
        yield from self._beside(text)
        for match in _INSIDE.finditer(text):
            yield Span(*match.span("v"), "ZIP", 0.7, "zip")
        for pattern in (_FOUR, _POSTCODE, _POSTCODE_LOW):
            for match in pattern.finditer(text):
                said = match.groupdict()
                if said.get("area", "sw") in _UK_AREAS:
                    yield Span(*match.span("v" if said.get("v") else 0), "ZIP", 0.8, "zip")

    def _beside(self, text: str) -> Iterator[Span]:
        """Yield codes that stand beside their town, and a town behind such a code."""
        for match in _BESIDE.finditer(text):
            town = match.group("t") or match.group("u")
            low = fold(town)
            last = self._lexicon.flags(low.rsplit(None, 1)[-1])
            if self._lexicon.flags(low) & PLACE or (last & PLACE and not last & (WORD | CLINICAL)):
                yield Span(*match.span("v" if match.group("t") else "w"), "ZIP", 0.75, "zip")
        for match in _BEFORE_TOWN.finditer(text):
            if self._lexicon.flags(fold(match.group("t"))) & PLACE:
                yield Span(*match.span("v"), "ZIP", 0.75, "zip")
                yield Span(*match.span("t"), "LOCATION", 0.75, "zip")
