"""Dates finer than a year (45 CFR 164.514(b)(2)(i)(C)).

A bare year, a duration, a frequency and a time of day stay: they are not
identifiers, and a reviewer needs them.
"""

# ruff: noqa: E501, PLR2004 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:18|19|20|21)\d\d|'\d\d)"
_YY = r"(?:(?:18|19|20|21)\d\d|'?\d\d)"
_WEEKDAY = (
    r"(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s(?:the\s)?)?"
)
_SOON = (
    r"(?!\s?(?:mg|mcg|ml|tabs?|tablets?|caps?|puffs?|units?|times|doses?|drops?)\b)"  # `mar 2 tabs`
)
_LAST = rf"(?:\s?(?:-|\u2013|&|to|and|through|thru|till?|until)\s?(?:the\s)?{_DAY})"
_FIRST = rf"(?:{_DAY}\s?(?:-|\u2013|&|to|and|through|thru|till?|until)\s?(?:the\s)?)?"
_VERB = r"(?-i:may)\s(?:be|have|not|need|cause|help|also|still|only|even|increase|decrease|worsen|lead|result|make|get|go|take|want|occur|reduce|require|benefit|or\smay|indicate|suggest|mean|raise|lower|affect|mask|represent)"
_TIME = r"(?:[T\s,]{1,2}(?:at\s)?\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?\s?(?:[ap]\.?m\b\.?|Z\b|[+-]\d\d:?\d\d)?)?"

_SPELLED_DAY = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_SPELLED_YEAR = r"(?:,?\s(?:(?:18|19|20|21)\d\d|(?:nineteen|twenty|two\sthousand)(?:[\s-](?:and|oh|hundred|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|one|two|three|four|five|six|seven|eight|nine)){1,3}))?"
_CARDINAL = (
    r"(?:(?:twenty|thirty)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
)
_SURE_YEAR = _SPELLED_YEAR.removesuffix("?")
# The months of Spanish, French, German, Portuguese, Italian, Dutch and Polish.
_FOREIGN_MONTH = (
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|janvier|février|fevrier"
    r"|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|januar|jänner|februar|märz|maerz|juni|juli"
    r"|oktober|dezember|janeiro|fevereiro|março|marco|maio|junho|julho|setembro|outubro|dezembro|gennaio|febbraio"
    r"|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|augustus|stycznia|lutego|marca|kwietnia"
    r"|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia)"
)

