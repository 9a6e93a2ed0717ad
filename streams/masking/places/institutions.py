"""Institutions told by their last word, however many words stand before: `Copperline Surgical Pavilion`.

A run of capitals is read from its last word of an institution (`Center`, `Surgery`, `Group`, `Lodge`)
back to its first: one of them must be a proper one, because `Sleep Center`, `Bariatric Surgery` and
`Support Group` are a department, a treatment and a thing.
"""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    GIVEN,
    MONTH,
    NAMED,
    NEVER,
    PLACE,
    PROPER,
    REGION,
    WORD,
    Lexicon,
    fold,
)
from streams.masking.vocabulary.lists import each
from streams.masking.vocabulary.rare import halves

_WORD = r"[A-ZÀ-Þ][\w'’\-]{0,40}"
_LINK = r"(?:[ ](?:and|of|for|at|the|on|de|la|in)(?:[ ](?:the|our|de|la))?[ ]|[ ]?&[ ]|[ ]|,[ ](?=(?:[A-ZÀ-Þ][\w'’\-]+[ ]){0,2}(?:&|and)[ ]))"
_RUN = re.compile(
    rf"(?<![\w'’.])(?:(?:St|Mt|Ft|Dr)\.[ ])?{_WORD}(?:{_LINK}(?:(?:St|Mt|Dr)\.[ ])?{_WORD}){{1,9}}"
)
_PART = re.compile(r"(?:St|Mt|Ft|Dr)\.|[^\W\d_][\w'’\-]*")
# Words that only institutions have: any proper word before one of them is a name.
_STRONG = each(
    """hospital infirmary clinic clinics pharmacy hospice lodge jail prison penitentiary shelter church cathedral
    chapel synagogue mosque temple parish ministries fellowship academy school elementary preschool montessori
    daycare kindergarten college university manor villa villas sanatorium polyclinic surgicenter pavilion house
    apothecary chemist chemists drugstore opticians optometry imaging home homes lab labs partners specialists
    physicians consultants clinicians radiologists haven residence residences cottage cottages acres hostel inn
    hotel motel deli diner cafe bakery pizzeria tavern salon brewery barracks monastery convent dispensary
    hospitals pharmacies laboratories laboratory spa gym farm farms ranch estates gardens village terrace towers
    institute diagnostics refuge collective collaborative campus"""
)
# Specialities and treatments: `Meridian Rheumatology`, but `Pediatric Cardiology` and `Hand Therapy`.
_SPECIAL = each(
    """drug drugs orthodontics endodontics periodontics pediatrics paediatrics dermatology obgyn podiatry chiropractic physiotherapy
    dentistry orthopedics orthopaedics urology cardiology gastroenterology nephrology rheumatology neurology
    ophthalmology endocrinology oncology hematology haematology pulmonology radiology psychiatry audiology
    veterinary rehab rehabilitation anesthesia anesthesiology dental dialysis vision hearing balance medicine
    health healthcare wellness optical infusion management center centre group practice associates alliance
    primary nursing living care agency trust network mill works plant factory court place commons complex
    surgery therapy services unit team foundation society system systems department program programme nursery facility"""
)
# Of these, what a hospital has itself; one plain word is not enough.
_THINGS = each(
    """team therapy services unit foundation society system systems department program programme management nursery"""
)
_VERBS = each("""has have had call send ask tell is are was were does do did can could will would should may fax email page ring
    contact see visit notify refer schedule book find get move transfer discharge admit order please when where who what which
    why how if from at to in for with by near via and or but our her his my their your this that after before since""")
_ENDINGS = ("al", "ic", "ive", "ing", "ed", "ar", "ory", "ous", "ion")
_COMPOUNDS = each("""bedside stepdown caregiver overdose healthcare wellbeing lifestyle aftercare childbirth breastfeeding
    household workplace offsite telehealth checkup followup handwashing needlestick""")
_PLACED = re.compile(r"\b(?:at|by|from|to|via|near|of)\s(?:the\s)?\Z")
_ACTS = re.compile(
    r"\s(?:wants?|says?|said|called|rang|sent|did|billed|bills|referred|faxed|asked|asks|cancelled|canceled|closed|never|won't|will|denied|charged|told|gave|keeps?|rescheduled|phoned|emailed|discharged|admitted|drew|lost)\b"
)
_MEDICAL_LINKS = each("and of for at the on de la in our &")
_LOWER = re.compile(
    r"\b(?:at|to|from|in|by|via|near|with)\s(?:the\s)?(?P<v>(?P<w>[a-z][a-z'\-]{2,30}(?:\s[a-z][a-z'\-]{2,30}){0,2}?)\s"
    r"(?:(?:residential|retirement|nursing|rest|care|funeral)\shome|care\sent(?:er|re)|dental\spractice|medical\spractice|health\scent(?:er|re)|imaging|elementary(?:\sschool)?"
    r"|dialysis(?:\sunit|\scent(?:er|re))?|county\sjail|state\sprison|medical\spavilion|rehab(?:ilitation)?(?:\s(?:and|&)\snursing)?\scent(?:er|re)|wellness\scent(?:er|re)|cardiology\s(?:group|associates)"
    r"|(?:cancer|heart|eye|surgery|surgical|sleep|kidney|women'?s)\scent(?:er|re)|physical\stherapy|memory\scare|home\shealth|hospice(?:\shouse)?|(?:house|lodge|manor)(?!\s(?:care|nursing|residential|rest|retirement))))\b"
    r"|\b(?:at|with)\s(?P<x>(?P<y>[a-z][a-z'\-]{3,30})\ssurgery)\b"
)  # fmt: skip

