"""Institutions in small letters: `lakeshore neurology associates in kenosha`, `at st vincents`.

A kind of institution is looked for, and read back over specialities to the words that name it. One word that no
dictionary has is enough, or two that are names or places; a place or a small word must stand beside it.
"""

# ruff: noqa: E501 - one pattern a line reads better than a folded one

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
    REGION,
    SURNAME,
    VERBISH,
    WORD,
    Lexicon,
)
from streams.masking.vocabulary.lists import each

_KINDS = (
    "associates|clinics?|cent(?:er|re)|hospital|pharmacy|group|practice|partners|specialists|physicians|institute|consultants"
    "|imaging|hospice|infirmary|medical|nursing\\shome|care\\shome|manor|lodge|rehab|apothecary|drugs?|laboratory|labs?|surgicenter"
    "|dermatology|cardiology|neurology|urology|nephrology|oncology|orthop(?:a?edics)|pediatrics|rheumatology|radiology|optometry"
    "|gastroenterology|endocrinology|ophthalmology|psychiatry|podiatry|dentistry|dental|chiropractic|physiotherapy|physical\\stherapy|obgyn"
    "|family\\smedicine|internal\\smedicine|urgent\\scare|health"
)
_TAIL = re.compile(
    rf"(?<![\w'/\-])(?P<run>(?:[a-z][a-z'\-]{{1,24}}\s){{1,6}}(?:{_KINDS}))(?![\w\-/])"
)
_KIND = re.compile(rf"(?:{_KINDS})\Z")
_FIRM = each(
    """associates clinic clinics center centre hospital pharmacy group practice partners specialists physicians
    institute consultants hospice infirmary manor lodge medical home"""
)
_SPECIAL = each(
    """neurology cardiology dermatology urology nephrology oncology orthopedic orthopedics orthopaedic pediatric pediatrics
    rheumatology radiology kidney heart eye vision pain sleep surgery surgical family medical medicine internal women's
    womens childrens children's cancer spine joint bone foot ankle allergy asthma lung chest vein vascular skin hearing
    dental dialysis infusion imaging wound memory birth urgent walk-in care health mental behavioral regional general
    memorial community specialty compounding diagnostic primary physical therapy rehab rehabilitation nursing home senior
    fertility endocrine diabetes digestive gi ent ortho derm neuro cardio peds obgyn gastroenterology endocrinology
    psychiatry and & hematology pulmonary nursing county city district university veterans baptist methodist"""
)
_STREETS = each(
    "street road avenue lane hill ridge park point shore valley creek lake river view bay city"
)
_WEAK = each("imaging lab labs drug drugs health medical rehab laboratory dental")
_DESCRIBING = each(
    """community local county city state university regional general corner new old main major rural urban free
    private public night day walk retail mail order specialty small big large nearby next same other different travel
    mobile online virtual base military veterans mental womens mens family primary pediatric student school teaching
    academic referral satellite partner sister trauma stroke receiving sending accepting outside home chain
    compounding independent contract network hometown neighborhood grocery store discount usual preferred current
    former downtown inpatient outpatient support age control focus study peer treatment placebo test call trauma blood
    heart health care foot hand child infant baby adult teen youth men women patient staff lead first second third
    drop pop box food group after before open closed busy show shows portal good bad best closest nearest refill message messages
    anticoagulation coumadin methadone flu vaccine ms cf als hiv std fax phone field warm cold war crisis poison"""
)
_BESIDE = re.compile(
    r"(?:^|[,.:;]\s?|\b(?:at|to|from|in|by|via|near|with|the|is|be|called|send|sent|use|uses|of|for|my|our|through|and|or|than|call|fax|seen|see|not))\s?\Z"
)
_SAINT = re.compile(
    r"\b(?:at|to|from|in|by|near|via|with)\s(?P<v>(?:st\.?|saint)\s(?P<w>[a-z]{3,14}?)(?P<s>'?s)?)(?![\w'\-])"
    r"(?P<more>\s(?:medical\scenter|hospital|clinic|health|regional)\b)?"
)
_ROYAL = re.compile(
    r"\b(?:at|to|from|by|via|near|in)\s(?P<v>(?:(?:[Tt]he\s)?(?:Queen|King|Prince|Princess|Lady|Saint|St\.?)\s[A-Z][a-z]+'s"
    r"|[Tt]he\s(?:Royal|Mercy|Infirmary|Alfred|Victoria|Freeman|Whittington|Lister|Christie|Marsden|Radcliffe|Priory)"
    r"|(?:Mercy|Providence|Beacon|Trinity|Baptist|Methodist|Deaconess|Presbyterian|Presby|Grady|Parkland|Cedars|Tufts|Emory|Sharp|Scripps|Swedish|Unity|Memorial|Lutheran|Adventist|Legacy|Bellevue|Harborview)))"
    r"(?!\s?[A-Z'\-])(?!\s(?:syndrome|score|model|index|criteria|test|scale))"
)  # fmt: skip
_HOLY = re.compile(
    r"\b(?P<v>(?:good\s(?:samaritan|shepherd)|sacred\sheart|holy\s(?:cross|family|name|spirit|redeemer)|our\slady\sof\s[a-z]{3,12}|mount\ssinai|mt\.?\ssinai|mercy(?=\s(?:hospital|medical|health|clinic)))"
    r"(?:\s(?:regional\s)?(?:hospital|medical\scenter|health|clinic|nursing\shome|hospice))?)\b"
)


