"""Codes beside a name: `Rose Young (A17B)`, `Subject: Ng A16B4`, `A67B7 Hill 1960-03-14`.

A short code of capitals and figures says nothing alone; next to a person it is his number, unless it
is a code of medicine, a bed, an age or a dose.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterable, Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, NEVER, WORD, Lexicon, fold

_MADE = r"(?=[A-Z0-9\-]{0,14}\d)(?=[0-9\-]{0,14}[A-Z])(?=[A-Z\-]{0,14}\d[A-Z\-]{0,14}\d|\d[A-Z\-]{1,14}\d)[A-Z0-9](?:-?[A-Z0-9]){3,13}"
_BEHIND = re.compile(
    rf"(?:\s?[,;/|]\s?|\s|\s?[(\[#]\s?|\s[-–]\s|,?\s(?:id|no|chart|mr)\s)(?P<v>{_MADE})(?![\w/%]|[.-]\w)"
)
_BEFORE = re.compile(rf"(?:(?<=\s)|\A|(?<=[(\[|,;/#\"']))(?P<v>{_MADE})\s?[|,;:)\]/\t –-]{{1,3}}\Z")
_KNOWN = re.compile(
    r"\A(?:[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4}|\d{1,4}[A-Z]?)?|\d{1,3}[A-Z]|(?:CD|HER|PD|IL|CA|FEV|CYP|HLA|SARS|COVID|H\dN|T\d|N\d|M\d|G\dP|[CTLS]\d{1,2}-)[A-Z0-9\-]*|\d{1,3}(?:YO|YR|MO|WK|KG|MG|ML|LB|CM|MCG|HR|MIN|PM|AM|F|M)|[A-Z]{1,4}\d|Q\d{1,2}[HD]|\d+X\d+|[A-Z]+-?(?:19|20)\d\d)\Z"
)
_RUN = re.compile(r"[A-Z]{2,}")
_NEAR = 24
_LONG = 6


def find(text: str, spans: Iterable[Span], lexicon: Lexicon) -> Iterator[Span]:
    """Yield the codes that stand right before or behind the names among some spans."""
    for span in spans:
        if span.type != "PERSON":
            continue
        behind = _BEHIND.match(text, span.end)
        before = _BEFORE.search(text, max(0, span.start - _NEAR), span.start)
        for match in (behind, before):
            if match is not None and not _harmless(match.group("v"), lexicon):
                yield Span(*match.span("v"), "ID", 0.6, "beside_name")


def _harmless(said: str, lexicon: Lexicon) -> bool:
    """Tell a code of medicine: of a known make, or with an abbreviation in it (`T2DM`)."""
    runs = [fold(said), *(fold(run) for run in _RUN.findall(said))]
    known = any(lexicon.flags(run) & (CLINICAL | NEVER | WORD) for run in runs)
    return bool(_KNOWN.match(said)) or (known and len(said) < _LONG)
