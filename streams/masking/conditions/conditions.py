"""Diagnoses and conditions, for the profiles that mask them: by code, by title, by common name.

A core is a name of ICD-10-CM's (cut to what people write) or of the hand-written lists, a word that
ends as diseases do (-itis, -emia), a head with what makes it a condition (`Lynch syndrome`), or a
broken part of the body. `left` and `right` add the words around it.
"""

import re
from collections.abc import Iterator

from streams.masking.conditions.forms import Forms, SaidForms, said
from streams.masking.conditions.left import LeftPart
from streams.masking.conditions.right import RightPart
from streams.masking.conditions.words import (
    ANATOMY,
    ANY_BEFORE,
    BARE,
    BROKEN,
    CUED,
    DOUBTFUL,
    HEADS,
    INSTITUTED,
    INSTITUTIONS,
    LEADS,
    LINKS,
    LOW_SAID,
    NO_DISEASE,
    NO_PART,
    NOT_BEFORE,
    SIDES,
    STRONG,
    SUFFIXES,
    TESTS,
)
from streams.masking.results import Span
from streams.masking.vocabulary.lexicon import EPONYM, NEVER, PROPER, WORD, Lexicon

_CODE = re.compile(
    r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}(?![A-Za-z0-9]|\.[A-Za-z0-9])"
)
_CODE_CUE = re.compile(
    r"\b(?:icd|dx|diagnos[ie]s|code[ds]?)\b[^.;\n]{0,24}?(?<![A-Za-z0-9.])(?P<v>[A-TV-Z]\d[0-9A-Z]{1,5})(?![A-Za-z0-9]|\.\d)",
    re.IGNORECASE,
)
_CODE_SAID = re.compile(r"(?<![A-Za-z0-9.])[A-TV-Z]\d[0-9A-Z]{1,5}(?=\s?\((?:ICD|icd))")
# The commonest codes of three characters that are billed as they are.
_CODE_SHORT = re.compile(
    r"(?<![A-Za-z0-9.\-#])(?<!(?i:bed|oom|lot)\s)(?:I10|B20|C61|C73|D62|I96|G35|J80|N12|R55)(?![\w\-]|\.\w)"
)
_POSITIVE = re.compile(r"[^.;?\n]{0,24}\b(?:positive|reactive|detected|abnormal)\b", re.IGNORECASE)
_ARTICLES = frozenset(["the", "a", "an"])
_PHRASE_MAX = 8
_NAME_MIN = 5  # shorter ones are abbreviations, and count in capitals
_SUFFIXED_MIN = 6
_PART_MAX = 4
_UNITS = frozenset(["mg", "ms", "pe", "ra", "cf", "ca", "mi", "pd", "as", "ed", "ps"])
_COUNTED = re.compile(r"\d\s?\Z")


