"""Months and holidays that date an event without a day: `since July`, `her March scan`, `on Labor Day`.

Each is an element of a date (45 CFR 164.514(b)(2)(i)(C)). What a text says of every year (a season, a
yearly vaccine) dates nothing; `may` and `march` are verbs where no word before makes them months.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

_LONG = r"(?:january|february|april|june|july|august|september|october|november|december)"
_SHORT = r"(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)(?![a-z])\.?(?!\s\d)"
_VERB = r"(?:be|have|has|not|need|cause|help|also|still|only|even|well|increase|decrease|worsen|lead|result|make|get|go|take|want|occur|reduce|require|benefit|or|i\s(?:take|have|ask|see|use|get|stop|start)|we|you\s\w+|it\s\w+|this|the)"
_MAY = rf"(?:may(?!\s{_VERB}\b)(?![-'\w])|march(?!\s(?:in\splace|fracture|to|on|test|hare)\b)(?![-'\w])|mar(?![a-z])\.?(?!\s\d))"
_LED = re.compile(
    rf"\b(?:(?:(?:since|until|till|til|before|after|by|from|around|through|thru|during|in|for|to|into|between|of|and|last|next|this|past|previous|prior)\s(?:about\s)?(?:(?:the\s)?(?:end|beginning|start|middle|month|rest|whole)\sof\s)?)(?:(?:early|late|mid|last|next|this|previous)[\s-])?|(?:early|late|mid)[\s-])(?P<v>{_LONG}(?![-\w'])|{_SHORT})",
    re.IGNORECASE,
)
_LED_MAY = re.compile(
    rf"\b(?:(?:since|until|till|til|back\sin|in|by|during|from|before|after)\s(?:(?:early|late|mid|last|next|this)[\s-])?|(?:early|late|mid)[\s-])(?P<v>{_MAY})"
    r"|\b(?:last|next|this|of)\s(?P<w>(?-i:May|March)(?![-'\w])(?!\s(?:be|cause|help|in\splace|fracture))|(?:may|march)(?=\s?(?:[.,;:!?)]|\Z|\n)))",
    re.IGNORECASE,
)
_THING = (
    r"(?:labs?|bloods?|bloodwork|visits?|appointments?|appts?|clinic|scans?|mri|ct|pet|x-?rays?|surgery|op|operation|admission"
    r"|results?|echo|ekg|ecg|eeg|notes?|letters?|refills?|statements?|bills?|invoices?|claims?|falls?|stroke|hospitali[sz]ation|discharge"
    r"|a1c|hba1c|mammogram|colonoscopy|endoscopy|ultrasound|us|review|follow-?up|biopsy|film|images?|imaging|study|dexa|psa|tsh|cbc|culture|slot|session|cycle|infusion|injection|dose|payment|copay|referral|report|episode|flare|seizure|delivery|one|trip|accident|crash|relapse|values?|levels?|reading|physical|checkup|check-up)"
)
_NOUN = re.compile(
    rf"\b(?:the|her|his|my|our|their|your|that|this|last|a|an|of|missed|and|from|with|to|'s)\s(?P<v>(?:{_LONG}|{_SHORT})|(?-i:May|March|MARCH|MAY))(?:'s)?\s{_THING}\b",
    re.IGNORECASE,
)
_YEARLY = re.compile(
    r"\b(?:every|each|season\w*|annual\w*|yearly|usually|typically|guidelines?|when\s(?:does|do|is|should)|pollen|vaccinat\w+|vaccines?|flu\s(?:shots?|clinics?)|peaks?|wors[et]|coding|updates?|months?\slike)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:he|she|her|his|him|my|me|i|i'm|i've|we|our|mum|mom|dad|mother|father|wife|husband|son|daughter|pt|patient|was|were|had|did|got|fell|came|last|since)\b",
    re.IGNORECASE,
)
_YEAR = r"(?:,?\s(?:of\s)?(?:(?:18|19|20|21)\d\d|'\d\d))?"
_FEAST = (
    r"(?:christmas|xmas|thanksgiving|easter|diwali|deepavali|halloween|hanukkah|chanukah|passover|eid(?:\sal[-\s](?:fitr|adha))?|juneteenth|holi|yom\skippur"
    r"|rosh\shashanah?|purim|sukkot|kwanzaa|pentecost|ash\swednesday|maundy\sthursday|good\sfriday|palm\ssunday|(?:lunar|chinese|tet)\snew\syear|new\syear'?s|nowruz|navratri|mardi\sgras"
    r"|hogmanay|midsummer|ramadan|oktoberfest)"
)
_NAMED_DAY = re.compile(
    rf"\b(?:the\s(?=fourth|4th))?(?:(?:memorial|labou?r|independence|thanksgiving|christmas|boxing|veteran'?s'?|president'?s'?|mother'?s'?|father'?s'?|valentine'?s?|new\syear'?s|(?:st\.?|saint)\s(?:patrick|paddy|george|andrew|david|nicholas|lucia?)'?s|columbus|canada|victoria|australia|anzac|bastille|remembrance|armistice|martin\sluther\sking(?:\sjr\.?)?|mlk|indigenous\speoples?'?|family|groundhog|election|patriots'?|may|republic|constitution|king'?s|queen'?s|st\.?\sstephen'?s|tax|all\s(?:saints|souls)'?)\s(?:day|eve)|bonfire\snight|guy\sfawkes(?:\snight)?|cinco\sde\smayo|black\sfriday|(?:fourth|4th)\sof\sjuly|july\sfourth|easter\s(?:sunday|monday|weekend)|{_FEAST}\s(?:day|eve|morning|night|weekend|sunday|monday)|(?:memorial|labou?r)\sday\sweekend)(?!\w){_YEAR}"
    rf"|\b{_FEAST},?\s(?:of\s)?(?:(?:18|19|20|21)\d\d|'\d\d)",
    re.IGNORECASE,
)
_LED_FEAST = re.compile(
    rf"\b(?:since|on|before|after|by|until|till|around|at|over|last|next|past|for|of|during|this|from|to)\s(?:last\s|this\s|the\s)?(?P<v>{_FEAST})(?!['\w-]|\s(?:dinner|trees?|eggs?|cakes?|cactus|disease|meals?|candy|carols?|party|fast))",
    re.IGNORECASE,
)
_FASTED = re.compile(r"\b(?:for|during|on|at|this|over|to|of)\s(?:the\s)?ramadan\Z", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;!?\n]\s")
_MONTH_SIGNS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_SIGNS = (
    "day",
    " eve",
    " night",
    "morning",
    "weekend",
    "of july",
    "fawkes",
    "cinco",
    "july fourth",
)
_FEAST_SIGNS = (
    "mas",
    "thanks",
    "easter",
    "wali",
    "hallow",
    "ukkah",
    "passover",
    "eid",
    "juneteen",
    "holi",
    "kippur",
    "rosh",
    "purim",
    "sukkot",
    "kwanzaa",
    "pentecost",
    "new year",
    "nowruz",
    "navratri",
    "mardi",
    "hogman",
    "midsum",
    "ramadan",
    "oktober",
    "friday",
    "sunday",
    "thursday",
    "wednesday",
)


def find(text: str) -> Iterator[Span]:
    """Yield months and holidays that have no day."""
    low = text.lower()
    feast = any(sign in low for sign in _FEAST_SIGNS)
    if feast or any(sign in low for sign in _DAY_SIGNS):
        for match in _NAMED_DAY.finditer(text):
            yield Span(*match.span(), "DATE", 0.85, "holiday")
    if feast:
        for match in _LED_FEAST.finditer(text):
            if not _FASTED.search(match.group()) and not _yearly(text, match):
                yield Span(*match.span("v"), "DATE", 0.75, "holiday")
    if any(sign in low for sign in _MONTH_SIGNS):
        yield from _months(text)


def _months(text: str) -> Iterator[Span]:
    for pattern in (_LED, _LED_MAY, _NOUN):
        for match in pattern.finditer(text):
            group = "v" if match.group("v") else "w"
            if not _yearly(text, match):
                yield Span(*match.span(group), "DATE", 0.75, "month")


def _yearly(text: str, match: re.Match[str]) -> bool:
    """Tell what happens each year from what happened: `RSV season from October to March`."""
    before = _SENTENCE.split(text[: match.start()])[-1]
    behind = _SENTENCE.split(text[match.end() :])[0]
    said = f"{before}{match.group()}{behind}"
    return bool(_YEARLY.search(said)) and not _PERSONAL.search(said)
