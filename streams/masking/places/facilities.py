"""The names of hospitals, clinics, schools and other places where somebody is known."""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    EPONYM,
    NAMED,
    NEVER,
    ORDINARY,
    PLACE,
    Lexicon,
)
from streams.masking.vocabulary.lists import each

_UNIVERSITY = re.compile(
    r"\bTemple\sUniversity(?:\sHospital)?|\b(?:University|College|Institute|Hospital|School|Church)\sof\s(?:the\s)?[A-Z][\w'\-]{0,40}(?:\s[A-Z][\w'\-]{0,40}){0,3}"
)
_SHORT = re.compile(
    r"\b(?:Mayo(?=\s(?:Clinic|in|for)|\b)|Johns\sHopkins|Hopkins|Cleveland\sClinic|Kaiser(?:\sPermanente)?|Mass(?:achusetts)?\sGeneral(?:\sHospital)?|MGH|UCSF|UCLA|NYU\sLangone|Cedars[-\s]Sinai|Mount\sSinai|Mt\.?\sSinai|Sloan[-\s]Kettering|MSKCC|MD\sAnderson|Dana[-\s]Farber|Bellevue|Brigham(?:\sand\sWomen's)?|Geisinger|Intermountain|Ascension|Banner|Sutter|Walgreens|CVS|Rite\sAid|Duane\sReade|Quest\sDiagnostics|LabCorp|DaVita|Fresenius\b|(?:St\.?|Saint)\s[A-Z][a-z]+(?:'s|s')(?!\w)|Our\sLady\s(?:of|Queen)\s(?:the\s)?[A-Z]\w+(?:\s[A-Z]\w+)?|Mount\s[A-Z][a-z]+(?:\s(?:East|West|North|South))?|Sacred\sHeart|Holy\s(?:Cross|Name|Family|Spirit|Redeemer)|Good\s(?:Samaritan|Shepherd)|Northwell|Montefiore|Moffitt|City\sof\sHope|Fred\sHutch|UPMC|OHSU|Addenbrooke'?s|Barts|Great\sOrmond\sStreet|Royal\s(?:Free|Marsden|Brompton)|Superdrug|Wegmans|Publix|Kroger|Costco|Walmart|Hy-Vee|Medicine\sShoppe|Shoppers\sDrug\sMart|Lloyds\s?Pharmacy)"
)
_HEADS = each("hospital clinic pharmacy hospice rehab")
_LEADING = each("""the a an at in of from for and to by with our this that is was""")
_LED = re.compile(
    r"\b(?:at|to|from|in|via)\s(?P<v>(?:[A-Z][\w'\-]{1,30}\s){1,3}(?:Presbyterian|Methodist|Baptist|Lutheran|Adventist|Episcopal|Memorial|General|Regional|Mercy|Deaconess|Sinai|Hopkins|Ortho|Derm|Peds|Cardio|Neuro|Eye|Dental|Vision|Imaging|Labs?|Rehab|Urology|OBGYN))\b"
)
_SPOT = re.compile(
    r"(?<![\w'])(?P<v>(?:[A-ZÀ-Þ][\w'’\-]{1,30}[ ]){1,3}(?:Harbou?r|Beach|Springs|Heights|Bay|Quay|Market|Square|Village|Estates?|Gardens|Towers?|Bridge|Falls|Island|Islands|Valley|Grove|Creek|Hills|Terrace|Plaza|Mall|Station|Airport|Stadium|Marina|Pier|Wharf|Docks|Ranch|Farms?|Parish|Crossing|Junction|Landing|Ridge|Meadows|Lodge|Villas|Arms|Manor|Commons|Barracks|Prison|Shelter|Mission|Monastery|Convent|Cathedral|Chapel|Library|Gym|YMCA|Campground|Reservation|Park|Playground|Zoo|Museum|Arena|Casino|Camp|Tabernacle|Canal|Vet|Daycare|Preschool|Kindergarten|Inn|Hotel|Motel|Diner|Bakery|Fitness|Health|(?:Primary|Elementary|Middle|High)(?!\s[A-Z])))\b(?!\s(?:mg|mcg|ml|score|sign|syndrome|criteria|disease|fever)\b)"
)
_EMPLOYER = re.compile(
    r"\b(?:[Ee]mployer(?:\sis)?:?|[Ee]mployed\s(?:by|at)|[Ww]orks\s(?:at|for)|[Ww]orking\s(?:at|for)|(?:[Bb]oss|[Jj]ob|[Ss]hift|[Hh]ired|[Ff]ired)\s(?:at|by|from))\s(?:the\s)?(?P<v>[A-Z][\w'&.\-]{1,30}(?:\s(?:(?:&|of|and)\s)?[A-Z][\w'&.\-]{1,30}){0,4})"
)
_VETERANS = re.compile(r"\bVA\s(?:in|of|at)\s(?P<v>[A-Z][\w'\-]+(?:\s[A-Z][\w'\-]+)?)")


_LOOSE_MIN = 3
_LOOSE_TAILS = frozenset(
    [
        "Health",
        "High",
        "Primary",
        "Middle",
        "Island",
        "Bridge",
        "Falls",
        "Arms",
        "Station",
        "Shelter",
    ]
)


