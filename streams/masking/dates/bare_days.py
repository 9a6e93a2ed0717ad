"""A month and a day alone, in doubt: `12/9 works for the sleep study`, `seen 14.9. by cards`.

`dates` knows days that a word before them tells. Here whatever can be a day is one, unless it can be
a part, a score, a strength or a setting: a proper fraction of a usual whole needs an event beside it.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.dates.dates import opened
from streams.masking.results import Span

_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_SLASHED = re.compile(
    rf"(?<![\w.,/+%*<>=~^-])(?:{_MONTH}/{_DAY}|{_DAY}/{_MONTH})(?![\w/%*+°]|\.\d|,\d|-\d|\s?[-–]\s?\d{{1,2}}(?![\d/]))"
)
# Beside what is measured, shared out or scored; looked for in the clause.
_MEASURED = re.compile(
    r"\b(?:pain|strength|scor\w+|scale|grade|stage|class|vision|acuity|snellen|[vo][ads]|od|os|ou|murmur|reflex\w*|dtrs?|pulses?|motor|power|mmt|flexors?|extensors?|quads?|grip|effort|intensity|severity|sever\w*|rat(?:ed|es|ing|io)|likert|fatigue|nausea|itch\w*|cramp\w*|ache\w*|hurts?|sore\w*|mood|anxiety|energy"
    r"|apgars?|gcs|nihss|phq|gad|moca|mmse|audit|cage|braden|morse|mews|wells|curb|sirs|sofa|qsofa|epds|berg|tinetti|fugl\w*|slums|slp|criteria|items|questions?|points?|oriented|orientation|edema|trace|bp|map|hr|rr|diastolic|systolic"
    r"|bipap|cpap|avaps|ipap|epap|peep|vent\w*|fio2|pressures?|settings?|cm\s?h2o|cmh2o|cm|mm|mmhg|inch\w*|needle|gauge|gauges?|ivs?|g|fr|nodes?|bottles?|joints?|sites?|positive|neg\w*|pos|patients|people|pts|women|men|adults|children|cases|studies|arms|subjects|respon\w+"
    r"|tabs?|tablets?|pills?|caps?|cups?|tsp|tbsp|teaspoons?|tablespoons?|scoops?|packs?|ppd|normal|ns|saline|dextrose|d5|d10|strength|dakin\w*|mix|insulin|humalog|novolog|units?|mg|mcg|ml|l|lb|lbs|lpm|kg|doses?|daily|bid|tid|qid|qhs|qd|through|way|out|full|empty|done|eaten|meals?|tray|thickness|life|assist|rule|thirds?|quarters?|half|halves|sets|reps|refills?|cycles?|days|weeks|months|hours|hrs|times"
    r"|flow|lumen|block|bed|beds|room|rm|shift|step|ballon|sepsis|secondary|due\sto\s(?!on)|uti|chf|copd|babinski)\b|:1\b|\A\W?of\b",
    re.IGNORECASE,
)
_EVENT = (
    r"(?:appts?|appointments?|visits?|clinic|labs?|bloods?|bloodwork|cultures?|ua|scans?|mri|ct|x-?rays?|surgery|op|procedure|boosters?|shots?|vaccines?|jabs?|infusions?|injection|delivery|period|lmp|edd|echo|ekg|ecg|eeg|biopsy|mammo\w*|pap|colonoscopy|admission|admit(?:ted)?|discharged?|d/?c'?d?|follow-?up|f/?u|call(?:ed)?|notes?|letters?|claims?|bills?|results?|reports?|entry|log|diary|session|class|meeting|trip|fell|falls?|ed|er|slot|opening|works?|free|available|open|ok(?:ay)?"
    r"|re-?sched\w*|moved?|bump\w*|cancel\w*|book\w*|sched\w*|confirm\w*|came|comes?|seen|saw|got|had|started|stopped|born|due|arriv\w*|left|went|sent|filed|fever|rash|cough|chills|service|dos|wk|week|date[ds]?|weigh-?in|check-?up|physical|note|eff(?:ective)?|between|hosp\w*|post-?op|pre-?op|tooth|crown|chemo|radiation|dialysis|hd|meds|picked|ran|return\w*|back)"
)
_BEFORE = re.compile(
    rf"\b{_EVENT}\W{{1,2}}(?:(?:on|for|to|the|is|was|of|from|at|by)\s){{0,2}}\Z", re.IGNORECASE
)
_CERTAIN = re.compile(r"\b(?:on|since|dated|until|by)\s\Z", re.IGNORECASE)
_BEHIND = re.compile(
    rf"\s?(?:at|@)\s?\d|\s?:\s?[a-z]|\s(?:\w+\s)?{_EVENT}\b|\s(?:am|pm|morning|afternoon|evening|night|instead)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;!?\n]|[.,]\s")
_DRUG = re.compile(
    r"(?:pril|sartan|statin|olol|pine|done|zide|tide|formin|gliptin|gliflozin|liptin|azole|cillin|mycin|cet|codone|norco|advair|symbicort|breo|entresto|combivent|dulera|wixela|trelegy|suboxone|zubsolv|janumet|exforge|azor|lotrel|caduet|vytorin|caps)\s\Z",
    re.IGNORECASE,
)
_LOGGED = re.compile(r":?\s\d{2,3}/\d{2}(?!\d)")  # `2/3 140/90`
_OPENED = re.compile(r"\s?:\s?[a-z]|\s?(?:at|@)\s\d", re.IGNORECASE)
_NEXT = re.compile(r"\A(?:\W{0,2}[\w'-]++){0,3}+")
_WHOLES = frozenset([2, 3, 4, 5, 6, 8, 10])
_NEAR = 32
_UNIT = r"(?:mg|mcg|ml|g|weeks?|days?|wks?|years?|yrs?|months?|hours?|hrs?|h|mm|cm|x|times|doses?|tabs?|units?|l|kg|points?|percent|min\w*|visits|sessions|am|pm|people|range|puffs?|drops?)"
_DASHED = re.compile(
    rf"\b(?:re-?sched\w*|moved?|appt|appointment|scheduled?|surgery|visit|dos|dob|lmp|edd|eff(?:ective)?|born|dated)[\s:]{{1,2}}(?:(?:to|for|on|is|was)\s)?(?P<v>(?P<m>{_MONTH})-(?P<d>{_DAY}))(?![\w/%-]|\.\d|\s?{_UNIT}\b)",
    re.IGNORECASE,
)
# The day first with stops, as it is written in Europe: `14.09.`, `7.7. until 9.8.`, `since 3.4.`
_DOTTED = re.compile(
    rf"(?<![\w.,/-])(?:(?:3[01]|[12]\d|0[1-9])\.(?:1[0-2]|0[1-9])\.(?=\s[a-z(]|[,;)\-–])"
    rf"|(?<=\b(?:am|on)\s){_DAY}\.{_MONTH}\.(?=\s?[a-z,;)]|\Z)|(?<=\b(?:since|until|dated)\s){_DAY}\.{_MONTH}\.(?=\s?[a-z,;)]|\Z)"
    rf"|{_DAY}\.{_MONTH}\.\s?(?:-|–|to|until|till|bis|and)\s?{_DAY}\.{_MONTH}\.(?!\d))"
)


def find(text: str) -> Iterator[Span]:
    """Yield days that no word before them tells."""
    if "/" in text:
        for match in _SLASHED.finditer(text):
            if _dated(text, match):
                yield Span(opened(text, match.start()), match.end(), "DATE", 0.65, "bare_day")
    if "-" in text:
        for match in _DASHED.finditer(text):
            month, day = int(match.group("m")), int(match.group("d"))
            if not 0 < day - month < 3:  # noqa: PLR2004 - `seen 2-3 times`
                yield Span(*match.span("v"), "DATE", 0.65, "bare_day")
    if "." in text:
        for match in _DOTTED.finditer(text):
            yield Span(*match.span(), "DATE", 0.65, "bare_day")


def _dated(text: str, match: re.Match[str]) -> bool:
    """Tell a day from a part, a score, a strength and a setting."""
    start, end = match.span()
    if match.group() == "24/7" and not _CERTAIN.search(text[max(0, start - _NEAR) : start]):
        return False  # round the clock
    before = _CLAUSE.split(text[max(0, start - _NEAR) : start])[-1]
    behind = text[end : end + _NEAR]
    if _MEASURED.search(before) or _DRUG.search(before):
        return bool(_LOGGED.match(behind))
    next_words = _NEXT.match(_CLAUSE.split(behind)[0])
    if not _OPENED.match(behind) and next_words and _MEASURED.search(next_words.group()):
        return False
    above, below = (int(part) for part in match.group().split("/"))
    fraction = above < below and below in _WHOLES
    if not (fraction or above == below):
        return True
    return bool(_BEFORE.search(before) or _BEHIND.match(behind))
