"""Ages of 90 and more (45 CFR 164.514(b)(2)(i)(C)): figures and words, told by what stands around.

A figure alone says nothing. With `years old` or a sex behind it, it is an age; behind a person and a
form of `to be` it is one where nothing says that it was measured (`she's 91 on room air`).
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, NAMED, Lexicon, fold

_UNITS = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_FIGURE = r"(?:9\d|1[0-4]\d)"
_NEAR = r"(?:9\d|1[01]\d)"  # where only a person stands before: nobody is 130
_WORD = (
    rf"(?:ninety(?:[-\s]{_UNITS})?|(?:a|one)[-\s]hundred(?:[-\s]and)?(?:[-\s](?:{_UNITS}|ten))?)"
)
_AGE = rf"(?:{_FIGURE}|{_WORD})"
_FREE = r"(?<![A-Za-z0-9.,/:+~<>=-])"
# What makes a figure a measurement, a count or a group of people.
_MEASURED = (
    r"(?!\w|[-/:%°+]\d|[%°/+]|[.,]\d|\s?[-–]\s?\d"
    r"|\s?(?:mg|mcg|kg|kgs|kilos?|g|lbs?|pounds?|cm|mm|inches|bpm|bp|ml|l|mmol|units?|percent|degrees|c|f|over|systolic"
    r"|diastolic|f\b|sat|sats|days?|weeks?|months?|minutes?|mins?|hours?|hrs?|meters?|metres?|miles|steps|calories|pack|cigarettes|beats|points?|out\sof)\b"
    r"|\s(?:on\s(?:ra|room|air|o2|oxygen|nc|nasal|hi|high|bipap|cpap|\d|a\s(?:nc|non|mask|vent))|at\srest|with\s(?:fever|chills)|after\s(?:neb|a\sneb|walk|exert)|and\s(?:hr|bp|febrile|spo2)|(?:and|or)\s(?:over|older|above|up)\b|plus\b|then\s\d|while\swalk))"
)
_PERSON = (
    r"(?:i|he|she|they|who|both|pt|patient|client|resident|mum|mummy|mom|momma|mommy|ma|mam|mother|dad|daddy|da|pa|father|nan|nana|nanna|nanny"
    r"|gran|granny|grandma|grandpa|grandmother|grandfather|grandad|granddad|gramps|oma|opa|aunt|auntie|aunty|uncle|husband|wife|hubby|sister|brother"
    r"|man|woman|lady|gentleman|gent|guy|veteran|vet|neighbou?r|friend|in-law|door|roommate|spouse|partner|member|person|client|cousin|parent|widow(?:er)?)"
)
_NAMED = r"(?-i:[A-ZÀ-ÞĀ-ɏ][a-zà-ÿĀ-ɏ'’\-]{2,})"
_BE = r"(?:['’]s|(?<=\bhe)s|(?<=\bshe)s|['’]m|['’]re|\sis|\swas|\sam|\sare|\swere|\sbeing|\shas\sbeen|\sbecame|\swill\sbe|['’]ll\sbe|\swould\sbe|\sturn(?:ed|s|ing)?|\shit|\sreached)"
_ADVERB = r"(?:\s(?:now|only|just|already|almost|nearly|about|around|over|like|approx(?:imately)?|currently|actually|all\sof|a\svery|soon|going\son|gonna\sbe|going\sto\sbe|about\sto\s(?:be|turn)|turn(?:ed|ing)|pushing|at\sleast|both|approaching|well\sover)){0,3}"
_SEX = r"(?:female|male|man|woman|lady|gentleman|gent|widow(?:er)?|veteran|grandmother|grandfather|granny|nun|farmer|resident|matriarch)"
_HIGH = re.compile(r"(?<![\d.,])(?:9\d|1[0-4]\d)(?![\d%])|ninety|hundred", re.IGNORECASE)
_CLAUSE = re.compile(r"[.;!?\n]\s")
_PHRASE = re.compile(r"[,.;!?\n]\s")
_GAUGED = re.compile(
    r"\b(?:fever\w*|febrile|temp(?:erature)?s?|tmax|spo2|o2|oxygen|sats?|pulse|hr|bp|rate|sugar|glucose|saturat\w*|mmhg|bpm|weigh(?:s|ed|t)?|fahrenheit|score[ds]?)\b",
    re.IGNORECASE,
)

_PATTERNS = [
    (re.compile(pattern, re.IGNORECASE), loose)
    for pattern, loose in (
        (rf"{_FREE}(?P<v>{_AGE}[\s-]{{0,2}}(?:years?|yrs?|y)[\s./-]{{0,2}}(?:old|o|of\sage|young)\b)", False),
        (rf"{_FREE}(?P<v>{_FIGURE}\s?(?:yo|y\.o\.|yr|yrs|years|y/o)(?:\b|(?<=\.)|(?=[mf]\b)))(?!\s(?:ago|of(?!\sage)|later|since|follow|pack|after|before|experience))", False),
        (rf"{_FREE}(?P<v>{_FIGURE})(?=[\s-](?:year|yr)s?(?!\s(?:ago|of(?!\sage)|later|since|follow)))", False),
        (rf"{_FREE}(?P<v>{_FIGURE})\s?(?=[MF](?:\b|/)(?![A-Za-z0-9]))", False),
        (rf"(?<![A-Za-z0-9])[MF]\s?/\s?(?P<v>{_NEAR})(?![\w/%.-])", False),
        (rf"\b(?:age[ds]?|aged\sof|age\sof|age\sis|age\swas)\s?[:=]?\s?(?P<v>{_AGE}){_MEASURED}", False),
        (rf"(?<![A-Za-z])(?P<v>{_NEAR}(?:st|nd|rd|th))\s(?:birthday|b-?day|bday)\b", False),
        (rf"{_FREE}(?P<v>{_AGE})[\s-]{_SEX}\b(?!\s(?:patients|participants|subjects|mice))", False),
        (rf"\b{_SEX}(?:,\s|\s\(|\sof\s|\sis\s|\s)(?P<v>{_AGE}){_MEASURED}", False),
        (rf"\b(?:an?|our|the|this)\s(?P<v>{_NEAR})(?=-y(?:ear|r))", False),
        (rf"\b(?P<n>{_NAMED})(?:,\s(?:now\s|aged?\s)?(?P<v>{_NEAR})(?=[,.;!?)]|\Z|\n)(?![.,]\d)|\s\((?P<w>{_NEAR})\))", True),
        (rf"\b(?:(?:mr|mrs|ms|miss|dr|sr|sra)\.?\s{_NAMED}|{_PERSON})(?:,\s|,?\s\()(?:now\s|aged?\s)?(?P<v>{_NEAR})(?=[,;)]|\s(?:years|lives|fell|has|was|is|with|from)\b)", False),
        (rf"(?:\b{_PERSON}|\b(?:mr|mrs|ms|miss|dr)\.?\s{_NAMED}|\b(?P<n>{_NAMED})){_BE}{_ADVERB}\s(?P<v>{_NEAR}|{_WORD}){_MEASURED}", True),
        (rf"(?:\A|[.?!]\s|\b(?:i'm|im|he's|hes|she's|shes)\s|\bis(?:n['’]?t)?\s(?:he|she)\s|\bwas\s(?:he|she)\s|,\s(?:now|nearly|almost)\s|\b(?:being|turn(?:s|ed|ing)?|born\sand|reaching)\s)(?P<v>{_NEAR}|{_WORD})(?=[?,.;!]|\s(?:years|and|but|now|next|this|soon|in|today|with|so|is|can|does|should|yesterday|tomorrow)\b){_MEASURED}", True),
        (rf"(?:\A|[.?!,]\s|\b(?:still|because|him|her|he|she|that|even)\s)at\s(?P<v>{_NEAR}|{_WORD})(?=[?,]|\s(?:is|are|does|do|should|would|can|he|she|my|i|with|and\s(?:frail|still|on))\b)", True),
    )
]  # fmt: skip
# Behind a verb of growing old, or alone at the end of a clause, where the sentence speaks of a person.
_GROWING = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:turn(?:s|ed|ing)?|celebrat\w+|hit(?:s|ting)?|reach(?:es|ed|ing)?|near(?:s|ed|ing|ly)?|approach(?:es|ed|ing)?|push(?:es|ed|ing)|pass(?:es|ed|ing)|liv(?:e|es|ed|ing)\s(?:on\s)?(?:to|till|until|past)(?:\sbe)?|made\sit\s(?:to|past)|mak(?:es|ing)\sit\sto|gets?\sto|got\sto|getting\sto|gotten\sto|becom(?:es|ing)|became|ag(?:ed|es|e|e?ing)(?:\s(?:well|gracefully|nicely|slowly))?(?:\s(?:at|of|is))?|aged|soon(?:\sto\sbe)?|to\sbe|going\son|past|died\sat|passed\s(?:away\s)?at|birthday(?:\s(?:is|was))?|old\sage\sof|(?:a|the)\s(?:spry|frail|healthy|young|fit|lovely|sweet|tough))\s(?:(?:about|almost|nearly|only|just|around|roughly|a|the|ripe|old|age|of)\s){{0,4}}(?P<v>{_NEAR}|{_WORD}){_MEASURED}",
        rf"\bat\s(?P<v>{_NEAR}|{_WORD})(?=[?.,;!)]|\Z|\s(?:is|and|he|she|with|but|still|years)\b){_MEASURED}",
        rf"(?:\A|[.?!,;(]\s?|\b(?:and|but|who|is|he|she|she's|he's|mom|dad|mum)\s)(?:now|soon|almost|nearly|just|only|currently|already|still)\s(?:(?:to\sbe|about|turned|at)\s)?(?P<v>{_NEAR}|{_WORD})(?=[,.;!?)]|\Z|\s(?:and|with|but|he|she|so|years)\b){_MEASURED}",
        rf"{_FREE}(?P<v>(?:{_FIGURE}(?:th|st|nd|rd)|ninetieth|ninety[-\s](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(?:one\s)?hundredth))\s(?:birth\s?day|bday|b-day|year\b|yr\b)",
    )
]
_SOMEBODY = re.compile(
    rf"\b(?:{_PERSON}|his|her|him|my|our|mrs?|ms|miss|dr|[a-z]+'s|great-?\w+|birth\s?day)\b",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:platelets?|plts?|map|sodium|na|cl|chloride|ldl|hdl|gfr|egfr|cr|creat\w*|ef|peep|flow|hgb|hemoglobin|k|mcv|qtc|lactate|dose[ds]?|mg|bg|bs|fsbs|systolic|diastolic|pressures?|pressure|beats|target|goal|percentile|degrees?|room|bed|page|line|level|cutoff|threshold|interstate|route|highway|mph|clearance|a1c|bmi|iq|max\w*|minimum|ferritin|weights?|drip|gtt|infus\w*|titrat\w*|waist|height)\b",
    re.IGNORECASE,
)
_BEFORE, _BEHIND = 60, 40
_NAME_MIN = 4  # an unknown shorter word is a laboratory's: `Hgb`


class Ages:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield ages of 90 and more."""
        if not _HIGH.search(text):
            return
        for pattern, loose in _PATTERNS:
            for match in pattern.finditer(text):
                start, end = match.span("v" if match.group("v") else "w")
                if not loose or self._old(text, match, end):
                    yield Span(start, end, "AGE", 0.9, "age_over_89")
        for pattern in _GROWING:
            for match in pattern.finditer(text):
                if self._grown(text, match):
                    yield Span(*match.span("v"), "AGE", 0.7, "age_over_89")

    def _grown(self, text: str, match: re.Match[str]) -> bool:
        """Tell that somebody grew old from what rose, fell or was turned to a figure."""
        before = text[max(0, match.start() - _BEFORE) : match.start("v")]
        behind = text[match.end("v") : match.end("v") + _BEHIND]
        clause = f"{_CLAUSE.split(before)[-1]} {_PHRASE.split(behind)[0]}"
        sure = match.group().lower().startswith(("turn", "celebrat", "ag", "birthday", "soon"))
        named = sure or match.group("v")[-1].isalpha() or _SOMEBODY.search(before + behind)
        return bool(named) and not _GAUGED.search(clause) and not _BODY.search(clause)

    def _old(self, text: str, match: re.Match[str], end: int) -> bool:
        """Tell an age from a temperature, a saturation or a weight, and a name from `Chloride`."""
        start = match.start()
        name = match.groupdict().get("n")
        flags = self._lexicon.flags(fold(name)) if name else NAMED
        before = _CLAUSE.split(text[max(0, start - _BEFORE) : end])[-1]
        behind = _PHRASE.split(text[end : end + _BEHIND])[0]
        measured = _GAUGED.search(before) or _GAUGED.search(behind)
        known = bool(flags & NAMED) or (not flags and len(name or "") >= _NAME_MIN)
        return not measured and known and not flags & CLINICAL
