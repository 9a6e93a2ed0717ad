"""Addresses: streets in many languages, boxes, units, and the parts that follow them."""

# ruff: noqa: E501, RUF001 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import NEVER, PLACE, REGION, WORD, Lexicon
from streams.masking.vocabulary.lists import each

_UNIT = r"(?:[\s,]+(?:apt|apartment|suite|ste|unit|floor|fl|rm|room|bldg|building|lot|space|trailer|\#)\b\.?\s?\#?\s?[\w\-]{1,6})"
_NUMBERED = re.compile(
    r"(?<![\w.\-/])\d{1,6}[A-Za-z]?\s(?:[^\W\d_][\w'’.\-/]{0,40}\s){0,5}?(?:[^\W\d_][\w'’.\-/]{0,40}|P\.?\s?O\.?\sBox)(?:\s\d{1,5}[A-Za-z]?)?[\s,>?]{1,8}(?:Apt|Apartment|Suite|Ste|Unit|Flat)\b\.?\s?\#?\s?\w{1,6}",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"(?<![\w.\-/])(?:\d{1,6}\s)?(?:[A-ZÀ-Þ][\w'’.\-]{0,40}\s){0,3}(?:[A-ZÀ-Þ][\w'’.\-]{0,40}(?:straße|strasse|straße|gasse|weg|allee|platz|vej|gade|vägen|gatan|gata|katu|tie|straat|laan|plein|kade|gracht|utca)|(?:ul|ulica|calle|rua|via|rue|avenida|av|carrera|plaza|paseo|camino|viale|piazza|corso|boulevard)\.?(?:\s(?:de|del|della|do|da|dos|des|du|la|las|los|al|el|delle))*\s[A-ZÀ-Þ][\w'’.\-]{0,40}(?:\s[A-ZÀ-Þ][\w'’.\-]{0,40}){0,2})\s\d{1,5}[A-Za-z]?(?!\w)",
    re.IGNORECASE,
)
_STREET_FIRST = re.compile(
    r"(?<![\w.\-/])\d{1,5}[A-Za-z]?,?\s(?i:jalan|jln|lorong|soi|rue|via|calle|rua|avenida|ulica|chemin|allée|impasse|quai|strada|largo|paseo|camino|corso|viale|rruga|bulevar)\.?\s(?:(?:de|del|della|do|da|dos|des|du|la|las|los|l')\s?){0,2}[A-ZÀ-Þ][\w'’\-]{1,40}(?:\s[A-ZÀ-Þ][\w'’\-]{1,40}){0,2}"
)
_MILITARY = re.compile(
    r"\b(?:PSC|CMR|Unit)\s\d{1,5},?\s(?:Box\s\d{1,5})|\b(?:APO|FPO|DPO)\s(?:AA|AE|AP)(?:\s\d{5})?|(?-i:\bUS(?:NV|NS|CGC|S)\s[A-Z][a-z]+)",
    re.IGNORECASE,
)
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s\#?\d{1,7}|\bRR\s?\d{1,3}\s+Box\s\d{1,5}", re.IGNORECASE)
_LABEL = re.compile(
    r"(?<![A-Za-z])(?:(?:home|mailing|street|postal|billing|shipping|work)\s)?(?:address(?:es)?|resid(?:es?|ing|ence)(?:\sat)?|lives?\sat|living\sat|located\sat|delivered?\sto|mail(?:ed)?\sto|ship(?:ped)?\sto)\s?(?:is|to|[:=])?\s{0,3}(?P<v>(?:(?:plot|block|flat|house|villa|lot|unit|apt|no)\.?\s)?\d{1,6}[A-Za-z]?[\s,][^;|\"<>\t]{4,110})",
    re.IGNORECASE,
)
_UNNUMBERED = re.compile(
    r"\b(?:[Oo]n|[Aa]t|[Nn]ear|[Oo]ff|[Dd]own|[Aa]long|[Cc]orner\sof|[Aa]nd|[Oo]f|[Ff]rom|[Tt]o|[Bb]etween|[Bb]ehind|[Pp]ast|[Ii]n|[Bb]y)\s(?P<v>(?:(?:N|S|E|W|North|South|East|West)\.?\s)?(?:[A-Z][\w'.]{1,30}\s){1,3}(?:Street|St(?!\.?\s[A-Z])|Avenue|Ave|Road|Rd|Blvd|Boulevard|Lane|Ln|Crescent|Terrace|Mews|Parkway|Pkwy|Highway|Hwy|Turnpike)\b)"
)
# A crossing, one of whose streets has a number: `at Sycamore and 9th`.
_CROSSING = re.compile(
    r"\b(?:[Aa]t|[Nn]ear|[Oo]n|[Oo]ff|[Cc]orner\sof|[Bb]y|[Ff]rom)\s(?:the\scorner\sof\s)?(?P<v>\d{1,3}(?:st|nd|rd|th)\s(?:and|&)\s(?!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec))[A-Z][a-z]{2,}"
    r"|(?!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec))[A-Z][a-z]{2,}\s(?:and|&)\s\d{1,3}(?:st|nd|rd|th))\b(?!\s(?:nerve|rib|dose|metatarsal|metacarpal|digit|toe|finger|cranial))"
)
_PLAIN_STREET = re.compile(
    r"(?<=[a-z,]\s)(?P<v>(?:(?:N|S|E|W|North|South|East|West)\.?\s)?(?:[A-Z][a-z'’]{2,30}\s){1,2}(?:Street|Avenue|Boulevard|Blvd|Parkway|Pkwy))\b(?!\s(?:Journal|drugs?))"
)
_ADDRESS_GAP = re.compile(r"[\s,.>?()#*|\-]{0,12}")
_ADDRESS_PART = re.compile(r"\d{1,6}(?:-\d{3,4}|[A-Za-z])?(?![\w-])|[^\W\d_][\w'’\-]*")
_COUNTRY_LINKS = each("of the and")
_COUNTRY = re.compile(r"\s(?:(?:of|the|and)\s){0,2}[A-Z][a-z]+")
_UNITS = each("""apt apartment suite ste unit floor fl rm room bldg building flat box""")
_LONG_SUFFIX = each("""street avenue road drive lane boulevard st ave rd blvd""")
_NOT_STREET = each(
    """mg mcg ml g kg units unit tablets tablet days day weeks week months month years year hours
    hour minutes times percent patients patient from of the and to in with for on at is was were
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


class Streets:
    """Patterns built from the list of words for streets."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        suffix = "|".join(
            sorted(map(re.escape, lexicon.sections["street_suffixes"]), key=len, reverse=True)
        )
        self._street = re.compile(
            rf"(?<![\w.\-/])(?:\d{{1,4}}[A-Za-z]?/)?\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?\s(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?\s)?(?:[\w'’.\-]{{1,40}}\s){{1,4}}?(?:{suffix})\b\.?(?:(?<=\b(?:Rd|rd|RD))\s\d{{1,4}}\b|(?<=(?:Road|road|ROAD|oute|OUTE))\s\d{{1,4}}\b|(?<=\b(?:Hwy|HWY|hwy|Rte|RTE|rte))\s\d{{1,4}}\b)?(?!\s(?:mg|ml|mcg|units))(?:\s(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\b\.?)?(?:{_UNIT})?",
            re.IGNORECASE,
        )

    def find(self, text: str) -> Iterator[Span]:
        """Yield addresses, from the number of the house to the country."""
        for match in _BOX.finditer(text):
            yield Span(*match.span(), "ADDRESS", 0.8, "address")
        for pattern in (self._street, _NUMBERED, _FOREIGN, _STREET_FIRST, _MILITARY):
            for match in pattern.finditer(text):
                if pattern in {_MILITARY, _STREET_FIRST} or self._street_like(match.group()):
                    yield Span(
                        match.start(), self._tail(text, match.end()), "ADDRESS", 0.85, "street"
                    )
        for match in _LABEL.finditer(text):
            start, end = match.span("v")
            yield Span(
                start, start + _address_end(text[start:end]), "ADDRESS", 0.85, "address_label"
            )

    def named(self, text: str) -> Iterator[Span]:
        """Yield streets that are named without a number: `the pharmacy on Lexington Avenue`."""
        for pattern in (_UNNUMBERED, _PLAIN_STREET, _CROSSING):
            for match in pattern.finditer(text):
                yield Span(*match.span("v"), "ADDRESS", 0.8, "street")

    def _tail(self, text: str, end: int) -> int:
        """Grow an address over its unit, town, state, code and country; stop at ordinary words."""
        last = at = end
        unit = text[:end].rsplit(None, 1)[-1].strip(",.").lower() in _UNITS
        for _ in range(18):
            gap = _ADDRESS_GAP.match(text, at)
            begin = gap.end() if gap else at
            part = _ADDRESS_PART.match(text, begin)
            if not part:
                break
            said = part.group()
            linked = said in _COUNTRY_LINKS and _COUNTRY.match(text, part.end())
            if not (unit or linked or self._belongs(said, gap.group() if gap else "")):
                break
            if text[part.end() : part.end() + 1] == ":":
                break  # the next line's label
            unit = said.lower() in _UNITS
            at = part.end()
            if text[last:at].count("\n") > 5:  # noqa: PLR2004 - a length
                break
            last = last if linked else at
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
            if part.isupper() and len(part) == 2 and (parted or gap == " "):  # noqa: PLR2004 - a length
                return parted or low in self.lexicon.states
            plain = flags & (WORD | NEVER) and not flags & (PLACE | REGION)
            return not plain or (parted and not flags & NEVER)
        return "," in gap and bool(flags & PLACE or not flags & (WORD | NEVER)) and len(low) > 2  # noqa: PLR2004 - a length

    def _street_like(self, said: str) -> bool:
        """Tell a street from a dose or a count: no ordinary lower-case words between."""
        parts = [part.strip(".,>?") for part in said.split()]
        if "via" in parts:  # `Via Roma 7`, but not `13:22 via Medic 7`
            return False
        middle = [part for part in parts[1:-1] if part]
        if any(part.lower() in _NOT_STREET for part in middle) or len(parts) < 3:  # noqa: PLR2004 - a length
            return False
        if said[0].isdigit() and parts[1][:1].islower() and self.lexicon.flags(parts[1]) & WORD:
            return any(part[:1].isupper() for part in middle) or parts[-1].lower() in _LONG_SUFFIX
        return True
