"""The words of a text, and which of them stand in names of conditions: `bilateral`, `Wilson`."""

import re
from typing import NamedTuple

from streams.masking.conditions.words import ANATOMY, MODIFIERS, NO_MODIFIERS, NOT_BEFORE
from streams.masking.vocabulary.lexicon import EPONYM, Lexicon, fold
from streams.masking.vocabulary.lists import each

_WORD = re.compile(r"[^\W\d_][\w]*(?:['\u2019\-+][\w]+)*['\u2019]?|\d+[a-zA-Z]?\b|\d+\+?")
_COMPOSED = re.compile(
    r"\A(?:(?:non|post|pre|peri|anti|one|two|three|four|first|second|third|fourth|multi|large|small|late|early)-\w+"
    r"|[\w\-]+-(?:induced|related|associated|resistant|sensitive|dependent|positive|negative|onset|sided|degree|vessel|grade"
    r"|stage|type|acquired|borne|mediated|linked|controlled|proven|refractory|threatening|thickness|cell|angle|closure"
    r"|deficient|requiring|transmitted|trauma|traumatic|line|based|responsive|predominant|limited|extensive|volume|risk)\Z)"
)
_ADJECTIVE = re.compile(
    r"\A\w{3,40}(?:genic|pathic|itic|otic|emic|rrhagic|trophic|plastic|sclerotic|cytic|blastic|coccal|bacterial|viral"
    r"|ovascular|esophageal|intestinal|thyroid|plegic|iatric|necrotic|eal|icular|ellar|bular|ilateral|matous|ferous)\Z"
)
_JOINED = re.compile(
    r"\A(?!\w*(?:log|graph|retic|nomic|crat|soph|metric|tion))\w{3,30}o\w{4,30}(?:al|ar|ic|ary)\Z"
)
_PREFIXED = re.compile(
    r"\A(?:intra|extra|sub|supra|retro|peri|endo|trans|infra|hyper|hypo|poly|multi|oligo|hemi|epi)"
    r"\w{3,}(?:al|ar|ic|ous|ive|oid)\Z"
)
_FORMS = (_ADJECTIVE, _PREFIXED, _JOINED)
_PLAIN = each(
    """ideal real meal deal seal steal appeal reveal conceal zeal veal heal cereal surreal
    pediatric geriatric psychiatric bariatric podiatric obstetric antibiotic diagnostic prognostic
    hypnotic narcotic probiotic exotic robotic particular academic antiviral perpendicular
    intravenous parenteral intramuscular subcutaneous hypothetical subtotal epic hypodermic
    endoscopic multiple transnational transcendental hyperbolic peritoneal-dialysis intranasal
    transdermal sublingual intradermal"""
)
_LENGTH_MAX = 40


class SaidForms(NamedTuple):
    """A word of a text: folded, its place, and as written."""

    low: str
    start: int
    end: int
    said: str

    @property
    def upper(self) -> bool:
        """Tell whether a word is written in capitals."""
        return self.said.isupper()


def said(text: str) -> list[SaidForms]:
    """Return the words of a text."""
    return [
        SaidForms(
            fold(match.group()).replace("\u2019", "'"), match.start(), match.end(), match.group()
        )
        for match in _WORD.finditer(text)
    ]


class Forms:
    """Tells by list and by form which words qualify a condition."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.common = lexicon.sections["common_conditions"]
        self.modifiers = (
            frozenset(lexicon.words_of("modifiers")) - NO_MODIFIERS - NOT_BEFORE | MODIFIERS
        )

    def modifies(self, word: SaidForms) -> bool:
        """Tell whether a word may stand in a condition's name before its head."""
        low = word.low
        if len(low) > _LENGTH_MAX:
            return False
        if low in self.modifiers or low in ANATOMY:
            return True
        if word.said[0].isupper() and self.lexicon.flags(low.removesuffix("'s")) & EPONYM:
            return True
        if "-" in low:
            return bool(_COMPOSED.match(low)) or all(
                part in self.modifiers or self.lexicon.flags(part) & EPONYM
                for part in low.split("-")
            )
        return low not in _PLAIN and any(form.match(low) for form in _FORMS)
