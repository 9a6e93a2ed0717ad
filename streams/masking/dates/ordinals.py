"""A day of the month without its month: `the one from the 17th`, `until the twenty-first`.

An ordinal that counts something (`the 5th metatarsal`, `the 3rd dose`) has that thing behind it; a day
has the end of its clause, or a word that goes on with the sentence.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.dates.dates import opened
from streams.masking.results import Span

_FIGURE = r"(?:3[01]|[12]\d|0?[1-9])\s?(?:st|nd|rd|th)"
_SPELLED = (
    r"(?:fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth"
    r"|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|(?:twenty|thirty)[\s-]"
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))"
)
_DAY = rf"(?:{_FIGURE}|{_SPELLED})"
_BEFORE = (
    r"(?:on|from|since|until|till|til|by|for|after|before|of|between|to|through|thru|dated?|and|or|due"
    r"|around|seen|as\sof|moved\sto|next|last|this|is|was|&|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?"
    r"|thu(?:r?s?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_AFTER = (
    r"(?=\s*(?:[,.;:?!)\]\"]|\Z|\n|[-–]\s)|['’]s\b|\sof\s(?:this|next|last|the|that|each|every)\smonth\b|\s(?:at|in|with|and|for|was|is|were|had|has|to|through|thru|till|until|but|or|if"
    r"|because|when|then|so|please|pls|plz|morning|afternoon|evening|night|instead|she|he|they|i|we|you|it|that|which"
    r"|due|after|before|around|showed|shows|came|went|got|not|still|he's|she's|only|again|as|by|from|vs|per|did|does|do|will|would|can|cause|bc|w/|@|my|his|her|the|also|already|now|this|last|next|thanks|thx|ty)\b|\s[@&/])"
)
_BARE = re.compile(
    rf"\b{_BEFORE},?\s(?:the\s)?(?P<v>{_DAY}){_AFTER}|\b(?:night|morning|evening|afternoon|week)\sof\sthe\s(?P<x>{_DAY})|\bthe\s(?P<w>{_FIGURE})(?=\s*(?:[,.;?!)]|\Z)|['’]s\b|\s(?:was|is|at|works|would)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:percentiles?|%ile|centiles?|floor|grade|trimester|toe|finger|digit|metatarsals?|metacarpals?|ribs?|nerve|dose|line|generation|cranial|ventricle|intercostal|century|edition|degree|baby|child|pregnancy|attempt|choice)\b",
    re.IGNORECASE,
)
_NEAR = 40


def find(text: str) -> Iterator[Span]:
    """Yield days that stand without a month."""
    for match in _BARE.finditer(text):
        group = next(name for name in "vxw" if match.group(name))
        start, end = match.span(group)
        clause = re.split(r"[.;!?\n]", text[end : end + _NEAR])[0]
        counted = _COUNTED.search(clause) or re.search(
            r"(?:percentile|floor|grade|nerves?|ribs?|digits?)\W+(?:\w+\W+){0,2}\Z",
            text[max(0, start - 30) : start],
        )
        if group == "x" or not counted:
            yield Span(opened(text, start), end, "DATE", 0.7, "ordinal")
