"""Caution for codes: what is written like a reference, a card, a plate or a sample, and is no medicine.

`patterns` knows labels and well-known shapes. Here a code is told by its own make: figures tied to
capitals by dashes and slashes (`AB/2291/24`), figures with a letter behind (`91840276D`), groups that
go on (`W0382 24 117640`, with their check digit), and what follows `plate`, `rego` or `PIN`. Doses,
stages, genes, ICD codes and public forms have such figures, too: they are few, or of known make.
"""

# ruff: noqa: E501, PLR2004, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import CLINICAL, NEVER, WORD, Lexicon
from streams.masking.vocabulary.lists import each

UNIT = r"(?:mg|mcg|µg|ml|g|kg|l|iu|units?|u|tabs?|tablets?|caps?|capsules?|puffs?|drops?|doses?|days?|d|weeks?|wks?|months?|hours?|hrs?|h|min|minutes|times|x|patients|people|years?|yrs?|yo|y/o|am|pm|percent|%|mm|cm|mmol|meq|mmhg|bpm|k|calories|kcal|steps|cells|copies)"
_END = rf"(?![\w%]|[.,/:-]\d|\s?{UNIT}(?![A-Za-z]))"
# Behind a check digit or a group of one or two figures: the end of a clause, or a word that goes on.
_GOES_ON = r"(?=\s*(?:[,.;:!?)\]'\"]|\Z|\n|[-–]\s)|\s(?:is|was|were|are|on|at|for|and|to|but|or|with|in|from|by|has|had|can|could|should|belongs?|expired?|shows?|not|she|he|they|we|i|please|pls|which|that|if|as|so|who|does|did|came|got|isn't|wasn't|doesn't|again|still|if|because|unreadable)\b)"

