"""Names behind a label that only a name follows, whatever words they are: `Pt name: Hope Pain`.

The steps of `names` ask of each word what it may be; a label answers for all of them. What follows it
is taken up to the end of its field: a line, two blanks, a semicolon, a bracket, the next label.
"""

# ruff: noqa: E501, RUF001, PLR2004 - one pattern a line reads better than a folded one

import re
from collections.abc import Iterator

from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import (
    CLINICAL,
    GIVEN,
    NAMED,
    NEVER,
    ORDINARY,
    SURNAME,
    Lexicon,
    fold,
)
from streams.masking.vocabulary.lists import each

_WHO = (
    r"(?:patient|pt|pat|client|inmate|resident|member|subscriber|insured|guarantor|mother|father|guardian|spouse|partner|husband|wife|son|daughter"
    r"|brother|sister|parent|child|baby|contact|emergency\scontact|next\sof\skin|nok|poa|proxy|provider|physician|doctor|nurse|surgeon|attending"
    r"|pcp|prescriber|referring|employee|staff|user|customer|caller|visitor|sender|author|witness|informant|caregiver|interpreter|donor|recipient)"
)
_BY = (
    r"(?:dictated|transcribed|signed|e-?signed|electronically\ssigned|authenticated|reviewed|verified|scribed|ordered|requested|performed|witnessed"
    r"|prepared|reported|attested|co-?signed|entered|completed|interpreted|submitted|approved|read|seen|written|referred|recorded|checked|given|drawn|collected|administered)\sby"
)
_SURE = re.compile(
    rf"(?<![A-Za-z_-])(?:(?:{_WHO}['’]?s?[\s_-]?|full\s|legal\s|maiden\s|birth\s|first\s|last\s|given\s|family\s|preferred\s|middle\s|display\s)?(?:names?|surname)|names?\sof\s(?:the\s)?{_WHO}|{_BY}|signature|signed|sig)"
    r"\s?(?:[:=]|\s[-–]|-(?=[A-Z]))\s{0,3}[\"'(/*_]{0,4}",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    rf"(?<![A-Za-z_-])(?:{_WHO}(?:/{_WHO})?|rn|md|cc|bcc|attn\.?|attention|to|from|re|fwd?|on\sbehalf\sof|reply-to|sender|dr|mr|mrs|ms)\s?[:=]\s{{0,3}}[\"'(]?",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:^|\n)[ \t>]{0,6}(?:--+|—|(?:(?:kind|best|warm|many)\s)?(?:regards|wishes|thanks)|best|thanks(?:\sagain)?|thank\syou|sincerely|cheers|yours(?:\s(?:truly|sincerely|faithfully))?|respectfully|thx|br|vr|love)[,.!]?[ \t]*\n[ \t>\n]{0,8}",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"(?:^|\n|,\s|>\s?)(?P<v>[^\W\d_][\w'’.\-]{0,30}(?:\s[^\W\d_][\w'’.\-]{0,30}){1,3})(?:\s<[^<>\n]{1,80}>)?\s(?:wrote|writes|said|schrieb|escribió|a\sécrit)\s?:"
)
# What stands behind a name: `Rich Field (pt)`, `Rich Field, 63F`, `Rich Field DOB 1/2/60`.
_DESCRIBED = re.compile(
    r"(?<![\w'’-])(?P<v>[A-Z][a-z'’\-]{1,20}\s[A-Z][a-z'’\-]{1,20})\s?(?:\((?:pt|patient|son|daughter|wife|husband|mother|father|mom|dad|sister|brother|spouse|partner|he|she|they|RN|MD|DO|NP|PA|nurse|friend|aunt|uncle|niece|nephew|neighbor|caregiver|guardian|DOB|MRN|\d{1,3}\s?(?:yo|y/o|[MFmf]))\b"
    r"|,?\s?(?:DOB|MRN|MR\#|SSN|d\.o\.b)\b|,?\s\d{1,3}\s?(?:yo|y/o|y\.o\.|[MF])(?![a-z])|,\s(?:aged?\s)?\d{1,3},"
    r"|,?\s[(\[]?(?=[A-Z0-9\-]{0,14}\d[A-Z0-9\-]{0,14}\d)[A-Z0-9][A-Z0-9\-]{3,14}(?:[,;:)\]]|\.?\Z|\.\s|\s(?:seen|was|is|here|came|called|fell|needs|wants|on|in)\b))"
)
# The same in small letters: `pt dawn hill (A62B1)`, `patient grace short, 63f`.
_SMALL = re.compile(
    r"\b(?i:pt|patient|client|resident)\s(?P<v>[a-z]{3,20}\s[a-z'\-]{2,20})\s?(?:\(|,\s)(?=(?i:mrn|dob|ssn|room|rm|bed)\b|\d{1,3}\s?(?:yo|y/o|[mf])\b|(?=[\w\-]{0,12}\d)[\w\-]{3,14}[),])"
)
_PART = re.compile(r"[^\W\d_](?:[\w'’]|[-](?=\w))*\.?")
_TIE = re.compile(r" |,[ ]?(?!\n)|-(?=[A-Z])")
_OVER_LINE = re.compile(r",?[ ]?\n[ \t]{0,8}(?=[A-Z][a-z'’\-]{1,20}(?:\s{2}|,|\n|\Z))")
_END = re.compile(
    r"\s*(?:[;,()\[\]<>|/*\"'\n\r]|\Z|-\s|–|—|[.!?](?:\s|\Z))|\s{2,}|\s+[A-Za-z][\w ]{0,16}\s?[:=#]|\s+(?:DOB|MRN|SSN|AGE|SEX|M/F|PH|Tel)\b|\s+\d"
)
_NOBODY = each(
    """unknown none n/a na not anonymous test declined refused pending see same self tbd null nil unavailable unidentified
    redacted withheld deleted patient pt client staff nurse doctor provider pharmacy lab labs billing team everyone all
    whom system admin administrator support scheduling records front desk department clinic dept the a an this that his
    her my our your chief hospital unit"""
)
_STOPS = each(
    """dob mrn ssn age sex phone tel is was has had and or at on in for from with of to seen who she he they dated date
    md do rn np pa phd lpn dds pharmd id no room bed"""
)
_PARTICLES = each(
    "van von der den de del della di da dos du la le el al bin ibn bint abu ben ter ten zu y e"
)
_WORDS_MAX = 5