class Facilities:
    """Patterns built from the lists of words that end such names."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        heads = _cased(lexicon.sections["facility_heads"])
        phrases = _cased(lexicon.sections["facility_phrases"])
        head = rf"(?:{phrases}|{heads})"
        lower = "|".join(sorted(lexicon.sections["facility_phrases"] | _HEADS))
        self._lower = re.compile(
            rf"\b(?:at|to|from|in|by|via)\s(?:the\s)?(?P<v>(?P<w>[a-z][a-z'\-]{{2,30}}(?:\s[a-z][a-z'\-]{{2,30}}){{0,2}})\s(?:{lower}))\b"
        )
        cap = r"[A-ZÀ-Þ][\w'&\-]{0,40}"
        link = rf"(?:(?:of|the|and|de|for|&)[ \t](?:the[ \t])?(?:{cap}[ \t]){{1,3}})?"
        where = rf"(?:[ \t](?:of|at|in)[ \t](?:the[ \t])?{cap}(?:[ \t]{cap}){{0,3}})?"
        self._facility = re.compile(
            rf"(?<![\w'])(?:(?:St|Mt|Ft|Dr)\.[ \t])?(?:{cap}[ \t]){{1,5}}?"
            rf"{link}{head}\b(?:[ \t]{head}\b)*{where}"
        )

    def find(self, text: str) -> Iterator[Span]:
        """Yield the names of facilities."""
        for pattern, score in ((_SHORT, 0.85), (_UNIVERSITY, 0.8)):
            for match in pattern.finditer(text):
                yield Span(*match.span(), "FACILITY", score, "facility")
        for pattern in (_LED, _EMPLOYER, _VETERANS):
            for match in pattern.finditer(text):
                if any(self._proper(word) for word in match.group("v").split()):
                    yield Span(*match.span("v"), "FACILITY", 0.8, "facility")
        for match in _SPOT.finditer(text):
            yield from self._spot(match)
        for match in self._lower.finditer(text):
            if self._named(match.group("w").split()):
                yield Span(*match.span("v"), "FACILITY", 0.7, "facility")
        yield from self._headed(text)

    def _spot(self, match: re.Match[str]) -> Iterator[Span]:
        """Yield a place by its last word: `Tema Harbour`; leading words of the sentence stay."""
        words, start = match.group("v").split(" "), match.start("v")
        while len(words) > 2 and self._leading(words[0]):  # noqa: PLR2004 - a length
            start += len(words[0]) + 1
            words = words[1:]
        flags = self.lexicon.flags(words[0].lower())
        if words[-1] in _LOOSE_TAILS and len(words) < _LOOSE_MIN and flags & (ORDINARY | EPONYM):
            return
        opens = match.start() == start and flags & ORDINARY and not flags & (NAMED | PLACE)
        if (
            self._proper(words[0])
            and not self._leading(words[0])
            and not opens
            and (not flags & CLINICAL or flags & (NAMED | PLACE))
        ):
            yield Span(start, match.end("v"), "LOCATION", 0.75, "spot")

    def _headed(self, text: str) -> Iterator[Span]:
        """Yield names that end as facilities' names do: `Bluestone Medical Center`."""
        for match in self._facility.finditer(text):
            said, start = match.group(), match.start()
            words = said.split()
            while len(words) > 1 and self._leading(words[0]):
                start = text.index(words[1], start + len(words[0]))
                words = words[1:]
            if any(self._proper(word) for word in words[:-1]) and words[-1][:1].isupper():
                yield Span(start, match.end(), "FACILITY", 0.85, "facility")

    def _named(self, words: list[str]) -> bool:
        """Tell whether words in lower case name a facility: `cedar grove nursing home`."""
        flags = [self.lexicon.flags(word) for word in words]
        if any(
            f & (NEVER | CLINICAL) or self._generic(w) for f, w in zip(flags, words, strict=True)
        ):
            return False
        if len(words) == 1:
            return not flags[0] & ORDINARY
        return all(f & (NAMED | PLACE) for f in flags)

    def _leading(self, word: str) -> bool:
        """Tell whether a word before a facility's name is no part of it."""
        low = word.lower().rstrip(".")
        if low in {"st", "mt", "ft"}:
            return False
        return (
            low in _LEADING
            or low in self.lexicon.titles
            or bool(self.lexicon.flags(low) & NEVER and not self._generic(low))
        )

    def _generic(self, low: str) -> bool:
        return low in self.lexicon.generic or low in self.lexicon.sections["facility_heads"]

    def _proper(self, word: str) -> bool:
        low = word.lower().strip(".,")
        return word[:1].isupper() and not self._generic(low) and not self.lexicon.flags(low) & NEVER


def _cased(words: frozenset[str]) -> str:
    """Return an alternation of phrases as written in names: `Medical Center`, `MEDICAL CENTER`."""
    forms = {
        form for word in words for form in (word.title().replace("'S", "'s"), word.upper(), word)
    }
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return "|".join(re.escape(form).replace("\\ ", r"\s") for form in ordered)
