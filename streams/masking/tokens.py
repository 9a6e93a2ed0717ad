"""Tokens such as `<PERSON_1>`: numbered per document, the same value the same token.

Two places have one token where they hold exactly the same value (after NFC, which no eye can tell).
What is perhaps the same (another case, order or punctuation, an initial for a name) has the first
one's number and a count of its own behind a question mark: `<PERSON_1>`, `<PERSON_1?2>`. A ZIP
code's token is numbered with the three digits that may stay (`<ZIP_606>`; see `zips`).

A text that looks like a token is none. Where a document may have been masked before, tokens that
the masking can have given keep their numbers, so that masking a masked document changes nothing;
any other one is written `<(text)PERSON_1>`, and read like the rest.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from streams.masking import normalise
from streams.masking.places.zips import general
from streams.masking.results import Hidden, Span
from streams.masking.vocabulary.lists import each

# Plain, or as XML must write it.
TOKEN = re.compile(r"(?:<|&lt;)([A-Z][A-Z_]{1,19})_(\d{1,6}(?:\?\d{1,4})?)(?:>|&gt;)")
KINDS = each("""
    PERSON MRN SSN DATE AGE PHONE FAX EMAIL ADDRESS LOCATION ZIP POSTCODE MEMBER_ID ACCOUNT LICENSE
    VEHICLE DEVICE URL IP BIOMETRIC PHOTO USER SECRET ID FACILITY CONDITION CARD ENCODED FIELD
    WITHHELD TERM
