"""What is known in one place is known in all: values found once are looked for everywhere.

A value is compared by its letters and digits alone, in any case: `Smith, John` is known again as
`john_smith`, `JohnSmith`, `J. Smith` and `jsmith`, and `12-34 56` as `123456`. A part of a name, or
its initials with a last name, is the same person where only one person fits.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from streams.masking.closed import keyword
from streams.masking.dates.dates import spellings
from streams.masking.names.coded import coded
from streams.masking.results import Span
from streams.masking.spans import settle, without
from streams.masking.tokens import TITLES, TOKEN
from streams.masking.vocabulary.lexicon import GIVEN, NEVER, ORDINARY, Lexicon, fold
from streams.masking.vocabulary.lists import each

_PART = re.compile(r"[^\W\d_]+|\d+")
# What a value may not reach across: separators of messages, quotes, lines; for digits, commas too.
_CROSSES = (
    re.compile(r"[\^*|~<>{}\[\]\"=;:@#\x1c-\x1e\r\n]|['\u2019]\s|\s['\u2019]|.[\W_]{4}"),
    re.compile(r"[^\d\s.\-/()]|\s\s|[\r\n]"),
)
_LOGIN = re.compile(r"([A-Za-z]{2,20})[._\-]([A-Za-z]{2,20})(?:\d{0,4}@|\d{0,4}\Z)")
_SERVICES = each(
    """no reply noreply help desk support info admin front records billing it ehr lab data test svc
    service bot api team on call night day shift main alert alerts nurse doctor pharmacy"""
)
_STATED = re.compile(r"[;=(){}]|--|\b(?:TO|ON|FROM|SET|WHERE|TABLE)\b")  # a text that may be code
_NAME_MIN = 3
_CODE_MIN = 4
_SHORT_CHARS_MAX = 32
_VALUES_MAX = 2000
_VALUE_CHARS_MAX = 200
_MODALS = each("""will may can the and for not who how why all any her his she you""")
_UNSPREAD = frozenset(["AGE", "CONDITION", "TERM", "ENCODED", "FIELD", "WITHHELD", "SECRET"])


class Ground:
    """What a text is made of: code, what nothing spreads onto, whether it is a closed word."""

    def __init__(
        self,
        code: Iterable[tuple[int, int]] = (),
        shut: Iterable[tuple[int, int]] = (),
        *,
        enumerated: bool = False,
    ) -> None:
        self._code, self._shut = _merged(code), _merged(shut)
        self.enumerated = enumerated

    def is_code(self, start: int, end: int) -> bool:
        """Tell whether a place touches code."""
        return _touches(self._code, start, end)

    def is_shut(self, start: int, end: int) -> bool:
        """Tell whether a place touches what nothing spreads onto."""
        return _touches(self._shut, start, end)


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _touches(stretches: list[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_left(stretches, (end, end)) - 1
    return at >= 0 and stretches[at][1] > start


class KnownValues:
    """The values of one document; lives as long as one call."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._variants: dict[str, str] = {}
        self._people: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        self._common: set[str] = set()

    def learn(self, kind: str, value: str) -> None:
        """Remember a value under its type, with the other ways it may be written."""
        if kind in _UNSPREAD or len(self._variants) >= _VALUES_MAX or len(value) > _VALUE_CHARS_MAX:
            return
        parts = [fold(part) for part in _PART.findall(value)]
        whole = "".join(parts)
        if len(whole) >= _CODE_MIN and kind != "PERSON" and not self._plain(whole, kind):
            self._variants.setdefault(whole, kind)
        if kind in {"EMAIL", "USER"}:
            self._learn_login(value)
        if kind == "PERSON":
            self._learn_name([part for part in parts if part.isalpha() and part not in TITLES])
        elif kind == "DATE":
            for spelling in spellings(value):
                self._variants.setdefault(spelling, kind)

    def _learn_login(self, value: str) -> None:
        """Learn the name that an address or a login is made of: `rose.young@...`, `rmartin`."""
        login = _LOGIN.match(value)
        if login is None:
            return
        parts = [fold(part) for part in login.groups() if part]
        flags = [self._lexicon.flags(part) for part in parts]
        known = any(flag & GIVEN for flag in flags) or not any(flags)
        if len(parts) > 1 and known and not any(part in _SERVICES for part in parts):
            self._learn_name(parts)

    def _plain(self, word: str, kind: str) -> bool:
        """Tell whether a word is too common to be masked wherever it stands."""
        if kind in {"PERSON", "LOCATION", "FACILITY", "ADDRESS"}:
            return bool(self._lexicon.flags(word) & (NEVER | ORDINARY))
        return word.isalpha() or (word.isdigit() and len(word) < _CODE_MIN)

    def _learn_name(self, words: list[str]) -> None:
        if not words:
            return
        whole = " ".join(sorted(words))
        for variant in _name_variants(words):
            if len(words) > 1 or variant == words[0]:
                self._people.setdefault(variant, set()).add(whole)
            if len(variant) >= _NAME_MIN:
                self._variants.setdefault(variant, "PERSON")
                if self._plain(variant, "PERSON"):
                    self._common.add(variant)
        self._names[whole] = " ".join(words)

    def settle(self) -> None:
        """Join names that are parts of one longer name, once everything is learnt."""
        self._variants = dict(sorted(self._variants.items(), key=lambda item: -len(item[0])))

    def one(self, kind: str, value: str) -> str:
        """Return the fullest known form of a value, so that all its forms get one token."""
        if kind == "DATE":
            found = spellings(value)
            return found[0] if found else value
        if kind != "PERSON":
            return value
        words = [fold(part) for part in _PART.findall(value)]
        words = [word for word in words if word.isalpha() and word not in TITLES]
        full = self._fits(words)
        return full or value

    def _fits(self, words: list[str]) -> str | None:
        """Return the one fuller name that all these words may belong to."""
        fitting = [
            whole for whole in self._names
            if len(whole.split()) >= len(words)
            and all(_in_name(word, whole.split()) for word in words)
        ]  # fmt: skip
        if not fitting and len(words) == 1:
            fitting = list(self._people.get(words[0], ()))
        longest = max(fitting, key=len, default=None)
        if longest is None or not all(_within(whole, longest) for whole in fitting):
            return None
        return longest

    def spread(self, text: str, spans: list[Span], ground: Ground | None = None) -> list[Span]:
        """Return a text's spans together with all places where a known value stands."""
        ground = ground or Ground()
        found = list(spans)
        if self._variants:
            covered = bytearray(len(text))
            for span in spans:
                covered[span.start : span.end] = b"\x01" * (span.end - span.start)
            places, plain = _squash(text)
            for variant, kind in self._standing(plain):
                at = plain.find(variant)
                while at >= 0:
                    start, end = places[at], places[at + len(variant) - 1] + 1
                    open_here = covered.find(0, start, end) >= 0
                    if open_here and self._known_here(text, start, end, variant, ground):
                        how = "known_word" if variant in self._common else "known"
                        found.append(Span(start, end, kind, 1.0, how))
                        covered[start:end] = b"\x01" * (end - start)
                    at = plain.find(variant, at + 1)
        if len(found) == len(spans):
            return settle(spans)
        tokens = [match.span() for match in TOKEN.finditer(text)]
        return without(settle(found), tokens)

    def _standing(self, plain: str) -> Iterable[tuple[str, str]]:
        """Return the values that a squashed text may hold, longest first.

        A short text has fewer stretches than a document has values, so these are looked up.
        """
        if len(plain) > _SHORT_CHARS_MAX or len(self._variants) < len(plain) ** 2:
            return self._variants.items()
        parts = {
            plain[start:end]
            for start in range(len(plain))
            for end in range(start + 1, len(plain) + 1)
        } & self._variants.keys()
        return [(part, self._variants[part]) for part in sorted(parts, key=lambda p: (-len(p), p))]

    def _known_here(self, text: str, start: int, end: int, variant: str, ground: Ground) -> bool:
        """Tell whether a value stands here; an everyday word counts only in text, with a capital.

        A word of code or of a closed vocabulary is never a value found again; in a path, a pattern
        or a command an everyday word counts in small letters, too.
        """
        if ground.is_shut(start, end) or keyword(text[start:end]):
            return False
        if variant in self._common:
            if ground.is_code(start, end):
                return False
            plain = not text[start].isupper() or variant in _MODALS
            alone = text.strip() == text[start:end]
            written = not (alone and ground.enumerated) and coded(text, start, end)
            if (plain or ground.enumerated) and not written:
                return False
            shouted = text[start:end].isupper() and end - start > 1
            if shouted and _STATED.search(text):
                return False
        return _stands_alone(text, start, end, variant)