# `from The Mill House Surgery`: an article in a capital, amid a sentence, is part of a name.
_ARTICLED = re.compile(
    rf"\b(?:at|from|by|with|to|via|near)\s(?P<v>The\s(?:{_WORD}\s){{1,4}}?"
    r"(?:Surgery|Practice|Clinic|Hospital|Infirmary|Cent(?:er|re)|Pharmacy|Hospice|Lodge|Home|House|Manor))\b"
    rf"(?!\s{_WORD})"
)


class Institutions:
    """The reading of capital runs over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._generic = lexicon.generic
        self._tails = _STRONG | _SPECIAL | lexicon.sections["facility_heads"]

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of institutions."""
        for match in _RUN.finditer(text):
            span = self._read(text, match)
            if span is not None:
                yield span
        for match in _ARTICLED.finditer(text):
            yield Span(*match.span("v"), "FACILITY", 0.8, "institution")
        for match in _LOWER.finditer(text):
            said = match.group("w") or match.group("y")
            if self._named(said.split()):
                yield Span(
                    *match.span("v" if match.group("w") else "x"), "FACILITY", 0.7, "institution"
                )

    def _read(self, text: str, run: re.Match[str]) -> Span | None:
        """Return what of a run of capitals is an institution's name."""
        parts = [match.span() for match in _PART.finditer(text, *run.span())]
        lows = [
            fold(text[start:end]).removesuffix("'s").removesuffix("’s").rstrip(".")
            for start, end in parts
        ]
        last = max((i for i, low in enumerate(lows) if low in self._tails), default=0)
        if last == 0 or not text[parts[last][0]].isupper():
            return None
        first = self._first(text, parts, lows, last)
        proper = [i for i in range(first, last) if self._proper(lows[i], text, parts[i])]
        if not proper or self._heading(text, run):
            return None
        weight = sum(self._weight(lows[i]) for i in proper)
        if weight < self._needed(lows[last], self._led(text, parts[first][0], parts[last][1])):
            return None
        return Span(parts[first][0], parts[last][1], "FACILITY", 0.85, "institution")

    def _led(self, text: str, start: int, end: int) -> bool:
        """Tell whether a preposition stands before, or a deed behind: `Kestrel Physiotherapy wants`."""
        before = _PLACED.search(text, max(0, start - 10), start)
        return before is not None or _ACTS.match(text, end) is not None

    def _first(self, text: str, parts: list[tuple[int, int]], lows: list[str], last: int) -> int:
        """Return where the name begins: behind the sentence's verb and its small words."""
        first = 0
        while first < last:
            low, word = lows[first], text[slice(*parts[first])]
            flags = self._lexicon.flags(low)
            small = low in _VERBS or not word[0].isupper() or low in {"the", "a", "an"}
            closed = flags & NEVER and low not in self._generic and low not in self._tails
            if not small and not (closed and first == 0 and not flags & PLACE):
                break
            first += 1
        return first

    def _proper(self, low: str, text: str, at: tuple[int, int]) -> bool:
        """Tell a word that is more than a speciality, a link or an everyday word."""
        flags = self._lexicon.flags(low)
        named = text[at[0]].isupper() and low not in self._generic and low not in self._tails
        closed = flags & (NEVER | CLINICAL | MONTH) and not flags & (PLACE | PROPER)
        return bool(named and low not in _MEDICAL_LINKS and not closed and len(low) > 1)

    def _weight(self, low: str) -> int:
        """Weigh a word: 2 for a name or an unknown word, 1 for a word that is also a name."""
        flags = self._lexicon.flags(low)
        if flags & (EPONYM | REGION):
            return 1 if flags & (GIVEN | PLACE) and not flags & REGION else 0
        if not flags & WORD:
            odd = not flags and low.endswith((*self._lexicon.suffixes, *_ENDINGS))
            return 0 if odd else 2
        if flags & PROPER:
            return 2
        if flags & (NAMED | PLACE):
            return 1
        return int(low not in _COMPOUNDS and halves(low, self._lexicon))

    def _needed(self, tail: str, led: bool) -> int:
        """Return the weight that a last word asks for; a preposition before the name helps."""
        if tail in _STRONG or (led and tail not in _THINGS):
            return 1
        return 2

    def _heading(self, text: str, run: re.Match[str]) -> bool:
        """Tell a heading written In Capitals Throughout."""
        line_start = text.rfind("\n", 0, run.start()) + 1
        line_end = text.find("\n", run.end())
        line = text[line_start : line_end if line_end >= 0 else len(text)].strip()
        return line.rstrip(":").strip() == run.group() and line.endswith(":")

    def _named(self, words: list[str]) -> bool:
        """Tell whether words in lower case are a name: `cedar lodge`, `fernhill`."""
        flags = [self._lexicon.flags(word) for word in words]
        closed = NEVER | CLINICAL | EPONYM
        if any(f & closed or w in self._generic for f, w in zip(flags, words, strict=True)):
            return False
        if len(words) == 1:
            return not flags[0] & WORD and len(words[0]) > 3  # noqa: PLR2004 - a length
        return all(f & (NAMED | PLACE) for f in flags)
