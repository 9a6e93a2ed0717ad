"""Institutions without a proper word of their own: `seen at Memorial General`, `UHMC`, `St V's`.

Such words name a house only behind what people do there (seen at, admitted to, transferred from), where
a department (`admitted to Medicine`) may stand as well; that is no name.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lists import each

_LED = re.compile(
    r"\b(?:(?:seen|evaluated|treated|followed|hospitali[sz]ed|admitted|readmitted|stabili[sz]ed|delivered|operated|imaged|scanned|intubated|born|died|worked\sup|managed|transfused|stented|rounds?|works?|employed|staying|inpatient|outpatient|patient)\s(?:at|in|by)"
    r"|(?:admitted|readmitted|transferred|transfer(?:red)?|sent|referred|referral|discharged|presented|flown|airlifted|brought|taken|returned|going|came|arriv\w+|accepted|records?|films?|labs?|notes?|results?|images?|report|call|called|faxed?|outside)\s(?:back\s|over\s|out\s|in\s)?(?:to|from|by)|clinic\sat|ED\sat|ER\sat|hospital\sat)\s(?:the\s)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z][A-Za-z'’\-]*\.?")
_OWN = each(
    """memorial county university regional community city mercy methodist baptist presbyterian lutheran providence trinity
    veterans metro metropolitan downtown valley central state national northside southside eastside westside uptown midtown
    deaconess samaritan sacred holy bay coast lakeside riverside hillside parkview fairview children's childrens womens
    women's jewish adventist episcopal catholic united union northern southern eastern western capital district general"""
)
_TAILS = each(
    """general medical center centre hospital health clinic campus system regional memorial university community county med
    ed er icu main north south east west heart cross name family spirit trauma"""
)
_ALONE = each("""county memorial university mercy methodist baptist presbyterian lutheran providence trinity deaconess
    children's childrens metro regional jewish adventist""")
_SHORT = re.compile(
    r"(?:[A-Z]{1,5}(?:MC|GH|MH|CH|UH|HS|HC|RH)|(?:VA|UH|CH|MG|BI|NW|SL|UC)[A-Z]{2,4})(?![\w-])"
)
_CAMEL = re.compile(r"[A-Z][a-z]{1,12}[A-Z][a-z]{2,12}(?:[A-Z][a-z]{1,12})?(?![\w-])")
_NOT_SHORT = each("SICU MICU NICU PICU CICU PACU EKGH CHMH ECMH")
_SAINT = re.compile(
    r"(?<![\w'])(?:St\.?|Saint)\s[A-Z](?:['’]s|['’])(?!\w)|(?<![\w'])(?:St\.?|Saint)\s(?:[A-Z][a-z]{1,12})['’]s(?!\w)"
)
_OFFICE = re.compile(
    r"\b(?:our|the|your|their|at|to|from)\s(?:the\s|our\s)?(?P<v>(?:downtown|uptown|midtown|suburban|lakeside|riverside|[Ww]estside|[Ee]astside|[Nn]orthside|[Ss]outhside|[A-Z][a-z]+\s(?:Street|St|Avenue|Ave|Road|Rd)|(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est)\s(?:side|end|campus))\s(?:office|clinic|location|campus|site|branch|practice))\b"
)
_CITY = re.compile(
    r"\b(?:(?:[Cc]ity|[Tt]own|[Vv]illage|[Bb]orough|[Mm]ayor|[Mm]unicipality)\sof\s|[Dd]owntown\s)(?P<v>New\sYork|Washington|Georgia|Mexico|Nevada|Wyoming|Delaware|California|Florida|Indiana|Iowa|Kansas|Maryland|Michigan|Missouri|Montana|Oregon|Texas|Virginia|Ohio|Luxembourg|Singapore|Panama|Guatemala|Monaco|Kuwait|Djibouti)\b"
    r"|\b(?P<w>(?:New\sYork|Oklahoma|Kansas|Jersey|Iowa|Missouri|Texas|Michigan|Virginia|Colorado|Nevada|Mexico|Panama|Guatemala|Kuwait|Quebec)\sCity)\b|\b(?P<x>New\sYork|Washington),?\s(?:NY|N\.Y\.|DC|D\.C\.|D\.C)(?![A-Za-z])"
)
_WORDS_MAX = 4


def find(text: str) -> Iterator[Span]:
    """Yield houses of generic words, and cities that share a state's name."""
    for lead in _LED.finditer(text):
        end = _house(text, lead.end())
        if end:
            yield Span(lead.end(), end, "FACILITY", 0.8, "house")
    for match in _SAINT.finditer(text):
        yield Span(*match.span(), "FACILITY", 0.8, "house")
    for match in _OFFICE.finditer(text):
        yield Span(*match.span("v"), "FACILITY", 0.7, "house")
    for match in _CITY.finditer(text):
        group = next(name for name in "vwx" if match.group(name))
        yield Span(*match.span(group), "LOCATION", 0.8, "city")


def _house(text: str, start: int) -> int:
    """Return where a house's name ends that begins here; 0 for none."""
    for shape in (_SHORT, _CAMEL):
        short = shape.match(text, start)
        if short and short.group() not in _NOT_SHORT:
            return short.end()
    words: list[re.Match[str]] = []
    at = start
    while len(words) < _WORDS_MAX:
        word = _WORD.match(text, at)
        if word is None or word.group().lower().rstrip(".") not in _OWN | _TAILS:
            break
        words.append(word)
        if text[word.end() : word.end() + 1] != " ":
            break
        at = word.end() + 1
    said = [word.group().lower() for word in words]
    if not said or not said[0].strip("'") or not _OWN & set(said):
        return 0
    return words[-1].end() if len(said) > 1 or said[0] in _ALONE else 0