def _squash(text: str) -> tuple[list[int] | range, str]:
    """Return a text's letters and digits, folded, with the place of each."""
    if text.isascii() and text.isalnum():
        return range(len(text)), text.lower()
    places = [i for i, char in enumerate(text) if char.isalnum()]
    if text.isascii():
        return places, "".join(map(text.__getitem__, places)).lower()
    return places, "".join(fold(text[i])[:1] or "?" for i in places)


def _in_name(word: str, parts: list[str]) -> bool:
    return word in parts or (len(word) == 1 and any(part[0] == word for part in parts))


def _within(inner: str, outer: str) -> bool:
    parts = outer.split()
    return all(_in_name(word, parts) for word in inner.split())


def _name_variants(words: list[str]) -> set[str]:
    """Return a name's parts, its orders, and its initials joined to a last name."""
    variants = set(words)
    if len(words) > 1:
        first, last = words[0], words[-1]
        variants |= {first + last, last + first, first[0] + last, last + first[0], first + last[0]}
        variants |= {"".join(words), "".join([*words[1:], first]), "".join([last, *words[:-1]])}
        variants |= {last[0] + first} if len(words) > 1 else set()
    return variants


def _stands_alone(text: str, start: int, end: int, variant: str) -> bool:
    """Tell whether a stretch is a word of its own: camel case, digits and marks part words."""
    if _CROSSES[variant.isdigit()].search(text, start, end):
        return False
    before, first = text[start - 1 : start], text[start]
    after, last = text[end : end + 1], text[end - 1]
    if (first.isdigit() and before.isdigit()) or (last.isdigit() and after.isdigit()):
        return False
    parted_left = (
        not before.isalpha() or not first.isalpha() or (before.islower() and first.isupper())
    )
    whole = first.isupper() and text[start:end].isalpha()
    if after == "s" and whole and not text[end + 1 : end + 2].isalnum():
        after = ""  # a family: `the Youngs`
    parted_right = not after.isalpha() or not last.isalpha() or (last.islower() and after.isupper())
    return parted_left and parted_right
