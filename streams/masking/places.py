"""Addresses, ZIP codes and the names of facilities: places below a state (164.514(b)(2)(i)(B))."""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.lexicon import NEVER, PLACE, REGION, WORD, Lexicon
from streams.masking.lists import each
from streams.masking.results import Span

_UNIT = r"(?:[\s,]+(?:apt|apartment|suite|ste|unit|floor|fl|rm|room|bldg|building|lot|space|trailer|\#)\b\.?\s?\#?\s?[\w\-]{1,6})"


class Places:
    """Patterns built from the lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        suffix = "|".join(
            sorted(map(re.escape, lexicon.sections["street_suffixes"]), key=len, reverse=True)
        )
        states = "|".join(sorted(lexicon.states))
        names = "|".join(_STATE_NAMES)
        self.street = re.compile(
            rf"(?<![\w.\-/])\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?\s(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?\s)?(?:[\w'’.\-]{{1,40}}\s){{1,4}}?(?:{suffix})\b\.?(?!\s(?:mg|ml|mcg|units))(?:\s(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\b\.?)?(?:{_UNIT})?",
            re.IGNORECASE,
        )
        self.numbered = re.compile(
            r"(?<![\w.\-/])\d{1,6}[A-Za-z]?\s(?:[^\W\d_][\w'’.\-/]{0,40}\s){0,5}?(?:[^\W\d_][\w'’.\-/]{0,40}|P\.?\s?O\.?\sBox)(?:\s\d{1,5}[A-Za-z]?)?[\s,>?]{1,8}(?:Apt|Apartment|Suite|Ste|Unit|Flat)\b\.?\s?\#?\s?\w{1,6}",
            re.IGNORECASE,
        )
        self.foreign = re.compile(
            r"(?<![\w.\-/])(?:\d{1,6}\s)?(?:[A-ZÀ-Þ][\w'’.\-]{0,40}\s){0,3}(?:[A-ZÀ-Þ][\w'’.\-]{0,40}(?:straße|strasse|straße|gasse|weg|allee|platz|vej|gade|vägen|gatan|gata|katu|tie|straat|laan|plein|kade|gracht|utca)|(?:ul|ulica|calle|rua|via|rue|avenida|av|carrera|plaza|paseo|camino|viale|piazza|corso|boulevard)\.?(?:\s(?:de|del|della|do|da|dos|des|du|la|las|los|al|el|delle))*\s[A-ZÀ-Þ][\w'’.\-]{0,40}(?:\s[A-ZÀ-Þ][\w'’.\-]{0,40}){0,2})\s\d{1,5}[A-Za-z]?(?!\w)",
            re.IGNORECASE,
        )
        self.military = re.compile(
            r"\b(?:PSC|CMR|Unit)\s\d{1,5},?\s(?:Box\s\d{1,5})|\b(?:APO|FPO|DPO)\s(?:AA|AE|AP)(?:\s\d{5})?|\bUS(?:NV|NS|CGC|S)\s[A-Z][a-z]+",
            re.IGNORECASE,
        )
        self.box = re.compile(
            r"\bP\.?\s?O\.?\s?Box\s\#?\d{1,7}|\bRR\s?\d{1,3}\s+Box\s\d{1,5}", re.IGNORECASE
        )
        self.zip_state = re.compile(
            rf"(?<![\w])(?P<c>(?:[A-Z][\w'.\-]{{1,40}}\s){{0,2}}[A-Z][\w'.\-]{{1,40}},\s)?(?:{states.upper()}|{names}),?\s{{1,3}}(?P<v>\d{{5}}(?:-\d{{4}})?)(?![\w-])"
        )
        self.zip_label = re.compile(
            r"\b(?:zip|postal|post)(?:\s?code)?s?\s?(?:is|of|[:=#])?\s?(?P<v>\d{5}(?:-\d{4})?|\d{3}(?=\*\*|xx)|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})(?!\w)",
            re.IGNORECASE,
        )
        self.zip_four = re.compile(r"(?<![\w.\-/])\d{5}-\d{4}(?![\w-])")
        self.postcode = re.compile(
            r"(?<!\w)(?:[A-Z]\d[A-Z]\s\d[A-Z]\d|[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2})(?!\w)"
        )
        self.label = re.compile(
            r"(?<![A-Za-z])(?:(?:home|mailing|street|postal|billing|shipping|work)\s)?(?:address(?:es)?|resid(?:es?|ing|ence)(?:\sat)?|lives?\sat|living\sat|located\sat|delivered?\sto|mail(?:ed)?\sto|ship(?:ped)?\sto)\s?(?:is|to|[:=])?\s{0,3}(?P<v>\d{1,6}[A-Za-z]?[\s,][^;|\"<>\t]{4,110})",
            re.IGNORECASE,
        )
        self.county = re.compile(
            r"\b(?:[A-Z][\w'.\-]{1,40}\s){1,3}(?:County|Parish|Borough|Township|Precinct)\b"
        )
        heads = _cased(lexicon.sections["facility_heads"])
        phrases = _cased(lexicon.sections["facility_phrases"])
        head = rf"(?:{phrases}|{heads})"
        self.facility = re.compile(
            rf"(?<![\w'])(?:(?:St|Mt|Ft|Dr)\.\s)?(?:[A-ZÀ-Þ][\w'&\-]{{0,40}}[\s]){{1,5}}?(?:(?:of|the|and|de|for|&)\s(?:the\s)?(?:[A-ZÀ-Þ][\w'&.\-]{{0,40}}\s){{1,3}})?{head}\b(?:\s{head}\b)*(?:\s(?:of|at|in)\s(?:the\s)?(?:[A-ZÀ-Þ][\w'\-]{{0,40}})(?:\s[A-ZÀ-Þ][\w'\-]{{0,40}}){{0,3}})?"
        )
        self.university = re.compile(
            r"\b(?:University|College|Institute|Hospital|School|Church)\sof\s(?:the\s)?[A-Z][\w'\-]{0,40}(?:\s[A-Z][\w'\-]{0,40}){0,3}"
        )
        self.short = re.compile(
            r"\b(?:Mayo(?=\s(?:Clinic|in|for)|\b)|Johns\sHopkins|Hopkins|Cleveland\sClinic|Kaiser(?:\sPermanente)?|Mass(?:achusetts)?\sGeneral(?:\sHospital)?|MGH|UCSF|UCLA|NYU\sLangone|Cedars[-\s]Sinai|Mount\sSinai|Mt\.?\sSinai|Sloan[-\s]Kettering|MSKCC|MD\sAnderson|Dana[-\s]Farber|Bellevue|Brigham(?:\sand\sWomen's)?|Geisinger|Intermountain|Ascension|Banner|Sutter|Walgreens|CVS|Rite\sAid|Quest\sDiagnostics|LabCorp|DaVita|Fresenius\b|(?:St\.?|Saint)\s[A-Z][a-z]+(?:'s|s')(?!\w))"
        )

    def find(self, text: str) -> Iterator[Span]:
        """Yield addresses, codes and facilities."""
        digits = any(char.isdigit() for char in text)
        if digits:
            yield from self._streets(text)
            for pattern, score in ((self.zip_state, 0.9), (self.zip_label, 0.95)):
                for match in pattern.finditer(text):
                    yield Span(*match.span("v"), "ZIP", score, "zip")
            for pattern, kind in (
                (self.box, "ADDRESS"),
                (self.zip_four, "ZIP"),
                (self.postcode, "ZIP"),
            ):
                for match in pattern.finditer(text):
                    yield Span(*match.span(), kind, 0.8, "address")
        for match in self.county.finditer(text):
            yield Span(*match.span(), "LOCATION", 0.85, "county")
        for match in self.short.finditer(text):
            yield Span(*match.span(), "FACILITY", 0.85, "facility")
        yield from self._facilities(text)

    def _streets(self, text: str) -> Iterator[Span]:
        for pattern in (self.street, self.numbered, self.foreign, self.military):
            for match in pattern.finditer(text):
                if pattern is self.military or self._street_like(match.group()):
                    yield Span(
                        match.start(), self._tail(text, match.end()), "ADDRESS", 0.85, "street"
                    )
        for match in self.label.finditer(text):
            start, end = match.span("v")
            yield Span(
                start, start + _address_end(text[start:end]), "ADDRESS", 0.85, "address_label"
            )

    def _tail(self, text: str, end: int) -> int:
        """Grow an address over its unit, town, state, code and country; stop at ordinary words."""
        last = at = end
        for _ in range(14):
            gap = _ADDRESS_GAP.match(text, at)
            begin = gap.end() if gap else at
            part = _ADDRESS_PART.match(text, begin)
            if not part or not self._belongs(part.group(), gap.group() if gap else ""):
                break
            at = part.end()
            if text[last:at].count("\n") > 5:  # noqa: PLR2004 - a length
                break
            last = at
        return last

    def _belongs(self, part: str, gap: str) -> bool:
        """Tell whether the next part of a text can be part of an address."""
        if part[0].isdigit():
            return len(part) >= 3  # noqa: PLR2004 - a length
        low = part.lower().strip(".")
        flags = self.lexicon.flags(low)
        if low in _UNITS or part.upper() in {"APO", "FPO", "DPO"}:
            return True
        if part[0].isupper():
            parted = "," in gap or "\n" in gap
            plain = flags & (WORD | NEVER) and not flags & (PLACE | REGION)
            return not plain or (parted and not flags & NEVER)
        return "," in gap and bool(flags & PLACE or not flags & (WORD | NEVER)) and len(low) > 2  # noqa: PLR2004 - a length

    def _street_like(self, said: str) -> bool:
        """Tell a street from a dose or a count: no ordinary lower-case words between."""
        parts = [part.strip(".,>?") for part in said.split()]
        middle = [part for part in parts[1:-1] if part]
        if any(part.lower() in _NOT_STREET for part in middle) or len(parts) < 3:  # noqa: PLR2004 - a length
            return False
        if said[0].isdigit() and parts[1][:1].islower() and self.lexicon.flags(parts[1]) & WORD:
            return any(part[:1].isupper() for part in middle) or parts[-1].lower() in _LONG_SUFFIX
        return True

    def _facilities(self, text: str) -> Iterator[Span]:
        for match in self.university.finditer(text):
            yield Span(*match.span(), "FACILITY", 0.8, "facility")
        for match in self.facility.finditer(text):
            said, start = match.group(), match.start()
            words = said.split()
            while len(words) > 1 and self._leading(words[0]):
                start = text.index(words[1], start + len(words[0]))
                words = words[1:]
            if any(self._proper(word) for word in words[:-1]) and words[-1][:1].isupper():
                yield Span(start, match.end(), "FACILITY", 0.85, "facility")

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
        return (
            low in self.lexicon.sections["facility_generic"]
            or low in self.lexicon.sections["facility_heads"]
        )

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


_STATE_NAMES = [
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "California",
    "Colorado",
    "Connecticut",
    "Delaware",
    "Florida",
    "Georgia",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Louisiana",
    "Maine",
    "Maryland",
    "Massachusetts",
    "Michigan",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "New Hampshire",
    "New Jersey",
    "New Mexico",
    "New York",
    "North Carolina",
    "North Dakota",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Pennsylvania",
    "Rhode Island",
    "South Carolina",
    "South Dakota",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Virginia",
    "Washington",
    "West Virginia",
    "Wisconsin",
    "Wyoming",
]
_ADDRESS_GAP = re.compile(r"[\s,.>?()#*|\-]{0,12}")
_ADDRESS_PART = re.compile(r"\d{1,6}(?:-\d{3,4})?(?![\w-])|[^\W\d_][\w'’\-]*")
_UNITS = each("""apt apartment suite ste unit floor fl rm room bldg building flat box""")
_LEADING = each("""the a an at in of from for and to by with our this that is was""")
_LONG_SUFFIX = each("""street avenue road drive lane boulevard st ave rd blvd""")
_NOT_STREET = each(
    """mg mcg ml g kg units unit tablets tablet days day weeks week months month years year hours
    hour minutes times percent patients patient of the and to in with for on at is was were
    are per every daily x by or mm cm bpm lbs pounds cells doses dose people cases visits
    records rows beats steps calories"""
)
_ADDRESS_STOP = re.compile(
    r"[?!]|\.\s+(?=[A-Z])|\.$|\n\n|\s(?:and|for|but|so|since|please|because|who|which|is|was|phone|tel|dob|mrn|email|ssn|in order|to\s(?:get|send|receive|verify))\b",
    re.IGNORECASE,
)


def _address_end(text: str) -> int:
    """Return where an address that follows a label ends."""
    for stop in _ADDRESS_STOP.finditer(text):
        before = text[: stop.start()].rsplit(None, 1)[-1:]
        if stop.group().startswith(".") and before and len(before[0]) <= 4:  # noqa: PLR2004 - a length
            continue
        return stop.start()
    return len(text.rstrip())