class SmallLetters:
    """The reading of small letters over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._ordinary = (_SPECIAL | lexicon.generic) - {"the", "a"}

    def find(self, text: str) -> Iterator[Span]:
        """Yield institutions named by words in small letters, and by one word of renown."""
        for match in _TAIL.finditer(text):
            start = self._start(match.group("run"))
            if start is not None and _BESIDE.search(text, 0, match.start() + start):
                yield _span(match.start() + start, match.end())
        for match in _SAINT.finditer(text):
            if self._saint(match):
                yield _span(match.start("v"), match.end("more" if match.group("more") else "v"))
        for pattern in (_ROYAL, _HOLY):
            for match in pattern.finditer(text):
                yield _span(*match.span("v"))

    def _saint(self, match: re.Match[str]) -> bool:
        """Tell `st vincents` from `st changes`: what follows is a first name."""
        flags = self._lexicon.flags(match.group("w"))
        return bool(flags & GIVEN and not flags & (WORD | CLINICAL | NEVER))

    def _start(self, run: str) -> int | None:
        """Return where in a run of words the name of an institution begins; None: it is none."""
        kind = _KIND.search(run)
        if kind is None:
            return None
        words = run[: kind.start()].split()
        named: list[str] = []
        specials = 0
        while words and words[-1] in self._ordinary:
            words.pop()
            specials += 1
        while words and self._proper(words[-1]) and len(named) < _NAMED_MAX:
            named.insert(0, words.pop())
        if not self._enough(named, kind.group(), specials):
            return None
        return sum(len(word) + 1 for word in words)

    def _proper(self, word: str) -> bool:
        flags = self._lexicon.flags(word)
        if word in _STREETS:
            return True
        if word in _DESCRIBING or flags & (NEVER | MONTH | REGION | EPONYM):
            return False
        return not flags & CLINICAL or bool(flags & PLACE)

    def _enough(self, named: list[str], kind: str, specials: int) -> bool:
        """Weigh the words: one that no dictionary has, or two that are names or places."""
        if not named or (len(named) == 1 and named[0] in _STREETS):
            return False
        flags = [self._lexicon.flags(word) for word in named]
        firm = kind.rsplit(maxsplit=1)[-1] in _FIRM
        odd = any(not f & (WORD | CLINICAL) and (f & (PLACE | NAMED) or firm) for f in flags)
        weak = not firm and kind in _WEAK
        plain = len(named) > 1 and not weak and all(f & (NAMED | PLACE) for f in flags)
        placed = bool(flags[-1] & PLACE and flags[-1] & (SURNAME | VERBISH))
        alone = len(named) == 1 and placed and firm and specials > 0
        return odd or plain or alone or self._shore(named, firm=firm)

    def _shore(self, named: list[str], *, firm: bool) -> bool:
        """Tell a town made of two words: `lakeshore`, `riverside`."""
        flags = self._lexicon.flags(named[-1])
        return bool(firm and len(named) == 1 and flags & PLACE and _TOWNLIKE.search(named[0]))


_NAMED_MAX = 3
_TOWNLIKE = re.compile(
    r"(?:side|shore|view|wood|dale|field|ville|ton|land|brook|hill|ridge|gate|crest|haven|water|stone)\Z"
)


def _span(start: int, end: int) -> Span:
    return Span(start, end, "FACILITY", 0.7, "institution")
