"""Bare numbers of four and five figures that nothing clinical, no year and no clock explains.

A year, a time of day, a round count, what has its unit behind it, a public code and what stands behind
a laboratory's word stay. Where a text speaks of a ZIP code, each five figures are one.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.codes.codes import UNIT
from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, Lexicon
from streams.masking.vocabulary.lists import each

_END = rf"(?![\w%°]|[.,/:–-]\d|\s?{UNIT}(?![A-Za-z])|\s(?:cfu|colon|rows|records|dollars|usd|bucks|feet|ft|fr|french|ppm|rpm|hz|msec|ms|km|meters|square|copays?|per|and\s\d|to\s\d|vs\.?\s\d|or\s\d|[-–]\s?\d))"
_BARE = re.compile(rf"(?<![\w.,/$€£+*^~<>=≥≤:–-])(?P<v>\d{{4,5}})\b\#?{_END}")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d\Z|2400\Z")
_YEAR = re.compile(r"(?:18|19|20|21)\d\d\Z")
_VISIT = re.compile(r"99[2-4]\d\d\Z")  # CPT, evaluation and management
_ROUND = re.compile(r"\A\d{1,40}(?:00|50)\Z")
# In the clause before: what counts, measures, pays or names a public code.
_EXPLAINED = re.compile(
    r"\b(?:cpt|icd\w*|hcpcs|ndc|loinc|snomed|drg|cvx|rxcui|pmid|nct\w*|rfc|rxnorm|iso|ieee|cve|port|http|section|coded|billed|store|billing|procedure|modifier|level|year|circa|ck|cpk|ferritin|load|counts?|platelets?|plts?|bnp|probnp|nt-?probnp|wbc|anc|alc|cd4|copies|hcg|bhcg|titers?|titres?|afp|ldh|amylase|lipase|troponins?|trop|ast|alt|ggt|alp|b12|psa|igg|ige|iga|igm|tsh|crp|pct|d-?dimer|triglycerides|trigs|myoglobin|ca-?\d+|cea|output|uop|urine|intake|fluids?|weigh\w*|weight|volume|total|population|of|over|about|approximately|than|nearly|n|copay|deductible|cost|costs|paid|pay|owe[ds]?|owing|balance|amount|price|fee|\$|usd|max\w*|dose[ds]?|dosage|give|calories|kcal|steps|result|value|score|rose|fell|down|up|trend\w*|peaked?|peak|q|rev|form|model|section|rule|guideline|page|pages|dx|g\d\w*|p)\W{1,3}(?:(?:\w+|\d[\w.]*)\W{1,2}){0,2}\Z",
    re.IGNORECASE,
)
_CODES = re.compile(
    r"\b(?:cpt|icd|hcpcs|bill(?:ed|ing)|coding|e/m|modifier|(?:error|denial|remark|procedure|service|diagnos\w+)\scodes?)\b",
    re.IGNORECASE,
)
_ZIPPED = re.compile(
    r"\b(?:zip(?:\s?codes?|s)?|post(?:al)?\s?codes?|postcodes?|plz|c[oó]digo\spostal|code\spostal)\b",
    re.IGNORECASE,
)
_FIVE = re.compile(
    rf"(?<![\w.,/$+*^~<>=-])(?P<v>\d{{5}}(?:-\d{{4}})?)(?![\w%]|[.,/]\d|-\d|\s?{UNIT}(?![A-Za-z]))"
)
_AREA = re.compile(
    rf"\b(?:near|nearby|close\sto|outside(?:\sof)?|within\s\d+\smiles\sof|around|in)\s(?:the\s)?(?P<v>\d{{5}})(?=\sarea\b|\s(?:zip|open|who|with|that|for|please|pls)\b|\s*(?:[?.,;!)]|\Z)(?!\d)){_END}",
    re.IGNORECASE,
)
# The rest of a number: `****1123`, `first three of ssn 412`, `mrn ends with 882`, `ext. 12`.
_PARTS = re.compile(
    r"(?:(?<![A-Za-z0-9*•#])[*•#]{2,}+|(?<![A-Za-z0-9])x{2,}+)[\s-]?(?P<v>\d{2,6})(?![\w.%])"
    r"|\b(?:ssn|social|mrn|card|account|acct|phone|cell|policy|member\sid|id|number|claim|chart|rx)\s(?:that\s|which\s)?(?:ends?|ending|starts?|starting|begins?|beginning)\s?(?:in|with|is|:)?\s?(?P<w>\d{2,6})(?![\w.%])"
    r"|\b(?:first|last)\s(?:two|three|four|five|six|[2-6])(?:\s(?:digits?|numbers?|figures))?(?:\s(?:of|on|for|in))?(?:\s(?:the|his|her|their|my))?\s?(?:ssn|social|mrn|card|account|acct|phone|cell|policy|id|digits?)?(?:\s(?:is|are|was))?\s?:?\s(?P<x>\d{2,6})(?![\w.%]|\s?(?:mg|ml|days?|weeks?))"
    r"|\b(?:ext|extn|xtn)\.?\s?\#?:?\s?(?P<y>\d{2,6})(?![\w.%°]|\sdegrees?)"
    r"|\bextension\s(?:number\s|no\.?\s|is\s|\#)?(?P<z>\d{3,6})(?![\w.%°]|\sdegrees?|\sto\s\d)"
    r"|\b(?:dial|press|call|text|ring)\s(?P<u>\d{1,3}-\d{3,4})(?![\w.%-])",
    re.IGNORECASE,
)
_KEYED = re.compile(r"(?<![\w.,/$+*-])\d{3,8}\#(?!\w)|(?<![\w.,/$+-])[\#*]\d{3,8}(?![\w.,/-])")
_PAIR_TAIL = re.compile(
    r"\d{3}[.\s-]\d{4}(?:\s?/\s?|\s(?:or|and|&)\s)-?(?P<v>\d{4})(?![\w.,/-]|\s?[ap]m\b)"
)
_REACHED = re.compile(
    r"\b(?:call|reach|phone|tel|telephone|cell|mobile|fax|text|dial|number|landline|voicemail|ring|contact|beeper|pager|hm|wk|ph)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?<![\w.,/-])[2-9]\d\d[ .][0-9]\d{3}(?![\w/-]|[.,]\d)")
_TWOS = re.compile(
    r"(?<![\w.,/+-])0\d(?P<s>[ .-])\d\d(?:(?P=s)\d\d){3}(?![\w/-]|[.,]\d)|(?<![\w.,/+-])0\d{2,4}/\d{4,8}(?![\w/-]|[.,]\d)"
)
_GROUPED = re.compile(r"(?<![\w.,/+-])\d{2,4}(?:[ .-]\d{2,4}){2,5}(?![\w/%-]|[.,]\d)")
_PHONE_DIGITS = range(9, 13)
_NEAR = 40


class BareNumbers:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield numbers that are told by what does not stand beside them."""
        if not any(char.isdigit() for char in text):
            return
        zipped = _ZIPPED.search(text) is not None
        for match in (_FIVE if zipped else _AREA).finditer(text):
            yield Span(*match.span("v"), "ZIP", 0.7, "zip")
        for pattern in (_PARTS, _KEYED):
            for match in pattern.finditer(text):
                yield Span(*match.span(match.lastgroup or 0), "ID", 0.7, "number_part")
        yield from _phones(text)
        coded = _CODES.search(text) is not None
        for match in _BARE.finditer(text):
            if not coded and self._unexplained(text, match):
                yield Span(*match.span("v"), "ID", 0.55, "bare_number")

    def _unexplained(self, text: str, match: re.Match[str]) -> bool:
        """Tell a number that no year, clock, count, laboratory or public code explains."""
        said = match.group("v")
        if _CLOCK.match(said) or _YEAR.match(said) or _ROUND.match(said):
            return False
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if _EXPLAINED.search(before) or _VISIT.match(said):
            return False
        last = re.search(r"([A-Za-z][\w'-]*)\W{1,3}\Z", before)
        return last is None or not self._clinical(last.group(1).lower())

    def _clinical(self, word: str) -> bool:
        if word in _HOLDERS:
            return False
        return bool(self._lexicon.flags(word) & CLINICAL) or word in self._lexicon.sections["units"]


def _phones(text: str) -> Iterator[Span]:
    for match in _PAIR_TAIL.finditer(text):
        yield Span(*match.span("v"), "PHONE", 0.7, "phone_parts")
    for match in _TWOS.finditer(text):
        yield Span(*match.span(), "PHONE", 0.7, "phone_parts")
    if _REACHED.search(text):
        for match in _SHORT.finditer(text):
            yield Span(*match.span(), "PHONE", 0.65, "phone_parts")
        for match in _GROUPED.finditer(text):
            parts = re.split(r"[ .-]", match.group())
            if len("".join(parts)) in _PHONE_DIGITS and any(len(part) != 3 for part in parts):  # noqa: PLR2004 - readings have three
                yield Span(*match.span(), "PHONE", 0.65, "phone_parts")


# Words of a clinic that a number of a person, a sample or an order follows.
_HOLDERS = each(
    """patient patients pt case order specimen sample tube bed chart script slide block bag unit donor client
    resident monitor device pump beep pager door pin locker lot kit record file visit claim check bill label
    form badge"""
)