# A token of capitals, figures and ties, with both a figure and a letter.
_TIED = re.compile(
    r"(?<![A-Za-z0-9.$*^/\\@&=_-])#?(?P<v>(?=[A-Z0-9/-]{0,24}\d)(?=[0-9/-]{0,24}[A-Z])[A-Z0-9]{1,14}(?:[/-][A-Z0-9]{1,14}){1,5})(?![A-Za-z0-9*]|[/-][A-Za-z0-9]|\.\d|%)"
)
_TIED_LOW = re.compile(
    r"(?<![A-Za-z0-9.$*^/\\@&=_-])(?P<v>[a-z]{2,6}(?:[/-]\d{2,10}){2,4}|[a-z]{2,6}[/-]\d{4,10}(?:[/-][a-z0-9]{1,6}){0,2}|\d{2,4}/[a-z]{1,3}/\d{3,8})(?![A-Za-z0-9*]|[/-][A-Za-z0-9]|\.\d|%)"
)
_TAILED = re.compile(
    r"(?<![A-Za-z0-9.,$/:+_-])(?!\d*000[A-Z])(?:\d{7,12}[A-Z]{1,2}|\d{5,6}(?!IU|U\b|MG|ML|K\b|G\b|M\b|L\b|X\b|KG|MCG|CFU|BPM|HR)[A-Z]{1,2}|[A-Z]{1,3}\d{5,12}[A-Z])(?![A-Za-z0-9-])"
)
_GROUPS = re.compile(
    rf"(?<![\w.,/$:+*-])(?P<v>(?:[A-Z]{{1,3}}\d{{1,9}}[A-Z]?|\d{{2,9}}[A-Z]{{0,2}}|\d(?=\s\d{{5}}))(?:\s(?:\d{{2,9}}[A-Z]{{0,2}}|[A-Z]{{1,3}}\d{{2,9}}|(?:\d|[A-Z]{{1,2}}){_GOES_ON})){{1,5}}){_END}"
)
_ELEMENTS = re.compile(
    r"(?:\((?:0[0-2]|1[0-7]|2[0-2]|30|37|91|240|241|250)\)[A-Z0-9][A-Z0-9+/.\-]{1,30}){1,6}|(?<![\w+])\+[A-Z]\d{2}[A-Z0-9]{5,20}(?:/[\w$+.%-]{2,40})?",
)
_NATIONAL = re.compile(
    r"(?<![\w.-])(?:[A-Z]{2,6}\d{0,4}\.\d{5,12}|[A-Z]{2}\s?\d\d\s?\d\d\s?\d\d\s?[A-D]|\d{3}\.\d{3}\.\d{3}-\d\d|\d{1,2}\.\d{3}\.\d{3}-[\dkK]|\d{3}\.\d{4}\.\d{4}\.\d\d|\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d|[12]\s\d\d\s\d\d\s\d\d\s\d{3}\s\d{3}(?:\s\d\d)?|[A-Z]\d{4}[\s-]\d\d[\s-]\d{6}(?:[\s-]?[0-9A-Z]{1,2})?)(?![\w-])"
)
# A number of six figures that is no count: a count is round, or has its unit or its name beside it.
_SIX = re.compile(
    rf"(?<![\w.,/$:+*^~<>=-])(?!\d{{4}}00)\d{{6}}(?![\w%]|[.,/:-]\d|\s?{UNIT}(?![A-Za-z])|\s(?:cfu|colon|rows|records|visits|lines))"
)
_COUNTED = re.compile(
    r"\b(?:ck|cpk|ferritin|load|counts?|platelets?|plts?|bnp|probnp|wbc|copies|cfu|colonies|steps|calories|hcg|titer|titre|afp|ldh|loinc|cpt|rxcui|rxnorm|rfc|iso|snomed|ndc|cvx|population|of|over|about|approximately|than|nearly|n)\W{1,3}(?:\w+\W{1,2}){0,2}\Z",
    re.IGNORECASE,
)
# Behind a word that only an identifier follows.
_REFERRED = re.compile(
    r"\b(?:ref(?:erence)?|booking|confirmation|ticket|claim|tracking|serial|locator|badge|voucher|transmitter|sensor|docket|wristband|complaint|incident|permit|accession|cin|pnr|rx|barcode|batch|reservation)\b\.?\s?(?:code|number|no\.?|id|\#)?\s?(?:is|was|of|says|reads|shows|[:#=])?\s?[\"'(]?\#?(?P<v>(?-i:(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{5,14}|\d{4,12}))(?![A-Za-z0-9%/-]|\.\d)",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(?:(?:portal|voicemail|phone|bank|card|her|his|my|their|the|safe|door|gate)\spin|pin(?:\s(?:code|number|no))?(?=\s?(?:is|was|[:#=]))|pass\s?code|pass\s?word|(?:door|gate|entry|access|alarm|building|lock\s?box|key\s?(?:safe|pad|box)|buzzer|security|verification|otp|safe|garage|front)\s(?:code|number|pin)|key\s?safe|key\s?pad|lock\s?box|otp)\b(?:\s(?:code|number))?(?:\s(?:for|to|on|at|of)\s(?:the\s|her\s|his\s|my\s)?\w+)?\s?(?:is|was|to|[:=])?\s?(?P<v>(?:[A-Z]{0,2}\d{3,8}[A-Z]?|\d{1,4}[A-Z]{1,2}\d{1,4})\b[\#*]?)(?!\s?(?:mg|ml)\b|\.\d|%)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?P<of>\w+)\s(?:code|passcode)\s?(?:is|was|[:=])?\s?(?P<v>\d{4,8}\b[\#*]?)(?!\.\d|%|-\d)",
    re.IGNORECASE,
)
_CODED = each(
    """cpt icd billing procedure diagnosis diagnostic hcpcs revenue dx loinc snomed dsm denial remark error cdt
    dental service modifier hcc"""
)
_PLATE = r"(?-i:(?=[A-Z0-9\s-]{0,8}\d)(?=[A-Z0-9\s-]{0,8}[A-Z])[A-Z0-9]{1,7}(?:[\s-][A-Z0-9]{1,4}){0,2}|\d{3,4}[\s-]?[A-Z]{2,3}|[A-Z]{2,3}[\s-]?\d{3,4})"
_PLATED = re.compile(
    rf"\b(?:(?:number|licen[cs]e|registration|vehicle|car)\s?plates?|plates?|tags?|rego?|registration|vrm|licen[cs]e\stag)\b(?:\s(?:no\.?|number|\#))?(?:(?:\s[\w']+){{0,8}}?\s(?:is|was|were|reads?|reading|says?)|\s?[:#=]|,)?\s[\"'(]?(?P<v>{_PLATE})(?![A-Za-z0-9]|[-/.]\d)",
    re.IGNORECASE,
)
_VEHICLE = re.compile(
    r"\b(?:cars?|vans?|trucks?|suv|sedan|pickup|minivan|motorcycle|motorbike|moped|scooter|vehicle|driver|driving|parked|parking|valet|taxi|cab|uber|hit[\s-]and[\s-]run|toyota|honda|ford|chevy|chevrolet|nissan|kia|hyundai|subaru|tesla|bmw|audi|volvo|corolla|civic|camry|prius|fiesta|golf)\b",
    re.IGNORECASE,
)
_PLATE_ALONE = re.compile(
    r"(?<![\w-])(?:(?P<a>[A-Z]{2,4})[\s-]?\d{3,4}|\d{3,4}[\s-]?(?P<b>[A-Z]{2,3})|\d[A-Z]{3}\d{3}|[A-Z]{2}\d\d[\s-]?[A-Z]{3}|[A-Z]{1,3}[\s-][A-Z]{1,2}[\s-]?\d{1,4}|(?P<c>[A-Z]{3})[\s-]?\d\d[A-Z])(?![\w%/-]|\.\d)"
)
# Known makes that are no identifier: ICD-10, stages, genes, HLA, forms, trials, strengths, levels of the spine.
_KNOWN = re.compile(
    r"""\A(?:[A-TV-Z]\d[0-9A-Z](?:[/-][A-TV-Z]\d[0-9A-Z])*        # ICD-10, levels
    |(?:[CTLS]\d{1,2}[/-])+[CTLS]?\d{1,2}
    |[A-Z]{2,6}-(?:19|20)\d\d(?:[/-]\d\d?)?                     # `SPRINT-2015`
    |(?:CMS|HCFA|MRNA|ISO|RFC|IRS|UB|NFPA|OSHA|DSM|PCV|PPSV|FDA|UL|EN|ASTM|ANSI|DS|LOINC|SARS|COVID|BA|XBB|HLA|CYP|CD|IL|TNF|CA|BRCA|NCT|PMID|DOI|EFFECT|STUDY)[/-]?\d{1,4}(?:[/-][A-Z0-9]{1,4})?
    |\d{1,4}[/-]\d{1,4}[A-Z]?
    |\d+(?:MG|ML|MCG|G|IU|U|KG|K|H|HR|D|W|X|FR|F|M|MM|CM|L)(?:[/-].*)?
    |.*[/-]\d*(?:MG|ML|MCG|KG|IU|MM|CM|HR|HRS|DAY|DL|FR|TAB)
    )\Z""",
    re.VERBOSE,
)
_FIVE = 5


class Codes:
    """The patterns over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._units = lexicon.sections["units"]

    def find(self, text: str) -> Iterator[Span]:
        """Yield codes that no label introduces, and what follows `plate`, `PIN` and their like."""
        if not any(char.isdigit() for char in text):
            return
        yield from self._made(text)
        yield from _numbers(text)
        low = text.lower()
        if any(sign in low for sign in _SECRET_SIGNS):
            yield from _secrets(text)
        yield from self._plates(text, low)

    def _made(self, text: str) -> Iterator[Span]:
        """Yield codes by their own make."""
        for pattern, score in ((_TAILED, 0.65), (_NATIONAL, 0.85)):
            for match in pattern.finditer(text):
                yield Span(*match.span(), "ID", score, "code")
        if "(" in text or "+" in text:
            for match in _ELEMENTS.finditer(text):
                yield Span(*match.span(), "DEVICE", 0.9, "code")
        for pattern in (_TIED, _TIED_LOW):
            for match in pattern.finditer(text):
                if self._tied(match.group("v")) and not self._public(text, match.start()):
                    yield Span(*match.span("v"), "ID", 0.65, "code")
        for match in _GROUPS.finditer(text):
            if self._grouped(match.group("v")):
                yield Span(*match.span("v"), "ID", 0.65, "code_groups")

    def _plates(self, text: str, low: str) -> Iterator[Span]:
        if any(sign in low for sign in _PLATE_SIGNS):
            for match in _PLATED.finditer(text):
                said = match.group("v")
                if sum(char.isdigit() for char in said) >= 2 and not self._word(said):
                    yield Span(*match.span("v"), "VEHICLE", 0.85, "plate")
        alone = [match for match in _PLATE_ALONE.finditer(text) if not self._word(match.group())]
        if alone and _VEHICLE.search(text):
            for match in alone:
                yield Span(*match.span(), "VEHICLE", 0.7, "plate")

    def _word(self, said: str) -> bool:
        """Tell whether the letters of a would-be plate are a word or an abbreviation: `BP 120`."""
        known = WORD | CLINICAL | NEVER
        return any(
            self._lexicon.flags(low) & known
            or low in self._units
            or low in self._lexicon.sections["vetted"]
            for low in re.findall(r"[a-z]{2,}", said.lower())
        )

    def _tied(self, said: str) -> bool:
        """Tell a code from a strength, a stage, a gene and a level of the spine."""
        digits = sum(char.isdigit() for char in said)
        if digits < _FIVE or _KNOWN.match(said.upper()):
            return False
        parts = [part.lower() for part in re.findall(r"[A-Za-z]{2,}", said)]
        dosed = re.findall(r"\d([A-Za-z]{2,})", said)
        return not any(part.lower() in self._units for part in dosed) and not any(
            len(part) > 3 and self._lexicon.flags(part) & CLINICAL for part in parts
        )

    def _grouped(self, said: str) -> bool:
        """Tell groups of one number from numbers in a row: many figures, one group long or mixed."""
        parts = said.split()
        digits = sum(char.isdigit() for char in said)
        long = any(len(part) >= _FIVE and not part.isalpha() for part in parts)
        mixed = any(part.isalnum() and not part.isdigit() and not part.isalpha() for part in parts)
        lead = re.match(r"[A-Za-z]{2,}", said)
        known = lead is not None and lead.group().lower() in self._units
        return digits >= 8 and (long or (mixed and digits > 8)) and not known

    def _public(self, text: str, start: int) -> bool:
        return bool(_PUBLIC.search(text, max(0, start - 24), start))


def _numbers(text: str) -> Iterator[Span]:
    for match in _SIX.finditer(text):
        if not _COUNTED.search(text, max(0, match.start() - 30), match.start()):
            yield Span(*match.span(), "ID", 0.6, "code")
    for match in _REFERRED.finditer(text):
        yield Span(*match.span("v"), "ID", 0.8, "reference")


def _secrets(text: str) -> Iterator[Span]:
    for match in _SECRET.finditer(text):
        yield Span(*match.span("v"), "ID", 0.85, "secret")
    for match in _CODE.finditer(text):
        if match.group("of").lower() not in _CODED:
            yield Span(*match.span("v"), "ID", 0.75, "secret")


_SECRET_SIGNS = ("pin", "code", "pass", "safe", "pad", "lock", "otp")
_PLATE_SIGNS = ("plate", "tag", "reg", "vrm")
_PUBLIC = re.compile(
    r"\b(?:hcpcs|cpt|icd(?:-?10)?(?:-cm|-pcs)?|loinc|snomed(?:[ -]ct)?|rxnorm|ndc|cvx|drg|atc|cas|model|part|cfr|usc|sku|catalog|guideline|trial)\b(?:\s?(?:code|id|no\.?|number))?s?\s?[:#=(]?\s?\Z",
    re.IGNORECASE,
)