""")
TITLES = each("""mr mrs ms miss dr prof sir madam mx md phd rn do np pa jr sr ii iii""")
_AS_TEXT = "(text)"
_FEW = 20  # numbers up to this hold no identifier, and any document may have given them
_DIGITS_MAX = 3
_ALIKE = re.compile(  # in brackets of other scripts, or in letters of them
    "[<\u02c2\u2039\u2329\u27e8\u3008\ufe64\uff1c]([^<>\\s]{4,60}?)"
    "[>\u02c3\u203a\u232a\u27e9\u3009\ufe65\uff1e]"
)
_INSIDE = re.compile(r"[A-Z][A-Z_]{1,19}_\d{1,6}(?:\?\d{1,4})?")
LOOKALIKE = re.compile(r"\(text\)[A-Z][A-Z_]{1,19}_(\d{4,6})")  # its number may be an identifier
_LITERAL = frozenset({"EMAIL", "URL", "IP", "SECRET", "PHOTO", "ENCODED", "WITHHELD"})
_COUNTRY_DIGITS, _PHONE_DIGITS = 11, 10
_WORD = re.compile(r"[^\W_]+")


def key_of(kind: str, value: str) -> str:
    """Return what two values have in common that are perhaps the same."""
    if kind in _LITERAL:
        return " ".join(value.casefold().split())
    words = [word.casefold() for word in _WORD.findall(value)]
    if kind == "PERSON":
        return " ".join(sorted(word for word in words if word not in TITLES)) or value
    if kind in {"PHONE", "FAX"}:
        digits = "".join(char for char in value if char.isdigit())
        if len(digits) == _COUNTRY_DIGITS and digits[0] == "1":
            digits = digits[-_PHONE_DIGITS:]  # the one country's code that people leave out
        return digits or value
    return "".join(words) or value


def classes_of(value: str) -> str:
    """Name the classes of characters in a value."""
    found = {
        "letters": any(char.isalpha() for char in value),
        "digits": any(char.isdigit() for char in value),
        "blanks": any(char.isspace() for char in value),
        "marks": not all(char.isalnum() or char.isspace() for char in value),
    }
    return ", ".join(name for name, there in found.items() if there)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Which look-alikes in a document are tokens of an earlier masking; none where it had none."""

    kinds: frozenset[str] = frozenset()
    most: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str], kinds: frozenset[str]) -> "Earlier":
        """Read a document's texts: a kind's numbers run from 1, so they are no more than it has."""
        seen: dict[str, set[str]] = {}
        for text in texts:
            if "_" in text:
                for kind, number in TOKEN.findall(text):
                    seen.setdefault(kind, set()).add(number)
        return cls(kinds, {kind: max(_FEW, len(numbers)) for kind, numbers in seen.items()})

    def gave(self, kind: str, number: str) -> bool:
        """Tell whether an earlier masking can have given this token."""
        first, mark, again = number.partition("?")
        most = self.most.get(kind, 0)
        if kind not in self.kinds or (mark and not _counted(again, most)):
            return False
        return len(first) == _DIGITS_MAX if kind == "ZIP" else _counted(first, most)

    def as_text(self, text: str) -> str:
        """Return a text whose look-alikes are marked as what they are; tokens stay."""
        places = self._marks(text)
        if not places:
            return text
        parts = [text[start:end] for start, end in pairwise([0, *places, len(text)])]
        return _AS_TEXT.join(parts)

    def back(self, text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
        """Carry spans of a marked text over to the text as it was given."""
        added = [mark + len(_AS_TEXT) * i for i, mark in enumerate(self._marks(text))]

        def place(at: int) -> int:
            return at - len(_AS_TEXT) * bisect_right(added, at - 1)

        if not added:
            return tuple(spans)
        return tuple(span._replace(start=place(span.start), end=place(span.end)) for span in spans)

    def _marks(self, text: str) -> list[int]:
        """Return where what looks like a token, and is none, begins to look so."""
        found = set()
        if "_" in text:
            found = {m.start(1) for m in TOKEN.finditer(text) if not self.gave(*m.groups())}
        if not text.isascii():
            found |= {m.start(1) for m in _ALIKE.finditer(text) if _reads_as_token(m)}
        return sorted(found)


def _reads_as_token(match: re.Match[str]) -> bool:
    """Tell whether other letters or brackets than a token's read as one."""
    if match.group().isascii():
        return False
    said = normalise.view(f"a{match.group(1)}").text[1:]  # one Latin letter makes its word Latin
    return _INSIDE.fullmatch(said.upper()) is not None


def _counted(number: str, most: int) -> bool:
    return number[0] != "0" and int(number) <= most


@dataclass
class Numbering:
    """The tokens of one document; lives as long as one call."""

    taken: set[str] = field(default_factory=set)
    given: dict[str, str] = field(default_factory=dict)
    stems: dict[tuple[str, str], str] = field(default_factory=dict)
    alike: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    legend: list[Hidden] = field(default_factory=list)

    def keep(self, text: str) -> None:
        """Reserve the tokens that a text already holds."""
        if "<" in text or "&lt;" in text:
            self.taken.update(f"<{kind}_{number}>" for kind, number in TOKEN.findall(text))

    def token(self, kind: str, value: str, whole: str = "") -> str:
        """Return the token for a value; `whole` is the fullest form of it that is known."""
        exact = unicodedata.normalize("NFC", value)
        token = self.given.get(exact)
        if token is None:
            token = self.given[exact] = self._new(kind, whole or value)
            self.legend.append(Hidden(token, len(value), classes_of(value)))
        return token

    def withheld(self) -> str:
        """Return a fresh token for a field that could not be masked."""
        return f"<{self._next('WITHHELD')}>"

    def _new(self, kind: str, value: str) -> str:
        prefix = general(value) if kind == "ZIP" else None
        if prefix is not None:
            stem = f"ZIP_{prefix}"
        else:
            kind = "POSTCODE" if kind == "ZIP" else kind  # its numbers are not prefixes
            key = (kind, key_of(kind, value))
            if key not in self.stems:
                self.stems[key] = self._next(kind)
            stem = self.stems[key]
        while True:
            self.alike[stem] = number = self.alike.get(stem, 0) + 1
            token = f"<{stem}>" if number == 1 else f"<{stem}?{number}>"
            if token not in self.taken:
                return token

    def _next(self, kind: str) -> str:
        while True:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            stem = f"{kind}_{self.counts[kind]}"
            if f"<{stem}>" not in self.taken:
                return stem