class Conditions:
    """Matches phrases, heads and codes; holds no text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        names = set(lexicon.words_of("conditions")) | lexicon.sections["condition_phrases"]
        names -= lexicon.sections["not_condition_phrases"]
        self._common = lexicon.sections["common_conditions"]
        self._forms = Forms(lexicon)
        self._left = LeftPart(self._forms)
        self._right = RightPart(self._forms, self._core)
        # By first and second word; a phrase of one word has an empty second.
        self._phrases: dict[str, dict[str, set[tuple[str, ...]]]] = {}
        for phrase in names:
            words = tuple(word.low for word in said(phrase))
            while words and words[-1] in LINKS:
                words = words[:-1]
            if words and not (words[0] in _ARTICLES or (len(words) == 1 and words[0] in BARE)):
                rest = words[1:]
                seconds = self._phrases.setdefault(words[0], {})
                seconds.setdefault(rest[0] if rest else "", set()).add(rest)

    def find(self, text: str) -> Iterator[Span]:
        """Yield the conditions that a text names."""
        for pattern in (_CODE, _CODE_SAID, _CODE_SHORT):
            for match in pattern.finditer(text):
                yield Span(*match.span(), "CONDITION", 0.9, "icd10")
        for match in _CODE_CUE.finditer(text):
            yield Span(*match.span("v"), "CONDITION", 0.9, "icd10")
        words = said(text)
        i = 0
        while i < len(words):
            size = self._core(text, words, i)
            if not size:
                i += 1
                continue
            last, end = self._right.grown(text, words, i + size - 1)
            if not self._of_nobody(text, words, i, last):
                start = self._left.grown(text, words, i)
                yield Span(start, end, "CONDITION", 0.9, "condition")
            i = last + 1

    def _core(self, text: str, words: list[SaidForms], i: int) -> int:
        """Return of how many words the name of a condition is that begins here; 0 for none."""
        start = words[i].start
        if words[i].low in _UNITS and _COUNTED.search(text, max(0, start - 8), start):
            return 0
        return self._phrase(words, i) or self._single(text, words, i) or self._broken(words, i)

    def _phrase(self, words: list[SaidForms], i: int) -> int:
        seconds = self._phrases.get(words[i].low)
        if seconds is None:
            return 0
        best = int("" in seconds)
        if i + 1 < len(words):
            for rest in seconds.get(words[i + 1].low, ()):
                size = len(rest) + 1
                if best < size <= _PHRASE_MAX and rest == tuple(
                    word.low for word in words[i + 1 : i + size]
                ):
                    best = size
        return best

    def _single(self, text: str, words: list[SaidForms], i: int) -> int:
        word = words[i]
        low = word.low
        if low in self._common and (len(low) >= _NAME_MIN or word.upper or low in LOW_SAID):
            return 1
        if low in CUED or (low in DOUBTFUL and word.upper):
            return int(self._led_to(text, words, i))
        if (low in HEADS or low in STRONG) and i and self._headed(text, words, i):
            return 1
        if len(low) < _SUFFIXED_MIN or low in NO_DISEASE or low.removesuffix("s") in NO_DISEASE:
            return 0
        return int(low.endswith(SUFFIXES) or (low[-1] == "s" and low[:-1].endswith(SUFFIXES)))

    def _led_to(self, text: str, words: list[SaidForms], i: int) -> bool:
        """Tell whether words before an abbreviation lead to a diagnosis: `history of MS`."""
        if (
            not i
            or words[i - 1].low not in LEADS
            or "".join(text[words[i - 1].end : words[i].start]).strip("/ ")
        ):
            return False
        after = words[i + 1].low if i + 1 < len(words) else ""
        return after != "of" and not after[:1].isdigit()

    def _headed(self, text: str, words: list[SaidForms], i: int) -> bool:
        """Tell whether the word before makes a condition of a head: `Wilson disease`."""
        before, low = words[i - 1], words[i].low
        if text[before.end : words[i].start] not in {" ", "-"} or before.low in NOT_BEFORE:
            return False
        if self._forms.modifies(before):
            return True
        return low in STRONG and self.names(before, low)

    def names(self, before: SaidForms, head: str) -> bool:
        """Tell whether a word before a head is a name, an abbreviation or a medical word."""
        flags = self._lexicon.flags(before.low.removesuffix("'s"))
        if flags & NEVER and not flags & EPONYM:
            return False
        if head in ANY_BEFORE or not flags & WORD:
            return True
        return before.upper or (before.said[0].isupper() and bool(flags & (EPONYM | PROPER)))

    def _broken(self, words: list[SaidForms], i: int) -> int:
        """Return the size of `broken ribs`, `torn right ACL`."""
        if words[i].low not in BROKEN:
            return 0
        for size in range(2, min(_PART_MAX, len(words) - i) + 1):
            low = words[i + size - 1].low
            if low in ANATOMY and low not in NO_PART:
                more = i + size < len(words) and words[i + size].low in ANATOMY
                return size + more
            if low not in SIDES and not self._forms.modifies(words[i + size - 1]):
                break
        return 0

    def _of_nobody(self, text: str, words: list[SaidForms], first: int, last: int) -> bool:
        """Tell whether a name is a vaccine's, a test's or a clinic's and no patient's."""
        after = last + 1
        while after < len(words) and len(words[after].low) == 1:
            after += 1
        if after == len(words) or text[words[after - 1].end : words[after].start] != " ":
            return False
        low = words[after].low
        if first == last and words[first].low in INSTITUTED and low in INSTITUTIONS:
            return True
        if low == "skin" and after + 1 < len(words):
            low = words[after + 1].low
        return low in TESTS and not _POSITIVE.match(text, words[after].start)