_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![A-Za-z0-9.-])(?:18|19|20|21)\d\d([-/.])(?:1[0-2]|0?[1-9])\1(?:3[01]|[12]\d|0?[1-9]){_TIME}(?![A-Za-z0-9]|[-.]\d)",
        rf"(?<![A-Za-z0-9/.-])(?:3[01]|[12]\d|0?[1-9])([-/.])(?:3[01]|[12]\d|0?[1-9])\1(?:(?:18|19|20|21)\d\d|\d\d){_TIME}(?![A-Za-z0-9/]|[-.]\d)",
        rf"(?<![A-Za-z0-9-]){_WEEKDAY}{_FIRST}{_DAY}\s?[-/.]?\s?(?:of\s)?(?!{_VERB}\b){_MONTH}(?:\s?[-/.,]?\s?{_YY}(?!\d))?{_TIME}(?![A-Za-z0-9-])",
        rf"(?<![A-Za-z0-9-]){_WEEKDAY}{_MONTH}[\s.-]{{0,2}}(?:the\s)?{_DAY}(?:(?:,\s{_DAY}(?!\d))*,?{_LAST})?(?!\d|:\d|/){_SOON}(?:\s?[,-]?\s?{_YY}(?!\d|:\d))?{_TIME}(?![A-Za-z0-9])",
        rf"(?<![A-Za-z0-9.-])(?:18|19|20|21)\d\d[\s/-]{_MONTH}[\s/-]{_DAY}(?![A-Za-z0-9])",
        rf"(?<![A-Za-z0-9-]){_MONTH}(?:\s?,\s?|\sof\s|[\s/-]){_YEAR}(?![A-Za-z0-9])",
        r"(?<![A-Za-z0-9.-])(?:18|19|20|21)\d\d[-/](?:1[0-2]|0[1-9])(?![A-Za-z0-9/-]|\.\d)",
        r"(?<![A-Za-z0-9/.-])(?:1[0-2]|0?[1-9])/(?:18|19|20|21)\d\d(?![A-Za-z0-9/])",
        rf"\b(?:{_CARDINAL}\s(?:of\s)?{_MONTH}|{_MONTH}\s{_CARDINAL}){_SURE_YEAR}(?!\w)",
        rf"\b{_MONTH}\s(?:the\s)?{_SPELLED_DAY}\b{_SPELLED_YEAR}",
        rf"\b{_SPELLED_DAY}\s(?:of\s|day\sof\s)?{_MONTH}\b{_SPELLED_YEAR}",
        rf"(?<![\w.-]){_DAY}(?:er|º|°)?\.?\s(?:de\s)?{_FOREIGN_MONTH}\b(?:,?\s(?:del?\s)?{_YEAR}(?!\d))?",
        rf"\b{_FOREIGN_MONTH}\s(?:del?\s)?{_YEAR}(?!\d)",
        r"(?<![A-Za-z0-9.-])(?:19|20)\d\d(?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])(?:T?\d{4,6}(?:\.\d{1,6})?(?:[+-]\d{4}|Z)?)?(?![A-Za-z0-9])",
    )
]
_MONTH_DAY = re.compile(
    r"\b(?:on|since|from|until|till|by|dated?|seen|visit|admitted|discharged|d/?c'?d|through|for|of|before|after|between|and|to|due|scheduled(?:\sfor)?|surgery|appointment|appt|started|stopped|starting|showed|arrived|came|cancelled|canceled|missed|rescheduled|wk\sof|week\sof|born|dob|d\.o\.b\.|collected|drawn|taken|done|given|filled|refilled|placed|removed|signed|sent|received|faxed|delivered|called|performed|dispensed|shipped|posted|denied|approved|paid|processed|eff(?:ective)?|term(?:ed)?|exp(?:ires|ired)?|dos|soc|lmp|edd|edc|recert|f/?u|fill|refill|pap|mammo(?:gram)?|scan|infusion|injection|draw|labs|ending|beginning|thru|last|next|was|is|are|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r?s?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)[\s:,]{1,2}(?P<v>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?![A-Za-z0-9/%])(?!\s(?:pain|scale|bpm|mm))",
    re.IGNORECASE,
)
_TWO_DAYS = re.compile(
    r"(?<![A-Za-z0-9.,/-])(?P<v>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?:,|\sand|\sto|\sor|\s?-|\sthrough|,\sand)\s?(?P<w>(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9]))(?![A-Za-z0-9/%])(?!\s(?:pain|scale|strength|mm|reflex))",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?<![A-Za-z])(?:d\.?o\.?b\.?|date\sof\sbirth|birth\s?date|born(?:\son)?|date)(?![a-z])\s?(?:is|was|[:=\#-])?\s?(?P<v>\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\d{6,8})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_DASHED_DAY = re.compile(
    r"\b(?:on|since|from|until|till|by|dated?|due|soc|dos|dob|born|lmp|edd|edc|recert|eff(?:ective)?|exp(?:ires)?|seen|admitted|discharged|collected|drawn|visit|appt|appointment)[\s:]{1,2}(?P<v>(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9]))(?![\w\-/%]|\s?(?:mg|ml|weeks?|days?|wks?|years?|months?|hours?|h\b|mm|cm|%))",
    re.IGNORECASE,
)
# `until 29/11`: the day first, as most of the world writes it.
_DAY_FIRST = re.compile(
    r"\b(?:on|since|from|until|till|by|dated?|due|dos|dob|born|lmp|edd|seen|admitted|discharged|collected|drawn|visit|appt|appointment|before|after|for|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)[\s:,]{1,2}(?P<v>(?:3[01]|2\d|1[3-9])/(?:1[0-2]|0?[1-9]))(?![A-Za-z0-9/%]|\.\d)(?!\s(?:mg|mcg|ml|bipap|cpap|cm|strength|pain|scale|mix|insulin|vision))",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:\b(?P<day>(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)\b\.?,?\s)?(?:\bthe\s)?\Z",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"{_SPELLED_DAY}\b|\d{{1,2}}(?:st|nd|rd|th)\b", re.IGNORECASE)
# A month and a day alone, where the same text has others that are surely dates.
_BARE_DAY = re.compile(
    r"(?<![A-Za-z0-9.,/+-])(?:1[0-2]|0?[1-9])/(?:3[01]|2\d|1[1-9]|0?[1-3789])(?![A-Za-z0-9/%.]\S|[A-Za-z0-9/%])(?!\s(?:pain|scale|strength|mm|reflex|systolic|murmur|ppd|L\b))"
)
_SCORED = re.compile(
    r"\b(?:pain|strength|score[ds]?|bp|scale|grade|vision|power|motor|reflexes|murmur|apgars?|of|gcs|rated|peep|bipap|ipap|visual|acuity)\W{1,3}(?:\w+\W){0,1}\Z",
    re.IGNORECASE,
)
# A month and a day alone that is no usual score: `had labs 9/14`.
_ALONE = re.compile(
    r"(?<=[A-Za-z,;:(]\s)(?:(?:1[0-2]|0?[1-9])/(?:3[01]|2[1-46-9]|1[13-9])|0[1-9]/0[1-9])(?![A-Za-z0-9/%.\-]\S|[A-Za-z0-9/%])(?!\s(?:pain|scale|strength|mm|reflex|systolic|murmur|ppd|L\b|mg|ml|ratio|joints|sites|items|points|beats|of|wk|weeks|days))",
)
_PAINED = re.compile(r"\b(?:pain|strength|scale|scored?|severity|murmur)\b", re.IGNORECASE)
_NEAR = 40
_OUT_OF = frozenset([4, 5, 6, 10, 20, 25, 30])  # `4/5 and 5/5`, `20/40 and 20/25`: scores


def find(text: str) -> Iterator[Span]:
    """Yield dates."""
    for i, pattern in enumerate(_DATES):
        for match in pattern.finditer(text):
            yield Span(opened(text, match.start()), match.end(), "DATE", 0.9, f"date_{i}")
    for match in _LABELLED.finditer(text):
        yield Span(*match.span("v"), "DATE", 0.8, "date_context")
    for pattern in (_DASHED_DAY, _DAY_FIRST):
        for match in pattern.finditer(text):
            start, end = match.span("v")
            yield Span(opened(text, start), end, "DATE", 0.7, "date_context")
    for start, end in _days(text):
        yield Span(opened(text, start), end, "DATE", 0.7, "date_context")


def opened(text: str, start: int) -> int:
    """Return where a date begins with its weekday and its article: `Wednesday 4/16`, `the 5th`."""
    lead = _LEAD.search(text, max(0, start - 16), start)
    if lead is None or not lead.group():
        return start
    plain = lead.group("day") or _ORDINAL.match(text, start)
    return lead.start() if plain else start


def _score(text: str, match: re.Match[str]) -> bool:
    """Tell `4/5 and 5/5` from dates: the same number stands below another line shortly before."""
    below = match.group("v").split("/")[1]
    before = text[max(0, match.start("v") - _NEAR) : match.start("v")]
    beside = before + text[match.end("v") : match.end("v") + _NEAR]
    again = re.search(rf"\d/{below}\b", before) or _PAINED.search(beside)
    return int(below) in _OUT_OF and again is not None


def _days(text: str) -> Iterator[tuple[int, int]]:
    """Yield months and days that a word or other dates beside them tell from scores."""
    led = [match.span("v") for match in _MONTH_DAY.finditer(text) if not _score(text, match)]
    yield from led
    for match in _ALONE.finditer(text):
        if not _SCORED.search(text, max(0, match.start() - _NEAR), match.start()):
            yield match.span()
    for match in _TWO_DAYS.finditer(text):
        first, second = (int(match.group(name).split("/")[1]) for name in "vw")
        if first != second and max(first, second) not in _OUT_OF:
            yield match.span("v")
            yield match.span("w")
    if led:
        for match in _BARE_DAY.finditer(text):
            if not _SCORED.search(text, max(0, match.start() - _NEAR), match.start()):
                yield match.span()


_NUMBERS = re.compile(r"\d+")
_MONTH_WORD = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS_LONG = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip


def spellings(value: str) -> list[str]:
    """Return a whole date's usual spellings as bare letters and digits, the ISO one first."""
    read = _parts(value)
    if read is None:
        return []
    year, month, day = read
    short = f"{year % 100:02}"
    return [
        f"{year}{month:02}{day:02}",
        f"{month:02}{day:02}{year}",
        f"{day:02}{month:02}{year}",
        f"{month}{day}{year}",
        f"{month:02}{day:02}{short}",
        f"{_MONTHS_LONG[month - 1]}{day}{year}",
        f"{_MONTHS[month - 1]}{day}{year}",
        f"{day}{_MONTHS_LONG[month - 1]}{year}",
        f"{day}{_MONTHS[month - 1]}{year}",
        f"{day:02}{_MONTHS[month - 1]}{year}",
    ]


def _parts(value: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a date that has all three and no time; None where unsure."""
    numbers = _NUMBERS.findall(value)
    word = _MONTH_WORD.search(value)
    if len(numbers) == 1 and len(numbers[0]) == 8 and not word:
        found = (
            int(value[:4]) if value[:4].isdigit() else 0,
            int(numbers[0][4:6]),
            int(numbers[0][6:]),
        )
    elif word and len(numbers) == 2:
        day, year = (numbers[0], numbers[1]) if len(numbers[1]) == 4 else (numbers[1], numbers[0])
        found = int(year), _MONTHS.index(word.group(1).lower()) + 1, int(day)
    elif len(numbers) >= 3 and len(numbers[0]) == 4:
        found = int(numbers[0]), int(numbers[1]), int(numbers[2])
    elif len(numbers) == 3:
        month, day, year = int(numbers[0]), int(numbers[1]), int(numbers[2])
        found = (year, day, month) if month > 12 else (year, month, day)
    else:
        return None
    year, month, day = found
    good = 1800 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= 31
    return found if good else None