class Labelled:
    """The reading of what follows a label, over one set of lists."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def find(self, text: str) -> Iterator[Span]:
        """Yield names behind labels, below a letter's closing and before `wrote:`."""
        if ":" in text or "=" in text or "-" in text:
            for pattern, sure in ((_SURE, True), (_LOOSE, False)):
                for label in pattern.finditer(text):
                    yield from self._behind(text, label.end(), sure=sure)
            for match in _WROTE.finditer(text):
                yield from self._behind(text, match.start("v"), sure=False)
        for match in _DESCRIBED.finditer(text):
            yield from self._behind(text, match.start("v"), sure=False)
        for match in _SMALL.finditer(text):
            flags = [self._lexicon.flags(word) for word in match.group("v").split()]
            if flags[0] & GIVEN and flags[1] & SURNAME:
                yield Span(*match.span("v"), "PERSON", 0.75, "label")
        if "\n" in text:
            for match in _CLOSING.finditer(text):
                yield from self._behind(text, match.end(), sure=True)

    def _behind(self, text: str, start: int, *, sure: bool) -> Iterator[Span]:
        """Yield the name that begins at a place, if one does."""
        parts = self._parts(text, start)
        if not parts:
            return
        words = [fold(text[a:b].rstrip(".")) for a, b in parts]
        if words[0] in _NOBODY or not (
            self._named(text, parts, words) if sure else self._pair(text, parts, words)
        ):
            return
        if "\n" in text[parts[0][1] : parts[min(1, len(parts) - 1)][0]]:
            yield Span(*parts[0], "PERSON", 0.85, "label")
            parts = parts[1:]
        yield Span(parts[0][0], parts[-1][1], "PERSON", 0.85, "label")

    def _parts(self, text: str, start: int) -> list[tuple[int, int]]:
        """Return the words that may be one name, from a place to the end of its field."""
        parts: list[tuple[int, int]] = []
        at = start
        commas = 0
        while len(parts) < _WORDS_MAX:
            word = _PART.match(text, at)
            if word is None:
                break
            said = word.group().rstrip(".")
            stop = fold(said) in _STOPS and not (
                said.isupper() and commas and len(parts) == 1 and len(said) > 1
            )
            if (stop and (parts or not said[:1].isupper() or len(said) > 2)) or text[
                word.end() : word.end() + 1
            ] in {":", "=", "@", "_"}:
                break
            if (
                parts
                and said[:1].islower() != text[parts[0][0]].islower()
                and said not in _PARTICLES
            ):
                break
            end = word.end() if len(said) == 1 else word.start() + len(said)
            parts.append((word.start(), end))
            behind = word.end() if len(said) == 1 else end
            tie = (_OVER_LINE.match(text, behind) if len(parts) == 1 else None) or _TIE.match(
                text, behind
            )
            if tie is None or (commas and "," in tie.group()):
                break
            commas += "," in tie.group()
            at = tie.end()
        while parts and text[parts[-1][0] : parts[-1][1]] in _PARTICLES:
            parts.pop()
        return parts

    def _named(self, text: str, parts: list[tuple[int, int]], words: list[str]) -> bool:
        """Tell a name behind a label that says so: any capitals, or small letters of a first name."""
        flags = [self._lexicon.flags(word) for word in words]
        if text[parts[0][0]].islower():
            ended = _END.match(text, parts[-1][1])
            return bool(
                ended
                and len(words) <= 3
                and any(flag & NAMED for flag in flags)
                and (len(words) > 1 or flags[0] & GIVEN)
            )
        if all(flag & (NEVER | CLINICAL) and not flag & NAMED for flag in flags):
            return False
        return any(flag & NAMED or not flag & ORDINARY for flag in flags)

    def _pair(self, text: str, parts: list[tuple[int, int]], words: list[str]) -> bool:
        """Tell a name behind a label that other words may follow too: two capitals, one a first name."""
        if len(parts) < 2 or text[parts[0][0]].islower():
            return False
        comma = "," in text[parts[0][1] : parts[1][0]]
        flags = [self._lexicon.flags(word) for word in words]
        if comma and len(parts) == 2 and all(text[a:b].isupper() for a, b in parts):
            return any(flag & NAMED for flag in flags)
        if not _END.match(text, parts[-1][1]) and not all(flag & NAMED for flag in flags):
            return False
        given = flags[1] if comma else flags[0]
        other = flags[0] if comma else flags[-1]
        return bool((given & GIVEN or not given) and (other & SURNAME or not other & ORDINARY))
